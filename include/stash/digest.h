/*
 * digest.h - SHA-256 and base64, by libcrypto.
 */
#ifndef STASH_DIGEST_H
#define STASH_DIGEST_H

#include <stddef.h>

#include "stash/error.h"
#include "stash/mem.h"

#define DIGEST_HEX_SIZE 65

/** SHA-256 as 64 hex digits. */
void digest_hex(const void *data, size_t len, char out[DIGEST_HEX_SIZE]);

/** SHA-256 of what comes in pieces. */
struct digest;
/** Of nothing yet. */
struct digest *digest_new(void);
/** The next piece. */
void digest_add(struct digest *digest, const void *data, size_t len);
/** As 64 hex digits; no more pieces may follow. */
void digest_end(struct digest *digest, char out[DIGEST_HEX_SIZE]);
/** NULL is allowed. */
void digest_free(struct digest *digest);
DEFINE_AUTO(struct digest, digest_free);

/** Standard base64 without line breaks. The caller frees it. */
char *digest_base64(const void *data, size_t len);

/** Decode standard base64 into new memory, NUL terminated after `*ret_len` bytes. ERR_INVALID when it is not base64. */
int digest_base64_decode(const char *text, char **ret, size_t *ret_len, struct error *err);

#endif
