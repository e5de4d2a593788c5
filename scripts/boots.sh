# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2153,SC2034
# Boots the machines of a run, one after another or side by side.  Uses these
# variables of scripts/chargeback: O, image, accel, run, words and the knobs.

# start_boot OPTION...: boots one more machine, with a folder of its own.  A
# debug kernel on a busy host may be silent for minutes.  A kernel that others
# built says nothing before init, which was seen to take 29 s on a busy host.
start_boot()
{
	boots=$((boots + 1))
	silence=30
	[ -z "$initrd" ] || silence=90
	[ "$DEBUG" = 0 ] || silence=180
	[ "$side_by_side" -le "$(processors)" ] || silence=$((silence * 2))
	[ -z "$initrd" ] || set -- --initrd "$initrd" "$@"
	start_child "$O/host/supervise" --image "$image" --accel "$accel" \
		--smp "$SMP" --mem "$MEM" --out "$run/boot-$boots" \
		--silence "$(patience $silence)" "$@"
}

# with_boots OPTION COMMAND...: appends the folders of all boots to COMMAND, the
# first one behind --boot, the others behind OPTION.
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

# boot_shards ARG...: boots one machine per line of $run/next; waits for the end
# of all.
boot_shards()
{
	[ "$(wc -l <"$run/next")" -eq 1 ] || set -- "$@" --shared
	while read -r entries; do
		start_boot --append "$words cb.entries=$entries" "$@"
	done <"$run/next"
	wait_children || exit $?
}

# Boots until each entry of the plan has an end, a boot brings no progress, or
# the time is up.  A machine that broke down leaves entries to the next boot.
boot_all()
{
	boots=0
	until=$(($(date +%s) + TIMEOUT))
	# Scenarios wait for half of their time: for limits, timers, writeback.
	side_by_side=$(boots_at_once 2)
	while left=$((until - $(date +%s))) && [ $left -gt 0 ]; do
		with_boots --boot "$O/host/next" --plan "$run/plan.jsonl" \
			--times results/durations --jobs "$side_by_side" \
			>"$run/next" || exit $?
		[ -s "$run/next" ] || break
		[ $boots -eq 0 ] || say "booting again for the entries that are left"
		boot_shards --deadline $left
	done
	rm "$run/next"
	join_consoles
}

# boot_repeats N OPTION...: boots the same N times, as many side by side as fit.
# Only the first of these shows its progress.
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
