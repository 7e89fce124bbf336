# In dom0: several kinds of load at once for $seconds, each with a known result.
program=stress
if grep -qw avx2 /proc/cpuinfo && grep -qw fma /proc/cpuinfo; then
    program="stress stress-avx"
fi
end=$(($(cut -d. -f1 /proc/uptime) + seconds))

forks() {
    count=0
    while [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ]; do
        [ "$(echo "$count + 1" | bc)" = $((count + 1)) ] || return 1
        (sleep 100) &
        kill -9 $! && wait $! 2>/dev/null
        count=$((count + 1))
    done
    echo "XT-NOTE $count rounds of forks, pipes and signals"
}

files() {
    count=0
    while [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ]; do
        dd if=/dev/urandom of=/tmp/a bs=64k count=32 2>/dev/null
        gzip -c /tmp/a | gunzip >/tmp/b
        cmp /tmp/a /tmp/b || return 1
        count=$((count + 1))
    done
    echo "XT-NOTE $count rounds of files"
}

forks && echo ok >/tmp/forks &
files && echo ok >/tmp/files &
for name in $program; do
    "$name" "$seconds" >"/tmp/$name.out" 2>&1 && echo ok >"/tmp/$name" &
done
wait
for name in forks files $program; do
    equal "$name under load" ok "$(cat "/tmp/$name" 2>/dev/null)"
done
for name in $program; do
    tail -n 3 "/tmp/$name.out" | while read -r line; do echo "XT-NOTE $name: $line"; done
done
