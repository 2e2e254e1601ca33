#include "stash/restic_args.h"

#include <string.h>

#include "stash/jsonx.h"
#include "stash/user_args.h"

static bool is_given(const char *s)
{
    return s && *s;
}

/* Numbers only: they come from the container's environment and precede the program's name. */
static bool is_number(const char *s)
{
    return is_given(s) && strspn(s, "-0123456789") == strlen(s);
}

static void command_begin(const struct restic_options *options, struct argv *argv)
{
    if (is_number(options->ionice_class)) {
        argv_add(argv, "ionice");
        argv_add_pair(argv, "-c", options->ionice_class);
        if (is_number(options->ionice_data))
            argv_add_pair(argv, "-n", options->ionice_data);
    }
    if (is_number(options->nice)) {
        argv_add(argv, "nice");
        argv_add_pair(argv, "-n", options->nice);
    }
    argv_add(argv, "restic");
}

/* What Stash puts at the end of every command line. `locks`: the command takes a lock. */
static void command_end(const struct restic_options *options, bool locks, bool cleanup,
                        struct argv *argv)
{
    if (is_given(options->cache_dir))
        argv_add_pair(argv, "--cache-dir", options->cache_dir);
    else
        argv_add(argv, "--no-cache");
    if (cleanup && is_given(options->cache_dir))
        argv_add(argv, "--cleanup-cache");
    argv_add_pair(argv, "--cacert", options->cacert);
    if (options->insecure_tls)
        argv_add(argv, "--insecure-tls");
    if (options->max_connections > 0 && options->connections)
        argv_addf(argv, "--option=%s.connections=%lld", options->connections,
                  (long long)options->max_connections);
    if (!locks)
        argv_add(argv, "--no-lock");
    else
        argv_add_pair(argv, "--retry-lock", options->retry_lock);
}

char *restic_pattern(const char *text)
{
    char *pattern = xcalloc(strlen(text) + 1, 2);
    char *out = pattern;

    for (; *text; text++) {
        if (strchr("*?[\\", *text))
            *out++ = '\\';
        *out++ = *text;
    }
    return pattern;
}

void restic_args_probe(const struct restic_options *options, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "cat config --json");
    command_end(options, false, false, ret);
}

void restic_args_init(const struct restic_options *options, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "init --json");
    command_end(options, true, false, ret);
}

/*
 * restic compares with the newest snapshot of the same host and path. Two targets may have both in common, so the tags
 * must be the same too: what was never tagged like this is read as a whole, once.
 */
static void add_owner(const struct restic_backup *backup, struct argv *argv)
{
    AUTO(mem_free) char *tags = NULL;

    if (!owner_is_whole(&backup->owner))
        return;
    tags = owner_tags(&backup->owner);
    argv_add_pair(argv, "--tag", tags);
    if (!backup->parent)
        argv_add_pair(argv, "--group-by", "host,paths,tags");
}

static void add_parent(const char *parent, struct argv *argv)
{
    if (parent && *parent)
        argv_add_pair(argv, "--parent", parent);
    else if (parent)
        argv_add(argv, "--force");
}

void restic_args_backup(const struct restic_options *options, const struct restic_backup *backup,
                        struct argv *ret)
{
    command_begin(options, ret);
    argv_add(ret, "backup");
    if (backup->command) {
        argv_add_words(ret, "--stdin-from-command --stdin-filename");
        argv_add(ret, backup->path + 1);
    } else {
        argv_add(ret, backup->path);
    }
    argv_add_words(ret, "--quiet --json");
    argv_add_pair(ret, "--host", backup->host);
    add_owner(backup, ret);
    add_parent(backup->parent, ret);
    argv_add_list(ret, "--exclude", backup->exclude);
    user_args_add(ret, backup->args);
    command_end(options, true, true, ret);
    if (backup->command)
        argv_add(ret, "--");
    argv_add_all(ret, backup->command);
}

void restic_args_snapshots(const struct restic_options *options, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "snapshots --json");
    command_end(options, false, false, ret);
}

void restic_args_restore(const struct restic_options *options, const struct restic_restore *restore,
                         struct argv *ret)
{
    command_begin(options, ret);
    argv_add(ret, "restore");
    if (is_given(restore->subfolder))
        argv_addf(ret, "%s:%s", restore->snapshot, restore->subfolder);
    else
        argv_add(ret, restore->snapshot);
    argv_add_pair(ret, "--target", restore->target);
    argv_add_words(ret, "--quiet --json");
    argv_add_list(ret, "--include", restore->include);
    argv_add_list(ret, "--exclude", restore->exclude);
    user_args_add(ret, restore->args);
    command_end(options, !options->unlocked, false, ret);
}

void restic_args_dump(const struct restic_options *options, const char *snapshot, const char *path,
                      struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "dump --quiet");
    argv_add(ret, snapshot);
    argv_add(ret, path);
    command_end(options, !options->unlocked, false, ret);
}

void restic_args_ls(const struct restic_options *options, const struct restic_ls *ls,
                    struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, ls->recursive ? "ls --json --recursive" : "ls --json");
    argv_add(ret, ls->snapshot);
    if (is_given(ls->path))
        argv_add(ret, ls->path);
    command_end(options, false, false, ret);
}

/* The pattern is a person's, and may look like a flag. */
void restic_args_find(const struct restic_options *options, const char *pattern, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "find --json");
    command_end(options, false, false, ret);
    argv_add(ret, "--");
    argv_add(ret, pattern);
}

void restic_args_delete(const struct restic_options *options, const char *const *ids, bool prune,
                        struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, prune ? "forget --prune --quiet" : "forget --quiet");
    argv_add_all(ret, ids);
    command_end(options, true, false, ret);
}

void restic_args_check(const struct restic_options *options, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "check --json");
    command_end(options, false, false, ret);
}

void restic_args_stats(const struct restic_options *options, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "stats --quiet --json --mode raw-data");
    command_end(options, false, false, ret);
}

void restic_args_unlock(const struct restic_options *options, bool all, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, all ? "unlock --remove-all" : "unlock");
    command_end(options, true, false, ret);
}

void restic_args_list_locks(const struct restic_options *options, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "list locks");
    command_end(options, false, false, ret);
}

void restic_args_cat_lock(const struct restic_options *options, const char *id, struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "cat lock");
    argv_add(ret, id);
    command_end(options, false, false, ret);
}

static const struct rule {
    const char *key, *flag;
} rules[] = {
    {"keepLast", "--keep-last"},       {"keepHourly", "--keep-hourly"},
    {"keepDaily", "--keep-daily"},     {"keepWeekly", "--keep-weekly"},
    {"keepMonthly", "--keep-monthly"}, {"keepYearly", "--keep-yearly"},
};

static bool keeps_by_count(const json_t *policy)
{
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        if (jsonx_int(policy, 0, rules[i].key, NULL) > 0)
            return true;
    return false;
}

bool restic_args_keeps_some(const json_t *policy)
{
    return keeps_by_count(policy) || !jsonx_is_empty(jsonx_get(policy, "keepTags", NULL));
}

static void add_rules(const json_t *policy, struct argv *argv)
{
    size_t i;
    json_t *tag;

    for (size_t rule = 0; rule < ARRAY_LEN(rules); rule++) {
        json_int_t n = jsonx_int(policy, 0, rules[rule].key, NULL);

        if (n > 0) {
            argv_add(argv, rules[rule].flag);
            argv_addf(argv, "%lld", (long long)n);
        }
    }
    json_array_foreach (jsonx_get(policy, "keepTags", NULL), i, tag)
        argv_add_pair(argv, "--keep-tag", json_string_value(tag));
    if (!keeps_by_count(policy)) /* with tags alone restic removes what a session has just stored */
        argv_add_pair(argv, "--keep-last", "1");
}

void restic_args_forget(const struct restic_options *options, const struct restic_forget *forget,
                        struct argv *ret)
{
    size_t i;
    json_t *host;

    command_begin(options, ret);
    argv_add_words(ret, "forget --quiet --json");
    argv_add_pair(ret, "--tag", forget->tags);
    json_array_foreach (forget->hosts, i, host)
        argv_add_pair(ret, "--host", json_string_value(host));
    argv_add_pair(ret, "--group-by", forget->dump ? "host" : "host,paths");
    add_rules(forget->policy, ret);
    if (jsonx_bool(forget->policy, 0, "prune", NULL))
        argv_add(ret, "--prune");
    if (jsonx_bool(forget->policy, 0, "dryRun", NULL))
        argv_add(ret, "--dry-run");
    command_end(options, true, false, ret);
}

void restic_args_tag(const struct restic_options *options, const struct restic_retag *retag,
                     struct argv *ret)
{
    command_begin(options, ret);
    argv_add_words(ret, "tag --quiet --json");
    argv_add_pair(ret, "--add", retag->add);
    argv_add_pair(ret, "--remove", retag->remove);
    argv_add_all(ret, retag->ids);
    command_end(options, true, false, ret);
}
