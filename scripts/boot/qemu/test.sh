#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Tests of supervise against a stand-in for QEMU: every end, every bound.
#   SUPERVISE=PROGRAM FAKE_QEMU=PROGRAM ./test.sh
set -eu

: "${SUPERVISE:?}" "${FAKE_QEMU:?}"
. ../common/test.sh
trap 'rm -rf "$dir"' EXIT
image=$dir/image
: >"$image"

# play "WORDS" [OPTION...]: run supervise on the stand-in into a new folder.
play()
{
	words=$1
	shift
	rm -rf "$out"
	status=0
	"$SUPERVISE" --image "$image" --out "$out" --qemu "$FAKE_QEMU" \
		--append "$words" --deadline 1200 --silence 600 "$@" \
		>"$dir/stdout" 2>"$dir/stderr" </dev/null || status=$?
}

# play_until CONDITION "WORDS" OPTION: OPTION is followed by a bound, short at
# first; on a busy machine a longer one, until what comes before it has come.
play_until()
{
	condition=$1 words=$2 option=$3
	for bound in 100ms 1s 10s 100s; do
		play "$words" "$option" "$bound"
		! "$condition" || return 0
	done
}

heard_console()
{
	[ -s "$out/console.log" ]
}

heard_record()
{
	[ -s "$out/records.raw" ]
}

# gone PID: neither running nor asleep; whoever adopts it may not reap it.
gone()
{
	! grep -q '^[0-9]* (.*) [RSDTt]' "/proc/$1/stat" 2>/dev/null
}

# until_true COMMAND...: poll, for a quarter of an hour at most.
until_true()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 18000 ] || return 1
		sleep 0.05
	done
}

fake_pid()
{
	pid=$(sed -n 's/^fake-pid //p' "$out/qemu.log" 2>/dev/null) || return 1
	[ -n "$pid" ]
}

# --- ends

play "start record say guest-shutdown"
check "power-off" ended poweroff
check "records are kept" grep -q '^@cb 0 a record$' "$out/records.raw"
check "console is kept" grep -q '^no result$' "$out/console.log"
check "results are shown with a time" \
	grep -q '^\[ *[0-9]*s\] ok 1 ?\[2Jfirst$' "$dir/stderr"
check "indented results too" grep -q 's\]     not ok 2 second$' "$dir/stderr"
check "how far an entry has come" grep -q 's\] 5 of 9 requests$' "$dir/stderr"
check "nothing else is shown" [ "$(wc -l <"$dir/stderr")" -eq 3 ]
check "version" field_is qemu 'QEMU emulator version 1.2.3 (fake)'
check "time of the first record" field_is first_record_ms '[0-9]*'
check "no part file is left" [ ! -e "$out/.boot.json.tmp" ]

play "start plan say guest-shutdown" --eta
check "results with the time that is left" \
	grep -q 'first (1 of 4, about [0-9]*:[0-9][0-9] left)$' "$dir/stderr"

PROGRESS=json
export PROGRESS
play "start plan say guest-shutdown" --eta
check "results for programs" grep -qxE \
	'\{"t":"result","s":[0-9]+,"ok":true,"number":1,"done":1,"planned":4,"left_s":[0-9]+,"text":"\?\[2Jfirst"\}' \
	"$dir/stderr"
check "and nothing else" [ "$(grep -cv '^{"t":"' "$dir/stderr")" -eq 0 ]
play "start" --smp none
check "an error for programs" grep -qxE \
	'\{"t":"error","s":[0-9]+,"text":"--smp none: .*"\}' "$dir/stderr"
unset PROGRESS

play "start flood-records=1 say guest-shutdown" --virtual --smp 1
check "the guest's own clock" field_is clock 'virtual'
check "records through a pipe" [ "$(wc -c <"$out/records.raw")" -gt 1000000 ]
check "the UART for them is named" \
	grep -q '^words .* cb.records=ttyS1 ' "$out/qemu.log"
check "and no frequency" [ "$(grep -c tsc_early_khz "$out/qemu.log")" -eq 0 ]
check "console through a pipe" grep -q '^no result$' "$out/console.log"

play "start say guest-shutdown" --quiet
check "nor is a UART named" [ "$(grep -c cb.records "$out/qemu.log")" -eq 0 ]
check "else the wall's" field_is clock 'wall'
[ "$(uname -m)" != x86_64 ] || check "the guest knows how fast its TSC is" \
	grep -q '^words no_timer_check tsc_early_khz=[0-9]\{6,7\} start' \
	"$out/qemu.log"
check "quiet" [ ! -s "$dir/stderr" ]
check "no record" field_is first_record_ms -1

play "start guest-reset"
check "reset" ended reset

play "start panic panic-event guest-reset"
check "panic" ended panic
check "panic is told" field_is detail '.*not syncing: planted.*'

play "start panic-event quit"
check "panic without a reset" ended panic

play "garbage start garbage guest-shutdown"
check "odd messages are passed over" ended poweroff

play "start record exit=17"
check "QEMU exits early" ended vmm-died
check "its status is told" field_is detail '.*exited with status 17.*'

play "start guest-unknown"
check "unknown reason is no power-off" ended vmm-died

play "start abort"
check "QEMU dies by a signal" ended vmm-died
check "the signal is told" field_is detail '.*SIGABRT.*'

play "complain exit=1"
check "QEMU dies at once" refused 'no such ?accelerator'
check "and that is kept" grep -q 'fake: first' "$out/qemu.log"

# --- bounds

play_until heard_console "start say sysrq quit" --silence
check "silence" ended hang
check "the kernel is asked" grep -q '^report t$' "$out/console.log"
check "in order" [ "$(grep -c '^report [9wlt]$' "$out/console.log")" -eq 4 ]

play_until heard_record "start record wedge" --silence
check "silence, QEMU ignores us" ended hang
check "it is killed" field_is detail '.*was killed.*'
check "and gone" fake_pid
check "for good" gone "$pid"

play "start record flood-console=1000000" --silence 300ms
check "complaints without end are silence" ended hang

play "wedge" --silence 100ms
check "QEMU never speaks" ended hang

play "start say flood-console=1000000" --deadline 300ms
check "deadline during a flood" ended deadline

play "start flood-console=70 guest-shutdown"
check "console flood" ended poweroff
check "console is capped" [ "$(wc -c <"$out/console.log")" -lt 67109000 ]
check "the cut is noted" \
	sh -c "tail -n 1 '$out/console.log' | grep -q 'cut here'"
check "and told" field_is truncated true

play "start flood-records=260 guest-shutdown"
check "records are capped" [ "$(wc -c <"$out/records.raw")" -lt 268435600 ]
check "their cut is told" field_is truncated true

# --- the host

# into_full FILE: FILE of the run folder is on a full disk.
into_full()
{
	rm -rf "$out"
	mkdir "$out"
	ln -s /dev/full "$out/$1"
	status=0
	"$SUPERVISE" --image "$image" --out "$out" --qemu "$FAKE_QEMU" \
		--append "start record say wedge" --quiet 2>"$dir/stderr" ||
		status=$?
}
if [ -c /dev/full ]; then
	into_full console.log
	check "full disk, console" refused 'console.log: No space'
	check "no answer is left" [ ! -e "$out/boot.json" ]
	fake_pid
	check "no QEMU is left" gone "$pid"
	into_full records.raw
	check "full disk, records" refused 'records.raw: No space'
fi

play "start" --qemu "$dir/none"
check "no QEMU" refused 'none: cannot be started'
play "start" --image "$dir/none"
check "no image" refused '--image .*none'
play "start" --accel xen
check "unknown accelerator" refused '--accel xen: tcg or kvm'
play "" --plugin x.so
check "a plugin without --virtual" refused '--plugin x.so: takes --virtual'
play "" --plugin a.so --plugin b.so --plugin c.so
check "three plugins" refused '--plugin c.so: 2 at most'
play "start" --smp 0
check "no processor" refused '--smp 0: 1 to 64'
play "start" --virtual
check "two processors cannot count" refused '--virtual takes'
play "start" --virtual --smp 1 --accel kvm
check "nor can KVM" refused '--virtual takes'
play "start" --mem 12
check "memory without unit" refused '--mem 12: '
play "start" --deadline soon
check "odd time" refused '--deadline soon: '
play "start" extra
check "extra word" refused 'extra: '
status=0
"$SUPERVISE" --image "$image" --out "$image" 2>"$dir/stderr" || status=$?
check "folder is a file" refused '--out '
status=0
"$SUPERVISE" --image "$image" 2>"$dir/stderr" || status=$?
check "no folder" refused '--out is missing'

# --- signals

# interrupt SIGNAL "WORDS": send it once the stand-in runs.
interrupt()
{
	rm -rf "$out"
	"$SUPERVISE" --image "$image" --out "$out" --qemu "$FAKE_QEMU" \
		--append "$2" --quiet 2>"$dir/stderr" </dev/null &
	supervisor=$!
	until_true fake_pid
	kill "-$1" "$supervisor"
	status=0
	wait "$supervisor" 2>/dev/null || status=$?
}
interrupt INT "start wedge"
check "SIGINT" [ "$status" -eq 130 ]
check "it is told" field_is end 'interrupted'
check "no QEMU is left after SIGINT" gone "$pid"
interrupt TERM "wedge"
check "SIGTERM" [ "$status" -eq 143 ]
check "no QEMU is left after SIGTERM" gone "$pid"
interrupt KILL "start wedge"
check "SIGKILL" [ "$status" -eq 137 ]
check "no QEMU is left after SIGKILL" until_true gone "$pid"
check "no answer is left after SIGKILL" [ ! -e "$out/boot.json" ]

# --- two at a time

rm -rf "$out"
"$SUPERVISE" --image "$image" --out "$out" --qemu "$FAKE_QEMU" --quiet \
	--append "start wedge" 2>/dev/null </dev/null &
supervisor=$!
until_true fake_pid
status=0
"$SUPERVISE" --image "$image" --out "$out" --qemu "$FAKE_QEMU" \
	--append "start" 2>"$dir/stderr" || status=$?
check "one run a folder" refused 'another run'
status=0
"$SUPERVISE" --image "$image" --out "$dir/other" --qemu "$FAKE_QEMU" \
	--append "start guest-shutdown" 2>"$dir/stderr" || status=$?
out=$dir/other
check "another folder is free" ended poweroff
out=$dir/out
kill "$supervisor"
wait "$supervisor" 2>/dev/null || :

# --- on a terminal

# on_terminal PATTERN [OPTION]: for 2.5 seconds without a result; on a busy
# machine for longer, until PATTERN is there.
on_terminal()
{
	pattern=$1
	for bound in 2500ms 10s 100s; do
		rm -rf "$out"
		SHELL=/bin/sh script -qec "'$SUPERVISE' --image '$image' \
			--out '$out' --qemu '$FAKE_QEMU' \
			--append 'start say wedge' --silence 0 \
			--deadline $bound ${2:-}" "$dir/stderr" \
			>/dev/null </dev/null
		! grep -q "$pattern" "$dir/stderr" || return 0
	done
}
if command -v script >/dev/null; then
	on_terminal 'no result for'
	check "a sign of life" grep -q 'no result for [2-9][0-9]* s' "$dir/stderr"
	check "not earlier" [ "$(grep -c 'result for [01] s' "$dir/stderr")" -eq 0 ]
	on_terminal 'not ok 2 second' --shared
	check "none where others write" \
		[ "$(grep -c 'no result for' "$dir/stderr")" -eq 0 ]
	check "but results" grep -q 'not ok 2 second' "$dir/stderr"
else
	skipped=4
	echo "ok - signs of life on a terminal # SKIP no script"
fi

# --- interactive

rm -rf "$out"
printf 'typed.' | "$SUPERVISE" --image "$image" --out "$out" --interactive \
	--qemu "$FAKE_QEMU" --append "start echo guest-shutdown" \
	>"$dir/stdout" 2>"$dir/stderr"
check "what is typed comes back" grep -q '^typed$' "$dir/stdout"

# ends INPUT [WORD]: the end of input ends the guest, too.
ends()
{
	rm -rf "$out"
	status=0
	printf %b "$1" | timeout -k 1 60 "$SUPERVISE" --image "$image" --out "$out" \
		--interactive --qemu "$FAKE_QEMU" \
		--append "start $2 read guest-shutdown" --prompt "shell# " \
		>"$dir/stdout" 2>"$dir/stderr" || status=$?
}
ends "" prompt
check "no input at all" ended poweroff
ends "one\ntwo" prompt
check "the end of input" ended poweroff
check "its last line is one" grep -q "^two$" "$dir/stdout"

# in_background COMMAND...: of a terminal's job control.
in_background()
{
	rm -rf "$out"
	SHELL=/bin/sh timeout -k 1 60 script -qec "$* '$SUPERVISE' --image '$image' \
		--out '$out' --qemu '$FAKE_QEMU' --interactive \
		--append 'start wedge' --deadline 100ms \
		2>'$dir/stderr'; echo \$? >'$dir/status'" \
		/dev/null >/dev/null </dev/null
	status=$(cat "$dir/status")
}
if command -v script >/dev/null; then
	in_background timeout 50
	check "under timeout" refused 'terminal belongs to another job'
	check "no boot" [ ! -e "$out/boot.json" ]
	in_background timeout --foreground 50
	check "in the foreground it runs" ended deadline
else
	skipped=$((skipped + 3))
	echo "ok - on a terminal, in the background # SKIP no script"
fi

tests_end
