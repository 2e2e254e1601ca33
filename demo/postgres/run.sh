# shellcheck shell=bash
# PostgreSQL: a whole server, dumped on a schedule; a database and a role are dropped, and come back.

# shellcheck source=demo/postgres/lib.sh
. demo/postgres/lib.sh
orders=10000

has_shop() {
    [ "$(psql --command="SELECT 1 FROM pg_database WHERE datname = 'shop'")" = 1 ]
}

content_sum() {
    content postgres shop | sha256sum | cut -c1-64
}

begin

step "A PostgreSQL server with a database of $orders orders, pictures, a view and a role"
apply demo/servers/postgres.yaml
k rollout status statefulset/postgres --timeout=120s
psql --file=- <<SQL
CREATE ROLE clerk LOGIN PASSWORD 'a secret';
CREATE DATABASE shop OWNER clerk;
\connect shop
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer text, total numeric, picture bytea);
INSERT INTO orders (customer, total, picture)
    SELECT 'Zoë 漢 🙂 ' || i, i / 7.0, sha256(i::text::bytea) FROM generate_series(1, $orders) i;
CREATE VIEW large AS SELECT * FROM orders WHERE total > 1000;
GRANT SELECT ON large TO clerk;
SQL
count_before=$(psql --dbname=shop --command='SELECT count(*) FROM orders')
sum_before=$(content_sum)
printf '    shop: %s orders, sha256 %s\n' "$count_before" "$sum_before"
[ "$count_before" = "$orders" ] || fail "the table holds $count_before orders"

step "Storage Secret, Repository, AppBinding, BackupConfiguration with a one-minute schedule"
apply demo/postgres/backup.yaml
wait_for 60 "BackupConfiguration Ready" has_phase backupconfiguration/postgres-backup Ready
show get backupconfiguration postgres-backup

scheduled_session postgres-backup 300

step "Disaster: the database and the role are dropped"
psql --command='DROP DATABASE shop' --command='DROP ROLE clerk'
has_shop && fail "the database is still there"

step "RestoreSession"
apply demo/postgres/restore.yaml
finish restoresession/postgres-restore 300

step "Proof: every order is back"
count_after=$(psql --dbname=shop --command='SELECT count(*) FROM orders')
sum_after=$(content_sum)
printf '    before: %s orders, sha256 %s\n' "$count_before" "$sum_before"
printf '    after:  %s orders, sha256 %s\n' "$count_after" "$sum_after"
[ "$count_after" = "$count_before" ] || fail "orders are missing"
[ "$sum_after" = "$sum_before" ] || fail "the content differs"

show_result postgres-backup
