#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The Debian packages: without an error of lintian's, and of use in a Debian
# that has nothing else of ours.  That is made by mmdebstrap, in a folder of the
# test's own, from the mirror of this machine.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh
. scripts/apt.sh

unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX
scripts/deps --debcheck
O=$tmp/O
mkdir "$O"
export O
expect 'the packages are built' 0 'chargeback_.*deb: ' scripts/chargeback deb
expect 'lintian finds no error' 0 '' \
	lintian --allow-root --fail-on error "$O"/deb/*.deb
expect 'lintian looked' 0 'debian-changelog|GPL|chargeback' \
	lintian --allow-root --pedantic --info "$O"/deb/*.deb
mkdir "$tmp/again"
mv "$O"/deb/*.deb "$tmp/again/"
scripts/chargeback deb >/dev/null 2>&1
for file in "$tmp"/again/*.deb; do
	expect "${file##*/}: twice the same" 0 '' \
		cmp "$file" "$O/deb/${file##*/}"
done

# A kernel that others built, to have headers for.
PACKAGE=bookworm:6.12 scripts/package build "$tmp"
# shellcheck disable=SC1091 # written by scripts/package
. "$tmp/kernel.env"
cache=$(cb_cache)
cat >"$tmp/hook" <<END
#!/bin/sh
# In the new Debian, \$1: installs the packages, and uses the command.
set -eux
mkdir -p "\$1/debs" "\$1$cache" "\$1/home/user"
cp "$O"/deb/*.deb "\$1/debs/"
chroot "\$1" apt-get -q -y install --no-install-recommends \
	"linux-headers-$KRELEASE"
chroot "\$1" sh -c 'apt-get -q -y install --no-install-recommends /debs/*.deb'
mount --bind "$cache" "\$1$cache"
trap 'umount "\$1$cache"' EXIT
chroot "\$1" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
	XDG_CACHE_HOME="${cache%/chargeback}" sh -c 'cd /home/user &&
	chargeback run PACKAGE=bookworm:6.12 SCENARIOS=oom-bypass \
		O=/home/user/build >run.log 2>&1 || echo "status \$?" >>run.log'
chroot "\$1" man -w chargeback-run >"\$1/home/user/man.log" 2>&1 || :
END
chmod +x "$tmp/hook"
own=$(. /etc/os-release && echo "$VERSION_CODENAME")
repos "$own" | sed 's/^/deb /' >"$tmp/sources"
expect 'they install in a new Debian' 0 '' \
	mmdebstrap --variant=apt --skip=check/qemu --include=man-db \
	--customize-hook="$tmp/hook" "$own" "$tmp/root" "$tmp/sources"
expect 'chargeback runs there with a packaged kernel' 0 \
	'^verdict: all as expected' cat "$tmp/root/home/user/run.log"
expect 'its result is where the user stands' 0 result.json \
	ls "$tmp/root/home/user/chargeback-runs/latest/"
ko=$(find "$tmp/root/lib/modules/$KRELEASE" -name 'cgloop.ko*')
expect 'DKMS has built cgloop for the packaged headers' 0 \
	"^$(printf %s "$KRELEASE" | tr + .) " \
	/sbin/modinfo -F vermagic "${ko:-none}"

# modprobe finds it among the modules of that kernel.
mkdir -p "$tmp/mods/lib/modules"
cp -rs "$KMODS/lib/modules/$KRELEASE" "$tmp/mods/lib/modules/"
mkdir -p "$tmp/mods/lib/modules/$KRELEASE/updates/dkms"
cp "$ko" "$tmp/mods/lib/modules/$KRELEASE/updates/dkms/"
rm -f "$tmp/mods/lib/modules/$KRELEASE"/modules.*
expect 'it is loaded in that kernel, and charges' 0 \
	'^verdict: all as expected' scripts/chargeback run IMAGE="$KIMAGE" \
	MODULES="$tmp/mods" SCENARIOS=oom-bypass RESULTS="$tmp/runs"
expect_json 'all of its entries count' "$tmp/runs/latest/result.json" '
	[.scenarios[] | select(.driver | startswith("cgloop"))] |
	length > 1 and all(.verdict == "pass")'
tests_end
