#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What takes longer: every scenario on every kernel that is supported, and the
# main job on a kernel that looks for its own mistakes; and a soak that is
# short.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

for kernel in 6.12 6.1; do
	expect "the full suite on $kernel is as expected" 0 \
		'^verdict: all as expected' scripts/chargeback run \
		RESULTS="$tmp/runs" SUITE=full KERNEL=$kernel
done
expect 'the main job on a debug kernel is as expected' 0 \
	'^verdict: all as expected' scripts/chargeback run \
	RESULTS="$tmp/runs" DEBUG=1
expect 'a short soak is as expected' 0 '^verdict: all as expected' \
	scripts/chargeback soak RESULTS="$tmp/runs" REQUESTS=100000
tests_end
