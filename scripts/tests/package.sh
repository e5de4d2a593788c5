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

# repack NAME PROGRAM SUFFIX: one of the modules, in another compression.
repack()
{
	file=$(find "$tmp/vendor" -name "$1.ko.xz")
	xz -dc "$file" | "$2" -c >"${file%xz}$3"
	rm "$file"
}
repack loop gzip gz
repack brd zstd zst
expect 'without cgloop a kernel of any origin runs, and proves nothing' 4 \
	'nothing-tested: ' $cb run IMAGE="$image" \
	MODULES="$tmp/vendor" SCENARIOS=oom-bypass RESULTS="$runs"
expect_json 'a claim that holds without its control proves nothing' "$latest" \
	'[.scenarios[] | select(.driver == "loop")] | length > 0 and
	 all(.verdict == "skip" and .reason == "no-control")'
expect_json 'cgloop is skipped by name' "$latest" \
	'[.scenarios[] | select(.driver | startswith("cgloop"))] | length > 0 and
	 all(.verdict == "skip" and .reason == "no-driver")'
modules_of_image()
{
	find "$(IMAGE=$image MODULES=$tmp/vendor scripts/package tag |
		sed "s|^|$O/|")" -path '*.tree/*' -name "$1.ko" | grep .
}
expect 'a module packed by zstd is in the image' 0 '' modules_of_image brd
expect 'a module packed by gzip, too' 0 '' modules_of_image loop

# Beside the lockdown: options after which nothing can be told of a scenario.
expect 'a kernel that is locked down refuses cgloop' 4 \
	'nothing-tested: ' $cb run PACKAGE=bookworm:6.12 SUITE=full \
	SCENARIOS='oom-bypass own-memory' RESULTS="$runs" \
	APPEND='lockdown=integrity swapaccount=0 cgroup.memory=nobpf cgroup.memory=nokmem'
cp "$tmp/out" "$tmp/said"
expect 'the lack is told before the boot' 0 \
	'lacks charges for kernel memory .*: skips entries of own-memory' \
	sed '/ booting /q' "$tmp/said"
expect_json 'without charges for kernel memory, a scenario skips by name' \
	"$latest" '[.scenarios[] | select(.name == "own-memory")] |
	length > 0 and all(.verdict == "skip" and .reason == "no-kmem")'
expect_json 'which is no error' "$latest" \
	'[.scenarios[] | select(.name == "oom-bypass" and
		(.driver | startswith("cgloop")))] | length > 0 and
	 all(.verdict == "skip" and (.reason | startswith("no-driver")))'

# A package of the user's, which no repository has.
mkdir -p "$tmp/deb/DEBIAN" "$tmp/deb/boot" "$tmp/deb/lib/modules/$KRELEASE"
printf '%s\n' 'Package: linux-image-mine' 'Version: 1' 'Architecture: amd64' \
	'Maintainer: test <test@localhost>' 'Description: test' \
	>"$tmp/deb/DEBIAN/control"
cp "$image" "$tmp/deb/boot/vmlinuz-$KRELEASE"
cp -L "$tmp"/vendor/lib/modules/*/kernel/drivers/block/brd.ko.zst \
	"$tmp/deb/lib/modules/$KRELEASE/"
dpkg-deb -Znone -b "$tmp/deb" "$tmp/mine.deb" >"$tmp/out"
mkdir "$tmp/built"
expect 'a .deb file of the user' 0 '' env PACKAGE="$tmp/mine.deb" \
	XDG_CACHE_HOME="$tmp/cache" scripts/package build "$tmp/built"
expect 'its release, origin and lack of headers' 0 \
	"linux-image-mine 1.*$release.*no linux-headers-$release among" \
	sh -c "tr '\n' ' ' <'$tmp/built/kernel.env'"

# A tree in which a kernel has been built is taken as it is.
# shellcheck disable=SC1090 # written by scripts/kernel
tree=$(. "$O/$(scripts/kernel tag)/kernel.env" && echo "$KBUILD")
expect 'a tree in which a kernel has been built' 0 '' \
	env IMAGE="$tree" scripts/package build "$tmp/built"
expect 'with its modules and its headers' 0 \
	"KRELEASE='$(cat "$tree/include/config/kernel.release")' .*KBUILD='$tree'" \
	sh -c "grep -q brd '$tmp'/built/whole/lib/modules/*/modules.dep &&
		tr '\n' ' ' <'$tmp/built/kernel.env'"

# An archive is packed anew when one of its modules has been built again.
own_tree()
{
	mkdir -p "$tmp/own/include/config" "$tmp/own/arch/x86/boot"
	cp "$tree/include/config/kernel.release" "$tmp/own/include/config/"
	cp "$tree/arch/x86/boot/bzImage" "$tmp/own/arch/x86/boot/"
	: >"$tmp/own/vmlinux.o"
	echo 'drivers/block/brd.o' >"$tmp/own/modules.order"
	mkdir -p "$tmp/own/drivers/block"
	cp "$tree/drivers/block/brd.ko" "$tmp/own/drivers/block/"
}
own_state()
{
	IMAGE=$tmp/own scripts/package build "$tmp/built" >/dev/null 2>&1 &&
		grep ^KSTATE= "$tmp/built/kernel.env"
}
own_tree
own_state >"$tmp/state" || :
expect 'a tree that stays as it was is not packed anew' 0 \
	"^$(cat "$tmp/state")$" own_state
touch -d @0 "$tmp/own/drivers/block/brd.ko"
own_state >"$tmp/state.now" || :
expect 'but when only a module was built again, it is' 1 '' \
	cmp "$tmp/state" "$tmp/state.now"

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
expect 'the command says so before it compiles anything' 2 'the nearest: ' \
	$cb run PACKAGE=linux-image-6.13-amd64 O="$tmp/o" RESULTS="$runs"
[ ! -e "$tmp/o/rootfs/init" ] || not_ok 'nothing is compiled' "$tmp/o"
mkdir "$tmp/bin"
ln -s /usr/bin/* /usr/sbin/* "$tmp/bin/" 2>"$tmp/out" || :
rm "$tmp/bin/apt-get"
expect_one_line 'a machine without apt' 'apt-get is needed; IMAGE= and MODULES=' \
	env PATH="$tmp/bin" scripts/debs image linux-image-amd64
expect 'a suite that the mirror lacks' 2 "the mirror has no suite 'utopia'" \
	scripts/debs image utopia:6.1
expect 'no network' 2 'the package index cannot be read' \
	env XDG_CACHE_HOME="$tmp/cache" http_proxy=http://127.0.0.1:9 \
	https_proxy=http://127.0.0.1:9 scripts/debs image bookworm:6.12
expect 'offline, and not in the cache' 2 'offline' \
	env XDG_CACHE_HOME="$tmp/cache" OFFLINE=1 \
	scripts/debs image bookworm:6.12
tests_end
