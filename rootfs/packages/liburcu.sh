# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The library of userspace RCU; mkfs.xfs needs it.
source=liburcu
needs=headers

build()
{
	"$SRC/configure" --disable-shared --enable-static --prefix=/ \
		CC="$CC" CFLAGS="$CFLAGS"
	make -j"$JOBS" -C include
	make -j"$JOBS" -C src liburcu.la
	make -C include install DESTDIR="$OUT"
	install -D -m 644 src/.libs/liburcu.a "$OUT/lib/liburcu.a"
}
