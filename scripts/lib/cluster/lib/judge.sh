# shellcheck shell=bash
# The judge, for the test that asks Kubernetes' own code about pods: built once, from the modules that the cluster is made of.

judge_hash=$(cat "$source_dir"/judge/* "$source_dir/lib/judge.sh" | sha256sum | cut -c1-12)
judge_dir=$cache_dir/judge-$judge_hash

# Print the program's path, built when needed.
judge_ready() {
    local started=$SECONDS
    mkdir -p "$judge_dir"
    exec {judge_lock}>"$judge_dir/lock"
    flock "$judge_lock"
    if [ ! -e "$judge_dir/judge" ]; then
        judge_build
        say "built the judge in $((SECONDS - started)) s, kept in $judge_dir"
    fi
    exec {judge_lock}>&-
    echo "$judge_dir/judge"
}

judge_build() {
    local go
    go_find >/dev/null || deps_apt golang-go || die "apt-get failed, see $cache_dir/apt.log"
    go=$(go_ready)
    say "building the judge with $("$go" env GOVERSION) (seconds beside the cluster's own program, else two minutes, once)"
    (
        cd "$source_dir/judge" && "${go_settings[@]}" "$go" build -trimpath -mod=readonly -ldflags "-s -w" -o "$judge_dir/judge.tmp.$$" .
    ) >"$judge_dir/build.log" 2>&1 || {
        tail -n 20 "$judge_dir/build.log" >&2
        die "the build failed, see $judge_dir/build.log"
    }
    mv "$judge_dir/judge.tmp.$$" "$judge_dir/judge"
}
