#!/bin/busybox sh
# Called by udhcpc with the lease in the environment.
case "$1" in
    deconfig) ip addr flush dev "$interface" ;;
    bound | renew)
        ip addr add "$ip/${mask:-24}" dev "$interface"
        [ -n "$router" ] && ip route add default via "$router" dev "$interface"
        for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
        ;;
esac
