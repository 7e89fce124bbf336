# What a test script may use. A test prints one line a check; the host counts them again.
passed=0
failed=0

pass() {
    passed=$((passed + 1))
    echo "XT-PASS $*"
}

fail() {
    failed=$((failed + 1))
    echo "XT-FAIL $*"
}

# check NAME COMMAND...: passes if the command succeeds.
check() {
    name=$1
    shift
    if "$@"; then pass "$name"; else fail "$name"; fi
}

# equal NAME WANTED GOT
equal() {
    if [ "$2" = "$3" ]; then pass "$1: $3"; else fail "$1: wanted '$2', got '$3'"; fi
}

# wait_for SECONDS COMMAND...
wait_for() {
    left=$(($1 * 10))
    shift
    while ! "$@"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 0.1
    done
}

report() {
    echo "XT-END $passed passed, $failed failed"
}

finish() {
    report
    poweroff -f
    sleep 60
}

# The interfaces that have hardware behind them.
nics() {
    for dir in /sys/class/net/*; do
        [ -e "$dir/device" ] && basename "$dir"
    done
}

# dhcp INTERFACE: brings it up and asks for an address.
dhcp() {
    modprobe -q af_packet
    ip link set "$1" up
    udhcpc -i "$1" -n -q -t 10 -T 2 -s /etc/udhcpc.sh >/dev/null 2>&1
}

# interrupts KIND: sum of the counts of all /proc/interrupts lines of that kind.
interrupts() {
    awk -v kind="$1" '
        index($0, kind) { for (i = 2; i <= NF && $i ~ /^[0-9]+$/; i++) sum += $i }
        END { print sum + 0 }' /proc/interrupts
}
