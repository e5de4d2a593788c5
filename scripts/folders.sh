# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Checks the folders that the user names, and cleans them.  Removes nothing that
# chargeback did not create.

# plain_path NAME PATH [REFUSED]: ends the command if make, kbuild or a shell
# would not take PATH literally, or if it has one of the characters REFUSED.
plain_path()
{
	bad=$(printf %s "$2" | tr -d '\200-\377A-Za-z0-9/._+@^~,=!-')$(
		printf %s "$2" | tr -cd "${3:-}")
	case $bad in
	'') return ;;
	[[:space:]]*) what='blanks' ;;
	*) what="'${bad%"${bad#?}"}'" ;;
	esac
	die "$1='$2': kbuild takes no $what in a path; name another folder"
}

# built_path NAME PATH: as plain_path; options of the compiler split at , and =.
built_path()
{
	plain_path "$1" "$2" ,=
}

# Checks the folder of these sources, and the cache.
check_places()
{
	built_path 'the folder of chargeback' "$PWD"
	cache=$(cb_cache) || exit
	built_path XDG_CACHE_HOME "${cache%/chargeback}"
	case $command in
	clean | distclean) ;;
	*) writable XDG_CACHE_HOME "$cache" >/dev/null ;;
	esac
}

# Names that chargeback creates in O, besides one folder per kernel.
OURS='host host-san rootfs packages packages.new packages-smoke
packages-smoke.new headers headers.new repro manual dist deb pull shell shell.initrd
shell.initrd.list menuconfig.config passed beside trend.html
mutants host-fuzz fuzz failed'

# If O holds files of others, changes O to a folder of its own within.  The file
# .chargeback in it lists the names that clean removes.  Locks O and RESULTS
# against clean, until this command and its children have ended.
claim_folders()
{
	if [ ! -e "$O/.chargeback" ] && [ "$O" != "$PWD/build" ] &&
	   [ -n "$(ls -A "$O")" ]; then
		O=$(writable O "$O/chargeback") || exit
	fi
	exec 5<"$RESULTS" 6<"$O"
	flock -sn 5 || die "RESULTS='$RESULTS': is being cleaned; wait for it"
	flock -sn 6 || die "O='$O': is being cleaned; wait for it"
	if [ ! -e "$O/.chargeback" ]; then
		{ echo "$OURS" | tr ' ' '\n'; kernels_in_O; } \
			>"$O/.chargeback.$$"
		mv "$O/.chargeback.$$" "$O/.chargeback"
	fi
}

# Adds the folder of this kernel to the list.
claim_kernel()
{
	kernel_tag=$(scripts/kernel tag) || exit
	grep -qsxF -e "$kernel_tag" "$O/.chargeback" ||
		printf '%s\n' "$kernel_tag" >>"$O/.chargeback"
	# Were it still to be made, make would begin with other things.
	mkdir -p "$O/$kernel_tag"
}

# not_in_use NAME FOLDER: ends the command if another one has locked FOLDER.
not_in_use()
{
	exec 4<"$2"
	flock -xn 4 || die "$1='$2': a command of chargeback is at work there;" \
		"wait for its end, or end it"
}

# remove FOLDER NAME...: removes these names in FOLDER, then FOLDER if it is
# empty.
remove()
{
	folder=$1
	shift
	for entry; do
		case $entry in
		'' | . | .. | */*) ;;
		*) rm -rf -- "${folder:?}/$entry" ;;
		esac
	done
	rmdir -- "$folder" 2>/dev/null ||
		say "$folder: what chargeback did not make is left there"
}

cmd_clean()
{
	check_knobs
	[ -d "$O" ] || return 0
	[ -e "$O/.chargeback" ] || [ ! -e "$O/chargeback/.chargeback" ] ||
		O=$O/chargeback
	[ -e "$O/.chargeback" ] || [ "$O" = "$PWD/build" ] ||
		die "O='$O': nothing was built there (no file" \
			".chargeback); clean removes only what it lists"
	not_in_use O "$O"
	set -f
	# shellcheck disable=SC2046,SC2086 # names without blanks
	remove "$O" $OURS $(kernels_in_O) .chargeback
	set +f
}

# Prints what the list has.  A build of before it was kept has none.
kernels_in_O()
{
	if [ -e "$O/.chargeback" ]; then
		cat "$O/.chargeback"
	else
		find "$O" -mindepth 2 -maxdepth 2 -name kernel.env |
			sed 's,/kernel.env$,,; s,.*/,,'
	fi
}

# Removes the results that RESULTS names; their names begin with a time.
cmd_distclean()
{
	check_knobs
	for word in $BASE $HEAD; do
		case $(realpath -m "$(result_named "$word")")/ in
		"$RESULTS"/*) die "'$word': is named by BASE or HEAD; empty" \
			"them to have it removed, too" ;;
		esac
	done
	[ ! -d "$RESULTS" ] || not_in_use RESULTS "$RESULTS"
	cmd_clean
	[ ! -d "$RESULTS" ] || clean_results
	[ ! -d "$cache" ] || clean_cache
}

clean_results()
{
	set --
	for entry in "$RESULTS"/[0-9]*[0-9]T[0-9]*[0-9]Z-* "$RESULTS"/.run.* \
		"$RESULTS"/.latest.* "$RESULTS/latest"; do
		if [ -d "$entry" ] || [ -h "$entry" ]; then
			set -- "$@" "${entry##*/}"
		fi
	done
	remove "$RESULTS" "$@"
}

clean_cache()
{
	remove "$cache" apt build ccache dl host kernel npm pkg src
}
