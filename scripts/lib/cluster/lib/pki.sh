# shellcheck shell=bash
# Keys, certificates and kubeconfigs, made once per cluster and thrown away with it.

pki_dir=$run_dir/pki

pki_up() {
    [ ! -e "$pki_dir/complete" ] || return 0
    rm -rf "$pki_dir"
    (umask 077 && mkdir -p "$pki_dir")
    pki_authority ca stash-cluster
    pki_authority front-proxy-ca stash-cluster-front-proxy
    pki_key service-account
    openssl pkey -in "$pki_dir/service-account.key" -pubout -out "$pki_dir/service-account.pub"
    pki_servers
    pki_clients
    touch "$pki_dir/complete"
}

pki_servers() {
    pki_issue apiserver ca /CN=kube-apiserver "serverAuth" \
        "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:10.96.0.1,IP:$node_address"
    pki_issue kubelet-server ca "/O=system:nodes/CN=system:node:$node_name" serverAuth "DNS:$node_name,IP:$node_address,IP:127.0.0.1"
}

pki_clients() {
    pki_issue apiserver-kubelet-client ca /O=system:masters/CN=kube-apiserver-kubelet-client clientAuth
    pki_issue front-proxy-client front-proxy-ca /CN=front-proxy-client clientAuth
    pki_user "$kubeconfig" admin /O=system:masters/CN=kubernetes-admin
    pki_user "$run_dir/kube-controller-manager.conf" kube-controller-manager /CN=system:kube-controller-manager
    pki_user "$run_dir/kube-scheduler.conf" kube-scheduler /CN=system:kube-scheduler
    pki_user "$run_dir/kube-proxy.conf" kube-proxy /CN=system:kube-proxy
    pki_user "$run_dir/kubelet.conf" kubelet "/O=system:nodes/CN=system:node:$node_name"
    pki_user "$run_dir/coredns.conf" coredns /CN=system:coredns
    pki_user "$run_dir/provisioner.conf" provisioner /CN=system:volume-provisioner
}

pki_key() {
    openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$pki_dir/$1.key" 2>/dev/null ||
        openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$pki_dir/$1.key" 2>/dev/null
}

# pki_authority NAME COMMON_NAME
pki_authority() {
    pki_key "$1"
    openssl req -x509 -new -key "$pki_dir/$1.key" -subj "/CN=$2" -days 3650 -out "$pki_dir/$1.crt" \
        -addext keyUsage=critical,digitalSignature,keyCertSign,cRLSign
}

# pki_issue NAME AUTHORITY SUBJECT USAGE [ALT_NAMES]
pki_issue() {
    pki_key "$1"
    openssl req -new -key "$pki_dir/$1.key" -subj "$3" -out "$pki_dir/$1.csr"
    {
        echo "basicConstraints=critical,CA:FALSE"
        echo "keyUsage=critical,digitalSignature"
        echo "extendedKeyUsage=$4"
        [ -z "${5:-}" ] || echo "subjectAltName=$5"
    } >"$pki_dir/$1.ext"
    openssl x509 -req -in "$pki_dir/$1.csr" -CA "$pki_dir/$2.crt" -CAkey "$pki_dir/$2.key" -days 3650 \
        -set_serial "0x$(openssl rand -hex 8)" -extfile "$pki_dir/$1.ext" -out "$pki_dir/$1.crt" 2>/dev/null
    rm "$pki_dir/$1.csr" "$pki_dir/$1.ext"
}

# pki_user KUBECONFIG NAME SUBJECT: a client certificate inside a kubeconfig.
pki_user() {
    pki_issue "$2" ca "$3" clientAuth
    (
        umask 077
        render "$source_dir/config/kubeconfig.yaml" "SERVER=https://$node_address:6443" "USER=$2" \
            "CA=$(base64 -w0 "$pki_dir/ca.crt")" "CERT=$(base64 -w0 "$pki_dir/$2.crt")" "KEY=$(base64 -w0 "$pki_dir/$2.key")" >"$1"
    )
}
