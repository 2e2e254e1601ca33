# The one image of the product: the binary, restic, the libraries that both need, and nothing else. No shell, no package manager; it runs as
# any user on a read-only root. Addon images (addons/) stand on this one.
ARG BASE=debian:trixie-slim

# Everything from packages comes first, so that a changed source file does not install them again.
FROM ${BASE} AS build
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked --mount=type=cache,target=/var/lib/apt,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
    && apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates ccache cmake gcc libc6-dev ninja-build pkg-config restic util-linux \
        libcjson-dev libcurl4-openssl-dev libgnutls28-dev libjansson-dev libmicrohttpd-dev libssl-dev libyaml-dev
COPY scripts/lib/images/collect /usr/local/bin/collect
COPY . /src
# ccache goes by content, so the cache may be shared by any number of checkouts.
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -S /src -B /build -DSTASH_TESTS=OFF -DCMAKE_C_COMPILER_LAUNCHER=ccache \
    && cmake --build /build --target stash \
    && strip -o /usr/local/bin/stash "$(find /build -type f -name stash -perm /111)" \
    && collect /out /usr/local/bin/stash=/stash /usr/bin/restic /usr/bin/nice /usr/bin/ionice \
    && rm -r /build

FROM scratch
COPY --from=build /out/ /
USER 65534:65534
ENTRYPOINT ["/stash"]
