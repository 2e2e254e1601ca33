/*
 * What no runner does with cases.
 *
 * usage: golden_case show SUITE CASE                       print it whole
 *        golden_case documents SUITE FOLDER                write FOLDER/CASE/in.json and want.json of every case
 *        golden_case write SUITE CASE IN WANT [BASE [OTHER]…]  make a case of two files; OTHER: cases it may refer to
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "golden_suite.h"
#include "golden_text.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/limits.h"

static int show(struct golden_suite *suite, const char *name, struct error *err)
{
    const json_t *doc = golden_suite_case(suite, name, err);

    if (!doc)
        return -(int)err->kind;
    AUTO(mem_free) char *text = golden_text_document(doc);
    fputs(text, stdout);
    return 0;
}

static int write_document(const char *folder, const char *name, const json_t *doc,
                          const char *member, struct error *err)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s/%s.json", folder, name, member);
    AUTO(mem_free)
    char *text = json_dumps(json_object_get(doc, member), JSON_INDENT(2) | JSON_ENCODE_ANY);

    return file_write(path, text, strlen(text), 0644, err);
}

static int documents(struct golden_suite *suite, const char *folder, struct error *err)
{
    const char *name;
    int r = 0;

    mkdir(folder, 0755);
    for (size_t i = 0; r == 0 && (name = golden_suite_name(suite, i)); i++) {
        AUTO(mem_free) char *path = xasprintf("%s/%s", folder, name);
        const json_t *doc = golden_suite_case(suite, name, err);
        mkdir(path, 0755);
        r = write_document(folder, name, doc, "in", err);
        if (r == 0)
            r = write_document(folder, name, doc, "want", err);
    }
    return r;
}

static json_t *load(const char *path, struct error *err)
{
    AUTO(mem_free) char *text = NULL;
    size_t len;
    json_t *doc = NULL;

    if (file_read(path, LIMIT_INPUT_FILE, &text, &len, err) == 0)
        jsonx_parse(text, len, &doc, err);
    return doc;
}

static int write_case(struct golden_suite *suite, int argc, char **argv, struct error *err)
{
    json_auto_t *in = load(argv[1], err);
    json_auto_t *want = in ? load(argv[2], err) : NULL;
    json_auto_t *pool = json_array();

    if (!want)
        return -(int)err->kind;
    for (int i = 3; i < argc; i++)
        json_array_append_new(pool, json_string(argv[i]));
    json_auto_t *doc = json_pack("{s:O, s:O}", "in", in, "want", want);
    return golden_suite_write(suite, argv[0], argc > 3 ? argv[3] : NULL, doc, pool, err);
}

int main(int argc, char **argv)
{
    struct error err = {0};
    AUTO(golden_suite_free)
    struct golden_suite *suite = argc > 3 ? golden_suite_open(argv[2], &err) : NULL;
    int r = -1;

    if (suite && strcmp(argv[1], "show") == 0)
        r = show(suite, argv[3], &err);
    else if (suite && strcmp(argv[1], "documents") == 0)
        r = documents(suite, argv[3], &err);
    else if (suite && strcmp(argv[1], "write") == 0 && argc > 5)
        r = write_case(suite, argc - 3, argv + 3, &err);
    if (r < 0)
        fprintf(stderr, "%s\n",
                *err.msg ? err.msg : "usage: golden_case show|documents|write SUITE …");
    return r < 0;
}
