// SPDX-License-Identifier: GPL-2.0
/* FORMAT.md says what the code does: types, limits, fields, statuses. */
#include <stdlib.h>
#include <string.h>

#include "record/boot.h"
#include "record/claim.h"
#include "record/status.h"
#include "tests/help.h"

/* The tests start in results/. */
static char *read_text(const char *path)
{
	FILE *f = fopen(path, "re"), *to;
	char *text, line[4096];
	size_t size;

	assert_non_null(f);
	to = xmemstream(&text, &size);
	while (fgets(line, sizeof(line), f))
		fputs(line, to);
	fclose(f);
	fclose(to);
	return text;
}

static char *format;

static int enter(void **state)
{
	(void)state;
	format = read_text("record/FORMAT.md");
	return 0;
}

static int leave(void **state)
{
	(void)state;
	free(format);
	return 0;
}

/* Frees line. */
static void assert_in_format(char *line)
{
	if (!strstr(format, line))
		fail_msg("FORMAT.md lacks: %s", line);
	free(line);
}

/* Each type of wire.h has a heading, and each heading a type. */
static void types(void **state)
{
	char *wire = read_text("record/wire.h"), *line, *rest, type[32];
	int n = 0, headings = 0;
	const char *at;

	(void)state;
	for (line = strtok_r(wire, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		int end = 0;

		sscanf(line, "#define RECORD_%*[A-Z_] \"%31[a-z-]\"%n", type,
		       &end);
		if (!end)
			continue;
		assert_in_format(xasprintf("\n### `%s`\n", type));
		n++;
	}
	for (at = format; (at = strstr(at, "\n### `")); at++)
		headings++;
	assert_true(n > 0);
	assert_int_equal(n, headings);
	free(wire);
}

static void limits(void **state)
{
	(void)state;
	assert_in_format(
		xasprintf("\n| `RECORD_JSON_MAX` | %d |", RECORD_JSON_MAX));
	assert_in_format(
		xasprintf("\n| `RECORD_BYTES_MAX` | %zu |", RECORD_BYTES_MAX));
	assert_in_format(
		xasprintf("\n| `RECORD_LINE_MAX` | %d |", RECORD_LINE_MAX));
	assert_in_format(xasprintf("\n| `RECORDS_MAX` | %d |", RECORDS_MAX));
	assert_in_format(xasprintf("`%s`", RECORD_PORT));
	assert_in_format(xasprintf("\n| `%s` | the marker", RECORD_MARKER));
	assert_in_format(
		xasprintf("version of this format: %d |", RECORD_SCHEMA));
	assert_in_format(
		xasprintf("\n| `schema` | required: %d |", RESULT_SCHEMA));
}

static void boots(void **state)
{
	char *fields = xstrdup(boot_info_fields), *field, *rest;
	int i;

	(void)state;
	for (field = strtok_r(fields, ", ", &rest); field;
	     field = strtok_r(NULL, ", ", &rest))
		assert_in_format(xasprintf("\n| `%s` | ", field));
	free(fields);
	for (i = END_NONE + 1; i < BOOT_ENDS; i++)
		assert_in_format(xasprintf("\n| `%s` | ", boot_end_names[i]));
	assert_in_format(xasprintf("\n| `%s` | ", BOOT_INFO));
	assert_in_format(xasprintf("\n| `%s` | ", BOOT_RECORDS));
	assert_in_format(xasprintf("\n| `%s` | ", BOOT_CONSOLE));
}

static void outcomes(void **state)
{
	int i;

	(void)state;
	for (i = CLAIM_NONE + 1; i < CLAIMS; i++)
		assert_in_format(xasprintf("`%s`", claim_names[i]));
	for (i = 0; i < VERDICTS; i++)
		assert_in_format(xasprintf("`%s`", verdict_names[i]));
}

/* In the same order, with the same words. */
static void statuses(void **state)
{
#define ROW(name, number, text) "| " #number " | " text " |\n"
	(void)state;
	assert_in_format(xstrdup("\n| --- | --- |\n" STATUSES(ROW)));
#undef ROW
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(types),	TEST(limits),	TEST(boots),
		TEST(outcomes), TEST(statuses),
	};

	return cmocka_run_group_tests_name("format", tests, NULL, NULL);
}
