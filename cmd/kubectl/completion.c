/* completion.c - completing words: the scripts for shells, and what they and kubectl ask. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"
#include "stash/jsonx.h"
#include "stash/table.h"
#include "stash/text.h"

#define ANSWER_MS 3000 /* nobody waits longer for a word */

static bool begins_with(const char *text, const char *part)
{
    return strncmp(text, part, strlen(part)) == 0;
}

/* A candidate and what it is. */
static void offer_word(const char *word, const char *what, const char *part)
{
    if (begins_with(word, part))
        printf("%s%s%s\n", word, what ? "\t" : "", text_or_empty(what));
}

static void offer_verbs(const char *part)
{
    for (const struct verb *verb = verbs; verb->name; verb++)
        offer_word(verb->name, verb->summary, part);
}

static void offer_flags(const struct flag *flags, const struct verb *verb, bool shared,
                        const char *part)
{
    for (; flags && flags->name; flags++) {
        AUTO(mem_free) char *word = xasprintf("--%s", flags->name);
        if (flags->help && (!shared || shared_flags_concern(verb, flags->name)))
            offer_word(word, flags->help, part);
    }
}

static void offer_words(const char *const *words, const char *part)
{
    for (; *words; words++)
        offer_word(*words, NULL, part);
}

/* The names in the cluster, if it answers; a word that a shell could take for more than a name is none. */
static void offer_names(enum kind kind, int argc, char **argv, const struct verb *verb,
                        const char *part)
{
    AUTO(kube_close) struct kube *kube = NULL;
    json_auto_t *objects = NULL;
    struct shared_flags options = {0};
    struct error ignored;
    int rest;

    if (shared_flags_parse(verb, argc, argv, &options, &rest, &ignored) < 0)
        return;
    options.access.timeout_ms = ANSWER_MS;
    if (kube_open_as(&options.access, "kubectl-stash", &kube, &ignored) < 0)
        return;
    const struct resource *resource = kind_resource(kind);
    if (kube_list(kube, resource, resource->namespaced ? kube_namespace(kube) : NULL, NULL,
                  &objects, &ignored) < 0)
        return;
    for (size_t i = 0; i < json_array_size(objects); i++)
        offer_word(text_or_empty(jsonx_name(json_array_get(objects, i))), NULL, part);
}

static void offer_for(int argc, char **argv, const struct verb *verb)
{
    static const char *const outputs[] = {"table", "wide", "json", "yaml", "name", NULL};
    static const char *const runs[] = {"client", "server", NULL};
    static const char *const shells[] = {"bash", "zsh", "fish", NULL};
    static const char *const namespaces[] = {"-n", "--namespace", NULL};
    static const char *const output_flags[] = {"-o", "--output", NULL};
    const char *part = argv[argc - 1], *before = argv[argc - 2];

    if (text_is_one_of(before, namespaces)) {
        offer_names(KIND_NAMESPACE, argc - 2, argv, verb, part);
    } else if (text_is_one_of(before, output_flags)) {
        offer_words(outputs, part);
    } else if (strcmp(before, "--dry-run") == 0) {
        offer_words(runs, part);
    } else if (*part == '-') {
        offer_flags(verb->flags, verb, false, part);
        offer_flags(shared_flags_table(), verb, true, part);
    } else if (verb->run == verb_completion) {
        offer_words(shells, part);
    } else if (verb->completes != KIND_UNKNOWN) {
        offer_names(verb->completes, argc - 1, argv, verb, part);
    }
}

int completion_answer(int argc, char **argv)
{
    const struct verb *verb = argc > 2 ? verb_find(argv[1]) : NULL;

    if (argc == 2)
        offer_verbs(argv[1]);
    else if (verb)
        offer_for(argc - 1, argv + 1, verb);
    puts(":4"); /* and no names of files */
    return OUTCOME_DONE;
}

static const struct {
    const char *shell, *script;
} scripts[] = {
    {"bash",
     "_kubectl_stash()\n"
     "{\n"
     "    local line\n"
     "    COMPREPLY=()\n"
     "    while IFS= read -r line; do\n"
     "        [[ $line == :* ]] || COMPREPLY+=(\"${line%%$'\\t'*}\")\n"
     "    done < <(kubectl-stash __complete \"${COMP_WORDS[@]:1:COMP_CWORD}\" 2>/dev/null)\n"
     "}\n"
     "complete -F _kubectl_stash kubectl-stash\n"},
    {"zsh", "#compdef kubectl-stash\n"
            "_kubectl_stash()\n"
            "{\n"
            "    local line\n"
            "    local -a found\n"
            "    while IFS= read -r line; do\n"
            "        [[ $line == :* ]] || found+=(\"${line%%$'\\t'*}:${line#*$'\\t'}\")\n"
            "    done < <(kubectl-stash __complete \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
            "    _describe 'kubectl stash' found\n"
            "}\n"
            "compdef _kubectl_stash kubectl-stash\n"},
    {"fish", "complete -c kubectl-stash -f -a '(kubectl-stash __complete (commandline -opc)[2..] "
             "(commandline -ct) 2>/dev/null | string match -v \":*\")'\n"},
};

int verb_completion(const struct call *call, struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++)
        if (strcmp(scripts[i].shell, call->args[0]) == 0) {
            fputs(scripts[i].script, stdout);
            return OUTCOME_DONE;
        }
    error_set(err, ERR_INVALID, "\"%s\" is none of bash, zsh, fish", call->args[0]);
    return call_misused(call, err);
}
