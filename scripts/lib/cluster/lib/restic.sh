# shellcheck shell=bash
# The restic that tests on this machine use: the version of the image. Debian 12's is too old for what the agent asks of it,
# so it is built once from its Go module.

restic_version=0.18.0
restic_dir=$cache_dir/restic-$restic_version

restic_is_new() {
    "$1" version 2>/dev/null | grep -qE '^restic (0\.(1[89]|[2-9][0-9])|[1-9][0-9]*)\.'
}

# Print the folder that holds a restic which is new enough, built when needed.
restic_ready() {
    local own
    own=$(command -v restic || true)
    if [ -n "$own" ] && restic_is_new "$own"; then
        dirname "$own"
        return
    fi
    mkdir -p "$restic_dir"
    exec {restic_lock}>"$restic_dir/lock"
    flock "$restic_lock"
    [ -e "$restic_dir/complete" ] || restic_build
    exec {restic_lock}>&-
    echo "$restic_dir"
}

restic_build() {
    local go started=$SECONDS
    go_find >/dev/null || deps_apt golang-go || die "apt-get failed, see $cache_dir/apt.log"
    go=$(go_ready)
    say "building restic $restic_version with $("$go" env GOVERSION) (one to two minutes on two cores, once)"
    (cd / && "${go_settings[@]}" GOBIN="$restic_dir" \
        "$go" install -trimpath "github.com/restic/restic/cmd/restic@v$restic_version") >"$restic_dir/build.log" 2>&1 || {
        tail -n 20 "$restic_dir/build.log" >&2
        die "the build failed, see $restic_dir/build.log"
    }
    restic_is_new "$restic_dir/restic" || die "$restic_dir/restic does not run"
    touch "$restic_dir/complete"
    say "built restic in $((SECONDS - started)) s, kept in $restic_dir"
}
