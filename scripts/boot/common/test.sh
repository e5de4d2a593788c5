# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2154
# What the tests of makers share.  A test sources this, runs its maker with the
# output folder $out and its messages in $dir/stderr, sets status to how it
# ended, calls check, and ends with tests_end.

dir=$(mktemp -d)
trap 'exit 130' INT TERM
out=$dir/out
passed=0
failed=0
skipped=0
status=0
unset PROGRESS

# check NAME COMMAND...: one test; what the maker said is shown on failure.
check()
{
	name=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok - $name"
	else
		failed=$((failed + 1))
		echo "not ok - $name: $*"
		sed 's/^/# /' "$dir/stderr"
		[ ! -f "$out/boot.json" ] || sed 's/^/# /' "$out/boot.json"
	fi
}

# field_is FIELD PATTERN: all of a field of boot.json matches.
field_is()
{
	jq -r ".$1" "$out/boot.json" | grep -qx -e "$2"
}

ended()
{
	[ "$status" -eq 0 ] && field_is end "$1"
}

refused()
{
	[ "$status" -eq 2 ] && [ "$(wc -l <"$dir/stderr")" -eq 1 ] &&
		grep -q -e "$1" "$dir/stderr"
}

tests_end()
{
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}
