# SPDX-License-Identifier: GPL-2.0
# chargeback: what to build, in what order.  How a thing is built stands
# beside it.  `make help` lists targets and knobs.

# make puts the variables of its command line into the environment, where
# scripts/chargeback finds its knobs.  Nothing else hands them down, so that a
# command may start others with other values.
MAKEOVERRIDES :=
export CB_GIVEN := $(strip $(foreach name,$(.VARIABLES), \
	$(if $(filter command line,$(origin $(name))),$(name))))

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:

.PHONY: help
help: ## print this list
	@scripts/chargeback --help
	@echo
	@echo 'Each command is a target of make; so are these:'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

# The command checks its input, installs what the host lacks, and calls back
# for what is to be built.
COMMANDS := $(shell sed -n 's/^\([a-z][a-z-]*\) .*/\1/p' scripts/commands)
# A + hands the job server down, but runs the command even under -n.
PLUS := $(if $(findstring n,$(firstword -$(MAKEFLAGS))),,+)
.PHONY: $(COMMANDS)
$(COMMANDS):
	$(PLUS)@scripts/chargeback $@

.PHONY: new-scenario repro manual
new-scenario: ## NAME=my-claim: write a skeleton to fill in
	@scripts/new-scenario "$$NAME"
repro: ## NAME=oom-bypass: write a scenario as one C file, for any machine
	@scripts/repro "$$NAME"
manual: ## write the man pages and shell completions to build/manual
	@scripts/manual "$${O:-build}/manual"

# From here on: for scripts/chargeback, which has checked the folder O.
ifneq ($(filter build-%,$(MAKECMDGOALS)),)

# This kernel's folder; below O itself is what all kernels share.
K := $(O)/$(shell scripts/kernel tag)

.PHONY: FORCE build-init build-image build-smoke build-host build-results
.PHONY: build-plugins build-attend build-metal build-usb build-iso build-netboot
build-init: $(O)/rootfs/init
build-image: $(K)/image
build-smoke: $(K)/image-smoke
build-host: $(O)/host/judge $(O)/host/supervise
build-attend: $(O)/host/judge $(O)/host/attend
build-metal: $(K)/metal.cpio
build-plugins: $(O)/host/profile.so
build-results: $(O)/host/judge
build-usb: $(K)/chargeback.img
build-iso: $(K)/chargeback.iso
build-netboot: $(K)/netboot

$(O) $(K):
	@mkdir -p $@

# Both keep the file's time when nothing changed.
PARTS := $(if $(filter build-smoke,$(MAKECMDGOALS)),smoke,whole)
$(K)/kernel.env: FORCE | $(K)
	+@scripts/kernel build $(K) $(PARTS)
PACKAGES := headers busybox e2fsprogs
$(O)/packages: FORCE | $(O)
	+@rootfs/packages/build $(PACKAGES) fio xfsprogs >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(O)/packages-smoke: FORCE | $(O)
	+@rootfs/packages/build $(PACKAGES) >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

$(O)/headers: FORCE | $(O)
	+@rootfs/packages/build headers >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi
$(O)/rootfs/init: $(O)/headers FORCE
	+@$(MAKE) -s -C rootfs O=$(O) HDR=$$(cut -d' ' -f3 $<)

# The module is built in a folder of links, because kbuild writes beside the
# sources.
MODULE := $(or $(CB_MODULE),module)
$(K)/module/built: $(K)/kernel.env scripts/module $(if $(CB_MODULE),FORCE) \
		$(wildcard $(MODULE)/*.c $(MODULE)/*.h $(MODULE)/Kbuild)
	+@scripts/module $(K)

# A knob as a file, whose time is that of the last change of the value.
$(K)/pad: KNOB = $(PAD)
$(K)/raid: KNOB = $(RAID)
$(K)/pad $(K)/raid: FORCE | $(K)
	@echo '$(KNOB)' | cmp -s - $@ || echo '$(KNOB)' >$@
# There are two images: the whole one, and that of the smoke suite, which has
# what all need and no more, and is there in less time.  An archive keeps its
# time when it comes out the same, and the kernel with it; the file packed is as
# old as the last packing.
PACKERS := rootfs/image.list scripts/mkcpio scripts/modules scripts/newc
$(K)/packed: $(O)/packages rootfs/image-full.list
$(K)/packed-smoke: $(O)/packages-smoke
$(K)/packed $(K)/packed-smoke: $(K)/kernel.env $(O)/rootfs/init \
		$(K)/module/built $(PACKERS) $(K)/pad \
		rootfs/scenarios/oom-bypass.sh
	@scripts/mkcpio $(PARTS) $(K)/kernel.env $(filter $(O)/packages%,$^) \
		$(O)/rootfs $(K)/module $(K)/image$(@F:packed%=%).cpio
	@touch $@
$(K)/image.cpio: $(K)/packed
	@:
$(K)/image-smoke.cpio: $(K)/packed-smoke
	@:
# Only kbuild knows whether a tree of the user's has changed; kernel.env tells
# whether a kernel that others built has.
$(K)/image $(K)/image-smoke: %: %.cpio $(K)/kernel.env $(if $(LINUX),FORCE)
	+@scripts/kernel link $< $@

# Media for real machines: the same image, and the drivers beside it.
METAL := $(if $(filter 1,$(RAID)),raid,metal)
$(K)/metal.cpio: $(K)/image scripts/mkmetal $(K)/raid
	+@$(if $(PACKAGE)$(IMAGE),:,scripts/kernel build $(K) $(METAL))
	@scripts/mkmetal $(METAL) $(K)/kernel.env $(O)/rootfs/init $(K)/module $@
$(K)/chargeback.img: $(K)/metal.cpio scripts/media
	@scripts/media usb $(K)/kernel.env $(K)/image $(K)/metal.cpio $@
$(K)/chargeback.iso: $(K)/metal.cpio scripts/media
	@scripts/media iso $(K)/kernel.env $(K)/image $(K)/metal.cpio $@
$(K)/netboot: $(K)/metal.cpio scripts/media
	@scripts/media netboot $(K)/kernel.env $(K)/image $(K)/metal.cpio $@

$(O)/host/judge: FORCE
	+@$(MAKE) -s -C results O=$(O)
$(O)/host/supervise: FORCE
	+@$(MAKE) -s -C scripts/boot/qemu O=$(O)
$(O)/host/attend: FORCE
	+@$(MAKE) -s -C scripts/boot/serial O=$(O)
$(O)/host/profile.so: FORCE
	+@$(MAKE) -s -C scripts/boot/plugins O=$(O)
FORCE:

endif
