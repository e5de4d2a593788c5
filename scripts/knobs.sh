# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# The knobs of scripts/chargeback: where they come from, what they may be, and
# what the host must have for them.  A value that makes no sense ends the
# command with one line that names what is allowed.

KNOBS='KERNEL KERNELS LINUX CONFIG DEBUG DRIVERS SCENARIOS SUITE PARAMS ACCEL'
KNOBS="$KNOBS SMP MEM TIMEOUT O RESULTS OFFLINE JOBS V GDB BASE HEAD MARKDOWN"
KNOBS="$KNOBS JUNIT FILES MATRICES CELL WALL REPEATS ROUNDS PAD REQUESTS SEED"
KNOBS="$KNOBS APPEND"

# take_knobs KNOB=value...: the command line wins over the environment, and
# an empty value means the default.  Folders are taken from $start, where the
# user stands.
take_knobs()
{
	for word; do
		name=${word%%=*}
		case $word in
		-h | --help) usage; exit 0 ;;
		*=*) ;;
		*) die "'$word' is no knob: say KNOB=value, see --help" ;;
		esac
		is_one_of "$name" "$KNOBS" ||
			die "'$name' is no knob; there are:" "$KNOBS"
		# shellcheck disable=SC2163 # NAME=value, the name checked
		export "$word"
	done
	for name in LINUX CONFIG O RESULTS MARKDOWN JUNIT; do
		eval "value=\${$name:-}"
		# shellcheck disable=SC2154 # set by eval
		case $value in
		'' | /*) ;;
		*) eval "$name=\$start/\$value" ;;
		esac
	done
	[ -n "${KERNEL:-}" ] || KERNEL=6.12
	[ -n "${KERNELS:-}" ] || KERNELS=$(kernels_named)
	[ -n "${DEBUG:-}" ] || DEBUG=0
	if [ -z "${SUITE:-}" ]; then
		SUITE=smoke
		# shellcheck disable=SC2154 # the caller's own word
		case $command in
		list | profile) SUITE=full ;;
		soak) SUITE=soak ;;
		esac
	fi
	[ -n "${ACCEL:-}" ] || ACCEL=auto
	[ -n "${WALL:-}" ] || WALL=0
	[ -n "${REPEATS:-}" ] || REPEATS=2
	[ -n "${ROUNDS:-}" ] || ROUNDS=7
	if [ -z "${SMP:-}" ]; then
		SMP=2
		# A clock that counts instructions takes one processor.
		! is_virtual || SMP=1
	fi
	[ -n "${MEM:-}" ] || MEM=1G
	if [ -z "${TIMEOUT:-}" ]; then
		TIMEOUT=300
		[ "$SUITE$DEBUG" = smoke0 ] || TIMEOUT=1800
		[ "$command" != bench ] || TIMEOUT=14400
		[ "$SUITE" != soak ] || TIMEOUT=86400
	fi
	[ -n "${O:-}" ] || O=$PWD/build
	[ -n "${RESULTS:-}" ] || RESULTS=$PWD/results/runs
	[ -n "${OFFLINE:-}" ] || OFFLINE=0
	[ -n "${V:-}" ] || V=0
	[ -n "${GDB:-}" ] || GDB=0
	: "${JOBS:=}" "${LINUX:=}" "${CONFIG:=}" "${DRIVERS:=}" "${SCENARIOS:=}"
	: "${PARAMS:=}" "${BASE:=}" "${HEAD:=}" "${MARKDOWN:=}" "${JUNIT:=}"
	: "${APPEND:=}" "${FILES:=}" "${MATRICES:=}" "${CELL:=}" "${REQUESTS:=}" "${SEED:=}"
	[ -n "${PAD:-}" ] || PAD=0
	# shellcheck disable=SC2163,SC2086 # the names in KNOBS
	export $KNOBS
}

is_one_of()
{
	for one in $2; do
		[ "$1" = "$one" ] && return 0
	done
	return 1
}

# one_of KNOB ALLOWED: its value must be one of the words.
one_of()
{
	eval "value=\$$1"
	# shellcheck disable=SC2154 # set by eval
	is_one_of "$value" "$2" || die "$1='$value': allowed are" "$2"
}

# number KNOB MIN MAX
number()
{
	eval "value=\$$1"
	case $value in
	'' | *[!0-9]* | ?????????*) ;;
	*) [ "$value" -ge "$2" ] && [ "$value" -le "$3" ] && return ;;
	esac
	die "$1='$value': a whole number from $2 to $3"
}

kernels_named()
{
	awk '$1 ~ /^linux-[0-9]/ { sub(/^linux-/, "", $1); print $1 }' versions |
		tr '\n' ' '
}

packages_named()
{
	awk '!/^#/ && NF && $1 !~ /^linux-[0-9]/ { print $1 }' versions
}

check_knobs()
{
	one_of DEBUG '0 1'
	one_of SUITE 'smoke full planted mutants soak'
	one_of ACCEL 'auto kvm tcg'
	one_of OFFLINE '0 1'
	one_of V '0 1'
	one_of GDB '0 1'
	one_of WALL '0 1'
	number PAD 0 1048576
	number REPEATS 1 64
	number ROUNDS 1 1000
	number SMP 1 64
	number TIMEOUT 5 86400
	[ -z "$JOBS" ] || number JOBS 1 1024
	[ -z "$REQUESTS" ] || number REQUESTS 100000 99999999
	[ -z "$SEED" ] || number SEED 0 99999999
	check_memory
	check_words
	! is_virtual || check_virtual
	check_kernels
	if [ -n "$LINUX" ]; then check_tree; else
		one_of KERNEL "$(kernels_named)"
	fi
	if [ -n "$CONFIG" ]; then check_fragment; fi
	O=$(writable O "$O")
	RESULTS=$(writable RESULTS "$RESULTS")
}

check_memory()
{
	case $MEM in
	*[!0-9GM]* | *[GM]?* | '' | [GM]*) ;;
	*G) [ "${MEM%G}" -ge 1 ] && [ "${MEM%G}" -le 1024 ] && return ;;
	*M) [ "${MEM%M}" -ge 768 ] && return ;;
	esac
	die "MEM='$MEM': 768M or more, as in 768M or 2G"
}

# What goes to the guest's command line must stay one word there.
check_words()
{
	for word in $DRIVERS; do
		is_one_of "$word" 'loop cgloop' ||
			die "DRIVERS='$DRIVERS': '$word' is none of: loop cgloop"
	done
	case "$DRIVERS$SCENARIOS$MATRICES$PARAMS" in
	*[!A-Za-z0-9\ ,.:=+*?_-]*)
		die "DRIVERS, SCENARIOS, MATRICES, PARAMS: only letters, digits and" \
		    "the characters , . : = + * ? _ - are allowed" ;;
	esac
	case " $APPEND" in
	*' cb.'* | *[!A-Za-z0-9\ ,.:=+_/-]*)
		die "APPEND='$APPEND': words for the kernel, of letters, digits" \
		    "and , . : = + _ / - and none that begins with cb." ;;
	esac
	case $CELL in
	'' | *[!A-Za-z0-9,.=_/-]* | *?/*/*) ;;
	?*/?*=?*) cell_is_sound=1 ;;
	esac
	[ -z "$CELL" ] || [ -n "${cell_is_sound:-}" ] ||
		die "CELL='$CELL': not MATRIX/NAME=VALUE[,NAME=VALUE...]"
	for word in $PARAMS; do
		case $word in
		?*:?*=?*) ;;
		*) die "PARAMS='$PARAMS': '$word' is not DRIVER:KEY=VALUE" ;;
		esac
	done
}

# Does the guest's clock count its instructions?
is_virtual()
{
	# shellcheck disable=SC2154 # the caller's own word
	is_one_of "$command$WALL" 'bench0 profile0'
}

# What the clock that counts instructions does not go with.
check_virtual()
{
	[ "$SMP" = 1 ] ||
		die "SMP='$SMP': instructions are counted on one CPU;" \
		    "allowed is 1, or WALL=1 with it"
	is_one_of "$ACCEL" 'auto tcg' ||
		die "ACCEL='$ACCEL': instructions are counted by tcg alone;" \
		    "allowed are auto and tcg, or WALL=1 with it"
}

check_kernels()
{
	for word in $KERNELS; do
		is_one_of "$word" "$(kernels_named)" ||
			die "KERNELS='$KERNELS': '$word' is none of:" \
				"$(kernels_named)"
	done
	[ "$command" != matrix ] || [ -z "$LINUX" ] ||
		die "LINUX='$LINUX': matrix runs the kernels of KERNELS"
}

check_tree()
{
	if [ ! -d "$LINUX" ] || [ ! -f "$LINUX/Kbuild" ] ||
	   ! grep -qs '^PATCHLEVEL = ' "$LINUX/Makefile"; then
		die "LINUX='$LINUX': not the top folder of a kernel source tree"
	fi
	LINUX=$(cd "$LINUX" && pwd)
	case $LINUX in
	*[!A-Za-z0-9/._+-]*)
		die "LINUX='$LINUX': kbuild takes no spaces or colons in it" ;;
	esac
}

check_fragment()
{
	if [ ! -f "$CONFIG" ] || [ ! -r "$CONFIG" ]; then
		die "CONFIG='$CONFIG': not a file that can be read"
	fi
	bad=$(grep -nvE '^$|^#|^CONFIG_[A-Za-z0-9_]+=' "$CONFIG" | head -n 1)
	[ -z "$bad" ] ||
		die "CONFIG='$CONFIG': line $bad: CONFIG_NAME=value is allowed"
	CONFIG=$(realpath "$CONFIG")
}

# writable KNOB FOLDER: makes it, prints its absolute name.
writable()
{
	mkdir -p "$2" 2>/dev/null && [ -w "$2" ] && (cd "$2" && pwd) && return
	die "$1='$2': cannot be written; name a folder that can"
}

# What an empty cache will hold when all is built, in MiB (measured), the
# parts that are there already left out.  Said before anything starts.
check_space()
{
	cache=$(writable XDG_CACHE_HOME "$(cb_cache)")
	need=100
	if [ -z "$LINUX" ]; then
		have "$cache/src/linux-$KERNEL-"*/.chargeback-source ||
			need=$((need + SPACE_SOURCE))
	fi
	have "$cache/kernel/$(scripts/kernel tag)-"*/compiled ||
		need=$((need + SPACE_KERNEL))
	have "$cache/pkg/fio-"*/bin/fio || need=$((need + SPACE_PACKAGES))
	enough "$cache" $need
	enough "$O" $SPACE_OUT
	enough "$RESULTS" 50
}

SPACE_SOURCE=2000 SPACE_KERNEL=500 SPACE_PACKAGES=300 SPACE_OUT=60

have()
{
	[ -e "$1" ]
}

enough()
{
	free=$(df -Pk "$1" | awk 'NR == 2 { print int($4 / 1024) }')
	[ "$free" -ge "$2" ] ||
		die "$1: needs $2 MiB, only $free MiB are free; make room," \
		    "or name another folder (XDG_CACHE_HOME, O, RESULTS)"
}
