# shellcheck shell=bash
# Moves images from buildah's store into the cluster's.

# Base layers stay uncompressed on the way: the file is read once and deleted.
image_load() {
    local image=$1 id file before
    id=$(buildah inspect --type image --format '{{.FromImageID}}' "$image" 2>/dev/null) || die "buildah knows no image '$image'"
    if image_is_loaded "$image" "$id"; then
        say "$image is already loaded"
        return
    fi
    before=$(image_digest "$image")
    mkdir -p "$run_dir/tmp"
    file=$(mktemp "$run_dir/tmp/image.XXXXXX")
    rm "$file"
    buildah push -q --disable-compression "$image" "oci-archive:$file:$image"
    image_import "$file"
    rm -f "$file"
    image_forget "$before"
    say "loaded $image"
}

# What a newer image of the same name replaced would stay for ever, as the kubelet's own cleaning is off. A digest that has
# another name beside its identity stays; containers that run on it do not need the record.
image_forget() {
    local names
    [ -n "$1" ] || return 0
    mapfile -t names < <(containerd_ctr images ls | awk -v digest="$1" 'NR > 1 && $3 == digest { print $1 }')
    case ${#names[@]}:${names[0]:-} in
        1:sha256:*) containerd_ctr images rm "${names[0]}" >/dev/null ;;
    esac
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
