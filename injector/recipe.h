/*
 * recipe.h - what an invoker and its Repository ask of any pod: all of the container that does not depend on the pod.
 *
 * A recipe never changes once it is made, so that it can serve every pod of a workload, on any thread. It holds its
 * documents: as long as it lives, no other document can have their address.
 */
#ifndef INJECTOR_RECIPE_H
#define INJECTOR_RECIPE_H

#include <jansson.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "stash/backend.h"
#include "stash/inject.h"
#include "stash/mem.h"
#include "stash/text.h"

enum part_kind { PART_BACKUP, PART_RESTORE, PART_COUNT };

/* What is the same for every invoker of a kind. */
struct part_row {
    const char *verb;         /* in annotations: "backup" */
    const char *invoker_kind; /* "BackupConfiguration" */
    const char *command;      /* the agent's subcommand */
    const char *container;    /* its name */
    const char *tmp_volume;   /* one each: the two may run as different users */
    const char *local_volume;
    const char *storage_volume;
};
extern const struct part_row part_rows[PART_COUNT];

/* Why something cannot be built; INJECT_DONE: it can. */
struct refusal {
    enum inject_reason reason;
    char detail[200];
};

/* Note why; always false, so that a check can end with it. */
bool recipe_refuse(struct refusal *refusal, enum inject_reason reason, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define HASH_HALF 8

struct recipe {
    atomic_uint references;
    const struct part_row *row;
    json_t *invoker;
    json_t *repository; /* NULL: it is not known */
    struct backend backend;
    struct refusal refusal; /* but INJECT_DONE: nothing below but the hash */
    char hash[HASH_HALF + 1];
    json_t *container; /* without resources, securityContext, restartPolicy */
    json_t *volumes;   /* array: what the part alone mounts */
    json_t *token;     /* the volume that both parts mount */
};

/* recipe_new.c: of an invoker that is a target's, with the Repository that it names (or NULL). */
struct recipe *recipe_new(const struct part_row *row, const json_t *invoker,
                          const json_t *repository, const struct inject_config *config);
struct recipe *recipe_ref(struct recipe *recipe);
void recipe_unref(struct recipe *recipe);
DEFINE_AUTO(struct recipe, recipe_unref);

/* Members of the invoker; NULL when absent. Borrowed. */
const json_t *recipe_mounts(const struct recipe *recipe);   /* spec.target.volumeMounts */
const json_t *recipe_settings(const struct recipe *recipe); /* spec.runtimeSettings.container */
bool recipe_mounts_local(const struct recipe *recipe); /* the backend is a volume, and may be */
/* The Repository's Secret, when it lies in the pod's own namespace and so can be mounted; else NULL. */
const char *recipe_secret(const struct recipe *recipe);

/* The steps of recipe_new(), each in a file of its name. */
void recipe_check(struct recipe *recipe); /* fills refusal and backend */
void recipe_hash(const struct recipe *recipe, char out[HASH_HALF + 1]);
json_t *recipe_container(const struct recipe *recipe, const struct inject_config *config);
json_t *recipe_volumes(const struct recipe *recipe);
json_t *recipe_token(void);

/* meaning.c: the value of a member called `in`, without what holds anyway. New reference. */
json_t *meaning_of(const json_t *value, const char *in);

/* memo.c: the recipe made of these very documents; NULL when it is not there. New reference. */
struct recipe *memo_find(struct inject_memo *memo, const json_t *invoker, const json_t *repository);
void memo_keep(struct inject_memo *memo, struct recipe *recipe);

#endif
