#include "stash/protocol.h"

#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/text.h"

#define PROTOCOL_FIRST 1
#define PROTOCOL_LAST  1000000 /* whatever is above is no number of ours */

int protocol_of(const json_t *pod)
{
    const char *text = jsonx_annotation(pod, ANNOTATION_AGENT_PROTOCOL);
    int64_t number;

    return text && text_number(&text, PROTOCOL_LAST, &number) && !*text && number > PROTOCOL_FIRST
               ? (int)number
               : PROTOCOL_FIRST;
}

bool protocol_is_outdated(const json_t *pod)
{
    return protocol_of(pod) < AGENT_PROTOCOL_MINIMUM;
}
