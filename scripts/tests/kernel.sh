#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# kernel.sh KNOB=value...: this kernel compiles; for the parts that then boot it.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

expect "the image builds with $1" 0 ' bytes$' scripts/chargeback image "$@"
tests_end
