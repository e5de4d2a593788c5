#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Kernels that others built: from a package, by their files, locked down; and
# what is no such kernel.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
runs=$tmp/runs
latest=$runs/latest/result.json
unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX

expect 'a kernel from a package runs the smoke suite' 0 \
	'^verdict: all as expected' \
	$cb matrix KERNELS=bookworm:6.12 RESULTS="$runs" KCIDB="$tmp/kcidb.json"
expect_json 'nothing of it is skipped, cgloop neither' "$latest" \
	'[.scenarios[] | select(.verdict != "pass")] == [] and
	 any(.scenarios[]; .driver == "cgloop")'
expect_json 'the package is in the result' "$latest" \
	'.meta.source | test("linux-image-6.12[^ ]* 6.12")'
expect_kcidb 'and in KCIDB' "$tmp/kcidb.json" \
	'.checkouts | length == 1 and (.[0].comment | test("linux-image-6.12"))'

# The same kernel by its files, as somebody else's: no headers, no index.
O=${O:-build}
# shellcheck disable=SC1090 # written by scripts/package
. "$O/$(PACKAGE=bookworm:6.12 scripts/package tag)/kernel.env"
image=$KIMAGE modules=$KMODS
# As a pattern, in which + is no plain character.
release=$(printf %s "$KRELEASE" | tr + .)
mkdir -p "$tmp/vendor/lib/modules"
cp -rs "$modules/lib/modules/$KRELEASE" "$tmp/vendor/lib/modules/"
rm -f "$tmp/vendor/lib/modules/$KRELEASE"/modules.*
expect 'without cgloop a kernel of any origin runs, and proves nothing' 4 \
	'nothing-tested: ' $cb run IMAGE="$image" \
	MODULES="$tmp/vendor" SCENARIOS=oom-bypass RESULTS="$runs"
expect_json 'a claim that holds without its control proves nothing' "$latest" \
	'[.scenarios[] | select(.driver == "loop")] | length > 0 and
	 all(.verdict == "skip" and .reason == "no-control")'
expect_json 'cgloop is skipped by name' "$latest" \
	'[.scenarios[] | select(.driver | startswith("cgloop"))] | length > 0 and
	 all(.verdict == "skip" and .reason == "no-driver")'
expect 'a kernel that is locked down refuses cgloop' 4 \
	'nothing-tested: ' $cb run PACKAGE=bookworm:6.12 \
	SCENARIOS=oom-bypass APPEND=lockdown=integrity RESULTS="$runs"
expect_json 'which is no error' "$latest" \
	'[.scenarios[] | select(.driver | startswith("cgloop"))] | length > 0 and
	 all(.verdict == "skip" and (.reason | startswith("no-driver")))'

expect_one_line 'modules of another version' "no modules of $release, .* but of: 1.2.3" \
	sh -c "mkdir -p '$tmp/other/lib/modules/1.2.3/kernel' &&
		MODULES='$tmp/other' IMAGE='$image' scripts/package build '$tmp'"
mkdir -p "$tmp/headers/include/config"
echo 1.2.3 >"$tmp/headers/include/config/kernel.release"
expect_one_line 'headers of another version' "of 1.2.3, and the image is $release" \
	env IMAGE="$image" MODULES="$modules" HEADERS="$tmp/headers" \
	scripts/package build "$tmp"
expect_one_line 'headers that are none' 'no folder to build modules in' \
	env IMAGE="$image" MODULES="$modules" HEADERS="$tmp" \
	scripts/package build "$tmp"
expect_one_line 'a package that does not exist' \
	'no such package; the nearest: .*linux-image-' \
	scripts/debs image linux-image-6.13-amd64
expect_one_line 'a version that does not exist' 'no such version; there are: [0-9]' \
	scripts/debs image linux-image-amd64=1
expect_one_line 'a series that the suite lacks' \
	'no kernel of that series; there are: .*6\.12' \
	scripts/debs image bookworm:4.4
expect 'a suite that the mirror lacks' 2 "the mirror has no suite 'utopia'" \
	scripts/debs image utopia:6.1
expect 'no network' 2 'the package index cannot be read' \
	env XDG_CACHE_HOME="$tmp/cache" http_proxy=http://127.0.0.1:9 \
	https_proxy=http://127.0.0.1:9 scripts/debs image bookworm:6.12
expect 'offline, and not in the cache' 2 'offline' \
	env XDG_CACHE_HOME="$tmp/cache" OFFLINE=1 \
	scripts/debs image bookworm:6.12
tests_end
