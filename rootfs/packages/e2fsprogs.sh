# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The program mke2fs, and the library libuuid for mkfs.xfs.
source=e2fsprogs
needs=headers

build()
{
	"$SRC/configure" --enable-libuuid --enable-libblkid --disable-nls \
		--disable-fuse2fs --disable-debugfs --disable-imager \
		--disable-resizer --disable-defrag --disable-uuidd \
		--disable-tls --without-libarchive --with-pthread=no \
		--prefix=/ \
		CC="$CC" CFLAGS="$CFLAGS" LDFLAGS=-static PKG_CONFIG=false
	make -j"$JOBS" libs
	make -j"$JOBS" -C misc mke2fs
	install -D misc/mke2fs "$OUT/sbin/mke2fs"
	install -D -m 644 lib/uuid/libuuid.a "$OUT/lib/libuuid.a"
	install -D -m 644 lib/uuid/uuid.h "$OUT/include/uuid/uuid.h"
}
