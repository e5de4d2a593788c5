#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# full.sh all|1|2 KNOB=value...: every scenario on another kernel; or one half of
# all entries, which on a debug kernel take long.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${O:=$PWD/build}"
cb=scripts/chargeback
which=$1
shift
# shellcheck disable=SC2034 # for keep_runs
kept_as=full-$which-$1

# half 1|2: the names of the scenarios in that half.
half()
{
	"$O/rootfs/init" --plan cb.suite=full | jq -r .name | awk -v half="$1" '
		!count[$0]++ { names[++n] = $0 }
		END {
			for (i = 1; i <= n; i++) {
				before = sum
				sum += count[names[i]]
				if ((before < NR / 2) == (half == 1))
					print names[i]
			}
		}' | tr '\n' ' '
}

case $which in
all)
	expect "the full suite with $1 is as expected" 0 \
		'^verdict: all as expected' \
		$cb run RESULTS="$tmp/runs" SUITE=full "$@" ;;
*)
	$cb list >"$tmp/out" 2>&1
	expect "half $which of the full suite with $1 is as expected" 0 \
		'^verdict: all as expected' \
		$cb run RESULTS="$tmp/runs" SUITE=full "$@" \
		SCENARIOS="$(half "$which")" ;;
esac
tests_end
