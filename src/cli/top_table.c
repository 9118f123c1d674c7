/* SPDX-License-Identifier: Apache-2.0 */
/* The table of operations: which columns fit, how wide they are, and their lines. */
#include "cli/top_screen.h"

#include "cli/format.h"
#include "cli/top_figure.h"

#include <inttypes.h>
#include <string.h>

enum column {
	COLUMN_MARK,
	COLUMN_NODE,
	COLUMN_NUMBER,
	COLUMN_TYPE,
	COLUMN_TARGET,
	COLUMN_RTT,
	COLUMN_TREND,
	COLUMN_LOSS,
	COLUMN_JITTER,
	COLUMN_MOS,
	COLUMN_CODE,
	COLUMN_AGE,
	COLUMN_TAG,
	COLUMNS,
};

static const struct {
	const char *head;
	uint8_t width; /* the least */
	bool is_right;
	enum top_key key; /* that sorts by it */
} columns[COLUMNS] = {
	[COLUMN_MARK] = { "", 1, false, TOP_KEYS },
	[COLUMN_NODE] = { "NODE", 12, false, TOP_KEYS },
	[COLUMN_NUMBER] = { "OPER", 4, true, TOP_BY_NUMBER },
	[COLUMN_TYPE] = { "TYPE", 6, false, TOP_BY_TYPE },
	[COLUMN_TARGET] = { "TARGET", 12, false, TOP_BY_TARGET },
	[COLUMN_RTT] = { "RTT ms", 6, true, TOP_BY_RTT },
	[COLUMN_TREND] = { "TREND", 6, true, TOP_KEYS },
	[COLUMN_LOSS] = { "LOSS", 5, true, TOP_BY_LOSS },
	[COLUMN_JITTER] = { "JITTER", 6, true, TOP_BY_JITTER },
	[COLUMN_MOS] = { "MOS", 4, true, TOP_BY_MOS },
	[COLUMN_CODE] = { "CODE", 10, false, TOP_BY_HEALTH },
	[COLUMN_AGE] = { "AGE", 3, true, TOP_BY_AGE },
	[COLUMN_TAG] = { "TAG", 8, false, TOP_KEYS },
};

/* Least important last: where the screen is narrow they go. */
static const enum column by_worth[COLUMNS] = {
	COLUMN_MARK, COLUMN_NUMBER, COLUMN_RTT, COLUMN_TARGET, COLUMN_CODE,
	COLUMN_NODE, COLUMN_LOSS,   COLUMN_AGE, COLUMN_TREND,  COLUMN_JITTER,
	COLUMN_MOS,  COLUMN_TYPE,   COLUMN_TAG,
};

/* Who gets what is left, up to which width, in this order. */
static const struct {
	enum column column;
	uint8_t width;
} grants[] = {
	{ COLUMN_NODE, 12 },   { COLUMN_TARGET, 15 }, { COLUMN_CODE, 11 },
	{ COLUMN_TREND, 12 },  { COLUMN_NODE, 16 },   { COLUMN_TARGET, 20 },
	{ COLUMN_TYPE, 11 },   { COLUMN_TREND, 20 },  { COLUMN_TARGET, 28 },
	{ COLUMN_NODE, 24 },   { COLUMN_TAG, 16 },    { COLUMN_TREND, TOP_HISTORY },
	{ COLUMN_TARGET, 40 }, { COLUMN_TAG, 40 },
};

/* Columns that others should have before there is one for tags. */
#define TAG_YIELDS 20u

struct layout {
	uint8_t width[COLUMNS]; /* 0: not shown */
};

static unsigned digits(uint64_t number)
{
	unsigned n = 1;

	while (number >= 10) {
		number /= 10;
		n++;
	}
	return n;
}

/* What the contents ask for: the widest number, tag, target and node name. */
struct wishes {
	unsigned number, tag, target, node;
};

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static struct wishes wishes_of(const struct top_model *m)
{
	struct wishes w = { 0 };
	uint32_t highest = 0;

	for (uint32_t i = 0; i < m->row_count; i++) {
		const struct top_figures *f = &m->rows[i]->is;

		highest = f->number > highest ? f->number : highest;
		w.tag = larger(w.tag, (unsigned)strlen(f->tag));
		w.target = larger(w.target, (unsigned)strlen(f->target));
	}
	for (uint32_t i = 0; i < m->node_count; i++)
		w.node = larger(w.node, (unsigned)strlen(m->nodes[i].name));
	w.number = digits(highest);
	return w;
}

static bool is_wanted(enum column c, const struct top_model *m, const struct wishes *w,
                      bool with_trend)
{
	if (c == COLUMN_NODE)
		return m->node_count > 1;
	if (c == COLUMN_TREND)
		return with_trend;
	return c != COLUMN_TAG || w->tag > 0;
}

static unsigned most_useful(enum column c, unsigned width, const struct wishes *w)
{
	unsigned wish = c == COLUMN_TARGET ? w->target
	                : c == COLUMN_NODE ? w->node
	                : c == COLUMN_TAG  ? w->tag
	                                   : width;

	return wish < width ? wish : width;
}

static struct layout lay_out(const struct top_model *m, unsigned width, bool with_trend)
{
	struct wishes w = wishes_of(m);
	struct layout l = { 0 };
	unsigned used = 0;

	for (unsigned i = 0; i < COLUMNS; i++) {
		enum column c = by_worth[i];
		unsigned needs = columns[c].width;

		if (!is_wanted(c, m, &w, with_trend))
			continue;
		if (c == COLUMN_NUMBER)
			needs = larger(needs, w.number);
		else if (c == COLUMN_TARGET || c == COLUMN_NODE)
			needs = larger(most_useful(c, needs, &w), 6);
		if (used + (used > 0) + needs + (c == COLUMN_TAG ? TAG_YIELDS : 0) > width)
			continue;
		l.width[c] = (uint8_t)needs;
		used += (used > 0) + needs;
	}
	for (size_t i = 0; i < ARRAY_LEN(grants); i++) {
		enum column c = grants[i].column;
		unsigned up_to = most_useful(c, grants[i].width, &w);

		if (l.width[c] == 0 || up_to <= l.width[c])
			continue;
		unsigned more = up_to - l.width[c];

		if (c == COLUMN_TYPE && more > width - used)
			continue; /* whole words, or all of them short */
		more = more > width - used ? width - used : more;
		l.width[c] = (uint8_t)(l.width[c] + more);
		used += more;
	}
	return l;
}

/* --- lines ----------------------------------------------------------------------------------- */

/* "udp-jitter" as "jitter" and "multicast-jitter" as "mcast" where there is no room. */
static const char *short_type(const char *type, unsigned width)
{
	const char *dash = strchr(type, '-');

	if (strlen(type) <= width)
		return type;
	if (strncmp(type, "multicast-", 10) == 0)
		return "mcast";
	return strncmp(type, "udp-", 4) == 0 && dash ? dash + 1 : type;
}

static void put_type(struct top_grid *g, unsigned x, unsigned y, unsigned width, uint8_t style,
                     const char *type)
{
	char text[20];
	size_t len = strcspn(type, "-");

	(void)snprintf(text, sizeof(text), "%s", short_type(type, width)); /* a type fits */
	if (strlen(text) > width && len <= width)
		text[len] = '\0'; /* "icmp", "tcp" */
	(void)top_grid_put(g, x, y, width, style, text);
}

static const char *figure_text(enum column c, const struct top_row *row, char *to)
{
	const struct top_figures *f = &row->is;

	switch (c) {
	case COLUMN_NUMBER:
		(void)snprintf(to, TOP_FIGURE_MAX, "%u", f->number); /* fits */
		return to;
	case COLUMN_RTT:
		return top_format_ms(f->rtt_ns, to);
	case COLUMN_LOSS:
		return top_format_loss(f->loss_ppm, to);
	case COLUMN_JITTER:
		return top_format_ms(f->jitter_ns, to);
	case COLUMN_MOS:
		return top_format_mos(f->mos_centi, to);
	case COLUMN_AGE:
		return top_format_age(row->age_ns, to);
	default:
		return "";
	}
}

static const char *code_text(const struct top_row *row)
{
	switch (row->health) {
	case TOP_WAITING:
		return row->is.state == '^'   ? "ended"
		       : row->is.state == '~' ? "pending"
		                              : "no run yet";
	case TOP_UNREACHED:
		return "no contact";
	case TOP_OVERDUE:
		return "overdue";
	default:
		return format_short_code(row->is.sense);
	}
}

/* Only what is wrong is coloured: the eye finds it. */
static uint8_t figure_style(enum column c, const struct top_row *row)
{
	uint8_t style = top_health_style(row->health);

	if (row->health == TOP_WAITING || row->health == TOP_UNREACHED)
		return TOP_FAINT;
	if (c == COLUMN_MARK || c == COLUMN_CODE)
		return style;
	if (c == COLUMN_LOSS && row->is.loss_ppm > 0)
		return TOP_WARN;
	if (c == COLUMN_RTT && strcmp(row->is.sense, "over_threshold") == 0)
		return TOP_WARN;
	if (c == COLUMN_AGE && row->health == TOP_OVERDUE)
		return style;
	if (c == COLUMN_TREND)
		return TOP_CALM;
	return TOP_PLAIN;
}

static void put_cell(struct top_grid *g, enum column c, unsigned x, unsigned y, unsigned width,
                     const struct top_model *m, const struct top_row *row)
{
	const char mark[2] = { top_health_mark(row), '\0' };
	uint8_t style = figure_style(c, row);
	char text[TOP_FIGURE_MAX];

	switch (c) {
	case COLUMN_MARK:
		(void)top_grid_put(g, x, y, width, style, mark);
		return;
	case COLUMN_NODE:
		(void)top_grid_put(g, x, y, width, style, m->nodes[row->node].name);
		return;
	case COLUMN_TYPE:
		put_type(g, x, y, width, style, row->is.type);
		return;
	case COLUMN_TARGET:
		(void)top_grid_put(g, x, y, width, style, row->is.target);
		return;
	case COLUMN_CODE:
		(void)top_grid_put(g, x, y, width, style, code_text(row));
		return;
	case COLUMN_TAG:
		(void)top_grid_put(g, x, y, width, style, row->is.tag);
		return;
	case COLUMN_TREND:
		top_draw_trend(g, x, y, width, style, row);
		return;
	default:
		top_grid_put_right(g, x, y, width, style, figure_text(c, row, text));
	}
}

static void put_heads(struct top_grid *g, unsigned y, const struct layout *l,
                      const struct top_model *m)
{
	unsigned x = 0;

	for (unsigned c = 0; c < COLUMNS; c++) {
		unsigned width = l->width[c];

		if (width == 0)
			continue;
		uint8_t style = columns[c].key == m->key ? TOP_STRONG : TOP_FAINT;

		if (columns[c].is_right)
			top_grid_put_right(g, x, y, width, style, columns[c].head);
		else
			(void)top_grid_put(g, x, y, width, style, columns[c].head);
		x += width + 1;
	}
}

void top_draw_table(struct top_grid *g, unsigned y, uint32_t first, unsigned lines,
                    const struct top_model *m, bool with_trend)
{
	struct layout l = lay_out(m, g->width, with_trend);

	if (lines == 0)
		return;
	put_heads(g, y, &l, m);
	for (uint32_t i = 0; i + 1 < lines && first + i < m->shown_count; i++) {
		unsigned x = 0;

		for (unsigned c = 0; c < COLUMNS; c++) {
			if (l.width[c] == 0)
				continue;
			put_cell(g, (enum column)c, x, y + 1 + i, l.width[c], m,
			         m->shown[first + i]);
			x += l.width[c] + 1u;
		}
	}
}

/* In pieces, since a grid has a greatest height. */
void top_write_table(const struct top_model *m, unsigned width, bool is_utf8, FILE *to)
{
	uint32_t first = 0;

	do {
		struct top_grid g;
		unsigned lines = TOP_GRID_HEIGHT_MAX;
		char *text = NULL, *from;
		size_t len = 0;
		FILE *piece = open_memstream(&text, &len);

		if (!piece)
			return;
		top_grid_init(&g, width, lines, is_utf8);
		top_draw_table(&g, 0, first, lines, m, false);
		top_grid_write(&g, piece);
		top_grid_fini(&g);
		if (fclose(piece) == 0) {
			from = first > 0 ? strchr(text, '\n') + 1 : text; /* heads once */
			(void)fputs(from, to);
		}
		free(text);
		first += lines - 1;
	} while (first < m->shown_count);
}
