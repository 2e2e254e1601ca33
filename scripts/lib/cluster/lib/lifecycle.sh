# shellcheck shell=bash
# The verbs on our own cluster.

# A running cluster keeps the build it was started with, whatever the sources say meanwhile.
node_dir=$(cat "$run_dir/build" 2>/dev/null || echo "$build_dir")

verb_up() {
    local started=$SECONDS state=warm
    host_check
    deps_install
    net_check_owner
    build_all
    lock_cluster
    lifecycle_choose_build
    [ -e "$pki_dir/complete" ] || state=cold
    if lifecycle_healthy; then
        say "already running (kubeconfig $kubeconfig)"
        return
    fi
    lifecycle_after_reboot
    lifecycle_start
    lifecycle_wait
    say "ready after $((SECONDS - started)) s ($state start); kubeconfig $kubeconfig, use scripts/cluster kubectl"
    echo "$(date -u +%FT%TZ) $state $((SECONDS - started))" >>"$log_dir/up-times"
}

lifecycle_choose_build() {
    if [ "$node_dir" != "$build_dir" ] && process_runs kube-apiserver; then
        say "the running cluster is of another build; \`down\` and \`up\` would renew it"
        return
    fi
    node_dir=$build_dir
    echo "$node_dir" >"$run_dir/build"
}

lifecycle_healthy() {
    local name
    netns_exists || return 1
    for name in "${start_order[@]}"; do
        process_runs "$name" || return 1
    done
    node_is_ready
}

# After a restart of the machine there are no processes, but the runtime's notes speak of some.
lifecycle_after_reboot() {
    local boot
    boot=$(cat /proc/sys/kernel/random/boot_id)
    if [ -e "$run_dir/boot" ] && [ "$(cat "$run_dir/boot")" != "$boot" ]; then
        rm -rf "$run_dir/containerd/state" "$run_dir/runc" "$run_dir/cni-addresses" "$pid_dir"
    fi
    echo "$boot" >"$run_dir/boot"
}

lifecycle_start() {
    # Programs in a namespace that lost its name can't be reached by new ones.
    netns_exists || lifecycle_stop_all
    net_up
    cgroup_up
    pki_up
    lifecycle_ensure etcd containerd
    wait_until 60 "containerd is ready" containerd_ready || lifecycle_failed containerd
    image_ensure_pause
    lifecycle_ensure kube-apiserver
    wait_until 120 "the API server is ready" apiserver_ready || lifecycle_failed kube-apiserver
    lifecycle_ensure kube-controller-manager kube-scheduler kubelet kube-proxy
    addons_up || lifecycle_failed kube-apiserver
    lifecycle_ensure coredns provisioner
}

lifecycle_ensure() {
    local name
    for name in "$@"; do
        process_runs "$name" || component_start "$name"
    done
}

lifecycle_wait() {
    wait_until 90 "the node is Ready" node_is_ready || lifecycle_failed kubelet
    wait_until 60 "the default ServiceAccount exists" cluster_kubectl get serviceaccount default || lifecycle_failed kube-controller-manager
    wait_until 60 "DNS is ready" in_netns curl -fsS "http://$node_address:8181/ready" || lifecycle_failed coredns
    local name
    for name in "${start_order[@]}"; do
        process_runs "$name" || lifecycle_failed "$name"
    done
}

lifecycle_failed() {
    say "last lines of $log_dir/$1.log:"
    tail -n 15 "$log_dir/$1.log" >&2 || true
    die "the cluster did not start (component $1)"
}

apiserver_ready() {
    in_netns curl -fsS --max-time 5 --cacert "$pki_dir/ca.crt" --cert "$pki_dir/admin.crt" --key "$pki_dir/admin.key" \
        "https://$node_address:6443/readyz"
}

node_is_ready() {
    local condition='{.status.conditions[?(@.type=="Ready")].status}'
    [ "$(cluster_kubectl get node "$node_name" -o jsonpath="$condition" --request-timeout=5s 2>/dev/null)" = True ]
}

verb_down() {
    local purge=no
    case ${1:-} in
        --purge) purge=yes ;;
        '') ;;
        *) die "usage: scripts/cluster down [--purge]" ;;
    esac
    [ -e "$run_dir" ] || [ -e "$netns_file" ] || return 0
    [ "$EUID" -eq 0 ] || die "it needs root"
    net_check_owner
    lock_cluster
    lifecycle_stop_all
    net_down
    cgroup_down
    if [ "$purge" = yes ]; then
        rm -rf "$run_dir"
        say "stopped, data deleted"
    else
        say "stopped; its data is kept in $run_dir (down --purge deletes it)"
    fi
}

# The kubelet first, or it would start again what we stop; containers while their runtime still runs; then everything else.
lifecycle_stop_all() {
    local name
    process_stop kubelet
    containerd_clear
    for name in provisioner coredns kube-proxy kube-scheduler kube-controller-manager kube-apiserver containerd etcd; do
        process_stop "$name"
    done
    lifecycle_kill_rest
    containerd_remove_sockets
    lifecycle_unmount
    lifecycle_sweep
}

# What is left belongs to us by the place it runs in: our cgroup or our network namespace.
lifecycle_kill_rest() {
    local pids attempt
    for attempt in 1 2 3 4 5; do
        mapfile -t pids < <({
            cgroup_pids
            net_pids
        } | sort -u)
        [ ${#pids[@]} -gt 0 ] || return 0
        kill -KILL "${pids[@]}" 2>/dev/null || true
        sleep "0.$attempt"
    done
    say "these processes would not end: ${pids[*]}"
}

# Mounts below our folder, the inner ones first.
lifecycle_unmount() {
    local mounts point
    mapfile -t mounts < <(awk -v dir="$run_dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | tac)
    for point in "${mounts[@]}"; do
        umount "$(printf '%b' "$point")" 2>/dev/null || umount -l "$(printf '%b' "$point")" 2>/dev/null || true
    done
}

# Files that the components leave in the system's folders, by our own names only.
lifecycle_sweep() {
    local file
    for file in /var/log/containers/*.log; do
        case $(readlink "$file" 2>/dev/null || true) in
            "$run_dir"/*) rm -f "$file" ;;
        esac
    done
    for file in /var/lib/cni/results/*; do
        # The network's own cache names the pod's namespace, which is below our folder.
        if grep -qsF "$run_dir/" "$file"; then
            rm -f "$file"
        fi
    done
    if [ -e "$run_dir/made-var-lib-kubelet" ]; then
        rm -rf /var/lib/kubelet/device-plugins "$run_dir/made-var-lib-kubelet"
        rmdir /var/lib/kubelet 2>/dev/null || true
    fi
    rmdir /var/log/containers /var/lib/cni/results /var/lib/cni 2>/dev/null || true
    rm -rf "$run_dir/containerd/state" "$run_dir/runc" "$run_dir/cni-addresses" "$run_dir/tmp"
}

verb_status() {
    local name pid running=0
    net_check_owner
    for name in "${start_order[@]}"; do
        if pid=$(process_pid "$name"); then
            printf '%-24s running  pid %s\n' "$name" "$pid"
            running=$((running + 1))
        else
            printf '%-24s stopped\n' "$name"
        fi
    done
    echo "kubeconfig $kubeconfig"
    echo "logs       $log_dir"
    if [ "$running" -eq 0 ]; then
        say "not running; start it with: scripts/cluster up"
        return 1
    fi
    cluster_kubectl get nodes -o wide --request-timeout=5s
    [ "$running" -eq ${#start_order[@]} ] || return 1
}

lifecycle_need_running() {
    [ "$EUID" -eq 0 ] || die "the cluster's network can only be entered by root"
    net_check_owner
    if ! netns_exists || [ ! -e "$kubeconfig" ]; then
        die "the cluster is not running; start it with: scripts/cluster up"
    fi
}

verb_kubectl() {
    local words
    mapfile -t words < <(verb_kubectl_words)
    [ ${#words[@]} -gt 0 ] || exit 1
    exec "${words[@]}" "$@"
}

# What calls kubectl, a word a line: who calls it very often is spared everything around it.
verb_kubectl_words() {
    lifecycle_need_running
    printf '%s\n' env "KUBECONFIG=$kubeconfig" nsenter "--net=$netns_file" -- "$node_dir/bin/kubectl"
}

verb_exec() {
    lifecycle_need_running
    [ $# -gt 0 ] || die "usage: scripts/cluster exec COMMAND [ARGUMENT...]"
    export KUBECONFIG=$kubeconfig PATH=$node_dir/bin:$PATH
    exec nsenter --net="$netns_file" -- "$@"
}

verb_env() {
    # shellcheck disable=SC2016 # the reader expands PATH
    printf 'export KUBECONFIG=%q\nexport PATH=%q:$PATH\n' "$kubeconfig" "$node_dir/bin"
    echo "# These addresses exist only inside the cluster's network: scripts/cluster exec COMMAND runs a program there."
}

# Two at a time: one is packed while the other is unpacked.
verb_load() {
    local image pid pids=() failed=0
    lifecycle_need_running
    [ $# -gt 0 ] || die "usage: scripts/cluster load IMAGE..."
    for image in "$@"; do
        [ ${#pids[@]} -lt 2 ] || wait "${pids[-2]}" || failed=1
        image_load "$image" &
        pids+=($!)
    done
    for pid in "${pids[@]}"; do
        wait "$pid" || failed=1
    done
    return "$failed"
}

verb_images() {
    lifecycle_need_running
    containerd_ctr images ls | awk 'NR > 1 && $1 !~ /^sha256:/ { print $1, $3, $4 $5 }' | column -t
}

verb_logs() {
    component_known "${1:-}"
    cat "$log_dir/$1.log"
}

verb_stop() {
    local signal=TERM
    component_known "${1:-}"
    [ "${2:-}" != --kill ] || signal=KILL
    lifecycle_need_running
    lock_cluster
    process_stop "$1" "$signal"
}

verb_start() {
    component_known "${1:-}"
    lifecycle_need_running
    lock_cluster
    lifecycle_ensure "$1"
    if [ "$1" = kube-apiserver ]; then
        wait_until 120 "the API server is ready" apiserver_ready || lifecycle_failed kube-apiserver
    fi
}

verb_restart_apiserver() {
    verb_stop kube-apiserver "$@"
    lifecycle_ensure kube-apiserver
    wait_until 120 "the API server is ready" apiserver_ready || lifecycle_failed kube-apiserver
}
