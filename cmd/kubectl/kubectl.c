/* kubectl.c - kubectl stash VERB: find the verb, read its flags, connect, run it, and end with a status that tells. */
#include "kubectl.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "stash/log.h"
#include "stash/spelling.h"
#include "stash/table.h"
#include "stash/text.h"

static enum outcome outcome_of(const struct error *err)
{
    switch (err->kind) {
    case ERR_NOT_FOUND:
        return OUTCOME_MISSING;
    case ERR_DENIED:
        return OUTCOME_FORBIDDEN;
    case ERR_TIMEOUT:
        return OUTCOME_TIMED_OUT;
    default:
        return OUTCOME_FAILED;
    }
}

static const char *remedy_of(const struct error *err)
{
    if (reference_kind_is_missing(err))
        return "is Stash installed in this cluster? (kubectl get crds | grep stash)";
    if (err->code == 401)
        return "the server does not know you: have your credentials expired? Log in again";
    if (err->kind == ERR_DENIED && strstr(err->msg, " cannot "))
        return "ask for that right: the ClusterRoles view and edit have those of Stash";
    if (err->kind == ERR_TRANSPORT && err->code == 0)
        return "is this the right cluster? (kubectl config current-context)";
    return NULL;
}

static int tell_error(const struct error *err)
{
    const char *remedy = remedy_of(err);

    print_note("error: %s", err->msg);
    if (remedy)
        print_note("%s", remedy);
    return reference_kind_is_missing(err) ? OUTCOME_FAILED : outcome_of(err);
}

static int tell_misuse(const struct verb *verb, const struct error *err)
{
    print_note("error: %s", err->msg);
    if (verb)
        print_note("usage: kubectl stash %s%s%s [flags]; kubectl stash %s --help", verb->name,
                   *verb->arguments ? " " : "", verb->arguments, verb->name);
    else
        print_note("usage: kubectl stash VERB [flags]; kubectl stash --help");
    return OUTCOME_MISUSED;
}

int call_misused(const struct call *call, const struct error *err)
{
    return tell_misuse(call->verb, err);
}

static int tell_unknown_verb(const char *name)
{
    const struct verb *near = NULL;
    unsigned distance, best = 0;
    struct error err;

    for (const struct verb *verb = verbs; verb->name; verb++)
        if (spelling_is_near(name, verb->name, &distance) && (!near || distance < best)) {
            near = verb;
            best = distance;
        }
    if (*name == '-')
        error_set(&err, ERR_INVALID, "the verb comes first, flags like %s after it", name);
    else if (near)
        error_set(&err, ERR_INVALID, "unknown verb \"%s\": did you mean %s?", name, near->name);
    else
        error_set(&err, ERR_INVALID, "unknown verb \"%s\"", name);
    return tell_misuse(NULL, &err);
}

static int check_count(const struct verb *verb, size_t count, struct error *err)
{
    if (count < verb->least)
        return error_set(err, ERR_INVALID, "%s needs %s", verb->name, verb->arguments);
    if (count > verb->most)
        return error_set(err, ERR_INVALID, "%s takes %s, and no more", verb->name,
                         verb->most ? verb->arguments : "flags");
    return 0;
}

/* Everything about the command line that can be told without a cluster. */
static int read_line(const struct verb *verb, int argc, char **argv, struct shared_flags *options,
                     struct call *call, struct error *err)
{
    int rest = 0;
    int r = shared_flags_parse(verb, argc, argv, options, &rest, err);

    if (r < 0 || options->help)
        return r;
    r = shared_flags_output(options, &call->output, err);
    if (r == 0)
        r = shared_flags_dry_run(options, &call->dry_run, err);
    if (r == 0)
        r = check_count(verb, (size_t)rest, err);
    call->args = (const char *const *)argv + 1;
    call->count = (size_t)rest;
    return r;
}

static int run_verb(struct call *call, const struct shared_flags *options)
{
    AUTO(kube_close) struct kube *kube = NULL;
    struct error err = {0};

    if (!(call->verb->takes & TAKES_NO_CLUSTER)) {
        int r = kube_open_as(&options->access, "kubectl-stash", &kube, &err);
        if (r < 0) {
            tell_error(&err);
            return OUTCOME_FAILED; /* whatever is missing, it is no object of the cluster */
        }
        call->kube = kube;
        call->namespace = options->all_namespaces ? NULL : kube_namespace(kube);
    }
    int r = call->verb->run(call, &err);
    return r < 0 ? tell_error(&err) : r;
}

static int run_line(const struct verb *verb, int argc, char **argv)
{
    struct shared_flags options = {0};
    struct call call = {.verb = verb};
    struct error err = {0};
    int r = read_line(verb, argc, argv, &options, &call, &err);

    if (r < 0)
        return tell_misuse(verb, &err);
    if (options.help) {
        help_verb(verb);
        return OUTCOME_DONE;
    }
    r = run_verb(&call, &options);
    return fflush(stdout) != 0 && r == OUTCOME_DONE ? OUTCOME_FAILED : r;
}

static int show_help(int argc, char **argv)
{
    const struct verb *verb = argc > 2 ? verb_find(argv[2]) : NULL;

    if (argc > 2 && !verb)
        return tell_unknown_verb(argv[2]);
    if (verb)
        help_verb(verb);
    else
        help_all();
    return OUTCOME_DONE;
}

int cmd_kubectl(int argc, char **argv)
{
    static const char *const helps[] = {"help", "--help", "-h", NULL};

    log_set_level(LOG_LEVEL_WARN);
    if (argc < 2) {
        help_all();
        return OUTCOME_MISUSED;
    }
    if (text_is_one_of(argv[1], helps))
        return show_help(argc, argv);
    if (strcmp(argv[1], "__complete") == 0)
        return completion_answer(argc - 1, argv + 1);
    const struct verb *verb = verb_find(argv[1]);
    return verb ? run_line(verb, argc - 1, argv + 1) : tell_unknown_verb(argv[1]);
}

int cmd_kubectl_complete(int argc, char **argv)
{
    return completion_answer(argc, argv);
}
