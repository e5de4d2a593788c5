# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The library that reads INI files; mkfs.xfs reads its options with it.
source=libinih
needs=

build()
{
	# shellcheck disable=SC2086 # words
	$CC $CFLAGS -c "$SRC/ini.c" -o ini.o
	install -D -m 644 "$SRC/ini.h" "$OUT/include/ini.h"
	mkdir "$OUT/lib"
	ar rcsD "$OUT/lib/libinih.a" ini.o
}
