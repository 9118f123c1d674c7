/* SPDX-License-Identifier: Apache-2.0 */
/* The second screen: one operation, from its latest run to what was said about it. */
#include "cli/top_screen.h"

#include "cli/format.h"
#include "cli/show.h"
#include "cli/top_figure.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define LABEL_COLUMNS 13u
#define BARS_MIN      4u
#define BARS_MAX      16u
#define NEWS_MAX      200u /* lines of messages: the rest is in `show messages` */

/* A long page of which a part is on the screen. */
struct page {
	struct top_grid *g;
	unsigned y;      /* next line of the page */
	unsigned scroll; /* first line of it that is shown */
	unsigned top;    /* lines of the screen that do not move */
};

/* The line of the grid for line ``y`` of the page; beyond the grid when it is not shown. */
static unsigned grid_line(const struct page *p, unsigned y)
{
	return y < p->scroll ? UINT16_MAX : p->top + y - p->scroll;
}

static void put_line(struct page *p, const char *label, uint8_t style, const char *fmt, ...)
        PRINTF_LIKE(4, 5);

static void put_line(struct page *p, const char *label, uint8_t style, const char *fmt, ...)
{
	unsigned y = grid_line(p, p->y++);
	char text[600];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* longer than any screen is cut */
	va_end(args);
	(void)top_grid_put(p->g, 1, y, LABEL_COLUMNS - 1, TOP_FAINT, label);
	(void)top_grid_put(p->g, LABEL_COLUMNS, y, p->g->width - LABEL_COLUMNS, style, text);
}

static void put_head(struct page *p, const char *text)
{
	p->y++;
	(void)top_grid_put(p->g, 1, grid_line(p, p->y++), p->g->width, TOP_STRONG, text);
}

static int64_t ns_of(const struct doc *d, const char *key)
{
	return doc_int(d, key, TOP_NONE);
}

/* --- latest run ------------------------------------------------------------------------------ */

static void put_schedule(struct page *p, const struct doc *statistics)
{
	char left[64] = "forever", age[TOP_FIGURE_MAX];
	int64_t left_s = doc_int(statistics, "life_left_s", -1);

	if (!doc_bool(statistics, "life_forever", true) && left_s >= 0)
		(void)snprintf(left, sizeof(left), "%s more",
		               top_format_age(left_s * NS_PER_S, age)); /* fits */
	put_line(p, "schedule", TOP_PLAIN, "%s, every %" PRId64 " s, %s",
	         doc_text(statistics, "state", "pending"), doc_int(statistics, "frequency_s", 0),
	         left);
}

static void put_outcome(struct page *p, const struct top_row *row, const struct doc *latest)
{
	char age[TOP_FIGURE_MAX];

	if (!latest || latest->kind != DOC_MAP) {
		put_line(p, "latest run", TOP_FAINT, "none yet");
		return;
	}
	put_line(p, "latest run", top_health_style(row->health), "%s, run %" PRId64 ", %s ago",
	         render_return_code(latest), doc_int(latest, "run", 0),
	         top_format_age(row->age_ns, age));
	if (*doc_text(latest, "detail", ""))
		put_line(p, "", TOP_WARN, "%s", doc_text(latest, "detail", ""));
}

#define TRIPLE_MAX 96u /* three figures and what parts them */

/* "30.20/32.11/35.00". */
static char *format_triple(const struct doc *sums, char *to)
{
	char min[TOP_FIGURE_MAX], avg[TOP_FIGURE_MAX], max[TOP_FIGURE_MAX];

	(void)snprintf(to, TRIPLE_MAX, "%s/%s/%s", top_format_ms(ns_of(sums, "min_ns"), min),
	               top_format_ms(ns_of(sums, "avg_ns"), avg),
	               top_format_ms(ns_of(sums, "max_ns"), max)); /* fits */
	return to;
}

/* Both directions in a line. */
static void put_ways(struct page *p, const char *label, const struct doc *sd, const struct doc *ds,
                     const char *note)
{
	char there[TRIPLE_MAX], back[TRIPLE_MAX];

	put_line(p, label, TOP_PLAIN, "there %s  back %s ms%s", format_triple(sd, there),
	         format_triple(ds, back), note);
}

static void put_packets(struct page *p, const struct top_row *row, const struct doc *packets)
{
	char loss[TOP_FIGURE_MAX];

	put_line(p, "packets", row->is.loss_ppm > 0 ? TOP_WARN : TOP_PLAIN,
	         "%" PRId64 " sent, %" PRId64 " good, loss %s: there %" PRId64 ", back %" PRId64
	         ", unknown %" PRId64 ", late %" PRId64,
	         doc_int(packets, "sent", 0), doc_int(packets, "received", 0),
	         top_format_loss(row->is.loss_ppm, loss), doc_int(packets, "lost_sd", 0),
	         doc_int(packets, "lost_ds", 0), doc_int(packets, "missing", 0),
	         doc_int(packets, "late", 0));
	if (doc_int(packets, "out_of_sequence", 0) > 0 || doc_int(packets, "duplicates", 0) > 0)
		put_line(p, "", TOP_WARN, "%" PRId64 " out of sequence, %" PRId64 " duplicates",
		         doc_int(packets, "out_of_sequence", 0), doc_int(packets, "duplicates", 0));
}

static void put_jitter(struct page *p, const struct top_row *row, const struct doc *latest)
{
	const struct doc *jitter = doc_get(latest, "jitter");
	const struct doc *oneway = doc_get(jitter, "oneway"), *voice = doc_get(jitter, "voice");
	const char *reason = render_oneway_reason(latest);
	char rtt[TRIPLE_MAX];

	put_line(p, "round trip", TOP_PLAIN, "%s ms (least/average/most)",
	         format_triple(doc_get(jitter, "rtt"), rtt));
	if (reason) {
		put_line(p, "one way", TOP_FAINT, "not reported: %s", reason);
	} else {
		char span[FORMAT_SPAN_MAX], note[64];

		(void)snprintf(note, sizeof(note), ", within %s",
		               format_duration(doc_int(oneway, "err_ns", 0), span)); /* fits */
		put_ways(p, "one way", doc_get(oneway, "sd"), doc_get(oneway, "ds"), note);
	}
	put_ways(p, "jitter", doc_get(jitter, "jitter_sd"), doc_get(jitter, "jitter_ds"), "");
	put_packets(p, row, doc_get(jitter, "packets"));
	if (voice && voice->kind == DOC_MAP)
		put_line(p, "voice", TOP_PLAIN, "MOS %.2f, ICPIF %" PRId64 ", codec %s",
		         doc_real(voice, "mos", 0), doc_int(voice, "icpif", 0),
		         doc_text(voice, "codec", "-"));
}

/* The label stands in the first line of a list alone. */
static void put_receivers(struct page *p, const struct doc *multicast)
{
	const char *label = "receivers";
	char delay[3][TOP_FIGURE_MAX];

	for (const struct doc_member *m = doc_first(doc_get(multicast, "receivers")); m;
	     m = m->next) {
		const struct doc *r = &m->value, *avg = doc_get(r, "delay_avg_ns");
		int64_t lost_sd = doc_int(r, "lost_sd", 0), received = doc_int(r, "received", 0);
		uint8_t style = lost_sd > 0 || received == 0 ? TOP_WARN : TOP_PLAIN;

		if (avg && avg->kind == DOC_INT)
			put_line(p, label, style,
			         "%s  %s, %" PRId64 " good, %" PRId64
			         " lost there, delay %s/%s/%s ms",
			         doc_text(r, "address", "?"), render_return_code(r), received,
			         lost_sd, top_format_ms(ns_of(r, "delay_min_ns"), delay[0]),
			         top_format_ms(avg->integer, delay[1]),
			         top_format_ms(ns_of(r, "delay_max_ns"), delay[2]));
		else
			put_line(p, label, style,
			         "%s  %s, %" PRId64 " good, %" PRId64 " lost there",
			         doc_text(r, "address", "?"), render_return_code(r), received,
			         lost_sd);
		label = "";
	}
}

static void put_hops(struct page *p, const struct doc *path)
{
	const char *label = "path";
	unsigned number = 0;
	char rtt[TRIPLE_MAX];

	for (const struct doc_member *m = doc_first(doc_get(path, "hops")); m; m = m->next) {
		const struct doc *hop = &m->value;
		bool has_rtt = doc_int(hop, "received", 0) > 0;

		put_line(p, label, TOP_PLAIN, "%2u  %s%s%s%s", ++number,
		         doc_text(hop, "address", "*"), has_rtt ? "  " : "",
		         has_rtt ? format_triple(doc_get(hop, "rtt"), rtt) : "",
		         has_rtt ? " ms" : "");
		label = "";
	}
}

static void put_latest(struct page *p, const struct top_row *row, const struct doc *latest)
{
	const struct doc *jitter = doc_get(latest, "jitter");
	char rtt[TOP_FIGURE_MAX], span[FORMAT_SPAN_MAX];

	put_outcome(p, row, latest);
	if (!latest || latest->kind != DOC_MAP)
		return;
	if (jitter && jitter->kind == DOC_MAP) {
		put_jitter(p, row, latest);
		return;
	}
	int64_t err_ns = doc_int(doc_get(latest, "instrument"), "rtt_err_ns", -1);

	put_line(p, "round trip", TOP_PLAIN, "%s ms%s%s",
	         top_format_ms(ns_of(latest, "rtt_ns"), rtt), err_ns >= 0 ? ", within " : "",
	         err_ns >= 0 ? format_duration(err_ns, span) : "");
	put_receivers(p, doc_get(latest, "multicast"));
	put_hops(p, doc_get(latest, "path"));
}

/* --- since the start ------------------------------------------------------------------------- */

static void put_trend(struct page *p, const struct top_row *row)
{
	unsigned width = p->g->width > LABEL_COLUMNS + 1u ? p->g->width - LABEL_COLUMNS - 1u : 0;
	int64_t low_ns = INT64_MAX, high_ns = TOP_NONE;
	char low[TOP_FIGURE_MAX], high[TOP_FIGURE_MAX];
	unsigned y = grid_line(p, p->y++);

	for (uint32_t back = 0; back < row->history_len; back++) {
		int64_t value_ns = top_row_value(row, back);

		if (value_ns == TOP_NONE)
			continue;
		low_ns = value_ns < low_ns ? value_ns : low_ns;
		high_ns = value_ns > high_ns ? value_ns : high_ns;
	}
	if (width > row->history_len)
		width = row->history_len;
	(void)top_grid_put(p->g, 1, y, LABEL_COLUMNS - 1, TOP_FAINT, "trend");
	top_draw_trend(p->g, LABEL_COLUMNS, y, width, TOP_CALM, row);
	if (high_ns != TOP_NONE)
		put_line(p, "", TOP_FAINT, "%u runs, %s to %s ms", row->history_len,
		         top_format_ms(low_ns, low), top_format_ms(high_ns, high));
}

static void put_counters(struct page *p, const struct doc *statistics)
{
	const struct doc *by_sense = doc_get(statistics, "runs_by_sense");
	char text[400];
	size_t used = 0;

	text[0] = '\0';
	for (const struct doc_member *m = doc_first(by_sense); m; m = m->next) {
		int n = m->value.kind == DOC_INT
		                ? snprintf(text + used, sizeof(text) - used, ", %" PRId64 " %s",
		                           m->value.integer, m->key)
		                : 0;

		if (n < 0 || (size_t)n >= sizeof(text) - used)
			break;
		used += (size_t)n;
	}
	put_line(p, "runs", TOP_PLAIN, "%" PRId64 "%s", doc_int(statistics, "runs", 0), text);
	if (doc_int(statistics, "missed_busy", 0) > 0 || doc_int(statistics, "missed_late", 0) > 0)
		put_line(p, "not begun", TOP_WARN,
		         "%" PRId64 " since the one before was still on, %" PRId64
		         " since the node was late",
		         doc_int(statistics, "missed_busy", 0),
		         doc_int(statistics, "missed_late", 0));
}

static void put_distribution(struct page *p, const struct doc *d)
{
	char p50[TOP_FIGURE_MAX], p95[TOP_FIGURE_MAX], p99[TOP_FIGURE_MAX], max[TOP_FIGURE_MAX];
	char count[TOP_FIGURE_MAX], head[80];
	unsigned bars = p->g->height > 34u ? BARS_MAX : p->g->height / 4u;

	if (doc_int(d, "n", 0) == 0)
		return;
	(void)snprintf(head, sizeof(head), "distribution of %s round trips",
	               top_format_count((uint64_t)doc_int(d, "n", 0), count)); /* fits */
	put_head(p, head);
	put_line(p, "", TOP_PLAIN, "50 %% within %s ms, 95 %% %s, 99 %% %s, all %s",
	         top_format_ms(ns_of(d, "p50_ns"), p50), top_format_ms(ns_of(d, "p95_ns"), p95),
	         top_format_ms(ns_of(d, "p99_ns"), p99), top_format_ms(ns_of(d, "max_ns"), max));
	bars = bars < BARS_MIN ? BARS_MIN : bars;
	struct top_grid chart; /* of its own, since it may be cut by the edges of the page */

	top_grid_init(&chart, p->g->width, bars, p->g->is_utf8);
	top_draw_distribution(&chart, 0, bars, d);
	for (unsigned i = 0; i < bars; i++) {
		unsigned y = grid_line(p, p->y++);

		if (y < p->g->height)
			memcpy(&p->g->cells[(size_t)y * p->g->width],
			       &chart.cells[(size_t)i * chart.width],
			       chart.width * sizeof(struct top_cell));
	}
	top_grid_fini(&chart);
}

/* --- what was said --------------------------------------------------------------------------- */

/* Whether a message is about the operation, or about its whole node; paths in what another node has
 * sent are its own. */
static bool is_about(const struct doc *message, uint32_t number)
{
	const struct doc *scope = doc_get(message, "scope");
	char path[40];

	if (*doc_text(message, "from", ""))
		return false;
	if (!scope || scope->kind != DOC_LIST || scope->count == 0)
		return true;
	(void)snprintf(path, sizeof(path), "sla/operation/%u", number); /* fits */
	for (const struct doc_member *m = doc_first(scope); m; m = m->next) {
		size_t len = m->value.kind == DOC_TEXT ? strlen(m->value.text) : 0;

		/* the operation itself, or something that it is part of */
		if (len > 0 && strncmp(m->value.text, path, len) == 0 &&
		    (path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}

static void put_news(struct page *p, const struct doc *m, uint8_t style)
{
	const char *severity = doc_text(m, "severity", ""), *action = doc_text(m, "action", "");
	const char *name = doc_text(m, "name", "");
	bool is_looked_after = strcmp(doc_text(m, "state", ""), "acknowledged") == 0;
	const struct doc *who = is_looked_after ? doc_get(m, "acknowledged") : m;
	char clock[16];

	(void)top_grid_printf(
	        p->g, 1, grid_line(p, p->y++), p->g->width - 1u, style,
	        "%s  %s%s%s%s%s%s%s: %s (%s%s)", top_format_clock(doc_int(m, "at_ns", 0), clock),
	        doc_text(m, "type", "alarm"), *action ? " " : "", action, *severity ? " " : "",
	        severity, *name ? " " : "", name, doc_text(m, "text", ""),
	        is_looked_after ? "looked after by " : "", doc_text(who, "by", "-"));
}

static void put_alarms(struct page *p, const struct doc *alarms, uint32_t number)
{
	bool has_head = false;

	for (const struct doc_member *m = doc_first(doc_get(alarms, "items")); m; m = m->next) {
		if (!is_about(&m->value, number))
			continue;
		if (!has_head)
			put_head(p, "alarms that stand");
		has_head = true;
		put_news(p, &m->value, TOP_ALARM);
	}
}

/* The latest first. */
static void put_messages(struct page *p, const struct doc *messages, uint32_t number)
{
	const struct doc *latest[NEWS_MAX];
	unsigned count = 0;

	for (const struct doc_member *m = doc_first(doc_get(messages, "items")); m; m = m->next) {
		if (is_about(&m->value, number))
			latest[count++ % NEWS_MAX] = &m->value;
	}
	if (count == 0)
		return;
	put_head(p, "messages");
	for (unsigned i = 0; i < count && i < NEWS_MAX; i++)
		put_news(p, latest[(count - 1 - i) % NEWS_MAX], TOP_PLAIN);
}

/* --- the screen ------------------------------------------------------------------------------ */

static void draw_frame(struct top_grid *g, const struct top_model *m, const struct top_row *row,
                       const struct top_detail *detail, wall_t now)
{
	const struct doc *parameters = doc_get(detail ? detail->operation : NULL, "parameters");
	int64_t port = doc_int(parameters, "target_port", 0);
	char clock[16], to_port[32] = "";

	if (port > 0)
		(void)snprintf(to_port, sizeof(to_port), " port %" PRId64, port); /* fits */

	unsigned room = g->width >= 60 ? g->width - 12u : g->width;

	(void)top_grid_printf(g, 1, 0, room, TOP_BAR, "operation %u, %s  %s %s%s%s%s",
	                      row->is.number, m->nodes[row->node].name, row->is.type,
	                      row->is.target, to_port, row->is.tag[0] ? "  " : "", row->is.tag);
	if (g->width >= 60)
		top_grid_put_right(g, g->width - 10u, 0, 9, TOP_BAR,
		                   top_format_clock(now.ns, clock));
	top_grid_dye(g, 0, TOP_BAR);
	if (g->height < 3)
		return;
	top_grid_clear_line(g, g->height - 1u);
	(void)top_grid_put(g, 0, g->height - 1u, g->width, TOP_BAR,
	                   " q Esc back   Up Down scroll   ? help");
	top_grid_dye(g, g->height - 1u, TOP_BAR);
}

static void draw_page(struct page *p, const struct top_model *m, const struct top_row *row,
                      const struct top_detail *detail)
{
	const struct doc *statistics = detail ? detail->statistics : NULL;

	if (m->nodes[row->node].link == TOP_DOWN)
		put_line(p, "node", TOP_ALARM, "no contact: %s", m->nodes[row->node].reason);
	if (detail && detail->problem)
		put_line(p, "", TOP_WARN, "%s", detail->problem);
	if (statistics) {
		put_schedule(p, statistics);
		put_latest(p, row, doc_get(statistics, "latest"));
	} else if (!detail || !detail->problem) {
		put_line(p, "", TOP_FAINT, "asking %s", m->nodes[row->node].name);
	}
	put_trend(p, row);
	if (statistics) {
		put_counters(p, statistics);
		put_alarms(p, detail->alarms, row->is.number);
		put_distribution(p, doc_get(statistics, "rtt_distribution"));
		put_messages(p, detail->messages, row->is.number);
	}
}

void top_draw_detail(struct top_grid *g, struct top_ui *ui, const struct top_model *m,
                     const struct top_detail *detail, wall_t now)
{
	const struct top_row *row = top_model_selected(m);
	struct page p = { .g = g, .scroll = ui->scroll, .top = 1 };
	unsigned room = g->height > 2 ? g->height - 2u : 1;

	if (detail)
		row = top_model_find(m, detail->node, detail->number);
	ui->height = (uint16_t)room;
	if (!row) {
		(void)top_grid_put(g, 1, 1, g->width, TOP_WARN, "this operation is gone");
		return;
	}
	draw_page(&p, m, row, detail);
	if (ui->scroll + room > p.y && ui->scroll > 0) { /* not beyond the end */
		unsigned fits = p.y > room ? p.y - room : 0;

		if (fits < ui->scroll) {
			memset(g->cells, 0, sizeof(*g->cells) * g->width * g->height);
			p.y = 0;
			p.scroll = ui->scroll = fits;
			draw_page(&p, m, row, detail);
		}
	}
	draw_frame(g, m, row, detail, now);
}
