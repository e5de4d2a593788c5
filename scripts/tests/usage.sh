#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Bad input: one line that names the input and what is allowed, exit status 2,
# and nothing lost.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
expect 'help tells the knobs' 0 'KERNEL=' $cb --help
expect 'help of a command' 0 'KERNEL=' $cb run --help
expect 'the version is that of the file VERSION' 0 \
	"^chargeback $(sed 's/[.]/\\./g' VERSION)(\+git[0-9]{8}\.[0-9a-f]{7,}(\.dirty)?)?\$" \
	$cb --version
each_in()
{
	sed -n "s/^\([A-Za-z][A-Za-z_-]*\) .*/\1/p" "scripts/$1"
}
for knob in $(each_in knobs); do
	expect "help tells of $knob" 0 "^  $knob=." $cb --help
done
for word in $(each_in commands); do
	expect "help tells of $word" 0 "^  $word " $cb --help
	expect "make has the target $word" 0 "scripts/chargeback $word$" \
		"${MAKE:-make}" -n "$word"
done
expect 'help of a command leaves out the knobs of others' 0 '^no KERNEL$' \
	sh -c "$cb compare --help | grep -q '^  KERNEL=' || echo no KERNEL"
# A knob more is a line more.
mkdir -p "$tmp/table"
cp -r scripts versions "$tmp/table"
echo 'EXTRA  4  number:1:9  extra  run,list  N: one more' >>"$tmp/table/scripts/knobs"
expect 'a knob more: its help' 0 '^  EXTRA=N  *one more \(default: 4\)$' \
	"$tmp/table/scripts/chargeback" run --help
expect_one_line 'its check' "EXTRA='10': allowed is a whole number from 1 to 9" \
	"$tmp/table/scripts/chargeback" run EXTRA=10
expect_one_line 'its commands' 'EXTRA: image does not take it; .*: run, list' \
	"$tmp/table/scripts/chargeback" image EXTRA=1
extra()
{
	(
		cd "$tmp/table"
		start=$PWD command=run
		. scripts/lib.sh
		. scripts/knobs.sh
		take_knobs "$@"
		plan_words
	)
}
expect "its default, for the guest" 0 '(^| )cb.extra=4( |$)' extra
expect "its value, for the guest" 0 '(^| )cb.extra=7( |$)' extra EXTRA=7
expect_one_line 'unknown command' "'frobnicate' is no command" $cb frobnicate
expect_one_line 'a word that is no knob' "'fast' is no knob" $cb run fast
expect_one_line 'unknown knob' "'SPEED' is no knob; there are: KERNEL" \
	$cb run SPEED=1
expect_one_line 'a knob of other commands' \
	'BASE: run does not take it; these commands do: profile, compare' \
	$cb run BASE=6.12
expect 'a knob unknown to make' 2 "'SCENARIO' is no knob" \
	"${MAKE:-make}" run SCENARIO=oom-*
# shellcheck disable=SC2016 # for make
expect 'a knob from make, as it stands' 2 'MEM=.a b\$x;y\*.: allowed is' \
	"${MAKE:-make}" run 'MEM=a b$$x;y*'
expect_one_line 'unknown KERNEL' "KERNEL='4.4': allowed are .*6\.12" \
	$cb run KERNEL=4.4
expect_one_line 'unknown KERNELS' "'4.4' is none of: .*6\.12" \
	$cb matrix KERNELS='6.12 4.4'
expect_one_line 'KERNELS with a name for what is none' \
	"'old=4.4' is none of: .*6\.12" $cb matrix KERNELS='old=4.4'
expect_one_line 'KERNELS and a tree' 'matrix runs the kernels of KERNELS' \
	$cb matrix LINUX="$tmp/tree"
for bad in 0 1025 two; do
	expect_one_line "JOBS=$bad" 'from 1 to 1024' $cb run JOBS=$bad
done
expect_one_line 'unknown DRIVERS' "'nbd' is none of: loop cgloop" \
	$cb run DRIVERS='loop nbd'
expect_one_line 'unknown PART' "PART='lint,x': 'x' is none of: lint" \
	$cb check PART=lint,x
expect_one_line 'PART of check-all' "'soak' is none of: lint" \
	$cb check PART=soak
expect_one_line 'PART of nothing' "PART=',': allowed are lint" \
	$cb check-all PART=,
expect 'help lists the parts' 0 '^  soak  ' $cb check-all --help
expect_one_line 'unknown SUITE' "SUITE='all': allowed are smoke" \
	$cb run SUITE=all
expect_one_line 'REQUESTS too few to say anything' \
	"REQUESTS='7': allowed is a whole number from 100000" $cb soak REQUESTS=7
expect_one_line 'SEED that is no number' "SEED='x': allowed is a whole number from 0" \
	$cb soak SEED=x
expect_one_line 'a soak of another suite' "SUITE='full': allowed for the command soak is soak" \
	$cb soak SUITE=full
expect_one_line 'SCENARIOS that match nothing' "'nothing-\*' matches no scenario; there are: .*oom-bypass" \
	$cb run 'SCENARIOS=nothing-*'
expect_one_line 'SCENARIOS with a quote' 'only letters' \
	$cb run "SCENARIOS=a'b"
expect_one_line "APPEND of the harness's own" 'none that begins with cb.' \
	$cb run APPEND='quiet cb.suite=smoke'
expect_one_line 'APPEND that is no word' "APPEND='a;b'" $cb run 'APPEND=a;b'
expect_one_line 'PARAMS for no driver' 'is not DRIVER:KEY=VALUE' \
	$cb run PARAMS=charge=all
expect_one_line 'LINUX that is no kernel tree' 'not the top folder' \
	$cb run LINUX="$tmp"
for bad in 20 20T 0G G; do
	expect_one_line "CACHE=$bad" 'a size such as 500M' $cb cache CACHE=$bad
done
expect_one_line 'CC that is not there' 'no such compiler' $cb run CC=gcc-99
expect_one_line 'LLVM=2' "LLVM='2': allowed are 1" $cb run LLVM=2
expect_one_line 'PACKAGE that is no name' 'allowed is \[SUITE:\]NAME' \
	$cb run 'PACKAGE=a;b'
expect_one_line 'PACKAGE that is no file' 'none.deb cannot be read' \
	$cb run PACKAGE="$tmp/none.deb"
expect_one_line 'PACKAGE and a tree' 'PACKAGE LINUX: one of them' \
	$cb run PACKAGE=sid:7.2 LINUX="$tmp"
expect_one_line 'PACKAGE with debugging' 'with a kernel that is built here' \
	$cb run PACKAGE=sid:7.2 DEBUG=1
expect_one_line 'IMAGE that is not there' 'not a file that can be read' \
	$cb run IMAGE="$tmp/none"
expect_one_line 'IMAGE that is none' 'not a bzImage' \
	env IMAGE="$PWD/Makefile" scripts/package build "$tmp"
expect_one_line 'MODULES that are no folder' 'not a folder' \
	$cb run IMAGE="$PWD/Makefile" MODULES="$tmp/none"
expect_one_line 'MODULES of nothing' 'allowed with IMAGE' \
	$cb run MODULES="$tmp"
expect_one_line 'KERNELS with a suite alone' 'allowed is \[SUITE:\]NAME' \
	$cb matrix KERNELS='6.12 :6.1'
expect_one_line 'KERNELS with a folder that is no tree' 'not the top folder' \
	$cb matrix KERNELS="mine=$tmp"
expect_one_line 'CONFIG that is not there' 'not a file' \
	$cb run CONFIG="$tmp/none"
echo 'CONFIG_LOOP' >"$tmp/fragment"
expect_one_line 'CONFIG that is no fragment' 'line 1:CONFIG_LOOP' \
	$cb run CONFIG="$tmp/fragment"
for line in '# CONFIG_MODULES is not set' 'CONFIG_BLK_DEV_INITRD=n'; do
	echo "$line" >"$tmp/fragment"
	expect_one_line "CONFIG with $line" 'CONFIG_[A-Z_]* cannot be off' \
		$cb run CONFIG="$tmp/fragment"
done
echo 'CONFIG_INITRAMFS_SOURCE="x"' >"$tmp/fragment"
expect_one_line 'CONFIG with another archive' 'is not allowed' \
	$cb run CONFIG="$tmp/fragment"
: >"$tmp/file"
expect_one_line 'RESULTS that cannot be written' 'cannot be written' \
	$cb run RESULTS="$tmp/file"
expect_one_line 'O that cannot be written' 'cannot be written' \
	$cb run O="$tmp/file/x"
for bad in 0 65 -1 two 99999999999999999999; do
	expect_one_line "SMP=$bad" 'from 1 to 64' $cb run SMP=$bad
done
for bad in 0 64M 1T G M12 1.5G; do
	expect_one_line "MEM=$bad" '768M or more' $cb run MEM=$bad
done
expect_one_line 'TIMEOUT=never' 'from 5 to 86400' $cb run TIMEOUT=never

expect_one_line 'MATRICES that match nothing' "'nothing' matches no matrix .*; there are: .*cost" \
	$cb bench MATRICES=nothing
expect_one_line 'MATRICES with a slash' 'only letters' \
	$cb bench MATRICES=../cost
expect_one_line 'a matrix that is not for this clock' \
	"'throughput' matches no matrix" $cb bench MATRICES=throughput
expect_one_line 'WALL=2' "WALL='2': allowed are 0 1" $cb bench WALL=2
expect_one_line 'REPEATS=0' 'from 1 to 64' $cb bench REPEATS=0
expect_one_line 'ROUNDS=0' 'from 1 to 1000' $cb bench WALL=1 ROUNDS=0
expect_one_line 'SMP=2 by a clock of instructions' 'counted on one CPU' \
	$cb bench SMP=2
expect_one_line 'KVM by a clock of instructions' 'counted by tcg alone' \
	$cb bench ACCEL=kvm
expect_one_line 'PAD=-1' 'from 0 to 1048576' $cb image PAD=-1
expect_one_line 'a profile of no CELL' "CELL='': name a cell, MATRIX/" $cb profile
for bad in cost cost/ /a=b cost/backing 'cost/a=b c=d' cost/a=b/c=d; do
	expect_one_line "CELL=$bad" 'allowed is MATRIX/NAME=VALUE' \
		$cb profile "CELL=$bad"
done
expect_one_line 'CELL of several cells' \
	'matches 8 cells; name more axes, as in cost/backing=tmpfs,io=' \
	$cb profile CELL=cost/backing=tmpfs
expect_one_line 'CELL of no cell, bench' 'matches no matrix .*, with such a cell' \
	$cb bench CELL=cost/backing=wood
expect_one_line 'CELL of no cell' 'matches no matrix .*, with such a cell' \
	$cb profile CELL=cost/backing=wood
expect_one_line 'BASE that is no profile' 'no folder with a profile' \
	$cb profile CELL=cost/backing=tmpfs BASE="$tmp"
expect_one_line 'a profile by the wall clock' "WALL='1': a profile counts" \
	$cb profile CELL=cost/backing=tmpfs WALL=1

expect_one_line 'PROGRESS=xml' "PROGRESS='xml': allowed are text json" \
	$cb run PROGRESS=xml
expect_one_line 'PROGRESS=json with V=1' '"text":"V=.1.: prints what is no JSON' \
	$cb run PROGRESS=json V=1
# shellcheck disable=SC1003 # a backslash
expect_one_line 'an error for programs' '^\{"t":"error","s":[0-9]+,"text":' \
	$cb run PROGRESS=json 'MEM=a"b\'
expect_json 'is JSON, with all characters' "$tmp/out" \
	'.text | startswith("MEM=\u0027a\"b\\\u0027: ")'
expect_one_line 'no command, for programs' '^\{"t":"error",' \
	$cb frobnicate PROGRESS=json
expect_one_line 'KCIDB that is a folder' 'a folder; name a file' \
	$cb run KCIDB="$tmp"
expect_one_line 'KCIDB that cannot be written' 'none/x.: cannot be written' \
	$cb matrix KCIDB="$tmp/none/x"
for bad in Lab lab-1 'a b'; do
	expect_one_line "ORIGIN=$bad" "ORIGIN='$bad': allowed are a-z, 0-9" \
		$cb run ORIGIN="$bad"
done

# A symbol that came later may be missing in an older kernel, and no other.
printf '%s\n' '# since 6.3: CONFIG_A' CONFIG_A=y CONFIG_B=m >"$tmp/fragment"
printf '# Linux/x86 %s Kernel Configuration\nCONFIG_B=y\n' 6.1.9 >"$tmp/old"
expect 'a symbol younger than the kernel' 0 '' \
	scripts/config-check "$tmp/old" "$tmp/fragment"
sed s/6.1.9/6.12.9/ "$tmp/old" >"$tmp/new"
expect 'a symbol that the kernel lost' 1 '^CONFIG_A: asked for y' \
	scripts/config-check "$tmp/new" "$tmp/fragment"
echo CONFIG_C=y >>"$tmp/fragment"
expect 'a symbol that an old kernel lost' 1 '^CONFIG_C: asked for y' \
	scripts/config-check "$tmp/old" "$tmp/fragment"

# A cache of its own: what is old goes, what was used just now stays.
old=$tmp/cache/chargeback/package/old
new=$tmp/cache/chargeback/package/new
mkdir -p "$old" "$new"
touch "$old/packages" "$new/packages"
touch -d '2 days ago' "$old/packages"
head -c 3000000 /dev/zero | tee "$old/data" >"$new/data"
expect 'the cache is listed' 0 'package/old .a package' \
	env XDG_CACHE_HOME="$tmp/cache" $cb cache
expect 'the cache gets below its bound' 0 'removing a package' \
	env XDG_CACHE_HOME="$tmp/cache" $cb cache CACHE=4M
if [ ! -e "$old" ] && [ -e "$new" ]; then
	ok 'only what was not in use is gone'
else
	not_ok 'only what was not in use is gone' "$(ls "$tmp/cache/chargeback/package")"
fi

# A folder too small to build in, where one can be mounted.
mkdir "$tmp/small"
if unshare -m true 2>/dev/null; then
	expect_one_line 'a disk too full to build' 'needs [0-9]+ MiB' \
		unshare -m sh -c "mount -t tmpfs -o size=16m none '$tmp/small' &&
			XDG_CACHE_HOME='$tmp/small' $cb image"
else
	skipped=$((skipped + 1))
	echo 'ok - a disk too full to build # SKIP unshare is not permitted'
fi
tests_end
