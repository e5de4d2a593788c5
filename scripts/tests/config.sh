#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A complete configuration of the user's: what it sets stays, unless the tests
# need it otherwise, which is listed.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX CONFIG
: "${O:=$PWD/build}"
# shellcheck disable=SC1090 # written by scripts/kernel
. "$O/$(scripts/kernel tag)/kernel.env"
sed -e 's/^CONFIG_RCU_CPU_STALL_TIMEOUT=.*/CONFIG_RCU_CPU_STALL_TIMEOUT=33/' \
	-e 's/^CONFIG_INITRAMFS_SOURCE=.*/CONFIG_INITRAMFS_SOURCE=""/' \
	-e 's/^CONFIG_MEMCG=y/# CONFIG_MEMCG is not set/' \
	"$KBUILD/.config" >"$tmp/.config"
expect 'a complete configuration is taken' 0 '^verdict: all as expected' \
	scripts/chargeback run CONFIG="$tmp/.config" SCENARIOS=oom-bypass \
	RESULTS="$tmp/runs"
# shellcheck disable=SC1090 # written by scripts/kernel
. "$O/$(CONFIG=$tmp/.config scripts/kernel tag)/kernel.env"
expect 'what it sets is in the kernel' 0 '=33$' \
	grep CONFIG_RCU_CPU_STALL_TIMEOUT "$KBUILD/.config"
expect 'what the tests need is changed' 0 '^CONFIG_MEMCG=y' \
	cat "$KBUILD/changed"
expect 'and nothing else' 1 '' grep -v -e CONFIG_MEMCG=y \
	-e CONFIG_INITRAMFS_SOURCE= "$KBUILD/changed"
tests_end
