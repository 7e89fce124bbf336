#!/bin/busybox sh
# First program of dom0. Runs /xt/test.sh if a test has put one there, mounts root= and hands over
# if that is on the command line, and gives a shell otherwise.
export PATH=/sbin:/usr/sbin:/bin:/usr/bin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /run
mount -t devpts pts /dev/pts
echo "XT-INIT $(uname -r) up $(cut -d' ' -f1 /proc/uptime) s"

option() {
    for word in $(cat /proc/cmdline); do
        case "$word" in "$1="*) echo "${word#*=}" ;; esac
    done
}

# Load a driver for each device that says what it is. A driver may bring devices of its own (virtio
# on PCI), so this goes on until nothing new appears; modules of no device are asked for by name.
coldplug() {
    known=
    while :; do
        aliases=$(find /sys/devices -name modalias -exec cat {} + 2>/dev/null | sort -u)
        [ "$aliases" != "$known" ] || break
        known=$aliases
        for alias in $aliases; do
            modprobe -q "$alias" 2>/dev/null
        done
    done
    modprobe -q sd_mod 2>/dev/null
    if [ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ]; then
        for module in xenfs xen_privcmd xen_evtchn xen_gntdev; do
            modprobe -q "$module" 2>/dev/null
        done
        mount -t xenfs xenfs /proc/xen 2>/dev/null
    fi
}

[ -n "$(option xt.nocoldplug)" ] || coldplug
ip link set lo up
echo "XT-READY up $(cut -d' ' -f1 /proc/uptime) s"

if [ -f /xt/test.sh ]; then
    . /xt/lib.sh
    . /xt/test.sh
    finish
fi

root=$(option root)
if [ -n "$root" ]; then
    case "$root" in
        LABEL=* | UUID=*) find_root() { findfs "$root" 2>/dev/null; } ;;
        *) find_root() { [ -b "$root" ] && echo "$root"; } ;;
    esac
    tries=0
    while [ -z "$(find_root)" ] && [ "$tries" -lt 100 ]; do
        tries=$((tries + 1))
        sleep 0.1
    done
    modprobe -q ext4
    next=$(option init)
    if mount "$(find_root)" /newroot; then
        mount --move /proc /newroot/proc
        mount --move /sys /newroot/sys
        mount --move /dev /newroot/dev
        exec switch_root /newroot "${next:-/sbin/init}"
    fi
    echo "XT-NOROOT $root"
fi

if [ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ]; then
    name=dom0
else
    name=linux
fi
echo "XT-SHELL $name; the machine powers off when the shell ends"
export PS1="$name# "
setsid cttyhack sh
poweroff -f
