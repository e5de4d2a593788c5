// SPDX-License-Identifier: GPL-2.0
/* Runs programs as users do, in a folder of the test. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/command.h"

void read_back(const char *name, char *text, size_t room)
{
	FILE *f = fopen(name, "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, room - 1, f);
	text[n] = '\0';
	fclose(f);
}

/* Replaces the process; limit is the most a file may grow to. */
static void become(const char *path, char *const argv[], const char *out,
		   rlim_t limit)
{
	struct rlimit size = { limit, limit };

	if (!freopen(out, "w", stdout) || !freopen("stderr", "w", stderr))
		_exit(120);
	signal(SIGXFSZ, SIG_IGN);
	if (limit != RLIM_INFINITY && setrlimit(RLIMIT_FSIZE, &size))
		_exit(121);
	execv(path, argv);
	_exit(122);
}

void run_program(struct command *c, const char *program, const char *out,
		 rlim_t limit, const char *args)
{
	char *path = xasprintf("%s/%s", getenv("HOST"), program);
	char *copy = xstrdup(args), *rest = copy;
	char *argv[32] = { (char *)program };
	int n = 1, status;
	pid_t pid;

	while (n < 31 && (argv[n] = strsep(&rest, " ")))
		n++;
	fflush(NULL);
	pid = fork();
	if (!pid)
		become(path, argv, out, limit);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	c->status = WEXITSTATUS(status);
	read_back("stderr", c->err, sizeof(c->err));
	c->out[0] = '\0';
	if (*out != '/')
		read_back(out, c->out, sizeof(c->out));
	free(copy);
	free(path);
}

void save(const char *name, const void *data, size_t len)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void save_text(const char *name, const char *text)
{
	save(name, text, strlen(text));
}

void work_open(char *dir)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
}
