#include <string.h>
#include <strings.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/names.h"
#include "stash/spelling.h"

/* As kubectl takes kinds, and as people shorten them. */
static const struct {
    const char *word;
    enum kind kind;
} words[] = {
    {"backupconfiguration", KIND_BACKUP_CONFIGURATION},
    {"backupconfigurations", KIND_BACKUP_CONFIGURATION},
    {"backupconfig", KIND_BACKUP_CONFIGURATION},
    {"bc", KIND_BACKUP_CONFIGURATION},
    {"backupbatch", KIND_BACKUP_BATCH},
    {"backupbatches", KIND_BACKUP_BATCH},
    {"batch", KIND_BACKUP_BATCH},
    {"bb", KIND_BACKUP_BATCH},
};

static enum kind kind_of_word(const char *word, size_t len)
{
    static const char group[] = "." STASH_GROUP;
    size_t tail = strlen(group);

    if (len > tail && strncasecmp(word + len - tail, group, tail) == 0)
        len -= tail;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strlen(words[i].word) == len && strncasecmp(words[i].word, word, len) == 0)
            return words[i].kind;
    return KIND_UNKNOWN;
}

int reference_parse(const char *text, struct reference *ret, struct error *err)
{
    const char *slash = strchr(text, '/');
    enum kind kind = slash ? kind_of_word(text, (size_t)(slash - text)) : KIND_UNKNOWN;

    if (slash && kind == KIND_UNKNOWN)
        return error_set(err, ERR_INVALID,
                         "\"%.*s\" is no kind that makes backups: backupconfig or backupbatch",
                         (int)(slash - text), text);
    if (slash ? !slash[1] : !*text)
        return error_set(err, ERR_INVALID, "\"%s\" names nothing", text);
    *ret = (struct reference){kind, slash ? slash + 1 : text};
    return 0;
}

/* The name in a list that is nearly the same; borrowed. */
static const char *near_name(const json_t *objects, const char *name)
{
    const char *found = NULL;
    unsigned distance, best = 0;

    for (size_t i = 0; i < json_array_size(objects); i++) {
        const char *each = jsonx_name(json_array_get(objects, i));
        if (each && spelling_is_near(name, each, &distance) && (!found || distance < best)) {
            found = each;
            best = distance;
        }
    }
    return found;
}

static int tell_missing(const struct call *call, const struct reference *reference,
                        struct error *err)
{
    enum kind kind = reference->kind == KIND_UNKNOWN ? KIND_BACKUP_CONFIGURATION : reference->kind;
    const char *what = reference->kind == KIND_UNKNOWN ? "BackupConfiguration or BackupBatch"
                                                       : kind_resource(kind)->kind;
    json_auto_t *others = NULL;
    struct error ignored;
    const char *near =
        kube_list(call->kube, kind_resource(kind), call->namespace, NULL, &others, &ignored) == 0
            ? near_name(others, reference->name)
            : NULL;

    if (near)
        return error_set_code(err, ERR_NOT_FOUND, 404,
                              "there is no %s \"%s\" in namespace %s: did you mean \"%s\"?", what,
                              reference->name, call->namespace, near);
    return error_set_code(err, ERR_NOT_FOUND, 404,
                          "there is no %s \"%s\" in namespace %s (kubectl stash status -A shows "
                          "all)",
                          what, reference->name, call->namespace);
}

static int get_one(const struct call *call, enum kind kind, const char *name, json_t **ret,
                   struct error *err)
{
    return kube_get(call->kube, kind_resource(kind), call->namespace, name, ret, err);
}

bool reference_kind_is_missing(const struct error *err)
{
    return err->kind == ERR_NOT_FOUND &&
           (strstr(err->msg, "404 page not found") ||
            strstr(err->msg, "could not find the requested resource"));
}

static bool is_object_missing(int r, const struct error *err)
{
    return r == -ERR_NOT_FOUND && !reference_kind_is_missing(err);
}

int reference_get(const struct call *call, const struct reference *reference, json_t **ret,
                  struct error *err)
{
    bool any = reference->kind == KIND_UNKNOWN;
    int r =
        get_one(call, any ? KIND_BACKUP_CONFIGURATION : reference->kind, reference->name, ret, err);

    if (any && is_object_missing(r, err))
        r = get_one(call, KIND_BACKUP_BATCH, reference->name, ret, err);
    return is_object_missing(r, err) ? tell_missing(call, reference, err) : r;
}
