#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Matrices: that counted costs repeat, that what does not repeat is marked, that
# a bad matrix is refused, and that a failing fio is an error.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}"
cb=scripts/chargeback
runs=$tmp/runs
latest=$runs/latest/result.json

expect 'the smoke matrices are measured' 0 '^  geometric mean, io=direct' \
	$cb bench RESULTS="$runs" DRIVERS=cgloop
first=$(readlink -f "$runs/latest")
expect_json 'by a clock that counts instructions' "$latest" \
	'.status == 0 and .meta.clock == "virtual" and .meta.boots == 2'
expect_json 'each cell has a figure of each boot' "$latest" \
	'[.matrices[].metrics.ns_per_io] | length > 0 and
	 all(.unit == "virtual ns" and .value > 0 and (.samples | length) == 2)'
expect_json 'and they agree' "$latest" \
	'[.matrices[] | select(.unstable)] == []'
expect_json 'drivers stand beside the raw backing' "$latest" \
	'[.matrices[] | {cell, driver}] | group_by(.cell) |
	 all(map(.driver) | sort == ["cgloop", "none"])'
expect_json "fio's own output is kept whole" "$first/fio.jsonl" \
	'.fio.jobs[0].jobname == "cost" and .fio.jobs[0].error == 0'

expect_documented 'the records are as documented' "$first/records.jsonl"

expect 'the same once more' 0 '^verdict: all as expected' \
	$cb bench RESULTS="$runs" DRIVERS=cgloop REPEATS=1
jq -S '[.matrices[] | {name, cell, driver, value: .metrics.ns_per_io.value}]' \
	"$first/result.json" >"$tmp/first"
expect 'the figures are the same' 0 '^the same$' \
	sh -c "jq -S '[.matrices[] | {name, cell, driver,
		value: .metrics.ns_per_io.value}]' '$latest' |
		diff '$tmp/first' - && echo the same"

# Two boots of one plan that do not count the same: with other parameters.
expect 'with other parameters of a driver' 0 '^verdict: all as expected' \
	$cb bench RESULTS="$runs" DRIVERS=cgloop REPEATS=1 \
	PARAMS=cgloop:workers=single
mkdir "$tmp/judged"
expect 'what differs is marked in the table' 0 \
	'\* unstable: .* cgloop: ns_per_io differs by [0-9.]+ \([0-9.]+ %\)' \
	sh -c "'$O/host/judge' --plan '$first/plan.jsonl' \
		--boot '$first/boot-1' --repeat '$runs/latest/boot-1' \
		--out '$tmp/judged' && '$O/host/view' --table '$tmp/judged'"
expect_json 'and in the result' "$tmp/judged/result.json" \
	'[.matrices[] | select(.driver == "cgloop" and .cell.backing == "tmpfs")
	  | .unstable] | length > 0 and all(test("^ns_per_io differs by"))'

expect 'a fio that fails: exit status 4' 4 '^verdict: ' \
	$cb bench RESULTS="$runs" SUITE=planted
expect_json 'a fio that fails: its own words are the reason' "$latest" \
	'[.scenarios[] | select(.verdict == "error" and .cell.below == "1" and
	 (.reason | test("fio ended with status 1: .*Not a directory")))] |
	 length == 1'
expect_json 'and the others have their figures' "$latest" \
	'[.matrices[] | .cell.below] == ["0"]'

# In a copy: what the job uses is declared, or it is not even built.
copy "$tmp/copy"
# shellcheck disable=SC2016 # no variable of the shell's
echo 'nice=${niceness}' >>"$tmp/copy/rootfs/matrices/cost.fio"
expect_one_line 'an axis that is not declared is refused' \
	'matrices/cost.fio:[0-9]+: \$\{niceness\} is not declared; there are: backing' \
	env -u O "$tmp/copy/scripts/chargeback" bench RESULTS="$runs"
tests_end
