#include "budget.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "stash/error.h"
#include "stash/mem.h"

struct share {
    size_t bytes;
    const char *name; /* of the namespace */
    char text[];
};

static int compare_needs(const void *a, const void *b)
{
    return strcmp(((const struct share *)a)->name, ((const struct share *)b)->name);
}

static struct share **budget_find(const struct budget *budget, const char *namespace)
{
    const struct share probe = {.name = namespace};

    return tfind(&probe, &budget->namespaces, compare_needs);
}

static struct share *budget_need(struct budget *budget, const char *namespace)
{
    struct share **slot = budget_find(budget, namespace);
    size_t len = strlen(namespace) + 1;

    if (slot)
        return *slot;
    struct share *share = xcalloc(1, sizeof(*share) + len);
    memcpy(share->text, namespace, len);
    share->name = share->text;
    BUG_ON(!tsearch(share, &budget->namespaces, compare_needs));
    return share;
}

void budget_done(struct budget *budget)
{
    tdestroy(budget->namespaces, free);
}

void budget_add(struct budget *budget, const char *namespace, size_t bytes)
{
    budget_need(budget, namespace)->bytes += bytes;
}

void budget_remove(struct budget *budget, const char *namespace, size_t bytes)
{
    struct share *share = budget_need(budget, namespace);

    BUG_ON(share->bytes < bytes);
    share->bytes -= bytes;
    if (share->bytes > 0)
        return;
    tdelete(share, &budget->namespaces, compare_needs);
    free(share);
}

size_t budget_used(const struct budget *budget, const char *namespace)
{
    struct share **slot = budget_find(budget, namespace);

    return slot ? (*slot)->bytes : 0;
}
