#include "objects.h"

#include <string.h>

#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/kinds.h"
#include "stash/limits.h"
#include "stash/mem.h"
#include "stash/yaml.h"

/* The object in the namespace that kubectl would put it in. New reference. */
static json_t *place_object(json_t *object, const char *namespace)
{
    enum kind kind =
        kind_find(jsonx_str(object, "apiVersion", NULL), jsonx_str(object, "kind", NULL));
    const char *own = jsonx_namespace(object);

    if (kind == KIND_UNKNOWN || !kind_resource(kind)->namespaced || (own && *own))
        return json_incref(object);
    json_t *copy = json_copy(object);
    json_object_set_new(jsonx_own(copy, "metadata"), "namespace", json_string(namespace));
    return copy;
}

/* Lists are opened: kubectl get -o yaml and Helm write many objects as one document. */
static void flatten_list(const json_t *documents, const char *namespace, json_t *objects)
{
    for (size_t i = 0; i < json_array_size(documents); i++) {
        json_t *object = json_array_get(documents, i);
        const json_t *items = jsonx_get(object, "items", NULL);
        if (json_is_array(items))
            flatten_list(items, namespace, objects);
        else
            json_array_append_new(objects, place_object(object, namespace));
    }
}

int objects_load(const char *path, const char *namespace, json_t *objects, struct error *err)
{
    AUTO(mem_free) char *text = NULL;
    json_auto_t *documents = NULL;
    size_t len;
    int r = file_read(path, LIMIT_INPUT_FILE, &text, &len, err);

    if (r == 0)
        r = yaml_parse_all(text, len, &documents, err);
    if (r < 0)
        return error_wrap(err, "%s", path);
    flatten_list(documents, namespace, objects);
    return 0;
}

json_t *objects_split_names(const char *text)
{
    json_t *names = json_array();

    for (size_t len; text && *text; text += len + (text[len] == ',')) {
        len = strcspn(text, ",");
        if (len)
            json_array_append_new(names, json_stringn(text, len));
    }
    return names;
}
