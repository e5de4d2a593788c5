#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# check-all in parts: one that passed is not run again at the same commit, and
# is in all other cases; and check, which runs parts side by side.  In a copy,
# where parts do as they are told.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset O MAKEFLAGS MFLAGS MAKEOVERRIDES CB_GIVEN
copy "$tmp/copy"
cd "$tmp/copy"
cat >scripts/tests/dkms.sh <<END
#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
echo ran >>"$tmp/ran"
cat "$tmp/answer"
! grep -q '[1-9] failed' "$tmp/answer"
END

commit()
{
	git add -A
	git -c user.name=test -c user.email=test commit -q --allow-empty -m "$1"
}

git init -q
commit one

# part RUNS STATUS PATTERN NAME [KNOB=value...]: a check-all of the part runs it
# so many times (0 or 1).
part()
{
	runs=$1 status=$2 pattern=$3 name=$4
	shift 4
	: >"$tmp/ran"
	expect "$name" "$status" "$pattern" \
		scripts/chargeback check-all PART=headers "$@"
	[ "$(wc -l <"$tmp/ran")" -eq "$runs" ] ||
		not_ok "$name" "ran $(wc -l <"$tmp/ran") times, not $runs"
}

short=$(git rev-parse --short HEAD)
not_again="headers: passed at $short, not run again; FORCE=1 runs it"
echo '2 passed, 1 failed, 0 skipped' >"$tmp/answer"
part 1 1 '^2 passed, 1 failed, 0 skipped$' 'a part that fails'
part 1 1 '^2 passed, 1 failed, 0 skipped$' 'runs again'
: >"$tmp/answer"
part 1 1 '^0 passed, 1 failed, 0 skipped$' 'so does one that does not end'
echo '2 passed, 0 failed, 1 skipped' >"$tmp/answer"
part 1 0 '^2 passed, 0 failed, 1 skipped$' 'a part that passes'
part 0 0 "$not_again" 'does not run again'
part 0 0 '^2 passed, 0 failed, 1 skipped$' 'and is in the sum'
part 1 0 '^2 passed, 0 failed, 1 skipped$' 'FORCE=1 runs it' FORCE=1
part 1 0 '^2 passed' 'another machine under test runs it' SMP=3
echo >new
part 1 0 '^2 passed' 'with a change it runs'
rm new
part 0 0 "$not_again" 'without, it does not'
commit two
part 1 0 '^2 passed' 'at another commit it runs'

# Two parts of check, of which each waits until the other one has begun.
cat >scripts/parts <<-END
	usage check  one
	metal beside two
END
for one in usage metal; do
	cat >scripts/tests/$one.sh <<-END
	#!/bin/sh
	touch "$tmp/$one-began"
	for try in \$(seq 3000); do
		[ ! -e "$tmp/usage-began" ] || [ ! -e "$tmp/metal-began" ] ||
			break
		sleep 0.1
	done
	[ ! -e "$tmp/usage-began" ] || [ ! -e "$tmp/metal-began" ] ||
		echo "$one met the other in \$O"
	cat "$tmp/answer-$one"
	END
done
printf '#!/bin/sh\n' >scripts/chargeback
echo '2 passed, 0 failed, 1 skipped' >"$tmp/answer-usage"

# lanes STATUS PATTERN NAME: a check of these parts.
lanes()
{
	rm -f "$tmp"/*-began
	mkdir -p "$tmp/o"
	expect "$3" "$1" "$2" env KSRC=none LINUX='' CONFIG='' O="$tmp/o" \
		scripts/check
}

if [ "$(. scripts/lib.sh && . scripts/limits.sh && processors)" -gt 1 ]; then
	echo '3 passed, 0 failed, 0 skipped' >"$tmp/answer-metal"
	lanes 0 '^5 passed, 0 failed, 1 skipped$' 'check runs both kinds'
	cp "$tmp/out" "$tmp/said"
	expect 'side by side, in folders of their own' 0 '^2$' \
		grep -cE 'met the other in .*/o(/beside)?$' "$tmp/said"
	: >"$tmp/answer-metal"
	lanes 1 '^2 passed, 1 failed, 1 skipped$' \
		'one that is beside and does not end has failed'
else
	echo 'ok - parts side by side # SKIP one processor'
	skipped=$((skipped + 1))
fi
tests_end
