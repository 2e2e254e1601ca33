# shellcheck shell=bash
# One server of Percona XtraDB, for which MySQL stands: Percona's own cannot be had from Debian.
# shellcheck source=demo/mysql/lib.sh
. demo/mysql/lib.sh

# shellcheck disable=SC2034 # read by walk_through
client=(scripts/cluster kubectl -n "$namespace" exec -i mysql-0 -- sh -c
    'MYSQL_PWD=$MYSQL_PASSWORD exec mysql --no-defaults -S /tmp/mysql.sock -u "$MYSQL_USER" "$@"' sh)

walk_through perconaxtradb mysql "A MySQL server in the place of one of Percona's"
