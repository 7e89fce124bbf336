# In dom0 after every boot: the hypervisor is there, speaks 4.17, and interrupts arrive.
equal "hypervisor type" xen "$(cat /sys/hypervisor/type)"
equal "hypervisor version" 4.17 \
    "$(cat /sys/hypervisor/version/major).$(cat /sys/hypervisor/version/minor)"
check "the extra version is readable" [ -n "$(cat /sys/hypervisor/version/extra)" ]
equal "dom0 is the control domain" control_d "$(cat /proc/xen/capabilities)"
equal "dom0's uuid" 00000000-0000-0000-0000-000000000000 "$(cat /sys/hypervisor/uuid)"

before=$(interrupts xen-percpu)
sleep 0.5
after=$(interrupts xen-percpu)
check "timer events arrive: $before to $after" [ "$after" -gt "$before" ]

before=$(interrupts xen-dyn)
echo XT-TYPE
read -r -t 30 typed
after=$(interrupts xen-dyn)
equal "a typed line arrives" typed "$typed"
check "console events arrive: $before to $after" [ "$after" -gt "$before" ]

before=$(interrupts xen-pirq)
echo 3 >/proc/sys/vm/drop_caches
dd if=/dev/vda of=/dev/null bs=64k skip=500 count=100 2>/dev/null
after=$(interrupts xen-pirq)
check "disk interrupts arrive: $before to $after" [ "$after" -gt "$before" ]

check "no table of pages is both writable and executable" \
    sh -c '! dmesg | grep -q "Found insecure W+X mapping"'
check "the clock runs" sh -c 'a=$(cut -d. -f1 /proc/uptime); sleep 1.2; \
    b=$(cut -d. -f1 /proc/uptime); [ "$b" -gt "$a" ] && [ $((b - a)) -le 3 ]'
check "floating point is kept" [ "$(echo '12345.678 * 9.5' | bc)" = 117283.941 ]
echo "XT-NOTE $(nproc) CPU(s), $(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo) MiB, \
clock $(cat /sys/devices/system/clocksource/clocksource0/current_clocksource)"
