/*
 * mysql_options.h - the options of the clients of MySQL, MariaDB and Percona, for options.h. Pure.
 *
 * One table has those of all: what one of them does not know, it refuses.
 */
#ifndef STASH_MYSQL_OPTIONS_H
#define STASH_MYSQL_OPTIONS_H

#include "stash/options.h"

/** Of mysqldump and mariadb-dump. */
extern const struct option_table mysql_options_dump;
/** Of mysql and mariadb. */
extern const struct option_table mysql_options_client;

#endif
