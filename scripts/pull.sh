# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2016 # filters of jq
# The command pull-lab: runs a job of KernelCI's pull-labs protocol on a kernel
# that others built, and answers as that protocol wants it.  A job comes from
# the network, so nothing in it is trusted.

# The knobs that a test's parameters may set; each run checks their values.
PULL_KNOBS='SUITE SCENARIOS DRIVERS'

# bad_job WHY...
bad_job()
{
	die "JOB='$JOB':" "$@"
}

cmd_pull_lab()
{
	[ -n "$JOB" ] || die "JOB='': name the job's file or URL"
	ready --lab
	check_space
	claim_pull
	get_job
	get_kernel
	worst=0 number=0
	while read -r type timeout parameters; do
		number=$((number + 1))
		[ "$type" != chargeback ] || run_pulled
	done <"$pull/tests"
	answer
	send_answer
	verdict verdict "$worst"
	time_taken
	exit "$worst"
}

# Sets pull to a folder for this job alone.  Its name is always the same, or
# each job would leave the folder of another kernel in O.
claim_pull()
{
	pull=$O/pull
	mkdir -p "$pull"
	exec 7<"$pull"
	flock -n 7 || die "O='$O': another job is run there; wait for its end," \
		"or name another folder"
	rm -rf "${pull:?}"/*
	trap 'rm -rf "${pull:?}"/*' EXIT
}

# of_job FILTER [ARG...]: what jq prints of it.
of_job()
{
	jq -r "$@" "$pull/job.json" 2>/dev/null
}

# What a job must have, as jq's filter; a line per fault.
PULL_CHECK='
def text: type == "string" and test("^[^[:cntrl:]]{1,1000}$");
def named(f): [f] | map(tostring) | join(" ");
if type != "object" then "is no object" else
(if .artifacts | type != "object" then "has no artifacts" else
 (if .artifacts.kernel | text | not then "names no kernel" else empty end),
 (.artifacts | to_entries[] | select(.value | text | not) |
  "artifact \(.key) is no text of one line") end),
(if .environment.arch? // "x86_64" | IN("x86_64", "amd64") | not then
 "architecture \(.environment.arch); allowed is x86_64" else empty end),
(if .tests | type != "array" then "has no tests" else
 (.tests[] | if type != "object" then "a test is no object"
  elif .id | text | not then "a test has no id"
  elif .type | text | not then "test \(.id) has no type"
  elif (.timeout_s // 300) | (type != "number" or . < 5 or . > 86400) then
   "test \(.id): timeout_s \(.timeout_s | tojson); allowed is 5 to 86400"
  elif (.parameters // "") |
	(type != "string" or test("[^A-Za-z0-9 ,.:=+*?_-]")) then
   "test \(.id): parameters \(.parameters | tojson); allowed are words" +
   " KNOB=value"
  else empty end),
 (if [.tests[]? | .type?] | index("chargeback") | not then
  "no test of the type chargeback, but: " + named(.tests[]? | .type?)
  else empty end),
 (if [.tests[]? | .id?] | length != (unique | length) then
  "two tests have the same id" else empty end) end),
(if (.callback // {}) | type != "object" then "callback is no object"
 elif .callback.url? | (. != null and (text | not)) then
  "callback url is no text of one line" else empty end),
(.integrity.sha256? // {} | if type != "object" then "sha256 is no object"
 else to_entries[] | select(.value | tostring | test("^[0-9a-fA-F]{64}$") | not)
  | select(.key | startswith("_") | not) | "sha256 of \(.key) is none" end)
end'

# Sets $pull/job.json and $pull/tests, a line "type timeout parameters" each.
get_job()
{
	fetch_url job "$JOB" "$pull/job.json"
	jq -e . "$pull/job.json" >/dev/null 2>"$pull/why" ||
		bad_job "is no JSON: $(sed 's/^jq: error //' "$pull/why" |
			head -n 1)"
	fault=$(of_job "$PULL_CHECK") ||
		fault='is no job of the pull-labs protocol'
	[ -z "$fault" ] || bad_job "$(printf '%s\n' "$fault" | head -n 1)"
	of_job '.tests[] |
		"\(.type | gsub(" "; "_")) \(.timeout_s // 300 | floor) \(
		.parameters // "")"' >"$pull/tests"
	of_job '.tests[].parameters // ""' | tr ' ' '\n' |
		while read -r word; do
			[ -z "$word" ] || is_one_of "${word%%=*}" "$PULL_KNOBS" ||
				bad_job "parameter '$word'; allowed are" \
					"$PULL_KNOBS"
		done || exit
}

# fetch_url WHAT SOURCE TO: SOURCE is a URL, or a file as seen from the job.
fetch_url()
{
	case $2 in
	http://* | https://*)
		say "$1: downloading $2"
		run_child curl -fsSL --proto '=http,https' --retry 2 \
			-o "$3" "$2" 2>"$pull/why" ||
			bad_job "$1 cannot be downloaded:" \
				"$(tail -n 1 "$pull/why")" ;;
	file://*)
		fetch_url "$1" "${2#file://}" "$3" ;;
	*://*) bad_job "$1 $2: allowed are http, https, file and a path" ;;
	/*)
		cp "$2" "$3" 2>/dev/null ||
			bad_job "$1 $2: no file that can be read" ;;
	*) fetch_url "$1" "$(dirname "$JOB")/$2" "$3" ;;
	esac
}

# artifact NAME: as the file $pull/NAME.file, if the job has it, and if it is what
# the job's sums say.
artifact()
{
	source=$(of_job --arg n "$1" '.artifacts[$n] // ""')
	[ -n "$source" ] || return 1
	fetch_url "$1" "$source" "$pull/$1.file"
	want=$(of_job --arg n "$1" --arg f "${source##*/}" \
		'(.integrity.sha256? // {}) | .[$n] // .[$f] // "" |
		 ascii_downcase')
	have=$(sha256 <"$pull/$1.file")
	[ "$want" = "$have" ] || [ -z "$want" ] ||
		bad_job "$1 $source: its sha256 is $have, not $want"
}

# Sets modules to a folder with lib/modules/RELEASE, empty if the job has none.
# Our own ramdisk takes the place of the job's, of which only modules are used.
get_kernel()
{
	artifact kernel || bad_job 'names no kernel'
	modules=
	if artifact modules; then
		modules=$pull/modules
		mkdir "$modules"
		tar -xf "$pull/modules.file" -C "$modules" --no-same-owner \
			2>"$pull/why" ||
			bad_job "modules: no archive that tar reads:" \
				"$(head -n 1 "$pull/why")"
	elif artifact ramdisk; then
		from_ramdisk
	fi
}

from_ramdisk()
{
	mkdir "$pull/ramdisk"
	plain "$pull/ramdisk.file" | (cd "$pull/ramdisk" && cpio -id --quiet \
		--no-absolute-filenames --no-preserve-owner \
		'lib/modules/*' './lib/modules/*' 'usr/lib/modules/*') \
		2>"$pull/why" || bad_job "ramdisk: no archive that cpio reads:" \
			"$(head -n 1 "$pull/why")"
	for folder in "$pull"/ramdisk/lib/modules "$pull"/ramdisk/usr/lib/modules
	do
		[ ! -d "$folder" ] || modules=$pull/ramdisk
	done
	[ -n "$modules" ] || say "ramdisk: has no modules; ours takes its place"
}

# plain FILE: prints it uncompressed.
plain()
{
	case $(od -A n -t x1 -N 4 "$1" | tr -d ' ') in
	1f8b*) gzip -dc "$1" ;;
	fd377a58) xz -dc "$1" ;;
	28b52ffd) zstd -dqc "$1" ;;
	*) cat "$1" ;;
	esac
}

# Runs the test of this number, its type, timeout and parameters.
run_pulled()
{
	status=0
	set -f
	# shellcheck disable=SC2086 # words KNOB=value, checked
	run_child env CB_KEPT="$pull/$number.kept" CB_WHY="$pull/$number.why" \
		scripts/chargeback run IMAGE="$pull/kernel.file" \
		MODULES="$modules" TIMEOUT="$timeout" $parameters || status=$?
	set +f
	[ $status -le 4 ] || exit $status
	worst=$(worse "$worst" $status)
	# Without a result it has said why.
	[ -s "$pull/$number.kept" ] || exit 2
	kept=$(cat "$pull/$number.kept")
	jq -c --arg status "$status" "$PULL_ANSWER" "$kept/result.json" \
		>"$pull/$number.answer" || exit 2
}

# A result as the answer to a test.  A known hole is a failure there, too; a
# control is only named if it did not come out as it must.
PULL_ANSWER='
def word: {pass: "pass", xpass: "pass", fail: "fail", xfail: "fail",
	splat: "fail", panic: "fail", hang: "fail", skip: "skip"}[.] // "error";
[.scenarios[] | select((.control and (.verdict | IN("pass", "skip"))) | not) |
 {key: ([.name, (.cell | to_entries[] | "\(.key)=\(.value)"), .driver,
	 (select(.control) | "control"), .variant // empty] | join(".")),
  value: ({status: (.verdict | word), duration_ms} +
	  (if .evidence then {metrics: (.evidence | map_values(.value))}
	   else {} end))}] | from_entries as $subtests |
{status: (if any($subtests[]; .status == "fail") then "fail"
	  elif $status == "0" then "pass"
	  elif $status == "1" or $status == "3" then "fail"
	  else "error" end),
 duration_ms: ([$subtests[].duration_ms] | add), subtests: $subtests}'

# Sets ANSWER to the file with the answer of the whole job.
answer()
{
	for file in "$pull"/*.answer; do
		jq -c --arg n "$(basename "$file" .answer)" \
			'{($n): .}' "$file"
	done | jq -s add >"$pull/answers"
	printf 'base64:%s' "$(gzip -nc "$kept/console.log" | base64 -w 0)" \
		>"$pull/log"
	[ -n "$ANSWER" ] || ANSWER=$kept/pull-lab.json
		of_job --slurpfile answers "$pull/answers" --rawfile log "$pull/log" \
		--arg system "$(jq -r '"\(.meta.qemu // "QEMU"), \(.meta.accel)"' \
			"$kept/result.json")" \
		'([.tests | to_entries[] | {key: .value.id,
			value: ($answers[0][.key + 1 | tostring] //
				{status: "skip"})}] | from_entries) as $tests |
		[$tests[] | .subtests // {} | .[]] as $all |
		{summary: {total: ($all | length), failed: ([$all[] |
			select(.status == "fail" or .status == "error")] |
			length)},
		 tests: $tests, artifacts: {log: $log},
		 metadata: {system: $system}}' >"$pull/answer" || exit 2
	cp "$pull/answer" "$ANSWER" ||
		die "ANSWER='$ANSWER': cannot be written; name one that can be"
	printf 'answer:  %s\n' "$ANSWER"
}

# send_answer: to where the job wants it, if the user has named a file with the
# token; the token is on no command line.
send_answer()
{
	url=$(of_job '.callback.url? // ""')
	[ -n "$url" ] || return 0
	if [ -z "$TOKEN_FILE" ]; then
		say "not sent to $url; name the file with its token (TOKEN_FILE=)"
		return
	fi
	(umask 077 && printf 'Authorization: %s\nContent-Type: application/json\n' \
		"$(cat "$TOKEN_FILE")" >"$pull/header")
	run_child curl -fsS --proto '=http,https' --retry 2 -H "@$pull/header" \
		--data-binary "@$ANSWER" -o "$pull/reply" "$url" 2>"$pull/why" ||
		die "$url: does not take the answer: $(tail -n 1 "$pull/why");" \
			"it is in $ANSWER"
	say "sent to $url"
}
