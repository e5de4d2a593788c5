// SPDX-License-Identifier: GPL-2.0
/* Draws costs with gnuplot, as SVG for the page. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "view/plot.h"

#define SVG_BYTES_MAX (4u << 20)

void plot_text(FILE *f, const char *s)
{
	for (; *s; s++) {
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		    strchr("0123456789=,.:+/ -_", *s))
			fputc(*s, f);
		else
			fputc('?', f);
	}
}

const char *plot_colour(const char *driver)
{
	if (!strcmp(driver, "none"))
		return "#8c959f";
	if (!strcmp(driver, "loop"))
		return "#c98a1b";
	if (!strcmp(driver, "cgloop"))
		return "#2f7dd1";
	return "#8e6bbf";
}

/* The content of a file that was just written; NULL on failure. */
static char *read_back(FILE *f)
{
	long size = fseek(f, 0, SEEK_END) ? -1 : ftell(f);
	char *text;

	if (size <= 0 || size > (long)SVG_BYTES_MAX || fseek(f, 0, SEEK_SET))
		return NULL;
	text = xrealloc(NULL, (size_t)size + 1);
	text[fread(text, 1, (size_t)size, f)] = '\0';
	return text;
}

static int run_gnuplot(FILE *script, FILE *svg, struct error *err)
{
	int status, none;
	pid_t pid;

	if (fflush(script) || fseek(script, 0, SEEK_SET))
		return refuse(err, "gnuplot's script: %s", strerror(errno));
	lseek(fileno(script), 0, SEEK_SET);
	pid = fork();
	if (pid < 0)
		return refuse(err, "gnuplot: %s", strerror(errno));
	if (!pid) {
		none = open("/dev/null", O_WRONLY);
		dup2(fileno(script), STDIN_FILENO);
		dup2(fileno(svg), STDOUT_FILENO);
		dup2(none, STDERR_FILENO);
		execlp("gnuplot", "gnuplot", "-d", "-", (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return refuse(err, "gnuplot: %s", strerror(errno));
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
		return refuse(
			err,
			"gnuplot is missing; install it and run view again");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return refuse(err, "gnuplot failed to draw the costs");
	return 0;
}

/* The <svg> element with an accessible name; NULL when there is none. */
static char *embed(const char *svg, const char *alt)
{
	const char *begin = strstr(svg, "<svg"), *end, *title, *behind;

	if (!begin)
		return NULL;
	end = strstr(begin, "</svg>");
	title = strstr(begin, "<title>");
	behind = title ? strstr(title, "</title>") : NULL;
	if (!end || !behind || behind > end)
		return NULL;
	return xasprintf("<svg role=\"img\" aria-label=\"%s\"%.*s<title>%s"
			 "%.*s</svg>",
			 alt, (int)(title - begin - 4), begin + 4, alt,
			 (int)(end - behind), behind);
}

int plot_draw(struct report *r, int height, const char *script, const char *alt,
	      struct error *err)
{
	FILE *in = tmpfile(), *svg = tmpfile();
	char *text = NULL, *plot = NULL;
	int bad;

	if (!in || !svg) {
		bad = refuse(err, "a temporary file: %s", strerror(errno));
	} else {
		/* The name makes ids unique within the page. */
		fprintf(in,
			"set terminal svg size %d,%d dynamic noenhanced font "
			"'sans-serif,12' name 'cost%zu'\n",
			PLOT_WIDTH, height, r->n_plots);
		fputs(script, in);
		bad = run_gnuplot(in, svg, err);
		if (!bad)
			text = read_back(svg);
	}
	if (text)
		plot = embed(text, alt);
	free(text);
	if (!bad && !plot)
		bad = refuse(err, "gnuplot drew no SVG");
	if (plot) {
		r->plots = xrealloc(r->plots,
				    (r->n_plots + 1) * sizeof(*r->plots));
		r->plots[r->n_plots++] = plot;
	}
	if (in)
		fclose(in);
	if (svg)
		fclose(svg);
	return bad;
}

int plots_make(struct report *r, struct error *err)
{
	return bars_make(r, err) || curves_make(r, err) ? -1 : 0;
}

void plots_free(struct report *r)
{
	size_t i;

	for (i = 0; i < r->n_plots; i++)
		free(r->plots[i]);
	free(r->plots);
}
