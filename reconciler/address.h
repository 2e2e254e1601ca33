/* address.h - our own structures as values of a JSON object, which is the table that finds them by name. */
#ifndef STASH_RECONCILER_ADDRESS_H
#define STASH_RECONCILER_ADDRESS_H

#include <jansson.h>
#include <stdint.h>

static inline json_t *address_new(const void *address)
{
    return json_integer((json_int_t)(uintptr_t)address);
}

/* NULL for a value that is not there. */
static inline void *address_of(const json_t *value)
{
    return (void *)(uintptr_t)json_integer_value(value);
}

#endif
