# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2034
# The commands metal and kexec: a run on a real machine, which is watched over
# its serial line.  Uses the functions and variables of scripts/chargeback.

# A hang resets the machine even where nobody can switch it off.
RIG_WORDS='cb.watchdog=120'

cmd_metal()
{
	[ -n "$CONSOLE" ] || die "CONSOLE='': name the machine's serial line:" \
		"/dev/ttyUSB0, HOST:PORT or 'ipmitool ... sol activate'"
	if [ "$WALL" = 1 ]; then ready --bench; else ready; fi
	build build-init build-attend
	new_run_folder
	make_plan "$run/plan.jsonl"
	words="$RIG_WORDS $(plan_words)${APPEND:+ $APPEND}"
	set --
	[ -z "$POWER" ] || set -- --off "$POWER off" --on "$POWER on"
	again=switch_again
	attend_all "$@"
	[ -z "$POWER" ] || [ "$ended" = poweroff ] ||
		sh -c "$POWER off" >/dev/null ||
		say "POWER: '$POWER off' failed: the machine is still on"
	finish_metal
}

# attend OPTION...: one more boot of the real machine.  Sets ended.
attend()
{
	boots=$((boots + 1))
	run_child "$O/host/attend" --console "$CONSOLE" \
		--out "$run/boot-$boots" --deadline "$left" \
		--silence "$(patience 30)" --eta "$@" || exit $?
	ended=$("$O/host/boot" "$run/boot-$boots" end)
}

# attend_all OPTION...: boots until each entry has an end, no boot brings
# progress, the time is up, or the command in again fails: it gets the machine
# ready for another boot, with the words that it is given.
attend_all()
{
	boots=0 left=$TIMEOUT
	until=$(($(date +%s) + TIMEOUT))
	say "watching $CONSOLE: $(wc -l <"$run/plan.jsonl") entries"
	attend --words "$words" "$@"
	take_its_plan
	while with_boots --boot "$O/host/next" --plan "$run/plan.jsonl" \
		--times results/durations >"$run/next" || exit $?
	      [ -s "$run/next" ] && left=$((until - $(date +%s))) &&
	      [ "$left" -gt 0 ]; do
		rest="$words cb.entries=$(cat "$run/next")"
		$again "$rest" || break
		attend --words "$rest" "$@"
	done
	rm "$run/next"
	join_consoles
}

switch_again()
{
	if [ -z "$POWER" ]; then
		say "entries are left; with POWER=COMMAND they would have run" \
			"in another boot"
		return 1
	fi
	say "switching the machine off and on for the entries that are left"
}

# The machine may have been booted with other words: those of its medium's menu.
# Then its own plan counts.
take_its_plan()
{
	KRELEASE=unknown
	mkdir "$run/home"
	if "$O/host/import" --out "$run/home" "$run/boot-1/console.log" \
		>"$run/said" 2>/dev/null; then
		words=$(sed -n 2p "$run/said")
		words=${words% }
		KRELEASE=$(sed -n 3p "$run/said")
		# shellcheck disable=SC2086 # words
		"$O/rootfs/init" --plan $words >"$run/plan.jsonl" || exit 2
	fi
	rm -r "${run:?}/home" "$run/said"
}

finish_metal()
{
	image=
	finish_run --boot --expectations results/expectations
}

cmd_kexec()
{
	[ -n "$HOST" ] || [ "$PRINT" = 1 ] || die "HOST='': name a machine that" \
		"runs Linux, such as root@rig; or print the commands: kexec --print"
	prepare_rig
	rig=scripts/boot/kexec/rig
	consoles='console=tty0 console=ttyS0,115200'
	if [ "$PRINT" = 0 ]; then
		consoles=$("$rig" check "$HOST") || exit $?
		: "${consoles:=console=tty0 console=ttyS0,115200}"
	fi
	words="${consoles% } $RIG_WORDS cb.reboot $words"
	export CB_WORDS="$words"
	if [ "$PRINT" = 1 ]; then
		"$rig" print - "$image" "$drivers"
		return
	fi
	say "loading $(basename "$image") on $HOST"
	run_child "$rig" load "$HOST" "$image" "$drivers" || exit $?
	say "$HOST leaves its system for chargeback; it boots again by itself"
	watch_kexec
}

watch_kexec()
{
	if [ -z "$CONSOLE" ]; then
		run_child "$rig" go "$HOST" || exit $?
		say "no CONSOLE: the results are on its serial line${MEDIUM:+ and" \
			"on the medium $MEDIUM}; bring them home by import"
		return
	fi
	again=kexec_again
	attend_all --on "scripts/boot/kexec/rig go $HOST"
	finish_metal
}

# A hang or panic ends by the watchdog; then the machine boots its own system.
kexec_again()
{
	say "entries are left: waiting for $HOST to boot its own system"
	if ! run_child timeout "$left" "$rig" wait "$HOST"; then
		say "$HOST has not come back; what it printed is judged"
		return 1
	fi
	CB_WORDS=$1
	say "loading $(basename "$image") on $HOST for the entries that are left"
	run_child "$rig" load "$HOST" "$image" "$drivers"
}

# The image, and the drivers of real hardware beside it.
prepare_rig()
{
	prepare
	build build-init
	new_run_folder
	make_plan "$run/plan.jsonl"
	build_image build-metal build-attend
	drivers=${image%/*}/metal.cpio
	words="${KWORDS:+$KWORDS }$(plan_words)${APPEND:+ $APPEND}"
}
