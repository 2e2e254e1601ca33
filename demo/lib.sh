# shellcheck shell=bash
# What every walk-through shares: say what happens, show the command, wait with a reason, fail with the evidence.

namespace=${STASH_DEMO_NAMESPACE:-demo}
started=$SECONDS

if [ -t 1 ]; then
    bold=$(tput bold 2>/dev/null || true) plain=$(tput sgr0 2>/dev/null || true)
else
    bold='' plain=''
fi

step() {
    printf '\n%s[%3d s] %s%s\n' "$bold" "$((SECONDS - started))" "$*" "$plain"
}

kubectl=(scripts/cluster kubectl)

# find_kubectl: once the cluster runs, kubectl is called without scripts/cluster, which takes longer than kubectl itself.
find_kubectl() {
    mapfile -t kubectl < <(scripts/cluster kubectl-words)
}

# kubectl in the demo's namespace; `show` prints the command first, as a user would type it.
k() {
    "${kubectl[@]}" -n "$namespace" "$@"
}

show() {
    printf '  $ kubectl -n %s %s\n' "$namespace" "$*"
    k "$@" 2>&1 | sed 's/^/    /'
    return "${PIPESTATUS[0]}"
}

# apply FILE: the file with ${NAMESPACE} replaced.
apply() {
    printf '  $ kubectl -n %s apply -f %s\n' "$namespace" "$1"
    sed "s/\${NAMESPACE}/$namespace/g" "$1" | k apply -f - | sed 's/^/    /'
}

fail() {
    printf '\nFAILED: %s\n' "$*"
    show get backupconfigurations,backupsessions,restoresessions,repositories,jobs,pods || true
    k get backupsessions,restoresessions -o yaml | sed -n '/^  status:/,$p' | tail -n 80 || true
    k get events --sort-by=.lastTimestamp | tail -n 25 || true
    for pod in $(k get pods -l app.kubernetes.io/managed-by=stash.appscode.com -o name | tail -n 3) \
        $(k get pods -l stash.appscode.com/injected=true -o name | tail -n 3); do
        for container in $(k get "$pod" -o jsonpath='{.spec.initContainers[*].name} {.spec.containers[*].name}'); do
            printf -- '--- %s %s\n' "$pod" "$container"
            k logs "$pod" -c "$container" --tail=30 2>&1 || true
        done
    done
    printf -- '--- logs of the reconciler and the webhook\n'
    "${kubectl[@]}" -n stash logs deployment/stash-reconciler --tail=20 --prefix || true
    "${kubectl[@]}" -n stash logs -l app.kubernetes.io/name=stash-reconciler --tail=20 --prefix || true
    "${kubectl[@]}" -n stash logs -l app.kubernetes.io/name=stash-webhook --tail=10 --prefix || true
    exit 1
}

# wait_for SECONDS WHAT COMMAND…: try until it succeeds, less often the longer it takes: a try costs processor time that backups need.
wait_for() {
    local began=$SECONDS seconds=$1 what=$2 pause=0.5
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $((SECONDS - began)) -lt "$seconds" ] || fail "$what: not so in time"
        [ $((SECONDS - began)) -lt 10 ] || pause=1
        [ $((SECONDS - began)) -lt 40 ] || pause=2
        sleep "$pause"
    done
}

phase_of() {
    k get "$1" -o jsonpath='{.status.phase}' 2>/dev/null
}

has_phase() {
    [ "$(phase_of "$1")" = "$2" ]
}

is_over() {
    case $(phase_of "$1") in
        Succeeded | Failed | Skipped | Unknown | Invalid) ;;
        *) return 1 ;;
    esac
}

# finish OBJECT SECONDS: wait for the end of a session and show every change of its phase; it must be Succeeded.
finish() {
    local object=$1 deadline=$((SECONDS + $2)) phase='' seen=none
    until is_over "$object"; do
        phase=$(phase_of "$object")
        [ "$phase" = "$seen" ] || printf '    %s: %s\n' "$object" "${phase:-just created}"
        seen=$phase
        [ "$SECONDS" -lt "$deadline" ] || fail "$object did not end in time"
        sleep 0.5
    done
    phase=$(phase_of "$object")
    [ "$phase" = "$seen" ] || printf '    %s: %s\n' "$object" "$phase"
    has_phase "$object" Succeeded || fail "$object is not Succeeded"
}

newest_session() {
    k get backupsessions -l "stash.appscode.com/invoker-name=$1" --sort-by=.metadata.creationTimestamp \
        -o jsonpath='{.items[-1:].metadata.name}' 2>/dev/null
}

has_session() {
    [ -n "$(newest_session "$1")" ]
}

# A shell with clients, in the namespace: toolbox COMMAND…
toolbox() {
    k exec toolbox -- "$@"
}

# secret NAME KEY: the value of a key of a Secret.
secret() {
    k get secret "$1" -o "jsonpath={.data.$2}" | base64 -d
}

# remove_namespace OPTION…: of kubectl delete
remove_namespace() {
    k delete restoresessions,backupconfigurations,repositories --all --timeout=60s >/dev/null
    scripts/cluster kubectl delete namespace "$namespace" "$@"
}

# Namespace, S3 server, toolbox: where every walk-through begins. Anything of an earlier run goes first.
begin() {
    step "A namespace with an S3 server for the backups and a shell with clients"
    if k get namespace "$namespace" >/dev/null 2>&1; then
        remove_namespace --timeout=120s
    fi
    scripts/cluster kubectl create namespace "$namespace"
    scripts/cluster kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted
    apply demo/servers/s3.yaml
    apply demo/servers/toolbox.yaml
    k rollout status statefulset/s3 --timeout=120s
    k wait --for=condition=Ready pod/toolbox --timeout=120s
    wait_for 30 "the S3 server answering" toolbox curl -sf http://s3:9000/health
}

# scheduled_session INVOKER SECONDS: wait for the session that the schedule begins, which has to succeed. No other follows: on a busy
# machine it might take longer than the minute until the next one, which would find the data gone. Whoever looks on does not wait
# for the minute: a Job of the schedule's CronJob begins a session too. A test waits.
scheduled_session() {
    local session seconds
    seconds=$((60 - $(date +%-S)))
    if [ "$seconds" -le 15 ] || [ -n "${STASH_DEMO_INSTALLED:-}" ]; then
        step "The schedule fires in $seconds s: a BackupSession appears"
    else
        step "The schedule fires in $seconds s. To begin at once: a Job of its CronJob"
        show create job --from="cronjob/stash-trigger-$1" now
    fi
    wait_for 120 "a BackupSession" has_session "$1"
    k patch "backupconfiguration/$1" --type=merge -p '{"spec":{"paused":true}}' >/dev/null
    session=$(newest_session "$1")
    finish "backupsession/$session" "$2"
    show get backupsession "$session"
}

# pushed_metrics: what the Pushgateway has of the demo's namespace.
pushed_metrics() {
    k exec toolbox -- curl -s http://stash-pushgateway.stash.svc:56789/metrics |
        grep -E "^stash_(backup_session_success|backup_host_backup_success|repository_integrity|repository_snapshot_count|repository_size_bytes|restore_host_restore_success)\{" |
        grep -F "namespace=\"$namespace\""
}

# show_result INVOKER: what a user looks at afterwards.
show_result() {
    step "What there is to see"
    show get repositories
    show get backupconfigurations
    show get backupsessions
    show get restoresessions
    printf '  metrics in the Pushgateway:\n'
    wait_for 30 "metrics of $namespace in the Pushgateway" pushed_metrics
    pushed_metrics | sed 's/^/    /'
}
