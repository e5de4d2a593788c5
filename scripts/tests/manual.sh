#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The man pages and the completion of bash and zsh: complete, and without a
# warning.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

names_in()
{
	sed -n "s/^\([A-Za-z][A-Za-z_-]*\) .*/\1/p" "$1"
}

expect 'it is written' 0 '' scripts/manual "$tmp/share"
man=$tmp/share/man/man1
for knob in $(names_in scripts/knobs); do
	expect "the page has $knob" 0 "^\.B $knob=." cat "$man/chargeback.1"
done
for word in $(names_in scripts/commands); do
	roff=$(printf %s "$word" | sed 's/-/\\\\-/g')
	expect "the page has $word" 0 "^\.B ${roff}$" cat "$man/chargeback.1"
	expect "$word has a page with its knobs" 0 '^\.B OFFLINE=' \
		cat "$man/chargeback-$word.1"
done
# Colours and the folder of the pages are not ours; so only what is wrong.
lint()
{
	mandoc -T lint -W warning "$man"/*.1
}
expect 'mandoc finds nothing wrong' 0 '' lint
[ ! -s "$tmp/out" ] || not_ok 'mandoc finds nothing wrong' 'says' "$tmp/out"
printf '.NOSUCH\n' >>"$man/chargeback-clean.1"
expect 'mandoc would find it' 3 'unknown macro' lint

# in_bash LINE: what bash offers for it, its cursor at the end.
in_bash()
{
	# shellcheck disable=SC2016 # for bash
	bash -c '. "$1"
	COMP_LINE=$2 COMP_POINT=${#2}
	read -ra COMP_WORDS <<<"${2//=/ = }x"
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_chargeback
	printf "%s\n" "${COMPREPLY[@]}"' bash \
		"$tmp/share/bash-completion/completions/chargeback" "$1"
}

# The same for zsh, with stand-ins for what works on its command line only.
in_zsh()
{
	# shellcheck disable=SC2016 # for zsh
	zsh -f -c 'compset() { PREFIX=${PREFIX#*=} }
	_files() { print -l -- $PREFIX*(N) }
	compadd() {
		local suffix=
		[[ $1 != -S ]] || { suffix=$2; shift 2 }
		shift
		for one in "$@"; do
			[[ $one != $PREFIX* ]] || print -- $one$suffix
		done
	}
	file=$1 line=$2
	words=("${(@s: :)line}") CURRENT=$#words PREFIX=$words[-1]
	set --
	. $file' zsh "$tmp/share/zsh/site-functions/_chargeback" "$1"
}

for shell in in_bash in_zsh; do
	for word in $(names_in scripts/commands); do
		expect "$shell: $word" 0 "^$word$" $shell 'chargeback '
		$shell "chargeback $word " | sort >"$tmp/offered"
		scripts/chargeback "$word" --help |
			sed -n '/^Knobs/,/^$/s/^  \([A-Z_]*=\).*/\1/p' |
			sort >"$tmp/taken"
		[ -s "$tmp/taken" ] || not_ok "$word --help" "lists no knob"
		expect "$shell: the knobs of $word are those it takes" 0 '' \
			diff "$tmp/taken" "$tmp/offered"
	done
	expect "$shell: a beginning" 0 '^bisect-run$' $shell 'chargeback bi'
	expect "$shell: values" 0 '^planted$' $shell 'chargeback run SUITE='
	expect "$shell: kernels" 0 '^6\.12$' $shell 'chargeback run O=x KERNEL=6'
	expect "$shell: parts" 0 '^manual$' $shell 'chargeback check PART=man'
	expect "$shell: scenarios" 0 '^oom-bypass$' \
		$shell 'chargeback run SCENARIOS=oom'
	expect "$shell: files" 0 '^scripts' $shell 'chargeback run CONFIG=scr'
	expect "$shell: no more than asked for" 1 '' \
		sh -c "printf '%s\n' \"\$1\" | grep -v '^CONFIG='" sh \
		"$($shell 'chargeback run CONF')"
done
tests_end
