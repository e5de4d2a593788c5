#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The command in an installation that cannot be written: what it makes is in the
# cache and where the user stands.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset O RESULTS MAKEFLAGS MFLAGS MAKEOVERRIDES CB_GIVEN
copy "$tmp/copy"
printf '1.2+test\n' >"$tmp/copy/VERSION"
mkdir "$tmp/here"
# The cache is the user's, but its folder build is this test's.
mkdir -p "$tmp/cache/chargeback"
for entry in "$(cb_cache)"/*; do
	[ "${entry##*/}" = build ] ||
		ln -s "$entry" "$tmp/cache/chargeback/${entry##*/}"
done

# installed COMMAND...: in the folder here, with the copy read-only.
installed()
{
	# shellcheck disable=SC2016 # for the inner shell
	XDG_CACHE_HOME=$tmp/cache unshare -r -m sh -euc '
		mount --bind "$1" "$1"
		mount -o remount,ro,bind "$1"
		cd "$2"
		shift 2
		exec "$@"' sh "$tmp/copy" "$tmp/here" "$@"
}

cb=$tmp/copy/scripts/chargeback
if ! unshare -r -m true 2>/dev/null; then
	skipped=$((skipped + 1))
	echo 'ok - a read-only installation # SKIP unshare is not permitted'
	tests_end
	exit
fi
expect 'nothing can be written there' 1 'Read-only' \
	installed touch "$tmp/copy/file"
expect 'list' 0 '^oom-bypass' installed "$cb" list
expect 'run' 0 '^verdict: all as expected' \
	installed "$cb" run PACKAGE=bookworm:6.12 SCENARIOS=oom-bypass
latest=$tmp/here/chargeback-runs/latest
expect_json 'the result is where the user stands, with the version' \
	"$latest/result.json" '.meta.commit == "1.2+test"'
expect 'compare' 0 '' installed "$cb" compare BASE="$latest" HEAD="$latest"
expect 'from the folder itself, by make' 0 'chargeback COMMAND' \
	installed make -C "$tmp/copy" help
expect 'the build is in the cache' 0 '^host$' ls "$tmp/cache/chargeback/build"
expect_one_line 'no scenario can be added' 'new-scenario: .*cannot be written' \
	installed "$tmp/copy/scripts/new-scenario" my-claim
expect_one_line 'no history to search' 'needs a git checkout' \
	installed "$cb" bisect one two
if [ -z "$(cd "$tmp/copy" && find . -newer "$tmp/cache" -type f)" ]; then
	ok 'nothing was written there'
else
	not_ok 'nothing was written there' "$(cd "$tmp/copy" &&
		find . -newer "$tmp/cache" -type f)"
fi
expect 'clean removes the build' 0 '' installed "$cb" clean
expect 'that is' 2 '' ls "$tmp/cache/chargeback/build"
tests_end
