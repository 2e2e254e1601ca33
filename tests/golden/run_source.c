/*
 * The suite source: which snapshots a restore takes, and which nobody owns. in lists the snapshots of a repository in
 * short form, {id, time, host, paths, tags, files?, original?} (an id is filled up with zeros), and asks one thing of them:
 *   wish       {source?, cluster?, target?, host?, path?, until?, dump?}: whose newest snapshot a restore takes;
 *              the answer has the rival: another invoker, or one of another cluster, that stores the same
 *   ids        ids or beginnings of them, as a rule names them
 *   unowned    {cluster, invokers}: what retention leaves alone
 *   adopt      {cluster, invoker, target, invokers, annotation}: what an annotation hands over
 * incomplete lists ids that are incomplete although their tags do not say so. The listing is fed at every split point.
 */
#include <string.h>

#include "golden.h"
#include "stash/adopt.h"
#include "stash/holdings.h"
#include "stash/jsonx.h"
#include "stash/text.h"
#include "stash/timefmt.h"

static char *whole_id(const char *id)
{
    return xasprintf("%s%0*d", id, (int)(RESTIC_ID_SIZE - 1 - strlen(id)), 0);
}

static const char *short_id(const char *id, char out[RESTIC_ID_SIZE])
{
    size_t len = strlen(id);

    memcpy(out, id, len + 1);
    while (len > 0 && out[len - 1] == '0')
        out[--len] = '\0';
    return out;
}

/* What restic would say. */
static json_t *entry_of(const json_t *row)
{
    AUTO(mem_free) char *id = whole_id(jsonx_str(row, "id", NULL));
    const char *original = jsonx_str(row, "original", NULL);
    AUTO(mem_free) char *first = original ? whole_id(original) : NULL;
    json_t *files = jsonx_get(row, "files", NULL);
    json_t *entry = json_pack("{s:s, s:s, s:s, s:O*, s:O, s:s*}", "id", id, "time",
                              jsonx_str(row, "time", NULL), "hostname",
                              jsonx_str(row, "host", NULL), "tags", jsonx_get(row, "tags", NULL),
                              "paths", jsonx_get(row, "paths", NULL), "original", first);

    if (files)
        json_object_set_new(entry, "summary", json_pack("{s:O}", "total_files_processed", files));
    return entry;
}

static char *listing_of(const json_t *in)
{
    json_auto_t *list = json_array();
    size_t i;
    json_t *row;

    json_array_foreach (jsonx_get(in, "snapshots", NULL), i, row)
        json_array_append_new(list, entry_of(row));
    return jsonx_dump(list);
}

static void feed(const char *text, size_t cut, restic_snapshot_fn fn, void *ctx)
{
    AUTO(restic_listing_done) struct restic_listing listing;
    struct error err;

    restic_listing_init(&listing, fn, ctx);
    restic_listing_feed(&listing, text, cut);
    restic_listing_feed(&listing, text + cut, strlen(text) - cut);
    if (restic_listing_end(&listing, &err) < 0)
        golden_fail("cut at %zu: %s", cut, err.msg);
}

/* ---- the answers -------------------------------------------------------------------------------------------------- */

static json_t *answer_wish(const struct holdings *holdings, const json_t *from)
{
    const char *until = jsonx_str(from, "until", NULL);
    int64_t date = 0;
    const struct holdings_wish wish = {
        .source = jsonx_str(from, "source", NULL),
        .cluster = jsonx_str(from, "cluster", NULL),
        .target = jsonx_str(from, "target", NULL),
        .host = jsonx_str(from, "host", NULL),
        .path = jsonx_str(from, "path", NULL),
        .until = until && timefmt_parse(until, &date) ? date : 0,
        .dump = jsonx_bool(from, 0, "dump", NULL),
    };
    const struct holding *found = NULL;
    char id[RESTIC_ID_SIZE];
    struct error err;

    if (holdings_choose(holdings, &wish, &found, &err) < 0)
        return json_pack("{s:s, s:s}", "kind", error_kind_name(err.kind), "error", err.msg);
    const struct holding *rival = holdings_rival(holdings, found);
    bool elsewhere = rival && !text_is(rival->cluster, found->cluster);
    return json_pack("{s:s, s:s?, s:s*, s:s*}", "takes", short_id(found->newest, id), "path",
                     found->path, "rival", rival ? rival->invoker : NULL, "rivalCluster",
                     elsewhere ? rival->cluster : NULL);
}

static json_t *answer_ids(const struct holdings *holdings, const json_t *ids)
{
    json_t *answers = json_object();
    size_t i;
    json_t *prefix;

    json_array_foreach (jsonx_unconst(ids), i, prefix) {
        const char *text = json_string_value(prefix);
        const struct holdings_wanted *found = NULL;
        char id[RESTIC_ID_SIZE];
        struct error err;

        json_object_set_new(answers, text,
                            json_string(holdings_found(holdings, text, &found, &err) < 0
                                            ? err.msg
                                            : short_id(found->id, id)));
    }
    return answers;
}

static json_t *answer_unowned(const struct holdings *holdings, const json_t *from)
{
    struct text examples;
    uint64_t count = holdings_unowned(holdings, jsonx_str(from, "cluster", NULL),
                                      jsonx_get(from, "invokers", NULL), &examples);

    return json_pack("{s:I, s:s}", "count", (json_int_t)count, "examples", examples.s);
}

static json_t *read_holdings(const json_t *in, const char *text, size_t cut)
{
    AUTO(holdings_done) struct holdings holdings;
    const json_t *ids = jsonx_get(in, "ids", NULL);
    json_auto_t *incomplete = json_array();
    size_t i;
    json_t *id;

    json_array_foreach (jsonx_get(in, "incomplete", NULL), i, id) {
        AUTO(mem_free) char *whole = whole_id(json_string_value(id));

        json_array_append_new(incomplete, json_string(whole));
    }
    holdings_init(&holdings, incomplete);
    json_array_foreach (jsonx_unconst(ids), i, id)
        holdings_want(&holdings, json_string_value(id));
    feed(text, cut, holdings_add, &holdings);
    if (ids)
        return answer_ids(&holdings, ids);
    if (jsonx_get(in, "unowned", NULL))
        return answer_unowned(&holdings, jsonx_get(in, "unowned", NULL));
    return answer_wish(&holdings, jsonx_get(in, "wish", NULL));
}

static json_t *read_adoption(const json_t *from, const char *text, size_t cut)
{
    AUTO(adoption_done)
    struct adoption adoption = {.cluster = jsonx_str(from, "cluster", NULL),
                                .invoker = jsonx_str(from, "invoker", NULL),
                                .target = jsonx_str(from, "target", NULL),
                                .invokers = jsonx_get(from, "invokers", NULL)};
    const struct owner owner = {adoption.cluster, "PersistentVolumeClaim/n/own", adoption.invoker};
    AUTO(mem_free) char *former = NULL;
    json_t *ids = json_array();
    bool wanted;
    struct error err;

    if (adoption_read(&adoption, jsonx_str(from, "annotation", NULL), &wanted, &err) < 0) {
        json_decref(ids);
        return json_pack("{s:s}", "error", err.msg);
    }
    feed(text, cut, adoption_add, &adoption);
    adoption_choose(&adoption);
    for (size_t i = 0; i < adoption.ids.count; i++) {
        char id[RESTIC_ID_SIZE];

        json_array_append_new(ids, json_string(short_id(adoption.ids.items[i], id)));
    }
    former = adoption_former_tags(&adoption, &owner);
    return json_pack("{s:b, s:o, s:s}", "wanted", wanted, "adopts", ids, "removesTags", former);
}

static json_t *read_case(const json_t *in, const char *text, size_t cut)
{
    const json_t *adopt = jsonx_get(in, "adopt", NULL);

    return adopt ? read_adoption(adopt, text, cut) : read_holdings(in, text, cut);
}

static json_t *run(const json_t *in)
{
    AUTO(mem_free) char *text = listing_of(in);
    json_t *whole = read_case(in, text, strlen(text));

    for (size_t cut = 0; cut < strlen(text); cut++) {
        json_auto_t *parts = read_case(in, text, cut);

        if (!json_equal(parts, whole))
            golden_fail("cut at %zu it reads otherwise", cut);
    }
    return whole;
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}
