# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The folders of the user's that this writes to, and how they are cleaned.  A
# folder that holds files of others keeps them.

# plain_path NAME PATH [REFUSED]: make, kbuild and shells take PATH as it is.
# REFUSED are characters that are not taken here, besides those never taken.
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

# Of what is built, the compiler's own options take neither of these.
built_path()
{
	plain_path "$1" "$2" ,=
}

# check_places: where this stands, and the cache.
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

# The names in O that are ours beside those of the kernels.
OURS='host host-san rootfs packages headers repro shell shell.initrd
shell.initrd.list menuconfig.config passed'

# claim_folders: O becomes a folder that holds nothing of others, if need be one
# within O.  Its file .chargeback lists the names that clean removes.  As long
# as this command and its children run, neither O nor RESULTS is cleaned.
claim_folders()
{
	if [ ! -e "$O/.chargeback" ] && [ "$O" != "$PWD/build" ] &&
	   [ -n "$(ls -A "$O")" ]; then
		O=$(writable O "$O/chargeback") || exit
	fi
	exec 5<"$RESULTS" 6<"$O"
	flock -sn 5 || die "RESULTS='$RESULTS': is being cleaned; wait for it"
	flock -sn 6 || die "O='$O': is being cleaned; wait for it"
	[ -e "$O/.chargeback" ] || {
		echo "$OURS" | tr " " "\n"
		ls -A "$O"
	} >"$O/.chargeback"
}

# claim_kernel: the folder of this kernel is one of ours, too.
claim_kernel()
{
	kernel_tag=$(scripts/kernel tag) || exit
	grep -qsxF -e "$kernel_tag" "$O/.chargeback" ||
		printf '%s\n' "$kernel_tag" >>"$O/.chargeback"
}

# not_in_use NAME FOLDER: waits for nobody.
not_in_use()
{
	exec 4<"$2"
	flock -xn 4 || die "$1='$2': a command of chargeback is at work there;" \
		"wait for its end, or end it"
}

# remove FOLDER NAME...: these files and folders in it, then it if it is empty.
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
	if [ ! -e "$O/.chargeback" ]; then
		[ "$O" = "$PWD/build" ] ||
			die "O='$O': nothing was built there, as it has no" \
				"file .chargeback"
		rm -rf -- "${PWD:?}/build"
		return
	fi
	not_in_use O "$O"
	set -f
	# shellcheck disable=SC2046 # names without blanks
	remove "$O" $(cat "$O/.chargeback") .chargeback
	set +f
}

# Results have a name of date, kernel and commit, and a file result.json.
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
	remove "$cache" apt ccache dl host kernel pkg src
}
