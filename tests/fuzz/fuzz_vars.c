/* Substitution: bounded, and a text whose dollars are doubled comes back as it was. */
#include <string.h>

#include "fuzz.h"
#include "stash/buf.h"
#include "stash/limits.h"
#include "stash/vars.h"

static void check_escape(const char *text, const json_t *vars)
{
    AUTO(buf_done) struct buf escaped;
    AUTO(mem_free) char *back = NULL;
    struct error err;

    buf_init(&escaped, 2 * LIMIT_TEMPLATE);
    for (const char *c = text; *c; c++)
        buf_adds(&escaped, *c == '$' ? "$$" : (char[2]){*c, '\0'});
    if (escaped.overflow || strlen(text) > LIMIT_TEMPLATE)
        return;
    BUG_ON(vars_expand(escaped.data, vars, &back, &err) != 0);
    BUG_ON(strcmp(back, text) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(mem_free) char *text = xstrndup((const char *)data, size);
    json_auto_t *vars = json_pack("{s:s,s:s,s:s}", "A", "x", "EMPTY", "", "B", "${A}\"\\");
    AUTO(mem_free) char *expanded = NULL;
    struct error err;

    if (vars_expand(text, vars, &expanded, &err) == 0)
        BUG_ON(strlen(expanded) > LIMIT_TEMPLATE);
    check_escape(text, vars);
    json_auto_t *doc = json_pack("{s:[s]}", "args", text);
    json_auto_t *result = NULL;
    if (doc) { /* NULL: not UTF-8 */
        (void)vars_mentions(doc, "A");
        BUG_ON((vars_expand_document(doc, vars, &result, &err) == 0) != (expanded != NULL));
    }
    return 0;
}
