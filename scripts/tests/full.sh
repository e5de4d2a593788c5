#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What takes longer: every scenario on the other kernels, and on one that looks
# for its own mistakes; and a soak that is short.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

for knob in KERNEL=6.1 KERNEL=7.2 DEBUG=1; do
	expect "the full suite with $knob is as expected" 0 \
		'^verdict: all as expected' scripts/chargeback run \
		RESULTS="$tmp/runs" SUITE=full $knob
done
expect 'a short soak is as expected' 0 '^verdict: all as expected' \
	scripts/chargeback soak RESULTS="$tmp/runs" REQUESTS=100000
tests_end
