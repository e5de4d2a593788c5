#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The module outside of the image: against the headers of a kernel that this
# machine has installed, by make and by DKMS.  DKMS works in folders of the
# test's own, and installs nothing.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

# skip NAME WHAT: what the machine lacks.
skip()
{
	skipped=$((skipped + 1))
	printf 'ok - %s # SKIP no %s\n' "$1" "$2"
}

# Sets headers, the newest; empty if there are none.
find_headers()
{
	headers=
	for dir in /lib/modules/*/build; do
		[ ! -e "$dir/Module.symvers" ] || headers=$dir
	done
	kernel=$(basename "$(dirname "$headers")")
	# As a pattern, in which + is no plain character.
	release=$(printf %s "$kernel" | tr + .)
}

# is_for FILE: the module says that it is for this kernel.
is_for()
{
	/sbin/modinfo -F vermagic "$1" | grep "^$kernel "
}

by_make()
{
	cp -r module "$tmp/by-make"
	expect "make builds it against the headers of $kernel" 0 'cgloop\.ko' \
		make -C "$tmp/by-make" KDIR="$headers" modules
	expect 'it is for that kernel' 0 "^$release" is_for \
		"$tmp/by-make/cgloop.ko"
}

by_dkms()
{
	mkdir "$tmp/dkms" "$tmp/src"
	cp -r module "$tmp/src/cgloop-1.0"
	set -- --dkmstree "$tmp/dkms" --sourcetree "$tmp/src"
	expect 'DKMS takes it' 0 symlink dkms add cgloop/1.0 "$@"
	expect "DKMS builds it for $kernel" 0 'Building module' \
		dkms build cgloop/1.0 -k "$kernel" "$@"
	expect 'what it built is for that kernel' 0 "^$release" is_for \
		"$tmp/dkms/cgloop/1.0/$kernel/$(uname -m)/module/cgloop.ko"
}

unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES O V
find_headers
if [ -z "$headers" ]; then
	skip 'make builds it' 'kernel headers'
else
	by_make
fi
if [ -z "$headers" ] || ! command -v dkms >/dev/null; then
	skip 'DKMS builds it' 'kernel headers, or no dkms'
else
	by_dkms
fi
tests_end
