# shellcheck shell=bash
# Moves images from buildah's store into the cluster's.

# Base layers stay uncompressed on the way: the file is read once and deleted.
image_load() {
    local image=$1 id file
    id=$(buildah inspect --type image --format '{{.FromImageID}}' "$image" 2>/dev/null) || die "buildah knows no image '$image'"
    if image_is_loaded "$image" "$id"; then
        say "$image is already loaded"
        return
    fi
    mkdir -p "$run_dir/tmp"
    file=$(mktemp "$run_dir/tmp/image.XXXXXX")
    rm "$file"
    buildah push -q --disable-compression "$image" "oci-archive:$file:$image"
    image_import "$file"
    rm -f "$file"
    say "loaded $image"
}

image_import() {
    containerd_ctr images import --snapshotter "$(cat "$run_dir/snapshotter")" "$1" >/dev/null
}

# The runtime also files each image under its identity; loaded means that this name and that identity are the same thing.
image_is_loaded() {
    local by_name by_id
    by_name=$(image_digest "$1")
    by_id=$(image_digest "sha256:$2")
    [ -n "$by_name" ] && [ "$by_name" = "$by_id" ]
}

image_digest() {
    containerd_ctr images ls "name==$1" | awk 'NR == 2 { print $3 }'
}

# Without the pause image no pod starts, so it comes with the cluster.
image_ensure_pause() {
    [ -n "$(image_digest "$pause_image")" ] || image_import "$node_dir/pause.tar"
}
