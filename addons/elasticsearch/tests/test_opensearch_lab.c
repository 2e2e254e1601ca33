/*
 * The real OpenSearch and multielasticdump, with the real restic: what an index is beside its documents, and data streams,
 * which the Elasticsearch of the other test does not have.
 */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "lab.h"
#include "stash/jsonx.h"

#define CURL "curl -sS --fail-with-body -H 'Content-Type: application/json' "
#define URL  "http://127.0.0.1:19201/"

static void start(struct lab *lab)
{
    const char *tools = getenv("STASH_LAB_TOOLS");
    AUTO(mem_free) char *libraries = xasprintf("%s/opensearch", tools ? tools : "");

    if (access(libraries, F_OK) < 0)
        cr_skip_test("no OpenSearch: scripts/lab");
    lab_open(lab, "opensearch");
    lab_start(lab,
              "mkdir -p \"$LAB/os/config\" && exec java -Xmx512m -cp "
              "\"$STASH_LAB_TOOLS/opensearch/*\" " TESTS
              "/OpenSearch.java \"$LAB/os\" 19201 19301 >\"$LAB/os/log\" 2>&1",
              CURL "'" URL "_cluster/health' >/dev/null 2>&1");
}

/* The answer to a request, seen by a filter of jq. */
static void check(const char *request, const char *filter, const char *expected)
{
    AUTO(mem_free) char *command = xasprintf(CURL "%s | jq -c '%s'", request, filter);
    AUTO(mem_free) char *text = lab_ask(command);

    cr_assert_str_eq(text, expected, "%s", request);
}

static void quietly(const char *request)
{
    AUTO(mem_free) char *command = xasprintf(CURL "%s >/dev/null", request);

    lab_do(command);
}

static void aliases_and_mappings_come_back(struct lab *lab)
{
    quietly(
        "-X PUT '" URL "books' -d '{\"aliases\":{\"current\":{\"is_write_index\":true,"
        "\"filter\":{\"term\":{\"n\":1}}},\"shelf\":{}},\"settings\":{\"analysis\":{\"analyzer\":"
        "{\"mine\":{\"type\":\"custom\",\"tokenizer\":\"standard\"}}}},\"mappings\":"
        "{\"properties\":{\"n\":{\"type\":\"long\"},\"ip\":{\"type\":\"ip\"},"
        "\"t\":{\"type\":\"text\",\"analyzer\":\"mine\"}}}}'");
    quietly("-X PUT '" URL
            "books/_doc/1?refresh=true' -d '{\"n\":1,\"ip\":\"1.2.3.4\",\"t\":\"a\"}'");
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    cr_assert_null(jsonx_get(stored, "warnings", NULL));
    quietly("-X DELETE '" URL "books'");
    json_auto_t *restored = lab_restore(lab);
    lab_check_succeeded(restored);
    cr_assert_null(jsonx_get(restored, "warnings", NULL));
    check("'" URL "_alias'", ".books.aliases",
          "{\"current\":{\"filter\":{\"term\":{\"n\":1}},\"is_write_index\":true},\"shelf\":{}}");
    check("'" URL "books/_mapping'", ".books.mappings.properties.ip.type", "\"ip\"");
}

/* The name is taken by an index: the tool goes on. */
static void an_alias_that_cannot_come_back_is_told(struct lab *lab)
{
    quietly("-X DELETE '" URL "books'");
    quietly("-X PUT '" URL "shelf'");
    json_auto_t *restored = lab_restore(lab);
    lab_check_succeeded(restored);
    lab_check_warned(restored, "index books: its aliases were not restored: current, shelf");
    quietly("-X DELETE '" URL "shelf'");
}

/* Restore what is in $INTERIM after a change to a file of it, as if a snapshot held that. */
static json_t *restore_changed(struct lab *lab, const char *change)
{
    AUTO(mem_free)
    char *command =
        xasprintf("%s && restic backup --json --no-cache --host host-0 \"$INTERIM\" | jq "
                  "-r 'select(.message_type == \"summary\").snapshot_id'",
                  change);
    AUTO(mem_free) char *id = lab_ask(command);
    json_t *stat;

    quietly("-X DELETE '" URL "books'");
    lab->stage.flags.snapshots = id;
    stat = lab_restore(lab);
    lab->stage.flags.snapshots = NULL;
    return stat;
}

/* As a server does that lacks an analyzer: then it guesses, and all documents fit. */
static void a_mapping_that_the_server_refuses_is_no_success(struct lab *lab)
{
    json_auto_t *settings =
        restore_changed(lab, "sed -i s/standard/elsewhere/ \"$INTERIM/books.settings.json\"");
    lab_check_failed(settings, "index books: the server did not take its mapping or settings: "
                               "field ip is text on the server, and ip in the dump");
    json_auto_t *whole =
        restore_changed(lab, "sed -i s/elsewhere/standard/ \"$INTERIM/books.settings.json\"");
    lab_check_succeeded(whole);
    quietly("-X DELETE '" URL "books' && " CURL "-X PUT '" URL
            "books' -d '{\"mappings\":{\"properties\":{\"ip\":{\"type\":\"keyword\"}}}}'");
    json_auto_t *own = lab_restore(lab);
    lab_check_succeeded(own);
    lab_check_warned(own,
                     "index books was there before, with another mapping: field ip is keyword");
}

static void documents_without_source_are_told(struct lab *lab)
{
    quietly("-X PUT '" URL "blind' -d '{\"mappings\":{\"_source\":{\"enabled\":false}}}' && " CURL
            "-X PUT '" URL "blind/_doc/1?refresh=true' -d '{\"n\":1}'");
    json_auto_t *none = lab_back_up(lab);
    lab_check_failed(none, "index blind keeps no source of its documents");
    quietly("-X DELETE '" URL "blind' && " CURL "-X PUT '" URL
            "half' -d '{\"mappings\":{\"_source\":{\"excludes\":[\"secret\"]}}}'");
    json_auto_t *half = lab_back_up(lab);
    lab_check_succeeded(half);
    lab_check_warned(half, "index half keeps only a part of its documents' source");
    quietly("-X DELETE '" URL "half'");
}

/* It can be left out, and is named when it is not. */
static void a_closed_index_keeps_no_other_from_being_stored(struct lab *lab)
{
    quietly("-X PUT '" URL "shut' && " CURL "-X POST '" URL "shut/_close'");
    json_auto_t *all = lab_back_up(lab);
    lab_check_failed(all, "shut");
    lab_set(lab, "es-args", "--match=^books$");
    json_auto_t *books = lab_back_up(lab);
    lab_check_succeeded(books);
    lab_set(lab, "es-args", NULL);
    quietly("-X DELETE '" URL "shut'");
}

static void add_stream(void)
{
    quietly("-X PUT '" URL "_index_template/logs' -d '{\"index_patterns\":[\"logs-*\"],"
            "\"data_stream\":{}}'");
    for (int i = 0; i < 5; i++) {
        AUTO(mem_free)
        char *add = xasprintf("-X POST '" URL "logs-app/_doc?refresh=true' -d '{\"@timestamp\":"
                              "\"2026-01-01T00:00:0%dZ\"}'",
                              i);

        quietly(add);
        if (i == 2)
            quietly("-X POST '" URL "logs-app/_rollover'");
    }
}

static void a_data_stream_comes_back_as_indices_and_that_is_told(struct lab *lab)
{
    add_stream();
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_check_warned(stored, "of data streams only the documents are in the dump");
    lab_set(lab, "es-args", "--match=^[a-z]");
    json_auto_t *without = lab_back_up(lab);
    lab_check_succeeded(without);
    lab_check_warned(without, "data streams are not in the dump: logs-app");
    lab_set(lab, "es-args", NULL);
    quietly("-X DELETE '" URL "_data_stream/logs-app'");
    json_auto_t *again = lab_back_up(lab);
    lab_check_succeeded(again);
    AUTO(mem_free)
    char *first =
        xstrdup(jsonx_str(json_array_get(jsonx_get(stored, "snapshots", NULL), 0), "name", NULL));
    lab->stage.flags.snapshots = first;
    json_auto_t *restored = lab_restore(lab);
    lab->stage.flags.snapshots = NULL;
    lab_check_succeeded(restored);
    lab_check_warned(restored, "index .ds-logs-app-000001 was part of a data stream");
    check("'" URL ".ds-logs-app-000001/_count'", ".count", "3");
    check("'" URL ".ds-logs-app-000002/_count'", ".count", "2");
}

Test(opensearch_lab, an_index_is_more_than_its_documents, .timeout = 900)
{
    AUTO(lab_done) struct lab lab = {0};

    start(&lab);
    aliases_and_mappings_come_back(&lab);
    an_alias_that_cannot_come_back_is_told(&lab);
    quietly("-X DELETE '" URL "books'");
    json_auto_t *restored = lab_restore(&lab);
    lab_check_succeeded(restored);
    a_mapping_that_the_server_refuses_is_no_success(&lab);
    documents_without_source_are_told(&lab);
    a_closed_index_keeps_no_other_from_being_stored(&lab);
    a_data_stream_comes_back_as_indices_and_that_is_told(&lab);
}
