#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The image depends on its inputs alone, not on where it is built.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${KERNEL:=6.12}"
# image FOLDER: builds there; prints the image's hash.
image()
{
	(cd "$1" && scripts/chargeback image) >"$tmp/out" 2>&1 ||
		not_ok "the image builds in $1" 'it does not' "$tmp/out"
	sha256sum <"$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")"
}

unset O
copy "$tmp/one"
copy "$tmp/another/folder"
if [ "$(image "$tmp/one")" = "$(image "$tmp/another/folder")" ]; then
	ok 'two folders, the same image'
else
	not_ok 'two folders, the same image' 'they differ'
fi
tests_end
