/* Every case's patch applied by our own RFC 6902, as one document {case: object}: for programs that compare. */
#include <stdio.h>

#include "stash/jsonx.h"
#include "stash/mem.h"
#include "stash/patch.h"

static json_t *load(const char *suite, const char *name, const char *file)
{
    AUTO(mem_free) char *path = xasprintf("%s/%s/%s", suite, name, file);
    json_t *doc = json_load_file(path, 0, NULL);

    if (!doc)
        fprintf(stderr, "%s cannot be read\n", path);
    return doc;
}

static json_t *applied(const char *suite, const char *name)
{
    json_auto_t *in = load(suite, name, "in.json"), *want = load(suite, name, "want.json");
    json_t *result = NULL;
    struct error err;

    if (patch_apply(jsonx_get(in, "object", NULL), json_object_get(want, "patch"), &result, &err) <
        0)
        fprintf(stderr, "%s: %s\n", name, err.msg);
    return result;
}

int main(int argc, char **argv)
{
    json_auto_t *all = json_object();

    for (int i = 2; i < argc; i++)
        json_object_set_new(all, argv[i], applied(argv[1], argv[i]));
    AUTO(mem_free) char *text = jsonx_dump(all);
    puts(text);
    return json_object_size(all) == 0;
}
