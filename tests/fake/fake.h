/*
 * fake.h - a scripted API server for one test: started from a script, asked afterwards what it saw, stopped.
 *
 * Failures to start end the process: a test without its server proves nothing.
 */
#ifndef TEST_FAKE_H
#define TEST_FAKE_H

#include <stddef.h>

#include "stash/kube.h"

struct fake;

/** Start a server with this script file; see apiserver.c for what it may say. */
struct fake *fake_start(const char *script);
void fake_stop(struct fake *fake);
DEFINE_AUTO(struct fake, fake_stop);

/** End the server as kill -9 does; files and log stay until fake_stop(). */
void fake_kill(struct fake *fake);

/** Start it again at the same address, with another script; the log goes on. */
void fake_restart(struct fake *fake, const char *script);

/** A client of it, with the token that lies in fake_token_file(). */
struct kube *fake_open(struct fake *fake);

/** A kubeconfig for it, and the token file that this names (it holds "first"). */
const char *fake_kubeconfig(const struct fake *fake);
const char *fake_token_file(const struct fake *fake);

/** How many requests of that method came whose URL holds `part`. */
size_t fake_count(struct fake *fake, const char *method, const char *part);

/** Every request so far: an array of {"method", "url", "token", "body"}. New reference. */
json_t *fake_requests(struct fake *fake);

#endif
