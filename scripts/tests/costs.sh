#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A cgloop that was made slower on purpose: by 500 instructions a request, and
# by 100.  The comparison must find it in the cells that it touches and in no
# other, and the profile must point to the function.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

cb=scripts/chargeback
host=${O:-$PWD/build}/host
cell=cost/backing=tmpfs,rw=randread,bs=4k,engine=psync

# measure FOLDER COMMAND [KNOB=value...]: a result by that name.
measure()
{
	folder=$1
	shift
	expect "$folder" 0 '^(verdict: all as|graphs:)' \
		$cb "$@" RESULTS="$tmp/runs"
	mv "$(readlink -f "$tmp/runs/latest")" "$tmp/$folder"
}

# slower N COMMAND [KNOB=value...]: with N instructions more in each request.
slower()
{
	export CGL_SLOW="$1"
	shift
	measure "$@" O="$tmp/build-$CGL_SLOW"
	unset CGL_SLOW
}

# So many processes halt so often that without the plugin no two boots of the
# whole matrix were seen to count the same here.
measure many bench SUITE=full CELL=scale/groups=1024 DRIVERS=cgloop
expect_json 'a thousand cgroups: the boots count the same' \
	"$tmp/many/result.json" \
	'(.matrices | length) == 4 and .meta.boots == 2 and
	 ([.matrices[] | select(.unstable)] == [])'

# The image as it is, and some that differ in nothing that should matter.
measure bench bench MATRICES=cost REPEATS=1
for bytes in 6 65537 262147; do
	measure pad-$bytes bench MATRICES=cost REPEATS=1 PAD=$bytes
done
measure padded bench MATRICES=cost REPEATS=1 PAD=4099
mkdir "$tmp/base"
cp results/baselines/6.12.json "$tmp/base"
expect 'a baseline with tolerances' 0 'tolerances of 3 more' \
	"$host/baseline" --out "$tmp/base" "$tmp/bench" "$tmp"/pad-*
base=$tmp/base/6.12.json
expect 'padding alone makes nothing worse' 0 '^not worse: 0 worse, 0 better' \
	$cb compare BASE="$base" HEAD="$tmp/padded"
touched=$(jq '[.matrices[] | select(.driver == "cgloop")] | length' "$base")
# A cell whose paddings alone differ by more cannot show 500.
jq -r '.matrices[] | select(.driver == "cgloop") | .metrics.ns_per_io.tolerance
	as $may | select(.metrics.ns_per_io.value * $may.value / 100 < 400) |
	.cell | [to_entries[] | "\(.key)=\(.value)"] | sort | join(",")' \
	"$base" >"$tmp/visible"
expect 'paddings hide 500 instructions in a quarter of the cells at most' 0 \
	'^yes$' sh -c "[ $(wc -l <"$tmp/visible") -ge $((touched * 3 / 4)) ] &&
		echo yes"

for more in 500 100; do
	slower $more slow-$more bench MATRICES=cost REPEATS=1
	expect "$more instructions more are found" 1 '^worse: ' \
		$cb compare BASE="$base" HEAD="$tmp/slow-$more"
	sed -n '/^worse (/,/^$/s/^  //p' "$tmp/out" >"$tmp/found"
	sed 's/^/#   /' "$tmp/found"
	if grep -qv ' cgloop ns_per_io: ' "$tmp/found"; then
		not_ok "$more: in no cell that they do not touch" \
			'there is one' "$tmp/found"
	else
		ok "$more: in no cell that they do not touch"
	fi
	cp "$tmp/found" "$tmp/found-$more"
	found=$(wc -l <"$tmp/found")
	echo "# $more instructions more: found in $found of $touched cells"
done
while read -r one; do
	grep -qF " $one cgloop " "$tmp/found-500" || echo "$one"
done <"$tmp/visible" >"$tmp/missed"
if [ -s "$tmp/missed" ]; then
	not_ok '500: in every cell where paddings make less of a difference' \
		'not in these' "$tmp/missed"
else
	ok '500: in every cell where paddings make less of a difference'
fi

measure profile profile CELL=$cell
for driver in none loop cgloop; do
	graph=$tmp/profile/profile-$driver.svg
	expect "the flame graph of $driver is XML" 0 '^[1-9]' \
		sh -c "xmllint --noout '$graph' && grep -c '<title>' '$graph'"
done
slower 500 slow-profile profile CELL=$cell
expect 'the profile points to the function' 0 \
	'\+(499|500|501)\.[0-9] +cgl_submit_bio \[cgloop\]$' \
	"$host/profile" --compare "$tmp/profile/profile-cgloop.json" \
	"$tmp/slow-profile/profile-cgloop.json"
cp "$tmp/out" "$tmp/moved"
expect 'before all others' 0 'cgl_submit_bio' sed -n 2p "$tmp/moved"
tests_end
