#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The image depends on its inputs alone, and what is interrupted goes on.
set -eu
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${KERNEL:=6.12}"
image()
{
	(cd "$1" && scripts/chargeback image) >"$tmp/out" 2>&1 ||
		not_ok "the image builds in $1" 'it does not' "$tmp/out"
	sha256sum <"$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")"
}

# The sources as they stand, in two other folders.
copy()
{
	mkdir -p "$1"
	git ls-files -co --exclude-standard | tar -c -T - | tar -x -C "$1"
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
