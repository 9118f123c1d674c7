/* SPDX-License-Identifier: Apache-2.0 */
/* Figures in a few columns, and small charts out of characters. */
#include "cli/top_figure.h"

#include <inttypes.h>
#include <string.h>

/* --- figures --------------------------------------------------------------------------------- */

char *top_format_ms(int64_t ns, char *to)
{
	int64_t us = ns / NS_PER_US;

	if (ns == TOP_NONE || ns < 0)
		(void)snprintf(to, TOP_FIGURE_MAX, "-");
	else if (us < 10000)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 ".%03" PRId64, us / 1000, us % 1000);
	else if (us < 100000)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 ".%02" PRId64, us / 1000,
		               us % 1000 / 10);
	else if (us < 1000000)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 ".%" PRId64, us / 1000,
		               us % 1000 / 100);
	else if (us < INT64_C(1000000000))
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64, us / 1000);
	else
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 " s", us / 1000000);
	return to;
}

char *top_format_loss(int64_t ppm, char *to)
{
	if (ppm == TOP_NONE || ppm < 0)
		(void)snprintf(to, TOP_FIGURE_MAX, "-");
	else if (ppm == 0)
		(void)snprintf(to, TOP_FIGURE_MAX, "0");
	else if (ppm < 1000)
		(void)snprintf(to, TOP_FIGURE_MAX, "<0.1%%");
	else if (ppm < 100000)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 ".%" PRId64 "%%", ppm / 10000,
		               ppm % 10000 / 1000);
	else
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 "%%", ppm / 10000);
	return to;
}

char *top_format_mos(int64_t centi, char *to)
{
	if (centi == TOP_NONE)
		(void)snprintf(to, TOP_FIGURE_MAX, "-");
	else
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 ".%02" PRId64, centi / 100,
		               centi % 100);
	return to;
}

char *top_format_age(int64_t ns, char *to)
{
	int64_t s = ns < 0 ? 0 : ns / NS_PER_S;

	if (ns == TOP_NONE)
		(void)snprintf(to, TOP_FIGURE_MAX, "-");
	else if (s < 100)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 "s", s);
	else if (s < 6000)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 "m", s / 60);
	else if (s < 360000)
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 "h", s / 3600);
	else
		(void)snprintf(to, TOP_FIGURE_MAX, "%" PRId64 "d", s / 86400);
	return to;
}

char *top_format_count(uint64_t count, char *to)
{
	char digits[24];
	size_t at = 0;
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			to[at++] = ',';
		to[at++] = digits[i];
	}
	to[at] = '\0';
	return to;
}

/* --- charts ---------------------------------------------------------------------------------- */

#define LEVELS 8u

/* How tall each value is between the least and the greatest shown.  A range of less than a quarter of
 * the greatest is drawn in the middle as if it were that large: noise must not look like trouble. */
struct scale {
	int64_t low_ns, range_ns;
};

static struct scale scale_of(const struct top_row *row, unsigned count)
{
	int64_t low_ns = INT64_MAX, high_ns = 0;

	for (uint32_t back = 0; back < count; back++) {
		int64_t value_ns = top_row_value(row, back);

		if (value_ns == TOP_NONE)
			continue;
		low_ns = value_ns < low_ns ? value_ns : low_ns;
		high_ns = value_ns > high_ns ? value_ns : high_ns;
	}
	int64_t range_ns = high_ns - low_ns;

	if (range_ns < high_ns / 4) {
		low_ns -= (high_ns / 4 - range_ns) / 2;
		range_ns = high_ns / 4;
	}
	return (struct scale) { low_ns, range_ns > 0 ? range_ns : 1 };
}

void top_draw_trend(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                    const struct top_row *row)
{
	static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const letters[LEVELS] = { "_", ".", ",", "-", "=", "+", "*", "#" };
	unsigned count = row->history_len < width ? row->history_len : width;
	struct scale scale = scale_of(row, count);

	for (uint32_t back = 0; back < count; back++) {
		int64_t value_ns = top_row_value(row, back);
		unsigned at = x + width - 1 - back;

		if (value_ns == TOP_NONE) {
			(void)top_grid_put(g, at, y, 1, TOP_ALARM, g->is_utf8 ? "×" : "x");
			continue;
		}
		double share = (double)(value_ns - scale.low_ns) / (double)scale.range_ns;
		unsigned level = (unsigned)(share * (LEVELS - 1) + 0.5);

		(void)top_grid_put(g, at, y, 1, style, (g->is_utf8 ? blocks : letters)[level]);
	}
}

void top_draw_bar(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                  double share)
{
	static const char *const eighths[8] = { "", "▏", "▎", "▍", "▌", "▋", "▊", "▉" };
	unsigned units = (unsigned)(share * width * 8 + 0.5);

	if (units == 0 && share > 0)
		units = 1; /* there is something */
	for (unsigned i = 0; i < units / 8; i++)
		(void)top_grid_put(g, x + i, y, 1, style, g->is_utf8 ? "█" : "#");
	if (units % 8 > 0)
		(void)top_grid_put(g, x + units / 8, y, 1, style,
		                   g->is_utf8  ? eighths[units % 8]
		                   : units > 8 ? ""
		                               : ".");
}
