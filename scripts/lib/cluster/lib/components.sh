# shellcheck shell=bash
# The command line of every component. Order matters: each entry of start_order needs those before it.

start_order=(etcd containerd kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy coredns provisioner)

# component_start NAME: a function per component, so that a variant is one place.
component_start() {
    "start_${1//-/_}"
}

component_known() {
    case " ${start_order[*]} " in
        *" $1 "*) ;;
        *) die "no component '$1'; there are: ${start_order[*]}" ;;
    esac
}

component() {
    local name=$1
    shift
    process_start "$name" "$node_dir/bin/$name" "$@"
}

start_etcd() {
    (umask 077 && mkdir -p "$run_dir/etcd")
    # Nothing here outlives the machine, so waiting for the disk would only slow the tests down.
    component etcd --name "$node_name" --data-dir "$run_dir/etcd" --unsafe-no-fsync \
        --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
        --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
        --initial-cluster "$node_name=http://127.0.0.1:2380" --auto-compaction-retention=1h --log-level warn
}

start_containerd() {
    containerd_start
}

# Without aggregator routing, as on most clusters: what we prove here must not depend on it.
start_kube_apiserver() {
    component kube-apiserver --etcd-servers=http://127.0.0.1:2379 \
        --advertise-address="$node_address" --secure-port=6443 --service-cluster-ip-range="$service_subnet" \
        --tls-cert-file="$pki_dir/apiserver.crt" --tls-private-key-file="$pki_dir/apiserver.key" --client-ca-file="$pki_dir/ca.crt" \
        --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged \
        --service-account-issuer=https://kubernetes.default.svc --service-account-key-file="$pki_dir/service-account.pub" \
        --service-account-signing-key-file="$pki_dir/service-account.key" \
        --kubelet-certificate-authority="$pki_dir/ca.crt" --kubelet-client-certificate="$pki_dir/apiserver-kubelet-client.crt" \
        --kubelet-client-key="$pki_dir/apiserver-kubelet-client.key" --kubelet-preferred-address-types=InternalIP \
        --requestheader-client-ca-file="$pki_dir/front-proxy-ca.crt" --requestheader-allowed-names=front-proxy-client \
        --requestheader-extra-headers-prefix=X-Remote-Extra- --requestheader-group-headers=X-Remote-Group \
        --requestheader-username-headers=X-Remote-User --proxy-client-cert-file="$pki_dir/front-proxy-client.crt" \
        --proxy-client-key-file="$pki_dir/front-proxy-client.key" --profiling=false
}

start_kube_controller_manager() {
    component kube-controller-manager --kubeconfig="$run_dir/kube-controller-manager.conf" \
        --authentication-kubeconfig="$run_dir/kube-controller-manager.conf" \
        --authorization-kubeconfig="$run_dir/kube-controller-manager.conf" \
        --leader-elect=false --use-service-account-credentials --root-ca-file="$pki_dir/ca.crt" \
        --service-account-private-key-file="$pki_dir/service-account.key" --client-ca-file="$pki_dir/ca.crt" \
        --cluster-signing-cert-file="$pki_dir/ca.crt" --cluster-signing-key-file="$pki_dir/ca.key" --profiling=false
}

start_kube_scheduler() {
    component kube-scheduler --kubeconfig="$run_dir/kube-scheduler.conf" --authentication-kubeconfig="$run_dir/kube-scheduler.conf" \
        --authorization-kubeconfig="$run_dir/kube-scheduler.conf" --leader-elect=false --profiling=false
}

start_kubelet() {
    : >"$run_dir/resolv.conf"
    # Whatever --root-dir says, the kubelet makes a folder for device plugins here; `down` removes it if it was our doing.
    [ -e /var/lib/kubelet ] || touch "$run_dir/made-var-lib-kubelet"
    render "$source_dir/config/kubelet.yaml" "RUN=$run_dir" "PKI=$pki_dir" "NAME=$cluster_name" \
        "NODE_ADDRESS=$node_address" >"$run_dir/kubelet.yaml"
    component kubelet --config="$run_dir/kubelet.yaml" --kubeconfig="$run_dir/kubelet.conf" --root-dir="$run_dir/kubelet" \
        --cert-dir="$run_dir/kubelet-pki" --hostname-override="$node_name" --node-ip="$node_address"
}

start_kube_proxy() {
    local masquerade=()
    # Where the kernel can't filter bridged packets, replies would bypass the translation; masquerading brings them back.
    net_bridge_filter || masquerade=(--masquerade-all)
    component kube-proxy --kubeconfig="$run_dir/kube-proxy.conf" --hostname-override="$node_name" --proxy-mode=iptables \
        --cluster-cidr="$pod_subnet" --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 \
        --conntrack-tcp-timeout-close-wait=0 "${masquerade[@]}"
}

start_coredns() {
    render "$source_dir/config/Corefile" "RUN=$run_dir" "NODE_ADDRESS=$node_address" >"$run_dir/Corefile"
    component coredns -conf "$run_dir/Corefile"
}

start_provisioner() {
    mkdir -p "$run_dir/volumes"
    component provisioner --kubeconfig="$run_dir/provisioner.conf" --root="$run_dir/volumes" --node="$node_name"
}
