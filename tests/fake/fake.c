#include "fake.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "child.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

struct fake {
    char folder[40];
    char *log, *kubeconfig, *token_file;
    pid_t pid;
    unsigned port;
};

static _Noreturn void give_up(const char *what)
{
    fprintf(stderr, "fake server: %s\n", what);
    exit(1);
}

static void put(const char *path, const char *text)
{
    struct error err;
    if (file_write(path, text, strlen(text), 0600, &err) < 0)
        give_up(err.msg);
}

static void run_child(const struct fake *fake, const char *script, int out)
{
    char port[16];
    dup2(out, STDOUT_FILENO);
    snprintf(port, sizeof(port), "%u", fake->port);
    execl(FAKE_APISERVER, FAKE_APISERVER, script, fake->log, port, (char *)NULL);
    _exit(127);
}

static void start_server(struct fake *fake, const char *script)
{
    int ends[2] = {-1, -1};
    if (pipe(ends) < 0)
        give_up("pipe");
    fake->pid = child_fork();
    if (fake->pid < 0)
        give_up("fork");
    if (fake->pid == 0)
        run_child(fake, script, ends[1]);
    close(ends[1]);
    FILE *out = fdopen(ends[0], "r");
    if (!out || fscanf(out, "%u", &fake->port) != 1)
        give_up("it did not start");
    fclose(out);
}

struct fake *fake_start(const char *script)
{
    struct fake *fake = xcalloc(1, sizeof(*fake));
    strcpy(fake->folder, "/tmp/fake_apiserver.XXXXXX");
    if (!mkdtemp(fake->folder))
        give_up("mkdtemp");
    fake->log = xasprintf("%s/log", fake->folder);
    fake->kubeconfig = xasprintf("%s/kubeconfig", fake->folder);
    fake->token_file = xasprintf("%s/token", fake->folder);
    start_server(fake, script);
    AUTO(mem_free)
    char *config =
        xasprintf("current-context: c\n"
                  "contexts: [{name: c, context: {cluster: k, user: u, namespace: demo}}]\n"
                  "clusters: [{name: k, cluster: {server: 'http://127.0.0.1:%u'}}]\n"
                  "users: [{name: u, user: {tokenFile: token}}]\n",
                  fake->port);
    put(fake->kubeconfig, config);
    put(fake->token_file, "first");
    return fake;
}

void fake_kill(struct fake *fake)
{
    if (fake->pid <= 0)
        return;
    kill(fake->pid, SIGKILL);
    waitpid(fake->pid, NULL, 0);
    fake->pid = 0;
}

void fake_stop(struct fake *fake)
{
    if (!fake)
        return;
    fake_kill(fake);
    unlink(fake->log);
    unlink(fake->kubeconfig);
    unlink(fake->token_file);
    rmdir(fake->folder);
    free(fake->log);
    free(fake->kubeconfig);
    free(fake->token_file);
    free(fake);
}

void fake_restart(struct fake *fake, const char *script)
{
    fake_kill(fake);
    start_server(fake, script);
}

struct kube *fake_open(struct fake *fake)
{
    struct error err;
    struct kube *kube = NULL;
    if (kube_open(fake->kubeconfig, "test", &kube, &err) < 0)
        give_up(err.msg);
    return kube;
}

const char *fake_kubeconfig(const struct fake *fake)
{
    return fake->kubeconfig;
}

const char *fake_token_file(const struct fake *fake)
{
    return fake->token_file;
}

json_t *fake_requests(struct fake *fake)
{
    struct error err;
    AUTO(mem_free) char *text = NULL;
    size_t len = 0;
    json_t *requests = json_array();
    char *state = NULL;
    if (file_read(fake->log, LIMIT_INPUT_FILE, &text, &len, &err) < 0)
        give_up(err.msg);
    while (len > 0 && text[len - 1] != '\n') /* a line that is being written */
        text[--len] = '\0';
    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        json_t *request = NULL;
        if (jsonx_parse(line, strlen(line), &request, &err) < 0)
            give_up(err.msg);
        json_array_append_new(requests, request);
    }
    return requests;
}

size_t fake_count(struct fake *fake, const char *method, const char *part)
{
    json_auto_t *requests = fake_requests(fake);
    size_t count = 0;
    size_t i = 0;
    json_t *request = NULL;
    json_array_foreach (requests, i, request)
        count += strcmp(jsonx_str(request, "method", NULL), method) == 0 &&
                 strstr(jsonx_str(request, "url", NULL), part) != NULL;
    return count;
}
