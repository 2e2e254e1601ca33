#include "output.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

#include "folder.h"
#include "stash/file.h"
#include "stash/jsonx.h"
#include "stash/log.h"
#include "stash/report.h"
#include "stash/spawn.h"

#define OUTPUT_MAX (1 * LIMIT_MIB)
#define LOOK_MS    100

struct output {
    const char *folder, *session, *host;
    const json_t *ref;
    json_t *before; /* stats of earlier steps; NULL: none */
    pthread_t watcher;
    bool watching;
    pthread_mutex_t writing;
    atomic_bool ended;
};

/* Whatever user the next container runs as must be able to read the file and to replace it. */
static int output_write(struct output *output, const json_t *stat, struct error *err)
{
    json_auto_t *stats = report_combine(output->before, stat);
    json_auto_t *doc = report_output(output->ref, stats, output->session);
    AUTO(mem_free) char *text = jsonx_dump_pretty(doc);
    AUTO(mem_free) char *path = xasprintf("%s/" REPORT_OUTPUT_FILE, output->folder);
    int r = folder_make(output->folder, 0777, err);

    if (r == 0) {
        chmod(output->folder, 0777);
        r = file_write(path, text, strlen(text), 0666, err);
    }
    return r < 0 ? error_wrap(err, "writing %s", path) : 0;
}

/* The process that waits for a server, a lock or the API server has no ear for signals: another thread has. */
static void *output_watch(void *ctx)
{
    struct output *output = ctx;
    struct error err;

    while (!atomic_load(&output->ended)) {
        if (spawn_sleep_ms(LOOK_MS))
            continue;
        pthread_mutex_lock(&output->writing);
        if (!atomic_load(&output->ended)) {
            json_auto_t *stat = report_failed(output->host, "told to stop before it was done");

            if (output_write(output, stat, &err) < 0)
                log_error("the result could not be told", "error", err.msg);
        }
        pthread_mutex_unlock(&output->writing);
        break;
    }
    return NULL;
}

/*
 * By hand there are no steps before; what another session left says nothing about this one. But a file that names no session is
 * from a step of this one (another's program, or one that could not tell), and what cannot be read may have been a failure.
 */
static json_t *output_before(const struct output *output)
{
    AUTO(mem_free) char *path = xasprintf("%s/" REPORT_OUTPUT_FILE, output->folder);
    AUTO(mem_free) char *text = NULL;
    json_t *stats = NULL;
    struct error err;
    size_t len;
    int r;

    if (!output->session)
        return NULL;
    r = file_read(path, OUTPUT_MAX, &text, &len, &err);
    if (r == -ERR_NOT_FOUND || (r == 0 && report_is_of_another(text, len, output->session)))
        return NULL;
    if (r == 0)
        r = report_parse(text, len, &stats, &err);
    if (r == 0)
        return stats;
    error_wrap(&err, "how the step before fared cannot be read");
    return json_pack("[o]", report_failed(output->host, err.msg));
}

struct output *output_begin(const char *folder, const char *session, const json_t *ref,
                            const char *host)
{
    struct output *output = xcalloc(1, sizeof(*output));

    *output = (struct output){.folder = folder, .session = session, .host = host, .ref = ref};
    output->before = output_before(output);
    pthread_mutex_init(&output->writing, NULL);
    output->watching = pthread_create(&output->watcher, NULL, output_watch, output) == 0;
    return output;
}

int output_end(struct output *output, const json_t *stat, struct error *err)
{
    int r;

    pthread_mutex_lock(&output->writing);
    atomic_store(&output->ended, true);
    r = output_write(output, stat, err);
    pthread_mutex_unlock(&output->writing);
    if (output->watching)
        pthread_join(output->watcher, NULL);
    pthread_mutex_destroy(&output->writing);
    json_decref(output->before);
    free(output);
    return r;
}
