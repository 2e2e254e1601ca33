/*
 * store_private.h - what a watch needs of the store beyond stash/kube.h: to know which documents came from it and which of
 * them its last complete list did not show.
 */
#ifndef KUBE_STORE_PRIVATE_H
#define KUBE_STORE_PRIVATE_H

#include "stash/kube.h"

/** Whether an object of so many bytes may come in: the objects of one namespace take LIMIT_NAMESPACE at most, whatever
 * their kinds, and of those that take more by the keys of their indexes these count. Those of no namespace are an
 * administrator's. */
bool store_has_room(struct store *store, const struct resource *resource, const json_t *object,
                    size_t bytes);

/** store_put(), remembering who put it and in which list. An unchanged document is marked too. */
bool store_put_marked(struct store *store, const struct resource *resource, json_t *object,
                      const void *source, unsigned mark);

/** The same of a watch's event: it gives way to a later version, which store_renew() has brought before the watch did. */
bool store_put_event(struct store *store, const struct resource *resource, json_t *object,
                     const void *source, unsigned mark);

/** The same for the outline of a document that cannot be read (unread.h): lookups do not find it, store_is_unread() does.
 *  `wanted`: how many bytes it would take, when it was left out for lack of room only; else 0. */
bool store_put_unread(struct store *store, const struct resource *resource, json_t *outline,
                      const void *source, unsigned mark, size_t wanted);

/** Whether there is room now for something that `source` left out. */
bool store_has_room_again(struct store *store, const struct resource *resource, const void *source);

/** Remove what `source` put under another mark: a new array of the documents removed. */
json_t *store_sweep(struct store *store, const struct resource *resource, const void *source,
                    unsigned mark);

#endif
