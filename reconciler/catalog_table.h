/*
 * The addon catalog: which Functions and Tasks every installation has. A table, turned into documents.
 */
#ifndef STASH_RECONCILER_CATALOG_TABLE_H
#define STASH_RECONCILER_CATALOG_TABLE_H

#include <jansson.h>

#include "stash/reconciler.h"

/** All Functions and Tasks as documents ready for a server-side apply. New array. */
json_t *catalog_documents(const struct reconciler_config *config);

#endif
