# SPDX-License-Identifier: GPL-2.0
# chargeback: what to build, in what order.  How a thing is built stands
# beside it.  `make help` tells the targets and knobs.

# Knobs; scripts/chargeback --help says what each takes.
KERNEL ?= 6.12
KERNELS ?=
LINUX ?=
CONFIG ?=
DEBUG ?= 0
DRIVERS ?=
SCENARIOS ?=
SUITE ?=
PARAMS ?=
ACCEL ?=
SMP ?=
MEM ?=
TIMEOUT ?=
GDB ?=
O ?= build
V ?= 0
RESULTS ?=
BASE ?=
HEAD ?=
MARKDOWN ?=
JUNIT ?=
FILES ?=
OFFLINE ?= 0
MATRICES ?=
CELL ?=
PAD ?=
WALL ?=
REPEATS ?=
ROUNDS ?=
REQUESTS ?=
SEED ?=
export KERNEL KERNELS LINUX CONFIG DEBUG DRIVERS SCENARIOS SUITE PARAMS ACCEL
export SMP MEM TIMEOUT GDB V RESULTS OFFLINE BASE HEAD MARKDOWN JUNIT FILES
export MATRICES CELL WALL REPEATS ROUNDS PAD REQUESTS SEED
override O := $(abspath $(O))
export O

MAKEFLAGS += --no-builtin-rules --no-print-directory
.DELETE_ON_ERROR:
.SUFFIXES:

# This kernel's folder; below O itself is what all kernels share.
K := $(O)/$(shell scripts/kernel tag)

.PHONY: help
help: ## this list
	@scripts/chargeback --help
	@echo
	@echo 'Targets of make (knobs as KNOB=value behind them):'
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16

# What users call.  The command checks its input, installs what the host
# lacks, and calls back for what is to be built.
.PHONY: run bench matrix profile check check-all selftest soak compare baseline
.PHONY: list shell source menuconfig
run: ## everything from an empty machine to a verdict
	+@scripts/chargeback run
bench: ## what an I/O costs, counted in instructions; WALL=1: the wall clock
	+@scripts/chargeback bench
matrix: ## the suite on several KERNELS, one table
	+@scripts/chargeback matrix
profile: ## where the instructions of CELL=MATRIX/NAME=VALUE,... go
	+@scripts/chargeback profile
check: ## all tests: lint, unit tests, the run itself, planted faults
	+@scripts/chargeback check
check-all: ## and the full suite on every kernel, and a debug kernel
	+@scripts/chargeback check-all
soak: ## millions of requests and random ioctls; DEBUG=1 is what it is for
	+@scripts/chargeback soak
selftest: ## faults planted on purpose: is each of them caught?
	+@scripts/chargeback selftest
compare: ## two or more results: BASE=a HEAD="b c"; is HEAD worse?
	+@scripts/chargeback compare
baseline: ## what is compared with later, made of a run
	+@scripts/chargeback baseline
list: ## the scenarios: claims, cells, drivers, controls
	+@scripts/chargeback list
shell: ## the appliance with a prompt; GDB=1 waits for a debugger
	+@scripts/chargeback shell
source: ## fetches everything for an offline build of KERNEL
	+@scripts/chargeback source
menuconfig: ## changes the kernel's configuration, saved as a fragment
	+@scripts/chargeback menuconfig
.PHONY: image new-scenario repro
new-scenario: ## NAME=my-claim: a skeleton to fill in
	@scripts/new-scenario "$(NAME)"
repro: ## NAME=oom-bypass: a scenario as one C file, for any machine
	@scripts/repro "$(NAME)"
image: ## the image alone
	+@scripts/chargeback image

.PHONY: clean distclean
clean: ## removes what was built here
	rm -rf $(O)
distclean: clean ## and the results, and this machine's caches
	rm -rf results/runs $(shell . scripts/lib.sh; cb_cache)

# From here on: for scripts/chargeback.
.PHONY: FORCE build-init build-image build-host build-results build-plugins
build-init: $(O)/rootfs/init
build-image: $(K)/image
build-host: $(O)/host/judge $(O)/host/supervise
build-plugins: $(O)/host/profile.so
build-results: $(O)/host/judge

$(O) $(K):
	@mkdir -p $@

# Both keep the file's time when nothing changed.
$(K)/kernel.env: FORCE | $(K)
	+@scripts/kernel build $(K)
$(O)/packages: FORCE | $(O)
	+@rootfs/packages/build headers busybox fio e2fsprogs xfsprogs >$@.new
	@cmp -s $@.new $@ || mv $@.new $@

$(O)/headers: FORCE | $(O)
	+@rootfs/packages/build headers >$@.new
	@cmp -s $@.new $@ || mv $@.new $@
$(O)/rootfs/init: $(O)/headers FORCE
	+@$(MAKE) -s -C rootfs O=$(O) HDR=$$(cut -d' ' -f3 $<)

# The module is built in a folder of links, because kbuild writes beside the
# sources.
MODULE := $(notdir $(wildcard module/*.c module/*.h module/Kbuild))
$(K)/module/cgloop.ko: $(K)/kernel.env $(addprefix module/,$(MODULE))
	+@scripts/module $(K)

# What the image is padded with; the file is as old as the last change of it.
$(K)/pad: FORCE | $(K)
	@echo '$(PAD)' | cmp -s - $@ || echo '$(PAD)' >$@
$(K)/image.cpio: $(K)/kernel.env $(O)/packages $(O)/rootfs/init \
		$(K)/module/cgloop.ko rootfs/image.list scripts/mkcpio $(K)/pad \
		rootfs/scenarios/oom-bypass.sh
	@scripts/mkcpio $(K)/kernel.env $(O)/packages $(O)/rootfs \
		$(K)/module $@
$(K)/image: $(K)/image.cpio
	+@scripts/kernel link $< $@

$(O)/host/judge: FORCE
	+@$(MAKE) -s -C results O=$(O)
$(O)/host/supervise: FORCE
	+@$(MAKE) -s -C scripts/boot/qemu O=$(O)
$(O)/host/profile.so: FORCE
	+@$(MAKE) -s -C scripts/boot/plugins O=$(O)
FORCE:
