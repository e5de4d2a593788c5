// SPDX-License-Identifier: GPL-2.0
/* Computes the metrics of a cell from fio's outputs and the run times. */
#include <math.h>
#include <string.h>

#include "judge/matrix.h"

/*
 * Rounds to a thousandth, which no clock of the guest resolves. NULL, or what
 * is wrong with the value.
 */
static char *add_metric(struct entry *e, const char *name, double value,
			const char *unit)
{
	value = round(value * 1000) / 1000;
	if (!(value > 0 && value <= AMOUNT_MAX))
		return xasprintf("%s would be %g", name, value);
	json_object_set_new(e->metrics, name,
			    json_pack("{s:f,s:s,s:[f]}", "value", value, "unit",
				      unit, "samples", value));
	return NULL;
}

/* The number of I/Os over all jobs; 0 when the output has none. */
static double ios_of(json_t *output)
{
	static const char *const directions[] = { "read", "write", "trim" };
	json_t *jobs = json_object_get(output, "jobs"), *job;
	double sum = 0;
	size_t i, d;

	json_array_foreach(jobs, i, job) {
		for (d = 0; d < sizeof(directions) / sizeof(*directions); d++)
			sum += json_number_value(
				json_object_get(json_object_get(job,
								directions[d]),
						"total_ios"));
	}
	return sum;
}

/* The error of a failed job: fio may still have exited with 0. */
static char *job_error(json_t *output)
{
	json_t *jobs = json_object_get(output, "jobs"), *job;
	size_t i;

	json_array_foreach(jobs, i, job) {
		json_t *number = json_object_get(job, "error");
		const char *name =
			json_string_value(json_object_get(job, "jobname"));

		if (!json_is_integer(number) || json_integer_value(number))
			return xasprintf("job %s: error %lld",
					 name ? name : "without a name",
					 (long long)json_integer_value(number));
	}
	return i ? NULL : xstrdup("fio ran no job");
}

static double time_of(const struct entry *e, const char *name)
{
	return json_number_value(
		json_object_get(json_object_get(e->evidence, name), "value"));
}

/*
 * Cost per I/O = (t_long - t_short) / (n_long - n_short): the runs differ in
 * nothing else.
 */
static char *make_ns_per_io(struct entry *e, const char *unit)
{
	double ios = ios_of(output_json(e, "long")) -
		     ios_of(output_json(e, "short"));
	double us = time_of(e, "long_run") - time_of(e, "short_run");

	if (ios <= 0 || us <= 0)
		return xasprintf("the longer run has %.0f I/Os and %.0f us "
				 "more",
				 ios, us);
	return add_metric(e, "ns_per_io", us * 1000 / ios, unit);
}

static char *make_iops(struct entry *e)
{
	double ios = ios_of(output_json(e, "long"));
	double us = time_of(e, "long_run");

	if (ios <= 0 || us <= 0)
		return xasprintf("%.0f I/Os in %.0f us", ios, us);
	return add_metric(e, "iops", ios * 1e6 / us, "IOPS");
}

/* From submission to completion, in the direction that the job used. */
static json_t *latencies(json_t *output, const char *of)
{
	json_t *jobs = json_object_get(output, "jobs"), *job;
	size_t i;

	json_array_foreach(jobs, i, job) {
		const char *name =
			json_string_value(json_object_get(job, "jobname"));
		json_t *way = json_object_get(job, "read");

		if (!name || strcmp(name, of))
			continue;
		if (!json_integer_value(json_object_get(way, "total_ios")))
			way = json_object_get(job, "write");
		return json_object_get(way, "lat_ns");
	}
	return NULL;
}

static char *make_latency(struct entry *e, const char *unit)
{
	static const struct {
		const char *key, *name;
	} shares[] = {
		{ "50.000000", "latency_p50" },
		{ "90.000000", "latency_p90" },
		{ "99.000000", "latency_p99" },
		{ "99.900000", "latency_p999" },
	};
	json_t *all = latencies(output_json(e, "long"), e->of);
	json_t *percentile = json_object_get(all, "percentile");
	char *why = NULL;
	size_t i;

	for (i = 0; i < sizeof(shares) / sizeof(*shares) && !why; i++)
		why = add_metric(e, shares[i].name,
				 json_number_value(
					 json_object_get(percentile,
							 shares[i].key)),
				 unit);
	if (why)
		return why;
	return add_metric(e, "latency_max",
			  json_number_value(json_object_get(all, "max")), unit);
}

char *metrics_make(struct entry *e, bool is_virtual)
{
	const char *unit = is_virtual ? "virtual ns" : "ns";
	char *why;
	size_t i;

	for (i = 0; i < e->n_outputs; i++) {
		if (!e->outputs[i].json)
			return xasprintf("the output of the %s run did not "
					 "come whole",
					 e->outputs[i].name);
		why = job_error(e->outputs[i].json);
		if (why)
			return why;
	}
	if (!output_json(e, "long"))
		return xstrdup("fio's output never came");
	if (!strcmp(e->metric, "iops"))
		return make_iops(e);
	if (!strcmp(e->metric, "latency"))
		return make_latency(e, unit);
	return make_ns_per_io(e, unit);
}
