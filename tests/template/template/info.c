/* The row of the example in docs/addons.md. */
#include "stash/addon_info.h"

typedef const char *const list[];

static const struct addon_param params[] = {
    {"template-args", "args", "", ADDON_BACKUP | ADDON_RESTORE, ADDON_TEXT, "further options",
     NULL},
    {"strict", "strict", "false", ADDON_RESTORE, ADDON_BOOL, "refuse what is there already", NULL},
    {0},
};

const struct addon_info addon_info_template = {
    .name = "template",
    .backup = {"backup-template", "dump a template server into the repository",
               (list){"@repository", "@hostname", "template-args", "@wait", "@target", "@session",
                      "@retention", "@output", NULL}},
    .restore = {"restore-template", "load a template server from the repository",
                (list){"@repository", "@hostname", "@source", "template-args", "strict", "@wait",
                       "@target", "@snapshot", "@output", NULL}},
    .image = "stash-template",
    .versions = (list){"1.0", NULL},
    .shape = ADDON_STREAM,
    .stream_file = "dumpfile.rows",
    .end_mark = "-- end ",
    .params = params,
    .types = (list){"template", NULL},
};
