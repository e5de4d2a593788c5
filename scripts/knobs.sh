# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Reads the tables commands and knobs.  Takes the knobs from the command line
# and the environment, sets defaults, checks values, and makes the guest's
# words.  A bad value ends the command with one line and status 2.

# each_knob FUNCTION: calls it once per knob.  The variables name, default,
# check, guest and commands have the columns of the table, and value the knob's
# value.
each_knob()
{
	while read -r name default check guest commands _; do
		case $name in '' | '#'*) continue ;; esac
		eval "value=\${$name:-}"
		"$1"
	done <scripts/knobs
}

knob_names()
{
	sed -n 's/^\([A-Z][A-Z_]*\) .*/\1/p' scripts/knobs | tr '\n' ' '
}

command_names()
{
	sed -n 's/^\([a-z][a-z-]*\) .*/\1/p' scripts/commands | tr '\n' ' '
}

# Sets groups to the command, its groups and all, with a comma around each.
find_groups()
{
	groups=,$command,all,$(awk -v name="$command" \
		'$1 == name { print $2 }' scripts/commands),
}

# is_taken COMMANDS: the command is one of them, or in one of these groups.
is_taken()
{
	rest=$1,
	while [ -n "$rest" ]; do
		case $groups in *",${rest%%,*},"*) return 0 ;; esac
		rest=${rest#*,}
	done
	return 1
}

# must_take NAME: the user set this knob on the command line.
must_take()
{
	is_one_of "$1" "$KNOBS" || die "'$1' is no knob; there are:" "$KNOBS"
	takers=$(awk -v name="$1" '$1 == name { print $5 }' scripts/knobs)
	is_taken "$takers" || die "$1: $command does not take it;" \
		"these commands do: $(commands_of "$takers")"
}

# commands_of COMMANDS: prints them, with the members of a group for its name.
commands_of()
{
	awk -v want="$1" '/^#/ || !NF { next }
	{
		n = split($1 "," $2, words, ",")
		for (i = 1; i <= n; i++)
			if (index("," want ",", "," words[i] ",")) {
				printf "%s%s", comma, $1
				comma = ", "
				break
			}
	}' scripts/commands
}

# take_knobs KNOB=value...: sets all knobs.  The command line wins over the
# environment; an empty value means the default.  CB_GIVEN has the names from
# make's command line; make has put their values into the environment.
take_knobs()
{
	KNOBS=$(knob_names)
	find_groups
	for word in ${CB_GIVEN:-}; do
		must_take "$word"
	done
	unset CB_GIVEN
	for word; do
		case $word in
		-h | --help) usage_of "$command"; exit 0 ;;
		*=*) ;;
		*) die "'$word' is no knob; KNOB=value is allowed, see --help" ;;
		esac
		must_take "${word%%=*}"
		# shellcheck disable=SC2163 # NAME=value, the name checked
		export "$word"
	done
	each_knob set_knob
}

# Sets and exports one knob.  A relative path starts at $start, where the user
# stands, and a default path at the top folder.
set_knob()
{
	from=$start
	if [ -z "$value" ]; then
		from=$PWD
		case $default in
		-) ;;
		'()') value=$("default_$name") ;;
		*) value=$default ;;
		esac
	fi
	case $check:$value in
	*: | *:/*) ;;
	job:* | tree:* | image:* | file:* | fragment:* | directory:* | folder:* | \
	output:* | source:*)
		value=$from/$value ;;
	package:*.deb)
		value=$(paths_of "$from" "$value") ;;
	esac
	eval "$name=\$value"
	# shellcheck disable=SC2163 # the name in it
	export "$name"
}

# paths_of FOLDER 'FILE...': the files, taken from the folder.
paths_of()
{
	for word in $2; do
		case $word in
		/*) printf '%s ' "$word" ;;
		*) printf '%s ' "$1/$word" ;;
		esac
	done | sed 's/ $//'
}

# is_installed: these sources are not to be written: a package has put them
# where they are, or their folder cannot be written.
is_installed()
{
	[ -e INSTALLED ] || [ ! -w . ]
}

default_O()
{
	if is_installed; then
		printf '%s/build\n' "$(cb_cache)"
	else
		echo build
	fi
}

default_RESULTS()
{
	if is_installed; then
		printf '%s/chargeback-runs\n' "$start"
	else
		echo results/runs
	fi
}

default_KERNELS()
{
	kernels_named
}

default_SUITE()
{
	case $command in
	list | profile) echo full ;;
	soak) echo soak ;;
	*) echo smoke ;;
	esac
}

# QEMU counts instructions on one processor only.
default_SMP()
{
	if is_virtual; then echo 1; else echo 2; fi
}

default_TIMEOUT()
{
	case $command:$SUITE:$DEBUG in
	*:soak:*) echo 86400 ;;
	bench:*) echo 14400 ;;
	metal:* | kexec:*) echo 3600 ;;
	*:smoke:0) echo 300 ;;
	*:smoke:1 | *:0) echo 1800 ;;
	*) echo 14400 ;;
	esac
}

# Checks the knobs that the command takes, one by one, then combinations.
check_knobs()
{
	[ "$command" != matrix ] || [ -z "$LINUX$PACKAGE$IMAGE" ] ||
		die "LINUX='$LINUX' PACKAGE='$PACKAGE' IMAGE='$IMAGE':" \
			"matrix runs the kernels of KERNELS; use the command run"
	check_subject
	check_places
	each_knob check_knob
	! for_programs || [ "$V" = 0 ] ||
		die "V='$V': prints what is no JSON; allowed with PROGRESS=json is 0"
	[ "$command" != soak ] || [ "$SUITE" = soak ] ||
		die "SUITE='$SUITE': allowed for the command soak is soak"
	check_virtual
	if is_taken boot; then
		check_room
		check_kvm
	fi
	case $command in
	clean | distclean) ;;
	*) claim_folders ;;
	esac
	[ -z "$CB_DROPPED" ] || ! is_taken build ||
		say "not used from the environment:$CB_DROPPED"
}

check_knob()
{
	[ "$check" != - ] && is_taken "$commands" || return 0
	case $default:$value in -:) return 0 ;; esac
	rest=${check#"${check%%:*}"}
	check_with "check_${check%%:*}" "$rest"
}

# check_with FUNCTION :ARGUMENT...: splits the arguments at their colons.
check_with()
{
	function=$1 rest=${2#:}
	set --
	while [ -n "$rest" ]; do
		set -- "$@" "${rest%%:*}"
		case $rest in *:*) rest=${rest#*:} ;; *) rest= ;; esac
	done
	"$function" "$@"
}

is_one_of()
{
	for one in $2; do
		[ "$1" = "$one" ] && return 0
	done
	return 1
}

# Each check_KIND checks value, the value of the knob name.

check_one_of()
{
	is_one_of "$value" "$*" || die "$name='$value': allowed are" "$*"
}

# check_number MIN MAX
check_number()
{
	case $value in
	'' | *[!0-9]* | ?????????*) ;;
	*) [ "$value" -ge "$1" ] && [ "$value" -le "$2" ] && return ;;
	esac
	die "$name='$value': allowed is a whole number from $1 to $2"
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

check_kernel()
{
	# shellcheck disable=SC2046 # words
	[ -n "$LINUX" ] || check_one_of $(kernels_named)
}

# check_each_of ALLOWED...
check_each_of()
{
	for word in $value; do
		is_one_of "$word" "$*" ||
			die "$name='$value': '$word' is none of: $*"
	done
}

# The parts of the command, which --help lists.
parts_of()
{
	awk -v name="$1" '!/^#/ && NF &&
		(name == "check-all" || $2 != "check-all") {
		print $1 }' scripts/parts | tr '\n' ' '
}

check_parts()
{
	parts=$(parts_of "$command")
	case $value in *[!,]*) ;; *) die "$name='$value': allowed are $parts" ;; esac
	for word in $(printf %s "$value" | tr , ' '); do
		is_one_of "$word" "$parts" ||
			die "$name='$value': '$word' is none of:" "$parts"
	done
}

# A series that is built here, a package with its suite, or a tree with a name.
# The first two may have a name, too.
check_kernels()
{
	all_kernels=$value
	for word in $all_kernels; do
		kind_of_kernel "$word"
		value=$what
		case $kind in
		tree) check_tree ;;
		package) check_package ;;
		*) is_one_of "$what" "$(kernels_named)" ||
			die "$name='$all_kernels': '$word' is none of:" \
				"$(kernels_named)SUITE:SERIES NAME=DIR" ;;
		esac
	done
	LINUX=
}

# has_label WORD: does NAME= begin it?  linux-image-amd64=VERSION has none, unlike
# linux-next=~/src/next.
has_label()
{
	case $1 in
	?*=*/*) return 0 ;;
	?*=?*) ;;
	*) return 1 ;;
	esac
	case ${1%%=*} in *:* | linux-*) return 1 ;; esac
}

# kind_of_kernel WORD: of one of KERNELS.  Sets kind to tree, package or series,
# what to its value, and label to the name before it, if any.
kind_of_kernel()
{
	label='' what=$1 kind=series
	! has_label "$1" || label=${1%%=*} what=${1#*=}
	case ${label:+named}:$what in
	named:/*) kind=tree ;;
	named:'~'/*) kind=tree what=$HOME/${what#??} ;;
	named:*)
		if [ -d "$start/$what" ] || [ "${what#*/}" != "$what" ]; then
			kind=tree what=$start/$what
		fi ;;
	esac
	case $kind:$what in
	tree:*) ;;
	*:*:* | *:linux-*) kind=package ;;
	esac
}

# knobs_of_kernel WORD: of one of KERNELS.
knobs_of_kernel()
{
	kind_of_kernel "$1"
	case $kind in
	tree) knob=LINUX ;;
	package) knob=PACKAGE ;;
	*) knob=KERNEL ;;
	esac
	echo "$knob=$what${label:+ CB_NAME=$label}"
}

check_memory()
{
	case $value in
	*[!0-9GM]* | *[GM]?* | '' | [GM]*) ;;
	*G) [ "${value%G}" -ge 1 ] && [ "${value%G}" -le 1024 ] && return ;;
	*M) [ "${value%M}" -ge 768 ] && return ;;
	esac
	die "$name='$value': allowed is 768M or more, such as 768M or 2G"
}

check_size()
{
	case $value in
	*[!0-9GM]* | *[GM]?* | '' | [GM]* | 0*) ;;
	*[GM]) return ;;
	esac
	die "$name='$value': allowed is a size such as 500M or 20G"
}

# mib SIZE: that size, as checked by check_size, in MiB.
mib()
{
	case $1 in
	*G) echo $((${1%G} * 1024)) ;;
	*) echo "${1%M}" ;;
	esac
}

# The value must stay one word on the kernel's command line.
check_words()
{
	case $value in
	*[!A-Za-z0-9\ ,.:=+*?_-]*)
		die "$name='$value': only letters, digits and the characters" \
			", . : = + * ? _ - are allowed" ;;
	esac
}

check_append()
{
	case " $value" in
	*' cb.'* | *[!A-Za-z0-9\ ,.:=+_/-]*)
		die "$name='$value': allowed are words of letters, digits and" \
			", . : = + _ / - and none that begins with cb." ;;
	esac
}

# A device, HOST:PORT, or a command with its arguments.
check_console()
{
	case $value in
	/* | *' '*) ;;
	?*:?*) ;;
	*) die "$name='$value': allowed is a device such as /dev/ttyUSB0," \
		"HOST:PORT, or a command such as 'ipmitool ... sol activate'" ;;
	esac
}

# It becomes a word of a command.
check_host()
{
	case $value in
	-* | *[!A-Za-z0-9.:@_%-]*)
		die "$name='$value': allowed is [USER@]NAME, as ssh takes it" ;;
	esac
}

# It becomes a word of the guest's.
check_serial()
{
	case $value in
	*[!A-Za-z0-9._-]*) die "$name='$value': allowed is a serial number of" \
		"letters, digits and . _ -" ;;
	esac
	[ "$WALL" = 1 ] || die "$name='$value': allowed with WALL=1; only costs" \
		"by the wall clock use a disk"
}

check_medium()
{
	case $value in
	*[!0-9a-f]*) ;;
	????????) return ;;
	esac
	die "$name='$value': allowed are eight hexadecimal digits; the command" \
		"usb prints them"
}

check_cell()
{
	case $value in
	*[!A-Za-z0-9,.=_/-]* | *?/*/*) ;;
	?*/?*=?*)
		case $command:$WALL in
		metal:0 | kexec:0) die "$name='$value': allowed with WALL=1;" \
			"on a real machine only the wall clock counts" ;;
		esac
		return ;;
	esac
	die "$name='$value': allowed is MATRIX/NAME=VALUE,...; the" \
		"command list shows the axes"
}

check_params()
{
	check_words
	for word in $value; do
		case $word in
		?*:?*=?*) ;;
		*) die "$name='$value': '$word' is not DRIVER:KEY=VALUE" ;;
		esac
	done
}

check_origin()
{
	case $value in
	*[!a-z0-9_]*) die "$name='$value': allowed are a-z, 0-9 and _" ;;
	esac
}

check_files()
{
	for word in $value; do
		[ -f "$(result_named "$word")" ] ||
			die "$name='$value': '$word' is no file"
		plain_path "$name" "$(realpath "$(result_named "$word")")"
	done
}

check_tree()
{
	if [ ! -d "$value" ] || [ ! -f "$value/Kbuild" ] ||
	   ! grep -qs '^PATCHLEVEL = ' "$value/Makefile"; then
		die "$name='$value': not the top folder of a kernel source tree," \
			"which has Kbuild and Makefile"
	fi
	LINUX=$(cd "$value" && pwd)
	plain_path "$name" "$LINUX"
	plain_path "$name" "$(cd "$value" && pwd -P)"
}

# One kernel, and not ours built in another way.
check_subject()
{
	subjects=
	for word in PACKAGE IMAGE LINUX; do
		eval "value=\$$word"
		[ -z "$value" ] || subjects="$subjects $word"
	done
	case $subjects in
	' '*' '*) die "$subjects: one of them is allowed, as each names a kernel" ;;
	esac
	case $PACKAGE$IMAGE:$DEBUG:$CONFIG in
	?*:1:*) die "DEBUG='1': allowed with a kernel that is built here," \
		"not with PACKAGE or IMAGE" ;;
	?*:0:?*) die "CONFIG='$CONFIG': allowed with a kernel that is built" \
		"here, not with PACKAGE or IMAGE" ;;
	esac
	[ "$COVERAGE" = 0 ] || [ -z "$PACKAGE$IMAGE$LLVM$CC" ] ||
		die "COVERAGE='1': allowed with a kernel that is built here by" \
			"gcc, not with PACKAGE, IMAGE, LLVM or CC"
	[ -n "$IMAGE" ] || [ -z "$MODULES" ] ||
		die "MODULES='$MODULES': allowed with IMAGE"
	[ -n "$IMAGE$PACKAGE" ] || [ -z "$HEADERS" ] ||
		[ "$command" = pull-lab ] ||
		die "HEADERS='$HEADERS': allowed with IMAGE"
}

check_compiler()
{
	case $value in
	*[!A-Za-z0-9.+_-]* | -*) ;;
	*) command -v "$value" >/dev/null && return ;;
	esac
	die "$name='$value': no such compiler; name one in PATH, such as gcc-11"
}

check_package()
{
	case $value in
	*.deb)
		for word in $value; do
			[ -r "$word" ] || die "$name='$value': $word cannot be read"
		done
		return ;;
	*[!A-Za-z0-9.+:=~-]* | :* | *:*:* | -*) ;;
	*) return ;;
	esac
	die "$name='$value': allowed is [SUITE:]NAME[=VERSION], such as" \
		"linux-image-amd64 or sid:7.2, or a .deb file"
}

check_file()
{
	if [ ! -f "$value" ] || [ ! -r "$value" ]; then
		die "$name='$value': not a file that can be read"
	fi
	eval "$name=\$(realpath \"\$value\")"
}

# A bzImage, or a tree in which one has been built.
check_image()
{
	if [ -d "$value" ]; then check_directory; else check_file; fi
}

check_directory()
{
	[ -d "$value" ] || die "$name='$value': not a folder"
	eval "$name=\$(realpath \"\$value\")"
}

check_fragment()
{
	plain_path "$name" "$(realpath -m "$value")"
	if [ ! -f "$value" ] || [ ! -r "$value" ]; then
		die "$name='$value': not a file that can be read"
	fi
	bad=$(grep -nvE '^$|^#|^CONFIG_[A-Za-z0-9_]+=' "$value" | head -n 1)
	[ -z "$bad" ] ||
		die "$name='$value': line $bad: CONFIG_NAME=value is allowed"
	check_symbols
	# shellcheck disable=SC2034 # for scripts/kernel
	CONFIG=$(realpath "$value")
}

# The image does not boot without these, or cgloop cannot be loaded.
NEEDED='64BIT MODULES MODULE_UNLOAD BLK_DEV_INITRD BINFMT_ELF PROC_FS SYSFS
DEVTMPFS CGROUPS'

# Of a complete configuration these are changed.
check_symbols()
{
	! grep -q '^CONFIG_CC_VERSION_TEXT=' "$value" || return 0
	for symbol in $NEEDED; do
		! grep -qxE -e "# CONFIG_$symbol is not set" \
			-e "CONFIG_$symbol=n" "$value" ||
			die "$name='$value': CONFIG_$symbol cannot be off;" \
				"the image and the module cgloop need it"
	done
	! grep -q '^CONFIG_INITRAMFS_SOURCE=' "$value" ||
		die "$name='$value': CONFIG_INITRAMFS_SOURCE is not allowed:" \
			"it names the archive with init"
}

check_folder()
{
	built_path "$name" "$(realpath -m "$value")"
	case $command in
	clean | distclean)
		[ ! -d "$value" ] || value=$(cd "$value" && pwd) ;;
	*) value=$(writable "$name" "$value") || exit ;;
	esac
	eval "$name=\$value"
}

check_source()
{
	[ -r "$value" ] ||
		die "$name='$value': there is no such file or folder to read"
}

check_job()
{
	case $value in http://* | https://*) ;; *) check_file ;; esac
}

check_output()
{
	[ ! -d "$value" ] || die "$name='$value': a folder; name a file"
	[ -w "$value" ] || [ -w "$(dirname "$value")" ] ||
		die "$name='$value': cannot be written; name one that can be"
}

# writable KNOB FOLDER: creates FOLDER, prints its absolute path.
writable()
{
	mkdir -p "$2" 2>/dev/null && [ -w "$2" ] && (cd "$2" && pwd) && return
	die "$1='$2': cannot be written; name one that can be"
}

# is_virtual: the guest's clock counts its instructions.
is_virtual()
{
	is_one_of "$command$WALL" 'bench0 profile0'
}

# QEMU counts instructions on one processor only, and only without KVM.
check_virtual()
{
	is_virtual || return 0
	[ "$SMP" = 1 ] ||
		die "SMP='$SMP': instructions are counted on one CPU;" \
		    "allowed is 1, or WALL=1 with it"
	is_one_of "$ACCEL" 'auto tcg' ||
		die "ACCEL='$ACCEL': instructions are counted by tcg alone;" \
		    "allowed are auto and tcg, or WALL=1 with it"
}

# plan_words: prints the words that the guest, and init --plan on the host, get
# from the knobs.
plan_words()
{
	words=
	each_knob add_word
	case $command:$WALL in
	bench:* | profile:* | metal:1 | kexec:1)
		words="$words cb.bench=$(clock)"
		[ -z "$CELL" ] || words="$words cb.matrices=${CELL%%/*} \
cb.cell=${CELL#*/}"
		[ "$WALL" = 0 ] || words="$words cb.rounds=$ROUNDS" ;;
	esac
	[ "$command" != profile ] || words="$words cb.profile"
	printf '%s\n' "${words# }"
}

add_word()
{
	[ "$guest" != - ] && [ -n "$value" ] && is_taken "$commands" || return 0
	case $guest in
	*...)
		for word in $value; do
			words="$words cb.${guest%...}=$word"
		done ;;
	*) words="$words cb.$guest=$(commas "$value")" ;;
	esac
}

clock()
{
	if [ "$WALL" = 1 ]; then echo wall; else echo virtual; fi
}

commas()
{
	printf %s "$1" | tr -s ' ' ','
}

# Checks that there is room for all that will be built.  The sizes of an empty
# cache's parts are measured, in MiB; parts that are there already do not count.
check_space()
{
	need=100
	# scripts/debs looks by itself whether there is room for a package.
	if [ -z "$PACKAGE$IMAGE" ]; then
		have "$cache/src/linux-$KERNEL-"*/.chargeback-source ||
			[ -n "$LINUX" ] || need=$((need + SPACE_SOURCE))
		have "$cache/kernel/$(scripts/kernel tag)-"*/compiled ||
			need=$((need + SPACE_KERNEL))
	fi
	have "$cache/pkg/fio-"*/bin/fio || need=$((need + SPACE_PACKAGES))
	enough "$cache" $need
	enough "$O" $SPACE_OUT
	enough "$RESULTS" 50
}

SPACE_SOURCE=2000 SPACE_KERNEL=500 SPACE_PACKAGES=300 SPACE_OUT=80

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
