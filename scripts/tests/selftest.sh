#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The judge's own test: faults are planted on purpose, and each must be caught
# and named with the right verdict and exit status.  Prints a table of them; a
# fault that nobody catches fails it.
# With DEBUG=1 it plants those that only a debug kernel sees, and no other: that
# is a second kernel to compile.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
: "${O:=$PWD/build}"
export O

# caught FAULT BY VERDICT STATUS RESULT FILTER [JQ-ARG...]: the run's status was
# STATUS, and jq's filter is true of its result.
caught()
{
	fault=$1 by=$2 verdict=$3 want=$4 result=$5 filter=$6
	shift 6
	if [ "$status" -ne "$want" ]; then
		not_ok "$fault" "exit status $status, not $want" "$tmp/out"
	elif ! jq -e "$@" "$filter" "$result" >"$tmp/json" 2>&1; then
		jq -c '.problems, (.scenarios[] | {name, cell, verdict, reason,
			detail})' "$result" >"$tmp/json" 2>&1 || :
		not_ok "$fault" "not caught: $filter" "$tmp/json"
	else
		passed=$((passed + 1))
		printf '%-36s %-30s %-10s %s\n' "$fault" "$by" "$verdict" \
			"$want"
	fi
}

# run NAME KNOB=value...: sets status; the result is in $tmp/NAME.
run()
{
	name=$1
	shift
	status=0
	$cb run RESULTS="$tmp/$name" "$@" >"$tmp/$name.out" 2>&1 </dev/null ||
		status=$?
	cp "$tmp/$name.out" "$tmp/out"
	result=$tmp/$name/latest/result.json
}

# plant STATUS [KNOB=value...]: starts a run of the faults of a table on standard
# input, a line each: SCENARIO[/CELL] | VERDICT | PATTERN of the reason | BY WHOM.
# Returns when it boots, for two builds in one folder would meet.
plant()
{
	want=$1
	shift
	sed '/^#/d; s/ *| */|/g' >"$tmp/table-$want"
	cut -d'|' -f1 "$tmp/table-$want" | cut -d/ -f1 | sort -u >"$tmp/names"
	cat "$tmp/names" >>"$tmp/tested"
	: >"$tmp/planted-$want.out"
	$cb run RESULTS="$tmp/planted-$want" SUITE=planted JOBS=1 \
		KCIDB="$tmp/planted-$want.kcidb" \
		SCENARIOS="$(tr '\n' ' ' <"$tmp/names")" "$@" \
		>"$tmp/planted-$want.out" 2>&1 </dev/null &
	eval "pid_$want=$!"
	until grep -q '\] booting ' "$tmp/planted-$want.out" ||
		! kill -0 $! 2>/dev/null; do
		sleep 0.1
	done
}

# planted STATUS: that run has ended so, and each of its faults was caught.
planted()
{
	want=$1
	status=0
	eval "wait \"\$pid_$want\"" || status=$?
	cp "$tmp/planted-$want.out" "$tmp/out"
	result=$tmp/planted-$want/latest/result.json
	while IFS='|' read -r fault verdict pattern by; do
		case $fault in
		*/*) cell=${fault#*/} ;;
		*) cell= ;;
		esac
		# shellcheck disable=SC2016 # jq's own variables
		caught "$fault" "$by" "$verdict" "$want" "$result" '
			[.scenarios[] | select(.name == $name and
				(.control | not) and ($cell == "" or
				(.cell | to_entries | map("\(.key)=\(.value)") |
				join(",")) == $cell))] |
			length > 0 and all(.verdict == $verdict and
				("\(.reason) \(.detail // "")" | test($pattern)))' \
			--arg name "${fault%%/*}" --arg cell "$cell" \
			--arg verdict "$verdict" --arg pattern "$pattern"
	done <"$tmp/table-$want"
	expect_kcidb "faults of status $want as KCIDB" \
		"$tmp/planted-$want.kcidb" '[.tests[] | select(.misc.verdict |
		. == "panic" or . == "hang" or . == "splat")] |
		all(.status == "FAIL" and (.log_excerpt | length > 0))'
	expect_junit "faults of status $want as JUnit" \
		"$tmp/planted-$want/latest/junit.xml" "$result"
}

# The command leads a session of its own, in which QEMU is found.
in_session()
{
	setsid $cb run RESULTS="$tmp/$1" SCENARIOS=oom-bypass JOBS=1 \
		>"$tmp/$1.out" 2>&1 </dev/null &
	pid=$!
	until grep -q 'ok 1 ' "$tmp/$1.out" || ! kill -0 "$pid" 2>/dev/null; do
		sleep 0.1
	done
	qemu=$(ps -o pid= -o comm= -s "$pid" | awk '$2 ~ /^qemu/ { print $1 }')
}

# One of a driver's oom-bypass that came out as VERDICT for REASON.
one()
{
	printf '[.scenarios[] | select(.verdict == "%s" and ("%s" | test("%s")))
		] | length > 0' "$1" '\(.reason) \(.detail // "")' "$2"
}

printf '%-36s %-30s %-10s %s\n' fault 'caught by' verdict status

$cb image >"$tmp/out" 2>&1 </dev/null || {
	not_ok 'the image builds' 'it does not' "$tmp/out"
	tests_end
	exit 1
}

if [ "${DEBUG:-0}" = 1 ]; then
	plant 3 <scripts/tests/faults.debug
	planted 3
	expect 'lockdep names the lock that was kept' 0 '#0: .*lock_me_up' \
		cat "$tmp/planted-3/latest/console.log"
	tests_end
	exit
fi
cut -d' ' -f1 scripts/tests/faults.debug | grep '^planted-' >"$tmp/tested"

# --- what breaks the machine: most of it waits for watchdogs, beside the rest

plant 3 <<'TABLE'
planted-warning      | splat | WARNING:           | kernel log
planted-soft-lockup  | panic | softlockup: hung tasks | supervise: panic
planted-hung-task    | splat | INFO: task init    | kernel log
planted-bug          | panic | ^panic             | supervise: panic
planted-panic        | panic | sysrq triggered crash | supervise: panic
planted-runner       | panic | Attempted to kill init | supervise: panic
planted-livelock     | hang  | ^hang silence      | supervise: silence
TABLE

# --- the host: a stopped QEMU is waited for at the end, being silent for long

in_session wedged
wedged=$pid
kill -STOP "$qemu"

in_session killed
kill -KILL "$qemu"
status=0
wait "$pid" || status=$?
cp "$tmp/killed.out" "$tmp/out"
caught 'QEMU is killed' 'supervise: its end' incomplete 4 \
	"$tmp/killed/latest/result.json" "$(one incomplete vmm-died)"

# The folder for results is on a disk that is full once the machine boots.
mkdir "$tmp/small"
if [ "$(id -u)" -eq 0 ]; then
	status=0
	# shellcheck disable=SC2016 # the inner shell's own
	unshare -m sh -c 'mount -t tmpfs -o size=60M tmpfs "$1"
		scripts/chargeback run RESULTS="$1" SCENARIOS=oom-bypass &
		until ls -d "$1"/.run.*/boot-1 >/dev/null 2>&1 ||
			! kill -0 $! 2>/dev/null; do
			sleep 0.05
		done
		cat /dev/zero >"$1/fill" 2>/dev/null
		wait $!' sh "$tmp/small" >"$tmp/out" 2>&1 </dev/null || status=$?
	echo null >"$tmp/null"
	grep -q 'No space left on device' "$tmp/out" || status="$status, unnamed"
	caught 'the disk of results is full' 'supervise: its files' none 2 \
		"$tmp/null" '. == null'
else
	skipped=$((skipped + 1))
	echo 'ok - the disk of results is full # SKIP not root'
fi

# --- a kernel that lacks what every claim needs

run nothing SCENARIOS=oom-bypass APPEND=cgroup_disable=memory
caught 'nothing is tested' 'judge: coverage' skip 4 "$result" '
	([.scenarios[].verdict] | length > 0 and all(. == "skip")) and
	[.problems[].reason] == ["nothing-tested"] and
	.headline.escape == "not tested"'

# --- the kernel, before any entry runs: a parameter that it warns of

run stray SUITE=planted SCENARIOS=planted-ok APPEND=rcutree.rcu_fanout_leaf=1
caught 'a warning while it boots' 'runner: stray splat' none 3 "$result" '
	(.problems | length == 1 and .[0].reason == "stray-splat" and
		(.[0].detail | test("WARNING: "))) and
	([.scenarios[].verdict] | length > 0 and all(. == "pass"))'

# --- the records, on their way: what a good run left is damaged

gcc -O1 -Wall -Wextra -Werror -Iresults -o "$tmp/mangle" \
	scripts/tests/mangle.c results/record/crc32.c
run good SUITE=planted SCENARIOS=planted-ok
caught 'none' 'nobody' pass 0 "$result" '.status == 0 and .problems == []'
good=$tmp/good/latest

# stream FAULT BY VERDICT STATUS FILTER
stream()
{
	rm -rf "$tmp/bad"
	mkdir "$tmp/bad"
	cp -r "$good/boot-1" "$tmp/bad/"
	"$tmp/mangle" "$1" <"$good/boot-1/records.raw" \
		>"$tmp/bad/boot-1/records.raw"
	status=0
	"$O/host/judge" --plan "$good/plan.jsonl" --boot "$tmp/bad/boot-1" \
		--out "$tmp/bad" >"$tmp/out" 2>&1 || status=$?
	caught "records: $1" "judge: $2" "$3" "$4" "$tmp/bad/result.json" "$5"
}

# problem REASON: it is named.
problem()
{
	printf '[.problems[].reason] | index("%s") != null' "$1"
}

incomplete='.scenarios[0].verdict == "incomplete" and'
stream cut 'the last record' incomplete 4 \
	"$incomplete ($(problem truncated-record))"
stream corrupted 'checksum' incomplete 4 \
	"$incomplete ($(problem crc-errors))"
stream lost 'numbers' incomplete 4 "$incomplete ($(problem records-lost))"
stream contradicted 'numbers' incomplete 4 \
	"$incomplete ($(problem conflicting-records))"
stream flooded 'its bound' incomplete 4 "$(problem too-many-records)"
stream miscounted 'the last record' error 4 "$(problem wrong-count)"
stream misplanned 'the plan' incomplete 4 \
	"$incomplete ($(problem plan-mismatch))"
stream forged 'the order of records' incomplete 4 "$(problem bad-record)"
stream reordered 'numbers' pass 0 '.stream.reordered == 1'
stream duplicated 'numbers' pass 0 '.stream.repeated == 1'
stream noisy 'marks and checksums' pass 0 \
	'.stream.accepted > 0 and .stream.malformed == 0'

# --- the machine, in as few boots as the faults leave

plant 1 <<'TABLE'
planted-fail                       | fail | ^planted          | its verdict
planted-device                     | fail | ^meters bound devices: 0 -> 1 | meter: devices
planted-memory                     | fail | ^meters slab: | meter: slab
planted-leak/leak=process          | fail | ^meters processes: 0 -> 1 | meter: processes
planted-leak/leak=escaped-process  | fail | ^meters processes outside the group | meter: processes
planted-leak/leak=mount            | fail | ^meters mounts: none at /tmp/ | meter: mounts
planted-leak/leak=file             | fail | ^meters folder .* not empty | meter: folder
planted-leak/leak=cgroup           | fail | ^meters cgroups: no planted -> one | meter: cgroups
planted-leak/leak=dying-cgroup     | fail | ^meters nr_dying_descendants: 0 -> 1 | meter: dying cgroups
planted-leak/leak=disk             | fail | ^meters .*disks: no dm-0 -> one | meter: disks
planted-leak/leak=memcg-oom        | fail | ^meters memcg OOM kills: 0 -> 1 | meter: kernel log
planted-leak/leak=global-oom       | fail | ^meters global OOM kills: 0 -> 1 | meter: kernel log
TABLE
planted 1

plant 4 <<'TABLE'
planted-unproven     | error      | ^no-evidence      | judge: evidence
planted-silent       | error      | ^reported nothing | runner: no verdict
planted-exit         | error      | ^reported nothing | runner: no verdict
planted-killed       | error      | ^ended by signal 9 | runner: no verdict
planted-two-verdicts | error      | ^concluded twice  | runner: two verdicts
planted-stuck        | timeout    | ^not done after 2 s | runner: deadline
planted-held         | timeout    | ^not done after 2 s | runner: deadline
planted-holding      | fail       | take no signal    | meter: processes
planted-poweroff     | incomplete | ^early-exit       | judge: the last record
TABLE
planted 4

planted 3
broken=$tmp/planted-3/latest

# With each breakdown the machine boots again, and nothing is tried twice.
expect_json 'each breakdown ended a boot' "$result" '.meta.boots == 7'
expect_json 'what a splat left over runs in a fresh machine' "$result" '
	[.scenarios[] | select(.name == "planted-warning" and .control)] |
	all(.verdict == "pass" and .boot == 2)'
expect_json 'what a panic took along stays incomplete' "$result" '
	[.scenarios[] | select(.name == "planted-panic" and .control)] |
	all(.verdict == "incomplete" and .reason == "after-panic")'
expect 'the last words are kept' 0 'Kernel panic' \
	cat "$broken/boot-2/console.log"
expect 'a hung kernel was asked for its own' 0 'Show Blocked State' \
	cat "$broken/boot-7/console.log"
expect 'the report has a console of each' 0 'console of boot 2, lines' \
	cat "$broken/report.html"
expect 'and marks the panic' 0 '<mark>.*Kernel panic' \
	cat "$broken/report.html"
expect 'which is worse than a good run' 1 'none -> panic: new' \
	$cb compare BASE=6.12 HEAD="$broken"

plant 0 <<'TABLE'
planted-ok           | pass | ^ $ | nobody
planted-console      | pass | ^ $ | records on their own channel
planted-log-warning  | pass | ^ $ | nobody, but it is listed
TABLE
planted 0
listed='^kernel warning: planted-log-warning none: .*oom_adj is deprecated'
if [ "$(grep -c "$listed" "$tmp/planted-0.out")" -eq 1 ] &&
   ! grep -q 'warning: planted-log-warning .*(control)' "$tmp/planted-0.out"
then
	ok 'a warning that no verdict counts is listed'
else
	not_ok 'a warning that no verdict counts is listed' 'it is not' \
		"$tmp/planted-0.out"
fi
if grep -q "$(printf '[\001-\010\013-\037]')" "$tmp/planted-0.out"; then
	not_ok 'the terminal gets no control character' 'it does'
else
	ok 'the terminal gets no control character'
fi

# --- the controls, and a mutant of every scenario

run control SCENARIOS=oom-bypass \
	PARAMS=cgloop-single:workers=cgroup+charge=all
caught 'a control comes out wrong' 'judge: controls' error 4 "$result" \
	'([.scenarios[] | select(.control and .verdict == "error" and
		(.reason | startswith("control-unexpected")))] | length > 0) and
	([.scenarios[] | select(.control | not) | .verdict] |
		length > 0 and all(. == "incomplete"))'

run mutants SUITE=mutants
jq -r '.scenarios[].name' "$result" | sort -u >"$tmp/mutated"
# A cell whose need this kernel does not meet is skipped, mutant or not.
while read -r name; do
	# shellcheck disable=SC2016 # jq's own variables
	caught "mutant of $name" 'its own claim' fail 1 "$result" '
		[.scenarios[] | select(.name == $name and .verdict != "skip")] |
		length > 0 and
		all(.verdict == "fail" and (.evidence | length > 0) and
			.reason != "meters")' --arg name "$name"
done <"$tmp/mutated"

# --- the end of what began first

status=0
wait "$wedged" || status=$?
cp "$tmp/wedged.out" "$tmp/out"
caught 'QEMU is stopped' 'supervise: silence' hang 3 \
	"$tmp/wedged/latest/result.json" "$(one hang 'did not leave')"

# all_of WHAT SUITE FILE: each scenario of the suite is in the file.
all_of()
{
	"$O/rootfs/init" --plan "cb.suite=$2" | jq -r .name | sort -u >"$tmp/all"
	if sort -u "$3" | diff "$tmp/all" - >"$tmp/diff"; then
		ok "$1"
	else
		not_ok "$1" 'some have not' "$tmp/diff"
	fi
}

all_of 'every planted fault has a line' planted "$tmp/tested"
all_of 'every scenario has a mutant' full "$tmp/mutated"
tests_end
