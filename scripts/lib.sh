# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Shared by all host scripts: messages, elapsed time, the cache, the
# environment, child processes.

# CB_START, in seconds since the epoch, is inherited, so that all scripts of one
# command show the time since its start.
: "${CB_START:=$(date +%s)}"
export CB_START

# json_text: prints each line of standard input as the inside of a JSON string.
json_text()
{
	iconv -c -f UTF-8 -t UTF-8 | LC_ALL=C tr '\001-\011\013-\037\177' '?' |
		LC_ALL=C sed 's/[\\"]/\\&/g'
}

# say_object TYPE TEXT [MEMBERS]: prints an object for programs; see Progress in
# results/record/FORMAT.md.  MEMBERS begins with a comma.
say_object()
{
	printf '{"t":"%s","s":%d%s,"text":"%s"}\n' "$1" \
		$(($(date +%s) - CB_START)) "${3:-}" \
		"$(printf '%s\n' "$2" | tr '\n' ' ' | json_text | sed 's/ $//')" >&2
}

# for_programs: progress goes to a program, not to people.
for_programs()
{
	[ "${PROGRESS:-}" = json ]
}

# say MSG...: prints a progress line that begins with the elapsed seconds.
say()
{
	if for_programs; then
		say_object step "$*"
	else
		printf '[%4ds] %s\n' $(($(date +%s) - CB_START)) "$*" >&2
	fi
}

# die MSG...: ends the script with status 2: wrong usage, or the host lacks
# something.  Also writes MSG to the file that CB_WHY names.
die()
{
	[ -z "${CB_WHY:-}" ] || printf '%s\n' "$*" >"$CB_WHY"
	if for_programs; then
		say_object error "$*"
	else
		printf 'chargeback: %s\n' "$*" >&2
	fi
	exit 2
}

# cb_cache: prints the folder for downloads and for what is built once per
# machine.  Does not create a home that does not exist: daemons have such homes.
cb_cache()
{
	case ${XDG_CACHE_HOME:-} in
	/*)
		printf '%s\n' "$XDG_CACHE_HOME/chargeback"
		return ;;
	?*) die "XDG_CACHE_HOME='$XDG_CACHE_HOME': only an absolute path is allowed" ;;
	esac
	[ -d "${HOME:-}" ] ||
		die "HOME='${HOME:-}': no such folder, so there is no place for" \
			"the cache; set XDG_CACHE_HOME or HOME to a folder"
	printf '%s\n' "${HOME%/}/.cache/chargeback"
}

# build_begins, build_ended: one command at a time builds in O, as the steps of a
# build write files that the next steps read.  What is started in between keeps
# the lock, too, until it ends.
build_begins()
{
	mkdir -p "$O/host"
	exec 3>"$O/host/lock"
	if ! flock -n 3; then
		say "waiting for another build in $O"
		flock 3
	fi
}

build_ended()
{
	exec 3>&-
}

# use_reaper: makes everything that run_child starts end when this script ends,
# even by SIGKILL, and, if make started the script, when make ends.
use_reaper()
{
	build_begins
	"${MAKE:-make}" -s -C scripts/reaper O="$O" ||
		die "$O/host/reaper: does not build"
	build_ended
	export CB_REAPER="$O/host/reaper"
}

# Variables that change what kbuild, make, compilers or archivers do, but are
# not part of the cache's keys.  With KBUILD_OUTPUT set, kbuild could even clean
# a folder of the user's.  Remove a name from this list when it becomes a knob.
FOREIGN='ARCH SUBARCH CROSS_COMPILE CROSS_COMPILE_COMPAT LLVM_IAS CXX CPP
LD AR AS NM STRIP OBJCOPY OBJDUMP READELF PAHOLE LEX YACC HOSTCC HOSTCXX HOSTLD
HOSTAR HOSTCFLAGS HOSTCXXFLAGS HOSTLDFLAGS HOSTLDLIBS HOSTPKG_CONFIG USERCFLAGS
USERLDFLAGS CFLAGS CXXFLAGS CPPFLAGS ASFLAGS LDFLAGS LDLIBS KCFLAGS KCPPFLAGS
KAFLAGS KRUSTFLAGS CFLAGS_KERNEL CFLAGS_MODULE AFLAGS_KERNEL AFLAGS_MODULE
LDFLAGS_MODULE LDFLAGS_vmlinux CPATH C_INCLUDE_PATH LIBRARY_PATH COMPILER_PATH
GCC_EXEC_PREFIX DEPENDENCIES_OUTPUT SUNPRO_DEPENDENCIES INSTALL_PATH
INSTALL_MOD_PATH INSTALL_MOD_DIR INSTALL_MOD_STRIP INSTALL_HDR_PATH DEPMOD
LOCALVERSION MAKEFILES GNUMAKEFLAGS VPATH M MO C CF W TAR_OPTIONS XZ_OPT
XZ_DEFAULTS GZIP BZIP2 GREP_OPTIONS POSIXLY_CORRECT'

# Unsets these variables and those that begin with KBUILD_ or KCONFIG_; lists in
# CB_DROPPED the ones that had a value.
drop_environment()
{
	for foreign in $FOREIGN $(env | sed -n \
		's/^\(KBUILD_[A-Za-z0-9_]*\)=.*/\1/p; s/^\(KCONFIG_[A-Za-z0-9_]*\)=.*/\1/p')
	do
		eval "[ -z \"\${$foreign:-}\" ]" || CB_DROPPED="$CB_DROPPED $foreign"
		unset "$foreign"
	done
}
CB_DROPPED=
drop_environment

# run_child COMMAND...: runs it and returns its status.  A signal that ends this
# script ends the command, too.
run_child()
{
	start_child "$@"
	wait_children
}

# start_child COMMAND...: starts one of several commands that run side by side;
# wait_children waits for all and returns the first status that is not 0.
children=
start_child()
{
	trap 'end_children; exit 129' HUP
	trap 'end_children; exit 130' INT
	trap 'end_children; exit 143' TERM
	if [ -x "${CB_REAPER:-}" ]; then
		if [ -n "${MAKELEVEL:-}" ]; then
			kill -0 "$PPID" 2>/dev/null || exit 143
			set -- --with "$PPID" "$@"
		fi
		set -- "$CB_REAPER" "$@"
	fi
	"$@" </dev/null &
	children="$children $!"
}

wait_children()
{
	child_status=0
	for child in $children; do
		one_status=0
		wait "$child" || one_status=$?
		[ $child_status -ne 0 ] || child_status=$one_status
	done
	children=
	trap - HUP INT TERM
	return $child_status
}

# A signal may come before start_child has added its child to the list: $! has
# it.
end_children()
{
	# shellcheck disable=SC2086 # a list; ticker may be none
	kill $children ${!:-} ${ticker:-} 2>/dev/null || :
	wait
}

# as_step LABEL LOG COMMAND...: runs COMMAND with its output in LOG, and prints
# every 10 seconds how many lines LOG has; with V=1 it prints LOG
# itself.  Returns the command's status.
as_step()
{
	step_label=$1 step_log=$2
	shift 2
	say "$step_label"
	: >"$step_log"
	step_ticker "$step_label" "$step_log" &
	ticker=$!
	step_status=0
	run_child "$@" >"$step_log" 2>&1 || step_status=$?
	kill "$ticker" 2>/dev/null || :
	wait "$ticker" 2>/dev/null || :
	ticker=
	return $step_status
}

# Ends by TERM, together with its sleep, and soon after the step's shell is
# gone.
step_ticker()
{
	tick_child=
	trap 'kill "$tick_child" 2>/dev/null; exit 0' TERM
	if [ "${V:-0}" = 1 ]; then
		tail -n +1 -f --pid=$$ "$2" >&2 &
		tick_child=$!
		wait "$tick_child"
		return
	fi
	while kill -0 $$ 2>/dev/null; do
		sleep 10 &
		tick_child=$!
		wait "$tick_child"
		say "$1: $(wc -l <"$2") lines of log"
	done
}

# log_tail LOG: prints the end of LOG after a failure.
log_tail()
{
	if for_programs; then
		tail -n 15 "$1" | json_text |
			sed 's/.*/{"t":"log","text":"&"}/' >&2
	else
		tail -n 15 "$1" >&2
	fi
}

# sha256: prints the hash of standard input in hex digits, without a name.
sha256()
{
	sha256sum | cut -d' ' -f1
}

# enough_room MIB: is there so much in the cache's file system?
enough_room()
{
	room=$(df -Pk "$(cb_cache)" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$room" -ge "$1" ] ||
		die "$(cb_cache): needs $1 MiB, only $room MiB are free;" \
			"make room, or name another folder (XDG_CACHE_HOME)"
}

# has_cgloop RELEASE: can there be a cgloop for a kernel of that release?
has_cgloop()
{
	printf '%s\n' "$1" | awk -F. '{ exit !($1 > 6 || $1 == 6 && $2 + 0 >= 1) }'
}
