# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The kernel's user headers, which musl does not bring: of a fixed version, so
# that no package depends on the kernel under test.  In OUT/include; to be used
# with -idirafter, so that musl's own come first.
source=linux-libc-dev
needs=

build()
{
	mkdir "$OUT/include"
	for dir in linux asm-generic mtd; do
		cp -RL "$SRC/usr/include/$dir" "$OUT/include/"
	done
	cp -RL "$SRC"/usr/include/*-linux-gnu/asm "$OUT/include/"
}
