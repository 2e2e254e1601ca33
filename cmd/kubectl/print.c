#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/table.h"
#include "stash/text.h"
#include "stash/yaml.h"

void print_note(const char *fmt, ...)
{
    va_list args;
    char text[2 * LIMIT_KIB];

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    AUTO(mem_free) char *line = table_word(text, 0);
    fprintf(stderr, "%s\n", line);
}

void print_rows(const struct table *table)
{
    AUTO(buf_done) struct buf text;

    buf_init(&text, LIMIT_INPUT_FILE);
    table_print(table, &text);
    fputs(text.data, stdout);
}

int print_confirm(const char *question, bool *ret, struct error *err)
{
    char answer[8] = "";

    if (!isatty(STDIN_FILENO))
        return error_set(err, ERR_INVALID, "nobody is here to be asked: add --yes");
    fprintf(stderr, "%s [y/N] ", question);
    *ret = fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
    return 0;
}

void print_document(enum output output, const json_t *document)
{
    if (output == OUTPUT_JSON) {
        AUTO(mem_free) char *text = jsonx_dump_pretty(document);
        fputs(text, stdout);
        return;
    }
    AUTO(buf_done) struct buf text;
    buf_init(&text, LIMIT_INPUT_FILE);
    yaml_print(&text, document);
    fputs(text.data, stdout);
}

/* "backupsession.stash.appscode.com/db-1730000000" */
static void print_name(const json_t *object)
{
    const char *version = text_or_empty(jsonx_str(object, "apiVersion", NULL));
    int group = (int)(strchr(version, '/') ? strchr(version, '/') - version : 0);
    AUTO(mem_free) char *kind = xstrdup(text_or_empty(jsonx_str(object, "kind", NULL)));

    for (char *c = kind; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    printf("%s%s%.*s/%s\n", kind, group ? "." : "", group, version,
           text_or_empty(jsonx_name(object)));
}

void print_object(const struct call *call, const json_t *object, const char *sentence)
{
    if (call->output == OUTPUT_NAME) {
        print_name(object);
    } else if (call->output == OUTPUT_JSON || call->output == OUTPUT_YAML) {
        print_document(call->output, object);
    } else {
        AUTO(mem_free) char *line = table_word(sentence, 0);
        puts(line);
    }
}
