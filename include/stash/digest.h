/*
 * digest.h - SHA-256 and base64, by libcrypto.
 */
#ifndef STASH_DIGEST_H
#define STASH_DIGEST_H

#include <stddef.h>

#include "stash/error.h"

#define DIGEST_HEX_SIZE 65

/** SHA-256 as 64 hex digits. */
void digest_hex(const void *data, size_t len, char out[DIGEST_HEX_SIZE]);

/** Standard base64 without line breaks. The caller frees it. */
char *digest_base64(const void *data, size_t len);

/** Decode standard base64 into new memory, NUL terminated after `*ret_len` bytes. ERR_INVALID when it is not base64. */
int digest_base64_decode(const char *text, char **ret, size_t *ret_len, struct error *err);

#endif
