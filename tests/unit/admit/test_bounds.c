#include "stash/bounds.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/admit.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/mem.h"

static json_t *configuration(size_t mounts)
{
    json_t *list = json_array();
    json_t *object =
        json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:{s:s, s:s, s:s}, s:[s], s:o}}}", "apiVersion",
                  "stash.appscode.com/v1beta1", "kind", "BackupConfiguration", "metadata", "name",
                  "web", "namespace", "demo", "spec", "target", "ref", "apiVersion", "apps/v1",
                  "kind", "Deployment", "name", "web", "paths", "/data", "volumeMounts", list);

    for (size_t i = 0; i < mounts; i++)
        json_array_append_new(list, json_pack("{s:s, s:o}", "name", "data", "mountPath",
                                              json_sprintf("/data/%zu", i)));
    return object;
}

Test(bounds, a_list_without_end_is_named_and_its_elements_are_not_compared)
{
    json_auto_t *object = configuration(20000);
    const struct admit_config config = {0};
    const struct admit_request request = {.kind = KIND_BACKUP_CONFIGURATION,
                                          .operation = OPERATION_CREATE,
                                          .namespace = "demo",
                                          .object = object,
                                          .config = &config};
    AUTO(causes_done) struct causes causes = {0};
    AUTO(warnings_done) struct warnings warnings = {0};

    admit_validate(&request, &causes, &warnings);
    cr_assert_eq(causes.count, 1);
    /* 20,000 mounts are over 256 KiB as well: either says it */
    cr_assert(strcmp(causes.items[0].path, "metadata") == 0 ||
              strcmp(causes.items[0].path, "spec.target.volumeMounts") == 0);
}

Test(bounds, a_long_list_is_found_where_it_is)
{
    json_auto_t *fine = configuration(LIMIT_ELEMENTS);
    json_auto_t *long_one = configuration(LIMIT_ELEMENTS + 1);
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *problem = NULL;
    struct error err;

    cr_assert_not(bounds_exceeded(KIND_BACKUP_CONFIGURATION, fine, &path, &problem));
    cr_assert(bounds_exceeded(KIND_BACKUP_CONFIGURATION, long_one, &path, &problem));
    cr_assert_str_eq(path, "spec.target.volumeMounts");
    cr_assert_str_eq(problem, "has 1001 elements; at most 1000 are read");
    cr_assert_eq(bounds_accept(fine, &err), 0);
    cr_assert_eq(bounds_accept(long_one, &err), -ERR_LIMIT);
}

Test(bounds, a_large_object_is_told_its_size)
{
    json_auto_t *object = configuration(1);
    AUTO(mem_free) char *text = xcalloc(300 * LIMIT_KIB, 1);
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *problem = NULL;
    char *none = NULL;

    memset(text, 'x', 300 * LIMIT_KIB - 1);
    json_object_set_new(jsonx_own(object, "spec"), "schedule", json_string(text));
    cr_assert(bounds_exceeded(KIND_BACKUP_CONFIGURATION, object, &path, &problem));
    cr_assert_str_eq(path, "metadata");
    cr_assert_str_eq(problem, "the object has 300 KiB; at most 192 are read");
    cr_assert_not(bounds_exceeded(KIND_BACKUP_SESSION, object, &none, &none), "it holds results");
    cr_assert_not(bounds_exceeded(KIND_POD, object, &none, &none), "Pods are as they are");
}

static json_t *repository_of(size_t users)
{
    json_t *references = json_array();

    for (size_t i = 0; i < users; i++)
        json_array_append_new(references,
                              json_pack("{s:s, s:s, s:s, s:o}", "apiGroup", "stash.appscode.com",
                                        "kind", "BackupConfiguration", "namespace", "demo", "name",
                                        json_sprintf("configuration-%zu", i)));
    return json_pack("{s:s, s:{s:s, s:s}, s:{s:{s:s}}, s:{s:o}}", "kind", "Repository", "metadata",
                     "name", "shelf", "namespace", "demo", "spec", "backend", "storageSecretName",
                     "s", "status", "references", references);
}

/* All who use it stand in its status: that must not make it one that nobody reads. */
Test(bounds, a_repository_of_ten_thousand_users_is_read_and_written)
{
    json_auto_t *repository = repository_of(10000);
    size_t bytes = json_dumpb(repository, NULL, 0, JSON_COMPACT);
    char *none = NULL;

    cr_assert_leq(bytes, bounds_bytes(KIND_REPOSITORY), "%zu", bytes);
    cr_assert_not(bounds_exceeded(KIND_REPOSITORY, repository, &none, &none));
}

Test(bounds, what_people_write_of_a_repository_stays_small)
{
    json_auto_t *repository = repository_of(1);
    AUTO(mem_free) char *text = xcalloc(200 * LIMIT_KIB, 1);
    AUTO(mem_free) char *path = NULL;
    AUTO(mem_free) char *problem = NULL;

    memset(text, 'x', 200 * LIMIT_KIB - 1);
    json_object_set_new(jsonx_own(repository, "spec"), "x", json_string(text));
    cr_assert(bounds_exceeded(KIND_REPOSITORY, repository, &path, &problem));
}
