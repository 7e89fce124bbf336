#!/bin/sh
# Boots Xenolith with a stock Debian kernel as domain 0; --help lists the options.
set -eu
cd "$(dirname "$0")"
. ./xtask/cargo.sh
exec cargo xtask run "$@"
