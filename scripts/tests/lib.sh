# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Functions for the tests of the command as a whole.  A test file sources this,
# calls expect and its kin, and ends with tests_end.

# As the command does, without the variables that it drops, and names.
. scripts/lib.sh

# These depend on the command; those of the one that runs the tests would win.
unset SUITE SMP PART FORCE PROGRESS
# The speed of a machine is no test of the project.
export TIMEOUT=14400

passed=0 failed=0 skipped=0
tmp=$(mktemp -d)
# Some tests set O to a folder in $tmp, which is removed.
kept_in=${O:-build}/failed
trap 'rm -rf "$tmp"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ok()
{
	passed=$((passed + 1))
	printf 'ok - %s\n' "$1"
}

# not_ok NAME WHY [FILE]: with the end of FILE for the one who looks for it.
not_ok()
{
	failed=$((failed + 1))
	printf 'not ok - %s: %s\n' "$1" "$2"
	[ -z "${3:-}" ] || tail -n 12 "$3" | sed 's/^/#   /'
}

# expect NAME STATUS PATTERN COMMAND...: the command ends with STATUS and
# prints, on either stream, a line that matches PATTERN (grep -E; empty: any or
# none).
expect()
{
	name=$1 want=$2 pattern=$3
	shift 3
	status=0
	"$@" >"$tmp/out" 2>&1 </dev/null || status=$?
	if [ "$status" -ne "$want" ]; then
		not_ok "$name" "exit status $status, not $want" "$tmp/out"
	elif [ -n "$pattern" ] && ! grep -qE -e "$pattern" "$tmp/out"; then
		not_ok "$name" "prints no line that matches $pattern" "$tmp/out"
	else
		ok "$name"
	fi
}

# expect_one_line NAME PATTERN COMMAND...: wrong usage: status 2, and one line.
expect_one_line()
{
	name=$1 pattern=$2
	shift 2
	expect "$name" 2 "$pattern" "$@"
	lines=$(wc -l <"$tmp/out")
	[ "$lines" -eq 1 ] || not_ok "$name" "$lines lines, not one" "$tmp/out"
}

# expect_json NAME FILE FILTER [JQ-ARG...]: jq's filter is true of the file.
expect_json()
{
	name=$1 file=$2 filter=$3
	shift 3
	if jq -e "$@" "$filter" "$file" >"$tmp/json" 2>&1; then
		ok "$name"
	else
		not_ok "$name" "$file: not true: $filter" "$tmp/json"
	fi
}

# Debian's, for the packages that scripts/deps installs.
python=/usr/bin/python3

# expect_kcidb NAME FILE FILTER [JQ-ARG...]: the file is valid KCIDB 5.3, every
# id is there once, every object that is named is there, and jq's filter is true.
expect_kcidb()
{
	name=$1 file=$2 filter=$3
	shift 3
	if "$python" -m jsonschema -i "$file" results/tests/kcidb-5.3.json \
		>"$tmp/json" 2>&1; then
		expect_json "$name" "$file" '
		def ids: map(.id);
		([.checkouts, .builds, .tests, .issues, .incidents] |
			all(ids | length == (unique | length))) and
		([.builds[].checkout_id] - (.checkouts | ids) == []) and
		([.tests[].build_id] - (.builds | ids) == []) and
		([.incidents[].test_id] - (.tests | ids) == []) and
		([.incidents[].issue_id] - (.issues | ids) == []) and
		('"$filter"')' "$@"
	else
		not_ok "$name" "$file: no KCIDB 5.3" "$tmp/json"
	fi
}

# expect_junit NAME FILE RESULT: a parser of others reads as many testcases as
# RESULT has entries, cells and problems, each with a name of its own and the
# element of its verdict; GitLab takes files of up to 30 MB, and ours are below 5.
expect_junit()
{
	"$python" scripts/tests/junit.py "$2" >"$tmp/junit" 2>&1 || {
		not_ok "$1" "$2: cannot be read" "$tmp/junit"
		return
	}
	# shellcheck disable=SC2016 # jq has variables of its own
	expect_json "$1" "$tmp/junit" '
		def of(words): [$r[0].scenarios[] |
			select(.verdict | IN(words[]))] | length;
		{tests: [$r[0] | .scenarios[], .matrices[], .problems[]] | length,
		 failures: of(["fail", "xpass"]),
		 errors: (of(["splat", "panic", "hang", "timeout", "error",
			"incomplete"]) + ($r[0].problems | length)),
		 skipped: of(["skip", "xfail"])} as $want |
		.read == $want and .claimed == $want and .in_all == $want and
		.pairs == $want.tests and $bytes < 5000000 and
		.properties.kernel == $r[0].meta.kernel' \
		--slurpfile r "$3" --argjson bytes "$(wc -c <"$2")"
}

# wait_for COMMAND...: polls until it is true.  The bound is for what never comes
# true: a busy machine is no reason to fail.
wait_for()
{
	end=$(($(date +%s) + 900))
	until "$@"; do
		[ "$(date +%s)" -lt $end ] || return 1
		sleep 0.1
	done
}

# left MARK: the processes that were started with CB_MARK=MARK, and all that
# these have started, whatever group or session that is in.
left()
{
	grep -lsz "^CB_MARK=$1\$" /proc/[0-9]*/environ |
		sed 's,^/proc/,,; s,/environ$,,'
}

nothing_left()
{
	[ -z "$(left "$1")" ]
}

# expect_documented NAME RECORDS: the records of each type have the members that
# results/record/FORMAT.md lists for it, and no others.
expect_documented()
{
	awk -F '`' '/^### `/ { type = $2; next } /^#/ { type = "" }
		type && /^\| `/ { print type, $2 }' results/record/FORMAT.md |
		sort >"$tmp/documented"
	jq -r '.t as $t | keys[] | select(IN("t", "boot", "seq") | not) |
		"\($t) \(.)"' "$2" | sort -u >"$tmp/seen"
	cut -d' ' -f1 "$tmp/seen" | sort -u | join - "$tmp/documented" |
		sort | diff - "$tmp/seen" >"$tmp/differ" || :
	if [ -s "$tmp/seen" ] && [ ! -s "$tmp/differ" ]; then
		ok "$1"
	else
		not_ok "$1" 'documented (<) and seen (>) differ' "$tmp/differ"
	fi
}

# copy FOLDER: the sources as they stand, committed or not.
copy()
{
	mkdir -p "$1"
	git ls-files -co --exclude-standard | tar -c -T - | tar -x -C "$1"
}

# keep_runs: after a failure, what was run in $tmp/runs stays below O.  It takes
# the place of what was kept of this test, or under the name kept_as, before.
keep_runs()
{
	[ $failed -gt 0 ] && [ -d "$tmp/runs" ] || return 0
	kept=$kept_in/${kept_as:-$(basename "$0" .sh)}
	rm -rf "$kept"
	mkdir -p "${kept%/*}"
	mv "$tmp/runs" "$kept"
	echo "# its runs are kept in $kept"
}

tests_end()
{
	keep_runs
	printf '%s passed, %s failed, %s skipped\n' $passed $failed $skipped
	[ $failed -eq 0 ]
}
