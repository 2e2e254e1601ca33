/* hash.h - the hash that injected pods carry. */
#ifndef INJECTOR_HASH_H
#define INJECTOR_HASH_H

#include "parts.h"

/** Sixteen hex digits for the parts that count, "" when none does. */
void parts_hash(const struct part parts[PART_COUNT], bool (*counts)(const struct part *part),
                char out[2 * HASH_HALF + 1]);

#endif
