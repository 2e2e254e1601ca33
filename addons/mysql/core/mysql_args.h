/*
 * mysql_args.h - how the clients of MySQL, MariaDB and Percona XtraDB are called. Pure.
 *
 * What a user gives comes after what we add, so that the user's word counts where both say something; asked for
 * last are comments, because the end mark of a dump is one of them, and that a dump holds no commands of the
 * client. The password is in the environment, never in a vector.
 */
#ifndef STASH_MYSQL_ARGS_H
#define STASH_MYSQL_ARGS_H

#include <jansson.h>
#include <stdbool.h>

#include "stash/argv.h"
#include "stash/child_env.h"
#include "stash/error.h"

/**
 * Limits that the server has for its applications' statements end no dump, load or count. MySQL's clients have no word for
 * it, and each server reads the comment that is meant for it.
 */
#define MYSQL_UNLIMITED                                                                            \
    "init-command=SET /*!50708 SESSION max_execution_time = 0, */ /*M!100101 SESSION "             \
    "max_statement_time = 0, */ @stash_unlimited = 1"

/** The programs of one database, and what sets its clients apart. */
struct mysql_tools {
    const char *dump, *client;
    bool is_mariadb;     /* its options for TLS; it knows no GTIDs of MySQL's kind */
    const char *flag;    /* of the parameter args */
    const char *several; /* of the parameter multiDumpArgs; NULL: there is none */
};

/** What a dump or load has to know of the server. */
struct mysql_facts {
    int major; /* 0: not known */
    bool is_mariadb;
    bool is_galera;
    bool is_strict;   /* refuses LOCK TABLES */
    bool takes_gtids; /* keeps them, and has none yet: only then GTID_PURGED can be set */
    long unsafe;      /* tables whose engine knows no transactions, without the server's own */
    long versioned;   /* tables that keep what their rows were */
};

struct mysql_source {
    const json_t *app, *secret; /* JSON null: it names none */
    const json_t *tls_secret;   /* NULL: it names none */
};
/** Where and how to log in: what every vector begins with; password and certificates go to `env`. */
int mysql_args_connect(const struct mysql_tools *tools, const struct mysql_source *source,
                       struct child_env *env, struct argv *ret, struct error *err);

/** One or more statements whose answers come in lines without a header, columns split by tabs. */
void mysql_args_query(const struct mysql_tools *tools, const struct argv *connect, const char *sql,
                      struct argv *ret);

extern const char mysql_facts_query[];
void mysql_facts_parse(const char *text, struct mysql_facts *ret);

struct mysql_dump_request {
    const struct mysql_tools *tools;
    const struct argv *connect, *words; /* of the parameter args */
    const char *piece;                  /* one of multiDumpArgs; NULL: there is none */
    const struct mysql_facts *facts;
    const char *databases; /* a line each: what stands for all databases; NULL: the option does */
};
/** ERR_INVALID names an option with which no dump would come out of the tool. */
int mysql_args_dump(const struct mysql_dump_request *request, struct argv *ret, struct error *err);

/** Whether the words ask for all databases, of which this server's own can't be restored: see mysql_dump_request. */
bool mysql_args_want_list(const struct argv *words, const struct mysql_facts *facts);

/** Whether the words ask for all databases. */
bool mysql_args_all_databases(const struct argv *words);

/** A character set in the words that does not have all characters; NULL: there is none. Borrowed. */
const char *mysql_args_charset(const struct argv *words);
/** Whether the words ask for what rows were, beside what they are. */
bool mysql_args_history(const struct argv *words);

/** Whether the user's words lock all tables during the dump. */
bool mysql_args_lock_all(const struct argv *words);

/** multiDumpArgs: cut at every "$args=". */
void mysql_args_pieces(const char *text, struct argv *ret);
/** Whether one of several dumps, each of which chooses its own databases, or the only one ("") is of all databases. */
bool mysql_args_wants_all(const struct argv *words, const char *several);

/** ERR_INVALID names an option with which the client would not read the dump. */
int mysql_args_check_load(const struct argv *words, struct error *err);

void mysql_args_load(const struct mysql_tools *tools, const struct argv *connect,
                     const struct argv *words, struct argv *ret);

/** The database that a load's words choose; NULL when they choose none. Borrowed. */
const char *mysql_args_database(const struct argv *words);
/** Whether only that one is restored. */
bool mysql_args_one_database(const struct argv *words);

/** A name or text as SQL writes it, between `quote`s. Heap string. */
char *mysql_quoted(const char *text, char quote);

#endif
