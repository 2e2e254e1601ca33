/* usage: static_server PORT CERT KEY - libmicrohttpd over TLS that reads a body and answers the same bytes: what the
 * library costs by itself. */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stash/file.h"
#include "stash/limits.h"
#include "stash/mem.h"

static const char answer[] =
    "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\","
    "\"response\":{\"uid\":\"705ab4f5-6393-11e8-b7cc-42010a800002\",\"allowed\":true}}";

static struct MHD_Response *response;

static enum MHD_Result handle(void *cls, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    (void)cls, (void)url, (void)method, (void)version, (void)upload;
    if (!*state) {
        *state = &response;
        return MHD_YES;
    }
    if (*upload_size) {
        *upload_size = 0;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, response);
}

int main(int argc, char **argv)
{
    char *cert = NULL, *key = NULL;
    struct error err;
    size_t len;

    if (argc != 4 || file_read(argv[2], LIMIT_MIB, &cert, &len, &err) < 0 ||
        file_read(argv[3], LIMIT_MIB, &key, &len, &err) < 0) {
        fprintf(stderr, "usage: static_server PORT CERT KEY\n");
        return 2;
    }
    response = MHD_create_response_from_buffer(sizeof(answer) - 1, (void *)(uintptr_t)answer,
                                               MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TLS, (uint16_t)atoi(argv[1]), NULL, NULL, handle,
        NULL, MHD_OPTION_HTTPS_MEM_CERT, cert, MHD_OPTION_HTTPS_MEM_KEY, key,
        MHD_OPTION_HTTPS_PRIORITIES, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", MHD_OPTION_END);
    if (!daemon)
        return 1;
    pause();
    MHD_stop_daemon(daemon);
    return 0;
}
