# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
# Part of scripts/kernel: builds the default kernel with one source file broken.
#
# A mutation tree is a folder in the cache with the source (hard links), and a
# copy of the kernel's own objects.  Its file `broken` names the source file
# that is not as released; whoever enters the tree next restores that file.
# After a file was restored its objects are older, so kbuild compiles it again.

# enter_mutation: sets src, dir and mutation, and keeps a lock on the tree until
# the script ends.  The kernel itself must have been built.
enter_mutation()
{
	enter_build
	[ -e "$dir/compiled" ] || die "mutate: build the kernel first"
	original=$dir whole=$src
	mutation=$cache/mutation/${dir##*/}
	mkdir -p "$mutation"
	exec 7>"$mutation/lock"
	flock -n 7 || {
		say "waiting for another build in $mutation"
		flock 7
	}
	src=$mutation/source dir=$mutation/build
	[ -e "$dir/where" ] || copy_kernel
	exec 9>&-
	settle
	restore_source
	[ -s "$mutation/image" ] || intact_image
}

# The file where comes last, so that half a copy is not taken for one.
copy_kernel()
{
	say "$id: copying source and objects to $mutation"
	rm -rf "$src" "$dir" "$mutation/image"
	cp -al "$whole" "$src"
	mkdir "$dir"
	rsync -a --exclude=/where --exclude=/lock --exclude=/building \
		--exclude='/mods*' "$original/" "$dir/"
	: >"$dir/lock"
	cp "$original/where" "$dir/where"
}

# The kernel as released, with nothing inside: for mutants that are modules.
intact_image()
{
	: >"$dir/image.cpio"
	kmake "$id: linking the kernel to be broken" bzImage
	cp "$dir/arch/x86/boot/bzImage" "$mutation/image.tmp"
	mv "$mutation/image.tmp" "$mutation/image"
}

# restore_source: puts back the file that is broken, if any.
mutation=
restore_source()
{
	[ -n "$mutation" ] && [ -s "$mutation/broken" ] || return 0
	file=$(cat "$mutation/broken")
	cp "$whole/$file" "$src/$file.new"
	mv "$src/$file.new" "$src/$file"
	rm -f "$dir/${file%.c}.o"
	rm "$mutation/broken"
}

# mutate MUTANT OUT: applies the mutant of that file, compiles it, and leaves
# OUT/image and, where it is one, the module with its path below /lib/modules in
# OUT/lib.  What is there already is not built again.
mutate()
{
	name=${1##*/}
	built="$key $(grep -e '^file: ' -e '^module: ' -e '^within: ' \
		-e '^after: ' -e '^find: ' -e '^becomes:' "$1" | sha256)"
	[ "$(cat "$2/built" 2>/dev/null)" != "$built" ] || return 0
	file=$(scripts/mutate file "$1") module=$(scripts/mutate module "$1")
	scripts/mutate apply "$1" "$src/$file" >"$mutation/text" || exit 2
	printf '%s\n' "$file" >"$mutation/broken"
	cp "$mutation/text" "$src/$file.new"
	mv "$src/$file.new" "$src/$file"
	rm -rf "$2"
	mkdir -p "$2"
	if [ -n "$module" ]; then
		kmake "$name: compiling $module" KBUILD_MODPOST_WARN=1 "$module"
		to=$2/lib/modules/$(cat "$dir/include/config/kernel.release")
		mkdir -p "$to/kernel/${module%/*}"
		strip --strip-debug -o "$to/kernel/$module" "$dir/$module"
		ln -s "$mutation/image" "$2/image"
	else
		kmake "$name: compiling and linking" bzImage
		cp "$dir/arch/x86/boot/bzImage" "$2/image"
	fi
	printf '%s\n' "$built" >"$2/built"
}
