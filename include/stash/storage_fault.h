/*
 * storage_fault.h - what a storage says when it does not do what it is asked, and what that means for a person. Pure data.
 */
#ifndef STASH_STORAGE_FAULT_H
#define STASH_STORAGE_FAULT_H

#include "stash/error.h"

struct storage_fault {
    const char *words;   /* anywhere in what restic says of it, in any case */
    const char *meaning; /* what is wrong, and where to look */
    unsigned
        tries; /* of one object, after which another one is no use; 0: it may come right by itself */
    enum error_kind kind;
};

/** The first row that fits; NULL: it says nothing that is known of any storage. */
const struct storage_fault *storage_fault_find(const char *said);

#endif
