#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# rig.sh [CASE...]: the commands metal and kexec against emulated machines: a
# serial line by telnet, one by a terminal device and one by a command; a power
# switch that drives QEMU's monitor; a rig that runs a distribution's kernel.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh
. scripts/tests/rigs.sh

planted='cb.suite=planted cb.scenarios=planted-livelock,planted-device'

# told PATTERN: the monitor has printed it behind what it had printed before.
told()
{
	tail -c "+$((seen + 1))" "$tmp/mon.log" | tr -d '\r' | grep -q "$1"
}

# ask COMMAND PATTERN: of the monitor; waits for the answer.
ask()
{
	seen=$(wc -c <"$tmp/mon.log")
	printf '%s\n' "$1" >"$tmp/mon.in"
	wait_for told "$2"
}

# start_watched NAME SERIAL OPTION...: a rig that stands still until its power
# switch, $tmp/power, is used.
start_watched()
{
	watched=$1 serial=$2
	shift 2
	rm -f "$tmp/mon.in" "$tmp/mon.out"
	mkfifo "$tmp/mon.in" "$tmp/mon.out"
	: >"$tmp/mon.log"
	start_rig "$watched" -S -no-shutdown \
		-chardev "pipe,id=mon,path=$tmp/mon" \
		-mon chardev=mon,mode=readline "$@"
	serial=
	cat "$tmp/mon.out" >"$tmp/mon.log" &
	rigs="${rigs:-} $!"
	ask 'info status' 'VM status'
	ask 'info chardev' 'serial0: filename='
}

# Its switch is done when the monitor has answered.
make_power()
{
	cat >"$tmp/power" <<-END
	#!/bin/sh
	cd "$PWD" || exit
	tmp=$tmp
	wait_for() { until "\$@"; do sleep 0.1; done; }
	$(sed -n '/^told()$/,/^}$/p; /^ask()$/,/^}$/p' "$0")
	case \$1 in
	off)
		ask stop '(qemu)'
		ask system_reset '(qemu)'
		ask 'info status' 'VM status: paused' ;;
	on) ask cont '(qemu)' ;;
	*) exit 1 ;;
	esac
	echo "\$1" >>"\$tmp/switched"
	END
	chmod +x "$tmp/power"
}

# A hang: the kernel is asked, the machine switched off and on, and its medium
# says where it goes on.
case_hang()
{
	new_stick hang "$planted"
	make_power
	# shellcheck disable=SC2046 # words
	start_watched hang telnet:127.0.0.1:0,server=on,wait=off \
		$(stick "$tmp/hang.img")
	port=$(tr -d '\r' <"$tmp/mon.log" |
		sed -n 's/.*serial0: filename=.*telnet:127.0.0.1:\([0-9]*\),.*/\1/p')
	expect 'hang: the command ends' 3 '^report: ' $cb metal \
		CONSOLE="127.0.0.1:$port" POWER="$tmp/power" RESULTS="$tmp/hang"
	result=$tmp/hang/latest/result.json
	expect_json 'hang: it is told, and the run goes on' "$result" '
		.meta.boots == 2 and .meta.accel == "none" and
		([.scenarios[] | select(.name == "planted-livelock" and
			.verdict == "hang")] | length) > 0 and
		([.scenarios[] | select(.name == "planted-device" and
			.verdict == "fail" and .boot == 2)] | length) > 0'
	expect 'hang: the kernel has printed its tasks' 0 'sysrq: Show State' \
		cat "$tmp/hang/latest/boot-1/console.log"
	expect 'hang: the switch was used as often as needed' 0 \
		'^off on off on $' sh -c "tr '\n' ' ' <'$tmp/switched'"
	kill -KILL "$rig"
	wait "$rig" || :
}

# A terminal device, and nobody but the user to switch the machine on.
case_device()
{
	new_stick device "$only"
	# shellcheck disable=SC2046
	start_watched device pty $(stick "$tmp/device.img")
	port=$(tr -d '\r' <"$tmp/mon.log" |
		sed -n 's,.*serial0: filename=pty:\(/dev/[a-z0-9/]*\).*,\1,p')
	$cb metal CONSOLE="$port" RESULTS="$tmp/device" >"$tmp/device.out" 2>&1 &
	command=$!
	wait_for grep -q 'switch the machine on now' "$tmp/device.out"
	ask cont '(qemu)'
	status=0
	wait $command || status=$?
	cp "$tmp/device.out" "$tmp/out"
	expect 'device: the verdict' 0 '^verdict: all as expected' \
		sh -c "cat '$tmp/device.out'; exit $status"
	expect_json 'device: all of its menu entry' \
		"$tmp/device/latest/result.json" '.meta.boots == 1 and
		([.scenarios[] | select(.name != "charge-bytes")] | length) == 0'
	kill -KILL "$rig"
	wait "$rig" || :
}

# direct_power IMAGE [OPTIONS]: a switch that boots IMAGE with the words that it is
# given.
direct_power()
{
	rm -f "$tmp/line.in" "$tmp/line.out"
	mkfifo "$tmp/line.in" "$tmp/line.out"
	: >"$tmp/pid"
	cat >"$tmp/direct" <<-END
	#!/bin/sh
	case \$1 in
	off) kill -KILL \$(cat $tmp/pid) 2>/dev/null || : ;;
	on)
		qemu-system-x86_64 -nodefaults -no-user-config -display none \
			-machine q35 -accel tcg,thread=single -smp 2 -m 1G \
			-cpu max,-erms,-fsrm,-la57 -no-reboot \
			-serial pipe:$tmp/line -kernel $1 ${2:-} \
			-append "no_timer_check console=ttyS0 \$CB_WORDS" \
			>/dev/null 2>&1 </dev/null &
		echo \$! >$tmp/pid ;;
	esac
	END
	chmod +x "$tmp/direct"
}

# A panic, and no medium: the words say where it goes on.
case_panic()
{
	direct_power "${image%/*}/image"
	expect 'panic: the command ends' 3 '^report: ' $cb metal \
		CONSOLE="cat $tmp/line.out" POWER="$tmp/direct" SUITE=planted \
		SCENARIOS='planted-panic planted-device' RESULTS="$tmp/panic"
	expect_json 'panic: it is told, and the run goes on' \
		"$tmp/panic/latest/result.json" '.meta.boots > 1 and
		([.scenarios[] | select(.name == "planted-panic" and
			.verdict == "panic")] | length) > 0 and
		([.scenarios[] | select(.name == "planted-device" and
			.verdict == "fail" and .boot == 2)] | length) > 0'
}

# Costs by the wall clock, on a disk that is named.
case_disk()
{
	truncate -s 1G "$tmp/mine.img"
	direct_power "${image%/*}/image" "-initrd ${image%/*}/metal.cpio \
		-drive if=none,id=mine,format=raw,file=$tmp/mine.img \
		-device nvme,drive=mine,serial=mine"
	expect 'disk: the command ends' 0 '^report: ' $cb metal \
		CONSOLE="cat $tmp/line.out" POWER="$tmp/direct" WALL=1 DISK=mine \
		ROUNDS=2 RESULTS="$tmp/disk" \
		CELL=cost/backing=disk,rw=randwrite,engine=psync,io=direct,bs=4k
	expect_json 'disk: its costs are there, by the wall clock' \
		"$tmp/disk/latest/result.json" '.meta.clock == "wall" and
		(.matrices | length) > 0 and
		all(.matrices[]; .metrics | length > 0)'
	expect 'disk: it took part' 1 '' \
		cmp -s -n 33554432 "$tmp/mine.img" /dev/zero
}

# rig_list: the files of a rig with kexec, for scripts/newc.
rig_list()
{
	echo 'dir /rig 0755 0 0'
	echo "file /rig/start $tmp/start 0755 0 0"
	for file in chargeback.bzImage chargeback.cpio; do
		echo "file /rig/$file $tmp/host/$file 0755 0 0"
	done
	kexec=/sbin/kexec
	echo "file /bin/kexec $kexec 0755 0 0"
	# Each library is where the program looks for it.
	ldd "$kexec" | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (.*/\1/p' |
		while read -r library; do
			file=$library
			while dir=${file%/*} && [ -n "$dir" ]; do
				echo "dir $dir 0755 0 0"
				file=$dir
			done | sort
			echo "file $library $(realpath "$library") 0755 0 0"
		done
}

# own_disk FILE: the rig's own disk, from which its firmware boots the packaged
# kernel with an archive that comes later.
own_disk()
{
	truncate -s 127M "$tmp/own.part"
	mkfs.fat -F 16 "$tmp/own.part" >/dev/null
	syslinux --install "$tmp/own.part"
	printf '%s\n' 'DEFAULT own' 'LABEL own' 'LINUX /kernel' \
		'INITRD /initrd' \
		'APPEND no_timer_check console=ttyS0 rdinit=/rig/start' \
		>"$tmp/own.cfg"
	mcopy -i "$tmp/own.part" "$KIMAGE" ::/kernel
	mcopy -i "$tmp/own.part" "$tmp/own.cfg" ::/syslinux.cfg
	truncate -s 128M "$1"
	printf 'label: dos\nstart=2048, type=e, bootable\n' | sfdisk -q "$1"
	dd if=/usr/lib/syslinux/mbr/mbr.bin of="$1" bs=440 count=1 \
		conv=notrunc status=none
	dd if="$tmp/own.part" of="$1" bs=1M seek=1 conv=notrunc,sparse \
		status=none
}

# A rig whose ssh is $tmp/ssh HOST COMMAND.  It takes files and commands as they
# come.  Its own system gets the commands over the serial line, when the loaded
# kernel is to start.  It has the files already.
make_rig()
{
	expect 'a packaged kernel is there' 0 'bytes' \
		$cb image PACKAGE=bookworm:6.12
	own=$(sed -n '$s,/image: .*,,p' "$tmp/out")
	# shellcheck disable=SC1091 # written by scripts/package
	. "$own/kernel.env"
	mkdir -p "$tmp/host"
	cat >"$tmp/start" <<-'END'
	#!/bin/sh
	mount -t proc proc /proc
	mount -t sysfs sysfs /sys
	mount -t tmpfs tmpfs /run
	cp /rig/* /run
	cd /run
	echo "the rig runs $(uname -r)"
	while read -r line && [ "$line" != end ]; do
		echo "$line"
	done >commands
	sh -c "$(cat commands)"
	echo 'kexec failed'
	sleep 1
	poweroff -f
	END
	cat >"$tmp/ssh" <<-END
	#!/bin/sh
	case \$2 in
	*'id -u'*) echo console=ttyS0,115200 ;;
	'cat >'*) cat >"$tmp/host/\${2##*/}.new"
		cmp -s "$tmp/host/\${2##*/}.new" "$tmp/host/\${2##*/}" ;;
	*'kexec -a -l'*) printf '{ %s\n} && ' "\$2" >$tmp/host/commands ;;
	true)
		timeout 2 cat $tmp/line.out >>$tmp/own.serial
		grep -qa 'the rig runs' $tmp/own.serial ;;
	*)
		printf '{ %s\n}\nend\n' "\$2" >>$tmp/host/commands
		: >$tmp/own.serial
		cat $tmp/host/commands >$tmp/line.in
		exit 255 ;;
	esac
	END
	own_disk "$tmp/own.img"
	expect 'kexec: its files are there' 0 metal.cpio $cb kexec --print
	# shellcheck disable=SC2046 # two names without spaces
	set -- $(sed -n 's/^# copy these to the machine: //p' "$tmp/out")
	cp "$1" "$tmp/host/chargeback.bzImage"
	cp "$2" "$tmp/host/chargeback.cpio"
	chmod +x "$tmp/ssh"
	rig_list >"$tmp/rig.list"
	cp "$own/image.cpio" "$tmp/rig.cpio"
	scripts/newc <"$tmp/rig.list" >>"$tmp/rig.cpio"
	mcopy -i "$tmp/own.img@@1048576" "$tmp/rig.cpio" ::/initrd
	sha256sum "$tmp/own.img" >"$tmp/own.sum"
}

start_own_rig()
{
	rm -f "$tmp/line.in" "$tmp/line.out"
	mkfifo "$tmp/line.in" "$tmp/line.out"
	: >"$tmp/own.serial"
	qemu-system-x86_64 -nodefaults -no-user-config -display none \
		-machine q35 -accel tcg,thread=single -smp 2 -m 2G \
		-cpu max,-erms,-fsrm,-la57 -device i6300esb \
		-drive if=none,id=own,format=raw,file="$tmp/own.img" \
		-device ide-hd,drive=own,bus=ide.0 -serial "pipe:$tmp/line" \
		>"$tmp/rig.qemu" 2>&1 </dev/null &
	rig=$!
	rigs="${rigs:-} $rig"
}

# own_system WHEN: the firmware boots the rig's own disk.
own_system()
{
	if wait_for "$tmp/ssh" rig true; then
		ok "kexec: $1 the rig runs its own system"
	else
		not_ok "kexec: $1 the rig runs its own system" \
			'it does not' "$tmp/own.serial"
	fi
	expect 'kexec: that is a kernel of its own' 0 \
		"the rig runs $(printf %s "$KRELEASE" | tr + .)" \
		cat "$tmp/own.serial"
}

kexec()
{
	$cb kexec root@rig SSH="$tmp/ssh" CONSOLE="cat $tmp/line.out" \
		RESULTS="$tmp/kexec" "$@"
}

# The watchdog ends a hang; the machine's own system gets the rest of the plan.
kexec_hang()
{
	expect 'kexec: a hang does not end the command' 3 '^report: ' \
		kexec APPEND=no_timer_check SUITE=planted \
		SCENARIOS='planted-livelock planted-device'
	expect_json 'kexec: the run goes on behind it' \
		"$tmp/kexec/latest/result.json" '.meta.boots == 2 and
		([.scenarios[] | select(.name == "planted-livelock" and
			.verdict == "hang")] | length) > 0 and
		([.scenarios[] | select(.name == "planted-device" and
			.verdict == "fail" and .boot == 2)] | length) > 0'
	own_system 'after the rest'
	expect 'kexec: nothing is left behind a hang' 3 '^report: ' \
		kexec APPEND=no_timer_check SUITE=planted \
		SCENARIOS=planted-livelock
	own_system 'after a reset by the watchdog'
}

# From a distribution's kernel to ours; at the end the machine is reset, so that
# its own disk boots.
case_kexec()
{
	make_rig
	start_own_rig
	own_system 'at first'
	kexec_hang
	expect 'kexec: the verdict' 0 '^verdict: all as expected' \
		kexec APPEND=no_timer_check SCENARIOS=charge-bytes
	expect_json 'kexec: our kernel ran' "$tmp/kexec/latest/result.json" \
		'(.meta.kernel | endswith("chargeback")) and .meta.boots == 1'
	expect 'kexec: the machine is reset at the end' 0 \
		'reboot: Restarting system' cat "$tmp/kexec/latest/console.log"
	own_system 'at last'
	kill -KILL "$rig"
	wait "$rig" || :
	expect 'kexec: its disk is as it was' 0 '' \
		sha256sum --quiet -c "$tmp/own.sum"
	expect 'kexec: what is to be pasted is what was run' 0 \
		'^kexec -a -l image --initrd=metal.cpio --command-line=' \
		$cb kexec --print
}

# Bad input: one line, status 2.
case_refused()
{
	expect_one_line 'no console' "CONSOLE='': name the machine's serial" \
		$cb metal
	expect_one_line 'a console of no kind' "CONSOLE='ttyUSB0': allowed is" \
		$cb metal CONSOLE=ttyUSB0
	expect_one_line 'no host' "HOST='': name a machine" $cb kexec
	expect_one_line 'a host that is a command' "HOST='a;b': allowed is" \
		$cb kexec 'a;b'
	expect_one_line 'a cell without the wall clock' \
		'allowed with WALL=1; on a real machine' \
		$cb metal CELL=cost/bs=4k CONSOLE=/dev/null
	expect_one_line 'no medium' "MEDIUM='stick': allowed are eight" \
		$cb metal MEDIUM=stick CONSOLE=/dev/null
	expect_one_line 'a file that is no log' \
		"no boot of chargeback's is in it" $cb import versions
	expect_one_line 'no such file' "SOURCE='.*/nosuch': there is no such" \
		$cb import nosuch
	if unshare -rm true 2>/dev/null; then
		mkdir "$tmp/small"
		expect_one_line 'a full disk' \
			'small/stick: making it needs 160 MiB, only 20 MiB' \
			unshare -rm sh -c "mount -t tmpfs -o size=20m none \
				'$tmp/small' && scripts/media usb \
				'${image%/*}/kernel.env' '${image%/*}/image' \
				'${image%/*}/metal.cpio' '$tmp/small/stick'"
	else
		skipped=$((skipped + 1))
		echo 'ok - a full disk # SKIP no user namespaces'
	fi
	expect 'no such port' 2 "attend: CONSOLE='/dev/nosuch': No such file" \
		$cb metal CONSOLE=/dev/nosuch
	expect 'power fails' 2 "POWER: 'false off' ended with status 1" \
		$cb metal CONSOLE='sleep 1000' POWER=false
	expect 'no way to the host' 2 "HOST='rig': false fails" \
		$cb kexec rig SSH=false
}

make_stick
make_decoys
[ $# -gt 0 ] || set -- refused hang device panic disk kexec
for one; do
	began=$(date +%s)
	"case_$one"
	decoys_stay "$one"
	echo "# $one: $(($(date +%s) - began)) s"
done
tests_end
