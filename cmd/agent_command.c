#include "agent_command.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stash/log.h"
#include "stash/quoted.h"
#include "stash/spawn.h"

/* An API server that restarts, or a control plane that is upgraded, must not cost a backup. */
#define PATIENCE_MS (10 * 60 * 1000)

const char *agent_kubeconfig;
int64_t agent_verbosity;
struct agent_lists agent_lists;

/* The pod is to end: children end first, and their step is reported as failed. */
static void on_signal(int signum)
{
    (void)signum;
    spawn_cancel();
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static int agent_parse(int argc, char **argv, const struct flag *table, struct error *err)
{
    int rest = 0;
    int r = flags_parse(argc, argv, table, &rest, err);

    if (r == 0 && rest > 0)
        r = error_set(err, ERR_INVALID, "unexpected argument %s", argv[1]);
    return r;
}

/* The texts of the lists; the flags borrow them. */
struct joined {
    char *texts[6];
};

static void joined_done(struct joined *joined)
{
    for (size_t i = 0; i < ARRAY_LEN(joined->texts); i++)
        free(joined->texts[i]);
}
DEFINE_AUTO_VALUE(struct joined, joined_done);

static void join_lists(struct agent_flags *flags, struct joined *ret)
{
    const struct {
        const struct flag_words *words;
        const char *separators;
        const char **target;
    } lists[ARRAY_LEN(ret->texts)] = {
        {&agent_lists.paths, QUOTED_ITEMS, &flags->paths},
        {&agent_lists.snapshots, QUOTED_ITEMS, &flags->snapshots},
        {&agent_lists.include, QUOTED_ITEMS, &flags->include},
        {&agent_lists.exclude, QUOTED_ITEMS, &flags->exclude},
        {&agent_lists.args, QUOTED_WORDS, &flags->args},
        {&agent_lists.metrics_labels, QUOTED_ITEMS, &flags->metrics_labels},
    };

    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if ((ret->texts[i] = flags_join_words(lists[i].words, lists[i].separators)))
            *lists[i].target = ret->texts[i];
}

int agent_command_run(const struct agent_command *command, int argc, char **argv,
                      const struct flag *table, struct agent_flags *flags)
{
    AUTO(kube_close) struct kube *kube = NULL;
    AUTO(mem_free) char *refused = NULL;
    AUTO(joined_done) struct joined joined = {0};
    struct error err;

    if (wants_help(argc, argv)) {
        flags_usage(command->name, command->summary, table);
        return 0;
    }
    if (agent_parse(argc, argv, table, &err) < 0) {
        fprintf(stderr, "stash %s: %s\n", command->name, err.msg);
        if (!flags->addon || !flags->output_dir)
            return 1;
        /* a step whose command line is wrong says so where the next step looks */
        flags->refused = refused = xasprintf("stash %s: %s", command->name, err.msg);
    }
    join_lists(flags, &joined);
    if (agent_verbosity >= 3)
        log_set_level(LOG_LEVEL_DEBUG);
    catch_signals();
    curl_global_init(CURL_GLOBAL_DEFAULT);
    json_object_seed(0);
    int r = kube_open(agent_kubeconfig, "stash-agent", &kube, &err);
    if (r == 0)
        kube_set_patience(kube, PATIENCE_MS);
    if (r == 0 && !flags->namespace)
        flags->namespace = kube_namespace(kube);
    if (r < 0 && flags->addon && flags->output_dir) {
        if (!refused)
            flags->refused = refused = xstrdup(err.msg);
        r = 0;
    }
    if (r == 0 && command->run(kube, flags, &err) == 0)
        return 0;
    log_error("failed", "command", command->name, "error", err.msg);
    return 2;
}
