#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Comparing results and making baselines, by the command: the baselines that
# are committed, with changes planted in them.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
head=$tmp/head.json

# plant BASELINE FILTER: a head that differs from it.
plant()
{
	jq "$2" "results/baselines/$1.json" >"$head"
}

for base in 6.1 6.12; do
	expect "$base against itself" 0 '^not worse: 0 worse, 0 better, 0 other' \
		$cb compare BASE=$base HEAD=$base
	plant $base '(.scenarios[] | select(.driver == "loop") | .verdict) |= "fail"'
	expect "$base: a verdict flipped" 1 'loop: pass -> fail: hole opened' \
		$cb compare BASE=$base HEAD="$head"
	expect "$base: and flipped back" 0 'loop: fail -> pass: hole closed' \
		$cb compare BASE="$head" HEAD=$base
	plant $base 'del(.scenarios[0])'
	expect "$base: a cell removed" 1 'pass -> none: no longer there' \
		$cb compare BASE=$base HEAD="$head"
	expect "$base: a cell added" 0 'none -> pass: new' \
		$cb compare BASE="$head" HEAD=$base
	plant $base '.scenarios[0].cell = {"form": "new"} |
		.scenarios[0].verdict = "panic"'
	expect "$base: a cell added that breaks" 1 'form=new .*none -> panic: new' \
		$cb compare BASE=$base HEAD="$head"
done
expect 'two kernels: a warning' 0 '^warning: kernel differs: 6\.1\..* -> 6\.12\.' \
	$cb compare BASE=6.1 HEAD=6.12
expect 'a trend' 0 '^head 2: not worse' $cb compare BASE=6.1 HEAD='6.12 6.1'

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

expect_one_line 'no BASE' "BASE='': .* baselines are: 6.1 6.12" $cb compare
expect_one_line 'no such baseline' '6\.9: No such file' \
	$cb compare BASE=6.9 HEAD=6.12
plant 6.12 '.schema = 2'
expect_one_line 'another schema' 'schema 2; only schema 1' \
	$cb compare BASE=6.12 HEAD="$head"

# A baseline of a baseline is itself; a tolerance stays when it is renewed.
mkdir "$tmp/new"
plant 6.12 '.matrices = [{"name": "cost", "driver": "loop", "cell": {},
	"metrics": {"ns_per_io": {"value": 9, "unit": "virtual ns"}}}]'
jq '.matrices[0].tolerance = {"value": 0.25, "unit": "%"}' "$head" \
	>"$tmp/new/6.12.json"
make=${O:-build}/host/baseline
expect 'a baseline is made' 0 'new/6\.12\.json: of ' \
	"$make" --out "$tmp/new" "$head"
expect_json 'it keeps the tolerance' "$tmp/new/6.12.json" \
	'.matrices[0] | .tolerance.value == 0.25 and .metrics.ns_per_io.value == 9'
expect 'and all verdicts' 0 '^not worse: 0 worse, 0 better, 1 other' \
	$cb compare BASE=6.12 HEAD="$tmp/new/6.12.json"
plant 6.12 '.status = 4'
expect_one_line 'a broken run is no baseline' 'its status is 4' \
	"$make" --out "$tmp/new" "$head"
plant 6.12 '.meta.kernel = "../../x"'
expect_one_line 'nor is one of no kernel' 'names no kernel' \
	"$make" --out "$tmp/new" "$head"
expect_one_line 'nor can it go nowhere' 'none/6\.12\.json: No such' \
	"$make" --out "$tmp/none" results/baselines/6.12.json
tests_end
