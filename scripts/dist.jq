# SPDX-License-Identifier: GPL-2.0
# The SBOM of a release, SPDX 2.3: a package per file that is there to be used,
# and per component of which it was made, with the archives of its source code.
# Variables: $name, $version, $created, $hash, $sums (sha256sum's output) and
# $parts (lines of name, version, licence and files, with tabs between them).
def id: "SPDXRef-" + gsub("[^A-Za-z0-9.]+"; "-");

($sums | split("\n") | map(select(. != "") |
	{key: .[66:], value: .[:64]}) | from_entries) as $sum |
($parts | split("\n") | map(select(. != "") | split("\t") |
	{name: .[0], version: .[1], licence: .[2],
	 files: (.[3] | split(" "))})) as $parts |

# By a word in the name of a file: the components that are in it.
{results: ["chargeback", "jansson", "musl"],
 repro: ["chargeback", "musl", "linux-libc-dev"],
 initrd: ["chargeback", "busybox", "fio", "e2fsprogs", "xfsprogs", "liburcu",
	  "libinih", "musl", "linux-libc-dev"]} as $known |
def parts_of:
	if test("results") then $known.results
	elif test("repro") then $known.repro
	elif test("initrd") then $known.initrd
	else $known.initrd + [$parts[].name | select(test("^linux-[0-9]"))] +
	     (if endswith(".iso") then ["syslinux", "systemd"] else [] end)
	end;

[$sum | to_entries[] |
 select(.key | test("^[^/]*(\\.efi|\\.iso|\\.tar\\.xz|\\.cpio\\.gz)$"))] as $files |
{
	spdxVersion: "SPDX-2.3",
	dataLicense: "CC0-1.0",
	SPDXID: "SPDXRef-DOCUMENT",
	name: $name,
	documentNamespace: "https://chargeback.example/spdx/\($name)-\($hash)",
	creationInfo: {created: $created,
		       creators: ["Organization: chargeback maintainers",
				  "Tool: chargeback-dist"]},
	documentDescribes: [$files[].key | id],
	packages: ([$files[] | {
		SPDXID: (.key | id), name: .key, versionInfo: $version,
		packageFileName: .key, downloadLocation: "NOASSERTION",
		filesAnalyzed: false,
		checksums: [{algorithm: "SHA256", checksumValue: .value}],
		licenseConcluded: "NOASSERTION",
		licenseDeclared: ([.key | parts_of[]] as $in |
			[$parts[] | select(.name | IN($in[])) | .licence |
			 if test(" AND | WITH ") then "(\(.))" else . end] |
			unique | join(" AND ")),
		copyrightText: "NOASSERTION"}] +
	[$parts[] | {
		SPDXID: ("part-" + .name | id), name, versionInfo: .version,
		downloadLocation: "NOASSERTION", filesAnalyzed: false,
		packageFileName: "sources/\(.files[0])",
		checksums: [{algorithm: "SHA256",
			     checksumValue: $sum["sources/\(.files[0])"]}],
		sourceInfo: ("source code: " +
			     ([.files[] | "sources/" + .] | join(", "))),
		licenseConcluded: "NOASSERTION", licenseDeclared: .licence,
		copyrightText: "NOASSERTION"}]),
	relationships: ([$files[] | {
		spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES",
		relatedSpdxElement: (.key | id)}] +
	[$files[] | .key as $file | $file | parts_of[] | {
		spdxElementId: ($file | id), relationshipType: "GENERATED_FROM",
		relatedSpdxElement: ("part-" + . | id)}])
}
