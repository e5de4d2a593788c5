#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Interrupted at any moment: nothing goes on in the background, nothing
# half-made is taken for whole, and the next start ends well.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

# within SECONDS COMMAND...: is it true before the time is up?
within()
{
	end=$(($(date +%s) + $1))
	shift
	until "$@"; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.1
	done
}

says()
{
	grep -q "$1" "$tmp/out" || ! kill -0 "$pid" 2>/dev/null
}

# What the command has started has its mark, whatever group or session it is in.
left()
{
	grep -lsz "^CB_MARK=$mark\$" /proc/[0-9]*/environ |
		sed 's,^/proc/,,; s,/environ$,,'
}

nothing_is_left()
{
	[ -z "$(left)" ]
}

# interrupt SIGNAL TARGET LINE COMMAND...: COMMAND is sent SIGNAL (TARGET: it
# alone, or its whole group, as a terminal does) once it has said LINE.
interrupt()
{
	signal=$1 target=$2 line=$3
	shift 3
	# Or what the command before has said is taken for its words.
	: >"$tmp/out"
	mark="$$-$passed-$failed"
	CB_MARK=$mark setsid env --default-signal=INT "$@" \
		>"$tmp/out" 2>&1 </dev/null &
	pid=$!
	name="$signal to $target at '$line'"
	within 120 says "$line" || :
	if ! grep -q "$line" "$tmp/out"; then
		not_ok "$name" 'never said so' "$tmp/out"
		return
	fi
	if [ "$target" = group ]; then
		kill -s "$signal" -- "-$pid"
	else
		kill -s "$signal" "$pid"
	fi
	if within 20 nothing_is_left; then
		ok "$name: nothing left running"
	else
		# shellcheck disable=SC2046 # a list
		not_ok "$name" "left: $(ps -o args= -p $(left) | head -n 3)"
	fi
}

scripts/chargeback image >"$tmp/out" 2>&1 ||
	not_ok 'the image builds' 'it does not' "$tmp/out"
whole=$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")

for how in 'TERM it' 'INT group' 'KILL it'; do
	# shellcheck disable=SC2086 # two words
	interrupt $how 'booting' \
		scripts/chargeback run RESULTS="$tmp/runs" SCENARIOS=oom-bypass
done
# Two machines side by side, both at work.
for how in 'TERM it' 'INT group' 'KILL it'; do
	# shellcheck disable=SC2086
	interrupt $how '^\[.* ok ' scripts/chargeback run \
		RESULTS="$tmp/runs" SUITE=full JOBS=2
done
if [ -z "$(ls "$tmp/runs" 2>/dev/null)" ]; then
	ok 'an interrupted run leaves no result'
else
	not_ok 'an interrupted run leaves no result' "$(ls "$tmp/runs")"
fi

for how in 'TERM it' 'INT group'; do
	# shellcheck disable=SC2086
	interrupt $how 'check: lint' "${MAKE:-make}" check
done

copy "$tmp/copy"
unset O
for how in 'TERM it' 'INT group' 'KILL it'; do
	rm -f "$tmp/copy/build/"*/image
	# shellcheck disable=SC2086
	interrupt $how 'linking the image' \
		"$tmp/copy/scripts/chargeback" image
done
rm -f "$tmp/copy/build/"*/image
expect 'started again, it goes on' 0 'bytes$' \
	"$tmp/copy/scripts/chargeback" image
if cmp -s "$whole" "$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")"; then
	ok 'and makes the same image'
else
	not_ok 'and makes the same image' 'it differs'
fi
tests_end
