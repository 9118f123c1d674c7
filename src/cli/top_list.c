/* SPDX-License-Identifier: Apache-2.0 */
/* The first screen: how many fare how, which nodes are away, and the table. */
#include "cli/top_screen.h"

#include "cli/top_figure.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define NODES_AWAY_MAX 3u /* that are named one by one */

uint8_t top_health_style(enum top_health health)
{
	switch (health) {
	case TOP_DEGRADED:
		return TOP_WARN;
	case TOP_FAILING:
	case TOP_OVERDUE:
		return TOP_ALARM;
	case TOP_GOOD:
		return TOP_CALM;
	case TOP_WAITING:
	case TOP_UNREACHED:
	case TOP_HEALTHS:
		break;
	}
	return TOP_FAINT;
}

char top_health_mark(const struct top_row *row)
{
	switch (row->health) {
	case TOP_FAILING:
		return '!';
	case TOP_OVERDUE:
	case TOP_UNREACHED:
		return '?';
	case TOP_DEGRADED:
		return '+';
	case TOP_GOOD:
	case TOP_WAITING:
	case TOP_HEALTHS:
		break;
	}
	return row->is.state;
}

const char *top_key_name(enum top_key key)
{
	static const char *const names[TOP_KEYS] = {
		[TOP_BY_HEALTH] = "health", [TOP_BY_NUMBER] = "number",  [TOP_BY_TARGET] = "target",
		[TOP_BY_TYPE] = "type",     [TOP_BY_RTT] = "round trip", [TOP_BY_LOSS] = "loss",
		[TOP_BY_JITTER] = "jitter", [TOP_BY_MOS] = "MOS",        [TOP_BY_AGE] = "age",
	};

	return key < TOP_KEYS ? names[key] : "";
}

char *top_format_clock(int64_t unix_ns, char *to)
{
	time_t seconds = unix_ns / NS_PER_S;
	struct tm tm;

	if (!localtime_r(&seconds, &tm) || strftime(to, 16, "%H:%M:%S", &tm) == 0)
		(void)snprintf(to, 16, "--:--:--"); /* fits */
	return to;
}

/* --- head ------------------------------------------------------------------------------------ */

struct pen {
	struct top_grid *g;
	unsigned x, y;
};

static void write_part(struct pen *pen, uint8_t style, const char *before, uint64_t count,
                       const char *what)
{
	char number[TOP_FIGURE_MAX];

	pen->x += top_grid_printf(pen->g, pen->x, pen->y, UINT16_MAX, style, "%s%s %s", before,
	                          top_format_count(count, number), what);
}

static void draw_totals(struct top_grid *g, unsigned y, const struct top_model *m)
{
	static const struct {
		enum top_health health;
		const char *what;
	} parts[] = {
		{ TOP_FAILING, "failing" },     { TOP_OVERDUE, "overdue" },
		{ TOP_DEGRADED, "degraded" },   { TOP_GOOD, "good" },
		{ TOP_WAITING, "not running" }, { TOP_UNREACHED, "without contact" },
	};
	struct pen pen = { g, 0, y };

	write_part(&pen, TOP_STRONG, "", m->row_count,
	           m->row_count == 1 ? "operation:" : "operations:");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		uint32_t count = m->by_health[parts[i].health];

		if (count > 0)
			write_part(&pen, top_health_style(parts[i].health), "  ", count,
			           parts[i].what);
	}
	if (m->refused > 0)
		write_part(&pen, TOP_WARN, "  ", m->refused, "more than fit");
}

static void draw_title(struct top_grid *g, const struct top_model *m, wall_t now)
{
	char clock[16];
	uint32_t up = 0;

	for (uint32_t i = 0; i < m->node_count; i++)
		up += m->nodes[i].link == TOP_UP;
	if (m->node_count == 1)
		(void)top_grid_printf(g, 1, 0, g->width >= 40 ? g->width - 12u : g->width, TOP_BAR,
		                      "candor top   %s", m->nodes[0].name);
	else
		(void)top_grid_printf(g, 1, 0, g->width, TOP_BAR, "candor top   %u of %u nodes", up,
		                      m->node_count);
	if (g->width >= 40)
		top_grid_put_right(g, 0, 0, g->width - 1u, TOP_BAR,
		                   top_format_clock(now.ns, clock));
	top_grid_dye(g, 0, TOP_BAR);
}

/* What is said of a node that is away; the reason has a line of its own where it does not fit.  Returns
 * how many lines it took. */
static unsigned draw_away(struct top_grid *g, unsigned y, const struct top_node *node, wall_t now)
{
	char clock[16], age[TOP_FIGURE_MAX];
	unsigned x;

	if (node->link == TOP_CONNECTING) {
		(void)top_grid_printf(g, 0, y, g->width, TOP_CALM, "~ %s: connecting", node->name);
		return 1;
	}
	x = top_grid_printf(g, 0, y, g->width, TOP_ALARM, "? %s: no contact for %s (since %s)",
	                    node->name, top_format_age(now.ns - node->since.ns, age),
	                    top_format_clock(node->since.ns, clock));
	if (x + 2 + top_text_width(node->reason) <= g->width) {
		(void)top_grid_printf(g, x, y, g->width, TOP_ALARM, ": %s", node->reason);
		return 1;
	}
	(void)top_grid_put(g, 4, y + 1, g->width, TOP_WARN, node->reason);
	return 2;
}

/* Nodes that are not there, some by name; returns how many lines it took. */
static unsigned draw_nodes(struct top_grid *g, unsigned y, const struct top_model *m, wall_t now)
{
	unsigned lines = 0;
	uint32_t away = 0, more = 0;

	for (uint32_t i = 0; i < m->node_count; i++) {
		if (m->nodes[i].link == TOP_UP)
			continue;
		if (away++ < NODES_AWAY_MAX)
			lines += draw_away(g, y + lines, &m->nodes[i], now);
		else
			more++;
	}
	if (more > 0)
		(void)top_grid_printf(g, 0, y + lines++, g->width, TOP_ALARM,
		                      "? and %u more without contact", more);
	return lines;
}

/* --- foot ------------------------------------------------------------------------------------ */

static void draw_choice(struct top_grid *g, unsigned y, const struct top_ui *ui,
                        const struct top_model *m)
{
	unsigned x = 0;

	if (ui->is_typing) {
		(void)top_grid_printf(g, 0, y, g->width, TOP_STRONG, "/%s%s", m->filter,
		                      g->is_utf8 ? "▏" : "_");
		return;
	}
	x += top_grid_printf(g, x, y, g->width, TOP_PLAIN, "%u of %u by %s%s", m->shown_count,
	                     m->row_count, top_key_name(m->key),
	                     m->is_reversed ? ", reversed" : "");
	if (m->problems_only)
		x += top_grid_put(g, x, y, g->width, TOP_WARN, "  problems only");
	if (m->only_node < m->node_count)
		x += top_grid_printf(g, x, y, g->width, TOP_WARN, "  node %s",
		                     m->nodes[m->only_node].name);
	if (m->filter[0])
		(void)top_grid_printf(g, x, y, g->width, TOP_WARN, "  /%s", m->filter);
}

static void draw_keys(struct top_grid *g, unsigned y)
{
	static const char *const longer =
	        " q quit  ? help  / filter  p problems  s sort  r reverse  n node  Enter detail";

	(void)top_grid_put(g, 0, y, g->width, TOP_BAR,
	                   g->width >= 78 ? longer : " q quit  ? help  Enter detail");
	top_grid_dye(g, y, TOP_BAR);
}

/* --- the screen ------------------------------------------------------------------------------ */

/* The selected line stays on the screen. */
static void follow(struct top_ui *ui, const struct top_model *m, unsigned lines)
{
	if (m->at < ui->first)
		ui->first = m->at;
	if (lines > 0 && m->at >= ui->first + lines)
		ui->first = m->at - lines + 1;
	if (ui->first > 0 && ui->first + lines > m->shown_count)
		ui->first = m->shown_count > lines ? m->shown_count - lines : 0;
}

static void draw_nothing(struct top_grid *g, unsigned y, const struct top_model *m)
{
	bool is_filtered = m->filter[0] || m->problems_only || m->only_node < m->node_count;
	const char *text = m->row_count > 0 && m->problems_only && !m->filter[0] ? "no problems"
	                   : m->row_count > 0 && is_filtered ? "nothing passes the filter"
	                                                     : "no operations";

	(void)top_grid_put(g, 2, y, g->width, TOP_FAINT, text);
}

void top_draw_list(struct top_grid *g, struct top_ui *ui, const struct top_model *m, wall_t now)
{
	unsigned y = 1, foot = g->height >= 8 ? 2 : 0;

	draw_title(g, m, now);
	if (g->height >= 5)
		draw_totals(g, y++, m);
	if (g->height >= 10)
		y += draw_nodes(g, y, m, now);
	unsigned lines = g->height > y + foot ? g->height - y - foot : 0;
	unsigned rows = lines > 0 ? lines - 1 : 0;

	ui->height = (uint16_t)rows;
	follow(ui, m, rows);
	top_draw_table(g, y, ui->first, lines, m, true);
	if (m->shown_count == 0 && rows > 0)
		draw_nothing(g, y + 1, m);
	else if (m->at - ui->first < rows)
		top_grid_choose(g, y + 1 + m->at - ui->first);
	if (foot > 0) {
		draw_choice(g, g->height - 2u, ui, m);
		draw_keys(g, g->height - 1u);
	}
}

void top_draw_help(struct top_grid *g)
{
	static const char *const lines[] = {
		" candor top: keys",
		"",
		" Up Down PgUp PgDn Home End   move               Enter  one operation in detail",
		" /    filter: words in target, tag, type, code, number, node; Esc ends it",
		" p    problems only           n N    one node after the other, and all again",
		" s S  next, previous order    r      reverse",
		"",
		" order:  h health   o number   t target   y type",
		"         d round trip (delay)  l loss     j jitter   m MOS   a age",
		"",
		" marks:  !  failing: the return code says why",
		"         +  degraded: over threshold, or packets lost",
		"         ?  no news: the run is overdue, or the node is not reached",
		"         *  good   ~  pending   ^  ended",
		"",
		" TREND is the round trip of the last runs, the latest at the right; a cross is a",
		" run without one. RTT and JITTER: milliseconds, JITTER of the worse direction.",
		" AGE is the time since the latest run began.",
		"",
		" q    quit                    Esc    back        ?  this help, any key ends it",
	};

	for (unsigned y = 0; y < ARRAY_LEN(lines); y++)
		(void)top_grid_put(g, 0, y, g->width, TOP_PLAIN, lines[y]);
	top_grid_dye(g, 0, TOP_BAR);
}

void top_draw(struct top_grid *g, struct top_ui *ui, const struct top_model *m,
              const struct top_detail *detail, wall_t now)
{
	if (ui->screen == TOP_HELP)
		top_draw_help(g);
	else if (ui->screen == TOP_DETAIL)
		top_draw_detail(g, ui, m, detail, now);
	else
		top_draw_list(g, ui, m, now);
}
