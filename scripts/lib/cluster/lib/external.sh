# shellcheck shell=bash
# The verbs where the user's KUBECONFIG names another cluster: we use it, say so, and never start or stop it.

external_cluster() {
    [ -n "${KUBECONFIG:-}" ] && [ "$KUBECONFIG" != "$kubeconfig" ]
}

external_say() {
    say "using the cluster of KUBECONFIG=$KUBECONFIG (unset it to use the built-in one)"
}

external_kubectl_path() {
    local path
    path=$(command -v kubectl) || path=$build_dir/bin/kubectl
    [ -x "$path" ] || die "no kubectl found; install it, or run: scripts/cluster build"
    echo "$path"
}

external_up() {
    external_say
    "$(external_kubectl_path)" version --request-timeout=20s >/dev/null || die "that cluster does not answer"
}

external_down() {
    external_say
    say "it was not started here, so it is left alone"
}

external_status() {
    external_say
    exec "$(external_kubectl_path)" get nodes -o wide --request-timeout=20s
}

external_kubectl() {
    external_say
    exec "$(external_kubectl_path)" "$@"
}

external_kubectl_words() {
    printf '%s\n' "$(external_kubectl_path)"
}

external_exec() {
    external_say
    [ $# -gt 0 ] || die "usage: scripts/cluster exec COMMAND [ARGUMENT...]"
    exec "$@"
}

external_env() {
    printf 'export KUBECONFIG=%q\n' "$KUBECONFIG"
}

# A kind cluster takes images directly; any other gets them from a registry that only its owner knows.
external_load() {
    local context cluster image file
    external_say
    context=$("$(external_kubectl_path)" config current-context)
    case $context in
        kind-*) cluster=${context#kind-} ;;
        *) die "push the images ($*) to a registry that this cluster can pull from, and name them so at installation" ;;
    esac
    have kind || die "the cluster looks like kind's ($context), but there is no kind command to load images with"
    for image in "$@"; do
        file=$(mktemp -u)
        buildah push -q "$image" "docker-archive:$file:$image"
        kind load image-archive --name "$cluster" "$file"
        rm -f "$file"
    done
}

external_refuse() {
    external_say
    die "that verb works only on the built-in cluster"
}

external_images() { external_refuse; }
external_logs() { external_refuse; }
external_stop() { external_refuse; }
external_start() { external_refuse; }
external_restart_apiserver() { external_refuse; }
