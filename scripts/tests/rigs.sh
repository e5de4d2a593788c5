# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2034
# Real machines, as tests have them: emulated firmware, no virtio device, and
# disks of somebody's.  A test sources this behind lib.sh.

cb=scripts/chargeback
: "${O:=$PWD/build}"
export O
ovmf=/usr/share/ovmf/OVMF.fd
only='cb.suite=smoke cb.scenarios=charge-bytes'

# start_rig NAME OPTION...: a machine with these devices and two disks of
# somebody's; its serial line is in $tmp/NAME.serial, if $serial is not other.
start_rig()
{
	name=$1
	shift
	qemu-system-x86_64 -nodefaults -no-user-config \
		-display none -machine q35 -accel tcg,thread=single \
		-cpu max,-erms,-fsrm,-la57 -smp 2 -m 1G \
		-serial "${serial:-file:$tmp/$name.serial}" \
		-device qemu-xhci,id=usb \
		-drive "if=none,id=sata,format=raw,file=$tmp/sata.img" \
		-device ide-hd,drive=sata,bus=ide.1,serial=sata-decoy \
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
	rm -rf "$tmp"
}
trap end_rigs EXIT

# make_decoys: two disks of somebody's; one has a partition of our name.
make_decoys()
{
	for disk in sata nvme; do
		head -c 8388608 /dev/urandom >"$tmp/$disk.img"
	done
	mkfs.fat -n CHARGEBACK "$tmp/stranger" -C 4096 >/dev/null
	{
		head -c 512 "$image"
		head -c 1048064 /dev/zero
		cat "$tmp/stranger"
	} >"$tmp/sata.img"
	other_id "$tmp/sata.img"
	before=$(sha256sum "$tmp/sata.img" "$tmp/nvme.img")
}

# other_id DISK: it gets an id that no loader passes.
other_id()
{
	printf '\001\002\003\004' | dd of="$1" bs=1 seek=440 conv=notrunc \
		status=none
}

decoys_stay()
{
	if [ "$before" = "$(sha256sum "$tmp/sata.img" "$tmp/nvme.img")" ]; then
		ok "$1: other disks are as they were"
	else
		not_ok "$1: other disks are as they were" 'one has changed'
	fi
}

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

# ended: waits for the rig's end; false if it was not power off.  A machine that
# is still there after ten minutes hangs, however slow the host.
ended()
{
	tries=0
	while kill -0 "$rig" 2>/dev/null && [ $tries -lt 3000 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
	kill -KILL "$rig" 2>/dev/null || :
	wait "$rig"
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
	if ended; then
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

# make_stick: sets image.
make_stick()
{
	expect 'a stick is made' 0 'chargeback.img: ' $cb usb
	image=$(sed -n '$s/: .*//p' "$tmp/out")
}

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
