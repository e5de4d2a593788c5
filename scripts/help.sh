# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# The help texts, made of the tables commands and knobs; and the exit statuses,
# from results/record/status.h.

# Prints the exit statuses of a run as NUMBER TEXT, worst first.
statuses()
{
	sed -n 's|^.S([A-Z]*, \([0-9]*\), "\(.*\)").*|\1 \2|p' \
		results/record/status.h
}

# verdict LABEL STATUS
verdict()
{
	printf '%-8s %s (exit status %s)\n' "$1:" \
		"$(statuses | sed -n "s/^$2 //p")" "$2"
}

# worse STATUS STATUS: prints the one that has precedence.
worse()
{
	statuses | awk -v a="$1" -v b="$2" '$1 == a || $1 == b { print $1; exit }'
}

usage()
{
	cat <<-'END'
	usage: scripts/chargeback COMMAND [KNOB=value...]
	       scripts/chargeback --version

	Who pays for I/O done on somebody's behalf?  Boots a kernel and shows, with
	controls in the same boot, whether its loop drivers let a writer escape.

	Commands; COMMAND --help lists the knobs that the command takes:
	END
	awk '!/^#/ && NF { name = $1; sub(/^[^ ]+ +[^ ]+ +/, "")
		printf "  %-11s %s\n", name, $0 }' scripts/commands
	printf '\nKnobs, as KNOB=value here, %s:\n' \
		"on make's command line or in the environment"
	show_knobs all
	show_statuses
}

usage_of()
{
	printf 'usage: scripts/chargeback %s [KNOB=value...]\n\n%s.\n\nKnobs:\n' \
		"$1" "$(command_help "$1" | awk '{
			print toupper(substr($0, 1, 1)) substr($0, 2) }')"
	show_knobs "$groups"
	show_parts "$1"
	show_statuses
}

# show_parts COMMAND: those of check, or of check-all.
show_parts()
{
	case $1 in check | check-all) ;; *) return ;; esac
	printf '\nParts:\n'
	part_rows "$1" | awk -F '\t' '{ printf "  %-13s %s\n", $1, $2 }'
}

# part_rows COMMAND: the name of each part, a tab, and its help.
part_rows()
{
	for part in $(parts_of "$1"); do
		awk -v name="$part" '$1 == name {
			sub(/^[^ ]+ +[^ ]+ +/, "")
			printf "%s\t%s\n", name, $0 }' scripts/parts
	done
}

show_statuses()
{
	printf '\nExit status of a run; of several, the first of these:\n'
	statuses | sed 's/^/  /'
	printf 'Of compare: 0 not worse, 1 worse, 2 unusable input.\n'
}

# knob_rows GROUPS: the knobs of these, each between commas, or all: lines
# NAME=VALUE, a tab, and the help with the default.
knob_rows()
{
	awk -v groups="$1" '
	function is_shown(commands,    words, i, n) {
		n = split(commands, words, ",")
		for (i = 1; i <= n; i++)
			if (index(groups, "," words[i] ","))
				return 1
		return groups == "all"
	}
	/^#/ || !NF { next }
	is_shown($5) {
		name = $1
		preset = $2
		sub(/^[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +[^ ]+ +/, "")
		at = index($0, ": ")
		text = substr($0, at + 2)
		if (preset !~ /^(-|0|\(\))$/)
			text = text " (default: " preset ")"
		printf "%s=%s\t%s\n", name, substr($0, 1, at - 1), text
	}' scripts/knobs
}

# show_knobs GROUPS: the same, for a terminal.
show_knobs()
{
	knob_rows "$1" | awk -F '\t' '
	function show(left, text,    words, i, n, line) {
		line = sprintf("  %-18s", left)
		if (length(left) > 18) {
			print line
			line = sprintf("%20s", "")
		}
		n = split(text, words, " ")
		for (i = 1; i <= n; i++) {
			if (length(line " " words[i]) > 79) {
				print line
				line = sprintf("%20s", "")
			}
			line = line " " words[i]
		}
		print line
	}
	{ show($1, $2) }'
}

# command_help COMMAND: what it does, as the file commands has it.
command_help()
{
	awk -v name="$1" '$1 == name {
		sub(/^[^ ]+ +[^ ]+ +/, ""); print }' scripts/commands
}
