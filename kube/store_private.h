/*
 * store_private.h - what a watch needs of the store beyond stash/kube.h: to know which documents came from it and which of
 * them its last complete list did not show.
 */
#ifndef KUBE_STORE_PRIVATE_H
#define KUBE_STORE_PRIVATE_H

#include "stash/kube.h"

/** store_put(), remembering who put it and in which list. An unchanged document is marked too. */
bool store_put_marked(struct store *store, const struct resource *resource, json_t *object,
                      const void *source, unsigned mark);

/** The same of a watch's event: it gives way to a later version, which store_renew() has brought before the watch did. */
bool store_put_event(struct store *store, const struct resource *resource, json_t *object,
                     const void *source, unsigned mark);
/** The same for the outline of a document that cannot be read (unread.h): lookups do not find it, store_is_unread() does. */
bool store_put_unread(struct store *store, const struct resource *resource, json_t *outline,
                      const void *source, unsigned mark);

/** Remove what `source` put under another mark: a new array of the documents removed. */
json_t *store_sweep(struct store *store, const struct resource *resource, const void *source,
                    unsigned mark);

#endif
