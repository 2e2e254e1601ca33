#include "es_files.h"

#include <criterion/criterion.h>
#include <string.h>

#include "stash/error.h"

static void check(const char *file, const char *index, bool data)
{
    bool is_data = false;
    AUTO(mem_free) char *found = es_files_index(file, &is_data);

    cr_assert_str_eq(found, index);
    cr_assert_eq(is_data, data, "%s", file);
}

Test(es_files, a_files_index_is_its_name_without_type)
{
    bool data;

    check("a.json", "a", true);
    check("a.mapping.json", "a", false);
    check("logs-2026.01.settings.json", "logs-2026.01", false);
    check("logs-2026.01.json", "logs-2026.01", true);
    check("x.mapping.settings.json", "x.mapping", false);
    cr_assert_null(es_files_index("meta.txt", &data));
    cr_assert_null(es_files_index(".json", &data));
}

Test(es_files, a_name_like_anothers_file_is_ambiguous)
{
    const char *const bad[] = {"a.mapping", "a.settings", "a.template", "a.index",
                               "a.alias",   "a.analyzer", "a.json.b",   "a.split-1"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        cr_assert(es_files_is_ambiguous(bad[i]), "%s", bad[i]);
    cr_assert(!es_files_is_ambiguous("a.mappings"));
    cr_assert(!es_files_is_ambiguous("settings"));
    cr_assert(!es_files_is_ambiguous("a.mapping.2026"));
}

static int add_id(void *ctx, const char *id, struct error *err)
{
    (void)err;
    buf_addf(ctx, "%s ", id);
    return 0;
}

Test(es_files, documents_and_their_ids_are_read_however_they_come)
{
    static const char text[] =
        "{\"_index\":\"a\",\"_id\":\"1\",\"_source\":{\"_id\":\"no\"}}\n\n"
        "{\"_id\":\"q\\\"x\",\"_source\":{}}\n{\"_index\":\"a\",\"_id\":\"3\"}";

    for (size_t piece = 1; piece < sizeof(text); piece++) {
        AUTO(es_lines_done) struct es_lines lines;
        AUTO(buf_done) struct buf ids;
        struct error err;

        es_lines_init(&lines);
        buf_init(&ids, LIMIT_KIB);
        lines.on_id = add_id;
        lines.ctx = &ids;
        for (size_t at = 0; at < strlen(text); at += piece)
            es_lines_feed(&lines, text + at, at + piece < strlen(text) ? piece : strlen(text) - at,
                          &err);
        cr_assert_eq(es_lines_end(&lines, &err), 0);
        cr_assert_eq(lines.count, 3);
        cr_assert_str_eq(ids.data, "\"1\" \"q\\\"x\" \"3\" ");
    }
}

Test(es_files, a_long_document_takes_no_memory)
{
    AUTO(es_lines_done) struct es_lines lines;
    AUTO(mem_free) char *piece = xmalloc(LIMIT_MIB);
    struct error err;

    es_lines_init(&lines);
    memset(piece, 'x', LIMIT_MIB);
    for (int i = 0; i < 64; i++)
        cr_assert_eq(es_lines_feed(&lines, piece, LIMIT_MIB, &err), 0);
    cr_assert_eq(es_lines_end(&lines, &err), 0);
    cr_assert_eq(lines.count, 1);
    cr_assert_leq(lines.head.cap, 2 * ES_LINE_HEAD);
}
