# shellcheck shell=bash
# NATS JetStream: a stream of 10,000 messages, backed up on a schedule, deleted, restored.

messages=10000

nats() {
    toolbox nats --server=nats:4222 --user="$(secret nats-auth username)" --password="$(secret nats-auth password)" "$@"
}

stream_count() {
    nats stream info ORDERS --json | jq .state.messages
}

# Every message's body in order, as one checksum.
stream_sum() {
    nats subscribe --stream=ORDERS --all --raw --count="$messages" 2>/dev/null | sha256sum | cut -c1-64
}

begin

step "A NATS server with JetStream and a stream of $messages messages"
apply demo/servers/nats.yaml
k rollout status statefulset/nats --timeout=120s
wait_for 30 "NATS answering" nats stream ls # a ready pod is reached only when the node's rules know it
nats stream add ORDERS --subjects='orders.>' --storage=file --defaults >/dev/null
nats publish orders.new --count=$messages --quiet 'order {{.Count}}' >/dev/null
count_before=$(stream_count)
sum_before=$(stream_sum)
printf '    ORDERS: %s messages, sha256 %s\n' "$count_before" "$sum_before"
[ "$count_before" = "$messages" ] || fail "the stream holds $count_before messages"

step "Storage Secret, Repository, AppBinding, BackupConfiguration with a one-minute schedule"
apply demo/nats/backup.yaml
wait_for 60 "BackupConfiguration Ready" has_phase backupconfiguration/nats-backup Ready
show get backupconfiguration nats-backup
show get cronjob

scheduled_session nats-backup 300

step "Disaster: the stream is deleted"
nats stream rm -f ORDERS
nats stream info ORDERS >/dev/null 2>&1 && fail "the stream is still there"

step "RestoreSession"
apply demo/nats/restore.yaml
finish restoresession/nats-restore 300

step "Proof: every message is back"
count_after=$(stream_count)
sum_after=$(stream_sum)
printf '    before: %s messages, sha256 %s\n' "$count_before" "$sum_before"
printf '    after:  %s messages, sha256 %s\n' "$count_after" "$sum_after"
[ "$count_after" = "$count_before" ] || fail "messages are missing"
[ "$sum_after" = "$sum_before" ] || fail "the messages differ"

show_result nats-backup
