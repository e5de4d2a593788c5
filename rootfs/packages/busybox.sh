# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# BusyBox: the shell of the image, and the commands that scenarios in shell form
# call.  The configuration is BusyBox's default, without the folders of $without,
# and with the lines of busybox.config on top.
source=busybox
needs=headers

without="console-tools klibc-utils loginutils mailutils networking printutils
	runit selinux sysklogd"

# Prints the symbols that the folders of $without define.
symbols()
{
	for dir in $without; do
		grep -rhoE '^(//config:)?config [A-Z0-9_]+' "$SRC/$dir"
	done | awk '{ print $2 }' | sort -u
}

# Checks that the final configuration has each line of the file $1.  A symbol
# that is to be off may also be absent, because its dependencies are off.
asked()
{
	grep -E '^(# )?CONFIG_' "$1" | while read -r line; do
		symbol=$(echo "$line" | grep -oE 'CONFIG_[A-Z0-9_]+')
		grep -qx "$line" .config && continue
		case $line in
		'#'*) grep -q "^$symbol=" .config || continue ;;
		esac
		echo "busybox: the configuration lost: $line"
		return 1
	done
}

build()
{
	cp -Rp "$SRC/." .
	make defconfig >/dev/null
	{
		symbols | sed 's/.*/# CONFIG_& is not set/'
		cat "$RECIPES/busybox.config"
	} >wanted
	# kconfig takes the first line that it reads for a symbol: print our
	# lines, and defaults only for other symbols.
	awk '{ symbol = $0; gsub(/^# |[= ].*/, "", symbol) }
		FILENAME == "wanted" { if (/CONFIG_/) line[symbol] = $0; next }
		!(symbol in line)
		END { for (symbol in line) print line[symbol] }' \
		wanted .config >merged
	mv merged .config
	yes '' | make oldconfig >/dev/null
	asked "$RECIPES/busybox.config"
	make -j"$JOBS" V=1 CC="$CC" HOSTCC=gcc busybox
	install -D busybox "$OUT/bin/busybox"
}
