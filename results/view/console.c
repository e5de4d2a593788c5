// SPDX-License-Identifier: GPL-2.0
/* Finds the console lines that belong to a failure. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "view/console.h"
#include "view/html.h"

#define WHOLE 60 /* a shorter excerpt is shown whole */
#define AROUND 6 /* lines shown before and behind one that offends */
#define LAST 12 /* lines shown of the end in any case */
#define SHOWN_MAX 160 /* lines of one excerpt */
#define LINE_MAX_SHOWN 500 /* bytes */

/* These only decide which lines are marked, never a verdict. */
static const char *const words[] = {
	"BUG:",
	"BUG at ",
	"WARNING:",
	"Oops",
	"Kernel panic",
	"general protection fault",
	"Unable to handle",
	"unable to handle",
	"KASAN:",
	"KCSAN:",
	"KFENCE:",
	"UBSAN:",
	"INFO: task",
	"INFO: possible",
	"INFO: rcu",
	"rcu: INFO",
	"detected stalls",
	"circular locking",
	"recursive locking",
	"inconsistent lock state",
	"suspicious RCU usage",
	"soft lockup",
	"hard LOCKUP",
	"refcount_t:",
	"corruption",
	"Bad page",
	"memory leaks",
	"scheduling while atomic",
	"Out of memory:",
	"invoked oom-killer",
	"I/O error",
	"not ok ",
	"# failed:",
	"# error:",
	"# timeout:",
	"# splat:",
	"# moved:",
	"supervise: cut here",
};

/* "ok 3 - " or "not ok 3 - ": 3; else 0. */
static size_t result_number(const char *s, size_t len)
{
	size_t n = 0, i = 0;

	if (len > 4 && !memcmp(s, "not ", 4))
		i = 4;
	if (len < i + 3 || memcmp(s + i, "ok ", 3))
		return 0;
	for (i += 3; i < len && s[i] >= '0' && s[i] <= '9' && n < 1000000; i++)
		n = n * 10 + (size_t)(s[i] - '0');
	return i + 3 <= len && !memcmp(s + i, " - ", 3) ? n : 0;
}

/* "# id: 8": 9, which is the number of the entry's result in a whole plan. */
static size_t id_number(const char *s, size_t len)
{
	char text[24];
	unsigned long id;

	snprintf(text, sizeof(text), "%.*s", (int)(len > 20 ? 20 : len), s);
	return sscanf(text, "# id: %lu", &id) == 1 && id < 1000000 ? id + 1 : 0;
}

const char *console_line(const struct console *c, size_t i, size_t *len)
{
	const char *s = c->text + c->start[i];

	*len = c->start[i + 1] - c->start[i];
	while (*len && (s[*len - 1] == '\n' || s[*len - 1] == '\r'))
		--*len;
	return s;
}

static void add_line(struct console *c, size_t start)
{
	/* Double the room at each power of two. */
	if (!(c->n & (c->n - 1)))
		c->start =
			xrealloc(c->start, (2 * c->n + 2) * sizeof(*c->start));
	c->start[c->n++] = (uint32_t)start;
}

/* Takes over text. */
static void index_lines(struct console *c, char *text, size_t len,
			size_t entries)
{
	const char *p = text, *end = text + len, *nl;
	size_t i, n, id = 0;

	c->text = text;
	c->len = len;
	while (p < end) {
		add_line(c, (size_t)(p - text));
		nl = memchr(p, '\n', (size_t)(end - p));
		p = nl ? nl + 1 : end;
	}
	/* A sentinel: the end of the last line. */
	add_line(c, len);
	c->n--;
	c->entries = entries;
	c->result = xrealloc(NULL, (entries + 1) * sizeof(*c->result));
	for (i = 0; i < entries; i++)
		c->result[i] = SIZE_MAX;
	for (i = 0; i < c->n; i++) {
		size_t line;
		const char *s = console_line(c, i, &line);

		n = result_number(s, line);
		if (!n) {
			n = id_number(s, line);
			id = n ? n : id;
			continue;
		}
		/* A boot that runs a part of the plan counts its own results. */
		n = id ? id : n;
		id = 0;
		if (n <= entries)
			c->result[n - 1] = i;
	}
}

void console_parse(struct console *c, const char *text, size_t len,
		   size_t entries)
{
	char *copy = xrealloc(NULL, len + 1);

	memset(c, 0, sizeof(*c));
	memcpy(copy, text, len);
	index_lines(c, copy, len, entries);
}

int console_load(struct console *c, const char *path, size_t entries,
		 struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	off_t size = 0, skip;
	struct stat st;
	char *text;
	ssize_t got = 1;
	size_t len = 0;

	memset(c, 0, sizeof(*c));
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		refuse(err, "%s: %s; the bytes of the console", path,
		       fd < 0 ? strerror(errno) : "not a regular file");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	size = st.st_size;
	skip = size > (off_t)CONSOLE_BYTES_MAX ? size - CONSOLE_BYTES_MAX : 0;
	c->cut = skip > 0;
	text = xrealloc(NULL, (size_t)(size - skip) + 1);
	while (got > 0 && len < (size_t)(size - skip)) {
		got = pread(fd, text + len, (size_t)(size - skip) - len,
			    skip + (off_t)len);
		len += got > 0 ? (size_t)got : 0;
	}
	close(fd);
	if (got < 0) {
		free(text);
		return refuse(err, "%s: cannot be read", path);
	}
	index_lines(c, text, len, entries);
	return 0;
}

void console_free(struct console *c)
{
	free(c->text);
	free(c->start);
	free(c->result);
}

/* The line after the last result before line limit. */
static size_t behind_result(const struct console *c, size_t limit)
{
	while (limit) {
		size_t len;
		const char *s = console_line(c, limit - 1, &len);

		if (result_number(s, len))
			break;
		limit--;
	}
	return limit;
}

bool console_span(const struct console *c, size_t at, size_t *from, size_t *to)
{
	size_t line = at < c->entries ? c->result[at] : SIZE_MAX;

	*to = line == SIZE_MAX ? c->n : line + 1;
	*from = behind_result(c, line == SIZE_MAX ? c->n : line);
	return *from < *to;
}

bool console_offends(const struct console *c, size_t i)
{
	size_t len, w;
	const char *s = console_line(c, i, &len);

	for (w = 0; w < sizeof(words) / sizeof(*words); w++) {
		if (memmem(s, len, words[w], strlen(words[w])))
			return true;
	}
	return false;
}

static void put_line(const struct console *c, size_t i, bool offends, FILE *f)
{
	size_t len, shown;
	const char *s = console_line(c, i, &len);

	shown = len > LINE_MAX_SHOWN ? LINE_MAX_SHOWN : len;
	fprintf(f, "<span class=\"ln%s\"><i>%s%zu</i> %s",
		offends ? " bad" : "", offends ? "&#9654; " : "", i + 1,
		offends ? "<mark>" : "");
	html_put(f, s, shown);
	if (shown < len)
		fprintf(f, "&#8230; (%zu bytes more)", len - shown);
	fprintf(f, "%s</span>", offends ? "</mark>" : "");
}

static void put_gap(size_t lines, FILE *f)
{
	if (lines)
		fprintf(f, "<span class=\"gap\">&#8230; %zu line%s</span>",
			lines, lines == 1 ? "" : "s");
}

/* True if line i is near a marked line or near the end. */
static bool is_near(const bool *bad, size_t n, size_t i)
{
	size_t j = i < AROUND ? 0 : i - AROUND;

	for (; j < n && j <= i + AROUND; j++) {
		if (bad[j])
			return true;
	}
	return i + LAST >= n;
}

void console_html(const struct console *c, size_t from, size_t to, FILE *f)
{
	size_t n = to - from, i, gap = 0, shown = 0;
	bool *bad = xrealloc(NULL, n + 1);

	for (i = 0; i < n; i++)
		bad[i] = console_offends(c, from + i);
	fputs("<pre class=\"console\">", f);
	for (i = 0; i < n; i++) {
		/* The end is always shown. */
		if (n > WHOLE && (!is_near(bad, n, i) ||
				  (shown >= SHOWN_MAX && i + LAST < n))) {
			gap++;
			continue;
		}
		put_gap(gap, f);
		gap = 0;
		put_line(c, from + i, bad[i], f);
		shown++;
	}
	fputs("</pre>\n", f);
	free(bad);
}
