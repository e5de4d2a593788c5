#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Packaged kernels of other releases, side by side; one that has vanished is a
# line of the table, not the end of the rest.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX
expect 'old and new kernels from packages in one table' 4 \
	'5\.10.*old.*7\.2' scripts/chargeback matrix RESULTS="$tmp/runs" \
	KCIDB="$tmp/kcidb.json" \
	KERNELS='bullseye:5.10 old=bookworm:6.1 sid:7.2 utopia:6.1'
for kernel in bullseye:5.10 old=bookworm:6.1 sid:7.2; do
	if grep -q "^$kernel: *all as expected" "$tmp/out"; then
		ok "$kernel is as expected"
	else
		not_ok "$kernel is as expected" 'no such line' "$tmp/out"
	fi
done
if grep -q "the mirror has no suite 'utopia'" "$tmp/out"; then
	ok 'the one that has vanished says why'
else
	not_ok 'the one that has vanished says why' 'no such line' "$tmp/out"
fi
expect_kcidb 'each of them is in KCIDB, with the holes of 5.10' \
	"$tmp/kcidb.json" '(.checkouts | length) == 3 and
	 (.builds | length) == 3 and (.incidents | length) >= 8'
expect 'nothing but what has vanished' 2 "no suite 'utopia'" \
	scripts/chargeback matrix RESULTS="$tmp/none" KERNELS=utopia:6.1
expect 'a version that does not exist is one, not a name and a tree' 2 \
	"PACKAGE='linux-image-amd64=1': no such version; there are: [0-9]" \
	scripts/chargeback matrix RESULTS="$tmp/none" \
	KERNELS=linux-image-amd64=1
expect_json 'a name of the user is in the result' \
	"$(echo "$tmp"/runs/*-6.1.*/result.json)" '.meta.name == "old"'
old=$(echo "$tmp"/runs/*-5.10.*/result.json)
expect_json '5.10 fails every claim about its loop driver, as known' "$old" \
	'[.scenarios[] | select(.driver == "loop")] | length >= 8 and
	 all(.verdict == "xfail" and (.evidence | length > 0))'
expect_json 'and its baselines hold' "$old" \
	'[.scenarios[] | select(.driver == "none")] | length >= 8 and
	 all(.verdict == "pass")'
tests_end
