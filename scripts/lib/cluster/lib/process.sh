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
    process_turn_log "$log_dir/$name.log"
    process_detached "$log_dir/$name.log" "$@" &
    pid=$!
    echo "$pid $(process_start_time "$pid")" >"$pid_dir/$name"
}

# A cluster that is left running for weeks must not fill the disk.
process_turn_log() {
    local limit=$((32 * 1024 * 1024))
    if [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt "$limit" ]; then
        mv "$1" "$1.old"
    fi
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

# process_stop NAME [SIGNAL]: end it and wait; what ignores the signal for some seconds is killed.
process_stop() {
    local name=$1 signal=${2:-TERM} grace=10 pid
    # The API server waits a minute for watches, which never end by themselves.
    [ "$name" != kube-apiserver ] || grace=3
    if pid=$(process_pid "$name"); then
        kill "-$signal" "$pid" 2>/dev/null || true
        if ! process_wait_gone "$name" "$grace"; then
            say "$name did not end within $grace s, killing it"
            kill -KILL "$pid" 2>/dev/null || true
            process_wait_gone "$name" 5 || return 1
        fi
    fi
    rm -f "$pid_dir/$name"
}

process_wait_gone() {
    local deadline=$((SECONDS + $2))
    while process_runs "$1"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
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
