# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The kernel's headers for programs, in OUT/include.  musl has none.  Their
# version is fixed, so that no package depends on the kernel under test.  Use
# them with -idirafter: musl's own headers must come first.
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
