/* A kubeconfig as anybody may have written it, and what a credential plugin may answer. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "config.h"
#include "fuzz.h"

/* What was read can be used, or the error says why not. */
static void read_config(int file, const char *context)
{
    AUTO(config_done) struct config config = {0};
    AUTO(mem_free) char *path = xasprintf("/proc/self/fd/%d", file);
    const struct kube_access access = {.kubeconfig = path, .context = context};
    struct error err = {0};

    if (config_load(&access, &config, &err) < 0) {
        BUG_ON(!err.kind || !*err.msg || config.server);
        return;
    }
    BUG_ON(strncmp(config.server, "http", 4) != 0 || !config.namespace);
    BUG_ON(config.exec.spec && !config.exec.folder);
    for (const char *c = config.as; c && *c; c++)
        BUG_ON(iscntrl((unsigned char)*c));
}

static void read_answer(const char *text, size_t len)
{
    static const char version[] = "client.authentication.k8s.io/v1";
    AUTO(credential_done) struct credential credential = {0};
    struct error err = {0};

    if (credential_parse(text, len, version, &credential, &err) < 0) {
        BUG_ON(!err.kind || !*err.msg || credential.token || credential.cert);
        return;
    }
    BUG_ON(!credential.token && !credential.cert);
    BUG_ON(!credential.cert != !credential.key);
    for (const char *c = credential.token; c && *c; c++)
        BUG_ON(iscntrl((unsigned char)*c));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(fd_close) int file = memfd_create("kubeconfig", 0);

    BUG_ON(file < 0 || write(file, data, size) != (ssize_t)size);
    read_config(file, NULL);
    read_config(file, "c");
    read_answer((const char *)data, size);
    return 0;
}
