# SPDX-License-Identifier: GPL-2.0
# How a maker of boots is built: the sources beside the Makefile that includes
# this, those in this folder, and the files of results/ that both need.  The
# Makefile sets NAME, the program's, and LIBS.
O ?= $(abspath ../../../build)
# The boot folder that results/ reads.
RESULTS := ../../../results
SHARED := base/util record/boot record/crc32 record/records
COMMON := ../common
BIN := $(O)/host/$(NAME)
OBJ := $(O)/host/$(NAME).d

# The knob CC is the kernel's compiler.
CC = cc
Q := $(if $(filter 1,$(V)),,@)
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 -D_GNU_SOURCE -Wall -Wextra -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wformat=2 -Werror \
	-I$(RESULTS) -I$(COMMON)

OBJS := $(patsubst %.c,$(OBJ)/%.o,$(sort $(wildcard *.c))) \
	$(SHARED:%=$(OBJ)/%.o) \
	$(patsubst $(COMMON)/%.c,$(OBJ)/common/%.o,$(sort $(wildcard $(COMMON)/*.c)))
RULES := Makefile $(COMMON)/maker.mk

.DELETE_ON_ERROR:
.PHONY: all check clean

all: $(BIN)

$(BIN): $(OBJS)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(OBJ)/%.o: %.c $(RULES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(SHARED:%=$(OBJ)/%.o): $(OBJ)/%.o: $(RESULTS)/%.c $(RULES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/common/%.o: $(COMMON)/%.c $(RULES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(OBJ)/test/%: test/%.c $(RULES)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -o $@ $< $(LIBS)

clean:
	rm -rf $(BIN) $(OBJ)

-include $(OBJS:.o=.d)
