#include <stdio.h>

#include "kubectl.h"

int verb_version(const struct call *call, struct error *err)
{
    (void)call;
    (void)err;
    puts("kubectl-stash " STASH_VERSION);
    return OUTCOME_DONE;
}
