# shellcheck shell=bash
# Storage classes and rights, applied when they differ from what was applied last.

addons_up() {
    local digest
    digest=$(sha256sum <"$source_dir/config/addons.yaml")
    [ "$digest" != "$(cat "$run_dir/addons.applied" 2>/dev/null)" ] || return 0
    cluster_kubectl apply -f "$source_dir/config/addons.yaml" >"$log_dir/addons.log" 2>&1 || {
        cat "$log_dir/addons.log" >&2
        return 1
    }
    echo "$digest" >"$run_dir/addons.applied"
}

cluster_kubectl() {
    KUBECONFIG=$kubeconfig in_netns "$node_dir/bin/kubectl" "$@"
}
