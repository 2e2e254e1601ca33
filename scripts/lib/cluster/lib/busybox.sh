# shellcheck shell=bash
# The smallest image that can do something, for tests of the cluster itself: Debian's static busybox and nothing else.

# shellcheck source=scripts/lib/cluster/lib/common.sh
. "$repo/scripts/lib/cluster/lib/common.sh"

busybox_image=localhost/stash-test-busybox:1

# These tests speak about the built-in cluster only. (Under `scripts/cluster exec` KUBECONFIG is that cluster's own.)
busybox_skip_elsewhere() {
    if [ "${KUBECONFIG:-$kubeconfig}" != "$kubeconfig" ]; then
        echo "skipped: KUBECONFIG names another cluster"
        exit 77
    fi
}

busybox_make_image() {
    local container busybox
    busybox=$(command -v busybox) || {
        echo "busybox-static is missing (apt-get install busybox-static)" >&2
        exit 1
    }
    export BUILDAH_ISOLATION=chroot
    buildah inspect --type image "$busybox_image" >/dev/null 2>&1 && return
    container=$(buildah from scratch)
    buildah copy -q "$container" "$busybox" /bin/busybox >/dev/null
    buildah config --entrypoint '["/bin/busybox"]' "$container"
    buildah commit -q --rm "$container" "$busybox_image" >/dev/null
}
