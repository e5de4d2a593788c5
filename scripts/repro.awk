# SPDX-License-Identifier: GPL-2.0
# Joins C files to one that needs no other: prints the files named, and those
# whose headers they include, directly or not, from the FOLDERs.  Headers stand
# where they are first included, the system's at the top.  The first file stays
# as it is; static names of another get the file's name put before them, and each
# file's macros end with it: so files may use the same names.  Understands C in
# the house style.
#   awk -v lib='FOLDER...' -f repro.awk FILE...

# --- reading

function base(path)
{
	sub(/.*\//, "", path)
	sub(/\.[ch]$/, "", path)
	return path
}

# Keeps a file's lines and follows its includes; false: there is none.
function gather(file,    i, n, text, name)
{
	if (file in lines)
		return 1
	for (n = 0; (getline text <file) > 0; n++)
		line[file, n] = text
	close(file)
	if (!n)
		return 0
	lines[file] = n
	if (file ~ /\.c$/)
		files[nfiles++] = file
	for (i = 0; i < n; i++) {
		name = line[file, i]
		if (file ~ /\.h$/ && name ~ /^#define /)
			from_header[macro_name(name)] = 1
		if (name ~ /^#include </)
			note_system(substr(name, 10))
		else if (name ~ /^#include "/)
			gather_header(file, included(name))
	}
	return 1
}

# The file that an include names: in the first folder that has it.
function included(text,    i, n, part, folder)
{
	split(text, part, "\"")
	n = split(lib, folder, " ")
	for (i = 1; i < n && !gather(folder[i] "/" part[2]); i++)
		continue
	return folder[i] "/" part[2]
}

function gather_header(file, header)
{
	if (!gather(header)) {
		printf "%s: no %s\n", file, header | "cat >&2"
		exit 1
	}
	sub(/\.h$/, ".c", header)
	gather(header)
}

# The kernel's own after all others, which may define less if they come later.
function note_system(name,    kernel)
{
	kernel = name ~ /^<(linux|asm)\//
	if (!(name in known))
		system_of[kernel] = system_of[kernel] "#include " name "\n"
	known[name] = 1
}

# --- tokens

# Takes the next token of rest; a comment, a text or blanks are one each.
function token(    n)
{
	if (comment || rest ~ /^\/\*/) {
		n = index(comment ? rest : "  " substr(rest, 3), "*/")
		comment = !n
		n = n ? n + 1 : length(rest)
	} else if (match(rest, /^[ \t]+/) || match(rest, /^[A-Za-z_0-9]+/) ||
		   match(rest, /^"([^"\\]|\\.)*"/) ||
		   match(rest, /^'([^'\\]|\\.)*'/) || match(rest, /^\/\/.*/) ||
		   match(rest, /^->/)) {
		n = RLENGTH
	} else {
		n = 1
	}
	tok = substr(rest, 1, n)
	rest = substr(rest, n + 1)
	return tok !~ /^([ \t]|\/\/|\/\*)/ && !was_comment
}

function is_name(text)
{
	return text ~ /^[A-Za-z_]/ && text !~ /^(void|char|int|long|bool)$/
}

function is_aggregate(text)
{
	return text ~ /^(struct|union|enum)$/
}

# Walks a file's tokens, to note what is its own, or to print it.
function walk(file, printing,    i, text)
{
	depth = parens = comment = macro = is_static = value = in_enum = 0
	before = before2 = opener = ""
	for (i = 0; i < lines[file]; i++) {
		text = line[file, i]
		macro = text ~ /^#/ || (macro && line[file, i - 1] ~ /\\$/)
		if (text ~ /^#include </)
			continue
		if (text ~ /^#include "/) {
			if (printing)
				print_header(included(text))
		} else if (text ~ /\.incbin/) {
			if (printing)
				print_bytes(file, text)
		} else {
			walk_line(file, text, printing)
		}
	}
}

function walk_line(file, text, printing,    out)
{
	rest = text
	while (rest != "") {
		was_comment = comment
		if (!token()) {
			out = out tok
			continue
		}
		out = out (printing ? renamed(file) : tok)
		if (!macro && !printing)
			note(file)
		if (!macro)
			nest()
		before2 = before
		before = tok
	}
	if (printing)
		print out
	else if (text ~ /^#define /)
		note_macro(file, text)
}

function macro_name(text)
{
	split(text, part, /[ \t(]/)
	return part[2]
}

# A macro that a header defines as well is for all files.
function note_macro(file, text)
{
	if (!(macro_name(text) in from_header))
		macros[file] = macros[file] "#undef " macro_name(text) "\n"
}

# The braces, parentheses and brackets around, and which braces are those of a
# struct.
function nest()
{
	if (tok == "(" || tok == "[")
		parens++
	else if (tok == ")" || tok == "]")
		parens--
	if (tok == "{") {
		if (!depth)
			opener = before
		inside = body[depth]
		body[++depth] = inside || before ~ /^(struct|union)$/ ||
			before2 ~ /^(struct|union)$/
		in_enum = before == "enum" || before2 == "enum"
	} else if (tok == "}") {
		depth--
		in_enum = 0
	}
	if (depth || parens)
		return
	if (tok == ";" || (tok == "}" && opener == ")"))
		is_static = value = 0
	else if (tok == "static")
		is_static = 1
	else if (tok == "=" || tok == ",")
		value = tok == "="
}

# A name is a file's own if it is static, a type's or of an enumeration.
function note(file)
{
	if (tok == "{" && !depth && is_aggregate(before2))
		own[file, "type", before] = 1
	if (in_enum && tok ~ /^[,=}]$/ && is_name(before))
		own[file, before] = 1
	if (depth || parens || !is_static || value)
		return
	if (tok ~ /^[([=;,]$/ && is_name(before) && before !~ /^__/)
		own[file, before] = 1
}

# --- writing

function renamed(file)
{
	if (file == ARGV[1] || before == "." || before == "->")
		return tok
	if (is_aggregate(before))
		return (file, "type", tok) in own ? base(file) "__" tok : tok
	if (body[depth] && !macro)
		return tok
	return (file, tok) in own ? base(file) "__" tok : tok
}

function print_header(file,    i)
{
	if (file in printed)
		return
	printed[file] = 1
	for (i = 0; i < lines[file]; i++) {
		if (line[file, i] ~ /^#include "/)
			print_header(included(line[file, i]))
		else if (line[file, i] !~ /^#include </)
			print line[file, i]
	}
}

function escaped(text)
{
	gsub(/["\\]/, "\\\\&", text)
	return text
}

# An assembler's line that takes in a file, as that file's bytes.
function print_bytes(file, text,    name, bytes)
{
	split(text, part, "\"")
	name = part[3]
	sub(/\\$/, "", name)
	split(lib, part, " ")
	name = part[1] "/../" name
	while ((getline bytes <name) > 0)
		printf "\t\"%s\\n\"\n",
			escaped(".ascii \"" escaped(bytes) "\\n\"")
	close(name)
}

BEGIN {
	for (i = 1; i < ARGC; i++)
		if (!gather(ARGV[i]))
			exit 1
	printf "%s%s\n", system_of[0], system_of[1]
	for (i = 0; i < nfiles; i++)
		walk(files[i], 0)
	for (i = 0; i < nfiles; i++) {
		printf "\n/* --- %s */\n\n", files[i]
		walk(files[i], 1)
		printf "%s", macros[files[i]]
	}
}
