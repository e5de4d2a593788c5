#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A defect planted in a kernel's history is found, past a commit that does not
# build and one that does not boot.  The history is made here, of the default
# kernel's sources without the drivers that no configuration of ours asks for.
set -eu
unset CDPATH
cd "$(dirname "$0")/../.."
. scripts/tests/lib.sh

unset PACKAGE IMAGE MODULES HEADERS KERNEL LINUX
src=$(scripts/fetch linux-6.12 | cut -d' ' -f3)
repo=$tmp/linux
loop=$repo/drivers/block/loop.c

# Kconfig and Makefiles stay, as kbuild reads them all; so do the file that the
# UEFI framebuffer selects, and the loopback device of each network stack.
rsync -a --include='Kconfig*' --include='Makefile*' --include='*/' \
	--include=drm_panel_orientation_quirks.c --include=loopback.c \
	--exclude='/drivers/gpu/**' --exclude='/drivers/media/**' \
	--exclude='/drivers/net/**' --exclude='/drivers/staging/**' \
	--exclude='/sound/**' --exclude='/Documentation/**' \
	--exclude='/tools/testing/**' --exclude='*.dts*' "$src/" "$repo/"
git -C "$repo" -c init.defaultBranch=main init -q
git -C "$repo" config core.compression 0

# commit SUBJECT: of all that has changed.  Debian's sources come with a .gitignore
# of everything.
commit()
{
	git -C "$repo" add -A -f
	git -C "$repo" -c user.name=test -c user.email=test@localhost \
		commit -qm "$1"
}

commit 'as it was released'
echo '/* A comment. */' >>"$loop"
commit 'a change before'
echo '#error planted' >>"$loop"
commit 'does not build'
sed -i '/^#error planted/d' "$loop"
sed -i 's/^\trest_init();$/\tpanic("planted");\n&/' "$repo/init/main.c"
commit 'does not boot'
sed -i '/panic("planted");/d' "$repo/init/main.c"
commit 'boots again'
sed -i 's/mem_cgroup_from_css(cmd_memcg_css));/NULL);/' "$loop"
commit 'a planted defect'
echo '/* Another comment. */' >>"$loop"
commit 'a change after'

# No hardware drivers, so that the kernel is there sooner; some are selected by
# others.
sed -n '/SERIO\|FAT\|PSTORE/!s/^\(CONFIG_[A-Z0-9_]*\)=m$/# \1 is not set/p' \
	kernel-config/metal.config >"$tmp/small.config"
sed -n 's/^\(CONFIG_[A-Z0-9_]*\)=.*/# \1 is not set/p' \
	kernel-config/raid.config >>"$tmp/small.config"
expect 'the planted defect is found' 0 '^    a planted defect' \
	scripts/chargeback bisect HEAD~6 HEAD "$repo" CONFIG="$tmp/small.config" \
	SCENARIOS=oom-bypass DRIVERS=loop RESULTS="$tmp/runs"
cp "$tmp/out" "$tmp/said"
expect 'with the evidence that changed' 0 'oom_kill_device 2 -> 1' \
	cat "$tmp/said"
expect 'the work tree is as it was' 0 '^$' \
	sh -c "git -C '$repo' status --porcelain | wc -c | tr -d 0"
expect 'no worktree is left behind' 0 '^1$' \
	sh -c "git -C '$repo' worktree list | wc -l"
tests_end
