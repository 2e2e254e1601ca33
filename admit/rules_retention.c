/* rules_retention.c - which snapshots stay: a policy must keep something, and say one thing. */
#include <string.h>

#include "stash/jsonx.h"
#include "value.h"

static const struct value_rule counts[] = {
    {"keepLast", value_count},
    {"keepHourly", value_count},
    {"keepDaily", value_count},
    {"keepWeekly", value_count},
    {"keepMonthly", value_count},
    {"keepYearly", value_count},
    {0},
};

static bool keeps_by_count(const json_t *policy)
{
    for (const struct value_rule *row = counts; row->path; row++) {
        if (jsonx_int(policy, 0, row->path, NULL) > 0)
            return true;
    }
    return false;
}

/* --tag among the further arguments of restic backup: the only way to tag a snapshot. */
static bool has_tag_argument(const json_t *doc)
{
    const json_t *args = jsonx_get(doc, "target", "args", NULL);

    for (size_t i = 0; i < json_array_size(args); i++) {
        const char *arg = json_string_value(json_array_get(args, i));
        if (arg && strncmp(arg, "--tag", 5) == 0)
            return true;
    }
    return false;
}

static bool tags_its_snapshots(const struct admit *a)
{
    const json_t *members = jsonx_get(a->spec, "members", NULL);

    for (size_t i = 0; i < json_array_size(members); i++) {
        if (has_tag_argument(json_array_get(members, i)))
            return true;
    }
    /* a blueprint's arguments come from annotations of its targets */
    return has_tag_argument(a->spec) || a->request->kind == KIND_BACKUP_BLUEPRINT;
}

/* restic removes what has no such tag, or, rather than remove all of it, fails. */
static void check_tags_alone(const struct admit *a)
{
    if (tags_its_snapshots(a))
        warnings_add(a->warnings, "spec.retentionPolicy: only keepTags is set: snapshots without "
                                  "these tags are not kept, but for the newest");
    else
        causes_add(a->causes, "spec.retentionPolicy", CAUSE_INVALID,
                   "it would keep nothing: only keepTags is set, and no target.args gives the "
                   "snapshots a tag; set keepLast or keepDaily too");
}

void rule_retention(const struct admit *a)
{
    const json_t *policy = jsonx_get(a->spec, "retentionPolicy", NULL);

    if (!policy) {
        causes_add(a->causes, "spec.retentionPolicy", CAUSE_REQUIRED,
                   "say which snapshots stay, such as {name: keep-5, keepLast: 5, prune: true}");
        return;
    }
    values_check(a, "spec.retentionPolicy", policy, counts);
    if (jsonx_bool(policy, false, "dryRun", NULL))
        warnings_add(a->warnings, "spec.retentionPolicy.dryRun: no snapshot will ever be removed%s",
                     jsonx_bool(policy, false, "prune", NULL) ? ", in spite of prune" : "");
    if (keeps_by_count(policy))
        return;
    if (!jsonx_is_empty(jsonx_get(policy, "keepTags", NULL)))
        check_tags_alone(a);
    else
        warnings_add(a->warnings, "spec.retentionPolicy: none of keepLast, keepHourly, keepDaily "
                                  "and so on is set: no snapshot will ever be removed");
}
