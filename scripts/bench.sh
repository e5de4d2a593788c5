# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2153,SC2034
# The commands bench, which counts instructions per I/O, and profile, which
# counts them per function.  Sourced by scripts/chargeback.

# takes_plugin FILE: QEMU can load it.  Some are built without plugins, or with
# another version of the interface.
takes_plugin()
{
	echo quit | qemu-system-x86_64 -M none -nodefaults -display none \
		-monitor stdio -plugin "$1" >/dev/null 2>&1
}

# boot_counting N OPTION...: like boot_repeats; the guest's clock counts its
# instructions.
boot_counting()
{
	accel=tcg
	build build-plugins
	if takes_plugin "$O/host/halt.so"; then
		set -- "$@" --plugin "$O/host/halt.so"
	else
		say "QEMU cannot load the plugin halt.so: a boot may count" \
			"slightly more or less than another one"
	fi
	# The guest's clock stands still while a busy host runs something else.
	boot_repeats "$@" --virtual --silence "$(patience 300)"
}

cmd_bench()
{
	prepare_run
	set -- --append "$words" --deadline "$TIMEOUT" --eta
	if [ "$WALL" = 1 ]; then
		accel=$("$CB_REAPER" scripts/accel "$ACCEL" "$image" \
			"$KWORDS" "$initrd")
		say "booting $KRELEASE with $accel: $entries entries"
		boot_repeats 1 "$@"
	else
		say "booting $KRELEASE $REPEATS times, counting instructions:" \
			"$entries entries each"
		boot_counting "$REPEATS" "$@"
	fi
	finish_run --repeat
}

# init --cells prints one line per cell that CELL matches; exactly one is
# allowed.
one_cell()
{
	# shellcheck disable=SC2046 # words, each without a space
	"$O/rootfs/init" --cells $(plan_words) >"$run/cells" || exit 2
	cells=$(wc -l <"$run/cells")
	[ "$cells" -eq 1 ] || die "CELL='$CELL': matches $cells cells; name" \
		"more axes, as in $(head -n 1 "$run/cells")"
	rm "$run/cells"
}

# Prints the functions whose counts changed since the profile in the folder
# $BASE.
compare_profiles()
{
	for now in "$run"/profile-*.json; do
		before=$base/${now##*/}
		[ -e "$before" ] || continue
		printf '\n%s: moved since %s\n' "$(basename "$now" .json)" "$BASE"
		"$O/host/profile" --compare "$before" "$now" || exit 2
	done
}

# The plugin records one boot.  Its addresses are looked up in the System.map of
# the kernel that was linked for this image.
cmd_profile()
{
	[ -n "$CELL" ] || die "CELL='': name a cell, MATRIX/NAME=VALUE,...; the" \
		"command list shows the axes"
	[ "$WALL" = 0 ] || die "WALL='$WALL': a profile counts instructions;" \
		"allowed is 0"
	base=$(result_named "$BASE")
	[ -z "$BASE" ] || have "$base"/profile-*.json ||
		die "BASE='$BASE': no folder with a profile-*.json"
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
