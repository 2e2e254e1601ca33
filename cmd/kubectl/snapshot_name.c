/* snapshot_name.c - snapshots as Stash names them: <repository>-<8 digits of the id>, "store-1a2b3c4d". */
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"

const char *snapshot_name_id(const char *name)
{
    const char *dash = strrchr(name, '-');

    if (!dash || dash == name || strspn(dash + 1, "0123456789abcdef") != SNAPSHOT_ID_LEN ||
        strlen(dash + 1) != SNAPSHOT_ID_LEN)
        return NULL;
    return dash + 1;
}

int snapshot_name_read(const char *name, char **ret_repository, struct error *err)
{
    const char *id = snapshot_name_id(name);

    if (!id)
        return error_set(err, ERR_INVALID,
                         "%s is no snapshot's name: REPOSITORY-ID, as \"kubectl stash snapshots -o "
                         "name\" prints it",
                         name);
    *ret_repository = xstrndup(name, (size_t)(id - 1 - name));
    return 0;
}

char *snapshot_name_of(const json_t *row)
{
    return xasprintf("%s-%.*s", jsonx_str(row, "repository", NULL), SNAPSHOT_ID_LEN,
                     jsonx_str(row, "id", NULL));
}
