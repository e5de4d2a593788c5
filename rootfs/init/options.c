// SPDX-License-Identifier: GPL-2.0
// The cb.* words of the command line.
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"
#include "profile.h"
#include "record/entries.h"
#include "soak.h"

const char options_help[] =
	"  cb.suite=smoke|full|planted|mutants|soak  which scenarios exist\n"
	"  cb.scenarios=GLOB[,GLOB]      run these\n"
	"  cb.drivers=NAME[,NAME]        test these; controls run in any case\n"
	"  cb.entries=N-N[,N-N]          run these entries of the plan\n"
	"  cb.bench=virtual|wall         run matrices by this clock instead\n"
	"  cb.matrices=GLOB[,GLOB]       run these\n"
	"  cb.cell=NAME=VALUE[,NAME=VALUE]  run the cells with these values\n"
	"  cb.profile                    mark and name the measured parts\n"
	"  cb.rounds=N                   rounds by the wall clock: 7\n"
	"  cb.requests=N cb.seed=N       length and seed of a soak\n"
	"  cb.param=DRIVER:KEY=VALUE[+KEY=VALUE]  parameters of a driver\n"
	"  cb.records=ttyS1              send records to this UART\n"
	"  cb.medium=HEX                 write results to the disk with this id\n"
	"  cb.disk=SERIAL                the blank disk with this serial number is\n"
	"                                the disk of matrices; it is overwritten\n"
	"  cb.watchdog=SECONDS           arm a watchdog, which ends a hang\n"
	"  cb.reboot                     reboot at the end instead of power off\n"
	"  cb.lava                       print a line per result for LAVA\n"
	"  cb.shell                      start a shell instead\n"
	"  cb.probe                      send hello and power off\n";

/* Puts the key, its bad value and the allowed ones into error. */
static bool bad(char *error, const char *key, const char *value,
		const char *allowed)
{
	snprintf(error, PATH_LEN, "%s%.64s: allowed is %s", key, value,
		 allowed);
	return false;
}

static bool set_suite(struct options *o, char *value, char *error)
{
	static const char *const names[] = {
		[SUITE_SMOKE] = "smoke",     [SUITE_FULL] = "full",
		[SUITE_PLANTED] = "planted", [SUITE_MUTANTS] = "mutants",
		[SUITE_SOAK] = "soak",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(value, names[i])) {
			o->suite = i;
			return true;
		}
	}
	return bad(error, "cb.suite=", value,
		   "smoke, full, planted, mutants, soak");
}

static bool set_scenarios(struct options *o, char *value, char *error)
{
	o->scenarios = value;
	return *value || bad(error, "cb.scenarios=", value, "GLOB[,GLOB]");
}

static bool set_drivers(struct options *o, char *value, char *error)
{
	char names[PATH_LEN], *name, *rest;
	const struct driver *d;

	snprintf(names, sizeof(names), "%s", value);
	o->drivers = value;
	name = strtok_r(names, ",", &rest);
	if (!name)
		return bad(error, "cb.drivers=", value, driver_subjects());
	for (; name; name = strtok_r(NULL, ",", &rest)) {
		d = driver_find(name);
		if (!d || !d->subject)
			return bad(error, "cb.drivers=", name,
				   driver_subjects());
	}
	return true;
}

bool options_run(const struct options *o, int id)
{
	return entries_have(o->entries, id);
}

static bool set_entries(struct options *o, char *value, char *error)
{
	o->entries = value;
	return entries_valid(value) ||
	       bad(error, ENTRIES_WORD, value, "FIRST-LAST[,FIRST-LAST]");
}

/* A name below /dev, so without a slash. */
static bool set_records(struct options *o, char *value, char *error)
{
	const char *p = value;

	o->records = value;
	while (isalnum((unsigned char)*p))
		p++;
	return (!strncmp(value, "tty", 3) && value[3] && !*p) ||
	       bad(error, "cb.records=", value,
		   "the name of a UART, such as ttyS1");
}

static bool set_bench(struct options *o, char *value, char *error)
{
	o->bench = value;
	return !strcmp(value, "virtual") || !strcmp(value, "wall") ||
	       bad(error, "cb.bench=", value, "virtual, wall");
}

static bool set_matrices(struct options *o, char *value, char *error)
{
	o->matrices = value;
	return *value || bad(error, "cb.matrices=", value, "GLOB[,GLOB]");
}

static bool set_cell(struct options *o, char *value, char *error)
{
	char *word, *rest;
	int n = 0;

	for (word = strtok_r(value, ",", &rest); word;
	     word = strtok_r(NULL, ",", &rest)) {
		if (n == MATRIX_WORDS || !strchr(word, '='))
			return bad(error, "cb.cell=", word,
				   "NAME=VALUE[,NAME=VALUE], of 16 axes");
		o->cell[n++] = word;
	}
	return n || bad(error, "cb.cell=", "", "NAME=VALUE[,NAME=VALUE]");
}

/* A whole number of at most nine digits; -1 for anything else. */
static long number(const char *value)
{
	char *end;
	long n = strtol(value, &end, 10);

	return isdigit((unsigned char)*value) && !*end && n < 1000000000 ? n :
									   -1;
}

static bool set_rounds(struct options *o, char *value, char *error)
{
	o->rounds = number(value);
	return (o->rounds >= 1 && o->rounds <= 1000) ||
	       bad(error, "cb.rounds=", value, "a number from 1 to 1000");
}

static bool set_requests(struct options *o, char *value, char *error)
{
	(void)o;
	soak.requests = number(value);
	return soak.requests >= SOAK_LEAST ||
	       bad(error, "cb.requests=", value, "a number from 100000 on");
}

static bool set_seed(struct options *o, char *value, char *error)
{
	long seed = number(value);

	(void)o;
	soak.seed = seed;
	return seed >= 0 || bad(error, "cb.seed=", value, "a number from 0 on");
}

static bool set_medium(struct options *o, char *value, char *error)
{
	o->medium = value;
	return (strlen(value) == 8 && strspn(value, "0123456789abcdef") == 8) ||
	       bad(error, "cb.medium=", value, "eight hexadecimal digits");
}

/* As the disk says it, but without blanks. */
static bool set_disk(struct options *o, char *value, char *error)
{
	const char *p = value;

	o->disk = value;
	while (isalnum((unsigned char)*p) || (*p && strchr("._-", *p)))
		p++;
	return (*value && !*p) ||
	       bad(error, "cb.disk=", value,
		   "a serial number of letters, digits and . _ -");
}

static bool set_watchdog(struct options *o, char *value, char *error)
{
	o->watchdog = number(value);
	return (o->watchdog >= 5 && o->watchdog <= 600) ||
	       bad(error, "cb.watchdog=", value, "seconds from 5 to 600");
}

static bool set_param(struct options *o, char *value, char *error)
{
	char *params = strchr(value, ':');
	struct driver *d;

	(void)o;
	if (params)
		*params++ = '\0';
	d = driver_find(value);
	if (!d || !d->module)
		return bad(error, "cb.param=", value,
			   "DRIVER:KEY=VALUE[+KEY=VALUE], with loop, cgloop, "
			   "cgloop-single, cgloop-single-all");
	if (!params || !strchr(params, '='))
		return bad(error, "cb.param=", value,
			   "DRIVER:KEY=VALUE[+KEY=VALUE]");
	d->params = params;
	for (; *params; params++)
		if (*params == '+')
			*params = ' ';
	return true;
}

static bool set_flag(struct options *o, const char *word)
{
	if (!strcmp(word, "cb.shell"))
		o->shell = true;
	else if (!strcmp(word, "cb.probe"))
		o->probe = true;
	else if (!strcmp(word, "cb.reboot"))
		o->reboot = true;
	else if (!strcmp(word, "cb.lava") || !strcmp(word, "cb.lava=1"))
		o->lava = true;
	else if (!strcmp(word, "cb.profile"))
		profile_wanted = true;
	else
		return false;
	return true;
}

bool options_word(struct options *o, char *word, char *error)
{
	static const struct {
		const char *key;
		bool (*set)(struct options *o, char *value, char *error);
	} known[] = {
		{ "cb.suite", set_suite },
		{ "cb.entries", set_entries },
		{ "cb.drivers", set_drivers },
		{ "cb.param", set_param },
		{ "cb.scenarios", set_scenarios },
		{ "cb.bench", set_bench },
		{ "cb.cell", set_cell },
		{ "cb.matrices", set_matrices },
		{ "cb.rounds", set_rounds },
		{ "cb.requests", set_requests },
		{ "cb.seed", set_seed },
		{ "cb.records", set_records },
		{ "cb.medium", set_medium },
		{ "cb.watchdog", set_watchdog },
		{ "cb.disk", set_disk },
	};
	size_t i, len = strcspn(word, "=");

	if (set_flag(o, word))
		return true;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (word[len] == '=' && strlen(known[i].key) == len &&
		    !strncmp(word, known[i].key, len))
			return known[i].set(o, word + len + 1, error);
	}
	return bad(error, "", word,
		   "cb.suite=, cb.scenarios=, cb.drivers=, cb.entries=, "
		   "cb.bench=, cb.matrices=, cb.cell=, cb.rounds=, cb.param=, "
		   "cb.requests=, cb.seed=, cb.records=, cb.medium=, "
		   "cb.watchdog=, cb.disk=, cb.lava, cb.profile, cb.reboot, "
		   "cb.shell, cb.probe");
}

bool options_cmdline(struct options *o, char *cmdline, char *error)
{
	char *word, *rest;

	for (word = strtok_r(cmdline, " ", &rest); word;
	     word = strtok_r(NULL, " ", &rest)) {
		if (!strncmp(word, "cb.", 3) && !options_word(o, word, error))
			return false;
	}
	return true;
}
