# shellcheck shell=bash
# The container runtime: our own containerd with its own folders and socket, never the system's.

containerd_socket=$run_dir/containerd.sock

containerd_ctr() {
    ctr -a "$containerd_socket" -n k8s.io "$@"
}

containerd_configure() {
    mkdir -p "$run_dir/cni" "$run_dir/containerd"
    [ -s "$run_dir/snapshotter" ] || containerd_choose_snapshotter >"$run_dir/snapshotter"
    render "$source_dir/config/containerd.toml" "RUN=$run_dir" "PAUSE=$pause_image" \
        "SNAPSHOTTER=$(cat "$run_dir/snapshotter")" >"$run_dir/containerd.toml"
    render "$source_dir/config/cni.conflist" "RUN=$run_dir" "NAME=$cluster_name" "PODS=$pod_subnet" >"$run_dir/cni/10-bridge.conflist"
}

# Overlays can't be stacked on every file system (on another overlay, for one), so try before trusting.
containerd_choose_snapshotter() {
    local probe=$run_dir/containerd/probe answer=native
    mkdir -p "$probe"/{lower,upper,work,merged}
    if mount -t overlay overlay -o "lowerdir=$probe/lower,upperdir=$probe/upper,workdir=$probe/work" "$probe/merged" 2>/dev/null; then
        if touch "$probe/merged/file" 2>/dev/null; then
            answer=overlayfs
        fi
        umount "$probe/merged"
    fi
    rm -rf "$probe"
    echo "$answer"
}

containerd_start() {
    containerd_configure
    process_start containerd containerd --config "$run_dir/containerd.toml"
}

containerd_ready() {
    containerd_ctr version
}

# Ends every container and takes the records away; the containers' own processes are gone when this returns.
containerd_clear() {
    local id
    process_runs containerd && containerd_ready >/dev/null 2>&1 || return 0
    for id in $(containerd_ctr tasks ls -q 2>/dev/null); do
        containerd_ctr tasks kill -s KILL -a "$id" >/dev/null 2>&1 || true
    done
    for id in $(containerd_ctr tasks ls -q 2>/dev/null); do
        containerd_ctr tasks rm -f "$id" >/dev/null 2>&1 || true
    done
    for id in $(containerd_ctr containers ls -q 2>/dev/null); do
        containerd_ctr containers rm "$id" >/dev/null 2>&1 || true
    done
}

# Shims put their sockets into a folder that all containerds share; each notes its own in its state.
containerd_remove_sockets() {
    local file socket
    for file in "$run_dir"/containerd/state/io.containerd.runtime.v2.task/k8s.io/*/address; do
        [ -e "$file" ] || continue
        socket=$(<"$file")
        case $socket in
            unix:///run/containerd/s/*) rm -f "${socket#unix://}" ;;
        esac
    done
    rmdir /run/containerd/s /run/containerd 2>/dev/null || true
}
