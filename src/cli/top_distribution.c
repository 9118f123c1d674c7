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

/* Bars of equal width in proportion to their values, between the least and the greatest. */
struct bars {
	unsigned count;
	double low, ratio; /* bar i holds values from low x ratio^i on */
	double share[BARS_MAX];
};

/* Which part of a bucket lies in which bar, its values spread evenly over its logarithm. */
static void spread(struct bars *b, double from, double to, double share)
{
	double begin = log(from / b->low) / log(b->ratio), end = log(to / b->low) / log(b->ratio);

	for (unsigned i = 0; i < b->count; i++) {
		double left = begin > i ? begin : i, right = end < i + 1.0 ? end : i + 1.0;

		if (right > left)
			b->share[i] += share * (right - left) / (end - begin);
	}
}

static bool fill(struct bars *b, unsigned most, const struct doc *distribution)
{
	const struct doc *buckets = doc_get(distribution, "buckets");
	const struct doc_member *first = doc_first(buckets);
	double n = (double)doc_int(distribution, "n", 0);

	if (!first || n <= 0)
		return false;
	double low = (double)doc_int(&first->value, "from_ns", 0);
	double high = (double)doc_int(&buckets->last->value, "to_ns", 0);
	double finest = (double)doc_int(&first->value, "to_ns", 0);

	low = low < 1 ? 1 : low;
	if (high <= low || finest <= low)
		return false;
	double slots = ceil(log(high / low) / log(finest / low) - 0.01);

	*b = (struct bars) { .count = most > BARS_MAX ? BARS_MAX : most, .low = low };
	if (slots < b->count)
		b->count = slots < 1 ? 1 : (unsigned)slots;
	b->ratio = pow(high / low, 1.0 / b->count);
	for (const struct doc_member *m = first; m; m = m->next) {
		double from = (double)doc_int(&m->value, "from_ns", 0);

		spread(b, from < 1 ? 1 : from, (double)doc_int(&m->value, "to_ns", 0),
		       (double)doc_int(&m->value, "count", 0) / n);
	}
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
		double place = value > 0 ? log(value / b->low) / log(b->ratio) : -1;

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
		                   top_format_ms((int64_t)(b.low * pow(b.ratio, i)), from));
		top_draw_bar(g, LABEL + 1, y + i, width, TOP_CALM,
		             tallest > 0 ? b.share[i] / tallest : 0);
		if (percent > 0)
			(void)top_grid_printf(g, LABEL + width + 2, y + i, SHARE, TOP_PLAIN,
			                      percent < 0.1 ? " <0.1%%" : "%5.1f%%", percent);
		put_quantiles(g, LABEL + width + SHARE + 3, y + i, &b, i, distribution);
	}
}
