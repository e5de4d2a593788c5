# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Finds how many processors and how much memory this process may use.  The
# limits of a container are those of its cgroups, version 1 or 2.

# Tests set CB_PROC to their own /proc.
: "${CB_PROC:=/proc}"

# cgroups CONTROLLER: prints the folders of this process's cgroups, from its own
# up to the topmost one that is mounted.
cgroups()
{
	awk -v want="$1" '
	FILENAME ~ /cgroup$/ {
		at = index($0, ":")
		rest = substr($0, at + 1)
		at = index(rest, ":")
		count = split(substr(rest, 1, at - 1), names, ",")
		if (!count)
			path["unified"] = substr(rest, at + 1)
		for (i = 1; i <= count; i++)
			path[names[i]] = substr(rest, at + 1)
		next
	}
	{
		for (i = 7; i <= NF && $i != "-"; i++)
			;
		kind = $(i + 1) == "cgroup2" ? "unified" : ""
		if ($(i + 1) == "cgroup" && index("," $(i + 3) ",", "," want ","))
			kind = want
		if (!(kind in path) || kind == "")
			next
		rest = path[kind]
		if ($4 != "/" && index(rest, $4) == 1)
			rest = substr(rest, length($4) + 1)
		sub(/\/$/, "", rest)
		for (; rest != ""; sub(/\/[^\/]*$/, "", rest))
			print $5 rest
		print $5
	}' "$CB_PROC/self/cgroup" "$CB_PROC/self/mountinfo" 2>/dev/null || :
}

# Prints how much processor time may be used, in hundredths of one processor.
processor_share()
{
	cgroups cpu | awk -v all="$(nproc)" '
	BEGIN { all *= 100 }
	{
		max[1] = max[2] = line = ""
		if ((getline line <($0 "/cpu.max")) > 0)
			split(line, max, " ")
		else {
			getline max[1] <($0 "/cpu.cfs_quota_us")
			getline max[2] <($0 "/cpu.cfs_period_us")
		}
		if (max[1] + 0 > 0 && max[2] + 0 > 0 &&
		    max[1] * 100 < max[2] * all)
			all = int(max[1] * 100 / max[2])
	}
	END { print all < 1 ? 1 : all }'
}

processors()
{
	echo $((($(processor_share) + 99) / 100))
}

# patience SECONDS: prints a longer time if there is less than one processor.
patience()
{
	share=$(processor_share)
	[ "$share" -le 100 ] || share=100
	echo $(($1 * 100 / share))
}

# Prints the free MiB of the tightest cgroup, and its folder; nothing if there
# is no limit.  Cached files count as free.
memory_in_cgroup()
{
	cgroups memory | awk '
	function number(name,    line) {
		if ((getline line <name) <= 0)
			return -1
		return line == "max" ? -1 : line + 0
	}
	{
		limit = number($0 "/memory.max")
		used = number($0 "/memory.current")
		if (limit < 0) {
			limit = number($0 "/memory.limit_in_bytes")
			used = number($0 "/memory.usage_in_bytes")
		}
		# Version 1 shows nearly 2^63 if there is no limit.
		if (limit < 0 || limit > 2 ^ 60)
			next
		cached = 0
		while ((getline line <($0 "/memory.stat")) > 0) {
			split(line, field, " ")
			if (field[1] ~ /^(in)?active_file$/)
				cached += field[2]
		}
		left = int((limit - used + cached) / 1048576)
		if (best == "" || left < best) {
			best = left
			folder = $0
		}
	}
	END { if (best != "") printf "%.0f %s\n", best, folder }'
}

# Prints the free memory in MiB.
memory_left()
{
	{
		memory_in_cgroup
		awk '$1 == "MemAvailable:" { print int($2 / 1024) }' \
			"$CB_PROC/meminfo"
	} | sort -n | head -n 1 | cut -d' ' -f1
}

# QEMU needs this many MiB besides the memory of the guest.
BESIDE=192

# Prints how many MiB a machine needs.
machine_memory()
{
	case $MEM in
	*G) echo $((${MEM%G} * 1024 + BESIDE)) ;;
	*) echo $((${MEM%M} + BESIDE)) ;;
	esac
}

# Beyond a cgroup's limit QEMU would be killed.  A host without one may swap.
check_room()
{
	room=$(memory_in_cgroup)
	[ -n "$room" ] && [ "${room%% *}" -lt "$(machine_memory)" ] || return 0
	die "MEM='$MEM': with QEMU $(machine_memory) MiB are needed, and the" \
		"limit of ${room#* } leaves ${room%% *} MiB; raise it," \
		"or take less (MEM=768M is the least)"
}

# Prints how many jobs may compile at once; one needs up to 256 MiB.
compile_jobs()
{
	if [ -n "$JOBS" ]; then
		echo "$JOBS"
		return
	fi
	at_once=$(processors)
	fit=$(($(memory_left) / 256))
	[ "$at_once" -le "$fit" ] || at_once=$fit
	[ "$at_once" -ge 1 ] || at_once=1
	echo "$at_once"
}

# boots_at_once [N]: prints how many machines run side by side, N per processor.
# QEMU emulates a machine in one thread, whatever SMP is.
boots_at_once()
{
	at_once=$JOBS
	if [ -z "$at_once" ]; then
		at_once=$(($(processors) * ${1:-1}))
		[ "$accel" != kvm ] || at_once=$((at_once / SMP))
	fi
	fit=$(($(memory_left) / $(machine_memory)))
	[ "$at_once" -le "$fit" ] || at_once=$fit
	[ "$at_once" -ge 1 ] || at_once=1
	echo "$at_once"
}

# Tests set CB_KVM to another device.
KVM=${CB_KVM:-/dev/kvm}

# Prints why KVM cannot work; nothing if it may.
why_no_kvm()
{
	if [ ! -e "$KVM" ]; then
		echo "there is no $KVM"
	elif [ ! -r "$KVM" ] || [ ! -w "$KVM" ]; then
		echo "$KVM may not be opened by this user ($(stat -c "%A %U %G" \
			"$KVM"))"
	fi
}

check_kvm()
{
	[ "$ACCEL" = kvm ] || return 0
	reason=$(why_no_kvm)
	[ -z "$reason" ] || die "ACCEL='kvm': $reason; allowed are tcg and auto"
}
