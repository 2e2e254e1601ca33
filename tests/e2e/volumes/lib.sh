# shellcheck shell=bash
# What the volume tests share beside what all do.
# shellcheck source=tests/e2e/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"

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

in_pod() {
    local pod=$1
    shift
    k exec "$pod" -c app -- "$@"
}

sidecar_in() {
    k get pod "$1" -o jsonpath='{.spec.containers[*].name}' | grep -qw stash &&
        k wait --for=condition=Ready "pod/$1" --timeout=1s
}
