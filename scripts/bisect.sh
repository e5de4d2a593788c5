# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The first commit that makes a run bad, of a kernel tree or of cgloop itself.
# Git does the bisecting, in a worktree of its own beside the cache; the user's
# work tree, branch and index are not touched.

# take_bisect [GOOD BAD [TREE]] [KNOB=value...]: the first three are knobs, too.
take_bisect()
{
	number=0
	for word; do
		shift
		case $number$word in
		?*=* | ?-*) ;;
		0*) word=GOOD=$word number=1 ;;
		1*) word=BAD=$word number=2 ;;
		*) word=LINUX=$word ;;
		esac
		set -- "$@" "$word"
	done
	take_knobs "$@"
}

# Sets repo, the history, and state, what is kept of this bisection.
find_history()
{
	[ -n "$LINUX" ] || [ -e .git ] || die "bisect: needs a git checkout of" \
		"chargeback to search module/, or TREE"
	repo=${LINUX:-$PWD}
	git -C "$repo" rev-parse --git-dir >/dev/null 2>&1 ||
		die "LINUX='$LINUX': no git repository, so it has no history"
	good=$(commit_of GOOD "$GOOD") || exit
	bad=$(commit_of BAD "$BAD") || exit
	state=$(cb_cache)/bisect/$(printf '%s\n' "$repo" "$good" "$bad" \
		"$SCENARIOS" "$DRIVERS" "$PACKAGE" "$SUITE" | sha256 |
		cut -c1-12)
	tree=$state/tree
	mkdir -p "$state/runs"
	exec 8>"$state/lock"
	flock -n 8 || die "the same bisection is running already"
}

commit_of()
{
	git -C "$repo" rev-parse -q --verify "$2^{commit}" ||
		die "$1='$2': no commit of $repo"
}

# The worktree goes whatever happens; what git knows so far stays for the next
# time.
open_tree()
{
	close_tree
	git -C "$repo" worktree add -q --detach "$tree" "$bad" ||
		die "$repo: git cannot make a worktree of it"
	trap 'close_tree' EXIT
	set_traps
}

set_traps()
{
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 141' PIPE
	trap 'exit 143' TERM
}

close_tree()
{
	[ ! -e "$tree" ] || git -C "$repo" worktree remove --force "$tree" ||
		rm -rf "$tree"
	git -C "$repo" worktree prune
}

# Runs the worktree's kernel; or, without LINUX, cgloop from the worktree with
# the newest of all the rest.  Sets outcome.
step()
{
	outcome=0
	if [ -n "$LINUX" ]; then
		set -- LINUX="$tree" "$@"
	else
		set -- LINUX= CB_MODULE="$tree/module" "$@"
	fi
	run_child env -u GIT_DIR -u GIT_WORK_TREE -u GIT_INDEX_FILE \
		O="$state/build" CB_RUNS="$state/runs" "$@" \
		scripts/chargeback bisect-run || outcome=$?
	set_traps
}

# try COMMIT WANTED NAME: does it come out as it must?
try()
{
	say "bisect: $3, $(git -C "$repo" log -1 --format='%h %s' "$1")"
	git -C "$tree" checkout -q --detach "$1"
	step
	[ "$outcome" -ne "$2" ] || return 0
	case $outcome in
	0) die "$3='$1': it is good, and has to be bad" ;;
	1) die "$3='$1': it is bad, and has to be good" ;;
	*) die "$3='$1': it could not be told whether it is good" ;;
	esac
}

# An earlier bisection that was interrupted goes on.
start_bisect()
{
	if [ -s "$state/log" ]; then
		say "bisect: going on where it was interrupted"
		git -C "$tree" bisect replay "$state/log" >/dev/null
		return
	fi
	try "$good" 0 GOOD
	try "$bad" 1 BAD
	set -- "$bad" "$good"
	[ -n "$LINUX" ] || set -- "$@" -- module
	git -C "$tree" bisect start "$@" >/dev/null ||
		die "GOOD='$GOOD' BAD='$BAD': git cannot bisect between them"
}

# run_bisect: until git has found the commit.  Each step is kept.
run_bisect()
{
	while ! git -C "$tree" bisect log | grep -q '^# first bad commit'; do
		[ "$(git -C "$tree" rev-parse HEAD)" != "${last:-}" ] ||
			die "only skipped commits are left between" \
				"$GOOD and $BAD"
		last=$(git -C "$tree" rev-parse HEAD)
		say "bisect: $(git -C "$tree" log -1 --format='%h %s')"
		step
		case $outcome in
		0) answer=good ;;
		1) answer=bad ;;
		125) answer=skip ;;
		*) die "$last: its run ended with status $outcome" ;;
		esac
		# Ends with 2 where only skipped commits are left.
		git -C "$tree" bisect "$answer" >"$state/said" ||
			die "only skipped commits are left: $(sed -n '2,$p' \
				"$state/said" | tr '\n' ' ')"
		git -C "$tree" bisect log >"$state/log"
	done
}

# The commit, and what differs between the newest good run and its own.
show_bisect()
{
	first=$(sed -n 's/^# first bad commit: \[\([0-9a-f]*\)\].*/\1/p' \
		"$state/log")
	before=$(git -C "$repo" rev-list "$first^" | while read -r commit; do
		[ -e "$state/runs/$commit" ] || continue
		echo "$commit"
		break
	done)
	printf '\nfirst bad commit:\n'
	git -C "$repo" --no-pager log -1 --stat "$first"
	[ -z "$before" ] || "$state/build/host/compare" \
		--baselines results/baselines "$(cat "$state/runs/$before")" \
		"$(cat "$state/runs/$first")" || :
	rm -f "$state/log"
}

cmd_bisect()
{
	if [ -z "$GOOD" ] || [ -z "$BAD" ]; then
		die "GOOD='$GOOD' BAD='$BAD': two commits are needed:" \
			"scripts/chargeback bisect GOOD BAD [TREE]"
	fi
	check_knobs
	use_reaper
	find_history
	open_tree
	start_bisect
	git -C "$tree" bisect log >"$state/log"
	run_bisect
	show_bisect
	time_taken
}

# The entry for git bisect run: 0 good, 1 bad, 125 not to be told, 128 to stop.
cmd_bisect_run()
{
	(check_knobs && scripts/deps) || exit 128
	check_knobs
	"${MAKE:-make}" -s -j"${JOBS:-$(nproc)}" build-init build-host ||
		exit 128
	image=build-image
	[ "$SUITE" != smoke ] || image=build-smoke
	"${MAKE:-make}" -s -j"${JOBS:-$(nproc)}" $image || exit 125
	kept=$(mktemp)
	outcome=0
	run_child env CB_KEPT="$kept" CB_NO_EXPECTATIONS=1 \
		scripts/chargeback run || outcome=$?
	if [ ! -s "$kept" ] || has_not_booted "$(cat "$kept")"; then
		[ $outcome -eq 2 ] || outcome=4
	elif [ -n "${CB_RUNS:-}" ] && [ $outcome -ne 4 ]; then
		cp "$kept" "$CB_RUNS/$(git -C "${CB_MODULE:-$LINUX}" \
			rev-parse HEAD)"
	fi
	rm -f "$kept"
	case $outcome in
	0) exit 0 ;;
	1 | 3) exit 1 ;;
	4) exit 125 ;;
	*) exit 128 ;;
	esac
}

# has_not_booted RUN: a machine of the run broke down before init's first record.
# That is another defect than the one that is sought.
has_not_booted()
{
	grep -q '"no-hello"' "$1/result.json"
}
