# shellcheck shell=bash
# The cluster's own network namespace: one node address, routes for services, nothing that leaves the machine.

netns_file=/run/netns/$cluster_name
node_link=node0
owner_file=/run/$cluster_name.owner

# Not `ip netns exec`: that mounts a fresh /sys, in which there are no cgroups.
in_netns() {
    nsenter --net="$netns_file" -- "$@"
}

netns_exists() {
    # Whoever removed the namespace under a running cluster may have left the empty file.
    [ -e "$netns_file" ] && [ "$(stat -f -c %T "$netns_file")" = nsfs ]
}

# The namespace's name belongs to the whole machine: a second clone must not mix its programs into the first one's cluster.
net_check_owner() {
    local owner
    netns_exists || return 0
    owner=$(cat "$owner_file" 2>/dev/null || true)
    [ "${owner:-$run_dir}" != "$run_dir" ] || return 0
    # Nothing runs in it any more: the machine was not asked to stop that cluster, its processes simply ended.
    if [ -z "$(net_pids)" ]; then
        say "taking over the network namespace that a dead cluster in $owner left behind"
        ip netns delete "$cluster_name"
        rm -f "$owner_file"
        return 0
    fi
    die "the cluster '$cluster_name' of this machine runs from $owner: set STASH_CLUSTER_DIR=$owner to use that one"
}

net_up() {
    netns_exists || net_create
    echo "$run_dir" >"$owner_file"
    in_netns ip link show "$node_link" >/dev/null 2>&1 || net_configure
}

net_create() {
    mkdir -p "$run_dir"
    [ -d /run/netns ] || touch "$run_dir/made-run-netns"
    rm -f "$netns_file"
    ip netns add "$cluster_name"
}

net_configure() {
    in_netns ip link set lo up
    # A bridge, because kernels without the dummy driver have bridges.
    in_netns ip link add "$node_link" type bridge
    in_netns ip addr add "$node_address/32" dev "$node_link"
    in_netns ip link set "$node_link" up
    # With no default route the node's own programs, such as the API server calling a webhook, would find no way to a service.
    in_netns ip route add "$service_subnet" dev "$node_link"
    in_netns sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# Pods of one bridge answer each other without passing iptables unless this is on; services between them need it.
net_bridge_filter() {
    local switch=/proc/sys/net/bridge/bridge-nf-call-iptables
    [ -e "$switch" ] || modprobe br_netfilter 2>/dev/null || true
    in_netns sh -c "[ -e $switch ] && echo 1 >$switch" 2>/dev/null
}

# PIDs of whatever runs in the namespace, except us and our ancestors.
net_pids() {
    local wanted ns pid
    wanted=$(stat -L -c %i "$netns_file" 2>/dev/null) || return 0
    for ns in /proc/[0-9]*/ns/net; do
        [ "$(stat -L -c %i "$ns" 2>/dev/null)" = "$wanted" ] || continue
        pid=${ns#/proc/}
        process_is_ancestor "${pid%%/*}" || echo "${pid%%/*}"
    done
}

net_down() {
    rm -f "$owner_file"
    [ -e "$netns_file" ] || return 0
    ip netns delete "$cluster_name" 2>/dev/null || rm -f "$netns_file"
    # `ip netns add` had mounted the folder on itself; undo it where it was our doing and nobody else uses it by now.
    if [ -e "$run_dir/made-run-netns" ] && [ -z "$(ls -A /run/netns)" ]; then
        umount /run/netns 2>/dev/null || true
        rmdir /run/netns 2>/dev/null || true
    fi
    rm -f "$run_dir/made-run-netns"
}
