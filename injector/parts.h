/*
 * parts.h - what the files of the injector share.
 *
 * A pod can get two parts: a backup sidecar and a restore init container. Each is chosen, checked
 * and built for itself; a refused one never takes the other with it.
 */
#ifndef INJECTOR_PARTS_H
#define INJECTOR_PARTS_H

#include <jansson.h>
#include <stdbool.h>

#include "recipe.h"

/* Where injection takes place. Everything is borrowed. */
struct site {
    const json_t *pod; /* without what an earlier injection left */
    const char *kind, *name, *namespace;
    const json_t *namespace_object; /* NULL: it is not known */
    const struct snapshot *snapshot;
    const struct inject_config *config;
    struct inject_memo *memo; /* or NULL */
    bool is_cut;              /* of the pod, only what most parts need is there */
};

struct part {
    struct recipe *recipe;  /* of the invoker that wins; NULL: nobody asks for this part */
    struct refusal refusal; /* INJECT_DONE: it can be built; filled by part_check() */
    json_t *security;       /* our container's securityContext; filled by part_check() */
    json_t *variables; /* of the pod's own, for our sub-paths; NULL: none; filled by part_check() */
    json_t *container; /* as it will be; filled by part_check() */
    char *losers;      /* names of the first invokers that lost: "a, b"; NULL: none did */
    size_t lost;       /* how many did */
};

#define LOSERS_NAMED 8

/* part.c */
enum part_kind part_kind(const struct part *part);
/* Whether the part goes among the init containers: a restore, and the sidecar of a pod that is to finish. */
bool part_is_init(const struct site *site, const struct part *part);
bool part_is_restore(const struct part *part);
void parts_done(struct part parts[PART_COUNT]);

static inline void parts_done_auto(struct part (*parts)[PART_COUNT])
{
    parts_done(*parts);
}

/* choose.c: who asks for what; whether it is done in the pods; the Repository it names (new reference, or NULL). */
bool choose_wants_container(const json_t *invoker);
json_t *choose_repository(const struct snapshot *snapshot, const json_t *invoker);
void parts_choose(const struct site *site, struct part parts[PART_COUNT]);

/* mesh.c: before which init container a restore reaches the network; whether it does. */
size_t mesh_restore_index(const json_t *init_containers);
bool mesh_check(const struct site *site, struct part *part);

/* part_check.c: whether the part can be built without harm; fills refusal and what the part will be. */
void part_check(const struct site *site, struct part *part);

/* The steps of part_check(), each in a file of its name; false with the refusal filled. */
bool check_volumes(const struct site *site, struct part *part); /* check_volumes.c */
bool check_variables(const struct site *site, struct part *part);
bool fit_check(const struct site *site, struct part *part);
bool pod_security_check(const json_t *namespace, struct part *part);

/* security.c, resources.c: what our container may do and use, as JSON (new references). */
json_t *security_build(const struct site *site, const struct part *part);
json_t *resources_build(const struct site *site, const struct part *part);

/* The container of the pod that mounts the data; NULL when none does. Borrowed. */
const json_t *security_data_container(const struct site *site, const struct part *part);

/* build.c */
json_t *container_build(const struct site *site, const struct part *part);
void build_add_volumes(json_t *volumes,
                       const struct part parts[PART_COUNT]); /* to an owned array */

/* evict.c: our emptyDirs among those that may go with their node; out of an owned pod's metadata, into it. */
bool evict_has_ours(const json_t *pod);
void evict_strip(json_t *metadata);
void evict_annotate(json_t *metadata, const struct part parts[PART_COUNT]);

/* ours.c: recognise and remove what injection adds. */
bool ours_is_container(const json_t *container, enum part_kind kind);
json_t *ours_strip(const json_t *pod); /* new reference; the same pointer when nothing is ours */
/* The name (borrowed) of a container or volume that takes a name the part needs; NULL: none. */
const char *ours_taken(const json_t *pod, const struct part *part);

#endif
