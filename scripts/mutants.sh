# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154,SC2153,SC2034
# Builds the kernel with one fault at a time and boots it, to see whether the
# scenarios notice.  scripts/tests/mutants/README.md has the format of a mutant.

# mutant FIELD: a field of the one that is being tried.
mutant()
{
	scripts/mutate "$1" "$mutants/$fault"
}

# Prints the names to try: those that match MUTANTS, or SAMPLE of the ones that
# are modules, evenly spread.  Those of DEBUG=1 are others.
mutants_wanted()
{
	for file in "$mutants"/*; do
		fault=${file##*/}
		is_wanted && printf '%s\n' "$fault"
	done >"$O/mutants/names"
	awk -v want="${SAMPLE:-0}" '
		{ name[NR] = $0 }
		END {
			if (!want || want > NR)
				want = NR
			for (i = 0; i < want; i++)
				print name[int(i * NR / want) + 1]
		}' "$O/mutants/names"
}

is_wanted()
{
	[ "$fault" != README.md ] || return 1
	[ "$(mutant debug)" = "${DEBUG#0}" ] || return 1
	[ -z "$SAMPLE" ] || [ -n "$(mutant module)" ] || return 1
	[ -z "$SAMPLE" ] || [ -z "$(mutant equivalent)" ] || return 1
	[ -n "$MUTANTS" ] || return 0
	set -f
	for pattern in $MUTANTS; do
		# shellcheck disable=SC2254 # a pattern
		case $fault in $pattern) return 0 ;; esac
	done
	return 1
}

cmd_mutants()
{
	mutants=scripts/tests/mutants
	ready --check
	check_space
	mkdir -p "$O/mutants"
	names=$(mutants_wanted)
	[ -n "$names" ] || die "MUTANTS='$MUTANTS': matches none of:" \
		"$(cd $mutants && echo [a-z]*)"
	SUITE=full
	build_image build-host
	released=$image whole=${image%/*}/image.cpio
	passed=0 failed=0 skipped=0
	state=$(cat "$whole" "$O/host/judge" results/expectations | sha256)
	: >"$O/mutants/times"
	mutants_head
	for fault in $names; do
		try_mutant
	done
	mutants_sum
	[ $failed -eq 0 ]
}

mutants_head()
{
	printf '%-32s %-26s %s\n' mutant of 'noticed by'
}

# A row of the table, and the count of it.
mutant_row()
{
	printf '%-32s %-26s %s\n' "$fault" "$(mutant file)" "$1"
}

# Tries one, unless it was tried with all that it depends on as it is now.
try_mutant()
{
	run=$O/mutants/$fault
	key=$({ echo "$state"; grep -v -e '^about: ' -e '^verdict: ' \
		"$mutants/$fault"; } | sha256)
	if [ -n "$(mutant equivalent)" ]; then
		mutant_row "not counted: $(mutant equivalent)"
		skipped=$((skipped + 1))
		return
	fi
	if [ "$FORCE" = 1 ] || [ "$(cat "$run/key" 2>/dev/null)" != "$key" ]
	then
		began=$(date +%s)
		mkdir -p "$run"
		rm -rf "$run/key" "$run"/boot-*
		run_mutant
		echo $(($(date +%s) - began)) >"$run/seconds"
		echo "$key" >"$run/key"
	fi
	cat "$run/seconds" >>"$O/mutants/times"
	count_mutant
}

# Is the fault in cgloop, and not in the kernel?
is_ours()
{
	case $(mutant file) in module/*) ;; *) return 1 ;; esac
}

# Compiles cgloop with the fault for the kernel as it is, in the folder $run, as
# scripts/kernel does with a module of its own.
break_cgloop()
{
	from=$run/kernel/source to=$run/kernel/lib/modules/$KRELEASE/updates
	rm -rf "$run/kernel"
	mkdir -p "$from" "$to"
	cp module/* "$from/"
	file=$(mutant file)
	scripts/mutate apply "$mutants/$fault" "$file" \
		>"$from/${file##*/}" || exit 2
	cp "${released%/*}/kernel.env" "$run/kernel/"
	CB_MODULE=$from scripts/module "$run/kernel" || exit $?
	for ko in "$run/kernel/module"/*.ko; do
		strip --strip-debug -o "$to/${ko##*/}" "$ko"
	done
	ln -s "$released" "$run/kernel/image"
}

# run_mutant: builds, boots and judges it, in the folder $run.
run_mutant()
{
	SCENARIOS=$(mutant scenarios) DRIVERS=$(mutant drivers)
	if is_ours; then
		break_cgloop
	else
		scripts/kernel mutate "$mutants/$fault" "$run/kernel" ||
			exit $?
	fi
	# shellcheck disable=SC2046 # words, each without a space
	"$O/rootfs/init" --plan $(plan_words) >"$run/plan.jsonl" || exit 2
	words="$(plan_words)${APPEND:+ $APPEND}"
	image=$run/kernel/image initrd=$run/initrd
	{
		is_ours || cat "$whole"
		[ ! -d "$run/kernel/lib" ] || (cd "$run/kernel" &&
			find lib -name '*.ko') |
			sed "s,.*,file /& $run/kernel/& 0644 0 0," |
			scripts/newc
	} >"$initrd"
	[ -n "${accel:-}" ] ||
		accel=$("$CB_REAPER" scripts/accel "$ACCEL" "$image" '' "$initrd")
	say "$fault: booting, $(wc -l <"$run/plan.jsonl") entries"
	boot_all
	judge_mutant >"$run/judge.log" 2>&1 || [ $? -ne 2 ] || {
		cat "$run/judge.log" >&2
		exit 2
	}
	rm "$initrd"
}

judge_mutant()
{
	with_boots --boot "$O/host/judge" --expectations results/expectations \
		--plan "$run/plan.jsonl" --out "$run" \
		--meta "mutant=$fault" --meta "words=$words"
}

# Prints for each scenario the worst verdict of its entries, or `control` where
# a control came out the other way, or `broken-control` where one broke down.
mutant_verdicts()
{
	jq -r '.scenarios | group_by(.name)[] | .[0].name + " " + (
		["panic", "hang", "splat", "timeout", "fail", "control",
		 "error", "incomplete", "xpass", "broken-control", "xfail",
		 "pass", "skip"] as $order |
		map(if (.reason // "" | startswith("control-unexpected"))
			then "control"
			elif .reason == "control-incomplete"
			then "broken-control"
			elif .control and (.verdict == "pass" or
				.verdict == "skip") then empty
			elif .control then "broken-control"
			else .verdict end) |
		[.[] | . as $v | $order | index($v)] | $order[min // 12])' \
		"$run/result.json"
}

# Does each scenario that must notice come out as the mutant says?
count_mutant()
{
	wanted=$(mutant verdict) missed='' said=''
	mutant_verdicts >"$run/verdicts"
	while read -r scenario came; do
		if is_one_of "$came" "${wanted:-fail}"; then
			said="$said${said:+, }$scenario $came"
		else
			missed="$missed${missed:+, }$scenario $came"
		fi
	done <"$run/verdicts"
	if [ -z "$missed" ] && [ -n "$said" ]; then
		passed=$((passed + 1))
		mutant_row "$said"
	else
		failed=$((failed + 1))
		mutant_row "${said:+$said; }NOT by ${missed:-anything}"
	fi
}

mutants_sum()
{
	sort -n "$O/mutants/times" | awk '{ t[NR] = $1; sum += $1 } END {
		if (NR)
			printf "%d tried, median %d s, longest %d s, %d s in all\n",
				NR, t[int((NR + 1) / 2)], t[NR], sum }'
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" \
		"$skipped"
}
