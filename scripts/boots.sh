# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2153,SC2034
# The machines of a run: how many, one after another or side by side.  Needs
# what scripts/chargeback sets: O, image, accel, run, words and the knobs.

# start_boot OPTION...: one machine more, in a folder of its own.  A debug
# kernel on a busy host is silent for longer before it is given up.
start_boot()
{
	boots=$((boots + 1))
	silence=30
	[ "$DEBUG" = 0 ] || silence=180
	start_child "$O/host/supervise" --image "$image" --accel "$accel" \
		--smp "$SMP" --mem "$MEM" --out "$run/boot-$boots" \
		--silence "$(patience $silence)" "$@"
}

# with_boots OPTION COMMAND...: with the folders of all boots so far, each
# behind OPTION but the first one, which is behind --boot in any case.
with_boots()
{
	option=$1
	shift
	for number in $(seq "$boots"); do
		[ "$number" -gt 1 ] || set -- "$@" --boot "$run/boot-1"
		[ "$number" -eq 1 ] || set -- "$@" "$option" "$run/boot-$number"
	done
	run_child "$@"
}

# boot_shards ARG...: a machine for each line of $run/next, until all have
# ended, one way or another.
boot_shards()
{
	[ "$(wc -l <"$run/next")" -eq 1 ] || set -- "$@" --shared
	while read -r entries; do
		start_boot --append "$words cb.entries=$entries" "$@"
	done <"$run/next"
	wait_children || exit $?
}

# Boots for all of the plan, and again for what a machine that broke down has
# left over, until nothing more comes of it or the time is up.
boot_all()
{
	boots=0
	until=$(($(date +%s) + TIMEOUT))
	side_by_side=$(boots_at_once)
	while left=$((until - $(date +%s))) && [ $left -gt 0 ]; do
		with_boots --boot "$O/host/next" --plan "$run/plan.jsonl" \
			--times results/durations --jobs "$side_by_side" \
			>"$run/next" || exit $?
		[ -s "$run/next" ] || break
		[ $boots -eq 0 ] || say "booting again, for what is left"
		boot_shards --deadline $left
	done
	rm "$run/next"
	join_consoles
}

# boot_repeats N OPTION...: the same boot N times, side by side as far as the
# host has room.  One of them tells how it gets on.
boot_repeats()
{
	repeats=$1 boots=0
	shift
	side_by_side=$(boots_at_once)
	while [ "$boots" -lt "$repeats" ]; do
		start_boot "$@"
		while [ "$boots" -lt "$repeats" ] &&
		      [ $((boots % side_by_side)) -ne 0 ]; do
			start_boot "$@" --quiet
		done
		wait_children || exit $?
	done
	join_consoles
}

join_consoles()
{
	for number in $(seq "$boots"); do
		[ "$boots" -eq 1 ] || printf '=== boot %s\n' "$number"
		cat "$run/boot-$number/console.log"
	done >"$run/console.log"
}
