#include "record.h"

#include <string.h>

#include "stash/buf.h"
#include "stash/error.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

/* Append a string with its NUL; where it begins. */
static size_t add_string(struct buf *bytes, const char *text)
{
    size_t at = bytes->len;
    if (text)
        buf_adds(bytes, text);
    buf_addc(bytes, '\0');
    return at;
}

static size_t add_labels(struct buf *bytes, const json_t *doc)
{
    size_t at = bytes->len;
    const char *key = NULL;
    json_t *value = NULL;
    jsonx_foreach_member (jsonx_get(doc, "metadata", "labels", NULL), key, value) {
        if (json_is_string(value))
            buf_addf(bytes, "%s=%s%c", key, json_string_value(value), '\0');
    }
    buf_addc(bytes, '\0');
    return at;
}

static int add_piece(const char *data, size_t len, void *bytes)
{
    return buf_add(bytes, data, len) ? 0 : -1;
}

struct record *record_new(const json_t *doc, uint64_t serial)
{
    AUTO(buf_done) struct buf bytes;
    buf_init(&bytes, LIMIT_HTTP_RESPONSE);
    size_t namespace = add_string(&bytes, jsonx_namespace(doc));
    size_t name = add_string(&bytes, jsonx_name(doc));
    size_t uid = add_string(&bytes, jsonx_uid(doc));
    size_t version = add_string(&bytes, jsonx_str(doc, "metadata", "resourceVersion", NULL));
    size_t created = add_string(&bytes, jsonx_str(doc, "metadata", "creationTimestamp", NULL));
    size_t labels = add_labels(&bytes, doc);
    size_t text = bytes.len;
    BUG_ON(json_dump_callback(doc, add_piece, &bytes, JSON_COMPACT) != 0);
    struct record *record = xmalloc(sizeof(*record) + bytes.len + 1);
    memset(record, 0, sizeof(*record));
    atomic_init(&record->references, 1);
    record->serial = serial;
    record->text_len = bytes.len - text;
    memcpy(record->bytes, bytes.data, bytes.len + 1);
    record->namespace = record->bytes + namespace;
    record->name = record->bytes + name;
    record->uid = record->bytes + uid;
    record->version = record->bytes + version;
    record->created = record->bytes + created;
    record->labels = record->bytes + labels;
    record->text = record->bytes + text;
    return record;
}

struct record *record_ref(struct record *record)
{
    atomic_fetch_add(&record->references, 1);
    return record;
}

void record_unref(struct record *record)
{
    if (!record || atomic_fetch_sub(&record->references, 1) > 1)
        return;
    free(record->postings);
    free(record);
}

size_t record_weight(const struct record *record)
{
    return record->key_bytes > record->text_len ? record->key_bytes : record->text_len;
}

json_t *record_parse(const struct record *record)
{
    json_t *doc = json_loadb(record->text, record->text_len, 0, NULL);
    BUG_ON(!doc); /* we wrote that text ourselves */
    return doc;
}

int record_compare(const void *a, const void *b)
{
    const struct record *left = a;
    const struct record *right = b;
    int by_namespace = strcmp(left->namespace, right->namespace);
    return by_namespace ? by_namespace : strcmp(left->name, right->name);
}

bool record_is_same(const struct record *a, const struct record *b)
{
    if (a->unread != b->unread)
        return false;
    /* a resourceVersion is good for one question only: is it the same? */
    if (*b->version)
        return strcmp(a->version, b->version) == 0 && strcmp(a->uid, b->uid) == 0;
    return a->text_len == b->text_len && memcmp(a->text, b->text, a->text_len) == 0;
}

static bool is_number(const char *text)
{
    return *text && text[strspn(text, "0123456789")] == '\0';
}

bool record_is_newer(const struct record *a, const struct record *b)
{
    if (strcmp(a->uid, b->uid) != 0 || !is_number(a->version) || !is_number(b->version))
        return false;
    size_t len_a = strlen(a->version);
    size_t len_b = strlen(b->version);
    return len_a != len_b ? len_a > len_b : strcmp(a->version, b->version) > 0;
}

static bool has_label(const struct record *record, const char *pair, size_t len)
{
    for (const char *label = record->labels; *label; label += strlen(label) + 1)
        if (strncmp(label, pair, len) == 0 && label[len] == '\0')
            return true;
    return false;
}

bool record_matches(const struct record *record, const char *selector)
{
    while (selector && *selector) {
        size_t len = strcspn(selector, ",");
        if (!has_label(record, selector, len))
            return false;
        selector += len + (selector[len] == ',');
    }
    return true;
}
