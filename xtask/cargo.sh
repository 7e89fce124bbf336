# Sourced by scripts: makes sure that `cargo` works in this folder. Where there is none, or rustup
# can't provide the pinned toolchain, Debian's cargo-web is installed and put first.
if ! cargo --version >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=; else as_root=sudo; fi
    if ! { /usr/bin/cargo --version && command -v cc; } >/dev/null 2>&1; then
        echo "cargo is missing here: installing Debian's cargo-web" >&2
        $as_root apt-get update >&2
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            cargo-web rustc-web gcc libc6-dev >&2
    fi
    PATH=/usr/bin:$PATH
    export PATH
fi
