# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# The JSON library, for the host's programs where they are to run anywhere.  Its
# tarball has no configure, and with musl there is nothing to find out.
source=jansson
needs=

build()
{
	mkdir -p "$OUT/include" "$OUT/lib"
	sed 's/@json_inline@/inline/; s/@json_[a-z_]*@/1/' \
		"$SRC/src/jansson_config.h.in" >"$OUT/include/jansson_config.h"
	: >jansson_private_config.h # the options below stand for it
	cp "$SRC/src/jansson.h" "$OUT/include/"
	# shellcheck disable=SC2086 # words
	$CC $CFLAGS -I. -I"$OUT/include" -DHAVE_STDINT_H -DHAVE_SYS_TYPES_H \
		-DHAVE_UNISTD_H -DHAVE_FCNTL_H -DHAVE_SYS_TIME_H \
		-DHAVE_LOCALE_H -DHAVE_STRTOLL -DHAVE_OPEN -DHAVE_READ \
		-DHAVE_CLOSE -DHAVE_GETPID -DHAVE_GETTIMEOFDAY \
		-DUSE_URANDOM=1 -c "$SRC"/src/*.c
	ar rcD "$OUT/lib/libjansson.a" ./*.o
}
