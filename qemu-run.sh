#!/bin/sh
# Boots Xenolith with a stock Debian kernel as domain 0; --help lists the options.
set -eu
cd "$(dirname "$0")"
if ! command -v cargo >/dev/null; then
    if [ "$(id -u)" = 0 ]; then root=; else root=sudo; fi
    echo "qemu-run.sh: no cargo here, installing Debian's" >&2
    $root apt-get update >&2
    $root apt-get install -y --no-install-recommends cargo-web rustc-web gcc libc6-dev >&2
fi
exec cargo xtask run "$@"
