#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# reaper: what a command has started ends with it, however that is started and
# whoever ends.
# shellcheck disable=SC2016 # for inner shells
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}"
"${MAKE:-make}" -s -C scripts/reaper O="$O"
reaper=$O/host/reaper

# Three generations, the last one in a session of its own and an orphan; each
# of them has a line in the file $up once it is there.
up=$tmp/up
cat >"$tmp/family" <<'END'
#!/bin/sh
echo >>"$1"
sh -c 'echo >>"$1"
	setsid sh -c "echo >>\"\$1\"; sleep 100000; :" sh "$1" &
	[ -z "${FAMILY_GOES:-}" ] || exit 0
	wait' sh "$1" &
[ -z "${FAMILY_ENDS:-}" ] || {
	until [ "$(wc -l <"$1")" -eq 3 ]; do sleep 0.05; done
	exit 7
}
wait
sleep 100000
END
chmod +x "$tmp/family"

all_up()
{
	[ "$(wc -l <"$up")" -ge 3 ]
}

# begin NAME [VARIABLE=1...]: the next family has a mark.
begin()
{
	name=$1
	shift
	mark=$$-$passed-$failed
	: >"$up"
	export CB_MARK="$mark"
	for word in FAMILY_GOES FAMILY_ENDS; do
		unset "$word"
	done
	for word; do
		export "${word?}"
	done
}

# over STATUS: it was, and nothing is left.
over()
{
	unset CB_MARK
	if [ "$1" != "$2" ]; then
		not_ok "$name" "status $2, not $1"
	elif ! wait_for nothing_left "$mark"; then
		# shellcheck disable=SC2046 # a list
		not_ok "$name" "left: $(ps -o args= -p $(left "$mark"))"
	else
		ok "$name"
	fi
	left "$mark" | xargs -r kill -KILL
}

expect 'the status of the command' 7 '' "$reaper" sh -c 'echo; exit 7'
expect 'of one that a signal ends' 137 '' "$reaper" sh -c 'echo; kill -9 $$'
expect 'a command that there is not' 127 '^reaper: no-such: No such' \
	"$reaper" no-such
expect_one_line 'no command' 'reaper \[--with PID\] COMMAND' "$reaper"
expect_one_line 'no process id' 'reaper: x: no process id' \
	"$reaper" --with x true

# Takes the whole time that it is given, while the others are tested.
begin 'one that ignores SIGTERM'
stubborn=$mark
"$reaper" sh -c 'trap "" TERM; echo >>"$1"; while :; do sleep 1; done' \
	sh "$tmp/stubborn" &
stubborn_pid=$!
wait_for [ -s "$tmp/stubborn" ]
kill "$stubborn_pid"

for goes in '' FAMILY_GOES=1; do
	begin "the command has ended${goes:+, its child before}" \
		FAMILY_ENDS=1 $goes
	status=0
	"$reaper" "$tmp/family" "$up" || status=$?
	over 7 "$status"

	# A shell would have the reaper ignore INT.
	for signal in 'TERM 143' 'INT 130' 'HUP 129'; do
		begin "SIG${signal% *}${goes:+, an orphan}" $goes
		env --default-signal=INT "$reaper" "$tmp/family" "$up" &
		pid=$!
		wait_for all_up
		kill -s "${signal% *}" "$pid"
		status=0
		wait "$pid" || status=$?
		over "${signal#* }" "$status"
	done

	begin "the parent is killed${goes:+, an orphan}" $goes
	sh -c '"$@" & wait' sh "$reaper" "$tmp/family" "$up" &
	pid=$!
	wait_for all_up
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null || :
	over 0 0

	begin "another process is killed${goes:+, an orphan}" $goes
	sleep 100000 &
	other=$!
	"$reaper" --with "$other" "$tmp/family" "$up" &
	pid=$!
	wait_for all_up
	kill -KILL "$other"
	status=0
	wait "$pid" || status=$?
	over 143 "$status"
done

begin 'another process was gone before'
status=0
"$reaper" --with "$other" sh -c 'echo >>"$1"' sh "$up" || status=$?
over 143 "$status"
[ ! -s "$up" ] || not_ok "$name" 'the command was started'

# Each turn forks, and what it forks leaves the session.
begin 'one that forks all the time'
"$reaper" sh -c 'n=0
	while [ $n -lt 1000 ]; do
		setsid sleep 100000 &
		n=$((n + 1)) && echo >>"$1"
	done' sh "$up" &
pid=$!
wait_for all_up
kill "$pid"
status=0
wait "$pid" || status=$?
over 143 "$status"

name='one that ignores SIGTERM' mark=$stubborn
status=0
wait "$stubborn_pid" || status=$?
over 143 "$status"
tests_end
