#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# labs.sh [--all]: what labs start the image by.  The pattern of the shipped
# LAVA jobs, applied to a console, gives our results.  With --all LAVA's and
# labgrid's own programs run the shipped files; each is unpacked with all that
# it needs and runs in a user namespace.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

labs=$PWD/scripts/labs
: "${O:=build}"

# ours RESULT: a line "ID VERDICT" per entry, as a LAVA job should have it.
ours()
{
	jq -r '.scenarios[] |
		(.name + "." +
		 ([.cell | to_entries[] | "\(.key)=\(.value)."] | join("")) +
		 .driver + (if .control then ".control" else "" end) +
		 (if .variant then "." + .variant else "" end)) + " " +
		({pass: "pass", xpass: "pass", fail: "fail", xfail: "fail",
		  skip: "skip", splat: "fail", timeout: "fail",
		  error: "unknown"}[.verdict] // .verdict)' "$1" | sort
}

# as_lava: the same, with the identifiers that LAVA makes of such names.
as_lava()
{
	while read -r id verdict; do
		printf '%s %s\n' "$(printf %s "$id" | tr '[:upper:]' '[:lower:]' |
			sed 's/[^a-z0-9_][^a-z0-9_]*/_/g')" "$verdict"
	done | sort
}

# pattern_of JOB, verdicts_of JOB: from the file, as LAVA reads it.
pattern_of()
{
	sed -n "s/^ *pattern: '\(.*\)'\$/\1/p" "$1"
}

verdicts_of()
{
	sed -n '/^ *fixupdict:/,$s/^ *\([a-z]*\): \([a-z]*\)$/\1 \2/p' "$1"
}

# matched JOB <CONSOLE: "ID VERDICT" per match.  LAVA may look at any moment, so
# the pattern is tried after each byte.
matched()
{
	PATTERN=$(pattern_of "$1") VERDICTS=$(verdicts_of "$1") perl -e '
		my $pattern = qr/$ENV{PATTERN}/;
		my %verdict = split(" ", $ENV{VERDICTS});
		my $seen = "";
		while (read(STDIN, my $byte, 1)) {
			$seen .= $byte;
			next unless $seen =~ $pattern;
			print "$+{test_case_id} $verdict{$+{result}}\n";
			$seen = "";
		}' | sort
}

# equal NAME WANT GOT: both files have the same lines, and some.
equal()
{
	if [ -s "$2" ] && diff "$2" "$3" >"$tmp/differ"; then
		ok "$1"
	else
		not_ok "$1" 'ours (<) and the lab (>) differ' "$tmp/differ"
	fi
}

# lava_results LOG, labgrid_results JUNIT: "ID VERDICT" per result in these files
# of theirs.
lava_results()
{
	sed -n 's/.*"lvl": "results", "msg": \({.*"definition": "chargeback".*}\)}$/\1/p' \
		"$1" | jq -r '"\(.case) \(.result)"' | sort
}

labgrid_results()
{
	xmllint --xpath '//testcase//property' "$1" |
		sed -n 's/.*name="\(.*\)" value="\(.*\)".*/\1 \2/p' | sort
}

# The output that their own programs once made of a boot.  We still judge it so.
# scripts/tests/labs/README.md tells how to make these files anew.
by_kept()
{
	kept=scripts/tests/labs
	expect 'import judges a log that LAVA wrote' 0 \
		'^verdict: all as expected' scripts/chargeback import \
		$kept/lava.yaml RESULTS="$tmp/home"
	ours "$tmp/home/latest/result.json" | as_lava >"$tmp/ours"
	lava_results $kept/lava.yaml >"$tmp/lava.results"
	equal 'with the results that LAVA had' "$tmp/ours" "$tmp/lava.results"
	expect 'import judges a log that labgrid wrote' 0 \
		'^verdict: all as expected' scripts/chargeback import \
		$kept/labgrid.log RESULTS="$tmp/home"
	ours "$tmp/home/latest/result.json" >"$tmp/ours"
	labgrid_results $kept/labgrid.xml >"$tmp/labgrid.results"
	equal 'with the results that labgrid had' "$tmp/ours" \
		"$tmp/labgrid.results"
	sed '/"definition": "chargeback"/s/"result": "pass"/"result": "fail"/' \
		$kept/lava.yaml >"$tmp/other.yaml"
	lava_results "$tmp/other.yaml" >"$tmp/matched"
	expect 'results of LAVA that differ would be seen' 1 '' \
		cmp "$tmp/lava.results" "$tmp/matched"
}

by_pattern()
{
	expect 'a run with lines for LAVA' 0 '' scripts/chargeback run LAVA=1 \
		SCENARIOS='oom-bypass charge-bytes' RESULTS="$tmp/runs"
	ours "$tmp/runs/latest/result.json" >"$tmp/ours"
	for job in qemu ipxe; do
		matched "$labs/lava/$job.yaml" \
			<"$tmp/runs/latest/console.log" >"$tmp/matched"
		equal "the pattern of $job.yaml finds our results" \
			"$tmp/ours" "$tmp/matched"
	done
	sed 's/\[\\r\\n\]//' "$labs/lava/qemu.yaml" >"$tmp/short.yaml"
	sed -i "s/ (?P<measurement>.*s)'/'/" "$tmp/short.yaml"
	matched "$tmp/short.yaml" <"$tmp/runs/latest/console.log" >"$tmp/matched"
	expect 'a pattern without the end of the line would not' 1 '' \
		diff "$tmp/ours" "$tmp/matched"
	# What a machine would print that ran all there is.
	"$O/rootfs/init" --plan cb.suite=full |
		jq -s '{scenarios: map(. + {verdict: "pass"})}' >"$tmp/all.json"
	ours "$tmp/all.json" | as_lava | sort | uniq -d >"$tmp/twice"
	expect 'no two entries have the same name for LAVA' 1 '' \
		grep . "$tmp/twice"
}

# in_root COMMAND...: in the unpacked system, where $lab is /module.
in_root()
{
	scripts/foreign "$root" "$lab" "$@"
}

LAVA='python3-aiohttp python3-configobj python3-jinja2 python3-magic
python3-netifaces python3-pexpect python3-pyudev python3-requests
python3-setproctitle python3-tz python3-yaml python3-voluptuous file tar
qemu-system-x86 +lava-dispatcher +lava-dispatcher-host +lava-common
+lava-server +udev +tftpd-hpa'

# The system of LAVA's dispatcher.  guestfs is for images of root file systems,
# and brings a kernel and much more; we have no use for it.
lava_root()
{
	# shellcheck disable=SC2086 # words
	root=$(scripts/debs system lava $LAVA)/root
	: >"$root/usr/lib/python3/dist-packages/guestfs.py"
	mkdir -p "$root/var/lib/lava"
	ln -sfn /module "$root/var/lib/lava/dispatcher"
	# What the package of a TFTP server would ask for.
	mkdir -p "$root/etc/default"
	echo 'TFTP_DIRECTORY="/srv/tftp"' >"$root/etc/default/tftpd-hpa"
	lab=$tmp/lava
	mkdir -p "$lab"
}

# device TYPE JOB: what LAVA's server makes for a device of that type and a job.
device()
{
	# shellcheck disable=SC2016 # Python
	in_root python3 -c 'import sys, yaml, jinja2
job = yaml.safe_load(open(sys.argv[2]))
types = jinja2.FileSystemLoader("/usr/share/lava-server/device-types")
env = jinja2.Environment(loader=types, trim_blocks=True)
words = {"hostname": "rig", "connection_command": "/bin/true",
         "hard_reset_command": "/bin/true", "power_on_command": "/bin/true",
         "power_off_command": "/bin/true"}
words.update(job["context"])
print(env.get_template(sys.argv[1] + ".jinja2").render(**words))' \
		"$1" "/module/$2"
}

# The image boots under LAVA, which sees the same as import of LAVA's log.
by_lava()
{
	lava_root
	cp "$O/$(scripts/kernel tag)/image" "$lab/image"
	sed 's,url: .*,url: file:///module/image,' "$labs/lava/qemu.yaml" \
		>"$lab/qemu.yaml"
	expect 'a device for the job' 0 '' device qemu qemu.yaml
	cp "$tmp/out" "$lab/device.yaml"
	expect 'lava-run ends the job without an error' 0 '' \
		in_root lava-run --job-id 1 --device /module/device.yaml \
		--output-dir /module/out /module/qemu.yaml
	# The server makes a list of these lines.
	sed 's/^{/- &/' "$tmp/out" >"$lab/output.yaml"
	lava_results "$lab/output.yaml" >"$tmp/lava.results"
	expect 'import judges the log of LAVA' 0 '^verdict: all as expected' \
		scripts/chargeback import "$lab/output.yaml" RESULTS="$tmp/home"
	ours "$tmp/home/latest/result.json" | as_lava >"$tmp/ours"
	equal 'LAVA has our results' "$tmp/ours" "$tmp/lava.results"
	by_lava_metal
}

# No machine of a lab is here, so LAVA only checks the job that boots one.
by_lava_metal()
{
	: >"$lab/bzImage"
	: >"$lab/metal.cpio"
	sed 's,url: .*/,url: file:///module/,' "$labs/lava/ipxe.yaml" \
		>"$lab/ipxe.yaml"
	expect 'a device for the job of a real machine' 0 '' device x86 ipxe.yaml
	cp "$tmp/out" "$lab/x86.yaml"
	set -- lava-run --validate --job-id 2 --device /module/x86.yaml \
		--output-dir /module/out
	expect 'LAVA takes that job' 0 '' in_root "$@" /module/ipxe.yaml
	sed -i 's/method: ipxe/method: nosuch/' "$lab/ipxe.yaml"
	expect 'and refuses what is wrong in it' 1 '' \
		in_root "$@" /module/ipxe.yaml
}

# No machine of a lab is here, so iPXE, which a network card of QEMU's has, gets
# the commands that LAVA would type.
by_ipxe()
{
	expect 'a folder for the network is made' 0 'netboot: ' \
		scripts/chargeback netboot
	net=$tmp/net
	cp -r "$(sed -n '$s/: .*//p' "$tmp/out")" "$net"
	{
		echo '#!ipxe'
		sed -n '/^ *commands:/,/^ *#/s/^ *- //p' "$labs/lava/ipxe.yaml" |
			sed 's/{SERVER_IP}/10.0.2.2/; s/{KERNEL}/bzImage/
				s/{RAMDISK}/metal.cpio/'
	} >"$net/lava.ipxe"
	expect 'a machine runs by the commands of ipxe.yaml' 0 '' timeout 1800 \
		qemu-system-x86_64 -nodefaults -no-user-config -display none \
		-machine q35 -accel tcg,thread=single -smp 2 -m 1G \
		-cpu max,-erms,-fsrm,-la57 -serial "file:$tmp/ipxe.serial" \
		-device e1000,netdev=n,bootindex=0 \
		-netdev "user,id=n,tftp=$net,bootfile=lava.ipxe"
	expect 'import judges its console' 0 '^verdict: all as expected' \
		scripts/chargeback import "$tmp/ipxe.serial" RESULTS="$tmp/home"
	ours "$tmp/home/latest/result.json" >"$tmp/ours"
	matched "$labs/lava/ipxe.yaml" <"$tmp/ipxe.serial" >"$tmp/matched"
	equal 'the pattern finds our results' "$tmp/ours" "$tmp/matched"
}

# The same by labgrid, in one test of pytest.
by_labgrid()
{
	root=$(scripts/debs system labgrid python3-labgrid python3-pytest \
		qemu-system-x86)/root
	lab=$tmp/labgrid
	mkdir -p "$lab"
	cp "$labs"/labgrid/* "$lab/"
	cp "$O/$(scripts/kernel tag)/image" "$lab/image"
	set -- in_root env LG_IMAGE=/module/image pytest-3 -q -p no:cacheprovider \
		--lg-env /module/env.yaml --lg-log /module/log \
		--junitxml /module/results.xml /module/test_chargeback.py
	expect "labgrid's test passes" 0 '^1 passed' "$@"
	labgrid_results "$lab/results.xml" >"$tmp/labgrid.results"
	expect 'import judges the log of labgrid' 0 '^verdict: all as expected' \
		scripts/chargeback import "$lab/log/console_main" \
		RESULTS="$tmp/home"
	ours "$tmp/home/latest/result.json" >"$tmp/ours"
	equal 'labgrid has our results' "$tmp/ours" "$tmp/labgrid.results"
	sed -i 's/cb.suite=smoke/cb.scenarios=planted-fail cb.suite=planted/' \
		"$lab/env.yaml"
	expect 'a claim that fails is a failed test' 1 'planted-fail' "$@"
}

if [ "${1:-}" != --all ]; then
	by_kept
	by_pattern
elif unshare -r -m true 2>/dev/null; then
	by_lava
	by_ipxe
	by_labgrid
else
	skipped=$((skipped + 1))
	echo 'ok - LAVA and labgrid # SKIP unshare is not permitted'
fi
tests_end
