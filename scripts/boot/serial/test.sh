#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests of attend against stand-ins for a serial line and a power switch.
#   ATTEND=PROGRAM FAKE_LINE=PROGRAM ./test.sh
set -eu

: "${ATTEND:?}" "${FAKE_LINE:?}"
. ../common/test.sh
line=
trap 'kill $line 2>/dev/null || :; rm -rf "$dir"' EXIT

# record NUMBER JSON: gzip's trailer has the same checksum.
record()
{
	printf '@cb %s %s %s\n' "$1" "$(printf %s "$2" | gzip -c |
		tail -c 8 | od -An -tx4 -N4 --endian=little | tr -d ' ')" "$2"
}

# The machine prints what is in $dir/said, then it is silent.  It begins when
# somebody writes to $dir/switch, if that is there.
attend()
{
	rm -rf "$out"
	status=0
	"$ATTEND" --console "[ ! -p $dir/switch ] || read -r _ <$dir/switch
		cat $dir/said - " --out "$out" --deadline 1200 \
		--silence 600 "$@" >"$dir/stdout" 2>"$dir/stderr" </dev/null ||
		status=$?
}

hello='{"t":"hello","schema":1,"kernel":"6.12","cmdline":"quiet cb.suite=smoke cb.entries=1-9"}'
{
	printf 'BIOS speaks\r\n'
	record 0 "$hello"
	printf '1..1\nok 1 - first\n'
	record 1 '{"t":"begin","id":0}'
} >"$dir/begun"
{
	cat "$dir/begun"
	record 2 '{"t":"bye","ran":1}'
	printf '[    9.1] reboot: Power down\n'
} >"$dir/whole"

# --- ends

cp "$dir/whole" "$dir/said"
mkfifo "$dir/switch"
attend --words 'a b' --off 'echo off' \
	--on "echo >$dir/switch; echo \"on \$CB_WORDS\""
rm "$dir/switch"
check "power-off" ended poweroff
check "the console is kept" cmp -s "$dir/whole" "$out/console.log"
check "records are left in it" [ ! -s "$out/records.raw" ]
check "off, then on, with the words" \
	[ "$(tr '\n' ' ' <"$out/power.log")" = 'off on a b ' ]
check "results are shown" grep -q 's\] ok 1 - first$' "$dir/stderr"
check "the guest's words" field_is words 'cb.suite=smoke cb.entries=1-9'
check "it is no virtual machine" field_is accel none
check "time of the first record" field_is first_record_ms '[0-9]*'

{
	cat "$dir/begun"
	printf 'Kernel panic - not syncing: planted\nlast word\n'
} >"$dir/said"
attend
check "panic" ended panic
check "panic is told" field_is detail '.*not syncing: planted.*'
check "its last words are kept" grep -q '^last word' "$out/console.log"

{
	cat "$dir/begun"
	printf 'firmware\nLinux version\n'
	cat "$dir/whole"
} >"$dir/said"
attend
check "a machine that boots again" ended reset
check "the next boot's records are not kept" \
	[ "$(grep -c hello "$out/console.log")" -eq 1 ]

cp "$dir/begun" "$dir/said"
attend --silence 300ms
check "silence" ended hang
attend --deadline 2 --silence 0
check "deadline" ended deadline
attend --words 'cb.entries=4-5' --silence 300ms
check "a part was asked for, and it runs one" ended hang

record 0 '{"t":"hello","cmdline":"","entries":"7-9"}' >"$dir/said"
attend --words 'cb.entries=4-9' --silence 300ms
check "the entries of a medium count" field_is words 'cb.entries=7-9'
record 0 '{"t":"hello","cmdline":"cb.suite=smoke"}' >"$dir/said"
attend --words 'cb.entries=4-9'
check "a machine that takes no words" ended interrupted
check "and it is told" field_is detail 'the machine began the run anew.*'

printf 'GRUB loading\n' >"$dir/said"
attend --start 300ms
check "no record" ended hang
check "that is told" field_is detail 'no record came within 0.3 s'

rm -rf "$out"
status=0
"$ATTEND" --console "cat $dir/begun" --out "$out" 2>"$dir/stderr" || status=$?
check "the console ends" ended vmm-died

# --- lines

# start_line KIND: sets where.
start_line()
{
	mkfifo "$dir/where"
	"$FAKE_LINE" "$1" <"$dir/begun" >"$dir/where" &
	line=$!
	read -r where <"$dir/where"
	rm "$dir/where"
}

# at WHERE [OPTION...]
at()
{
	rm -rf "$out"
	status=0
	"$ATTEND" --console "$@" --out "$out" 2>"$dir/stderr" || status=$?
}

start_line tcp
at "$where" --silence 300ms
check "telnet: silence" ended hang
check "the kernel is asked, in order" [ \
	"$(sed -n 's/^report \(.\)$/\1/p' "$out/console.log" | tr -d '\n')" = 9wlt ]
check "telnet's commands are no text" \
	[ "$(head -c 4 "$out/console.log")" = BIOS ]
kill "$line" 2>/dev/null || :
at "$where"
check "nobody listens" refused "CONSOLE='$where': Connection refused"
at localhost:nosuch
check "no such service" refused "CONSOLE='localhost:nosuch': "

start_line pty
at "$where" --silence 300ms
check "a terminal device: silence" ended hang
check "its text is kept" grep -q hello "$out/console.log"
exec 9<"$where"
flock -n 9
at "$where"
check "a port that is locked" refused "CONSOLE='$where': busy"
exec 9<&-
kill "$line"
at /dev/nosuch
check "no such port" refused "CONSOLE='/dev/nosuch': No such file"
at "$dir/said"
check "no port at all" refused 'no terminal device; allowed are'

# --- the power switch

# A machine that is off prints nothing.
: >"$dir/said"
attend --off 'echo no BMC there; exit 3'
check "power fails" refused \
	"POWER: 'echo no BMC there; exit 3' ended with status 3: no BMC there"
attend --off true --on nosuch-command
check "no such command" refused "status 127: .*nosuch-command.*not found"

# --- interrupted

rm -rf "$out"
"$ATTEND" --console "cat $dir/begun -" --out "$out" --silence 0 \
	2>"$dir/stderr" &
pid=$!
until grep -qs 'ok 1' "$dir/stderr"; do
	sleep 0.05
done
kill -TERM $pid
status=0
wait $pid || status=$?
check "interrupted" [ $status -eq 143 ]
check "that is told" field_is end interrupted

attend --deadline soon
check "no time" refused '^attend: --deadline soon: '
attend --console ''
check "no console" refused '^attend: --console is missing'

tests_end
