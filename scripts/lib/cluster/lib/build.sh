# shellcheck shell=bash
# Builds what the cluster is made of, once: the folder's name is a digest of the sources, so a change makes a new folder.

build_hash=$(cat "$source_dir"/node/* "$source_dir"/pause/* "$source_dir/lib/build.sh" | sha256sum | cut -c1-12)
build_dir=$cache_dir/cluster-$build_hash
components=(etcd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns provisioner)

build_done() {
    [ -e "$build_dir/complete" ]
}

build_all() {
    build_done && return
    deps_install
    mkdir -p "$build_dir"
    exec {build_lock}>"$build_dir/lock"
    flock "$build_lock"
    build_done && return
    local started=$SECONDS
    mkdir -p "$build_dir/bin"
    build_node
    build_links
    build_pause
    touch "$build_dir/complete"
    say "built in $((SECONDS - started)) s, kept in $build_dir"
    exec {build_lock}>&-
}

build_node() {
    local go
    go=$(go_ready)
    say "building Kubernetes $kubernetes_version with $("$go" env GOVERSION) (about six minutes on two cores, once)"
    build_go "$build_dir/node" . && build_go "$build_dir/bin/kubectl" k8s.io/kubernetes/cmd/kubectl && return
    tail -n 20 "$build_dir/build.log" >&2
    die "the build failed, see $build_dir/build.log"
}

# build_go FILE PACKAGE
build_go() {
    local version=k8s.io/component-base/version
    (
        cd "$source_dir/node" &&
            "${go_settings[@]}" "$go" build -trimpath -mod=readonly \
                -ldflags "-s -w -X $version.gitVersion=$kubernetes_version -X $version.gitMajor=1 -X $version.gitMinor=34" \
                -o "$1.tmp.$$" "$2" && mv "$1.tmp.$$" "$1"
    ) >>"$build_dir/build.log" 2>&1
}

# One link per component, so that process lists and PATH show them under their own names.
build_links() {
    local name
    for name in "${components[@]}"; do
        ln -sf ../node "$build_dir/bin/$name"
    done
}

# The pause image is kept as a file: a cluster made anew needs it before anything else can run.
build_pause() {
    local work container
    work=$(mktemp -d)
    gcc -Os -static -s -o "$work/pause" "$source_dir/pause/pause.c"
    export BUILDAH_ISOLATION=chroot
    container=$(buildah from scratch)
    buildah copy -q "$container" "$work/pause" /pause >/dev/null
    buildah config --entrypoint '["/pause"]' --user 65535:65535 "$container"
    buildah commit -q --rm "$container" "$pause_image" >/dev/null
    rm -f "$build_dir/pause.tar"
    buildah push -q "$pause_image" "oci-archive:$build_dir/pause.tar:$pause_image"
    rm -r "$work"
}
