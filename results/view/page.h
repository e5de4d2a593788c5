/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the files that write the page. */
#ifndef CB_PAGE_H
#define CB_PAGE_H

#include "view/report.h"

/* page_item.c: a sign per verdict, as HTML, and its class in page.css. */
extern const char *const verdict_signs[VERDICTS];
const char *verdict_class(enum verdict v);
/* The role of an entry in the proof, as text. */
const char *item_role(const struct item *it);
void page_badge(FILE *f, enum verdict v);
void page_name(FILE *f, const struct item *it);
void page_reason(FILE *f, const struct item *it);
/* With its moved meters and the warnings of the kernel. */
void page_evidence(FILE *f, const struct item *it);

/* page.c: a page up to its content, with this title; and its end. */
void page_open(FILE *f, const char *title);
void page_close(FILE *f);
/* Names the boot if there are several. */
void page_boot(FILE *f, const struct report *r, size_t boot);

/*
 * The sections. payers.c: per driver who was charged and killed, or nothing if
 * that was not measured; page_unexpected.c; page_verdicts.c; page_costs.c: the
 * drawings and the table of all costs.
 */
void payers_write(const struct result *r, FILE *f);
void unexpected_write(const struct report *r, FILE *f);
void verdicts_write(const struct result *r, FILE *f);
void costs_write(const struct report *r, FILE *f);

#endif
