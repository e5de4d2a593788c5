#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A soak that is short.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

expect 'a short soak is as expected' 0 '^verdict: all as expected' \
	scripts/chargeback soak RESULTS="$tmp/runs" REQUESTS=100000
tests_end
