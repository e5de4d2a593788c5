#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The files of a release: complete, the same twice, and of use without anything
# else of ours.
# shellcheck disable=SC2016 # filters of jq
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset PACKAGE IMAGE LINUX
scripts/deps --distcheck
release=chargeback-$(scripts/version)
first=$tmp/first/dist/$release
for which in first second; do
	expect "the $which time" 0 ": [0-9]+M$" \
		scripts/chargeback dist O="$tmp/$which"
done
expect 'the same bytes' 0 '' diff -r "$first" "$tmp/second/dist/$release"
rm -rf "$tmp/second"

expect 'the sums are right' 0 '' sh -c \
	"cd '$first' && sha256sum --quiet -c SHA256SUMS"
expect 'every file has one' 0 '' sh -c "cd '$first' &&
	find . -type f ! -name SHA256SUMS | sort >'$tmp/files' &&
	sed 's,^[^ ]*  ,./,' SHA256SUMS | sort | diff - '$tmp/files'"
sbom=$first/$release.spdx.json
expect_json 'the SBOM has what SPDX asks for' "$sbom" '
	.spdxVersion == "SPDX-2.3" and .dataLicense == "CC0-1.0" and
	.SPDXID == "SPDXRef-DOCUMENT" and
	(.documentNamespace | test("^https://[^#]*$")) and
	(.creationInfo.created | test("^[0-9-]*T[0-9:]*Z$")) and
	(.packages | length) > 10 and
	all(.packages[]; (.SPDXID | test("^SPDXRef-[A-Za-z0-9.-]+$")) and
		.name != "" and .versionInfo != "" and .downloadLocation != "" and
		(.licenseDeclared | length) > 2 and
		(.checksums[0].checksumValue | test("^[0-9a-f]{64}$")))'
expect_json 'each of its parts is there once, and named' "$sbom" '
	([.packages[].SPDXID] | length == (unique | length)) and
	([.packages[].SPDXID] + [.SPDXID]) as $there |
	all(.relationships[]; (.spdxElementId | IN($there[])) and
		(.relatedSpdxElement | IN($there[]))) and
	all(.packages[] | select(.sourceInfo); .SPDXID |
		IN($rel[0].relationships[].relatedSpdxElement))' \
	--slurpfile rel "$sbom"
# A library of others that knows the licences of SPDX.
licences_of()
{
	"$python" -c 'import json, sys, license_expression
known = license_expression.get_spdx_licensing()
bad = [error for package in json.load(open(sys.argv[1]))["packages"]
       for error in known.validate(package["licenseDeclared"]).errors]
print("\n".join(bad))
sys.exit(1 if bad else 0)' "$1"
}
expect 'every licence is an expression of SPDX' 0 '' licences_of "$sbom"
sed 's/LGPL-2.1-only/LGPL-2.1-nosuch/' "$sbom" >"$tmp/wrong.json"
expect 'which another one would not be' 1 'LGPL-2.1-nosuch' \
	licences_of "$tmp/wrong.json"
jq -r '.packages[].sourceInfo // empty' "$sbom" |
	sed 's/^source code: //' | tr -d ' ' | tr , '\n' | sort >"$tmp/named"
(cd "$first" && find sources -type f ! -name '*.config') | sort >"$tmp/there"
expect 'the source code of every part is there, and no other' 0 '' \
	diff "$tmp/named" "$tmp/there"
for part in $(jq -r '.packages[] | select(.sourceInfo) | .name' "$sbom"); do
	expect "licence of $part" 0 . ls "$first/licences/$part"
done

# In a root folder with nothing else in it.
mkdir "$tmp/bare"
tar -xJf "$first"/chargeback-results-*.tar.xz -C "$tmp/bare" --strip-components=1
cp results/baselines/6.12.json "$tmp/bare/"
bare()
{
	unshare -r chroot "$tmp/bare" "$@"
}
if unshare -r true 2>/dev/null; then
	expect 'compare runs without a library' 0 '' bare /bin/compare \
		/6.12.json /6.12.json
	expect 'and finds what is worse' 1 '' bare /bin/compare \
		/baselines/6.1.json /6.12.json
else
	skipped=$((skipped + 1))
	echo 'ok - compare without a library # SKIP unshare is not permitted'
fi
mkdir "$tmp/repro"
tar -xJf "$first"/chargeback-repro-*.tar.xz -C "$tmp/repro" --strip-components=1
expect 'a scenario is a program' 0 '^usage: ' "$tmp/repro/oom-bypass" --help
for one in "$tmp"/repro/*.c; do
	[ -x "${one%.c}" ] || not_ok 'each of them' "${one%.c}: no program"
done

# Somebody else's kernel, with its modules behind our root file system.
PACKAGE=bookworm:6.12 scripts/package build "$tmp"
# shellcheck disable=SC1091 # written by scripts/package
. "$tmp/kernel.env"
mkdir -p "$tmp/mods/lib/modules"
"$tmp/first/rootfs/init" --modules | scripts/modules \
	"$KMODS/lib/modules/$KRELEASE" "$tmp/mods/lib/modules/$KRELEASE"
depmod -b "$tmp/mods" "$KRELEASE"
{
	cat "$first"/*-initrd-*.cpio.gz
	(cd "$tmp/mods" && find . | cpio -o -H newc --quiet | gzip)
} >"$tmp/initrd"
for folder in results scripts/boot/qemu; do
	"${MAKE:-make}" -s -C $folder O="$tmp/first"
done
expect 'the initrd boots a packaged kernel' 0 'ok [0-9]+ - oom-bypass .* loop$' \
	"$tmp/first/host/supervise" --image "$KIMAGE" --initrd "$tmp/initrd" \
	--accel "$(O="$tmp/first" scripts/accel auto "$KIMAGE" "$KWORDS" "$tmp/initrd")" \
	--smp 2 --mem 1G --out "$tmp/boot" \
	--append "$KWORDS cb.scenarios=oom-bypass cb.drivers=loop"
expect_one_line 'a kernel whose source code is not ours to give' \
	'dist: takes a KERNEL of the file versions' \
	scripts/chargeback dist PACKAGE=bookworm:6.12
tests_end
