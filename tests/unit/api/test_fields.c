#include <criterion/criterion.h>
#include <string.h>

#include "stash/fields.h"
#include "stash/jsonx.h"

static void collect(void *ctx, const char *path, const char *sentence)
{
    buf_addf(ctx, "%s: %s\n", path, sentence);
}

static char *mistakes(enum kind kind, const char *text)
{
    json_auto_t *object = json_loads(text, 0, NULL);
    AUTO(buf_done) struct buf found;

    buf_init(&found, 4096);
    cr_assert(object);
    fields_check(kind, object, collect, &found);
    return buf_take(&found);
}

static void expect(enum kind kind, const char *text, const char *want)
{
    AUTO(mem_free) char *have = mistakes(kind, text);

    cr_assert_str_eq(have, want);
}

Test(fields, of_any_content_are_not_looked_into)
{
    expect(KIND_BACKUP_CONFIGURATION,
           "{\"metadata\": {\"labels\": {\"any\": \"thing\"}}, \"spec\": {\"runtimeSettings\": "
           "{\"container\": {\"resources\": {\"limits\": {\"example.com/gpu\": 1}}}}}}",
           "");
    expect(KIND_APP_BINDING, "{\"spec\": {\"parameters\": {\"of\": \"others\"}}}", "");
    expect(KIND_POD, "{\"nothing\": \"known\"}", "");
}

Test(fields, are_found_in_every_element_of_a_list)
{
    expect(KIND_TASK, "{\"spec\": {\"steps\": [{\"name\": \"a\"}, {\"nam\": \"b\"}]}}",
           "spec.steps[1].nam: there is no such field; did you mean name?\n");
}

Test(fields, that_lost_their_indentation_belong_to_the_empty_one_beside_them)
{
    expect(KIND_RESTORE_SESSION,
           "{\"spec\": {\"task\": {\"name\": \"x\"}, \"repository\": null, \"name\": \"y\"}}",
           "spec.name: stands beside repository and belongs in it: indent it further\n");
    expect(KIND_REPOSITORY, "{\"backend\": {}}",
           "backend: stands beside spec and belongs in it: indent it further\n");
}

Test(fields, that_are_indented_too_far_belong_above)
{
    expect(KIND_BACKUP_CONFIGURATION, "{\"spec\": {\"target\": {\"ref\": {\"paths\": []}}}}",
           "spec.target.ref.paths: spec.target.ref has no such field; it belongs in spec.target: "
           "indent it less\n");
    expect(KIND_BACKUP_CONFIGURATION,
           "{\"spec\": {\"schedule\": \"x\", \"target\": {\"schedule\": 1}}}",
           "spec.target.schedule: spec.target has no such field: remove it\n");
}

Test(fields, of_hostile_shape_do_no_harm)
{
    expect(KIND_BACKUP_CONFIGURATION, "[[[[{\"spec\": 1}]]]]", "");
    expect(KIND_BACKUP_CONFIGURATION, "{\"spec\": [{\"target\": \"x\"}, 3, null]}", "");
    expect(KIND_BACKUP_CONFIGURATION, "{\"\": 1, \"%s%n\": {}}",
           ": the object has no such field: remove it\n"
           "%s%n: the object has no such field: remove it\n");
}

Test(fields, every_kind_of_ours_has_a_row)
{
    for (int kind = KIND_REPOSITORY; kind < KIND_APP_BINDING; kind++)
        expect((enum kind)kind, "{\"zzzzzzz\": 1}",
               "zzzzzzz: the object has no such field: remove it\n");
}

Test(fields, former_kinds_have_a_successor_and_foreign_ones_none)
{
    AUTO(mem_free) char *restic = kinds_former("stash.appscode.com/v1alpha1", "Restic");
    AUTO(mem_free) char *storage = kinds_former("storage.kubestash.com/v1alpha1", "BackupStorage");

    cr_assert(restic && strstr(restic, "BackupConfiguration"));
    cr_assert(storage && strstr(storage, "Repository"));
    cr_assert_null(kinds_former("velero.io/v1", "Restore"));
    cr_assert_null(kinds_former("stash.appscode.com/v1beta1", "BackupConfiguration"));
    cr_assert_null(kinds_former("stash.appscode.com.example.com/v1", "Restic"));
}
