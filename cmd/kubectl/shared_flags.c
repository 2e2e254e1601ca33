#include <string.h>

#include "kubectl.h"

static struct shared_flags options;

static const struct flag shared[] = {
    {"namespace", FLAG_STRING, &options.access.namespace, "the namespace; or -n"},
    {"n", FLAG_STRING, &options.access.namespace, NULL},
    {"all-namespaces", FLAG_BOOL, &options.all_namespaces, "of all namespaces; or -A"},
    {"A", FLAG_BOOL, &options.all_namespaces, NULL},
    {"output", FLAG_STRING, &options.output, "table, wide, json, yaml or name; or -o"},
    {"o", FLAG_STRING, &options.output, NULL},
    {"dry-run", FLAG_STRING, &options.dry_run,
     "client: only show what would be sent; server: send it, and store nothing"},
    {"help", FLAG_BOOL, &options.help, "this text; or -h"},
    {"h", FLAG_BOOL, &options.help, NULL},
    {"kubeconfig", FLAG_STRING, &options.access.kubeconfig,
     "the kubeconfig ($KUBECONFIG, or ~/.kube/config)"},
    {"context", FLAG_STRING, &options.access.context, "one of its contexts"},
    {"cluster", FLAG_STRING, &options.access.cluster, "one of its clusters"},
    {"user", FLAG_STRING, &options.access.user, "one of its users"},
    {"server", FLAG_STRING, &options.access.server, "the API server's URL; or -s"},
    {"s", FLAG_STRING, &options.access.server, NULL},
    {"token", FLAG_STRING, &options.access.token, "a bearer token"},
    {"as", FLAG_STRING, &options.access.as, "act as this user"},
    {"as-uid", FLAG_STRING, &options.access.as_uid, "with this uid"},
    {"as-group", FLAG_WORDS, &options.as_groups, "and of this group; may stand again"},
    {"certificate-authority", FLAG_STRING, &options.access.ca_file, "who has to vouch for it"},
    {"client-certificate", FLAG_STRING, &options.access.cert_file, "a certificate of our own"},
    {"client-key", FLAG_STRING, &options.access.key_file, "its key"},
    {"tls-server-name", FLAG_STRING, &options.access.tls_name, "the name in its certificate"},
    {"insecure-skip-tls-verify", FLAG_BOOL, &options.access.insecure,
     "believe whoever answers there"},
    {"request-timeout", FLAG_DURATION, &options.timeout, "how long one request may take (1m)"},
    /* kubectl's, of no meaning here */
    {"cache-dir", FLAG_STRING, NULL, NULL},
    {"disable-compression", FLAG_BOOL, NULL, NULL},
    {"match-server-version", FLAG_BOOL, NULL, NULL},
    {"log-flush-frequency", FLAG_STRING, NULL, NULL},
    {"v", FLAG_STRING, NULL, NULL},
    {0},
};

const struct flag *shared_flags_table(void)
{
    return shared;
}

bool shared_flags_concern(const struct verb *verb, const char *flag)
{
    static const struct {
        const char *flag;
        unsigned takes;
    } rows[] = {{"all-namespaces", TAKES_ALL_NAMESPACES},
                {"A", TAKES_ALL_NAMESPACES},
                {"output", TAKES_OUTPUT},
                {"o", TAKES_OUTPUT},
                {"dry-run", TAKES_DRY_RUN}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (strcmp(rows[i].flag, flag) == 0)
            return verb->takes & rows[i].takes;
    return strcmp(flag, "help") == 0 || strcmp(flag, "h") == 0 || !(verb->takes & TAKES_NO_CLUSTER);
}

static size_t count_rows(const struct flag *table)
{
    size_t count = 0;

    while (table && table[count].name)
        count++;
    return count;
}

/* A flag that a verb does not take is unknown to it: what it cannot do must not be asked for in vain. */
static struct flag *table_of(const struct verb *verb)
{
    size_t own = count_rows(verb->flags);
    struct flag *table = xcalloc(own + ARRAY_LEN(shared), sizeof(*table));
    size_t count = own;

    if (own)
        memcpy(table, verb->flags, own * sizeof(*table));
    for (const struct flag *flag = shared; flag->name; flag++)
        if (shared_flags_concern(verb, flag->name))
            table[count++] = *flag;
    return table;
}

int shared_flags_parse(const struct verb *verb, int argc, char **argv, struct shared_flags *ret,
                       int *ret_rest, struct error *err)
{
    AUTO(mem_free) struct flag *table = table_of(verb);

    options = (struct shared_flags){0};
    int r = flags_parse(argc, argv, table, ret_rest, err);
    if (r < 0)
        return r;
    *ret = options;
    ret->access.timeout_ms = options.timeout / 1000000;
    ret->access.as_groups = options.as_groups.items;
    ret->access.as_group_count = options.as_groups.count;
    return 0;
}

static int choose_word(const char *flag, const char *text, const char *const *words, int *ret,
                       struct error *err)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(text, words[i]) == 0) {
            *ret = i;
            return 0;
        }
    return error_set(err, ERR_INVALID, "flag --%s: \"%s\" is not known (see --help)", flag, text);
}

int shared_flags_output(const struct shared_flags *given, enum output *ret, struct error *err)
{
    static const char *const words[] = {"table", "wide", "json", "yaml", "name", NULL};
    int chosen = OUTPUT_TABLE;
    int r = given->output ? choose_word("output", given->output, words, &chosen, err) : 0;

    if (r == 0)
        *ret = (enum output)chosen;
    return r;
}

int shared_flags_dry_run(const struct shared_flags *given, enum dry_run *ret, struct error *err)
{
    static const char *const words[] = {"none", "client", "server", NULL};
    int chosen = DRY_RUN_NONE;
    int r = given->dry_run ? choose_word("dry-run", given->dry_run, words, &chosen, err) : 0;

    if (r == 0)
        *ret = (enum dry_run)chosen;
    return r;
}
