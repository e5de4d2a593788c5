# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# fio with the engines that need the kernel alone (psync, pvsync, mmap,
# io_uring), without those that need a library.
source=fio
needs=headers

build()
{
	cp -Rp "$SRC/." .
	./configure --cc="$CC" --extra-cflags="$CFLAGS" --build-static \
		--disable-native --disable-numa --disable-rdma --disable-rados \
		--disable-rbd --disable-http --disable-gfapi --disable-libnfs \
		--disable-pmem --disable-xnvme --disable-libzbc \
		--disable-tcmalloc --disable-dfs --disable-shm
	make -j"$JOBS" V=1 fio
	install -D fio "$OUT/bin/fio"
}
