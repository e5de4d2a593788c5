#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# oom-bypass in shell: a writer in a cgroup of 64 MiB writes 256 MiB, first to
# a file on tmpfs, then to a loop device bound to a file on the same tmpfs.
# If the memory is charged to the writer, the group's oom_kill goes 0, 1, 2.
# By hand:  modprobe loop; unshare -m sh oom-bypass.sh
#   DEVICE  a free device; empty: the second write goes to the file itself
#   GROUP   the cgroup to work in, with memory and io enabled for its children
#   TOP     an existing folder to mount the tmpfs on
#   MAIL    not empty: as in the mail that reported it, with the whole shell in
#           the group and through the device's page cache
set -eu

DEVICE=${DEVICE-/dev/loop0}
GROUP=${GROUP:-/sys/fs/cgroup}
TOP=${TOP:-/mnt}
MAIL=${MAIL-}
home=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
slice=$GROUP/test.slice

kills()
{
	grep '^oom_kill ' "$slice/memory.events"
}

# try NAME FILE TARGET [OPTION]: of this script only the writer is in the group,
# unless all of it is.  Says how it ended, and how many KiB of FILE there are
# when what it has written is there.
try()
{
	status=0
	# shellcheck disable=SC2016 # for the inner shell
	sh -c 'echo 0 >"$1/cgroup.procs"; shift; exec dd "$@"' sh "$slice" \
		if=/dev/zero bs=1M count=256 conv=notrunc of="$3" ${4+"$4"} \
		2>/dev/null || status=$?
	sync
	echo "$1 $status $(du -k "$2" | cut -f1)"
}

mkdir "$slice"
# Absent where the kernel cannot swap.
[ ! -e "$slice/memory.swap.max" ] || echo 0 >"$slice/memory.swap.max"
echo 64M >"$slice/memory.max"
[ ! "$MAIL" ] || echo $$ >"$slice/cgroup.procs"
mount -t tmpfs -o size=512M tmpfs "$TOP"

kills
try file "$TOP/file" "$TOP/file"
rm "$TOP/file"
kills

truncate -s 512M "$TOP/backing"
if [ "$DEVICE" ]; then
	losetup "$DEVICE" "$TOP/backing"
	# The device's own page cache is charged to the writer as well.
	if [ "$MAIL" ]; then
		try device "$TOP/backing" "$DEVICE"
	else
		try device "$TOP/backing" "$DEVICE" oflag=direct
	fi
else
	try device "$TOP/backing" "$TOP/backing"
fi
kills

[ ! "$DEVICE" ] || losetup -d "$DEVICE"
umount "$TOP"
[ ! "$MAIL" ] || echo $$ >"$home/cgroup.procs"
rmdir "$slice"
