# shellcheck shell=bash
# What the end-to-end tests share beside the walk-throughs' helpers: where backups go, and sessions that begin at once.
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."
# shellcheck source=demo/lib.sh
. demo/lib.sh
find_kubectl

# storage_secret NAME [PASSWORD]: the S3 server's account and the repository's password.
storage_secret() {
    k create secret generic "$1" --from-literal=RESTIC_PASSWORD="${2:-a-password}" --from-literal=AWS_ACCESS_KEY_ID=backup \
        --from-literal=AWS_SECRET_ACCESS_KEY=backup-secret --dry-run=client -o yaml | k apply -f -
}

# s3_repository NAME SECRET: a Repository in a folder of its own.
s3_repository() {
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1alpha1
kind: Repository
metadata: {name: $1}
spec:
  backend:
    s3: {endpoint: "http://s3.$namespace.svc:9000", bucket: tests, prefix: /$1}
    storageSecretName: $2
YAML
}

# trigger CONFIGURATION: a BackupSession as its CronJob would make it; prints the name.
trigger() {
    local job="now-$1-$RANDOM" before newest
    before=$(newest_session "$1" || true)
    k create job --from="cronjob/stash-trigger-$1" "$job" >/dev/null
    for _ in $(seq 120); do
        newest=$(newest_session "$1" || true)
        if [ -n "$newest" ] && [ "$newest" != "$before" ]; then
            echo "$newest"
            return
        fi
        sleep 0.5
    done
    fail "no BackupSession of $1 appeared" >&2
}

# ends SESSION PHASE SECONDS
ends() {
    wait_for "$3" "$1 over" is_over "backupsession/$1"
    has_phase "backupsession/$1" "$2" || fail "$1 is $(phase_of "backupsession/$1"), not $2"
}

# apply_by_hand FILE: a demo's objects, with a schedule that does not fire: sessions are triggered.
apply_by_hand() {
    sed -e "s/\${NAMESPACE}/$namespace/g" -e 's/^\( *schedule:\).*/\1 "0 0 1 1 *"/' "$1" | k apply -f -
}

# leave: the end of a test that passed. What ran on in its namespace would slow the others.
leave() {
    remove_namespace --wait=false
}
