/* The suite report: "output" (a text) is read as output.json and merged into "have"; or a host's result is written. */
#include <string.h>

#include "golden.h"
#include "stash/jsonx.h"
#include "stash/report.h"
#include "stash/session_edit.h"

static json_t *read_output(const json_t *in, const char *text)
{
    json_auto_t *stats = NULL;
    json_t *merged;
    struct error err;

    if (report_parse(text, strlen(text), &stats, &err) < 0)
        return json_pack("{s:s}", "error", err.msg);
    merged = report_merge(jsonx_get(in, "have", NULL), stats);
    json_auto_t *again = report_merge(merged, stats);
    if (!json_equal(again, merged))
        golden_fail("a second report of the same hosts changes something");
    return merged;
}

/* The session with the hosts put in; the one given must not change. */
static json_t *edit_session(const json_t *in, const json_t *session)
{
    json_auto_t *before = json_deep_copy(jsonx_unconst(session));
    json_t *object = json_copy(jsonx_unconst(session));

    session_edit_hosts(object, jsonx_get(in, "ref", NULL), jsonx_get(in, "stats", NULL));
    if (!json_equal(before, jsonx_unconst(session)))
        golden_fail("the session that was read has changed");
    return object;
}

static json_t *run(const json_t *in)
{
    const char *output = jsonx_str(in, "output", NULL), *why = jsonx_str(in, "failure", NULL);
    const json_t *session = jsonx_get(in, "session", NULL);

    if (output)
        return read_output(in, output);
    if (session)
        return edit_session(in, session);
    if (why)
        return report_failed("host-0", why);
    return report_succeeded("host-0", jsonx_int(in, 0, "nanos", NULL),
                            jsonx_get(in, "snapshots", NULL));
}

int main(int argc, char **argv)
{
    return golden_main(argc, argv, run);
}
