#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The main job: every scenario with its controls, then faults planted in the
# guest, each of which must end the run with its own verdict and status.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
runs=$tmp/runs
latest=$runs/latest/result.json
: "${KERNEL:=6.12}"

expect 'the run is as expected' 0 '^verdict: all as expected' \
	$cb run RESULTS="$runs"
expect_json 'its status is in the result' "$latest" '.status == 0'
expect_json 'nothing was lost on the way' "$latest" \
	'.stream | .accepted > 0 and .accepted == .lines and .gaps == 0'
expect_json 'and nothing came damaged' "$latest" \
	'.stream | .crc_errors == 0 and .conflicting == 0 and .malformed == 0'
expect_json 'every driver has a verdict' "$latest" \
	'[.scenarios[].driver] | unique == ["cgloop", "cgloop-single", "loop", "none"]'
expect_json 'nothing was skipped' "$latest" \
	'[.scenarios[] | select(.verdict != "pass")] == []'
for driver in loop cgloop; do
	expect_json "oom-bypass: the writer is killed through $driver" "$latest" \
		"[.scenarios[] | select(.name == \"oom-bypass\" and
		 .driver == \"$driver\") | .evidence.oom_kill_device.value] |
		 length > 0 and all(. == 2)"
done
expect_json 'oom-bypass: the bypass is seen with cgloop-single' "$latest" \
	'[.scenarios[] | select(.name == "oom-bypass" and
	 .driver == "cgloop-single")] | length > 0 and all(.control and
	 .evidence.oom_kill_device.value == 1 and
	 .evidence.bytes_device.value == 268435456)'
for file in records.jsonl console.log result.ktap junit.xml boot-1/boot.json \
	report.html; do
	if [ -s "$runs/latest/$file" ]; then
		ok "the run has its $file"
	else
		not_ok "the run has its $file" 'missing or empty'
	fi
done

expect 'compared with itself it is not worse' 0 '^not worse: 0 worse, 0 better' \
	$cb compare BASE="$runs/latest" HEAD="$runs/latest"

# planted NAME STATUS FILTER [KNOB=value...]
planted()
{
	name=$1 status=$2 filter=$3
	shift 3
	expect "$name: exit status $status" "$status" '^verdict: ' \
		$cb run RESULTS="$runs" SUITE=planted "SCENARIOS=$name" "$@"
	expect_json "$name: named" "$latest" "$filter"
}

# one VERDICT: FILTER for an entry that came out so.
one()
{
	printf '[.scenarios[] | select(.verdict == "%s" and %s)] | length > 0' \
		"$1" "${2:-true}"
}

expect 'a control that charges: exit status 4' 4 'control-unexpected' \
	$cb run RESULTS="$runs" 'SCENARIOS=oom-bypass' \
	PARAMS=cgloop-single:workers=cgroup+charge=all
expect_json 'a control that charges: named' "$latest" \
	"$(one error '.control and .driver == "cgloop-single" and
		(.reason | startswith("control-unexpected"))')"
expect_json 'a control that charges: nothing counts as proven' "$latest" \
	'[.scenarios[] | select(.control | not) | .verdict] |
	 length > 0 and all(. == "incomplete")'

planted planted-panic 3 "$(one panic)"
expect 'its report marks the panic' 0 '<mark>.*Kernel panic' \
	grep -h . "$runs/latest/report.html"
expect 'and it is worse than a good run' 1 'none -> panic: new' \
	$cb compare BASE=6.12 HEAD="$runs/latest"

# After each, the machine boots again and goes on with the next scenario.
both='planted-panic planted-hang'
planted "$both" 3 "$(one panic '.boot == 1')"
expect_json "$both: the second ran in a second boot" "$latest" \
	"(.meta.boots == 2) and ($(one hang '.boot == 2'))"
expect_json "$both: nothing is tried again" "$latest" \
	"$(one incomplete '.control and .reason == "after-panic" and .boot == 1')"
expect "$both: the last words of the first" 0 'Kernel panic' \
	cat "$runs/latest/boot-1/console.log"
expect "$both: the hung kernel was asked for its own" 0 'Show Blocked State' \
	cat "$runs/latest/boot-2/console.log"
expect "$both: the report has both" 0 'console of boot 2, lines' \
	cat "$runs/latest/report.html"
planted planted-splat 3 "$(one splat '.boot == 1')"
expect_json 'planted-splat: what is left runs in a fresh machine' "$latest" \
	"$(one pass '.boot == 2')"
planted planted-exit 4 "$(one incomplete '(.reason | startswith("early-exit"))')"
planted planted-silent 4 "$(one error)"
planted planted-stuck 4 "$(one timeout)"
planted planted-leak 1 "$(one fail)"
tests_end
