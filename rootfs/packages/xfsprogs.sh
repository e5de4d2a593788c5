# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The program mkfs.xfs alone, without libblkid.  So it takes the size from the
# device, assumes 512-byte sectors unless -s names others, and needs -f always.
source=xfsprogs
needs="headers e2fsprogs liburcu libinih"

build()
{
	cp -Rp "$SRC/." .
	./configure --enable-static --disable-shared --disable-gettext \
		--disable-scrub --disable-libicu --disable-blkid --prefix=/ \
		CC="$CC" CFLAGS="$CFLAGS" LDFLAGS=-static PKG_CONFIG=false \
		BUILD_CC=gcc BUILD_CFLAGS=-O2 OPTIMIZER=-O2 DEBUG=-DNDEBUG
	make -j"$JOBS" headers
	make -j"$JOBS" libxcmd
	make -C mkfs LDFLAGS=-all-static
	install -D mkfs/mkfs.xfs "$OUT/sbin/mkfs.xfs"
}
