#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# fuzz.sh SECONDS: feeds each reader of untrusted bytes for so long what libFuzzer
# makes of its fixtures.  An input that breaks a reader is kept in O/fuzz; it
# belongs into a test.  Fuzzers run side by side, one per processor.  The random
# numbers are the same each time, unless SEED is given.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

seconds=${1:?fuzz.sh SECONDS}
: "${O:=$PWD/build}" "${SEED:=1}"
export O
"${MAKE:-make}" -s -C results O="$O" fuzz
"${MAKE:-make}" -s -C rootfs O="$O" HDR="$(cut -d' ' -f3 "$O/headers")" fuzz
mkdir -p "$O/fuzz"

# fuzz READER: until the time is over, or something breaks.  By turns of so many
# inputs, because a matrix is never freed: it takes 2 KiB.
fuzz()
{
	mkdir "$tmp/$1"
	case $1 in
	matrix) set -- "$1" "$O/rootfs/obj/fuzz_matrix" rootfs/matrices ;;
	*) set -- "$1" "$O/host-fuzz/results/tests/fuzz_$1" \
		"results/tests/fixtures/$1" ;;
	esac
	end=$(($(date +%s) + seconds)) seed=$SEED
	while
		left=$((end - $(date +%s)))
		[ $left -gt 0 ]
	do
		"$2" -seed="$seed" -max_total_time=$left -runs=500000 -timeout=20 \
			-rss_limit_mb=4096 -max_len=8192 -print_final_stats=1 \
			-artifact_prefix="$O/fuzz/$1-" "$tmp/$1" "$3" \
			>>"$tmp/$1.log" 2>&1 || {
			echo broken >>"$tmp/$1.log"
			break
		}
		seed=$((seed + 1))
	done
}

readers='records result plan fio log matrix'
for reader in $readers; do
	fuzz "$reader" &
	pids="${pids:-} $!"
	# shellcheck disable=SC2086 # a list
	set -- $pids
	if [ $# -ge "$(nproc)" ]; then
		wait "$1"
		shift
		pids=$*
	fi
done
wait

for reader in $readers; do
	runs=$(awk '/^stat::number_of_executed_units:/ { n += $2 }
		END { print n + 0 }' "$tmp/$reader.log")
	if grep -qx broken "$tmp/$reader.log"; then
		not_ok "$reader" "an input breaks its reader" "$tmp/$reader.log"
	else
		ok "$reader: $runs inputs in $seconds s"
	fi
done
tests_end
