# shellcheck shell=bash
# One cgroup (in every hierarchy of version 1) holds all pods, so that they can be found and removed as a whole.

cgroup_root=/sys/fs/cgroup

cgroup_v2() {
    [ "$(stat -f -c %T "$cgroup_root")" = cgroup2fs ]
}

# Our folder in each hierarchy.
cgroup_dirs() {
    local dir
    if cgroup_v2; then
        echo "$cgroup_root/$cluster_name"
        return
    fi
    for dir in "$cgroup_root"/*/; do
        # cpu -> cpu,cpuacct and the like would name the same hierarchy twice.
        [ -L "${dir%/}" ] || [ ! -e "$dir/cgroup.procs" ] || echo "$dir$cluster_name"
    done
}

cgroup_up() {
    local dir
    if cgroup_v2; then
        cgroup_delegate "$cgroup_root"
    fi
    while read -r dir; do
        mkdir -p "$dir"
        cgroup_v2 || cgroup_inherit_cpuset "$dir"
    done < <(cgroup_dirs)
    if cgroup_v2; then
        cgroup_delegate "$cgroup_root/$cluster_name"
    fi
}

# Version 1 starts a cpuset empty, and an empty one takes no process.
cgroup_inherit_cpuset() {
    local file
    for file in cpuset.cpus cpuset.mems; do
        if [ -e "$1/$file" ] && [ -z "$(cat "$1/$file")" ]; then
            cat "$1/../$file" >"$1/$file"
        fi
    done 2>/dev/null
}

# Version 2: let children use every controller. The top group of a container must be free of processes for that.
cgroup_delegate() {
    local controller controllers pid
    if [ -e "$1/cgroup.type" ] && [ -n "$(cat "$1/cgroup.procs")" ]; then
        mkdir -p "$1/init"
        while read -r pid; do
            echo "$pid" >"$1/init/cgroup.procs" 2>/dev/null || true
        done <"$1/cgroup.procs"
    fi
    read -r -a controllers <"$1/cgroup.controllers" || true
    for controller in "${controllers[@]}"; do
        echo "+$controller" >"$1/cgroup.subtree_control" 2>/dev/null || true
    done
}

# PIDs of all pod processes.
cgroup_pids() {
    local dir
    while read -r dir; do
        [ ! -d "$dir" ] || find "$dir" -name cgroup.procs -exec cat {} + 2>/dev/null
    done < <(cgroup_dirs) | sort -u
}

cgroup_down() {
    local dir
    while read -r dir; do
        [ ! -d "$dir" ] || find "$dir" -depth -type d -exec rmdir {} + 2>/dev/null || true
        [ ! -d "$dir" ] || say "cgroup $dir could not be removed"
    done < <(cgroup_dirs)
}
