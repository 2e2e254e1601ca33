/* container_security.c - the security context of a container, and what that of a pod shares with it. */
#include <string.h>

#include "container.h"
#include "stash/jsonx.h"
#include "syntax.h"

static const char *const profile_types[] = {"RuntimeDefault", "Localhost", "Unconfined", NULL};

static void check_profile_type(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, profile_types);
}

static const struct value_rule profile_rules[] = {{"type", check_profile_type}, {0}};

/* Whether it has the name of a profile, as only one type of it can and has to. */
static const char *profile_check(const struct admit *a, const char *at, const json_t *profile)
{
    const char *type = jsonx_str(profile, "type", NULL);
    const char *name = jsonx_str(profile, "localhostProfile", NULL);
    bool is_local = type && strcmp(type, "Localhost") == 0;

    values_check(a, at, profile, profile_rules);
    if (value_is_open(a, type))
        return NULL;
    if (!type || !*type)
        rule_cause(a, at, "type", CAUSE_REQUIRED, "write RuntimeDefault, Localhost or Unconfined");
    else if (is_local && (!name || !*name))
        rule_cause(a, at, "localhostProfile", CAUSE_REQUIRED,
                   "with type Localhost, name the profile on the nodes");
    else if (!is_local && name)
        rule_cause(a, at, "localhostProfile", CAUSE_FORBIDDEN, "goes with type Localhost only");
    return is_local ? name : NULL;
}

void container_seccomp(const struct admit *a, const char *at, const json_t *profile)
{
    AUTO(mem_free) char *path = xasprintf("%s.localhostProfile", at);

    if (profile_check(a, at, profile))
        value_sub_path(a, path, jsonx_get(profile, "localhostProfile", NULL));
}

void container_app_armor(const struct admit *a, const char *at, const json_t *profile)
{
    const char *name = profile_check(a, at, profile);

    if (name && *name &&
        (strchr(" \t\n\r\f\v", *name) || syntax_has_blank(name + strlen(name) - 1)))
        rule_cause(a, at, "localhostProfile", CAUSE_INVALID, "has a blank at one end");
}

static bool is_label_word(const char *text)
{
    return *text && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_.-") == strlen(text);
}

/* Sensitivities and categories, such as "s0:c123,c456", "s0-s15:c0.c1023". */
static bool is_label_level(const char *text)
{
    return (text[0] == 's' && text[1] >= '0' && text[1] <= '9') &&
           strspn(text, "sc0123456789:,.-") == strlen(text);
}

/* The API server takes any text; the runtime starts no container whose label it cannot set. */
static void check_label(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && *text && !is_label_word(text))
        causes_add(a->causes, path, CAUSE_INVALID,
                   "\"%.60s\": a label is of letters, digits, \"_\", \".\" and \"-\", such as "
                   "svirt_lxc_net_t",
                   text);
}

static void check_label_level(const struct admit *a, const char *path, const json_t *value)
{
    const char *text = value_text(a, path, value);

    if (text && *text && !is_label_level(text))
        causes_add(a->causes, path, CAUSE_INVALID, "\"%.60s\": write a level such as s0:c123,c456",
                   text);
}

void container_selinux(const struct admit *a, const char *at, const json_t *options)
{
    static const struct value_rule labels[] = {{"user", check_label},
                                               {"role", check_label},
                                               {"type", check_label},
                                               {"level", check_label_level},
                                               {0}};

    values_check(a, at, options, labels);
}

/* Our containers run on Linux, where the API server refuses most of these. */
void container_windows(const struct admit *a, const char *at, const json_t *options)
{
    (void)options;
    causes_add(a->causes, at, CAUSE_FORBIDDEN, "the backup runs on Linux: leave it out");
}

static void check_proc_mount(const struct admit *a, const char *path, const json_t *value)
{
    value_one_of(a, path, value, (const char *const[]){"Default", "Unmasked", NULL});
}

static const struct value_rule rules[] = {
    {"runAsUser", value_id},
    {"runAsGroup", value_id},
    {"runAsNonRoot", value_bool},
    {"privileged", value_bool},
    {"allowPrivilegeEscalation", value_bool},
    {"readOnlyRootFilesystem", value_bool},
    {"procMount", check_proc_mount},
    {"seccompProfile", container_seccomp},
    {"appArmorProfile", container_app_armor},
    {"seLinuxOptions", container_selinux},
    {"windowsOptions", container_windows},
    {0},
};

static bool capabilities_add(const json_t *context, const char *power)
{
    const json_t *list = jsonx_get(context, "capabilities", "add", NULL);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *item = json_string_value(json_array_get(list, i));
        if (item && strcmp(item, power) == 0)
            return true;
    }
    return false;
}

void container_security(const struct admit *a, const char *at, const json_t *context)
{
    bool stays = json_is_false(jsonx_get(context, "allowPrivilegeEscalation", NULL));

    values_check(a, at, context, rules);
    if (stays && jsonx_bool(context, false, "privileged", NULL))
        rule_cause(a, at, "allowPrivilegeEscalation", CAUSE_INVALID,
                   "cannot be false where privileged is true");
    if (stays && capabilities_add(context, "CAP_SYS_ADMIN"))
        rule_cause(a, at, "allowPrivilegeEscalation", CAUSE_INVALID,
                   "cannot be false beside the capability CAP_SYS_ADMIN");
    if (jsonx_bool(context, false, "runAsNonRoot", NULL) &&
        jsonx_int(context, -1, "runAsUser", NULL) == 0)
        rule_cause(a, at, "runAsNonRoot", CAUSE_INVALID, "cannot be true where runAsUser is 0");
}
