/* es_beside.c - what lies beside the indices and is not dumped by the tool: whoever needs it is told. */
#include <string.h>
#include <unistd.h>

#include "es.h"
#include "stash/jsonx.h"

#define NAMES_MAX 300 /* bytes in a message */

static const struct kind {
    const char *path;
    const char *list; /* the answer's list of {"name", …}; NULL: the answer is {name: …} */
    const char *what;
} kinds[] = {
    {"_index_template?filter_path=index_templates.name,index_templates.index_template._meta",
     "index_templates", "index templates"},
    {"_component_template?filter_path=component_templates.name,"
     "component_templates.component_template._meta",
     "component_templates", "component templates"},
    {"_ingest/pipeline", NULL, "ingest pipelines"},
};

/* What the server made for itself, it makes again. */
static bool is_own(const char *name, const json_t *its)
{
    static const char *const holders[] = {"index_template", "component_template"};
    const json_t *meta = json_object_get(its, "_meta");

    for (size_t i = 0; i < ARRAY_LEN(holders); i++)
        if (!meta)
            meta = jsonx_get(its, holders[i], "_meta", NULL);
    return *name == '.' || strncmp(name, "xpack_monitoring_", strlen("xpack_monitoring_")) == 0 ||
           jsonx_bool(meta, false, "managed", NULL);
}

static void add_name(struct buf *names, const char *name, const json_t *its)
{
    if (name && !is_own(name, its) && !names->overflow)
        buf_addf(names, "%s%s", names->len ? ", " : "", name);
}

static void add_names(const struct kind *kind, const json_t *answer, struct buf *names)
{
    const char *name;
    json_t *its;
    size_t i;

    if (!kind->list) {
        jsonx_foreach_member (answer, name, its)
            add_name(names, name, its);
        return;
    }
    json_array_foreach (json_object_get(answer, kind->list), i, its)
        add_name(names, jsonx_str(its, "name", NULL), its);
}

/* ---- data streams -------------------------------------------------------------------------------------------------- */

#define STREAMS "_data_stream?filter_path=data_streams.name,data_streams.indices.index_name"

/* The tool dumps the indices behind a stream like others, where they are chosen. */
static bool is_dumped(const struct addon_run *run, const json_t *stream)
{
    size_t i;
    json_t *index;

    json_array_foreach (json_object_get(stream, "indices"), i, index) {
        const char *name = jsonx_str(index, "index_name", NULL);
        AUTO(mem_free) char *path = xasprintf("%s/%s.json", run->folder, name ? name : "");

        if (access(path, F_OK) < 0)
            return false;
    }
    return true;
}

static void tell_streams(struct addon_run *run, const json_t *answer)
{
    AUTO(buf_done) struct buf plain;
    AUTO(buf_done) struct buf missing;
    size_t i;
    json_t *stream;

    buf_init(&plain, NAMES_MAX);
    buf_init(&missing, NAMES_MAX);
    json_array_foreach (json_object_get(answer, "data_streams"), i, stream)
        add_name(is_dumped(run, stream) ? &plain : &missing, jsonx_str(stream, "name", NULL),
                 stream);
    if (missing.len > 0)
        addon_warn(run, "data streams are not in the dump: %s", missing.data);
    if (plain.len > 0)
        addon_warn(
            run,
            "of data streams only the documents are in the dump, and are restored as indices "
            "and not as streams: %s",
            plain.data);
}

void es_tell_stream(struct addon_run *run, const char *index)
{
    if (strncmp(index, ".ds-", strlen(".ds-")) == 0)
        addon_warn(
            run,
            "index %s was part of a data stream, and came back as an index: make the stream, "
            "and copy the documents into it (POST _reindex with op_type create)",
            index);
}

/* ---- everything ---------------------------------------------------------------------------------------------------- */

static bool is_unknown_to_server(const struct error *err)
{
    return err->code == 404 || err->code == 400 || err->code == 405;
}

void es_tell_left_out(struct addon_run *run)
{
    AUTO(buf_done) struct buf unasked;
    json_auto_t *streams = NULL;
    struct error why = {0};

    buf_init(&unasked, NAMES_MAX);
    if (es_get(es_of(run), STREAMS, "data streams", &streams, &why) == 0)
        tell_streams(run, streams);
    else if (!is_unknown_to_server(&why))
        buf_adds(&unasked, "data streams");
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        AUTO(buf_done) struct buf names;
        json_auto_t *answer = NULL;
        struct error err = {0};

        buf_init(&names, NAMES_MAX);
        if (es_get(es_of(run), kinds[i].path, kinds[i].what, &answer, &err) == 0)
            add_names(&kinds[i], answer, &names);
        else if (!is_unknown_to_server(&err))
            buf_addf(&unasked, "%s%s", unasked.len ? ", " : "", kinds[i].what);
        if (names.len > 0 || names.overflow)
            addon_warn(run, "%s are not in the dump, and not restored by it: %s%s", kinds[i].what,
                       names.len > 0 ? names.data : "", names.overflow ? " and more" : "");
    }
    if (unasked.len > 0)
        addon_warn(
            run,
            "the server did not say whether there are %s, which are not in the dump, or not as "
            "such",
            unasked.data);
}
