# shellcheck shell=bash
# What the tests of a shared repository have in common: claims with a pod that has all of them, Jobs that back them up.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

claim() {
    printf 'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: %s}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n' "$1" | k apply -f -
}

# writer CLAIM…: a pod `writer` with each claim at /<claim>; it is nobody's target.
writer() {
    local name mounts='' volumes=''
    for name in "$@"; do
        claim "$name"
        mounts+="{name: $name, mountPath: /$name}, "
        volumes+="{name: $name, persistentVolumeClaim: {claimName: $name}}, "
    done
    k apply -f - <<YAML
apiVersion: v1
kind: Pod
metadata: {name: writer}
spec:
  terminationGracePeriodSeconds: 0
  securityContext: {runAsNonRoot: true, runAsUser: 65534, runAsGroup: 65534, fsGroup: 65534, seccompProfile: {type: RuntimeDefault}}
  containers:
  - name: app
    image: localhost/stash-test-toolbox:0.1.0
    command: [sleep, infinity]
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    volumeMounts: [${mounts%, }]
  volumes: [${volumes%, }]
YAML
    k wait --for=condition=Ready pod/writer --timeout=120s
}

write() {
    k exec writer -- sh -c "$1"
}

# back_up_claim NAME KEEP [USER]: a BackupConfiguration of that name for the claim, in Repository "one". Further lines of
# the spec come on standard input.
back_up_claim() {
    local user=${3:-65534} extra=''
    [ -t 0 ] || extra=$(cat)
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1beta1
kind: BackupConfiguration
metadata: {name: $1}
spec:
  schedule: "0 0 1 1 *"
  task: {name: pvc-backup}
  repository: {name: one}
  target:
    ref: {apiVersion: v1, kind: PersistentVolumeClaim, name: $1}
  retentionPolicy: {name: keep, keepLast: $2, prune: true}
$(settings "$user")
$extra
YAML
    wait_for 60 "BackupConfiguration $1 Ready" has_phase "backupconfiguration/$1" Ready
}

# settings USER: who runs the Job; patience is short, tests have none.
settings() {
    cat <<YAML
  runtimeSettings:
    pod: {securityContext: {runAsNonRoot: true, runAsUser: $1, runAsGroup: 65534, fsGroup: 65534, fsGroupChangePolicy: OnRootMismatch}}
    container:
      securityContext: {runAsUser: $1}
      env: [{name: STASH_TURN_PATIENCE, value: "${TURN_PATIENCE:-60}"}, {name: STASH_LOCK_PATIENCE, value: "${LOCK_PATIENCE:-60}"}]
YAML
}

# restore_claim NAME CLAIM [METADATA]: a RestoreSession into the claim; metadata as flow YAML.
restore_claim() {
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1beta1
kind: RestoreSession
metadata: {name: $1${3:+, $3}}
spec:
  task: {name: pvc-restore}
  repository: {name: one}
  target:
    ref: {apiVersion: v1, kind: PersistentVolumeClaim, name: $2}
    rules: [{snapshots: [latest]}]
$(settings 65534)
YAML
}

# in_repository ARGUMENT…: restic at hand, as an administrator has it.
in_repository() {
    toolbox env RESTIC_PASSWORD=a-password AWS_ACCESS_KEY_ID=backup AWS_SECRET_ACCESS_KEY=backup-secret TMPDIR=/tmp \
        restic --repo s3:http://s3:9000/tests/one --no-cache "$@"
}

# count TAG: complete snapshots that carry it.
count() {
    in_repository snapshots --no-lock --json --tag "$1" | jq length
}

error_of() {
    k get "$1" -o json | jq -r '[.. | objects | .error? // empty] | join(" ")'
}

condition_of() {
    k get "$1" -o jsonpath="{.status.conditions[?(@.type==\"$2\")].status} {.status.conditions[?(@.type==\"$2\")].message}"
}
