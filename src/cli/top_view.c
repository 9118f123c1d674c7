/* SPDX-License-Identifier: Apache-2.0 */
/* Which operations are shown, in which order, and how each fares. */
#include "cli/top_model.h"

#include "base/xalloc.h"

#include <string.h>
#include <strings.h>

/* Over what two periods a run may take longer before it is missed. */
#define OVERDUE_SLACK_NS (5 * NS_PER_S)

static enum top_health judge(const struct top_node *node, const struct top_row *row)
{
	const struct top_figures *f = &row->is;
	int64_t patience_ns = 2 * (int64_t)f->frequency_s * NS_PER_S + OVERDUE_SLACK_NS;

	if (node->link != TOP_UP)
		return TOP_UNREACHED;
	if (f->state != '*' || f->started_at_ns == 0)
		return TOP_WAITING;
	if (f->frequency_s > 0 && row->age_ns > patience_ns)
		return TOP_OVERDUE;
	if (strcmp(f->sense, "over_threshold") == 0)
		return TOP_DEGRADED;
	if (strcmp(f->sense, "ok") != 0)
		return TOP_FAILING;
	return f->loss_ppm > 0 ? TOP_DEGRADED : TOP_GOOD;
}

/* Whether the first ``len`` octets of ``word`` occur in ``text``, in capitals or not. */
static bool occurs(const char *text, const char *word, size_t len)
{
	for (; *text; text++) {
		if (strncasecmp(text, word, len) == 0)
			return true;
	}
	return false;
}

static bool has_word(const struct top_model *m, const struct top_row *row, const char *word,
                     size_t len)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", row->is.number); /* fits */
	return occurs(row->is.target, word, len) || occurs(row->is.tag, word, len) ||
	       occurs(row->is.type, word, len) || occurs(row->is.sense, word, len) ||
	       occurs(number, word, len) || occurs(m->nodes[row->node].name, word, len);
}

static bool passes(const struct top_model *m, const struct top_row *row)
{
	if (m->problems_only && row->health <= TOP_GOOD)
		return false;
	if (m->only_node < m->node_count && row->node != m->only_node)
		return false;
	for (const char *word = m->filter; *word;) {
		size_t len = strcspn(word, " ");

		if (len > 0 && !has_word(m, row, word, len))
			return false;
		word += len + (word[len] == ' ');
	}
	return true;
}

/* --- order ----------------------------------------------------------------------------------- */

static int order_of(int64_t a, int64_t b)
{
	return a < b ? -1 : a > b;
}

static int text_order(const char *a, const char *b)
{
	int order = strcmp(a, b);

	return order < 0 ? -1 : order > 0;
}

/* Largest first; what was not measured is last whichever way round. */
static int figure_order(int64_t a, int64_t b, bool is_reversed)
{
	if (a == TOP_NONE || b == TOP_NONE)
		return (a == TOP_NONE) - (b == TOP_NONE);
	return is_reversed ? order_of(a, b) : order_of(b, a);
}

static int key_order(const struct top_model *m, const struct top_row *a, const struct top_row *b)
{
	int sign = m->is_reversed ? -1 : 1;

	switch (m->key) {
	case TOP_BY_HEALTH:
		return sign * order_of((int64_t)b->health, (int64_t)a->health);
	case TOP_BY_TARGET:
		return sign * text_order(a->is.target, b->is.target);
	case TOP_BY_TYPE:
		return sign * text_order(a->is.type, b->is.type);
	case TOP_BY_RTT:
		return figure_order(a->is.rtt_ns, b->is.rtt_ns, m->is_reversed);
	case TOP_BY_LOSS:
		return figure_order(a->is.loss_ppm, b->is.loss_ppm, m->is_reversed);
	case TOP_BY_JITTER:
		return figure_order(a->is.jitter_ns, b->is.jitter_ns, m->is_reversed);
	case TOP_BY_MOS: /* the worst call first */
		return figure_order(a->is.mos_centi, b->is.mos_centi, !m->is_reversed);
	case TOP_BY_AGE:
		return figure_order(a->age_ns, b->age_ns, m->is_reversed);
	case TOP_BY_NUMBER:
		return sign * order_of(a->is.number, b->is.number);
	case TOP_KEYS:
		break;
	}
	return 0;
}

static int row_order(const void *left, const void *right, void *ctx)
{
	const struct top_row *a = *(struct top_row *const *)left;
	const struct top_row *b = *(struct top_row *const *)right;
	int order = key_order(ctx, a, b);

	if (order == 0)
		order = order_of(a->is.number, b->is.number);
	return order ? order : order_of(a->node, b->node);
}

/* --- the view -------------------------------------------------------------------------------- */

static void select_again(struct top_model *m)
{
	if (!m->selected) {
		m->at = 0;
		return;
	}
	for (uint32_t i = 0; i < m->shown_count; i++) {
		if (m->shown[i] == m->selected) {
			m->at = i;
			return;
		}
	}
	/* filtered away: stay about where it was */
	if (m->at >= m->shown_count)
		m->at = m->shown_count ? m->shown_count - 1 : 0;
	m->selected = m->at < m->shown_count && m->at > 0 ? m->shown[m->at] : NULL;
}

void top_model_arrange(struct top_model *m, wall_t now)
{
	if (m->shown_cap < m->row_count) {
		m->shown_cap = m->row_cap;
		m->shown = xrealloc(m->shown, m->shown_cap, sizeof(struct top_row *));
	}
	m->shown_count = 0;
	memset(m->by_health, 0, sizeof(m->by_health));
	for (uint32_t i = 0; i < m->row_count; i++) {
		struct top_row *row = m->rows[i];
		const struct top_node *node = &m->nodes[row->node];

		row->age_ns = row->is.started_at_ns == 0
		                      ? TOP_NONE
		                      : now.ns + node->ahead_ns - row->is.started_at_ns;
		row->health = judge(node, row);
		m->by_health[row->health]++;
		if (passes(m, row))
			m->shown[m->shown_count++] = row;
	}
	if (m->shown_count > 1)
		qsort_r(m->shown, m->shown_count, sizeof(struct top_row *), row_order, m);
	select_again(m);
}

void top_model_move(struct top_model *m, int64_t by)
{
	int64_t at = (int64_t)m->at + by;

	if (at >= (int64_t)m->shown_count)
		at = (int64_t)m->shown_count - 1;
	if (at < 0)
		at = 0;
	m->at = (uint32_t)at;
	/* whoever stands at the first place wants to see what comes there */
	m->selected = at > 0 ? m->shown[at] : NULL;
}

const struct top_row *top_model_selected(const struct top_model *m)
{
	return m->at < m->shown_count ? m->shown[m->at] : NULL;
}
