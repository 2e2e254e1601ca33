/* storage_fault.c - the refusals of all storages in one table: what is more special stands before what is more general. */
#include "stash/storage_fault.h"

#include <string.h>

#include "stash/mem.h"

/* Once may be chance (a key that was made a moment ago), except where nothing can change by itself. */
#define TRIES 3

#define NO_RIGHT "the key in the storage Secret has no right to do this"
#define TOO_MUCH                                                                                   \
    "the storage asks for patience: it has too many requests (maxConnections makes them fewer)"
#define AWAY "the storage cannot be reached"
#define FULL "the storage is full, or its quota is used up"

static const struct storage_fault faults[] = {
    /* the place */
    {"bucket does not exist", "the bucket does not exist", 1, ERR_NOT_FOUND},
    {"containernotfound", "the container does not exist", 1, ERR_NOT_FOUND},
    {"region is wrong", "spec.backend.s3.region is not the bucket's region", TRIES, ERR_INVALID},
    {"authorizationheadermalformed", "spec.backend.s3.region is not the bucket's region", TRIES,
     ERR_INVALID},
    /* time */
    {"request time and the", /* current time, server's time */
     "the clocks of this node and of the storage differ too much: set the one that is wrong", TRIES,
     ERR_SYSTEM},
    {"requesttimetooskewed",
     "the clocks of this node and of the storage differ too much: set the one that is wrong", TRIES,
     ERR_SYSTEM},
    /* who asks */
    {"signature we calculated does not match",
     "AWS_SECRET_ACCESS_KEY in the storage Secret does not belong to its AWS_ACCESS_KEY_ID", TRIES,
     ERR_DENIED},
    {"access key id", "the storage does not know AWS_ACCESS_KEY_ID of the storage Secret", TRIES,
     ERR_DENIED},
    {"server failed to authenticate the request",
     "AZURE_ACCOUNT_KEY or AZURE_ACCOUNT_SAS in the storage Secret is wrong, or has expired", TRIES,
     ERR_DENIED},
    {"authorization failed", "the storage does not know user and key of the storage Secret", TRIES,
     ERR_DENIED},
    {"401 unauthorized", "the storage does not know user and password of the storage Secret", TRIES,
     ERR_DENIED},
    /* what is kept whoever asks */
    {"worm protected", "the storage keeps this for a time (object lock)", TRIES, ERR_DENIED},
    {"blobimmutabledueto", "the storage keeps this for a time (immutable blobs)", TRIES,
     ERR_DENIED},
    /* what may be done */
    {"access denied", NO_RIGHT, TRIES, ERR_DENIED},
    {"authorizationpermissionmismatch", NO_RIGHT, TRIES, ERR_DENIED},
    {"authorizationfailure", NO_RIGHT, TRIES, ERR_DENIED},
    {"403 forbidden", NO_RIGHT, TRIES, ERR_DENIED},
    {"permission denied", "the user of the container may not write or read there", TRIES,
     ERR_DENIED},
    {"read-only file system", "the storage is mounted read-only", TRIES, ERR_SYSTEM},
    /* room */
    {"no space left on device", FULL, TRIES, ERR_SYSTEM},
    {"quota exceeded", FULL, TRIES, ERR_SYSTEM},
    {"request entity too large", FULL, TRIES, ERR_SYSTEM},
    {"insufficient storage", FULL, TRIES, ERR_SYSTEM},
    /* certificates */
    {"certificate signed by unknown authority",
     "the storage's certificate is of an authority that is not known here: put that authority's "
     "certificate into the storage Secret as CA_CERT_DATA",
     TRIES, ERR_DENIED},
    {"certificate has expired or is not yet valid",
     "the storage's certificate has expired, or this node's clock is wrong", TRIES, ERR_DENIED},
    {"x509: ", "the storage's certificate is not for this name or cannot be verified", TRIES,
     ERR_DENIED},
    {"server gave http response to https client",
     "the storage speaks http, and the Repository says https", TRIES, ERR_INVALID},
    /* what passes */
    {"slow down", TOO_MUCH, 0, ERR_TRANSPORT},
    {"slowdown", TOO_MUCH, 0, ERR_TRANSPORT},
    {"reduce your request rate", TOO_MUCH, 0, ERR_TRANSPORT},
    {"too many requests", TOO_MUCH, 0, ERR_TRANSPORT},
    {"server is busy", TOO_MUCH, 0, ERR_TRANSPORT},
    {"service unavailable", "the storage is not ready", 0, ERR_TRANSPORT},
    {"server misbehaving", "the storage's name cannot be looked up", 0, ERR_TRANSPORT},
    {"no such host", "nobody knows the storage's name", 0, ERR_TRANSPORT},
    {"connection re", AWAY, 0, ERR_TRANSPORT}, /* refused, reset */
    {"connection timed out", AWAY, 0, ERR_TRANSPORT},
    {"i/o timeout", AWAY, 0, ERR_TRANSPORT},
    {"tls handshake timeout", AWAY, 0, ERR_TRANSPORT},
    {"deadline exceeded", AWAY, 0, ERR_TRANSPORT},
    {"network is unreachable", AWAY, 0, ERR_TRANSPORT},
    {"no route to host", AWAY, 0, ERR_TRANSPORT},
    {"broken pipe", AWAY, 0, ERR_TRANSPORT},
    {"stale file handle", AWAY, 0, ERR_TRANSPORT},
    {"transport endpoint is not connected", AWAY, 0, ERR_TRANSPORT},
    {"context canceled", "restic was told to stop", 0, ERR_TRANSPORT},
    {"input/output error", "the storage fails", 0, ERR_TRANSPORT},
    {"internal error", "the storage fails", 0, ERR_TRANSPORT},
    {"unexpected http response", "the storage fails", 0, ERR_TRANSPORT},
};

const struct storage_fault *storage_fault_find(const char *said)
{
    for (size_t i = 0; i < ARRAY_LEN(faults); i++)
        if (strcasestr(said, faults[i].words))
            return &faults[i];
    return NULL;
}
