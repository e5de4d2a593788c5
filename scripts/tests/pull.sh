#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Jobs of KernelCI's pull-labs protocol: one that comes by HTTP and has its
# answer sent back, to and from a server on the loopback; and bad ones.
# shellcheck disable=SC2016 # filters of jq
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
web=$tmp/web
mkdir "$web"
echo sesame >"$web/token"
unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX
export RESULTS="$tmp/runs"

perl scripts/tests/httpd.pl "$web" "$tmp/port" &
server=$!
trap 'kill $server; rm -rf "$tmp"' EXIT
wait_for test -s "$tmp/port"
url=http://127.0.0.1:$(cat "$tmp/port")

# A kernel of others: the packaged one.  Its modules come as an archive.
PACKAGE=bookworm:6.12 scripts/package build "$tmp"
# shellcheck disable=SC1091 # written by scripts/package
. "$tmp/kernel.env"
cp "$KIMAGE" "$web/kernel"
folder=$KMODS/lib/modules/$KRELEASE
small=$tmp/small/lib/modules/$KRELEASE
O=${O:-build}
"$O/rootfs/init" --modules | scripts/modules "$folder" "$small"
tar -C "$tmp/small" -caf "$web/modules.tar.xz" .
(cd "$tmp/small" && find . | cpio -o -H newc --quiet | gzip >"$web/ramdisk")

# job FILTER: the job with a change.
job()
{
	jq -n --arg url "$url" --arg sum "$(sha256 <"$web/kernel")" '{
		artifacts: {kernel: "\($url)/kernel",
			    modules: "\($url)/modules.tar.xz"},
		tests: [{id: "escape", type: "chargeback", timeout_s: 600,
			 depends: [], parameters: "SCENARIOS=oom-bypass"},
			{id: "other", type: "kselftest", timeout_s: 600}],
		environment: {platform: "qemu", arch: "x86_64"},
		callback: {url: "\($url)/answer", token_name: "lab"},
		integrity: {sha256: {kernel: $sum, _comment: "no sum"}}
	} | '"$1" >"$web/job.json"
}

job .
expect 'a job by HTTP, its kernel and modules by HTTP' 4 '^answer: ' \
	$cb pull-lab "$url/job.json" TOKEN_FILE="$web/token"
expect 'its answer is sent with the token' 0 '^Authorization: sesame' \
	cat "$web/answer.headers"
expect_json 'the answer is as the protocol wants it' "$web/answer.posted" '
	.tests.escape.subtests as $sub | ($sub | length) > 1 and
	.summary.total == ($sub | length) and .summary.failed == 0 and
	.tests.other == {status: "skip"} and
	all($sub[]; .status == "skip") and
	(.metadata.system | test("QEMU"))'
expect 'the log is in it' 0 'KTAP version 1' sh -c \
	"jq -r .artifacts.log '$web/answer.posted' | sed 's/^base64://' |
		base64 -d | gzip -dc"
expect_json 'it has the verdicts of the result' \
	"$RESULTS/latest/result.json" '
	[.scenarios[] | select(.control | not) | .verdict] as $want |
	$answer[0].tests.escape.subtests | [.[].status] == $want' \
	--slurpfile answer "$web/answer.posted"
# With cgloop there are controls, so claims about loop count.
job '.artifacts.ramdisk = "ramdisk" | del(.artifacts.modules) |
	.artifacts.kernel = "kernel"'
expect 'by files, with headers; a token that the server refuses' 2 \
	'does not take the answer: .*401.*; it is in .*answer' \
	$cb pull-lab "$web/job.json" ANSWER="$tmp/answer" \
	TOKEN_FILE="$tmp/port" HEADERS="$KBUILD"
expect_json 'the answer is kept; with a ramdisk of modules all pass' \
	"$tmp/answer" '.tests.escape.status == "pass" and
	all(.tests.escape.subtests[]; .status == "pass")'

# bad NAME PATTERN FILTER: one line, with status 2.
bad()
{
	job "$3"
	expect_one_line "$1" "$2" $cb pull-lab "$web/job.json"
}
bad 'no kernel' 'names no kernel' 'del(.artifacts.kernel)'
bad 'no artifacts' 'has no artifacts' 'del(.artifacts)'
bad 'another architecture' 'architecture arm64; allowed is x86_64' \
	'.environment.arch = "arm64"'
bad 'no test of ours' 'no test of the type chargeback, but: kselftest' \
	'del(.tests[0])'
bad 'a deadline too short' 'test escape: timeout_s 1; allowed is 5 to 86400' \
	'.tests[0].timeout_s = 1'
bad 'a command in the parameters' 'test escape: parameters .*allowed are words' \
	'.tests[0].parameters = "SUITE=$(id)"'
bad 'a knob that is not for jobs' "parameter 'O=x'; allowed are SUITE" \
	'.tests[0].parameters = "O=x"'
bad 'a bad value' "SUITE='all': allowed are smoke" \
	'.artifacts.kernel = "kernel" | del(.artifacts.modules) |
	 .tests[0].parameters = "SUITE=all"'
bad 'another scheme' 'allowed are http, https, file and a path' \
	'.artifacts.kernel = "ftp://x/kernel"'
bad 'a file that is not there' 'kernel .*none: no file that can be read' \
	'.artifacts.kernel = "none"'
bad 'another sum' 'its sha256 is [0-9a-f]*, not 0' \
	'.artifacts.kernel = "kernel" | .integrity.sha256.kernel = "0" * 64'
bad 'two tests of one name' 'two tests have the same id' \
	'.tests[1].id = "escape"'
bad 'no archive of modules' 'modules: no archive that tar reads' \
	'.artifacts.kernel = "kernel" | .artifacts.modules = "token"'
bad 'a list' 'is no object' '[.]'
echo '{' >"$web/job.json"
expect_one_line 'no JSON' 'is no JSON' $cb pull-lab "$web/job.json"
expect_one_line 'no job' "JOB='': name the job" $cb pull-lab
expect_one_line 'a job that is not there' 'not a file' $cb pull-lab "$tmp/none"
expect 'a URL that is not there' 2 'cannot be downloaded: .*404' \
	$cb pull-lab "$url/none.json"
tests_end
