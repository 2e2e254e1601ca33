# shellcheck shell=bash
# One namespace with NATS and S3 for all fault tests; each makes its own Repository and BackupConfiguration by name.
export STASH_DEMO_NAMESPACE=e2e-faults
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

# objects NAME [PASSWORD]: Secret, Repository and a BackupConfiguration that nothing but us triggers. Extra lines of the
# BackupConfiguration's spec come on standard input.
objects() {
    storage_secret "$1" "${2:-a-password}"
    s3_repository "$1" "$1"
    backup_object "$1"
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

ready() {
    wait_for 60 "BackupConfiguration $1 Ready" has_phase "backupconfiguration/$1" Ready
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
        restic --repo "s3:http://s3:9000/tests/$1" --no-cache --no-lock --json snapshots | jq length
}
