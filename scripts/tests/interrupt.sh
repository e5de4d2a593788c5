#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Interrupted at any moment: nothing goes on in the background, nothing
# half-made is taken for whole, and the next start ends well.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

mkdir "$tmp/bin"
mkfifo "$tmp/gate"
every_how='TERM-it INT-group KILL-it'

# hold COMMAND PATTERN: from now on COMMAND blocks where its arguments match
# PATTERN, in a session of its own.  Its folder is a line in $tmp/held then.
hold()
{
	real=$(command -v "$1")
	cat >"$tmp/bin/$1" <<END
#!/bin/sh
case " \$* " in
$2)
	setsid -w sh -c 'pwd >>"$tmp/held"; read -r _ <"$tmp/gate"' ;;
esac
exec "$real" "\$@"
END
	chmod +x "$tmp/bin/$1"
}

let_go()
{
	rm "$tmp/bin/"*
}

ended()
{
	! kill -0 "$pid" 2>/dev/null
}

says()
{
	grep -q "$1" "$tmp/out" || ended
}

# holds FOLDER...: a command is held in each.
holds()
{
	for folder; do
		grep -qs "$folder" "$tmp/held" || ended || return
	done
}

# Some steps run with an empty environment; what is held is one of ours, too.
everything()
{
	left "$mark"
	grep -lsaE "$tmp/[g]ate" /proc/[0-9]*/cmdline |
		sed 's,^/proc/,,; s,/cmdline$,,'
}

nothing_runs()
{
	[ -z "$(everything)" ]
}

# interrupt HOW WHERE [HOLD...] -- COMMAND...: COMMAND gets a signal, itself or
# (as from a terminal) its whole group, when it has said the line WHERE, or with
# HOLDs when something is held in those folders.
interrupt()
{
	signal=${1%-*} target=${1#*-} line=$2
	name="$signal to $target at '$line'"
	shift 2
	folders=
	while [ "$1" != -- ]; do
		folders="$folders $1"
		shift
	done
	shift
	# Or what the command before has said is taken for its words.
	: >"$tmp/out"
	: >"$tmp/held"
	mark="$$-$passed-$failed"
	CB_MARK=$mark PATH="$tmp/bin:$PATH" \
		setsid env --default-signal=INT "$@" >"$tmp/out" 2>&1 </dev/null &
	pid=$!
	if [ -n "$folders" ]; then
		# shellcheck disable=SC2086 # a list
		wait_for holds $folders || :
	else
		wait_for says "$line" || :
	fi
	if ended; then
		not_ok "$name" 'ended before' "$tmp/out"
		return
	fi
	if [ "$target" = group ]; then
		kill -s "$signal" -- "-$pid"
	else
		kill -s "$signal" "$pid"
	fi
	if wait_for nothing_runs; then
		ok "$name: nothing left running"
	else
		# shellcheck disable=SC2046 # a list
		not_ok "$name" "left: $(ps -o args= -p $(everything) |
			head -n 3)"
		everything | xargs -r kill -KILL
	fi
}

scripts/chargeback image >"$tmp/out" 2>&1 ||
	not_ok 'the image builds' 'it does not' "$tmp/out"
whole=$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")

for how in $every_how; do
	interrupt "$how" 'booting' -- \
		scripts/chargeback run RESULTS="$tmp/runs" SCENARIOS=oom-bypass
done
# Two machines side by side, both at work.
for how in $every_how; do
	interrupt "$how" '^\[.* ok ' -- scripts/chargeback run \
		RESULTS="$tmp/runs" SUITE=full JOBS=2
done
if [ -z "$(ls "$tmp/runs" 2>/dev/null)" ]; then
	ok 'an interrupted run leaves no result'
else
	not_ok 'an interrupted run leaves no result' "$(ls "$tmp/runs")"
fi

hold shellcheck '*'
for how in $every_how; do
	interrupt "$how" 'a part of check' . -- "${MAKE:-make}" check
done
let_go

# Nothing of the build is in the way of another one.
copy "$tmp/copy"
unset O
hold ld '*vmlinux*'
pad=1
for how in $every_how; do
	interrupt "$how" 'linking the image' /kernel/ -- \
		"$tmp/copy/scripts/chargeback" image PAD=$pad
	pad=$((pad + 1))
done
let_go
expect 'started again, it goes on' 0 'bytes$' \
	"$tmp/copy/scripts/chargeback" image
if cmp -s "$whole" "$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")"; then
	ok 'and makes the same image'
else
	not_ok 'and makes the same image' 'it differs'
fi

hold gcc '*" -c "*"/module/"*'
touch "$tmp/copy/module/"*.c
for how in $every_how; do
	interrupt "$how" 'compiling cgloop' /kernel/ -- \
		"$tmp/copy/scripts/chargeback" image
done
let_go

# With the sources there, and nothing built; then without the sources.
cache=$(. scripts/lib.sh && cb_cache)
mkdir -p "$tmp/cache/chargeback"
ln -s "$cache/src" "$cache/dl" "$tmp/cache/chargeback/"
hold gcc '*" -c "*'
for how in $every_how; do
	interrupt "$how" 'compiling the kernel and a package' /kernel/ /pkg/ -- \
		env XDG_CACHE_HOME="$tmp/cache" \
		"$tmp/copy/scripts/chargeback" image JOBS=2
done
let_go
hold apt-get '*" update "*'
for how in $every_how; do
	interrupt "$how" 'fetching' . -- env XDG_CACHE_HOME="$tmp/none" \
		"$tmp/copy/scripts/chargeback" source
done
tests_end
