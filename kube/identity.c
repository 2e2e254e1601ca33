#include "identity.h"

#include "stash/clock.h"

void identity_init(struct identity *identity, const struct exec_plugin *plugin)
{
    *identity = (struct identity){.plugin = plugin};
    pthread_mutex_init(&identity->lock, NULL);
}

void identity_done(struct identity *identity)
{
    credential_done(&identity->held);
    pthread_mutex_destroy(&identity->lock);
}

static char *copy_of(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

int identity_get(struct identity *identity, bool renew, struct credential *ret, struct error *err)
{
    struct credential fresh = {0};
    int r = 0;
    pthread_mutex_lock(&identity->lock);
    const struct credential *held = &identity->held;
    bool is_over = !identity->holds || (held->expires && clock_now() >= held->expires);
    if (renew || is_over)
        r = exec_plugin_run(identity->plugin, &fresh, err);
    if (r == 0 && (renew || is_over)) {
        credential_done(&identity->held);
        identity->held = fresh;
        identity->holds = true;
    }
    if (r == 0)
        *ret = (struct credential){copy_of(held->token), copy_of(held->cert), copy_of(held->key),
                                   held->expires};
    pthread_mutex_unlock(&identity->lock);
    return r;
}
