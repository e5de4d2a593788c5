#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The user's files and environment: odd paths, folders that are shared with
# others, variables of kernel developers, hosts that lack something.  Builds no
# kernel: where one would be built, a make that only records stands in.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset O RESULTS LINUX CONFIG KERNEL BASE HEAD
: "${MAKE:=make}"
cb=$PWD/scripts/chargeback
cache=$(. scripts/lib.sh && cb_cache)

# A build with this PATH ends at the first make after that of the reaper, which
# leaves its environment, arguments and folder in $tmp/env.
mkdir "$tmp/bin"
cat >"$tmp/bin/make" <<END
#!/bin/sh
case "\$*" in *scripts/reaper*) exec /usr/bin/make "\$@" ;; esac
{ env; pwd; printf '%s\n' "\$@"; } >'$tmp/env'
exit 9
END
chmod +x "$tmp/bin/make"

# recorded COMMAND...: with that make.
recorded()
{
	rm -f "$tmp/env"
	PATH=$tmp/bin:$PATH MAKE='' "$@"
}

# untouched NAME FILE...: the files of the user's are as they were.
untouched()
{
	name=$1
	shift
	for file; do
		if [ "$(cat "$file" 2>/dev/null)" != precious ]; then
			not_ok "$name" "$file is gone"
			return
		fi
	done
	ok "$name"
}

# gone NAME PATH...
gone()
{
	name=$1
	shift
	for file; do
		if [ -e "$file" ]; then
			not_ok "$name" "$file is there"
			return
		fi
	done
	ok "$name"
}

precious()
{
	mkdir -p "${1%/*}"
	echo precious >"$1"
}

# --- paths that make cannot take

# In each a folder of somebody else's has the name of the first word.
precious "$tmp/my/file"
# shellcheck disable=SC2016 # a name
for path in 'my build/x' 'my:x/y' 'my%x' 'my$x' 'my#x' "my'x" 'my;x' 'my,x'; do
	for what in clean distclean image; do
		expect_one_line "$what O=$path" "O='.*': kbuild takes no" \
			"$cb" "$what" O="$tmp/$path"
	done
	expect_one_line "RESULTS=$path" "RESULTS='.*': kbuild takes no" \
		"$cb" run RESULTS="$tmp/$path"
	expect_one_line "XDG_CACHE_HOME=$path" "XDG_CACHE_HOME='.*': kbuild" \
		env XDG_CACHE_HOME="$tmp/$path" "$cb" distclean
	expect_one_line "HOME=$path" 'no such folder' \
		env XDG_CACHE_HOME= HOME="$tmp/$path" "$cb" distclean
done
expect 'make clean with such an O' 2 'kbuild takes no blanks' \
	"$MAKE" clean O="$tmp/my build/x"
expect_one_line 'CONFIG=my x' 'kbuild takes no blanks' \
	"$cb" image CONFIG="$tmp/my x"
mkdir "$tmp/my home"
expect_one_line 'a HOME with a blank' "XDG_CACHE_HOME='.*my home.*blanks" \
	env XDG_CACHE_HOME= HOME="$tmp/my home" "$cb" list
copy "$tmp/my work/chargeback"
for what in clean image list; do
	expect_one_line "$what in such a folder" \
		'the folder of chargeback.*blanks' \
		"$tmp/my work/chargeback/scripts/chargeback" "$what"
	expect "make $what in such a folder" 2 \
		'the folder of chargeback.*blanks' \
		"$MAKE" -C "$tmp/my work/chargeback" "$what"
done
untouched 'what has the first word for its name' "$tmp/my/file"
gone 'nothing is made at such places' "$tmp/my build" "$tmp/my:x" "$tmp/my%x" \
	"$tmp/my work/chargeback/build" "$tmp/my home/.cache"

# --- folders that are shared with others

# O is claimed for good before anything is built.
planned()
{
	expect "a build with O=${1#"$tmp"} begins" 9 '' recorded "$cb" run O="$1"
}

precious "$tmp/shared/keep-me"
precious "$tmp/shared/host/keep-me"
planned "$tmp/shared"
precious "$tmp/shared/later"
expect 'clean of a shared O' 0 '' "$cb" clean O="$tmp/shared"
untouched 'clean leaves what others have in O' "$tmp/shared/keep-me" \
	"$tmp/shared/host/keep-me" "$tmp/shared/later"
gone 'and takes what was built' "$tmp/shared/chargeback"
for how in "O=$tmp/shared $MAKE clean" "$MAKE clean O=$tmp/shared" \
	"env O=$tmp/shared $cb clean"; do
	expect 'O that nothing was built in' 2 'nothing was built there' \
		sh -c "$how"
done
untouched 'nor does clean of what was never built in' "$tmp/shared/keep-me"
planned "$tmp/own"
precious "$tmp/own/later"
expect 'clean of an O of our own' 0 'is left there' "$cb" clean O="$tmp/own"
untouched 'what came later is left' "$tmp/own/later"
rm "$tmp/own/later"
expect 'again, there is nothing' 2 'nothing was built there' \
	"$cb" clean O="$tmp/own"
planned "$tmp/own2"
expect 'clean of one that nobody else has used' 0 '' "$cb" clean O="$tmp/own2"
gone 'takes the folder as well' "$tmp/own2"
expect 'clean of one that is not there' 0 '' "$cb" clean O="$tmp/none"
gone 'makes none' "$tmp/none"

# The build folder itself, from before there was a list, or after a clean.
copy "$tmp/old"
precious "$tmp/old/build/mine"
mkdir -p "$tmp/old/build/host" "$tmp/old/build/6.12"
: >"$tmp/old/build/6.12/kernel.env"
for once in first second; do
	expect "clean of the build folder, $once" 0 'is left there' \
		"$tmp/old/scripts/chargeback" clean
	untouched 'leaves the file of the user' "$tmp/old/build/mine"
done
expect "a build in what is left" 9 "" \
	recorded "$tmp/old/scripts/chargeback" run
expect "clean of that" 0 "is left there" "$tmp/old/scripts/chargeback" clean
untouched "leaves the file of the user" "$tmp/old/build/mine"
gone 'and takes what was built' "$tmp/old/build/host" "$tmp/old/build/6.12"

# A file that lists names must not lead out of its folder.
mkdir "$tmp/odd"
printf '%s\n' .. ../my /my . '*' >"$tmp/odd/.chargeback"
precious "$tmp/odd/file"
expect 'clean by an odd list' 0 '' "$cb" clean O="$tmp/odd"
untouched 'it leads nowhere' "$tmp/my/file" "$tmp/odd/file"

# results FOLDER: a result, one half made, and files of the user's.
run_name=20260102T030405Z-6.12.1-abc
results()
{
	mkdir -p "$1/$run_name" "$1/.run.1"
	echo '{}' >"$1/$run_name/result.json"
	ln -sfn $run_name "$1/latest"
	precious "$1/notes"
	precious "$1/20260102-mine/result.json"
}

copy "$tmp/copy"
results "$tmp/copy/results/runs"
results "$tmp/elsewhere"
precious "$tmp/xdg/other/file"
precious "$tmp/xdg/chargeback/file"
mkdir -p "$tmp/xdg/chargeback/src/x"
distclean()
{
	XDG_CACHE_HOME=$tmp/xdg "$tmp/copy/scripts/chargeback" distclean "$@"
}
expect_one_line 'distclean of what BASE names' "'$run_name': is named by BASE" \
	env BASE=$run_name XDG_CACHE_HOME="$tmp/xdg" \
	sh -c "cd '$tmp/elsewhere' && exec '$tmp/copy/scripts/chargeback' \
		distclean RESULTS=."
expect 'distclean with RESULTS elsewhere' 0 '' distclean RESULTS="$tmp/elsewhere"
gone 'takes the results there' "$tmp/elsewhere/$run_name" "$tmp/elsewhere/latest" \
	"$tmp/elsewhere/.run.1" "$tmp/xdg/chargeback/src"
untouched 'not what others have there or in the cache' \
	"$tmp/elsewhere/notes" "$tmp/elsewhere/20260102-mine/result.json" \
	"$tmp/xdg/other/file" "$tmp/xdg/chargeback/file"
if [ -e "$tmp/copy/results/runs/$run_name/result.json" ]; then
	ok 'results that RESULTS does not name are left'
else
	not_ok 'results that RESULTS does not name are left' 'they are gone'
fi

# While a command is at work in a folder, it is not cleaned.
mkdir -p "$tmp/busy"
exec 5<"$tmp/busy"
flock -s 5
expect_one_line 'distclean of results at work' 'is at work there' \
	distclean RESULTS="$tmp/busy"
exec 5<&-

# --- a kernel tree with an odd name

mkdir "$tmp/linux"
: >"$tmp/linux/Kbuild"
echo 'PATCHLEVEL = 1' >"$tmp/linux/Makefile"
for odd in '@2' ',x' '~x' '=x'; do
	ln -s linux "$tmp/linux$odd"
	expect "LINUX=linux$odd goes to kbuild" 2 'kernel does not build' \
		recorded env XDG_CACHE_HOME="$tmp/kcache" LINUX="$tmp/linux$odd" \
		scripts/kernel build "$tmp"
	if grep -qxF "$tmp/linux$odd" "$tmp/env"; then
		ok 'with its own name'
	else
		not_ok 'with its own name' 'make has another' "$tmp/env"
	fi
	name="$(LINUX=$tmp/linux$odd scripts/kernel tag)"
	case $name in
	*[!A-Za-z0-9._-]*) not_ok "its folder below O" "$name" ;;
	*) ok "its folder below O: $name" ;;
	esac
done

# --- a kernel that starts from the objects of another

# Of two folders in the cache, the one that was asked for nearly the same.
lenders=$tmp/lenders/chargeback
mkdir -p "$lenders/kernel"
ln -s "$cache/src" "$cache/dl" "$lenders/"
lent()
{
	recorded env XDG_CACHE_HOME="$tmp/lenders" CONFIG="$1" \
		scripts/kernel build "$tmp"
}
echo CONFIG_NEAR=y >"$tmp/near.config"
echo '# CONFIG_MEMCG is not set' >"$tmp/far.config"
for asked in far near; do
	lent "$tmp/$asked.config" >"$tmp/out" 2>&1 || :
	folder=$lenders/kernel/$(CONFIG=$tmp/$asked.config scripts/kernel tag)
	: >"$(echo "$folder"-*)/compiled"
done
echo CONFIG_NEARER=y >>"$tmp/near.config"
expect 'a configuration starts from the objects of the nearest one' 2 \
	"objects of ${folder##*/}-" lent "$tmp/near.config"

# --- the environment

# A kernel developer's words are in no key of the cache, and KBUILD_OUTPUT would
# have another folder cleaned.
words='CROSS_COMPILE KCFLAGS KCONFIG_CONFIG KBUILD_OUTPUT HOSTCFLAGS ARCH'
set --
for word in $words; do
	set -- "$@" "$word=planted"
done
expect 'variables of kbuild are named' 9 \
	'not used from the environment:.* CROSS_COMPILE.* KCONFIG_CONFIG' \
	recorded env "$@" "$cb" image
for script in "$cb image" \
	"env XDG_CACHE_HOME=$tmp/kcache LINUX=$tmp/linux scripts/kernel build $tmp" \
	"scripts/module $tmp"; do
	printf '%s\n' "KBUILD=$tmp" KRELEASE=6.12 >"$tmp/kernel.env"
	# shellcheck disable=SC2086 # words
	recorded env "$@" $script >"$tmp/out" 2>&1 || :
	if ! grep -q ^PATH= "$tmp/env"; then
		not_ok "$script drops them" 'no make was started' "$tmp/out"
	elif grep planted "$tmp/env" >"$tmp/out"; then
		not_ok "$script drops them" 'make has them' "$tmp/out"
	else
		ok "$script drops them"
	fi
done
expect "on make's command line they are refused" 2 "'KCFLAGS' is no knob" \
	"$MAKE" image KCFLAGS=-O1

mkdir -p "$tmp/cd/scripts"
expect_one_line 'CDPATH' "MEM='x'" env CDPATH="$tmp/cd" "$cb" run MEM=x
expect_one_line 'CDPATH, by a short name' "MEM='x'" \
	env CDPATH="$tmp/cd" scripts/chargeback run MEM=x
expect_one_line 'CDPATH, new-scenario' "NAME=''" \
	env CDPATH="$tmp/cd" scripts/new-scenario

expect_one_line 'no HOME' "HOME='': .*XDG_CACHE_HOME" \
	env -u HOME -u XDG_CACHE_HOME "$cb" list
expect_one_line 'a HOME that is not there' \
	"HOME='$tmp/nobody': .*XDG_CACHE_HOME" \
	env -u XDG_CACHE_HOME HOME="$tmp/nobody" "$cb" list
gone 'and it is not made' "$tmp/nobody"
expect_one_line 'XDG_CACHE_HOME=cache' 'an absolute path' \
	env XDG_CACHE_HOME=cache "$cb" list
expect 'a cache without a HOME' 9 '' \
	recorded env -u HOME XDG_CACHE_HOME="${cache%/*}" "$cb" image

# --- a container's limits

# container VERSION: the /proc of a process in one, of 900 MiB and half a
# processor, where the host has 4 GiB free.
mkdir -p "$tmp/proc/self"
echo 'MemAvailable: 4194304 kB' >"$tmp/proc/meminfo"
v2()
{
	echo '0::/ci/job' >"$tmp/proc/self/cgroup"
	echo "31 23 0:28 / $tmp/cgroup rw,relatime shared:9 - cgroup2 none rw" \
		>"$tmp/proc/self/mountinfo"
	mkdir -p "$tmp/cgroup/ci/job"
	echo max >"$tmp/cgroup/ci/job/memory.max"
	echo 943718400 >"$tmp/cgroup/ci/memory.max"
	echo 10485760 >"$tmp/cgroup/ci/memory.current"
	echo 'inactive_file 5242880' >"$tmp/cgroup/ci/memory.stat"
	echo '50000 100000' >"$tmp/cgroup/ci/cpu.max"
}
v1()
{
	printf '%s\n' '4:memory:/docker/1' '3:cpu,cpuacct:/docker/1' '0::/' \
		>"$tmp/proc/self/cgroup"
	for one in memory cpu,cpuacct; do
		mkdir -p "$tmp/v1/$one"
		echo "31 23 0:28 /docker/1 $tmp/v1/$one rw - cgroup none rw,$one"
	done >"$tmp/proc/self/mountinfo"
	echo 943718400 >"$tmp/v1/memory/memory.limit_in_bytes"
	echo 10485760 >"$tmp/v1/memory/memory.usage_in_bytes"
	echo 'inactive_file 5242880' >"$tmp/v1/memory/memory.stat"
	echo 50000 >"$tmp/v1/cpu,cpuacct/cpu.cfs_quota_us"
	echo 100000 >"$tmp/v1/cpu,cpuacct/cpu.cfs_period_us"
}

# limits WORD...: what scripts/limits.sh says there.
limits()
{
	CB_PROC=$tmp/proc MEM=${MEM:-1G} JOBS='' SMP=1 accel=tcg sh -euc '
		. scripts/lib.sh
		. scripts/limits.sh
		'"$*"
}
# shellcheck disable=SC2016 # for the shell that is started
share='echo $(processors) $(patience 30)'
for version in v2 v1; do
	$version
	expect_one_line "$version: a machine of 1 GiB in 900 MiB" \
		"MEM='1G': .*$tmp.* leaves 895 MiB" \
		env CB_PROC="$tmp/proc" "$cb" run SUITE=full
	expect "$version: half a processor" 0 '^1 60$' \
		limits "$share"
	expect "$version: compilers" 0 '^1$' limits compile_jobs
	expect "$version: list needs no machine" 9 '' \
		recorded env CB_PROC="$tmp/proc" "$cb" list
	expect "$version: and it compiles with one job" 0 '^-j1$' cat "$tmp/env"
done
v2
echo 3221225472 >"$tmp/cgroup/ci/memory.max"
echo max 100000 >"$tmp/cgroup/ci/cpu.max"
nproc=$(nproc)
expect 'machines side by side, in 3 GiB' 0 "^$((nproc < 2 ? nproc : 2))$" \
	limits boots_at_once
echo '50000 100000' >"$tmp/cgroup/ci/cpu.max"
expect 'on half a processor' 0 '^1$' limits boots_at_once
expect 'two for each processor' 0 '^2$' limits boots_at_once 2
echo max 100000 >"$tmp/cgroup/ci/cpu.max"
MEM=2G expect 'and of 2 GiB' 0 '^1$' limits boots_at_once
echo max >"$tmp/cgroup/ci/memory.max"
expect 'no limit' 0 "^$nproc 30$" limits "$share"
expect 'memory that is free' 0 '^4096$' limits memory_left

# --- KVM

as_user()
{
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
mkdir "$tmp/kvm" "$tmp/kvm/home"
cp scripts/accel scripts/lib.sh scripts/limits.sh "$tmp/kvm"
: >"$tmp/kvm/device"
chmod 0 "$tmp/kvm/device"
chmod 755 "$tmp" "$tmp/kvm" "$tmp/kvm/"*
accel()
{
	as_user env HOME="$tmp/kvm/home" XDG_CACHE_HOME='' CB_KVM="$tmp/kvm/$1" \
		"$tmp/kvm/accel" "$2" none
}
chmod 0 "$tmp/kvm/device"
expect 'KVM that this user may not open' 0 \
	"device may not be opened by this user .*: taking tcg" accel device auto
expect 'and tcg it is' 0 '^tcg$' accel device auto
expect_one_line 'ACCEL=kvm then' "ACCEL='kvm': .* may not be opened" \
	accel device kvm
expect_one_line 'ACCEL=kvm, and no KVM' "ACCEL='kvm': there is no .*/none" \
	env CB_KVM="$tmp/none" "$cb" run ACCEL=kvm
expect 'no KVM is nothing to tell' 0 '^tcg$' accel none auto

# --- packages of the image

# build_package: in a copy of the recipes.
build_package()
{
	"$tmp/recipes/rootfs/packages/build" libinih
}

rootfs/packages/build libinih >"$tmp/built" 2>/dev/null
mkdir -p "$tmp/recipes/rootfs"
cp -R rootfs/packages "$tmp/recipes/rootfs"
cp -R scripts versions "$tmp/recipes"
recipe=$tmp/recipes/rootfs/packages/libinih.sh
{ cat "$recipe"; echo '# A comment more.'; } >"$tmp/recipe"
cp "$tmp/recipe" "$recipe"
key=$(sed 's,.*/,,' "$tmp/built")
expect 'a comment in a recipe builds nothing' 0 "/$key\$" build_package
echo ': "a command more"' >>"$recipe"
expect 'a command in a recipe builds anew' 0 'libinih .*: built' build_package
rm -rf "$(build_package 2>/dev/null | cut -d' ' -f3)"

# --- hosts that lack something

# All programs of this machine but gnuplot, and no way to install it.
mkdir "$tmp/lacks"
ln -s /usr/bin/* "$tmp/lacks"
rm -f "$tmp/lacks/gnuplot"* "$tmp/lacks/apt-get" "$tmp/lacks/make"
cp "$tmp/bin/make" "$tmp/lacks"
printf '#!/bin/sh\necho "E: no network" >&2\nexit 100\n' >"$tmp/lacks/apt-get"
chmod +x "$tmp/lacks/apt-get"
for what in bench 'profile CELL=cost/backing=tmpfs' 'baseline HEAD=x'; do
	# shellcheck disable=SC2086 # words
	expect "$what without gnuplot has no plots" 9 \
		'no plots, as .*gnuplot-nox' \
		env PATH="$tmp/lacks" MAKE= "$cb" $what
done
expect 'a run has none anyway' 9 '' env PATH="$tmp/lacks" MAKE= "$cb" run
tests_end
