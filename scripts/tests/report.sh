#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The report in a real browser, at the widths of a phone and of a desktop:
# nothing overflows, every plot is drawn, nothing is asked of a network, and
# no script complains, for there is none.  With KEEP=DIR pictures of it are
# left there.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

host=${O:-build}/host
run=$tmp/run
"${MAKE:-make}" -s -C results O="${O:-$PWD/build}"
case $host in
/*) ;;
*) host=$PWD/$host ;;
esac

browser=
for name in chromium chromium-browser google-chrome; do
	[ -n "$browser" ] || browser=$(command -v "$name" || :)
done

# long N: one word of N letters, which no line can break.
long()
{
	printf '%*s' "$1" '' | tr ' ' w
}

# A run with all that is hard to fit: words without an end, many drivers, a
# flood on the console, costs.
mkdir "$run" "$run/boot-1"
jq --arg long "$(long 300)" '
	.scenarios[].outcome = "held" |
	.scenarios[0] += {verdict: "fail", reason: $long, detail: $long,
		claim: $long, duration_ms: 123456,
		meters: [$long], evidence: {($long): {value: 1, unit: $long}}} |
	.scenarios[1] += {verdict: "panic", reason: "panic"} |
	.scenarios[2] += {verdict: "xfail", reason: "known"} |
	.scenarios[4] += {verdict: "skip", reason: "no-driver"} |
	.scenarios += [range(8) as $i | .scenarios[0] +
		{driver: "\($long[0:40])\($i)", verdict: "incomplete"}] |
	.problems += [{reason: "records-lost", detail: $long}] |
	.meta.compiler = $long | .meta.boots = 1 | .status = 3 |
	.matrices = [("randread", "randwrite") as $rw |
		("none", "loop", "cgloop") as $d | ("psync", "io_uring") as $e |
		{name: "cost", driver: $d,
		 cell: {rw: $rw, bs: "4k", engine: $e, backing: "tmpfs"},
		 metrics: {ns_per_io: {value: ($d | length * 4000),
			unit: "virtual ns"}}}] +
		[("buffered", "direct") as $io | ("none", "loop", "cgloop") as $d |
		 (1, 4, 16, 64, 256, 1024) as $n |
		 {name: "scale", driver: $d,
		  cell: {backing: "disk", io: $io, groups: "\($n)"},
		  metrics: {ns_per_io: {value: ($d | length * 2000 + $n * 3),
			unit: "virtual ns"}}}] +
		[("nobody", "throttled") as $b |
		 ("none", "loop", "cgloop", "cgloop-single") as $d |
		 {name: "isolation", driver: $d,
		  cell: {backing: "disk", io: "direct", beside: $b},
		  metrics: ([["p50", 1], ["p90", 2], ["p99", 40], ["p999", 50],
			["max", 90]] | map({key: "latency_\(.[0])",
			value: {unit: "virtual ns", value: (.[1] * 1000 *
				($b | length))}}) | from_entries)}]' \
	results/baselines/6.12.json >"$run/result.json"
{
	long 3000
	printf '\nBUG: %s\nnot ok 1 - oom-bypass\n' "$(long 600)"
	printf 'WARNING: at \033[1m<script>\n[ 1.0] Kernel panic - not syncing\n'
} >"$run/boot-1/console.log"
expect 'the report is written' 0 '^$' \
	sh -c "'$host/view' '$run' >/dev/null && echo"
report=$run/report.html
if grep -q 'class="stack".*class="issuer"' "$report"; then
	ok 'it begins with who paid'
else
	not_ok 'it begins with who paid' 'it does not'
fi
if grep -qiE '(src|href) *= *"?[a-z]+:|url\(|@import|<script|<link' "$report"
then
	not_ok 'it asks for no other file' 'it does'
else
	ok 'it asks for no other file'
fi

{
	echo '<plots>'
	sed -n '/<svg/,/<\/svg>/p' "$report" |
		sed 's/^<figure>//; s/<\/figure>$//'
	echo '</plots>'
} >"$tmp/plot.svg"
if xmllint --noout "$tmp/plot.svg" 2>"$tmp/out"; then
	ok 'its plots are XML'
else
	not_ok 'its plots are XML' 'they are not' "$tmp/out"
fi

if [ -z "$browser" ]; then
	skipped=$((skipped + 1))
	echo 'ok - the report in a browser # SKIP no chromium'
	tests_end
	exit
fi

# browse ARG...: headless, with a profile of its own, and no network.
browse()
{
	profile=$(mktemp -d "$tmp/profile.XXXXXX")
	timeout 1200 "$browser" --headless --no-sandbox --disable-gpu \
		--disable-quic --no-first-run --disable-background-networking \
		--disable-component-update --disable-sync --hide-scrollbars \
		--host-resolver-rules='MAP * ~NOTFOUND' \
		--user-data-dir="$profile" "$@" 2>"$tmp/browser.log"
}

# The page measures itself in a frame of the width, once as it opens and once
# with all details open.  The page's own policy forbids it any script, so the
# copy that is measured goes without.
cat >"$tmp/measure" <<'E2'
<script>
function measure(state) {
  const wide = [...document.querySelectorAll('body *')].filter(e =>
    !e.closest('svg') && e.getBoundingClientRect().right > innerWidth + 1);
  const plots = [...document.querySelectorAll('.plots svg')];
  const drawn = plots.filter(e => e.getBoundingClientRect().height > 50 &&
    e.querySelectorAll('path,polygon,rect').length > 2 &&
    e.getAttribute('aria-label') && e.querySelector('title'));
  parent.postMessage(`${innerWidth} ${state}: page ` +
    `${document.documentElement.scrollWidth}, wider ${wide.length} ` +
    `${wide.slice(0, 3).map(e => e.tagName + '.' + e.className)}, ` +
    `plots ${drawn.length} of ${plots.length}`, '*');
}
addEventListener('load', () => {
  measure('as it opens');
  for (const d of document.querySelectorAll('details')) d.open = true;
  measure('all open');
});
</script>
E2
sed '/Content-Security-Policy/d' "$report" >"$run/measured.html"
cat "$tmp/measure" >>"$run/measured.html"
cat >"$run/frames.html" <<'E2'
<!DOCTYPE html><pre id="said"></pre><script>
addEventListener('message', e => said.append(e.data + '\n'));
for (const w of [390, 1440]) {
  const f = document.createElement('iframe');
  f.style.cssText = `width:${w}px;height:2000px;border:0`;
  f.src = 'measured.html';
  document.body.append(f);
}
</script>
E2
browse --virtual-time-budget=10000 --dump-dom "file://$run/frames.html" \
	>"$tmp/dom" || not_ok 'the browser runs' 'it does not' "$tmp/browser.log"
for width in 390 1440; do
	for state in 'as it opens' 'all open'; do
		line=$(grep -F "$width $state: " "$tmp/dom" || :)
		line=${line#"<pre id=\"said\">"}
		line=${line#*"<pre id=\"said\">"}
		case $line in
		"$width $state: page $width, wider 0 , plots "*)
			ok "$width px, $state: nothing overflows" ;;
		*)
			not_ok "$width px, $state: nothing overflows" \
				"${line:-not measured}" "$tmp/dom" ;;
		esac
		case $line in
		*'plots 7 of 7')
			ok "$width px, $state: every plot is drawn" ;;
		*)
			not_ok "$width px, $state: every plot is drawn" \
				"${line:-not measured}" ;;
		esac
	done
done

# The page as it is; what the browser has to say of it would be logged.
browse --enable-logging=stderr --dump-dom "file://$report" >"$tmp/dom" ||
	not_ok 'the browser shows the report' 'it does not' "$tmp/browser.log"
if grep -q 'CONSOLE' "$tmp/browser.log"; then
	not_ok 'the browser has no complaint' 'it has' "$tmp/browser.log"
elif grep -q 'id="provenance"' "$tmp/dom"; then
	ok 'the browser has no complaint'
else
	not_ok 'the browser has no complaint' 'the page is not whole' "$tmp/dom"
fi

if [ -n "${KEEP:-}" ]; then
	for scheme in 0-dark 1-light; do
		browse --blink-settings=preferredColorScheme="${scheme%-*}" \
			--window-size=1440,3000 \
			--screenshot="$KEEP/report-1440-${scheme#*-}.png" \
			"file://$report"
	done
fi
tests_end
