#include "stash/addon_info.h"

typedef const char *const list[];

const struct addon_info addon_info_pvc = {
    .name = "pvc",
    .backup = {"backup-pvc", "back up folders of a mounted volume",
               (list){"@repository", "@hostname", "@stored-paths", "@invoker", "@session",
                      "@retention", "@output", NULL}},
    .restore = {"restore-pvc", "restore folders of a mounted volume",
                (list){"@repository", "@hostname", "@source", "@restored-paths", "@invoker",
                       "@output", NULL}},
    .shape = ADDON_PATHS,
    .mounts_volume = true,
    .tried = "claims of the test cluster",
    .verified = "that the paths are there and that restic could read every file; after a restore "
                "that files were written",
};
