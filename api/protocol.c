#include "stash/protocol.h"

#include <stdlib.h>

#include "stash/jsonx.h"
#include "stash/names.h"

#define PROTOCOL_FIRST 1
#define PROTOCOL_LAST  1000000 /* whatever is above is no number of ours */

int protocol_of(const json_t *pod)
{
    const char *text = jsonx_annotation(pod, ANNOTATION_AGENT_PROTOCOL);
    char *end = NULL;
    long number = text ? strtol(text, &end, 10) : 0;

    return end && end != text && !*end && number > PROTOCOL_FIRST && number <= PROTOCOL_LAST
               ? (int)number
               : PROTOCOL_FIRST;
}

bool protocol_is_outdated(const json_t *pod)
{
    return protocol_of(pod) < AGENT_PROTOCOL_MINIMUM;
}
