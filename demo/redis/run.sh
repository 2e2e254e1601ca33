# shellcheck shell=bash
# Redis: databases of every kind of value, dumped on a schedule; everything is flushed, and comes back.

orders=10000

redis() {
    k exec -i redis-0 -- redis-cli "$@"
}

# Every key and value of all databases, as the server's own checksum.
content_sum() {
    redis debug digest
}

# Orders, and one value of each kind, in two databases; commands for redis-cli's standard input.
make_content() {
    local i
    for ((i = 1; i <= orders; i++)); do
        printf 'HSET order:%d customer "Zo\\xc3\\xab %d" total %d.%02d picture "\\x00\\xff\\r\\n"\n' "$i" "$i" "$((i / 7))" "$((i % 100))"
    done
    cat <<'TEXT'
RPUSH queue first "" "\x00\x01" last
SADD tags blue "gr\xc3\xbcn" ""
ZADD ranks inf most -inf least 0.1 tenth 3.0000000000000004 exact
SET session:1 "a user" EX 86400
XADD events 1-1 kind order id 1
XADD events 2-1 kind order id 2
XGROUP CREATE events workers 0
XREADGROUP GROUP workers alice COUNT 1 STREAMS events >
SELECT 3
SET elsewhere yes
TEXT
}

begin

step "A Redis server with $orders orders, a list, a set, a sorted set and a stream"
apply demo/servers/redis.yaml
k rollout status statefulset/redis --timeout=120s
make_content | redis >/dev/null
count_before=$(redis dbsize)
sum_before=$(content_sum)
pending_before=$(redis xpending events workers)
printf '    %s keys in database 0, digest %s\n' "$count_before" "$sum_before"
[ "$count_before" = "$((orders + 5))" ] || fail "the server holds $count_before keys"

step "Storage Secret, Repository, AppBinding, BackupConfiguration with a one-minute schedule"
apply demo/redis/backup.yaml
wait_for 60 "BackupConfiguration Ready" has_phase backupconfiguration/redis-backup Ready
show get backupconfiguration redis-backup

scheduled_session redis-backup 300

step "Disaster: everything is flushed"
redis flushall
[ "$(redis dbsize)" = 0 ] || fail "there are keys still"

step "RestoreSession"
apply demo/redis/restore.yaml
finish restoresession/redis-restore 300

step "Proof: every key is back"
count_after=$(redis dbsize)
sum_after=$(content_sum)
printf '    before: %s keys in database 0, digest %s\n' "$count_before" "$sum_before"
printf '    after:  %s keys in database 0, digest %s\n' "$count_after" "$sum_after"
[ "$count_after" = "$count_before" ] || fail "keys are missing"
[ "$sum_after" = "$sum_before" ] || fail "the content differs"
[ "$(redis xpending events workers)" = "$pending_before" ] || fail "what the group waits for differs"
[ "$(redis ttl session:1)" -gt 80000 ] || fail "the session does not expire"

show_result redis-backup
