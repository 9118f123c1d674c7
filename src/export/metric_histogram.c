/* SPDX-License-Identifier: Apache-2.0 */
/* Sketch to histogram. */
#include "export/metric_histogram.h"

#include "base/clocktypes.h"

/* Two to three bounds a decade, where round trips are; texts as other exporters write them. */
static const struct {
	int64_t ns;
	const char *le;
} bounds[] = {
	{ 100 * NS_PER_US, "0.0001" },  { 250 * NS_PER_US, "0.00025" },
	{ 500 * NS_PER_US, "0.0005" },  { 1 * NS_PER_MS, "0.001" },
	{ 2500 * NS_PER_US, "0.0025" }, { 5 * NS_PER_MS, "0.005" },
	{ 10 * NS_PER_MS, "0.01" },     { 25 * NS_PER_MS, "0.025" },
	{ 50 * NS_PER_MS, "0.05" },     { 100 * NS_PER_MS, "0.1" },
	{ 250 * NS_PER_MS, "0.25" },    { 500 * NS_PER_MS, "0.5" },
	{ 1 * NS_PER_S, "1" },          { 2500 * NS_PER_MS, "2.5" },
	{ 5 * NS_PER_S, "5" },          { 10 * NS_PER_S, "10" },
};

#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

/* Values by the first bound that is not below them; those above all bounds are in none. */
static void spread(const struct sketch *s, uint64_t counts[BOUNDS])
{
	uint16_t border[BOUNDS];

	for (size_t b = 0; b < BOUNDS; b++)
		border[b] = sketch_bucket_of(bounds[b].ns);
	if (!s->is_bucketed) {
		for (size_t i = 0; i < s->count; i++) {
			size_t b = 0;

			while (b < BOUNDS && border[b] < sketch_bucket_of(s->values[i]))
				b++;
			if (b < BOUNDS)
				counts[b]++;
		}
		return;
	}
	for (size_t i = 0, b = 0; i < s->pairs_len; i++) {
		while (b < BOUNDS && border[b] < s->pairs[i].bucket)
			b++;
		if (b < BOUNDS)
			counts[b] += s->pairs[i].count;
	}
}

void metric_histogram_add(struct metric_text *t, const struct metric_family *f,
                          const struct metric_text *labels, const struct sketch *s, int64_t sum_ns)
{
	uint64_t counts[BOUNDS] = { 0 }, below = 0;

	spread(s, counts);
	for (size_t b = 0; b < BOUNDS; b++) {
		below += counts[b];
		metric_add(t, f,
		           &(struct metric_sample) { .suffix = "_bucket",
		                                     .labels = labels,
		                                     .name = "le",
		                                     .value = bounds[b].le,
		                                     .number = metric_count(below) });
	}
	metric_add(t, f,
	           &(struct metric_sample) { .suffix = "_bucket",
	                                     .labels = labels,
	                                     .name = "le",
	                                     .value = "+Inf",
	                                     .number = metric_count(s->count) });
	metric_add(t, f,
	           &(struct metric_sample) { .suffix = "_sum",
	                                     .labels = labels,
	                                     .number = sum_ns,
	                                     .places = METRIC_NS_TO_S });
	metric_add(t, f,
	           &(struct metric_sample) { .suffix = "_count",
	                                     .labels = labels,
	                                     .number = metric_count(s->count) });
}
