/* help.c - what --help says, from the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"

#define WIDTH 78

void help_all(void)
{
    puts("usage: kubectl stash VERB [flags]\n\nverbs:");
    for (const struct verb *verb = verbs; verb->name; verb++)
        printf("  %-12s %s\n", verb->name, verb->summary);
    puts("\nkubectl stash VERB --help tells the rest. Exit status: 0 done, 1 failed, 2 misused,\n"
         "3 no such object, 4 no right to it, 5 the session did not succeed, 6 time is up.");
}

/* Words in lines of bounded length. */
static void print_wrapped(const char *text)
{
    size_t used = 0;

    while (*text) {
        size_t len = strcspn(text, " ");
        if (used && used + 1 + len > WIDTH) {
            putchar('\n');
            used = 0;
        }
        printf("%s%.*s", used ? " " : "", (int)len, text);
        used += len + (used > 0);
        text += len + (text[len] == ' ');
    }
    putchar('\n');
}

static void print_flags(const struct flag *table, const struct verb *verb, bool shared)
{
    for (const struct flag *flag = table; flag && flag->name; flag++)
        if (flag->help && (!shared || shared_flags_concern(verb, flag->name)))
            printf("  --%-26s %s\n", flag->name, flag->help);
}

static void print_examples(const char *examples)
{
    for (size_t len; *examples; examples += len + 1) {
        len = strcspn(examples, "\n");
        printf("  %.*s\n", (int)len, examples);
    }
}

void help_verb(const struct verb *verb)
{
    printf("usage: kubectl stash %s%s%s [flags]\n\n", verb->name, *verb->arguments ? " " : "",
           verb->arguments);
    print_wrapped(verb->summary);
    if (verb->details) {
        putchar('\n');
        print_wrapped(verb->details);
    }
    puts("\nexamples:");
    print_examples(verb->examples);
    puts("\nflags:");
    print_flags(verb->flags, verb, false);
    print_flags(shared_flags_table(), verb, true);
}
