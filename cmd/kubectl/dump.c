/* dump.c - kubectl stash dump: one file of a snapshot, to standard output. */
#include <stdio.h>
#include <unistd.h>

#include "kubectl.h"
#include "stash/file.h"

const struct flag dump_flags[] = {
    REPOSITORY_JOB_ROWS,
    {0},
};

struct dumping {
    const struct call *call;
    bool begun;
};

static int write_out(void *ctx, const char *data, size_t len, struct error *err)
{
    struct dumping *dumping = ctx;

    dumping->begun = true;
    int r = file_write_all(STDOUT_FILENO, data, len);
    return r < 0 ? error_set_errno(err, -r, "writing to standard output") : 0;
}

static int dump_file(const struct repository_pod *pod, void *ctx, struct error *err)
{
    struct dumping *dumping = ctx;
    const struct call *call = dumping->call;
    const struct transfer transfer = {snapshot_name_id(call->args[0]), call->args[1], false,
                                      write_out, dumping};
    struct transfer_result result;

    return transfer_run(pod, &transfer, &result, err);
}

int verb_dump(const struct call *call, struct error *err)
{
    AUTO(mem_free) char *name = NULL;
    struct dumping dumping = {call, false};

    if (*call->args[1] != '/') {
        error_set(err, ERR_INVALID, "%s: a path in a snapshot begins with /", call->args[1]);
        return call_misused(call, err);
    }
    if (snapshot_name_read(call->args[0], &name, err) < 0)
        return call_misused(call, err);
    int r = transfer_hold(call, dump_file, &dumping, err);
    if (r < 0 && dumping.begun)
        print_note("what was written is not whole");
    return r < 0 ? r : OUTCOME_DONE;
}
