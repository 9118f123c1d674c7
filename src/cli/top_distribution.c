/* SPDX-License-Identifier: Apache-2.0 */
/* A distribution as bars. */
#include "cli/top_screen.h"

#include "cli/top_figure.h"

#include <math.h>
#include <string.h>

#define BARS_MAX 64u
#define LABEL    9u /* columns of the value in front of a bar */
#define SHARE    7u /* columns of the share behind it */
#define MARKS    12u

/* Bars of equal width over the middle 98 % of the values; the first and the last also hold what is
 * beyond, so that a few outliers do not press everything else into one bar. */
struct bars {
	unsigned count;
	double low, width; /* bar i holds values from low + i x width on, ns */
	double share[BARS_MAX];
};

static double value_of(const struct doc_member *bucket, const char *key)
{
	return (double)doc_int(&bucket->value, key, 0);
}

/* The bucket at which this share of all values is reached. */
static const struct doc_member *bucket_at(const struct doc *distribution, double share)
{
	double n = (double)doc_int(distribution, "n", 0), sum = 0;
	const struct doc_member *last = NULL;

	for (const struct doc_member *m = doc_first(doc_get(distribution, "buckets")); m;
	     m = m->next) {
		last = m;
		sum += value_of(m, "count");
		if (sum >= share * n)
			break;
	}
	return last;
}

static double place_of(const struct bars *b, double value)
{
	double place = (value - b->low) / b->width;

	return place < 0 ? 0 : place > b->count ? b->count : place;
}

/* Which part of a bucket lies in which bar, its values spread evenly over it. */
static void spread(struct bars *b, const struct doc_member *bucket, double share)
{
	double begin = place_of(b, value_of(bucket, "from_ns"));
	double end = place_of(b, value_of(bucket, "to_ns"));

	if (end <= begin) { /* all of it is beyond an end */
		b->share[begin > 0 ? b->count - 1 : 0] += share;
		return;
	}
	for (unsigned i = 0; i < b->count; i++) {
		double left = begin > i ? begin : i, right = end < i + 1.0 ? end : i + 1.0;

		if (right > left)
			b->share[i] += share * (right - left) / (end - begin);
	}
}

static bool fill(struct bars *b, unsigned most, const struct doc *distribution)
{
	double n = (double)doc_int(distribution, "n", 0);
	const struct doc_member *first = bucket_at(distribution, 0.01);
	const struct doc_member *middle = bucket_at(distribution, 0.5);
	const struct doc_member *last = bucket_at(distribution, 0.99);

	if (!first || n <= 0)
		return false;
	double low = value_of(first, "from_ns"), high = value_of(last, "to_ns");
	double finest = value_of(middle, "to_ns") - value_of(middle, "from_ns");

	if (high <= low || finest <= 0)
		return false;
	double slots = ceil((high - low) / finest);

	*b = (struct bars) { .count = most > BARS_MAX ? BARS_MAX : most, .low = low };
	if (slots < b->count)
		b->count = slots < 1 ? 1 : (unsigned)slots;
	b->width = (high - low) / b->count;
	for (const struct doc_member *m = doc_first(doc_get(distribution, "buckets")); m;
	     m = m->next)
		spread(b, m, value_of(m, "count") / n);
	return true;
}

/* "p50 p95" beside the bar that holds them. */
static void put_quantiles(struct top_grid *g, unsigned x, unsigned y, const struct bars *b,
                          unsigned at, const struct doc *distribution)
{
	static const struct {
		const char *key, *text;
	} quantiles[] = { { "p50_ns", "p50" }, { "p95_ns", "p95" }, { "p99_ns", "p99" } };

	for (size_t i = 0; i < ARRAY_LEN(quantiles); i++) {
		double value = (double)doc_int(distribution, quantiles[i].key, 0);
		double place = place_of(b, value);

		if (place >= b->count)
			place = b->count - 1;
		if (place >= at && place < at + 1.0)
			x += 1 + top_grid_put(g, x, y, MARKS, TOP_STRONG, quantiles[i].text);
	}
}

void top_draw_distribution(struct top_grid *g, unsigned y, unsigned bars,
                           const struct doc *distribution)
{
	struct bars b;
	double tallest = 0;
	unsigned width =
	        g->width > LABEL + SHARE + MARKS + 4u ? g->width - LABEL - SHARE - MARKS - 4u : 1;

	if (!fill(&b, bars, distribution))
		return;
	for (unsigned i = 0; i < b.count; i++)
		tallest = b.share[i] > tallest ? b.share[i] : tallest;
	for (unsigned i = 0; i < b.count; i++) {
		char from[TOP_FIGURE_MAX];
		double percent = b.share[i] * 100;

		top_grid_put_right(g, 0, y + i, LABEL, TOP_FAINT,
		                   top_format_ms((int64_t)(b.low + i * b.width), from));
		top_draw_bar(g, LABEL + 1, y + i, width, TOP_CALM,
		             tallest > 0 ? b.share[i] / tallest : 0);
		if (percent > 0)
			(void)top_grid_printf(g, LABEL + width + 2, y + i, SHARE, TOP_PLAIN,
			                      percent < 0.1 ? " <0.1%%" : "%5.1f%%", percent);
		put_quantiles(g, LABEL + width + SHARE + 3, y + i, &b, i, distribution);
	}
}
