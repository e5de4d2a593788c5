#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mutants.sh         the command mutants: how it edits, whether each scenario has a
#                    mutant, a sample of five that need no link of the kernel, and
#                    an interruption
# mutants.sh --all   all mutants
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}"
export O
cb=scripts/chargeback
[ "${1:-}" != --all ] || exec $cb mutants

# --- the edit

cat >"$tmp/source.c" <<'END'
static int one(int a)
{
	int b = a;

	return b;
}

static struct thing *
two(int a)
{
	int b = a;

	step(b);
	return b;
}
END

# edits NAME WANTED LINE...: a mutant with these lines turns the source into one
# in which the line WANTED is the only one that differs.
edits()
{
	name=$1 wanted=$2
	shift 2
	printf '%s\n' "$@" >"$tmp/mutant"
	if scripts/mutate apply "$tmp/mutant" "$tmp/source.c" >"$tmp/out" 2>&1 &&
	   [ "$(diff "$tmp/source.c" "$tmp/out" | sed -n 's/^> //p')" = \
		"$(printf '%b' "$wanted")" ]; then
		ok "$name"
	else
		not_ok "$name" "not so: $wanted" "$tmp/out"
	fi
}

# refuses NAME PATTERN LINE...
refuses()
{
	name=$1 pattern=$2
	shift 2
	printf '%s\n' "$@" >"$tmp/mutant"
	expect_one_line "$name" "$pattern" \
		scripts/mutate apply "$tmp/mutant" "$tmp/source.c"
}

edits 'a text is replaced' '\tlook(b);' 'find: step(b);' 'becomes: look(b);'
edits 'a text is removed' '\t' 'find: step(b);' 'becomes:'
edits 'in one function' '\tint b = 0;' 'within: one' 'find: = a;' \
	'becomes: = 0;'
edits 'in one whose type has a line of its own' '\tint b = 0;' 'within: two' \
	'find: = a;' 'becomes: = 0;'
edits 'behind another line' '\treturn 0;' 'after: step(b);' 'find: b;' \
	'becomes: 0;'
refuses 'a text that is not there' '0 lines have' 'find: none' 'becomes: x'
refuses 'a text that is there twice' '2 lines have' 'find: = a;' 'becomes: x'
refuses 'a function that is not there' 'no function three' 'within: three' \
	'find: b' 'becomes: x'
refuses 'a find alone' 'without a becomes' 'find: step(b);'
refuses 'a becomes alone' 'without a find' 'becomes: x'
expect_one_line 'a pattern that matches none' 'matches none of' \
	$cb mutants MUTANTS=nothing-like-it

# --- the set

"$O/rootfs/init" --plan cb.suite=full | jq -r .name | sort -u >"$tmp/scenarios"
sed -n 's/^scenarios: //p' scripts/tests/mutants/[a-z]* | tr ' ' '\n' | sort -u |
	comm -13 - "$tmp/scenarios" >"$tmp/without"
if [ -s "$tmp/scenarios" ] && [ ! -s "$tmp/without" ]; then
	ok "each of $(wc -l <"$tmp/scenarios") scenarios has a mutant"
else
	not_ok 'each scenario has a mutant' 'these have none' "$tmp/without"
fi

# --- the run, in a tree that a machine which stopped left broken

tree=$(cb_cache)/mutation/$(basename "$(sed -n "s/^KBUILD='\(.*\)'/\1/p" \
	"$O/$(scripts/kernel tag)/kernel.env")")
broken=drivers/block/loop.c
if [ -e "$tree/source/$broken" ]; then
	echo broken >"$tmp/broken.c"
	cp "$tmp/broken.c" "$tree/source/$broken.new"
	mv "$tree/source/$broken.new" "$tree/source/$broken"
	echo $broken >"$tree/broken"
fi
expect 'five mutants are noticed' 0 '^5 passed, 0 failed, 0 skipped$' \
	$cb mutants SAMPLE=5 FORCE=1
sed 's/^/# /' "$tmp/out" | grep -v '^# \[' || :

# restored: no file of the tree is broken.  Another run may be using the tree,
# so look while holding its lock.
restored()
{
	# shellcheck disable=SC2016 # for the inner shell
	flock "$tree/lock" sh -c '[ ! -e "$1/broken" ] &&
		! grep -q "static bool always" "$1/source/$2"' \
		sh "$tree" "$broken"
}

if restored; then
	ok 'the tree is as it was'
else
	not_ok 'the tree is as it was' "$(cat "$tree/broken") is broken"
fi

# A mutant of the moment is compiled in any case.
cat >"$tmp/mutant" <<'END'
file: drivers/block/loop.c
module: drivers/block/loop.ko
find: static DEFINE_MUTEX(loop_ctl_mutex);
becomes: static DEFINE_MUTEX(loop_ctl_mutex); static bool always = true;
END
scripts/kernel mutate "$tmp/mutant" "$tmp/built" >"$tmp/out" 2>&1 &
pid=$!
wait_for grep -q compiling "$tmp/out"
kill -TERM $pid
wait $pid || :
if restored; then
	ok 'the tree is as it was after an interruption'
else
	not_ok 'the tree is as it was after an interruption' 'it is broken'
fi
tests_end
