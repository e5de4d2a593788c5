# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034
# BusyBox: a shell to work in, and what scenarios in shell form call.  Its
# default configuration without whole folders that this image has no use for,
# and with the lines of busybox.config.
source=busybox
needs=headers

without="console-tools klibc-utils loginutils mailutils networking printutils
	runit selinux sysklogd"

# symbols: what the folders of $without define.
symbols()
{
	for dir in $without; do
		grep -rhoE '^(//config:)?config [A-Z0-9_]+' "$SRC/$dir"
	done | awk '{ print $2 }' | sort -u
}

# asked FILE: every line of busybox.config is as it was asked for; one whose
# dependencies are gone may also be absent, if it was to be off.
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
	# The first line of a symbol wins in what kconfig reads, so ours go
	# alone, and the defaults for the rest come behind.
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
