#include "access.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client.h"
#include "stash/clock.h"
#include "stash/jsonx.h"
#include "stash/log.h"

#define NUMBER_SIZE 24

static void text_take(char *ret, size_t size, const char *text)
{
    snprintf(ret, size, "%s", text ? text : "");
    jsonx_repair_text(ret); /* a character may have been cut in two */
}

void access_subject_fill(struct subject *ret, const char *kind, const char *namespace,
                         const char *name, const char *operation)
{
    text_take(ret->kind, sizeof(ret->kind), kind);
    text_take(ret->namespace, sizeof(ret->namespace), namespace);
    text_take(ret->name, sizeof(ret->name), name);
    ret->operation = operation;
}

void access_log(const struct access *access)
{
    const struct subject *subject = access->subject;
    char client[LISTEN_NAME_SIZE], status[NUMBER_SIZE], micros[NUMBER_SIZE];

    client_name(access->connection, client);
    snprintf(status, sizeof(status), "%u", access->status);
    snprintf(micros, sizeof(micros), "%" PRId64, access->micros);
    log_info("request", "client", client, "path", access->path, "status", status, "outcome",
             access->outcome, "operation", subject->operation, "kind", subject->kind, "namespace",
             subject->namespace, "name", subject->name, "micros", micros);
}
