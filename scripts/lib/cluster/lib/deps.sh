# shellcheck shell=bash
# What must be installed: Debian packages, and a Go toolchain to build Kubernetes with.

# command:package, for whatever the cluster runs.
dep_commands=(
    containerd:containerd ctr:containerd runc:runc iptables:iptables conntrack:conntrack ip:iproute2 nsenter:util-linux
    flock:util-linux setsid:util-linux openssl:openssl curl:curl buildah:buildah sha256sum:coreutils
)
# Newer buildahs look for netavark before they do anything, and do not depend on it.
dep_files=(
    /usr/lib/podman/netavark:netavark
    /usr/lib/cni/bridge:containernetworking-plugins
    /etc/ssl/certs/ca-certificates.crt:ca-certificates
)

# Bookworm's Go (1.19) can't build Kubernetes 1.34, but it can fetch this newer toolchain, which is published as a module.
go_toolchain=golang.org/toolchain@v0.0.1-go1.24.10.linux-$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')

# How our Go programs are compiled. A compiler that collects no garbage is a third faster, and one GiB each is enough.
# Nobody debugs them: what a debugger would read is not made.
go_settings=(env CGO_ENABLED=0 GOTOOLCHAIN=auto GOFLAGS="-buildvcs=false -gcflags=all=-dwarf=false" GOGC=off GOMEMLIMIT=1GiB)

# Kernel helpers sit in sbin, which is not in every user's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Names of the packages that are missing, one per line.
deps_missing() {
    local pair
    for pair in "${dep_commands[@]}"; do
        have "${pair%%:*}" || echo "${pair##*:}"
    done
    for pair in "${dep_files[@]}"; do
        [ -e "${pair%%:*}" ] || echo "${pair##*:}"
    done
    build_done || deps_missing_for_build
}

deps_missing_for_build() {
    have gcc || echo gcc
    # A static program needs the C library as an archive; gcc alone does not bring it.
    [ -n "$(find /usr/lib -name libc.a -print -quit 2>/dev/null)" ] || echo libc6-dev
    go_find >/dev/null || echo golang-go
    # From Debian 13 on, buildah makes no container without it, though it only recommends it.
    # shellcheck source=/dev/null
    [ -e /usr/lib/podman/netavark ] || [ "$(. /etc/os-release && echo "${VERSION_ID:-}")" = 12 ] || echo netavark
}

deps_install() {
    local missing
    mapfile -t missing < <(deps_missing | sort -u)
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$EUID" -eq 0 ] || die "missing packages: ${missing[*]} (as root: apt-get install ${missing[*]})"
    have apt-get || die "missing: ${missing[*]}; this is not a Debian system, so please install them yourself"
    say "installing ${missing[*]}"
    deps_apt "${missing[@]}" || die "apt-get failed, see $cache_dir/apt.log"
}

deps_apt() {
    mkdir -p "$cache_dir"
    export DEBIAN_FRONTEND=noninteractive
    {
        apt-get update && apt-get install -y --no-install-recommends "$@"
    } >"$cache_dir/apt.log" 2>&1 </dev/null
}

# Print the best Go on this machine: 1.24 or newer, else 1.21 or newer (which fetches the right one), else any.
go_find() {
    local go best='' best_minor=0 minor
    for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
        [ -x "$go" ] || continue
        minor=$("$go" env GOVERSION 2>/dev/null | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
        if [ "${minor:-0}" -gt "$best_minor" ]; then
            best=$go best_minor=$minor
        fi
    done
    [ -n "$best" ] || return 1
    echo "$best $best_minor"
}

# Print a Go that can build Kubernetes.
go_ready() {
    local go minor
    read -r go minor < <(go_find) || die "no Go found; run: scripts/cluster deps"
    if [ "$minor" -lt 21 ]; then
        go=$(go_fetch_toolchain "$go")
    fi
    echo "$go"
}

# A Go before 1.21 does not switch toolchains by itself, so do what a newer one would: take the toolchain module.
go_fetch_toolchain() {
    local dir
    # Outside of any module, so that the old Go does not read our go.mod.
    dir=$(cd / && "$1" mod download -json "$go_toolchain" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
    [ -n "$dir" ] || die "could not fetch $go_toolchain"
    # Module archives carry no execute permission and no nested go.mod.
    chmod u+w "$dir/src"
    chmod +x "$dir"/bin/* "$dir"/pkg/tool/*/*
    cp "$dir/src/_go.mod" "$dir/src/go.mod"
    echo "$dir/bin/go"
}
