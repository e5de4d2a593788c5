#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The steps of a bisection, with a stand-in for the run: a commit's outcome is a
# word in a file of it.  Skips, interruptions, and what is left behind.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX
export XDG_CACHE_HOME="$tmp/cache" HOLD="$tmp/hold"
copy "$tmp/copy"
cat >>"$tmp/copy/scripts/bisect.sh" <<'EOF'
cmd_bisect_run()
{
	case $(cat "$LINUX/state") in
	good) exit 0 ;;
	bad) exit 1 ;;
	skip) exit 125 ;;
	esac
	while [ -e "$HOLD" ]; do sleep 0.1; done
	exit 0
}
EOF

# What is looked for in a kernel tree, and nothing more.
repo=$tmp/linux
mkdir "$repo"
git -C "$repo" -c init.defaultBranch=main init -q
echo 'PATCHLEVEL = 1' >"$repo/Makefile"
: >"$repo/Kbuild"

# commits STATE...: one of each, with its number.
number=0
commits()
{
	for state; do
		number=$((number + 1))
		printf '%s\n' "$state" >"$repo/state"
		printf '%s\n' $number >"$repo/number"
		git -C "$repo" add -A
		git -C "$repo" -c user.name=test -c user.email=test@localhost \
			commit -qm "commit $number is $state"
	done
}
commits good good skip skip wait bad skip bad bad

# With how=exec a shell in the background becomes the command, and can be ended.
how=
bisect()
{
	$how "$tmp/copy/scripts/chargeback" bisect "$@" "$repo" O="$tmp/build" \
		RESULTS="$tmp/runs"
}

nothing_left()
{
	expect "$1: nothing is left behind" 0 '^1 0$' sh -c "echo \$(git -C \
		'$repo' worktree list | wc -l) \$(git -C '$repo' status \
		--porcelain | wc -l)"
}

: >"$HOLD"
how='exec' bisect HEAD~8 HEAD >"$tmp/first" 2>&1 &
wait_for grep -q 'commit 5' "$tmp/first" || :
kill $!
wait $! || :
nothing_left 'ended by a signal'
rm "$HOLD"
expect 'the first bad commit is found' 0 '^    commit 6 is bad' \
	bisect HEAD~8 HEAD
cp "$tmp/out" "$tmp/said"
expect 'by going on where it was interrupted' 0 'going on where' \
	cat "$tmp/said"
expect 'GOOD is not tried again' 1 '' grep -q 'bisect: GOOD' "$tmp/said"
nothing_left 'found'
expect 'nobody reads what it prints' 0 '' \
	sh -c "'$tmp/copy/scripts/chargeback' bisect HEAD~8 HEAD~1 '$repo' \
		O='$tmp/build' RESULTS='$tmp/runs' 2>&1 | head -n 1"
nothing_left 'nobody reads'
expect 'a GOOD that is bad' 2 "GOOD='.*': it is bad" bisect HEAD~3 HEAD
expect 'a BAD that is good' 2 "BAD='.*': it is good" bisect HEAD~8 HEAD~7
expect 'a GOOD that cannot be told' 2 'it could not be told' \
	bisect HEAD~6 HEAD
git -C "$repo" checkout -q HEAD~7
commits skip bad
expect 'only skipped commits are left' 2 'only skipped commits are left' \
	bisect HEAD~2 HEAD
nothing_left 'all that ended with an error'
expect_one_line 'a commit that does not exist' "BAD='nothing': no commit of" \
	bisect HEAD nothing
tests_end
