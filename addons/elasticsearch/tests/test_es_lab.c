/* The real Elasticsearch and multielasticdump, with the real restic. One server: it takes half a minute to come up. */
#include <criterion/criterion.h>
#include <string.h>

#include "lab.h"
#include "stash/jsonx.h"

#define ES                                                                                         \
    "curl -sS --fail-with-body -u \"elastic:$ES_PASSWORD\" -H 'Content-Type: application/json' "
#define URL "http://127.0.0.1:19200/"

static void start(struct lab *lab)
{
    AUTO(mem_free) char *folder = lab_ask("mktemp -d /tmp/stash-es-XXXXXX");
    AUTO(mem_free)
    char *command = xasprintf("exec %s/start %s \"$STASH_LAB_TOOLS\" >/dev/null", TESTS, folder);

    setenv("ES_FOLDER", folder, 1);
    setenv("ES_PASSWORD", "P%41s\"s w0rd", 1);
    lab_start(lab, command, ES "'" URL "_template' >/dev/null 2>&1");
}

static void add_documents(const char *index, int count)
{
    AUTO(mem_free)
    char *command = xasprintf("for i in $(seq %d); do echo '{\"index\":{\"_id\":\"'$i'\"}}'; echo "
                              "'{\"n\":'$i',\"text\":\"document\"}'; done | " ES
                              "-X POST --data-binary @- '" URL "%s/_bulk?refresh=true' >/dev/null",
                              count, index);

    lab_do(command);
}

static void check_count(const char *index, const char *expected)
{
    AUTO(mem_free) char *command = xasprintf(ES "'" URL "%s/_count' | jq .count", index);
    AUTO(mem_free) char *text = lab_ask(command);

    cr_assert_str_eq(text, expected, "index %s", index);
}

static void check_backup_fails(struct lab *lab, const char *why)
{
    json_auto_t *stat = lab_back_up(lab);

    lab_check_failed(stat, why);
}

static void documents_come_back(struct lab *lab)
{
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_do(ES "-X DELETE '" URL "books' >/dev/null");
    json_auto_t *restored = lab_restore(lab);
    lab_check_succeeded(restored);
    check_count("books", "25");
    check_count("authors", "3");
}

/* Three of the dump's documents do not fit the index as it is now. */
static void refused_documents_are_missed(struct lab *lab)
{
    lab_do(ES "-X DELETE '" URL "authors' >/dev/null && " ES "-X PUT '" URL
              "authors' -d '{\"mappings\":{\"properties\":{\"n\":{\"type\":\"boolean\"}}}}' "
              ">/dev/null");
    json_auto_t *restored = lab_restore(lab);
    cr_assert_str_eq(jsonx_str(restored, "phase", NULL), "Failed");
    lab_do(ES "-X DELETE '" URL "authors' >/dev/null");
    add_documents("authors", 3);
}

static void what_the_tool_leaves_out_is_told(struct lab *lab)
{
    json_auto_t *none = lab_back_up(lab);
    cr_assert_null(jsonx_get(none, "warnings", NULL), "the server's own are no loss");
    lab_do(ES "-X PUT '" URL "_component_template/parts' -d '{\"template\":{}}' >/dev/null && " ES
              "-X PUT '" URL "_index_template/logs-of-mine' -d '{\"index_patterns\":[\"mine-*\"],"
              "\"composed_of\":[\"parts\"]}' >/dev/null && " ES "-X PUT '" URL
              "_ingest/pipeline/washing' -d '{\"processors\":[]}' >/dev/null");
    json_auto_t *told = lab_back_up(lab);
    lab_check_succeeded(told);
    lab_check_warned(told,
                     "component templates are not in the dump, and not restored by it: parts");
    lab_check_warned(told,
                     "index templates are not in the dump, and not restored by it: logs-of-mine");
    lab_check_warned(told, "ingest pipelines are not in the dump, and not restored by it: washing");
    lab_do(ES "-X DELETE '" URL "_index_template/logs-of-mine' >/dev/null && " ES "-X DELETE '" URL
              "_component_template/parts' >/dev/null && " ES "-X DELETE '" URL
              "_ingest/pipeline/washing' >/dev/null");
}

/* The documents are there already; the server writes none of the dump's. */
static void documents_that_were_there_are_no_proof(struct lab *lab)
{
    lab_do(ES "-X PUT '" URL "authors/_settings' -d '{\"index.blocks.write\":true}' >/dev/null");
    json_auto_t *blocked = lab_restore(lab);
    lab_check_failed(blocked, "index authors: 0 of the dump's 3 documents were written");
    lab_do(ES "-X DELETE '" URL "authors' >/dev/null && " ES "-X PUT '" URL
              "authors' -d '{\"settings\":{\"number_of_shards\":3},\"mappings\":{\"properties\":"
              "{\"n\":{\"type\":\"boolean\"}}}}' >/dev/null && for i in 1 2 3 4; do " ES
              "-X PUT '" URL "authors/_doc/'$i'?refresh=true' -d '{\"n\":true}' >/dev/null; done");
    json_auto_t *conflict = lab_restore(lab);
    lab_check_failed(conflict, "index authors: 0 of the dump's 3 documents were written");
    lab_do(ES "-X DELETE '" URL "authors' >/dev/null");
    add_documents("authors", 3);
    json_auto_t *over = lab_restore(lab);
    lab_check_succeeded(over);
}

/* As lifecycles leave an index, and full disks. */
static void an_index_that_was_read_only_comes_back(struct lab *lab)
{
    lab_do(ES "-X PUT '" URL "books/_settings' -d '{\"index.blocks.write\":true}' >/dev/null");
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_do(ES "-X DELETE '" URL "books' >/dev/null");
    json_auto_t *restored = lab_restore(lab);
    lab_check_succeeded(restored);
    lab_check_warned(restored, "index books was read only");
    check_count("books", "25");
}

/* Old indices go at any time: one that does so before its turn comes is no loss of the others. */
static void an_index_that_is_deleted_meanwhile_is_no_failure(struct lab *lab)
{
    add_documents("zold", 3);
    lab_do("rm -f $INTERIM/*; (until [ -e $INTERIM/authors.settings.json ]; do sleep 0.1; done; " ES
           "-X DELETE '" URL "zold') >/dev/null 2>&1 &");
    lab_set(lab, "es-args", "--parallel=1");
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_check_warned(stored, "zold");
    lab_set(lab, "es-args", NULL);
}

/* More than the agent reads. The documents are in the dump, and so is the mapping. */
static void an_index_of_very_many_fields_is_no_failure(struct lab *lab)
{
    lab_do(
        "jq -cn '{settings: {\"index.mapping.total_fields.limit\": 50000}, mappings: {properties: "
        "([range(25000) | {key: (\"a_field_whose_name_is_as_long_as_those_that_programs_make_\" + "
        "tostring), value: {type: \"keyword\"}}] | from_entries)}}' | " ES
        "-X PUT --data-binary @- '" URL "wide' >/dev/null");
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_check_warned(stored, "index wide: its mapping is in the dump, and too large");
    lab_do(ES "-X DELETE '" URL "wide' >/dev/null");
}

static void check_restore(struct lab *lab, const char *args, const char *why)
{
    lab_set(lab, "es-args", args);
    json_auto_t *stat = lab_restore(lab);
    if (why)
        lab_check_failed(stat, why);
    else
        lab_check_succeeded(stat);
    lab_set(lab, "es-args", NULL);
}

#define READ_ONLY "-d '{\"settings\":{\"index.blocks.write\":true}}' >/dev/null"

/* A part of the dump, a copy beside what is there, or another one in its place. */
static void a_restore_is_looked_at_whatever_its_words(struct lab *lab)
{
    check_restore(lab, "--match=^typo$", "chooses none of the dump's 2 indices");
    check_restore(lab, "--match=^authors$", NULL); /* the others are left alone */
    check_restore(lab, "--delete --match=^authors$", NULL);
    check_count("authors", "3");
    lab_do(ES "-X PUT '" URL "copy-authors-1' " READ_ONLY);
    check_restore(lab, "--prefix=copy- --suffix=-1",
                  "index authors: 0 of the dump's 3 documents were written");
    lab_do(ES "-X DELETE '" URL "copy-authors-1,copy-books-1' >/dev/null");
    check_restore(lab, "--prefix=copy- --suffix=-1", NULL);
    check_count("copy-books-1", "25");
    lab_do(ES "-X DELETE '" URL "copy-books-1,copy-authors-1' >/dev/null && " ES "-X PUT '" URL
              "authors/_settings' -d '{\"index.blocks.write\":true}' >/dev/null");
    check_restore(lab, "--searchBody={}", "index authors: 0 of the dump's 3 documents");
    check_restore(lab, "--bulkAction=create", "index authors: 0 of the dump's 3 documents");
    check_restore(lab, "--transform=doc._source.new=1",
                  "index authors: none of the dump's 3 documents was written");
    lab_do(ES "-X PUT '" URL "authors/_settings' -d '{\"index.blocks.write\":false}' >/dev/null");
    check_restore(lab, "--transform=doc._source.new=1", NULL);
}

static void an_index_like_a_file_is_refused_by_name(struct lab *lab)
{
    add_documents("books.mapping", 1);
    check_backup_fails(lab, "cannot tell the files of books.mapping from those of other indices");
    lab_set(lab, "es-args", "--match=^(books|authors)$");
    json_auto_t *stored = lab_back_up(lab);
    lab_check_succeeded(stored);
    lab_do(ES "-X DELETE '" URL "books.mapping' >/dev/null");
    lab_set(lab, "es-args", NULL);
}

/* A tool that leaves out five documents, while one is written. */
static void a_write_meanwhile_hides_no_loss(struct lab *lab)
{
    AUTO(mem_free) char *path = xstrdup(getenv("PATH"));
    AUTO(mem_free) char *first = lab_ask("echo \"$LAB/bin:$PATH\"");

    lab_do("mkdir \"$LAB/bin\" && printf 'user = %s\\n' \"$(jq -n --arg u \"elastic:$ES_PASSWORD\" "
           "'$u')\" >\"$LAB/curlrc\" && cat >\"$LAB/bin/multielasticdump\" <<TEXT\n"
           "#!/bin/sh\n"
           "$(command -v multielasticdump) \"\\$@\" || exit\n"
           "for arg; do case \\$arg in --output=/*) sed -i 3,7d \"\\${arg#*=}/books.json\" ;; "
           "esac; done\n"
           "curl -sS --fail-with-body -K $LAB/curlrc -H 'Content-Type: application/json' -X PUT "
           "'" URL "books/_doc/new?refresh=true' -d '{}' >/dev/null\n"
           "TEXT\n"
           "chmod 755 \"$LAB/bin/multielasticdump\"");
    setenv("PATH", first, 1);
    check_backup_fails(lab, "index books: 20 of 25 documents are in the dump");
    setenv("PATH", path, 1);
    json_auto_t *whole = lab_back_up(lab);
    lab_check_succeeded(whole);
}

/* A shard that is nowhere: half of its documents cannot be read. */
static void a_red_index_is_no_success(struct lab *lab)
{
    lab_do(ES "-X PUT '" URL "half?wait_for_active_shards=0&timeout=1s' -d "
              "'{\"settings\":{\"index.routing.allocation.require._name\":\"nowhere\"}}' "
              ">/dev/null");
    json_auto_t *stat = lab_back_up(lab);
    cr_assert_str_eq(jsonx_str(stat, "phase", NULL), "Failed");
    lab_set(lab, "es-args", "--ignoreType=data");
    check_backup_fails(lab, "half");
    lab_set(lab, "es-args", NULL);
    lab_do(ES "-X DELETE '" URL "half' >/dev/null");
}

/* Users of the server's own security: tests/start makes them. */
static json_t *back_up_as(struct lab *lab, const char *appbinding)
{
    json_t *stat;

    lab->stage.flags.appbinding = appbinding;
    stat = lab_back_up(lab);
    lab->stage.flags.appbinding = "es";
    return stat;
}

static bool warned(const json_t *stat, const char *what)
{
    size_t i;
    json_t *warning;

    json_array_foreach (jsonx_get(stat, "warnings", NULL), i, warning)
        if (strstr(json_string_value(warning), what))
            return true;
    return false;
}

#define SEES_NOT_ALL  "user some_indices may not see all indices: "
#define READS_NOT_ALL "user some_documents may read only some documents or fields of these indices"

static void what_the_user_may_not_see_is_told(struct lab *lab)
{
    lab_do(ES "-X PUT '" URL "veiled' -d '{\"settings\":{\"index.hidden\":true}}' >/dev/null");
    json_auto_t *all = lab_back_up(lab);
    cr_assert_null(jsonx_get(all, "warnings", NULL), "who sees all is told nothing");
    json_auto_t *some = back_up_as(lab, "es-some-indices");
    lab_check_succeeded(some);
    lab_check_warned(some, SEES_NOT_ALL);
    lab_check_warned(some, "view_index_metadata and monitor on them): ");
    cr_assert(warned(some, "authors") && warned(some, "veiled"));
    lab_set(lab, "es-args", "--match=^(?![.]).+");
    json_auto_t *no_choice = back_up_as(lab, "es-some-indices");
    lab_check_succeeded(no_choice);
    lab_check_warned(no_choice, SEES_NOT_ALL);
    lab_set(lab, "es-args", "--match=^books$");
    json_auto_t *chosen = back_up_as(lab, "es-some-indices");
    lab_check_succeeded(chosen);
    cr_assert_not(warned(chosen, SEES_NOT_ALL), "the user chose what is dumped");
    json_auto_t *documents = back_up_as(lab, "es-some-documents");
    lab_check_succeeded(documents);
    lab_check_warned(documents, READS_NOT_ALL);
    lab_check_warned(documents, "the others are not in the dump: books");
    cr_assert_not(warned(documents, "authors"), "it was not dumped");
    lab_set(lab, "es-args", NULL);
    lab_do(ES "-X DELETE '" URL "veiled' >/dev/null");
}

static void words_that_are_not_the_users_are_refused(struct lab *lab)
{
    lab_set(lab, "es-args", "--match=books --output /tmp");
    check_backup_fails(lab, "parameter args: --output cannot be used");
    lab_set(lab, "es-args", NULL);
}

Test(es_lab, what_was_dumped_comes_back_and_what_was_not_is_told, .timeout = 900)
{
    AUTO(lab_done) struct lab lab = {0};

    lab_open(&lab, "es");
    start(&lab);
    add_documents("books", 25);
    add_documents("authors", 3);
    documents_come_back(&lab);
    an_index_that_was_read_only_comes_back(&lab);
    an_index_that_is_deleted_meanwhile_is_no_failure(&lab);
    refused_documents_are_missed(&lab);
    what_the_tool_leaves_out_is_told(&lab);
    documents_that_were_there_are_no_proof(&lab);
    a_restore_is_looked_at_whatever_its_words(&lab);
    what_the_user_may_not_see_is_told(
        &lab); /* and no restore afterwards: there are dumps of other targets */
    words_that_are_not_the_users_are_refused(&lab);
    lab_set(&lab, "es-args", "--match=^typo$");
    check_backup_fails(&lab, "no index matches");
    lab_set(&lab, "es-args", NULL);
    an_index_of_very_many_fields_is_no_failure(&lab);
    an_index_like_a_file_is_refused_by_name(&lab);
    a_write_meanwhile_hides_no_loss(&lab);
    a_red_index_is_no_success(&lab);
    lab_stop(&lab);
    lab_do("rm -r \"$ES_FOLDER\"");
}
