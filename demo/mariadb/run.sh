# shellcheck shell=bash
# MariaDB, which speaks as MySQL does.
# shellcheck source=demo/mysql/lib.sh
. demo/mysql/lib.sh

# shellcheck disable=SC2034 # read by walk_through
client=(scripts/cluster kubectl -n "$namespace" exec -i mariadb-0 -- sh -c
    'MYSQL_PWD=$MARIADB_PASSWORD exec mariadb --no-defaults -S /tmp/mariadb.sock -u "$MARIADB_USER" "$@"' sh)

walk_through mariadb mariadb "A MariaDB server"
