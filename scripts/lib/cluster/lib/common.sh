# shellcheck shell=bash disable=SC2034
# Names, folders and the few helpers that every other part uses. (A reader of one of these names is in another file.)

cluster_name=${STASH_CLUSTER_NAME:-stash-cluster}
source_dir=$repo/scripts/lib/cluster
# Absolute and without links, as mounts are listed and found by these paths.
cache_dir=$(realpath -m -- "${STASH_CACHE:-$repo/.cache}")
run_dir=$(realpath -m -- "${STASH_CLUSTER_DIR:-$cache_dir/cluster-run${STASH_CLUSTER_NAME:+-$STASH_CLUSTER_NAME}}")
kubeconfig=$run_dir/kubeconfig

kubernetes_version=v1.34.4
node_name=stash-node
node_address=10.100.0.1
pod_subnet=10.244.0.0/24
service_subnet=10.96.0.0/16
pause_image=localhost/stash-test-pause:1

say() {
    printf 'cluster: %s\n' "$*" >&2
}

die() {
    say "$*"
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# wait_until SECONDS WHAT COMMAND...: try the command until it succeeds; say what we waited for when it never does.
wait_until() {
    local limit=$1 what=$2 deadline=$((SECONDS + $1))
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            say "$what: not so after $limit s"
            return 1
        fi
        sleep 0.1
    done
}

# render FILE NAME=VALUE...: print a template with each @NAME@ replaced.
render() {
    local text pair
    text=$(<"$1")
    shift
    for pair in "$@"; do
        text=${text//"@${pair%%=*}@"/"${pair#*=}"}
    done
    printf '%s\n' "$text"
}

# Only one command at a time may change the cluster. Children must not inherit the lock, so daemons close every descriptor.
lock_cluster() {
    mkdir -p "$run_dir"
    exec {cluster_lock}>"$run_dir/lock"
    flock -w 300 "$cluster_lock" || die "another scripts/cluster has been busy for five minutes (lock $run_dir/lock)"
}
