/*
 * budget.h - how much memory the objects of each namespace take, so that whoever may write into one cannot fill the
 * process. Pure; the store's lock guards it.
 */
#ifndef KUBE_BUDGET_H
#define KUBE_BUDGET_H

#include <stddef.h>

struct budget {
    void *namespaces; /* tree of struct share, by name */
};

void budget_done(struct budget *budget);

/** Bytes that came, and bytes that went. The namespace of cluster-wide objects is "". */
void budget_add(struct budget *budget, const char *namespace, size_t bytes);
void budget_remove(struct budget *budget, const char *namespace, size_t bytes);

/** What a namespace takes now. */
size_t budget_used(const struct budget *budget, const char *namespace);

#endif
