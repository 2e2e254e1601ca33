/*
 * Pod Security: what the Namespace enforces, held against what we would add. The pod's own part is not looked at: where that
 * breaks the rules, the pod is refused with us and without us.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "stash/jsonx.h"
#include "stash/names.h"

#define LABEL_ENFORCE         "pod-security.kubernetes.io/enforce"
#define LABEL_ENFORCE_VERSION "pod-security.kubernetes.io/enforce-version"
#define LATEST                INT_MAX

enum level { LEVEL_PRIVILEGED, LEVEL_BASELINE, LEVEL_RESTRICTED };

static bool list_has(const char *const *words, const char *text)
{
    for (; text && *words; words++)
        if (strcmp(*words, text) == 0)
            return true;
    return false;
}

/* ---- what may not be; `c` is our container, `v` a volume of ours ---- */

static const json_t *context_of(const json_t *c)
{
    return jsonx_get(c, "securityContext", NULL);
}

static bool is_privileged(const json_t *c)
{
    return jsonx_bool(context_of(c), false, "privileged", NULL);
}

static bool adds_beside(const json_t *c, const char *const *allowed)
{
    const json_t *added = jsonx_get(context_of(c), "capabilities", "add", NULL);

    for (size_t i = 0; i < json_array_size(added); i++)
        if (!list_has(allowed, json_string_value(json_array_get(added, i))))
            return true;
    return false;
}

static bool adds_unusual(const json_t *c)
{
    return adds_beside(c, (const char *const[]){"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER",
                                                "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
                                                "SETFCAP", "SETGID", "SETPCAP", "SETUID",
                                                "SYS_CHROOT", NULL});
}

static bool app_armor_is_off(const json_t *c)
{
    return text_is(jsonx_str(context_of(c), "appArmorProfile", "type", NULL), "Unconfined");
}

static bool se_linux_is_own(const json_t *c, const char *const *types)
{
    const json_t *options = jsonx_get(context_of(c), "seLinuxOptions", NULL);
    const char *type = jsonx_str(options, "type", NULL);

    return (type && !list_has(types, type)) || !jsonx_is_empty(jsonx_get(options, "user", NULL)) ||
           !jsonx_is_empty(jsonx_get(options, "role", NULL));
}

static bool se_linux_is_unusual(const json_t *c)
{
    return se_linux_is_own(c, (const char *const[]){"", "container_t", "container_init_t",
                                                    "container_kvm_t", "container_engine_t", NULL});
}

static bool se_linux_is_of_engine(const json_t *c)
{
    return text_is(jsonx_str(context_of(c), "seLinuxOptions", "type", NULL), "container_engine_t");
}

static bool proc_is_unmasked(const json_t *c)
{
    return text_is(jsonx_str(context_of(c), "procMount", NULL), "Unmasked");
}

static bool seccomp_is_off(const json_t *c)
{
    return text_is(jsonx_str(context_of(c), "seccompProfile", "type", NULL), "Unconfined");
}

static bool handler_names_host(const json_t *handler)
{
    return !jsonx_is_empty(jsonx_get(handler, "httpGet", "host", NULL)) ||
           !jsonx_is_empty(jsonx_get(handler, "tcpSocket", "host", NULL));
}

static bool probes_host(const json_t *c)
{
    const json_t *lifecycle = jsonx_get(c, "lifecycle", NULL);

    return handler_names_host(jsonx_get(c, "livenessProbe", NULL)) ||
           handler_names_host(jsonx_get(c, "readinessProbe", NULL)) ||
           handler_names_host(jsonx_get(lifecycle, "postStart", NULL)) ||
           handler_names_host(jsonx_get(lifecycle, "preStop", NULL));
}

static bool may_escalate(const json_t *c)
{
    return !json_is_false(jsonx_get(context_of(c), "allowPrivilegeEscalation", NULL));
}

static bool may_be_root(const json_t *c)
{
    return !jsonx_bool(context_of(c), false, "runAsNonRoot", NULL);
}

static bool is_root(const json_t *c)
{
    return jsonx_int(context_of(c), -1, "runAsUser", NULL) == 0;
}

static bool adds_power(const json_t *c)
{
    return adds_beside(c, (const char *const[]){"NET_BIND_SERVICE", NULL});
}

static bool keeps_powers(const json_t *c)
{
    const json_t *dropped = jsonx_get(context_of(c), "capabilities", "drop", NULL);

    for (size_t i = 0; i < json_array_size(dropped); i++)
        if (text_is(json_string_value(json_array_get(dropped, i)), "ALL"))
            return false;
    return true;
}

static bool is_host_path(const json_t *v)
{
    return jsonx_get(v, "hostPath", NULL) != NULL;
}

static bool is_volume_unusual(const json_t *v)
{
    static const char *const usual[] = {"configMap", "csi",       "downwardAPI",
                                        "emptyDir",  "ephemeral", "persistentVolumeClaim",
                                        "projected", "secret"};

    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (jsonx_get(v, usual[i], NULL))
            return false;
    return true;
}

static const struct standard {
    enum level level;
    int since, until; /* minor versions; until: 0 is for ever */
    bool of_volume;
    bool (*breaks)(const json_t *item);
    const char *member;
} standards[] = {
    {LEVEL_BASELINE, 0, 0, false, is_privileged, "securityContext.privileged"},
    {LEVEL_BASELINE, 0, 0, false, adds_unusual, "securityContext.capabilities.add"},
    {LEVEL_BASELINE, 0, 0, false, app_armor_is_off, "securityContext.appArmorProfile"},
    {LEVEL_BASELINE, 0, 0, false, se_linux_is_unusual, "securityContext.seLinuxOptions"},
    {LEVEL_BASELINE, 0, 31, false, se_linux_is_of_engine, "securityContext.seLinuxOptions"},
    {LEVEL_BASELINE, 0, 0, false, proc_is_unmasked, "securityContext.procMount"},
    {LEVEL_BASELINE, 19, 0, false, seccomp_is_off, "securityContext.seccompProfile"},
    {LEVEL_BASELINE, 34, 0, false, probes_host, "the host of a probe or hook"},
    {LEVEL_BASELINE, 0, 0, true, is_host_path, "the backend's hostPath"},
    {LEVEL_RESTRICTED, 8, 0, false, may_escalate, "securityContext.allowPrivilegeEscalation"},
    {LEVEL_RESTRICTED, 0, 0, false, may_be_root, "securityContext.runAsNonRoot"},
    {LEVEL_RESTRICTED, 23, 0, false, is_root, "securityContext.runAsUser"},
    {LEVEL_RESTRICTED, 22, 0, false, adds_power, "securityContext.capabilities.add"},
    {LEVEL_RESTRICTED, 22, 0, false, keeps_powers, "securityContext.capabilities.drop"},
    {LEVEL_RESTRICTED, 0, 0, true, is_volume_unusual, "the backend's volume"},
};

/* ---- what is enforced ---- */

/* As the API server takes a level that it does not know. */
static enum level level_of(const char *text)
{
    if (!text || strcmp(text, "privileged") == 0)
        return LEVEL_PRIVILEGED;
    return strcmp(text, "baseline") == 0 ? LEVEL_BASELINE : LEVEL_RESTRICTED;
}

/* "v1.24": 24. Whatever else is the latest, of which the next may ask more, but not less. */
static int version_of(const char *text)
{
    if (!text || strncmp(text, "v1.", 3) != 0 || !text[3] ||
        strspn(text + 3, "0123456789") != strlen(text + 3))
        return LATEST;
    long minor = strtol(text + 3, NULL, 10);
    return minor < LATEST ? (int)minor : LATEST;
}

static bool level_breaks(const struct standard *standard, const struct part *part)
{
    const json_t *volumes = part->recipe->volumes;

    if (!standard->of_volume)
        return standard->breaks(part->container);
    for (size_t i = 0; i < json_array_size(volumes); i++)
        if (standard->breaks(json_array_get(volumes, i)))
            return true;
    return false;
}

bool pod_security_check(const json_t *namespace, struct part *part)
{
    const char *enforced = jsonx_label(namespace, LABEL_ENFORCE);
    enum level level = level_of(enforced);
    int version = version_of(jsonx_label(namespace, LABEL_ENFORCE_VERSION));

    for (size_t i = 0; level && i < ARRAY_LEN(standards); i++) {
        const struct standard *standard = &standards[i];
        if (standard->level > level || version < standard->since ||
            (standard->until && version >= standard->until) || !level_breaks(standard, part))
            continue;
        return recipe_refuse(&part->refusal, INJECT_POD_SECURITY,
                             "enforced is \"%.20s\", broken by %s", enforced, standard->member);
    }
    return true;
}
