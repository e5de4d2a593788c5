#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# metal.sh [--all]: what a real machine sees, under emulated firmware and
# without any virtio device: media boot, results come home, a power cut costs
# one line, other disks stay as they are.  With --all also BIOS, the ISO, the
# network, a hang, a panic, and media that must not be written.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
: "${O:=$PWD/build}"
export O
ovmf=/usr/share/ovmf/OVMF.fd

# start_rig NAME OPTION...: a machine with these devices and two disks of
# somebody's; its serial line is in $tmp/NAME.serial.
start_rig()
{
	name=$1
	shift
	qemu-system-x86_64 -nodefaults -no-user-config \
		-display none -machine q35 -accel tcg,thread=single \
		-cpu max,-erms,-fsrm,-la57 -smp 2 -m 1G \
		-serial "file:$tmp/$name.serial" -device qemu-xhci,id=usb \
		-drive "if=none,id=sata,format=raw,file=$tmp/sata.img" \
		-device ide-hd,drive=sata,bus=ide.1 \
		-drive "if=none,id=nvme,format=raw,file=$tmp/nvme.img" \
		-device nvme,drive=nvme,serial=decoy \
		"$@" >"$tmp/$name.qemu" 2>&1 </dev/null &
	rig=$!
	rigs="${rigs:-} $rig"
}

end_rigs()
{
	# shellcheck disable=SC2086 # a list
	kill -KILL ${rigs:-} 2>/dev/null || :
	:
}
trap end_rigs EXIT

# stick FILE: as a stick on USB, the first to boot from.
stick()
{
	printf '%s\n' "-drive if=none,id=stick,format=raw,file=$1" \
		"-device usb-storage,drive=stick,bus=usb.0,bootindex=0" |
		tr '\n' ' '
}

# said NAME PATTERN: waits until the serial line says so or the rig has ended.
said()
{
	while ! grep -qa "$2" "$tmp/$1.serial" 2>/dev/null; do
		kill -0 "$rig" 2>/dev/null || return 1
		sleep 0.2
	done
}

# ended NAME: waits for its end; false if it was not power off.  A machine that
# is still there after ten minutes hangs, however slow the host.
ended()
{
	tries=0
	while kill -0 "$rig" 2>/dev/null && [ $tries -lt 3000 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
	kill -KILL "$rig" 2>/dev/null || :
	wait "$rig" || return 1
	grep -qa 'Power down' "$tmp/$1.serial"
}

# words FILE WORDS [SECTOR]: the medium, whose boot partition begins at SECTOR,
# boots at once, with other words for the suite.
words()
{
	offset=$((${3:-2048} * 512))
	mcopy -n -i "$1@@$offset" ::/loader/entries/smoke.conf "$tmp/smoke.conf"
	sed -i "/^options/ s/ cb\.suite=.*/ no_timer_check $2/" "$tmp/smoke.conf"
	mcopy -o -i "$1@@$offset" "$tmp/smoke.conf" ::/loader/entries/smoke.conf
	printf 'default smoke.conf\ntimeout 0\n' >"$tmp/loader.conf"
	mcopy -o -i "$1@@$offset" "$tmp/loader.conf" ::/loader/loader.conf
	mcopy -n -i "$1@@$offset" ::/syslinux.cfg "$tmp/syslinux.cfg"
	sed -i "s/^PROMPT 1/PROMPT 0/; s/ cb\.suite=smoke.*/ no_timer_check $2/" \
		"$tmp/syslinux.cfg"
	mcopy -o -i "$1@@$offset" "$tmp/syslinux.cfg" ::/syslinux.cfg
}

# powers_off NAME: it comes to its end; else its last lines are printed.
powers_off()
{
	if ended "$1"; then
		ok "$1: runs and powers off"
	else
		not_ok "$1: runs and powers off" 'it does not' \
			"$tmp/$1.serial"
	fi
}

# home NAME SOURCE STATUS: brings it home; the result is $tmp/NAME/latest.
home()
{
	expect "$1: comes home" "$3" '^report: ' \
		$cb import "$2" RESULTS="$tmp/$1" KCIDB="$tmp/$1.kcidb"
	expect_kcidb "$1: as KCIDB" "$tmp/$1.kcidb" \
		'.tests | length > 0'
	result=$tmp/$1/latest/result.json
}

expect 'a stick is made' 0 'chargeback.img: ' $cb usb
image=$(sed -n '$s/: .*//p' "$tmp/out")
for disk in sata nvme; do
	head -c 8388608 /dev/urandom >"$tmp/$disk.img"
done
# A stranger's partition of our name, on a disk without our id.
mkfs.fat -n CHARGEBACK "$tmp/stranger" -C 4096 >/dev/null
{
	head -c 512 "$image"
	head -c 1048064 /dev/zero
	cat "$tmp/stranger"
} >"$tmp/sata.img"
printf '\001\002\003\004' | dd of="$tmp/sata.img" bs=1 seek=440 conv=notrunc \
	status=none
before=$(sha256sum "$tmp/sata.img" "$tmp/nvme.img")

only='cb.suite=smoke cb.scenarios=charge-bytes'
cp "$image" "$tmp/stick.img"
words "$tmp/stick.img" "$only"

# shellcheck disable=SC2046 # words
start_rig cut -bios $ovmf $(stick "$tmp/stick.img")
if said cut '^ok 4 '; then
	ok 'UEFI boots the stick, and it runs'
else
	not_ok 'UEFI boots the stick, and it runs' 'it does not' \
		"$tmp/cut.serial"
fi
kill -KILL "$rig" 2>/dev/null || :
wait "$rig" || :
home cut "$tmp/stick.img" 4
expect_json 'what ran before the power cut is whole' "$result" '
	[.scenarios[] | select(.verdict == "pass")] | length >= 3'
# shellcheck disable=SC2046
start_rig again -bios $ovmf $(stick "$tmp/stick.img")
powers_off again
home again "$tmp/stick.img" 4
expect_json 'only what the cut hit is missing' "$result" '
	.meta.boots == 2 and .meta.firmware != null and
	([.scenarios[] | select(.verdict == "pass")] | length) ==
	([.scenarios[]] | length) - 1'
expect_json 'the machine is told' "$result" '
	(.meta.machine | length > 0) and (.meta.cpu | length > 0) and
	(.meta.firmware | startswith("UEFI"))'
if [ "$before" = "$(sha256sum "$tmp/sata.img" "$tmp/nvme.img")" ]; then
	ok 'other disks are as they were'
else
	not_ok 'other disks are as they were' 'one of them has changed'
fi
if [ "${1:-}" != --all ]; then
	tests_end
	exit
fi

# new_stick NAME WORDS: a fresh copy of the stick.
new_stick()
{
	cp "$image" "$tmp/$1.img"
	words "$tmp/$1.img" "$2"
}

# results_hash FILE: of the partition that takes the results.
results_hash()
{
	tail -c $((26 * 1048576)) "$1" | sha256sum
}

# --- other ways to boot

new_stick bios "$only"
# shellcheck disable=SC2046
start_rig bios $(stick "$tmp/bios.img")
powers_off bios
home bios "$tmp/bios.img" 0
expect_json 'BIOS is told' "$result" '.meta.firmware | startswith("BIOS")'
{
	head -c 20000 /dev/urandom
	awk '{ print } NR % 7 == 0 { print "\033[31mSOL: {noise" }' \
		"$tmp/bios.serial"
} >"$tmp/noise.serial"
home noise "$tmp/noise.serial" 0

expect 'an ISO is made' 0 'chargeback.iso: ' $cb iso
cp "$(sed -n '$s/: .*//p' "$tmp/out")" "$tmp/cd.iso"
sector=$(sfdisk -d "$tmp/cd.iso" | sed -n 's/.*start= *\([0-9]*\),.*type=ef.*/\1/p')
cd="-drive if=none,id=cd,media=cdrom,format=raw,readonly=on,file=$tmp/cd.iso"
cd="$cd -device ide-cd,drive=cd,bus=ide.0,bootindex=0"
# shellcheck disable=SC2086
start_rig cd-bios $cd
powers_off cd-bios
home cd-bios "$tmp/cd-bios.serial" 0
words "$tmp/cd.iso" "$only" "$sector"
# shellcheck disable=SC2086
start_rig cd-uefi -bios $ovmf $cd
powers_off cd-uefi
home cd-uefi "$tmp/cd-uefi.serial" 0
# shellcheck disable=SC2046
start_rig iso-stick -bios $ovmf $(stick "$tmp/cd.iso")
powers_off iso-stick
home iso-stick "$tmp/cd.iso" 0

expect 'a folder for the network is made' 0 'netboot: ' $cb netboot
net=$(sed -n '$s/: .*//p' "$tmp/out")
for way in uefi:bzImage bios:pxelinux.0; do
	case $way in
	uefi:*) firmware="-bios $ovmf" ;;
	*) firmware= ;;
	esac
	# shellcheck disable=SC2086
	start_rig "net-${way%%:*}" $firmware -device e1000,netdev=n,bootindex=0 \
		-netdev "user,id=n,tftp=$net,bootfile=${way#*:}"
	powers_off "net-${way%%:*}"
	home "net-${way%%:*}" "$tmp/net-${way%%:*}.serial" 0
done

# --- the machine breaks down

planted='cb.suite=planted cb.scenarios=planted-livelock,planted-ok cb.watchdog=10'
new_stick hang "$planted"
# shellcheck disable=SC2046
start_rig hang $(stick "$tmp/hang.img") -device i6300esb -action watchdog=reset
powers_off hang
home hang "$tmp/hang.img" 3
expect_json 'the watchdog ends a hang, and the run goes on' "$result" '
	.meta.boots == 2 and
	([.scenarios[] | select(.name == "planted-livelock" and
		.verdict == "hang")] | length) > 0 and
	([.scenarios[] | select(.name == "planted-ok" and
		.verdict == "pass")] | length) > 0'

new_stick panic 'cb.suite=planted cb.scenarios=planted-panic,planted-ok'
# shellcheck disable=SC2046
start_rig panic $(stick "$tmp/panic.img")
powers_off panic
home panic "$tmp/panic.img" 3
expect_json 'a panic is told' "$result" '
	[.scenarios[] | select(.name == "planted-panic" and
		.verdict == "panic")] | length > 0'
expect 'its last words have come home' 0 'Kernel panic - not syncing' \
	cat "$tmp/panic/latest/boot-1/console.log"

# --- media that take nothing, or not all

new_stick full "$only"
head -c 8192 /dev/zero | tr '\0' '\n' >"$tmp/small"
mcopy -o -i "$tmp/full.img@@$((31 * 1048576))" "$tmp/small" ::/RECORDS.LOG
# shellcheck disable=SC2046
start_rig full $(stick "$tmp/full.img")
powers_off full
expect 'a full file is told' 0 'RECORDS.LOG is full' cat "$tmp/full.serial"
home full "$tmp/full.img" 4
home full-serial "$tmp/full.serial" 0

new_stick foreign "$only"
printf '\001\002\003\004' | dd of="$tmp/foreign.img" bs=1 seek=440 \
	conv=notrunc status=none
cp "$image" "$tmp/second.img"
for case in foreign two; do
	set --
	if [ $case = two ]; then
		new_stick two "$only"
		set -- -drive "if=none,id=two,format=raw,file=$tmp/second.img" \
			-device usb-storage,drive=two,bus=usb.0
	fi
	was=$(results_hash "$tmp/$case.img")
	# shellcheck disable=SC2046
	start_rig $case $(stick "$tmp/$case.img") "$@"
	powers_off $case
	expect "$case: told" 0 'nothing is written to a medium' \
		cat "$tmp/$case.serial"
	if [ "$was" = "$(results_hash "$tmp/$case.img")" ]; then
		ok "$case: nothing is written"
	else
		not_ok "$case: nothing is written" 'the partition has changed'
	fi
done
if [ "$before" = "$(sha256sum "$tmp/sata.img" "$tmp/nvme.img")" ]; then
	ok 'other disks are still as they were'
else
	not_ok 'other disks are still as they were' 'one of them has changed'
fi
tests_end
