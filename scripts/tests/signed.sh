#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A configuration that compresses modules and loads signed ones alone: those of
# the kernel, and cgloop.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

# Debian's sources look for the SHA-256 hash of each signed module in a list of
# revoked ones; without CRYPTO_SHA256 loading it fails (ENOENT).
cat >"$tmp/signed.config" <<-EOF
CONFIG_MODULE_COMPRESS=y
CONFIG_MODULE_COMPRESS_ZSTD=y
CONFIG_MODULE_SIG=y
CONFIG_MODULE_SIG_FORCE=y
CONFIG_CRYPTO_SHA256=y
EOF
expect 'a smoke run with signed modules' 0 '^verdict: all as expected' \
	scripts/chargeback run KERNEL=6.12 LINUX= CONFIG="$tmp/signed.config" \
	RESULTS="$tmp/runs"
expect_json 'cgloop was loaded' "$tmp/runs/latest/result.json" \
	'[.scenarios[] | select(.driver == "cgloop") | .verdict] |
	 length > 0 and all(. == "pass")'
tests_end
