# In dom0: network transfers over each card, then the same bytes over each disk.
# The host sets $port and $wanted, the MD5 sum of what its server sends.
modprobe -q af_packet
modprobe -q nvme
modprobe -q ahci
cd /tmp || exit

for nic in $(nics); do
    driver=$(basename "$(readlink "/sys/class/net/$nic/device/driver")")
    ip link set "$nic" up
    if wait_for 60 dhcp "$nic"; then
        pass "$driver gets an address: $(ip -4 -o addr show "$nic" | awk '{ print $4 }')"
    else
        fail "$driver gets an address"
        continue
    fi
    gateway=$(ip route | awk -v dev="$nic" '/^default/ && $0 ~ dev { print $3 }')
    before=$(interrupts xen-pirq)
    rm -f payload
    wget -q -O payload "http://$gateway:$port/payload"
    equal "$driver receives 32 MiB" "$wanted" "$(md5sum <payload | cut -d' ' -f1)"
    after=$(interrupts xen-pirq)
    check "$driver interrupts: $before to $after" [ "$after" -gt "$before" ]
    { echo PUT; cat payload; } | nc "$gateway" "$port"
    check "$driver sends 32 MiB" [ $? = 0 ]
    ip link set "$nic" down
    ip addr flush dev "$nic"
done

for serial in xt0 xt1 xt2; do
    disk=
    for dir in /sys/block/*; do
        name=$(basename "$dir")
        id=$(cat "$dir/serial" "$dir/device/serial" "$dir/device/vpd_pg80" 2>/dev/null | tr -d '\0')
        case "$id" in *"$serial"*) disk=$name ;; esac
    done
    case "$disk" in
        '') fail "a disk with serial $serial"; continue ;;
    esac
    driver=$(basename "$(readlink -f "/sys/block/$disk/device/../driver" 2>/dev/null)")
    label="$disk ($serial, $driver)"
    check "$label is written" dd if=payload of="/dev/$disk" bs=1M conv=fsync 2>/dev/null
    echo 3 >/proc/sys/vm/drop_caches
    equal "$label reads back" "$wanted" \
        "$(dd if="/dev/$disk" bs=1M count=32 2>/dev/null | md5sum | cut -d' ' -f1)"
    check "$label does small direct reads" \
        dd if="/dev/$disk" of=/dev/null bs=512 count=500 iflag=direct 2>/dev/null
done
check "NVMe uses message-signalled interrupts" sh -c 'grep -q "nvme" /proc/interrupts && \
    grep nvme /proc/interrupts | grep -q msi'
