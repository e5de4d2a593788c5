#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# init on a machine with two UARTs and no virtio port sends its records to the
# second UART only if cb.records= names it, else to the console.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}" "${KERNEL:=6.12}"
export O KERNEL
scripts/chargeback image >"$tmp/out" 2>&1 || {
	not_ok 'the image builds' 'it does not' "$tmp/out"
	tests_end
}
image=$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")

# boots WORD...: until the guest powers off.
boots()
{
	rm -f "$tmp/console" "$tmp/second"
	timeout 300 qemu-system-x86_64 -nodefaults -no-user-config -no-reboot \
		-display none -machine q35 -accel tcg,thread=single -m 1G \
		-kernel "$image" -append "no_timer_check cb.probe $*" \
		-serial "file:$tmp/console" -serial "file:$tmp/second" \
		>"$tmp/qemu" 2>&1 </dev/null || not_ok "boots: $*" 'QEMU fails' \
		"$tmp/qemu"
}

# sent NAME FILE CHANNEL: hello is there, and names the channel.
sent()
{
	if grep -q "^@cb 0 [0-9a-f]* {\"t\":\"hello\".*\"channel\":\"$3\"" \
		"$tmp/$2"; then
		ok "$1"
	else
		not_ok "$1" "no hello by $3" "$tmp/$2"
	fi
}

# nothing_sent NAME FILE
nothing_sent()
{
	if ! grep -q '@cb' "$tmp/$2"; then
		ok "$1"
	else
		not_ok "$1" 'there are records' "$tmp/$2"
	fi
}

boots
sent 'no UART is named: records go to the console' console console
nothing_sent 'and not to the second UART' second
[ ! -s "$tmp/second" ] || not_ok 'it gets nothing at all' 'bytes' "$tmp/second"

boots cb.records=ttyS1
sent 'the second UART is named: it gets the records' second uart
nothing_sent 'and the console does not' console

boots cb.records=ttyS3
sent 'a UART that is not there: the console' console console
if grep -q 'cb.records=ttyS3: no such UART' "$tmp/console"; then
	ok 'which says so'
else
	not_ok 'which says so' 'no line about it' "$tmp/console"
fi
tests_end
