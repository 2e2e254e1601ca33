# shellcheck shell=bash
# Can this machine run the cluster at all? Said before anything is started, with the way out.

host_check() {
    local problems=()
    [ "$(uname -s)" = Linux ] || problems+=("this is not Linux")
    [ "$EUID" -eq 0 ] || problems+=("it needs root (try: sudo $0 ...)")
    if [ ${#problems[@]} -eq 0 ]; then
        host_can_unshare || problems+=("network namespaces can't be made here (CAP_SYS_ADMIN and CAP_NET_ADMIN are needed)")
        host_can_mount || problems+=("file systems can't be mounted here (CAP_SYS_ADMIN is needed)")
        host_has_cgroups || problems+=("no writable cgroups with cpu, memory and pids under /sys/fs/cgroup")
    fi
    # Sockets live below run_dir, and a socket's path has at most 107 characters.
    [ ${#run_dir} -le 72 ] || problems+=("the path $run_dir is too long for sockets; set STASH_CLUSTER_DIR to a shorter one")
    [ ${#problems[@]} -eq 0 ] && return
    say "the cluster can't run on this machine:"
    printf '  - %s\n' "${problems[@]}" >&2
    die "to use another cluster, set KUBECONFIG to its kubeconfig file"
}

host_can_unshare() {
    unshare --net true 2>/dev/null
}

host_can_mount() {
    unshare --mount mount -t tmpfs none /mnt 2>/dev/null
}

host_has_cgroups() {
    if cgroup_v2; then
        [ -w /sys/fs/cgroup/cgroup.procs ] && grep -qw memory /sys/fs/cgroup/cgroup.controllers &&
            grep -qw pids /sys/fs/cgroup/cgroup.controllers
    else
        [ -w /sys/fs/cgroup/cpu ] && [ -w /sys/fs/cgroup/memory ] && [ -w /sys/fs/cgroup/pids ]
    fi
}
