/* SPDX-License-Identifier: Apache-2.0 */
/* Which group a run belongs to. */
#include "sla/op_stats.h"

#include "base/xalloc.h"

#include <stdlib.h>
#include <string.h>

/* --- groups that follow each other --- */

static void row_drop(struct stats_row *row, uint32_t oldest)
{
	for (uint32_t i = 0; i < oldest; i++)
		stats_group_free(row->groups[i]);
	row->count -= oldest;
	memmove(row->groups, row->groups + oldest, row->count * sizeof(struct stats_group *));
}

static void row_clear(struct stats_row *row)
{
	if (row->count > 0)
		row_drop(row, row->count);
	free(row->groups);
	*row = (struct stats_row) { 0 };
}

static void row_add(struct stats_row *row, mono_t opened_at, wall_t started_at)
{
	row->groups = xrealloc(row->groups, row->count + 1, sizeof(struct stats_group *));
	row->groups[row->count++] = stats_group_new(opened_at, started_at);
}

/* The first group of a life, at the point of its raster that ``now`` lies behind. */
static void begin_life(struct stats_row *row, const struct stats_life *life, int64_t length_ns,
                       const struct sla_result *r, mono_t now)
{
	wall_t wall = wall_add_ns(r->started_at, r->duration_ns);
	int64_t open_ns = r->duration_ns; /* a run by order of a person, before any life */

	if (row->count > 0 && row->life == life->number)
		return;
	if (life->number > 0 && now.ns >= life->at.ns)
		open_ns = mono_diff_ns(now, life->at) % length_ns;
	row->life = life->number;
	row_add(row, mono_add_ns(now, -open_ns), wall_add_ns(wall, -open_ns));
}

/* How many lengths lie between the opening of the newest group and ``now``. */
static int64_t lengths_gone(const struct stats_row *row, int64_t length_ns, mono_t now)
{
	int64_t gone_ns = mono_diff_ns(now, row->groups[row->count - 1]->opened_at);

	return gone_ns > 0 ? gone_ns / length_ns : 0;
}

/* Open the group that lies ``lengths`` behind the newest one. */
static void open_behind(struct stats_row *row, int64_t length_ns, int64_t lengths)
{
	const struct stats_group *newest = row->groups[row->count - 1];

	row_add(row, mono_add_ns(newest->opened_at, lengths * length_ns),
	        wall_add_ns(newest->started_at, lengths * length_ns));
}

/* --- hours --- */

static void take_hours(struct stats_row *row, const struct stats_conf *c,
                       const struct stats_life *life, const struct sla_result *r, mono_t now)
{
	begin_life(row, life, STATS_HOUR_NS, r, now);
	int64_t gone = lengths_gone(row, STATS_HOUR_NS, now);

	if (gone > c->hours) { /* of a long silence only what will stay */
		open_behind(row, STATS_HOUR_NS, gone - c->hours);
		gone = c->hours;
	}
	for (; gone > 0; gone--)
		open_behind(row, STATS_HOUR_NS, 1);
	if (row->count > c->hours)
		row_drop(row, row->count - c->hours);
	stats_group_take(row->groups[row->count - 1], c, r);
	stats_group_take_jitter(row->groups[row->count - 1], r);
}

/* --- enhanced history --- */

static bool take_enhanced(struct stats_row *row, const struct stats_conf *c,
                          const struct stats_life *life, const struct sla_result *r, mono_t now)
{
	int64_t length_ns = c->enhanced_s * NS_PER_S;
	/* One bucket for all latencies. */
	const struct stats_conf plain = {
		.distributions = 1, .interval_ms = 1, .paths = c->paths, .hops = c->hops
	};

	if (row->count >= c->enhanced_buckets &&
	    (row->life != life->number || lengths_gone(row, length_ns, now) > 0))
		return false;
	begin_life(row, life, length_ns, r, now);
	for (int64_t gone = lengths_gone(row, length_ns, now); gone > 0; gone--) {
		if (row->count >= c->enhanced_buckets)
			return false;
		open_behind(row, length_ns, 1);
	}
	stats_group_take(row->groups[row->count - 1], &plain, r);
	return true;
}

/* --- all --- */

static bool is_wanted(const struct stats_conf *c, unsigned use)
{
	return ((use & STATS_HOURS) && c->hours > 0) ||
	       ((use & STATS_HISTORY) && c->lives > 0 && c->filter != HISTORY_FILTER_NONE) ||
	       ((use & STATS_ENHANCED) && c->enhanced_buckets > 0);
}

void op_stats_take(struct op_stats **s, const struct stats_conf *c, unsigned use,
                   const struct stats_life *life, const struct sla_result *r, mono_t now)
{
	if (!is_wanted(c, use)) {
		op_stats_free(*s);
		*s = NULL;
		return;
	}
	if (!*s)
		*s = xcalloc(1, sizeof(**s));
	if ((use & STATS_HOURS) && c->hours > 0)
		take_hours(&(*s)->hours, c, life, r, now);
	else
		row_clear(&(*s)->hours);
	if (!(use & STATS_ENHANCED) || c->enhanced_buckets == 0)
		row_clear(&(*s)->enhanced);
	else if (!take_enhanced(&(*s)->enhanced, c, life, r, now))
		(*s)->enhanced_missed++;
	if ((use & STATS_HISTORY) && c->lives > 0)
		history_take(&(*s)->history, c, life->number, r);
	else
		history_clear(&(*s)->history);
}

void op_stats_free(struct op_stats *s)
{
	if (!s)
		return;
	row_clear(&s->hours);
	row_clear(&s->enhanced);
	history_clear(&s->history);
	free(s);
}
