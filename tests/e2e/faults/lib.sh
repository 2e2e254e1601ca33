# shellcheck shell=bash
# One namespace with NATS and S3 for all fault tests; each makes its own Repository and BackupConfiguration by name.
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
export STASH_DEMO_NAMESPACE=e2e-faults
# shellcheck source=demo/lib.sh
. demo/lib.sh

# objects NAME [PASSWORD]: Secret, Repository and a BackupConfiguration that nothing but us triggers. Extra lines of the
# BackupConfiguration's spec come on standard input.
objects() {
    secret_object "$1" "${2:-a-password}"
    repository_object "$1"
    backup_object "$1"
}

secret_object() {
    k create secret generic "$1" --from-literal=RESTIC_PASSWORD="$2" --from-literal=AWS_ACCESS_KEY_ID=backup \
        --from-literal=AWS_SECRET_ACCESS_KEY=backup-secret --dry-run=client -o yaml | k apply -f -
}

repository_object() {
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1alpha1
kind: Repository
metadata: {name: $1}
spec:
  backend:
    s3: {endpoint: "http://s3.$namespace.svc:9000", bucket: faults, prefix: /$1}
    storageSecretName: $1
YAML
}

# local_repository NAME VOLUME: the repository is on a volume of the backup's own pod.
local_repository() {
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1alpha1
kind: Repository
metadata: {name: $1}
spec:
  backend:
    local: {mountPath: /repository, $2}
    storageSecretName: $1
YAML
}

backup_object() {
    local extra=''
    [ -t 0 ] || extra=$(cat)
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1beta1
kind: BackupConfiguration
metadata:
  name: $1
  annotations: {stash.appscode.com/interim-volume: "false"}
spec:
  schedule: "0 0 1 1 *"
  task:
    name: ${TASK:-nats-backup-2.8.2}
    params: [{name: waitTimeout, value: "15"}]
  repository: {name: $1}
  target:
    ref: {apiVersion: appcatalog.appscode.com/v1alpha1, kind: AppBinding, name: nats}
  retentionPolicy: {name: keep, keepLast: 3, prune: true}
$extra
YAML
}

# trigger NAME: a BackupSession as the CronJob would make it; prints its name.
trigger() {
    local job="now-$1-$RANDOM" before
    before=$(newest_session "$1")
    k create job --from="cronjob/stash-trigger-$1" "$job" >/dev/null
    for _ in $(seq 120); do
        if [ "$(newest_session "$1")" != "$before" ]; then
            newest_session "$1"
            return
        fi
        sleep 0.25
    done
    fail "no BackupSession of $1 appeared" >&2
}

ready() {
    wait_for 60 "BackupConfiguration $1 Ready" has_phase "backupconfiguration/$1" Ready
}

# ends SESSION PHASE SECONDS
ends() {
    wait_for "$3" "$1 over" is_over "backupsession/$1"
    has_phase "backupsession/$1" "$2" || fail "$1 is $(phase_of "backupsession/$1"), not $2"
}

# says OBJECT TEXT: somewhere in its status stands this text (extended regular expression).
says() {
    k get "$1" -o jsonpath='{.status}' | grep -qE "$2" || fail "the status of $1 does not say: $2"
}

condition_is() {
    [ "$(k get "$1" -o jsonpath="{.status.conditions[?(@.type==\"$2\")].status}")" = "$3" ]
}

jobs_of() {
    k get jobs -o json | jq "[.items[] | select(any(.metadata.ownerReferences[]?; .name == \"$1\"))] | length"
}

snapshots_of() {
    k get repository "$1" -o jsonpath='{.status.snapshotCount}'
}

# stored NAME: how many snapshots restic itself finds in the Repository's bucket.
stored() {
    toolbox env RESTIC_PASSWORD=a-password AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=backup-secret \
        restic --repo "s3:http://s3:9000/faults/$1" --no-cache --no-lock --json snapshots | jq length
}
