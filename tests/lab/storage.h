/*
 * storage.h - a storage's real server for one test, and sessions that store there.
 */
#ifndef TEST_STORAGE_H
#define TEST_STORAGE_H

#include "lab.h"

struct storage {
    const char *provider, *bucket, *endpoint;
    const char *first,
        *second;         /* places of two Repositories: prefixes, or without an endpoint URLs */
    const char *backend; /* of a Repository there, as YAML; %s is the place */
    const char *program; /* the server; without it the test is skipped */
    const char *command; /* starts it */
    const char *ready;
    const char *keys;    /* of the storage Secret, "NAME=value …" as a shell has them */
    const char *by_hand; /* what restic needs beside them in its environment */
    const char *wrong;   /* the same with a key that is refused; NULL: this server refuses none */
    const char *refusal;
    bool insecure_tls;
};

/* Its own authority; the Secret has what lies in ca.crt as CA_CERT_DATA. The server's command follows. */
#define STORAGE_CERTIFICATE(file)                                                                  \
    "cd $LAB && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext "    \
    "subjectAltName=DNS:localhost,DNS:stash.blob.localhost -keyout server.key -out " file          \
    " 2>/dev/null && "

/** The server runs, $DATA is a volume, and the session of the scripted API server stores in the first place. */
void storage_open(struct lab *lab, const struct storage *storage);
void storage_close(void);

/** From now on sessions store there, with these keys. */
void storage_aim(struct lab *lab, const struct storage *storage, const char *place,
                 const char *keys);

/** A backup that has to succeed, and what follows it in the Repository's turn. */
void storage_back_up(struct lab *lab);

/** What the last maintenance said: of the Repository, no damage and so many snapshots; of retention, this reason. */
void storage_check_repository(const struct lab *lab, int snapshots);
void storage_check_retention(const struct lab *lab, const char *reason);

#endif
