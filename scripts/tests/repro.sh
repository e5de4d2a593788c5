#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# make repro: each scenario as one file compiles without a warning, with both C
# libraries; two of them, compiled alone, show the hole of the kernel's own
# driver, and that it is none of cgloop's.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}"
export O
"${MAKE:-make}" -s "$O/headers"
headers=$(cut -d' ' -f3 "$O/headers")/include
mkdir "$tmp/musl" "$tmp/glibc"

# compiles NAME LIBRARY COMPILER...: to a program in LIBRARY's folder.
compiles()
{
	name=$1 library=$2
	shift 2
	if "$@" -Wall -Werror -O2 -static -o "$tmp/$library/$name" \
		"$tmp/$name.c" >"$tmp/out" 2>&1; then
		ok "$name compiles with $library"
	else
		not_ok "$name compiles with $library" 'it does not' "$tmp/out"
	fi
}

# A file may hold several scenarios: they differ in a name alone.
for name in $(scripts/repro --list | sort -u -k2,2 | cut -d' ' -f1); do
	scripts/repro "$name" "$tmp/$name.c" 2>"$tmp/out" ||
		not_ok "repro $name" 'not written' "$tmp/out"
	compiles "$name" musl musl-gcc -idirafter "$headers"
	compiles "$name" glibc gcc
done

# The shell reads its input once it has a prompt.
scripts/chargeback shell FILES="$tmp/musl/memory-only-cgroup
	$tmp/musl/failed-io-release" >"$tmp/said" 2>&1 <<'KEYS' || :
./memory-only-cgroup; echo "loop memory $?"
./memory-only-cgroup --driver cgloop; echo "cgloop memory $?"
./failed-io-release; echo "loop failed $?"
./failed-io-release --driver cgloop; echo "cgloop failed $?"
echo left: /sys/fs/cgroup/*.[0-9] $(cat /proc/modules) /tmp/*
exec seq 3000
KEYS
tr -d '\r' <"$tmp/said" >"$tmp/console"

says()
{
	if grep -q "$2" "$tmp/console"; then
		ok "$1"
	else
		not_ok "$1" "nothing says $2" "$tmp/console"
	fi
}

says 'memory-only-cgroup shows the hole of loop' '^loop memory 1$'
says 'and that nobody was killed' '^evidence: oom_kill 0 events$'
says 'memory-only-cgroup holds with cgloop' '^cgloop memory 0$'
says 'failed-io-release shows the leak of loop' '^loop failed 1$'
says 'failed-io-release holds with cgloop' '^cgloop failed 0$'
says 'nothing is left behind' '^left: /sys/fs/cgroup/\*\.\[0-9\] /tmp/\*$'
# More than the port takes at once, and the shell ends with it.
says 'what was printed last is there, too' '^3000$'

repro=$tmp/glibc/oom-bypass
expect 'a cell that there is not' 2 "^repro: --cell 'a=b': none of" \
	"$repro" --cell a=b
expect 'a driver that there is not' 2 "^repro: --driver 'x': none, loop" \
	"$repro" --driver x
expect 'an option that there is not' 2 "^repro: option '-x': unknown" \
	"$repro" -x
expect 'its help names the cells' 0 "^  --cell 'form=shell io=direct'" \
	"$repro" --help
if [ "$(id -u)" -eq 0 ]; then
	chmod 755 "$tmp"
	set -- setpriv --reuid=65534 --clear-groups
else
	set --
fi
expect_one_line 'not as root' "^repro: user 'not root'" "$@" "$repro"
expect_one_line 'a scenario that there is not' "NAME='no-such'.*oom-bypass" \
	scripts/repro no-such
expect_one_line 'no name' "NAME=''" scripts/repro ''
expect_one_line 'a file that there is not' "FILES='no-such'" \
	scripts/chargeback shell FILES=no-such
tests_end
