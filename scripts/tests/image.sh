#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The image depends on its inputs alone, not on where it is built; and what is
# there is not built again, also where the cache was moved.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

: "${KERNEL:=6.12}"
# image FOLDER: builds there; prints the image's hash.
image()
{
	(cd "$1" && scripts/chargeback image) >"$tmp/out" 2>&1 ||
		not_ok "the image builds in $1" 'it does not' "$tmp/out"
	sha256sum <"$(sed -n '$s/: [0-9]* bytes$//p' "$tmp/out")"
}

# Puts stand-ins for these programs into $tmp/bin.  Each start writes a line to
# $tmp/started, unless it only asks for a version or a path.
record()
{
	mkdir -p "$tmp/bin"
	for tool in gcc cc ccache musl-gcc as ld ar objcopy; do
		real=$(command -v $tool) || continue
		cat >"$tmp/bin/$tool" <<-END
		#!/bin/sh
		case "\$*" in
		--version | -print-*) ;;
		*) echo "$tool \$*" >>"$tmp/started" ;;
		esac
		exec "$real" "\$@"
		END
	done
	real=$(command -v make)
	cat >"$tmp/bin/make" <<-END
	#!/bin/sh
	case "\$*" in
	*/chargeback/kernel/*) echo "make \$*" >>"$tmp/started" ;;
	esac
	exec "$real" "\$@"
	END
	chmod +x "$tmp"/bin/*
	: >"$tmp/started"
}

one_entry()
{
	(cd "$tmp/one" && PATH=$tmp/bin:$PATH MAKE=make scripts/chargeback run \
		RESULTS="$tmp/runs" SCENARIOS=oom-bypass DRIVERS=loop "$@")
}

# has_faults MODULE: its symbols and strings name a fault, or what one replaces.
has_faults()
{
	{ nm "$1" && strings "$1"; } >"$tmp/names" && grep -qE \
		'cgl_(real|fault|inject)|inject=|fail-worker|no-guard' \
		"$tmp/names"
}

unset O
copy "$tmp/one"
record
expect 'a run in a fresh clone' 0 '^verdict: all as expected' one_entry
if grep -q '^musl-gcc .*\.c$' "$tmp/started" &&
   grep -q '^make .*M=.* modules$' "$tmp/started"; then
	ok 'starts of compilers are seen, and of kbuild'
else
	not_ok 'starts of compilers are seen, and of kbuild' 'they are not' \
		"$tmp/started"
fi
: >"$tmp/started"
modules=$tmp/one/build/$KERNEL/module
if [ -e "$modules/cgloop.ko" ] && ! has_faults "$modules/cgloop.ko" &&
   has_faults "$modules/cgloop-inject.ko"; then
	ok 'cgloop.ko has no fault in it, cgloop-inject.ko has'
else
	not_ok 'cgloop.ko has no fault in it, cgloop-inject.ko has' \
		'not so' "$tmp/names"
fi
expect 'and another one' 0 '^verdict: all as expected' one_entry
if [ -s "$tmp/started" ]; then
	not_ok 'it starts no compiler, linker or kbuild' 'it does' \
		"$tmp/started"
else
	ok 'it starts no compiler, linker or kbuild'
fi
plain=$(image "$tmp/one")
padded=$(PAD=100000 image "$tmp/one")
if [ "$plain" != "$padded" ] && [ "$(image "$tmp/one")" = "$plain" ]; then
	ok 'another archive makes another image, and the first one the first'
else
	not_ok 'another archive makes another image, and the first one the first' \
		"$plain and $padded"
fi
copy "$tmp/another/folder"
if [ "$(image "$tmp/one")" = "$(image "$tmp/another/folder")" ]; then
	ok 'two folders, the same image'
else
	not_ok 'two folders, the same image' 'they differ'
fi
# A second command waits for the build of the first one.
exec 3>"$tmp/another/folder/build/host/lock"
flock 3
(cd "$tmp/another/folder" && exec scripts/chargeback image) \
	>"$tmp/second" 2>&1 3>&- &
while ! grep -q 'waiting for another build' "$tmp/second" &&
      kill -0 $! 2>/dev/null; do
	sleep 0.1
done
exec 3>&-
wait $! || :
expect 'a second build in a folder waits' 0 'image: [0-9]* bytes$' \
	awk '/waiting for another build in .*another/ { on = 1 } on' "$tmp/second"
# clean removes the built files, and nothing else.
echo precious >"$tmp/one/build/keep-me"
mkdir "$tmp/shared"
echo precious >"$tmp/shared/keep-me"
O=$tmp/shared "$tmp/one/scripts/chargeback" image >"$tmp/out" 2>&1 ||
	not_ok 'an image in a shared folder' 'it does not build' "$tmp/out"
(cd "$tmp/one" && scripts/chargeback clean && O=$tmp/shared \
	scripts/chargeback clean) >"$tmp/out" 2>&1 ||
	not_ok 'clean' 'it does not' "$tmp/out"
left=$(cd "$tmp" && find one/build shared | tr '\n' ' ')
if [ "$left" = "one/build one/build/keep-me shared shared/keep-me " ]; then
	ok 'clean takes what was built, and nothing else'
else
	not_ok 'clean takes what was built, and nothing else' "$left"
fi

# The cache under another path, copied in a way that keeps no times: kbuild's
# notes are of the old one.
# shellcheck source=/dev/null # written by scripts/kernel
. "$tmp/another/folder/build/$KERNEL/kernel.env"
old=${KBUILD%/kernel/*} new=$tmp/cache/chargeback
mkdir -p "$new/src" "$new/kernel"
cp -as "$KSRC" "$new/src/"
cp -r "$KBUILD" "$new/kernel/"
for input in "$old"/src/*; do
	[ -e "$new/src/${input##*/}" ] || ln -s "$input" "$new/src/"
done
ln -s "$old/pkg" "$new/pkg"
expect 'the cache under another path' 0 'image: [0-9]* bytes$' \
	env XDG_CACHE_HOME="$tmp/cache" PAD=4096 scripts/chargeback image \
	O="$tmp/moved"
log=$new/kernel/${KBUILD##*/}/log
if grep -q ' LD .*vmlinux' "$log" && ! grep ' CC .* kernel/' "$log" \
	>"$tmp/lines"; then
	ok 'it links and compiles no kernel'
else
	not_ok 'it links and compiles no kernel' 'it does' "$tmp/lines"
fi

# A cache that is reached by links is not one that was moved.
mkdir -p "$tmp/linked/chargeback"
ln -s "$old"/* "$tmp/linked/chargeback/"
cp "$KBUILD/where" "$tmp/where"
expect 'the cache by symbolic links' 0 'image: [0-9]* bytes$' \
	env XDG_CACHE_HOME="$tmp/linked" scripts/chargeback image \
	O="$tmp/by-links"
if cmp -s "$KBUILD/where" "$tmp/where"; then
	ok 'it stays where it was'
else
	not_ok 'it stays where it was' "it is $(cat "$KBUILD/where")"
fi
tests_end
