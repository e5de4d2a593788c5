# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2153,SC2034
# The commands bench and profile: what an I/O costs, and where that goes.  A
# part of scripts/chargeback.

# Does the QEMU of this host take the plugin?  It may have been built without
# any, or with another interface to them.
takes_plugin()
{
	echo quit | qemu-system-x86_64 -M none -nodefaults -display none \
		-monitor stdio -plugin "$1" >/dev/null 2>&1
}

# boot_counting N OPTION...: as boot_repeats, by a clock of instructions.
boot_counting()
{
	accel=tcg
	build build-plugins
	if takes_plugin "$O/host/halt.so"; then
		set -- "$@" --plugin "$O/host/halt.so"
	else
		say "QEMU does not take our plugin: now and then a boot will" \
			"count a little more or less than the others"
	fi
	# A busy host takes long for what the guest does in no time.
	boot_repeats "$@" --virtual --silence "$(patience 300)"
}

cmd_bench()
{
	prepare_run
	set -- --append "$words" --deadline "$TIMEOUT" --eta
	if [ "$WALL" = 1 ]; then
		accel=$("$CB_REAPER" scripts/accel "$ACCEL" "$image")
		say "booting $KRELEASE with $accel: $entries entries"
		boot_repeats 1 "$@"
	else
		say "booting $KRELEASE $REPEATS times, counting instructions:" \
			"$entries entries each"
		boot_counting "$REPEATS" "$@"
	fi
	finish_run --repeat
}

# CELL must name one cell, for which init --cells prints one line.
one_cell()
{
	# shellcheck disable=SC2046 # words, each without a space
	"$O/rootfs/init" --cells $(plan_words) >"$run/cells" || exit 2
	cells=$(wc -l <"$run/cells")
	[ "$cells" -eq 1 ] || die "CELL='$CELL': matches $cells cells; name" \
		"more axes, as in $(head -n 1 "$run/cells")"
	rm "$run/cells"
}

# What moved since the profile in the folder $BASE.
compare_profiles()
{
	for now in "$run"/profile-*.json; do
		before=$base/${now##*/}
		[ -e "$before" ] || continue
		printf '\n%s: moved since %s\n' "$(basename "$now" .json)" "$BASE"
		"$O/host/profile" --compare "$before" "$now" || exit 2
	done
}

# The plugin follows one boot; what it wrote is read with the symbols of the
# kernel as it was linked for this image.
cmd_profile()
{
	[ -n "$CELL" ] || die "CELL='': a cell, as MATRIX/NAME=VALUE,...;" \
		"scripts/chargeback list tells the axes of each matrix"
	[ "$WALL" = 0 ] || die "WALL='$WALL': a profile counts instructions;" \
		"allowed is 0"
	base=$(result_named "$BASE")
	[ -z "$BASE" ] || have "$base"/profile-*.json ||
		die "BASE='$BASE': no folder with a profile"
	prepare_run
	say "booting $KRELEASE under the profiler: $entries entries"
	boot_counting 1 --append "$words" --deadline "$TIMEOUT" --eta \
		--plugin "$O/host/profile.so,out=$run/profile.raw"
	status=0
	judge_run --boot || status=$?
	[ $status -ne 2 ] || exit 2
	run_child "$O/host/view" "$run" >"$run/table" || exit 2
	if [ $status -eq 0 ]; then
		"$O/host/profile" --raw "$run/profile.raw" \
			--symbols "$KBUILD/System.map" \
			--boot "$run/boot-1" "$run" || exit 2
		[ -z "$BASE" ] || compare_profiles
	else
		cat "$run/table"
	fi
	rm -f "$run"/profile.raw.* "$run/table"
	keep_run_folder
	if [ $status -ne 0 ]; then
		verdict verdict $status
		exit $status
	fi
	printf 'graphs:  %s\n' "$run"/profile-*.svg
}
