#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Comparing results and making baselines, by the command: the baselines that
# are committed, with changes planted in them.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
head=$tmp/head.json
good=$tmp/good.json

# plant FILTER: a head that differs from the good one.
plant()
{
	jq "$1" "$good" >"$head"
}

# Adds the costs of a bench: cells in virtual time, cells by the clock with
# rounds, and one that is unstable.
# shellcheck disable=SC2016 # jq has variables of its own
costs='.matrices = [("loop", "cgloop") as $d | ("randread", "randwrite") as $rw |
	{name: "cost", driver: $d, cell: {rw: $rw},
	 metrics: {ns_per_io: {value: 20000, unit: "virtual ns",
		samples: [20000, 20000], tolerance: {value: 1, unit: "%"}}}}] +
	[{name: "throughput", driver: "loop", cell: {depth: "1"},
	 metrics: {iops: {value: 1000, unit: "IOPS",
		samples: [range(9) | 996 + .]}}},
	 {name: "cost", driver: "loop", cell: {rw: "trim"}, unstable: "it moves",
	 metrics: {ns_per_io: {value: 7, unit: "virtual ns", samples: [7, 8]}}}]'
ns='.matrices[0].metrics.ns_per_io'
iops='.matrices[4].metrics.iops'

# A run of its own: what a baseline says of the benches it was made of is not
# its own image's.
own='.meta |= with_entries(select(.key | startswith("bench_") | not))'

for base in 6.1 6.12; do
	jq "$costs | $own" "results/baselines/$base.json" >"$good"
	expect "$base against itself" 0 '^not worse: 0 worse, 0 better, 0 other' \
		$cb compare BASE=$base HEAD=$base
	expect "$base, with costs" 0 '^not worse: 0 worse, .*1 costs are not judged' \
		$cb compare BASE="$good" HEAD="$good"
	plant '(.scenarios[] | select(.driver == "loop") | .verdict) |= "fail"'
	expect "$base: a verdict flipped" 1 'loop: pass -> fail: hole opened' \
		$cb compare BASE="$good" HEAD="$head"
	expect "$base: and flipped back" 0 'loop: fail -> pass: hole closed' \
		$cb compare BASE="$head" HEAD="$good"
	plant 'del(.scenarios[0])'
	expect "$base: a cell removed" 1 'pass -> none: no longer there' \
		$cb compare BASE="$good" HEAD="$head"
	expect "$base: a cell added" 0 'none -> pass: new' \
		$cb compare BASE="$head" HEAD="$good"
	plant '.scenarios[0].cell = {"form": "new"} |
		.scenarios[0].verdict = "panic"'
	expect "$base: a cell added that breaks" 1 'form=new .*none -> panic: new' \
		$cb compare BASE="$good" HEAD="$head"
done

# Costs: of the same image exactly, of another within the tolerance.
other='.meta.image_sha256 = "another"'
plant "$ns.value = 20001"
expect 'the same image, one instruction more' 1 'x1\.0001, exact$' \
	$cb compare BASE="$good" HEAD="$head"
plant "$ns.value = 20100 | $other"
expect 'another image, within the tolerance' 0 '^not worse: 0 worse' \
	$cb compare BASE="$good" HEAD="$head"
plant "$ns.value = 20300 | $other"
expect 'another image, beyond it' 1 \
	'cost rw=randread loop ns_per_io: .*x1\.0150, 1 % allowed$' \
	$cb compare BASE="$good" HEAD="$head"
expect 'and nothing else' 1 '^worse: 1 worse, 0 better, 0 other' \
	$cb compare BASE="$good" HEAD="$head"
expect 'and cheaper again' 0 '^not worse: 0 worse, 1 better' \
	$cb compare BASE="$head" HEAD="$good"
plant 'del(.matrices[0])'
expect 'a cost removed' 1 '20000 virtual ns -> none: no longer there' \
	$cb compare BASE="$good" HEAD="$head"
expect 'a cost added' 0 'none -> 20000 virtual ns: new' \
	$cb compare BASE="$head" HEAD="$good"
plant "$iops.value = 900 | $iops.samples |= map(. * 0.9)"
expect 'slower by the clock' 1 'x0\.9000, higher in 0 % of pairs, p 4' \
	$cb compare BASE="$good" HEAD="$head"
plant "$iops.value = 500 | $iops.samples[0] = 5"
expect 'an outlier by the clock is nothing' 0 '^not worse: 0 worse' \
	$cb compare BASE="$good" HEAD="$head"
plant '.matrices[5].metrics.ns_per_io.value = 9'
expect 'an unstable cost is named and not judged' 0 \
	'rw=trim .* not judged: unstable in head: it moves$' \
	$cb compare BASE="$good" HEAD="$head"
plant '.scenarios = [] | .meta.words = "cb.bench=virtual"'
expect 'costs alone' 0 '^warning: head has no verdicts' \
	$cb compare BASE="$good" HEAD="$head"
# Their costs differ as kernels do, for better and worse.
for base in 6.1 6.12; do
	jq '.matrices = []' "results/baselines/$base.json" >"$tmp/$base.json"
done
expect 'two kernels: a warning' 0 '^warning: kernel differs: 6\.1\..* -> 6\.12\.' \
	$cb compare BASE="$tmp/6.1.json" HEAD="$tmp/6.12.json"
expect 'a trend' 0 '^head 2: not worse' \
	$cb compare BASE="$tmp/6.1.json" HEAD="$tmp/6.12.json $tmp/6.1.json"
plant "$ns.value = 30000"
expect 'a trend of costs' 1 '^20000 +x1\.0000 +x1\.5000 +cost rw=randread loop' \
	$cb compare BASE="$good" HEAD="$good $head"
plant '.meta.compiler = "cc 1" | .meta.qemu = "QEMU 9"'
for what in 'compiler differs: .* -> cc 1' 'QEMU differs: .* -> QEMU 9'; do
	expect "a warning: $what" 0 "^warning: $what" \
		$cb compare BASE="$good" HEAD="$head"
done
plant '.scenarios[0].verdict = "fail"'

expect 'the other outputs' 1 '^worse: ' $cb compare BASE=6.12 HEAD="$head" \
	MARKDOWN="$tmp/table.md" JUNIT="$tmp/junit.xml"
if xmllint --noout "$tmp/junit.xml" 2>"$tmp/out"; then
	ok 'JUnit is XML'
else
	not_ok 'JUnit is XML' 'it is not' "$tmp/out"
fi
if grep -q '^### Worse: ' "$tmp/table.md"; then
	ok 'Markdown has the verdict'
else
	not_ok 'Markdown has the verdict' 'it has not' "$tmp/table.md"
fi

expect_one_line 'no BASE' "BASE='': .* baseline .there are: 6.1 6.12 .*HISTORY" $cb compare
expect_one_line 'no such baseline' '6\.9: No such file' \
	$cb compare BASE=6.9 HEAD=6.12

# unusable NAME PATTERN: the head is one that cannot be used.
unusable()
{
	expect_one_line "$1" "$2" $cb compare BASE="$good" HEAD="$head"
}

plant '.schema = 2'
unusable 'another schema' 'schema 2; only schema 1'
head -c 3000 "$good" >"$head"
unusable 'a truncated file' 'head\.json:[0-9]+: .*; a result\.json'
: >"$head"
unusable 'an empty file' 'head\.json: empty; a result\.json'
truncate -s 500M "$head"
unusable '500 MB' '524288000 bytes; no more than 67108864 are read'
for bad in NaN -1 1e999; do
	jq '.scenarios[0].duration_ms = 0.125' "$good" |
		sed "s/0\\.125/$bad/" >"$head"
	unusable "a duration of $bad" 'head\.json'
	jq "$ns.value = 0.125" "$good" | sed "s/0\\.125/$bad/" >"$head"
	unusable "a cost of $bad" 'head\.json'
	jq "$iops.samples[3] = 0.125" "$good" |
		sed "s/0\\.125/$bad/" >"$head"
	unusable "a round of $bad" 'head\.json'
done

# A baseline of a baseline is itself; a tolerance stays when it is renewed.
mkdir "$tmp/new"
cp "$good" "$tmp/new/6.12.json"
make=${O:-build}/host/baseline
jq "del(.matrices[].metrics.ns_per_io.tolerance?)" "$good" >"$head"
expect 'a baseline is made' 0 'new/6\.12\.json: verdicts of ' \
	"$make" --out "$tmp/new" "$head"
expect_json 'it keeps the tolerance' "$tmp/new/6.12.json" \
	"$ns | .tolerance.value == 1 and .value == 20000"
expect 'and all there was' 0 '^not worse: 0 worse, 0 better, 0 other' \
	$cb compare BASE="$good" HEAD="$tmp/new/6.12.json"

# Of a run, a bench and two more that were padded; they differ by 0.4 %.
jq '.matrices = []' "$good" >"$tmp/run.json"
jq '.scenarios = [] | .meta.image_sha256 = "benched" | .meta.smp = 1' "$head" \
	>"$tmp/bench.json"
for value in 20080 19960; do
	jq "$ns.value = $value | .meta.image_sha256 = \"padded\"" \
		"$tmp/bench.json" >"$tmp/$value.json"
done
rm "$tmp/new/6.12.json"
expect 'a baseline of several' 0 'bench\.json, tolerances of 2 more' \
	"$make" --out "$tmp/new" "$tmp/run.json" "$tmp/bench.json" \
	"$tmp/20080.json" "$tmp/19960.json"
expect_json 'three times the spread is tolerated, and never nothing' \
	"$tmp/new/6.12.json" "($ns.tolerance.value == 1.2) and
	 (.matrices[1].metrics.ns_per_io.tolerance.value == 0.05) and
	 ($ns.value == 20000) and ($iops.samples | length == 9)"
expect 'it is renewed by two that are alike' 0 'tolerances of 2 more' \
	"$make" --out "$tmp/new" "$tmp/run.json" "$tmp/bench.json" \
	"$tmp/bench.json" "$tmp/bench.json"
expect_json 'and tolerates what was seen before' "$tmp/new/6.12.json" \
	"$ns.tolerance.value == 1.2"
expect 'the bench compares with it as it was made' 0 '^not worse: 0 worse' \
	$cb compare BASE="$tmp/new/6.12.json" HEAD="$tmp/bench.json"
if grep -E '^warning' "$tmp/out" | grep -qv 'no verdicts'; then
	not_ok 'without a warning that means nothing' 'there is one' "$tmp/out"
else
	ok 'without a warning that means nothing'
fi
plant '.status = 4'
expect_one_line 'a broken run is no baseline' 'its status is 4' \
	"$make" --out "$tmp/new" "$head"
plant '.meta.kernel = "../../x"'
expect_one_line 'nor is one of no kernel' 'names no kernel' \
	"$make" --out "$tmp/new" "$head"
expect_one_line 'nor can it go nowhere' 'none/6\.12\.json: No such' \
	"$make" --out "$tmp/none" results/baselines/6.12.json

# --- many results: twenty runs of as many images, whose folders and files do not
# come in the order of time.  One verdict flips in run 8, one cost rises in run
# 13, and throughput falls in run 11.

history=$tmp/history
page=$tmp/trend.html
# run_of NUMBER: its folder.
run_of()
{
	printf '%s/%s-run' "$history" $(($1 * 7 % 20))
}

for number in $(seq 20); do
	mkdir -p "$(run_of "$number")"
	jq --argjson n "$number" '
		.meta.image_sha256 = "\($n)" | .problems = [] | .meta.started =
			"2026-11-\(if $n < 10 then "0" else "" end)\($n)T12:00:00Z" |
		.matrices = [("loop", "cgloop") as $d | {name: "cost", driver: $d,
			cell: {rw: "randread"}, metrics: {ns_per_io: {
			value: (20000 + $n % 3 * 20 +
				if $d == "cgloop" and $n >= 13 then 800 else 0 end),
			unit: "virtual ns"}}}] +
		[("loop", "cgloop") as $d | {name: "throughput", driver: $d,
			cell: {depth: "1"}, metrics: {iops: {
			value: (1000 + $n * 7 % 11 -
				if $d == "loop" and $n >= 11 then 100 else 0 end),
			unit: "IOPS"}}}] |
		if $n >= 8 then (.scenarios[] | select(.name == "oom-bypass" and
			.driver == "loop" and .cell.form == "c") | .verdict) |= "fail"
		else . end' results/baselines/6.12.json \
		>"$(run_of "$number")/result.json"
done
since()
{
	printf '%s on 6\.12: %s since %s .6\.12\.' "$1" "$2" \
		"$(basename "$(run_of "$3")")"
}
expect 'many results: the planted flip is found, and its run' 1 \
	"$(since 'oom-bypass form=c,io=direct loop' 'pass -> fail' 8)" \
	$cb compare "$history" PAGE="$page"
cp "$tmp/out" "$tmp/trend"
expect 'and the planted cost' 1 \
	"$(since 'cost rw=randread cgloop ns_per_io' \
		'200[0-9]0 -> 208[0-9]0 virtual ns, x1\.0[0-9]*' 13)" \
	sh -c "cat '$tmp/trend'; exit 1"
expect 'and a cost by the clock' 1 \
	"$(since 'throughput depth=1 loop iops' '[0-9.]+ -> [0-9.]+ IOPS, x0\.9.*' 11)" \
	sh -c "cat '$tmp/trend'; exit 1"
expect 'and nothing else' 0 '^worse: 3 moved for the worse, 0 .*, 0 otherwise' \
	cat "$tmp/trend"
expect 'the page names the run' 0 "run 8, $(basename "$(run_of 8)")<" \
	cat "$page"
expect 'it has a drawing of each cost' 0 '^4$' grep -c '^<figure><svg\|<figure>' \
	"$page"
expect 'and asks for no other file' 1 '' \
	grep -E '(src|href) *= *"?[a-z]+:|url\(|@import|<script|<link' "$page"
{
	echo '<plots>'
	sed -n '/<svg/,/<\/svg>/p' "$page" | sed 's/^<figure>//; s/<\/figure>$//'
	echo '</plots>'
} >"$tmp/plots.svg"
expect 'its drawings are XML' 0 '' xmllint --noout "$tmp/plots.svg"

# The last move counts: what was mended is better, not worse.
jq '.meta.started = "2026-12-01T00:00:00Z"' "$(run_of 1)/result.json" \
	>"$history/mended.json"
expect 'a run that is good again; by the clock, one is not enough' 1 \
	'^worse: 1 moved for the worse, 2 for the better' \
	$cb compare "$history" PAGE="$page"
expect 'and the moves before' 1 \
	"before: pass -> fail since $(basename "$(run_of 8)")" \
	$cb compare "$history" PAGE="$page"
# Without a time in the result, the name of its folder has it.
mkdir "$tmp/named"
for number in 1 2; do
	mkdir "$tmp/named/2026010${number}T000000Z-6.12-x"
	jq "del(.meta.started) | .meta.image_sha256 = \"x\" |
		.matrices[0].metrics.ns_per_io.value = $number" \
		"$(run_of $((3 - number)))/result.json" \
		>"$tmp/named/2026010${number}T000000Z-6.12-x/result.json"
done
expect 'the time in the name of a folder' 1 \
	'1 -> 2 virtual ns, .* since 20260102T000000Z' \
	$cb compare "$tmp/named" PAGE="$page"
# Of one image, costs are compared exactly.
jq '.matrices[1].metrics.ns_per_io.value += 1' \
	"$tmp/named/20260102T000000Z-6.12-x/result.json" \
	>"$tmp/named/20260103T000000Z.json"
expect 'the same image, one instruction more' 1 \
	'cost rw=randread cgloop .* x1\.0000 since 20260103T000000Z' \
	$cb compare "$tmp/named" PAGE="$page"
# Each series of kernels is compared with itself.
cp results/baselines/6.1.json "$tmp/named/older.json"
expect 'another kernel moves nothing' 1 '^worse: 2 moved' \
	$cb compare "$tmp/named" PAGE="$page"
jq '.schema = 2' results/baselines/6.1.json >"$tmp/named/future.json"
expect 'what cannot be read is named' 1 \
	'^left out: .*future\.json: schema 2; only schema 1' \
	$cb compare "$tmp/named" PAGE="$page"
mkdir "$tmp/few"
expect_one_line 'too few results' '0 results that can be read; two are needed' \
	$cb compare "$tmp/few"
expect_one_line 'HISTORY that is no folder' 'not a folder' \
	$cb compare "$tmp/run.json"
expect_one_line 'HISTORY and BASE' "BASE='6.12': not with HISTORY" \
	$cb compare "$history" BASE=6.12
expect_one_line 'HISTORY of another command' 'HISTORY: run does not take it' \
	$cb run HISTORY="$history"
expect_one_line 'PAGE that is a folder' 'a folder; name a file' \
	$cb compare "$history" PAGE="$tmp"
expect_one_line 'PAGE of two results' 'allowed with HISTORY' \
	$cb compare BASE=6.12 HEAD=6.12 PAGE="$page"
tests_end
