/* man.c - the manual page, from the table of verbs. */
#include <stdio.h>
#include <string.h>

#include "kubectl.h"

/* Text of troff: a backslash is written \e, a hyphen \-, and no line begins with a request. */
static void print_text(const char *text)
{
    bool begins = true;

    for (; *text; text++) {
        if (begins && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        begins = *text == '\n';
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
    }
}

static void print_flags(const struct flag *flags)
{
    for (; flags && flags->name; flags++) {
        if (!flags->help)
            continue;
        printf(".TP\n.B \\-\\-");
        print_text(flags->name);
        putchar('\n');
        print_text(flags->help);
        putchar('\n');
    }
}

static void print_verb(const struct verb *verb)
{
    printf(".SS \"");
    print_text(verb->name);
    if (*verb->arguments)
        putchar(' ');
    print_text(verb->arguments);
    puts("\"");
    print_text(verb->summary);
    puts(".");
    if (verb->details) {
        puts(".PP");
        print_text(verb->details);
        putchar('\n');
    }
    print_flags(verb->flags);
    puts(".PP\n.nf");
    print_text(verb->examples);
    puts(".fi");
}

int verb_man(const struct call *call, struct error *err)
{
    (void)call;
    (void)err;
    puts(".TH KUBECTL\\-STASH 1 \"\" \"stash " STASH_VERSION "\"\n.SH NAME\n"
         "kubectl\\-stash \\- backups in a Kubernetes cluster\n.SH SYNOPSIS\n"
         ".B kubectl stash\n.I VERB\n[flags]\n.SH VERBS");
    for (const struct verb *verb = verbs; verb->name; verb++)
        print_verb(verb);
    puts(".SH FLAGS\nWhere they mean something, these are taken by every verb.");
    print_flags(shared_flags_table());
    puts(".SH EXIT STATUS\n0 done; 1 failed, or status found trouble; 2 misused; 3 an object that "
         "was named is not there; 4 no right, or the server does not know you; 5 the session ended "
         "and did not succeed; 6 time is up.");
    return OUTCOME_DONE;
}
