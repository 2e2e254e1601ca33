# shellcheck shell=bash
# What the walk-through and the tests do with the PostgreSQL server of demo/servers/postgres.yaml.

# psql [ARGUMENT…]: in the server's pod, as its superuser; bare lines, and an error ends it.
psql() {
    k exec -i postgres-0 -- psql --no-psqlrc --quiet --no-align --tuples-only --set=ON_ERROR_STOP=1 "$@"
}

# content DATABASE…: what is in these databases and in the cluster, in words of the server itself.
content() {
    local database
    for database; do
        printf '== %s\n' "$database"
        psql --dbname="$database" --file=- <addons/postgres/sample/content.sql
    done
}
