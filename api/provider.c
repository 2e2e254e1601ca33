/* provider.c - the kinds of storage. Fields and keys are Stash's; the keys beside them are what restic knows. */
#include <string.h>

#include "stash/backend.h"
#include "stash/mem.h"
#include "stash/provider.h"

/* ---- what restic calls a place ----------------------------------------------------------------------------------- */

static char *url_local(const struct backend *backend)
{
    return xstrdup(backend->container);
}

static const char *skip_slashes(const char *path)
{
    return path + strspn(path, "/");
}

/* restic splits at slashes to find the bucket, so doubled ones go. */
static char *url_s3(const struct backend *backend)
{
    const char *prefix = skip_slashes(backend->prefix);
    size_t len = strlen(backend->endpoint);

    while (len > 0 && backend->endpoint[len - 1] == '/')
        len--;
    return xasprintf("s3:%.*s/%s%s%s", (int)len, backend->endpoint, backend->container,
                     *prefix ? "/" : "", prefix);
}

static char *url_gcs(const struct backend *backend)
{
    return xasprintf("gs:%s:/%s", backend->container, skip_slashes(backend->prefix));
}

static char *url_plain(const struct backend *backend)
{
    return xasprintf("%s:%s:/%s", backend->provider->name, backend->container,
                     skip_slashes(backend->prefix));
}

static char *url_rest(const struct backend *backend)
{
    return xasprintf("rest:%s", backend->endpoint);
}

/* ---- the storage Secret's keys ----------------------------------------------------------------------------------- */

const struct provider_key provider_common_keys[] = {
    {.name = "RESTIC_PASSWORD", .is_required = true},
    {0},
};

static const struct provider_key no_keys[] = {{0}};

static const struct provider_key s3_keys[] = {
    {.name = "AWS_ACCESS_KEY_ID"},
    {.name = "AWS_SECRET_ACCESS_KEY"},
    {.name = "AWS_SESSION_TOKEN"},
    {.name = "RESTIC_AWS_ASSUME_ROLE_ARN"},
    {.name = "RESTIC_AWS_ASSUME_ROLE_SESSION_NAME"},
    {.name = "RESTIC_AWS_ASSUME_ROLE_EXTERNAL_ID"},
    {.name = "RESTIC_AWS_ASSUME_ROLE_POLICY"},
    {.name = "RESTIC_AWS_ASSUME_ROLE_REGION"},
    {.name = "RESTIC_AWS_ASSUME_ROLE_STS_ENDPOINT"},
    {0},
};

static const struct provider_key gcs_keys[] = {
    {.name = "GOOGLE_PROJECT_ID"},
    {.name = "GOOGLE_SERVICE_ACCOUNT_JSON_KEY",
     .variable = "GOOGLE_APPLICATION_CREDENTIALS",
     .file = "gcs.json"},
    {.name = "GOOGLE_ACCESS_TOKEN"},
    {0},
};

static const struct provider_key azure_keys[] = {
    {.name = "AZURE_ACCOUNT_NAME"},    {.name = "AZURE_ACCOUNT_KEY"},
    {.name = "AZURE_ACCOUNT_SAS"},     {.name = "AZURE_CLIENT_ID"},
    {.name = "AZURE_CLIENT_SECRET"},   {.name = "AZURE_TENANT_ID"},
    {.name = "AZURE_ENDPOINT_SUFFIX"}, {0},
};

static const struct provider_key swift_keys[] = {
    {.name = "ST_AUTH"},
    {.name = "ST_USER"},
    {.name = "ST_KEY"},
    {.name = "OS_AUTH_URL"},
    {.name = "OS_REGION_NAME"},
    {.name = "OS_USERNAME"},
    {.name = "OS_USER_ID"},
    {.name = "OS_PASSWORD"},
    {.name = "OS_TENANT_ID"},
    {.name = "OS_TENANT_NAME"},
    {.name = "OS_USER_DOMAIN_NAME"},
    {.name = "OS_USER_DOMAIN_ID"},
    {.name = "OS_PROJECT_NAME"},
    {.name = "OS_PROJECT_DOMAIN_NAME"},
    {.name = "OS_PROJECT_DOMAIN_ID"},
    {.name = "OS_TRUST_ID"},
    {.name = "OS_APPLICATION_CREDENTIAL_ID"},
    {.name = "OS_APPLICATION_CREDENTIAL_SECRET"},
    {.name = "OS_APPLICATION_CREDENTIAL_NAME"},
    {.name = "OS_STORAGE_URL"},
    {.name = "OS_AUTH_TOKEN"},
    {.name = "SWIFT_DEFAULT_CONTAINER_POLICY"},
    {0},
};

static const struct provider_key b2_keys[] = {
    {.name = "B2_ACCOUNT_ID", .is_required = true},
    {.name = "B2_ACCOUNT_KEY", .is_required = true},
    {0},
};

static const struct provider_key rest_keys[] = {
    {.name = "REST_SERVER_USERNAME", .variable = "RESTIC_REST_USERNAME"},
    {.name = "REST_SERVER_PASSWORD", .variable = "RESTIC_REST_PASSWORD"},
    {0},
};

/* ---- the rows ---------------------------------------------------------------------------------------------------- */

const struct provider providers[] = {
    {
        .name = "local",
        .container_field = "mountPath",
        .required = {"mountPath"},
        .url = url_local,
        .keys = no_keys,
        .is_folder = true,
        .is_tried = true,
    },
    {
        .name = "s3",
        .container_field = "bucket",
        .required = {"endpoint", "bucket"},
        .url = url_s3,
        .keys = s3_keys,
        .region = "AWS_DEFAULT_REGION",
        .has_prefix = true,
        .is_wipeable = true,
        .is_tried = true,
    },
    {
        .name = "gcs",
        .container_field = "bucket",
        .required = {"bucket"},
        .url = url_gcs,
        .keys = gcs_keys,
        .connections = "gs",
        .has_prefix = true,
        .is_wipeable = true,
        .is_tried = true,
    },
    {
        .name = "azure",
        .container_field = "container",
        .required = {"container"},
        .url = url_plain,
        .keys = azure_keys,
        .connections = "azure",
        .has_prefix = true,
        .is_secret_account = true,
        .is_wipeable = true,
        .is_tried = true,
    },
    {
        .name = "swift",
        .container_field = "container",
        .required = {"container"},
        .url = url_plain,
        .keys = swift_keys,
        .has_prefix = true,
        .is_secret_account = true,
        .is_wipeable = true,
        .is_tried = true,
    },
    {
        .name = "b2",
        .container_field = "bucket",
        .required = {"bucket"},
        .url = url_plain,
        .keys = b2_keys,
        .connections = "b2",
        .has_prefix = true,
    },
    {
        .name = "rest",
        .required = {"url"},
        .url = url_rest,
        .keys = rest_keys,
        .is_wipeable = true,
        .is_tried = true,
    },
    {0},
};

const struct provider *provider_find(const char *name)
{
    for (const struct provider *row = providers; name && row->name; row++)
        if (strcmp(row->name, name) == 0)
            return row;
    return NULL;
}
