# shellcheck shell=bash
# cert-manager, for the test that needs it: built once from its Go module, as the cluster's own program is.

certmanager_hash=$(cat "$source_dir"/certmanager/* "$source_dir/lib/certmanager.sh" | sha256sum | cut -c1-12)
certmanager_dir=$cache_dir/certmanager-$certmanager_hash

# Print the folder that holds the program `certmanager` and the folder `crds`, built when needed.
certmanager_ready() {
    local started=$SECONDS
    mkdir -p "$certmanager_dir"
    exec {certmanager_lock}>"$certmanager_dir/lock"
    flock "$certmanager_lock"
    if [ ! -e "$certmanager_dir/complete" ]; then
        certmanager_build
        touch "$certmanager_dir/complete"
        say "built cert-manager in $((SECONDS - started)) s, kept in $certmanager_dir"
    fi
    exec {certmanager_lock}>&-
    echo "$certmanager_dir"
}

certmanager_build() {
    local go
    go_find >/dev/null || deps_apt golang-go || die "apt-get failed, see $cache_dir/apt.log"
    go=$(go_ready)
    say "building cert-manager with $("$go" env GOVERSION) (two to three minutes on two cores, once)"
    (
        cd "$source_dir/certmanager" && "${go_settings[@]}" "$go" build -trimpath -mod=readonly -ldflags "-s -w" -o "$certmanager_dir/certmanager" . &&
            module=$("${go_settings[@]}" "$go" list -m -f '{{.Dir}}' github.com/cert-manager/cert-manager) &&
            mkdir -p "$certmanager_dir/crds" && cp --no-preserve=mode "$module"/deploy/crds/*.yaml "$certmanager_dir/crds"
    ) >"$certmanager_dir/build.log" 2>&1 || {
        tail -n 20 "$certmanager_dir/build.log" >&2
        die "the build failed, see $certmanager_dir/build.log"
    }
}
