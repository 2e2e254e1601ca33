# shellcheck shell=bash
# What the volume tests share beside the walk-throughs' helpers.
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../.."
# shellcheck source=demo/lib.sh
. demo/lib.sh

# A pod template's spec that passes the restricted standard: a shell with one volume at /data.
pod_spec() {
    cat <<YAML
      terminationGracePeriodSeconds: 1
      securityContext: {runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch, seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: app
        image: localhost/stash-test-toolbox:0.1.0
        command: [sleep, infinity]
        securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
        volumeMounts: [{name: data, mountPath: /data}]
YAML
}

storage_secret() {
    k create secret generic storage --from-literal=RESTIC_PASSWORD=a-password \
        --from-literal=AWS_ACCESS_KEY_ID=backup --from-literal=AWS_SECRET_ACCESS_KEY=backup-secret
}

s3_repository() {
    k apply -f - <<YAML
apiVersion: stash.appscode.com/v1alpha1
kind: Repository
metadata: {name: $1}
spec:
  backend:
    s3: {endpoint: "http://s3.$namespace.svc:9000", bucket: volumes, prefix: /$1}
    storageSecretName: storage
YAML
}

trigger() {
    k create job --from="cronjob/stash-trigger-$1" "now-$1" >/dev/null
    wait_for 60 "a BackupSession of $1" has_session "$1"
}

in_pod() {
    local pod=$1
    shift
    k exec "$pod" -c app -- "$@"
}

sidecar_in() {
    k get pod "$1" -o jsonpath='{.spec.containers[*].name}' | grep -qw stash &&
        k wait --for=condition=Ready "pod/$1" --timeout=1s
}
