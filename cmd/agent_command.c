#include "agent_command.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "stash/log.h"
#include "stash/spawn.h"

/* An API server that restarts, or a control plane that is upgraded, must not cost a backup. */
#define PATIENCE_MS (10 * 60 * 1000)

const char *agent_kubeconfig;
int64_t agent_verbosity;

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

static int parse(int argc, char **argv, const struct flag *table, struct error *err)
{
    int rest = 0;
    int r = flags_parse(argc, argv, table, &rest, err);

    if (r == 0 && rest > 0)
        r = error_set(err, ERR_INVALID, "unexpected argument %s", argv[1]);
    return r;
}

/* A step whose command line is wrong still says so where the next step looks, if only that can be made out. */
static bool find_output_dir(int argc, char **argv, struct agent_flags *flags)
{
    static const char name[] = "--output-dir";
    size_t len = strlen(name);

    for (int i = 1; i < argc && !flags->output_dir; i++) {
        if (!argv[i] || strncmp(argv[i], name, len) != 0)
            continue;
        if (argv[i][len] == '=' && argv[i][len + 1])
            flags->output_dir = argv[i] + len + 1;
        else if (!argv[i][len] && i + 1 < argc)
            flags->output_dir = argv[i + 1];
    }
    return flags->output_dir != NULL;
}

int agent_command_run(const struct agent_command *command, int argc, char **argv,
                      const struct flag *table, struct agent_flags *flags)
{
    AUTO(kube_close) struct kube *kube = NULL;
    AUTO(mem_free) char *refused = NULL;
    struct error err;

    if (wants_help(argc, argv)) {
        flags_usage(command->name, command->summary, table);
        return 0;
    }
    if (parse(argc, argv, table, &err) < 0) {
        fprintf(stderr, "stash %s: %s\n", command->name, err.msg);
        if (!flags->addon || !find_output_dir(argc, argv, flags))
            return 1;
        flags->refused = refused = xasprintf("stash %s: %s", command->name, err.msg);
    }
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
