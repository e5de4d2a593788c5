#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The main job: every scenario, with its controls.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
runs=$tmp/runs
latest=$runs/latest/result.json
: "${KERNEL:=6.12}"

# shellcheck disable=SC2016 # for the inner shell
expect 'the run is as expected' 0 '^verdict: all as expected' \
	sh -c 'log=$1 && shift && "$@" 2>"$log"' sh "$tmp/progress" \
	$cb run RESULTS="$runs" SUITE=full KCIDB="$tmp/kcidb.json" PROGRESS=json
expect_json 'its status is in the result' "$latest" '.status == 0'
expect_json 'nothing was lost on the way' "$latest" \
	'.stream | .accepted > 0 and .accepted == .lines and .gaps == 0'
expect_json 'and nothing came damaged' "$latest" \
	'.stream | .crc_errors == 0 and .conflicting == 0 and .malformed == 0'
expect_json 'every driver has a verdict' "$latest" \
	'["cgloop", "cgloop-inject", "cgloop-single", "cgloop-single-all", "loop",
	  "none"] - [.scenarios[].driver | sub("/.*"; "")] == []'
expect_json 'only what this kernel lacks was skipped' "$latest" \
	'[.scenarios[] | select(.verdict == "skip") | .reason |
	  select(. != "no-/sys/kernel/debug/failslab")] == []'
expect_json 'a known hole has its evidence' "$latest" \
	'[.scenarios[] | select(.verdict == "xfail")] |
	 length > 0 and all(.evidence | length > 0)'
expect_json 'cgloop fails in nothing that a driver could do' "$latest" \
	'[.scenarios[] | select(.driver == "cgloop" and .verdict == "xfail") |
	  .name] - ["inversion-flush", "inversion-inode-lock",
	  "io-limit-buffered"] == []'
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
expect_documented 'its records are as documented' "$runs/latest/records.jsonl"
for file in records.jsonl console.log result.ktap junit.xml boot-1/boot.json \
	report.html summary.md; do
	if [ -s "$runs/latest/$file" ]; then
		ok "the run has its $file"
	else
		not_ok "the run has its $file" 'missing or empty'
	fi
done
# shellcheck disable=SC2016 # jq has variables of its own
expect_kcidb 'KCIDB has every claim, and each known hole as an issue' \
	"$tmp/kcidb.json" '(.tests | length) == ($r[0].scenarios |
		map(select((.control | not) or .verdict != "pass")) | length)
	 and (.incidents | length) == $r[0].summary.xfail
	 and (.issues | length) > 0 and ([.incidents[].present] | all)
	 and ([.tests[] | select(.status == "PASS")] | length > 0)' \
	--slurpfile r "$latest"
expect_junit 'JUnit has every entry, with a name of its own' \
	"$runs/latest/junit.xml" "$latest"
# shellcheck disable=SC2016 # jq has variables of its own
expect_json 'its progress is JSON: each result, and where the run is' \
	"$tmp/progress" '. as $p | ([$p[] | select(.t == "result")] |
	 length == ($r[0].scenarios | length) and all(.number > 0 and
		(.ok | type) == "boolean" and .done <= .planned)) and
	 ($p[-1] | .t == "run" and .status == 0 and
		(.folder | test("/[0-9TZ]+-6")))' \
	--slurp --slurpfile r "$latest"

# The console of each boot, through the parser of the kernel itself.  Scenarios
# that end late have to wait for one another's numbers.
ktap_of()
{
	PYTHONDONTWRITEBYTECODE=1 python3 \
		"$1/tools/testing/kunit/kunit.py" parse "$2" >"$tmp/out" 2>&1 ||
		: # a result that is not ok is a status, too
	results=$(grep -cE '^(not )?ok ' "$2" || :)
	if ! grep -q "Testing complete. Ran $results tests: " "$tmp/out"; then
		not_ok "$3" "not all of $results results are read" "$tmp/out"
	elif grep -q 'Testing complete\..* errors: ' "$tmp/out"; then
		not_ok "$3" 'errors' "$tmp/out"
	else
		ok "$3"
	fi
}

# shellcheck disable=SC1090 # written by scripts/kernel
. "${O:-build}/$(scripts/kernel tag)/kernel.env"
for console in "$runs"/latest/boot-*/console.log; do
	name="KTAP of ${console#"$runs"/latest/}"
	if command -v python3 >/dev/null; then
		ktap_of "$KSRC" "$console" "$name"
	else
		skipped=$((skipped + 1))
		echo "ok - $name # SKIP no python3"
	fi
done

expect 'compared with itself it is not worse' 0 '^not worse: 0 worse, 0 better' \
	$cb compare BASE="$runs/latest" HEAD="$runs/latest"

# Too little time for all: what ran is reported, and the rest is no verdict.
expect "TIMEOUT=5" 4 "^[0-9]+ planned: .* incomplete" \
	$cb run RESULTS="$tmp/short" SUITE=full TIMEOUT=5
expect_json "entries that did not run have no verdict" \
	"$tmp/short/latest/result.json" ".summary.incomplete > 0"

tests_end
