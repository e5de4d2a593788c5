#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# metal.sh [CASE...]: what a real machine sees, under emulated firmware and
# without any virtio device.  A CASE is a function case_CASE below; without one
# it is power_cut.  metal.sh boot, or faults: the cases of that part.  Each case
# prints the time that it took.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh
. scripts/tests/rigs.sh

# shellcheck disable=SC2034 # by name, below
boot='same bios cd_bios cd_uefi iso_stick net_uefi net_bios package
package_cd package_net raid'
# shellcheck disable=SC2034 # by name
faults='hang panic full foreign two read_only missing quiet wall disk ports'

# --- check's own: media boot, results come home, a power cut costs one line

case_power_cut()
{
	new_stick stick "$only"
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
	# The cut may have hit a control, which its claim then lacks.
	expect_json 'only what the cut hit is missing' "$result" '
		.meta.boots == 2 and .meta.firmware != null and
		([.scenarios[] | select(.verdict != "pass" and
			.reason != "control-missing")] | length) <= 1'
	expect_json 'the machine is told' "$result" '
		(.meta.machine | length > 0) and (.meta.cpu | length > 0) and
		(.meta.firmware | startswith("UEFI"))'
}

# --- other ways to boot

# verdicts RESULT: a line for each entry.
verdicts()
{
	jq -r '.scenarios[] | [.id, .name, (.cell | tostring), .driver,
		.control, .verdict] | @tsv' "$1"
}

# One kernel file, and verdict for verdict the same as in a virtual machine.
case_same()
{
	expect 'the same under virtio' 0 '^report: ' $cb run SUITE=smoke \
		SCENARIOS=charge-bytes RESULTS="$tmp/virtio"
	kernel=${image%/*}/image
	case_bios
	verdicts "$tmp/virtio/latest/result.json" >"$tmp/virtio.verdicts"
	verdicts "$result" >"$tmp/bios.verdicts"
	if [ -s "$tmp/bios.verdicts" ] &&
	   cmp -s "$tmp/virtio.verdicts" "$tmp/bios.verdicts"; then
		ok 'a stick has the verdicts of a run under virtio'
	else
		diff "$tmp/virtio.verdicts" "$tmp/bios.verdicts" >"$tmp/diff" ||
			:
		not_ok 'a stick has the verdicts of a run under virtio' \
			'they differ' "$tmp/diff"
	fi
	mcopy -n -i "$image@@1048576" ::/bzImage "$tmp/on-stick"
	need_iso
	mcopy -n -i "$tmp/cd.iso@@$((sector * 512))" ::/bzImage "$tmp/on-esp"
	xorriso -osirrox on -indev "$tmp/cd.iso" -extract /bzImage \
		"$tmp/on-iso" >/dev/null 2>&1
	for place in on-stick on-esp on-iso; do
		if cmp -s "$kernel" "$tmp/$place"; then
			ok "the kernel file $place is that of make image"
		else
			not_ok "the kernel file $place is that of make image" \
				'it is another one'
		fi
	done
	size_at_most "$kernel" 8800000
	size_at_most "${image%/*}/metal.cpio" 2500000
}

# size_at_most FILE BYTES
size_at_most()
{
	if [ "$(wc -c <"$1")" -le "$2" ]; then
		ok "${1##*/} has at most $2 bytes"
	else
		not_ok "${1##*/} has at most $2 bytes" "$(wc -c <"$1")"
	fi
}

case_bios()
{
	[ ! -s "$tmp/bios.serial" ] || return 0
	new_stick bios "$only"
	# shellcheck disable=SC2046
	start_rig bios $(stick "$tmp/bios.img")
	powers_off bios
	# With noise, as of a line that somebody types on.
	{
		head -c 20000 /dev/urandom
		awk '{ print } NR % 7 == 0 { print "\033[31mSOL: {noise" }' \
			"$tmp/bios.serial"
	} >"$tmp/noise.serial"
	home noise "$tmp/noise.serial" 0
	home bios "$tmp/bios.img" 0
	expect_json 'BIOS is told' "$result" \
		'.meta.firmware | startswith("BIOS")'
}

# need_iso: makes one; sets cd, the options of a drive with it, and sector.
need_iso()
{
	[ -z "${cd:-}" ] || return 0
	expect 'an ISO is made' 0 'chargeback.iso: ' $cb iso
	cp "$(sed -n '$s/: .*//p' "$tmp/out")" "$tmp/cd.iso"
	use_iso
}

# use_iso: sets them for the ISO $tmp/cd.iso.
use_iso()
{
	sector=$(sfdisk -d "$tmp/cd.iso" |
		sed -n 's/.*start= *\([0-9]*\),.*type=ef.*/\1/p')
	cd="-drive if=none,id=cd,media=cdrom,format=raw,readonly=on,file=$tmp/cd.iso"
	cd="$cd -device ide-cd,drive=cd,bus=ide.0,bootindex=0"
}

case_cd_bios()
{
	need_iso
	# shellcheck disable=SC2086
	start_rig cd-bios $cd
	powers_off cd-bios
	home cd-bios "$tmp/cd-bios.serial" 0
}

case_cd_uefi()
{
	need_iso
	words "$tmp/cd.iso" "$only" "$sector"
	# shellcheck disable=SC2086
	start_rig cd-uefi -bios $ovmf $cd
	powers_off cd-uefi
	home cd-uefi "$tmp/cd-uefi.serial" 0
}

case_iso_stick()
{
	need_iso
	words "$tmp/cd.iso" "$only" "$sector"
	# shellcheck disable=SC2046
	start_rig iso-stick -bios $ovmf $(stick "$tmp/cd.iso")
	powers_off iso-stick
	home iso-stick "$tmp/cd.iso" 0
}

# network NAME FILE OPTION...: boots FILE of the folder that netboot writes for
# the kernel that $of names, if any, by the network card $nic.
of='' nic=e1000
network()
{
	way=$1 file=$2
	shift 2
	# shellcheck disable=SC2086 # a knob or none
	expect 'a folder for the network is made' 0 'netboot: ' $cb netboot $of
	net=$(sed -n '$s/: .*//p' "$tmp/out")
	start_rig "$way" "$@" -device $nic,netdev=n,bootindex=0 \
		-netdev "user,id=n,tftp=$net,bootfile=$file"
	powers_off "$way"
	home "$way" "$tmp/$way.serial" 0
}

case_net_uefi()
{
	network net-uefi bzImage -bios $ovmf
}

case_net_bios()
{
	network net-bios pxelinux.0
}

# A kernel that others built, with its own drivers.
case_package()
{
	expect 'a stick with a packaged kernel is made' 0 'chargeback.img: ' \
		$cb usb PACKAGE=bookworm:6.12
	cp "$(sed -n '$s/: .*//p' "$tmp/out")" "$tmp/package.img"
	words "$tmp/package.img" "$only"
	# shellcheck disable=SC2046
	start_rig package -bios $ovmf $(stick "$tmp/package.img")
	powers_off package
	home package "$tmp/package.img" 0
	is_packaged package
}

is_packaged()
{
	expect_json "$1: it is that kernel, with its drivers" "$result" '
		(.meta.kernel | endswith("deb12-amd64")) and
		any(.scenarios[]; .driver == "cgloop" and .verdict == "pass")'
}

# The same from a CD.
case_package_cd()
{
	expect 'an ISO with a packaged kernel is made' 0 'chargeback.iso: ' \
		$cb iso PACKAGE=bookworm:6.12
	cp "$(sed -n '$s/: .*//p' "$tmp/out")" "$tmp/cd.iso"
	use_iso
	words "$tmp/cd.iso" "$only" "$sector"
	# shellcheck disable=SC2086
	start_rig package-cd -bios $ovmf $cd
	cd=
	powers_off package-cd
	home package-cd "$tmp/package-cd.serial" 0
	is_packaged package-cd
}

# The same from the network, by the firmware itself and by iPXE.  QEMU's cards have
# iPXE in their ROMs; without one the firmware has a driver for that of virtio.
case_package_net()
{
	of=PACKAGE=bookworm:6.12
	nic=virtio-net-pci,romfile=
	network package-uefi chargeback.efi -bios $ovmf
	is_packaged package-uefi
	nic=e1000
	network package-ipxe boot.ipxe -bios $ovmf
	is_packaged package-ipxe
	of=
}

# The stick is behind a RAID adapter, so its driver must be there to write to it.
# Without RAID=1 it is not, and nothing else of the stick differs.
case_raid()
{
	adapter='-device megasas-gen2,id=raid -device'
	adapter="$adapter scsi-hd,bus=raid.0,drive=stick,bootindex=0"
	new_stick no-raid "$only"
	# shellcheck disable=SC2086 # words
	takes_nothing no-raid $adapter \
		-drive "if=none,id=stick,format=raw,file=$tmp/no-raid.img"
	expect 'a stick with RAID=1 is made' 0 'chargeback.img: ' \
		$cb usb RAID=1
	cp "$(sed -n '$s/: .*//p' "$tmp/out")" "$tmp/raid.img"
	words "$tmp/raid.img" "$only"
	# shellcheck disable=SC2086 # words
	start_rig raid $adapter \
		-drive "if=none,id=stick,format=raw,file=$tmp/raid.img"
	powers_off raid
	home raid "$tmp/raid.img" 0
	for file in no-raid raid; do
		mcopy -n -i "$tmp/$file.img@@1048576" ::/bzImage "$tmp/$file.k"
	done
	expect 'RAID=1 boots the same kernel file' 0 '' \
		cmp "$tmp/no-raid.k" "$tmp/raid.k"
}

# --- the machine breaks down, or its media take nothing

case_hang()
{
	new_stick hang 'cb.suite=planted cb.scenarios=planted-livelock,planted-device cb.watchdog=10'
	# shellcheck disable=SC2046
	start_rig hang $(stick "$tmp/hang.img") -device i6300esb \
		-action watchdog=reset
	powers_off hang
	home hang "$tmp/hang.img" 3
	expect_json 'the watchdog ends a hang, and the run goes on' "$result" '
		.meta.boots == 2 and
		([.scenarios[] | select(.name == "planted-livelock" and
			.verdict == "hang")] | length) > 0 and
		([.scenarios[] | select(.name == "planted-device" and
			.verdict == "fail" and .boot == 2)] | length) > 0'
}

case_panic()
{
	new_stick panic 'cb.suite=planted cb.scenarios=planted-panic,planted-device'
	# shellcheck disable=SC2046
	start_rig panic $(stick "$tmp/panic.img")
	powers_off panic
	home panic "$tmp/panic.img" 3
	expect_json 'a panic is told, and the run goes on' "$result" '
		([.scenarios[] | select(.name == "planted-panic" and
			.verdict == "panic")] | length) > 0 and
		([.scenarios[] | select(.name == "planted-device" and
			.verdict == "fail" and .boot == 2)] | length) > 0'
	expect 'its last words have come home' 0 'Kernel panic - not syncing' \
		cat "$tmp/panic/latest/boot-1/console.log"
}

case_full()
{
	new_stick full "$only"
	head -c 8192 /dev/zero | tr '\0' '\n' >"$tmp/small"
	mcopy -o -i "$tmp/full.img@@$((31 * 1048576))" "$tmp/small" \
		::/RECORDS.LOG
	# shellcheck disable=SC2046
	start_rig full $(stick "$tmp/full.img")
	powers_off full
	expect 'a full file is told' 0 'RECORDS.LOG is full' \
		cat "$tmp/full.serial"
	home full "$tmp/full.img" 4
	home full-serial "$tmp/full.serial" 0
}

# takes_nothing NAME [OPTION...]: the stick NAME gets no results; the serial
# line has them.
takes_nothing()
{
	what=$1
	shift
	was=$(results_hash "$tmp/$what.img")
	start_rig "$what" "$@"
	powers_off "$what"
	expect "$what: it is told" 0 'nothing is written to a medium' \
		cat "$tmp/$what.serial"
	if [ "$was" = "$(results_hash "$tmp/$what.img")" ]; then
		ok "$what: nothing is written"
	else
		not_ok "$what: nothing is written" 'the partition has changed'
	fi
	home "$what" "$tmp/$what.serial" 0
}

case_foreign()
{
	new_stick foreign "$only"
	other_id "$tmp/foreign.img"
	# shellcheck disable=SC2046
	takes_nothing foreign $(stick "$tmp/foreign.img")
}

case_two()
{
	new_stick two "$only"
	cp "$image" "$tmp/second.img"
	# shellcheck disable=SC2046
	takes_nothing two $(stick "$tmp/two.img") \
		-drive "if=none,id=two,format=raw,file=$tmp/second.img" \
		-device usb-storage,drive=two,bus=usb.0
}

case_read_only()
{
	new_stick read-only "$only"
	set -- "-drive if=none,id=stick,format=raw,readonly=on,file=$tmp/read-only.img"
	# shellcheck disable=SC2086
	takes_nothing read-only $1 \
		-device usb-storage,drive=stick,bus=usb.0,bootindex=0
}

# Somebody has used the second partition for something else.
case_missing()
{
	new_stick missing "$only"
	mlabel -i "$tmp/missing.img@@$((31 * 1048576))" ::PHOTOS
	# shellcheck disable=SC2046
	takes_nothing missing $(stick "$tmp/missing.img")
}

# No serial line at all: the medium has everything.
case_quiet()
{
	new_stick quiet "$only"
	serial=none
	# shellcheck disable=SC2046
	start_rig quiet $(stick "$tmp/quiet.img")
	serial=
	: >"$tmp/quiet.serial"
	powers_off quiet
	home quiet "$tmp/quiet.img" 0
}

# Costs by the wall clock: emulated, so only that they come.
case_wall()
{
	new_stick wall 'cb.bench=wall cb.rounds=2 cb.matrices=cost cb.cell=backing=tmpfs,rw=randread,engine=psync'
	# shellcheck disable=SC2046
	start_rig wall $(stick "$tmp/wall.img")
	powers_off wall
	home wall "$tmp/wall.img" 0
	expect_json 'costs by the wall clock come home' "$result" '
		.meta.clock == "wall" and (.matrices | length) > 0 and
		all(.matrices[]; .metrics | length > 0)'
}

# own_disk FILE: as a disk with the serial number mine.
own_disk()
{
	printf '%s\n' "-drive if=none,id=mine,format=raw,file=$1" \
		'-device nvme,drive=mine,serial=mine' | tr '\n' ' '
}

# The operator's own disk takes part only if named, and only if it is blank.
case_disk()
{
	disk_words='cb.bench=wall cb.rounds=2 cb.matrices=cost cb.cell=backing=disk,rw=randwrite,engine=psync,io=direct,bs=4k cb.disk=mine'
	truncate -s 1G "$tmp/mine.img"
	new_stick disk "$disk_words"
	# shellcheck disable=SC2046
	start_rig disk $(stick "$tmp/disk.img") $(own_disk "$tmp/mine.img")
	powers_off disk
	home disk "$tmp/disk.img" 0
	expect_json 'disk: its costs come home' "$result" '
		(.matrices | length) > 0 and
		all(.matrices[]; .metrics | length > 0)'
	if head -c 1048576 "$tmp/mine.img" | cmp -s -n 1048576 - /dev/zero &&
	   ! cmp -s -n 33554432 "$tmp/mine.img" /dev/zero; then
		ok 'disk: it took part, and can take part again'
	else
		not_ok 'disk: it took part, and can take part again' 'it did not'
	fi
	# What may be somebody's is left alone.
	printf 'data' | dd of="$tmp/mine.img" conv=notrunc status=none
	mine=$(sha256sum "$tmp/mine.img")
	# shellcheck disable=SC2046
	start_rig used $(stick "$tmp/disk.img") $(own_disk "$tmp/mine.img")
	powers_off used
	home used "$tmp/disk.img" 4
	expect_json 'used: it is told' "$result" '
		any(.scenarios[]; .verdict == "error" and
			(.reason + .detail | test("not all zeroes")))'
	if [ "$mine" = "$(sha256sum "$tmp/mine.img")" ]; then
		ok 'used: it is as it was'
	else
		not_ok 'used: it is as it was' 'it has changed'
	fi
}

# The firmware has named the second port: a table SPCR of an I/O port, 0x2f8, at
# 115200 baud.  Results are printed there, too; the records are not.
case_ports()
{
	printf '\0\0\0\0\1\10\0\1\370\2\0\0\0\0\0\0\0\0\0\0\0\0\7\0\1\0\0\0\377\377\377\377\0\0\0\0\0\0\0\0\0\0\0\0' \
		>"$tmp/spcr"
	new_stick ports "$only"
	# shellcheck disable=SC2046
	start_rig ports $(stick "$tmp/ports.img") -serial "file:$tmp/second" \
		-acpitable "sig=SPCR,rev=2,data=$tmp/spcr" -device VGA
	powers_off ports
	home ports "$tmp/ports.img" 0
	expect_json 'ports: the port is in the result' "$result" \
		'.meta.serial_port == "ttyS1 115200"'
	expect 'ports: results are there' 0 '^ok 24 ' cat "$tmp/second"
	expect 'ports: records are not' 1 '' grep -qa '@cb' "$tmp/second"
	expect 'ports: the first port has both' 0 '^ok 24 ' \
		cat "$tmp/ports.serial"
}

case ${1:-power_cut} in
boot | faults) eval "cases=\$$1" ;;
*) cases=${*:-power_cut} ;;
esac
make_stick
make_decoys
for one in $cases; do
	began=$(date +%s)
	"case_$one"
	decoys_stay "$one"
	echo "# $one: $(($(date +%s) - began)) s"
done
tests_end
