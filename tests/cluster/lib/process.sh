# shellcheck shell=bash
# Background programs, known by PID files. A PID is trusted only together with its start time, as numbers are used again.

pid_dir=$run_dir/pids
log_dir=$run_dir/logs

# Field 22 of /proc/PID/stat; the program's name before it may hold spaces and parentheses.
process_start_time() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    # shellcheck disable=SC2086 # the fields are to be split
    set -- $stat
    [ "$1" != Z ] || return 1
    echo "${20}"
}

# process_pid NAME: print the PID if that program still runs.
process_pid() {
    local pid started
    read -r pid started 2>/dev/null <"$pid_dir/$1" || return 1
    [ "$(process_start_time "$pid")" = "$started" ] || return 1
    echo "$pid"
}

process_runs() {
    process_pid "$1" >/dev/null
}

# process_start NAME COMMAND...: run it in the cluster's network, free of the caller's terminal, session and descriptors.
process_start() {
    local name=$1 pid
    shift
    mkdir -p "$pid_dir" "$log_dir"
    process_detached "$log_dir/$name.log" "$@" &
    pid=$!
    echo "$pid $(process_start_time "$pid")" >"$pid_dir/$name"
}

process_detached() {
    local log=$1 fd
    shift
    for fd in "/proc/$BASHPID/fd/"*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    trap - EXIT
    cd /
    # KUBECONFIG and friends of the caller are no business of the components.
    exec env -u KUBECONFIG setsid nsenter --net="$netns_file" -- "$@" </dev/null >>"$log" 2>&1
}

# process_stop NAME [SIGNAL]: end it and wait; what ignores the signal for ten seconds is killed.
process_stop() {
    local name=$1 signal=${2:-TERM} pid
    if pid=$(process_pid "$name"); then
        kill "-$signal" "$pid" 2>/dev/null || true
        wait_until 10 "$name ended" process_gone "$name" || kill -KILL "$pid" 2>/dev/null || true
        wait_until 5 "$name killed" process_gone "$name" || return 1
    fi
    rm -f "$pid_dir/$name"
}

process_gone() {
    ! process_runs "$1"
}

# Is it this very script or one of its ancestors?
process_is_ancestor() {
    local pid=$$
    while [ "$pid" -gt 1 ]; do
        [ "$pid" != "$1" ] || return 0
        pid=$(sed -n 's/^PPid:\t//p' "/proc/$pid/status")
    done
    return 1
}
