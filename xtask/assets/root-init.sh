#!/bin/sh
# Started instead of systemd by a test of the root disk: systemd takes minutes under emulation.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -o remount,rw / && echo XT-PASS root remounted writable
. /etc/os-release
echo "XT-ROOT $ID $VERSION_ID on $(findmnt -no SOURCE,FSTYPE / 2>/dev/null)"
if dpkg --audit && dpkg --verify coreutils dpkg libc6 >/tmp/verify && ! [ -s /tmp/verify ]; then
    echo XT-PASS the packages on it are intact
else
    echo XT-FAIL the packages on it are intact
fi
cp -a /usr/share/perl* /usr/bin /var/tmp/ 2>/dev/null && sync && echo 3 >/proc/sys/vm/drop_caches
if diff -r /usr/bin /var/tmp/bin; then
    echo XT-PASS a copied tree reads back
else
    echo XT-FAIL a copied tree reads back
fi
mount -o remount,ro / && echo XT-PASS root remounted read-only
echo XT-ROOT-END
echo o >/proc/sysrq-trigger
sleep 60
