/* The suite overview: of the objects (sessions first) the document that status makes of them, the text of it, and whether a
 * person has to do something. */
#include <string.h>

#include "golden.h"
#include "stash/jsonx.h"
#include "stash/limits.h"
#include "stash/overview.h"

static void add(struct overview *overview, const json_t *object)
{
    const char *kind = jsonx_str(object, "kind", NULL);

    if (strstr(kind, "Session"))
        overview_add_session(overview, object);
    else if (strcmp(kind, "Repository") == 0)
        overview_add_repository(overview, object);
    else
        overview_add_invoker(overview, object);
}

/* The lines of a text as an array. */
static json_t *lines_of(char *text)
{
    json_t *lines = json_array();
    char *rest = NULL;

    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        json_array_append_new(lines, json_string(line));
    return lines;
}

static json_t *run(const json_t *in)
{
    const json_t *objects = jsonx_get(in, "objects", NULL);
    struct overview_style style = {jsonx_int(in, 0, "now", NULL),
                                   jsonx_bool(in, false, "namespaces", NULL),
                                   jsonx_bool(in, false, "wide", NULL)};
    AUTO(overview_free) struct overview *overview = overview_new(style.now);
    AUTO(buf_done) struct buf text;

    for (size_t i = 0; i < json_array_size(objects); i++)
        add(overview, json_array_get(objects, i));
    json_auto_t *document = overview_document(overview);
    buf_init(&text, LIMIT_MIB);
    overview_print(document, &style, &text);
    return json_pack("{s:O, s:o, s:b}", "document", document, "text", lines_of(text.data),
                     "trouble", (int)overview_has_trouble(document));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}
