#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A defect planted in cgloop's history is found, by a bisection that leaves
# nothing behind; and what cannot be bisected ends with one line.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX
clone=$tmp/clone
git clone -q . "$clone"

# commit SUBJECT: of all that has changed in the clone.
commit()
{
	git -C "$clone" -c user.name=test -c user.email=test@localhost \
		commit -qam "$1"
}

echo >>"$clone/module/README.md"
commit 'a change before'
sed -i 's/set_active_memcg(charge->memcg)/set_active_memcg(NULL)/' \
	"$clone/module/charge.c"
commit 'a planted defect'
echo >>"$clone/module/trace.c"
commit 'a change after'
echo >>"$clone/module/README.md"
commit 'the last change'

# bisect GOOD BAD: by what cgloop does about a writer that outgrows its limit.
# With how=exec a shell in the background becomes the command, and can be ended.
how=
bisect()
{
	$how "$clone/scripts/chargeback" bisect "$@" PACKAGE=bookworm:6.12 \
		SCENARIOS=oom-bypass DRIVERS=cgloop RESULTS="$tmp/runs"
}

no_worktree()
{
	expect "$1" 0 '^1$' sh -c "git -C '$clone' worktree list | wc -l"
}

# Ended in its first step after GOOD and BAD, which are not tried again.
how='exec' bisect HEAD~4 HEAD >"$tmp/first" 2>&1 &
if wait_for grep -q 'bisect: [0-9a-f]' "$tmp/first"; then
	kill $!
	wait $! || :
	no_worktree 'an interrupted bisection leaves no worktree behind'
else
	kill $!
	not_ok 'a bisection that is interrupted' 'no step' "$tmp/first"
fi
expect 'the planted defect is found' 0 '^    a planted defect' \
	bisect HEAD~4 HEAD
cp "$tmp/out" "$tmp/said"
expect 'with the evidence that changed' 0 'oom_kill_device 2 -> 1' \
	cat "$tmp/said"
expect 'by going on where it was interrupted' 0 'going on where' \
	cat "$tmp/said"
expect 'GOOD was not tried again' 1 '' grep -q 'bisect: GOOD' "$tmp/said"
no_worktree 'no worktree is left behind'
expect 'a GOOD that is bad' 2 "GOOD='.*': it is bad" bisect HEAD~1 HEAD
expect 'a BAD that is good' 2 "BAD='.*': it is good" bisect HEAD~4 HEAD~3
expect_one_line 'a commit that does not exist' "BAD='nothing': no commit of" \
	bisect HEAD nothing
tests_end
