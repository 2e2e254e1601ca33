# shellcheck shell=bash
# MySQL 9.7, backed up with a Task of Stash for 8.0.
# shellcheck source=demo/mysql/lib.sh
. demo/mysql/lib.sh

# shellcheck disable=SC2034 # read by walk_through
client=(scripts/cluster kubectl -n "$namespace" exec -i mysql-0 -- sh -c
    'MYSQL_PWD=$MYSQL_PASSWORD exec mysql --no-defaults -S /tmp/mysql.sock -u "$MYSQL_USER" "$@"' sh)

walk_through mysql mysql "A MySQL server"
