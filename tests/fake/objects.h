/*
 * objects.h - the part of the scripted API server that keeps objects: get, list, watch, create, patch, replace, delete, as
 * far as the product uses them. It knows no kinds and checks no schemas.
 */
#ifndef TEST_FAKE_OBJECTS_H
#define TEST_FAKE_OBJECTS_H

#include <jansson.h>
#include <microhttpd.h>
#include <stdbool.h>

struct objects_request {
    const char *method, *path;
    const char *label; /* labelSelector: "key", "key=value", or several with commas; may be NULL */
    const char *version; /* resourceVersion of a watch; may be NULL */
    bool watch, dry_run;
    const json_t *body; /* NULL: none */
    bool apply;         /* the body is a server-side apply */
};

/** Keep these from now on. */
void objects_init(const json_t *objects);

/** The answer; its HTTP status in *ret_status. */
struct MHD_Response *objects_answer(const struct objects_request *request, unsigned *ret_status);

#endif
