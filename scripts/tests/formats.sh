#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What we write for others, read by programs of others: KCIDB by a validator of
# its schema, JUnit by a parser; and Markdown; of results with everything that is hard to
# write.  Runs nothing; the parts that run something look at theirs themselves.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}"
"${MAKE:-make}" -s -C results O="$O"
case $O in
/*) host=$O/host ;;
*) host=$PWD/$O/host ;;
esac

# A run with a subject of every verdict, controls that came out right and wrong,
# texts that no format likes, costs, and problems.
hard='<a>&\"]]>\u0000b\u001b[31m\n#é\uffff'
mkdir -p "$tmp/run/boot-1"
jq --arg long "$(printf '%3000s' '' | tr ' ' x)" '
	.scenarios as $s | "'"$hard"'" as $hard |
	.scenarios = [(["pass", "fail", "skip", "xfail", "xpass", "splat",
		"panic", "hang", "timeout", "error", "incomplete"] |
		to_entries[] | $s[0] + {id: .key, verdict: .value, control: false,
		 driver: "loop", cell: {io: "direct", n: "\(.key)"}, boot: 1,
		 duration_ms: 1250, claim: $hard, reason: "why: \(.value)",
		 detail: (if .value[0:1] == "x" then
			"expected to fail: a known hole" else $hard end)}),
		($s[0] + {cell: {"": "", "a b": ",,", x: $hard}, driver: "a/b",
		 control: false, verdict: "fail", detail: $long,
		 evidence: {"<&\u001b": {value: -1.5, unit: $hard}}, boot: 1,
		 meters: [$hard], warnings: [$hard, $hard]}),
		($s[0] + {cell: {}, driver: "twin\u0001", control: false}),
		($s[0] + {cell: {}, driver: "twin\u0002", control: false}),
		($s[0] + {cell: {io: "good"}, control: true, expect: "false",
		 verdict: "pass", reason: "as it must"}),
		($s[0] + {cell: {io: "bad"}, control: true, expect: "false",
		 verdict: "error", reason: "control-unexpected"})] |
	.matrices = [("none", "loop") as $d | {name: "cost", driver: $d,
		cell: {bs: "4k", rw: "randread"}, duration_ms: 500,
		metrics: {ns_per_io: {value: 17250, unit: "virtual ns"},
			iops: {value: 0.125, unit: "IOPS"}}}] |
	.matrices[1].unstable = $hard |
	.problems = [{reason: "stray-splat", detail: $hard},
		{reason: "records-lost", detail: "one"},
		{reason: "records-lost", detail: "two"}] |
	.meta += {boots: 1, arch: "x86_64", started: "2026-11-26T10:00:00Z",
		accel: "tcg", smp: 2, mem: "1G", source: $hard,
		kernel_commit: "0123456789012345678901234567890123456789",
		kernel_url: "https://example.org/linux.git"} |
	del(.summary) | .status = 3' results/baselines/6.12.json >"$tmp/run/result.json"
{
	printf 'not ok 1 - x\n'
	head -c 40000 /dev/zero | tr '\0' y
	printf '\nBUG: \377\303(\342\202\254\033[1m <b>\r\n'
} >"$tmp/run/boot-1/console.log"

# --- KCIDB

kcidb=$tmp/kcidb.json
expect 'KCIDB is written' 0 '' "$host/kcidb" --out "$kcidb" "$tmp/run"
expect_kcidb 'it is valid, with what is hard to write' "$kcidb" \
	'.version == {major: 5, minor: 3} and (.tests | length) == 22'
# status VERDICT STATUS
while read -r verdict status; do
	# shellcheck disable=SC2016 # jq's variables
	expect_kcidb "$verdict is $status" "$kcidb" '[.tests[] |
		select(.misc.verdict == $verdict)] | length > 0 and
		all(.status == $status)' \
		--arg verdict "$verdict" --arg status "$status"
done <<'TABLE'
pass PASS
fail FAIL
skip SKIP
xfail FAIL
xpass PASS
splat FAIL
panic FAIL
hang FAIL
timeout ERROR
error ERROR
incomplete MISS
TABLE
expect_kcidb 'a known hole is one issue, seen and gone' "$kcidb" \
	'(.issues | length == 1 and .[0].comment == "a known hole") and
	 ([.incidents[].present] | sort) == [false, true]'
expect_kcidb 'costs are numbers' "$kcidb" \
	'[.tests[] | select(.status == "DONE") | .number] | length == 4 and
	 any(. == {value: 17250, unit: "virtual ns"})'
expect_kcidb 'problems of the run are tests' "$kcidb" \
	'[.tests[] | select(.path | startswith("chargeback.the-run.")) |
	 .status] == ["FAIL", "ERROR", "ERROR"]'
expect_kcidb 'a control that came out right is counted, not a test' "$kcidb" \
	'([.tests[] | select(.misc.control_expect)] | length == 1 and
	  all(.status == "ERROR")) and .builds[0].misc.controls_expected == 1'
expect_kcidb 'a failure has its console' "$kcidb" \
	'[.tests[] | select(.misc.verdict == "panic") | .log_excerpt] |
	 length == 1 and all(length > 16000 and test("BUG: "))'
expect_kcidb 'the commit is in it' "$kcidb" \
	'.checkouts[0] | .git_commit_hash[0:4] == "0123" and
	 .git_repository_url == "https://example.org/linux.git" and
	 .patchset_hash == ""'
cp "$kcidb" "$tmp/again.json"
expect 'KCIDB is written again' 0 '' \
	"$host/kcidb" --out "$tmp/again.json" "$tmp/run"
expect 'with the same ids' 0 '' cmp "$kcidb" "$tmp/again.json"
expect 'KCIDB of several kernels' 0 '' "$host/kcidb" --out "$kcidb" \
	--origin a_lab results/baselines/6.1.json results/baselines/6.12.json
expect_kcidb 'each kernel is a checkout, of that origin' "$kcidb" \
	'(.checkouts | length) == 2 and
	 ([.. | objects | select(has("id"))] | all(.origin == "a_lab" and
	  (.id | startswith("a_lab:"))))'

# What the validator is worth.
for wrong in '.tests[0].status = "GOOD"' '.tests[0].path = "a..b"' \
	'.tests[0].reason = "x"' 'del(.tests[0].build_id)'; do
	jq "$wrong" "$kcidb" >"$tmp/wrong.json"
	expect "refused: $wrong" 1 '' "$python" -m jsonschema \
		-i "$tmp/wrong.json" results/tests/kcidb-5.3.json
done
expect_one_line 'an origin that is none' "'Lab': allowed are a-z" \
	"$host/kcidb" --origin Lab --out "$kcidb" "$tmp/run"
expect_one_line 'no result' '1 to 64 results' "$host/kcidb" --out "$kcidb"
expect_one_line 'a result that is none' 'has no "schema"' \
	"$host/kcidb" --out "$kcidb" results/tests/kcidb-5.3.json

# --- JUnit

expect 'JUnit is written' 0 '' "$host/view" "$tmp/run"
junit=$tmp/run/junit.xml
expect 'it is XML' 0 '' xmllint --noout "$junit"
expect_junit 'a parser reads as many as there are, each by its own name' \
	"$junit" "$tmp/run/result.json"
expect_json 'with evidence, and the console of a failure' "$tmp/junit" \
	'any(.outputs[]; test("oom_kill")) and
	 any(.outputs[]; test("--- console ---(.|\n)*BUG: "))'
# The test of uniqueness is worth something: the same name twice is found.
sed 's/ #2"/"/' "$junit" >"$tmp/twins.xml"
"$python" scripts/tests/junit.py "$tmp/twins.xml" >"$tmp/junit"
expect_json 'twins would be found' "$tmp/junit" '.pairs == .read.tests - 2'

# --- Markdown

summary=$tmp/run/summary.md
for says in '^## chargeback on Linux <code>6\.12\..*: splat, panic or hang' \
	'^[0-9]+ pass, 1 xfail, 1 skip, ' '^[*][*]Not as expected: [0-9]+[*][*]$' \
	'^[|] panic [|] <code>oom-bypass io=direct,n=6</code> [|] <code>loop' \
	'^- <code>records-lost: one</code>$' 'Known holes: 1</summary>$' \
	'^[|] <code>cost bs=4k,rw=randread</code> [|] <code>none</code>'; do
	expect "Markdown has $says" 0 "$says" cat "$summary"
done
# Nothing that came from a guest is markup: what is left is our own.
sed 's/<[/]*\(code\|details\|summary\)>//g' "$summary" >"$tmp/plain"
expect 'and no markup of a guest' 1 '' grep -n '[<>"`]' "$tmp/plain"

# Many failures of a chatty machine stay below what GitLab takes.
jq '.scenarios[0] as $s | .problems = [] | .matrices = [] |
	.scenarios = [range(2000) | $s + {id: ., verdict: "fail", reason: "x",
		control: false, cell: {n: "\(.)"}, boot: 1}]' \
	"$tmp/run/result.json" >"$tmp/many.json"
mv "$tmp/many.json" "$tmp/run/result.json"
expect 'JUnit of 2000 failures is written' 0 '' "$host/view" "$tmp/run"
expect_junit 'and small enough' "$junit" "$tmp/run/result.json"
expect 'GitHub takes no more than 1 MiB of Markdown' 0 '' \
	test "$(wc -c <"$summary")" -lt 1048576

# A comparison of several heads has the same entries in each of them.
jq '.scenarios[0].verdict = "fail"' results/baselines/6.12.json \
	>"$tmp/worse.json"
expect 'a comparison of two heads' 1 '' "$host/compare" --junit "$junit" \
	results/baselines/6.12.json "$tmp/worse.json" results/baselines/6.1.json
"$python" scripts/tests/junit.py "$junit" >"$tmp/junit"
expect_json 'has each entry of each head' "$tmp/junit" \
	'.pairs == .read.tests and .read == .claimed and .read == .in_all and
	 .read.failures > 0'

# --- an old result, as it was written then: it has no time of its start

old=results/tests/result-1.json
expect 'an old result is read' 0 '^36 planned: 36 pass' \
	"$host/view" --table $old
expect 'compared' 0 '^not worse: 0 worse, 0 better, 0 other, 36 the same' \
	"$host/compare" $old $old
expect 'written as KCIDB' 0 '' "$host/kcidb" --out "$kcidb" $old
expect_kcidb 'which is valid' "$kcidb" '.tests | length == 18'
mkdir "$tmp/old"
cp $old "$tmp/old/20250101T000000Z-old.json"
cp results/baselines/6.12.json "$tmp/old/"
expect 'and one of many' 0 '^2 results, from 2025-01-01T00:00:00Z to ' \
	"$host/trend" "$tmp/old"
tests_end
