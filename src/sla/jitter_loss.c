/* SPDX-License-Identifier: Apache-2.0 */
/* Where packets were lost.  The responder numbers its answers, so a number that no reply brought
 * back was sent and lost on the way to us; a packet that is missing without such a number never
 * arrived there.  The numbers are looked at in stretches: a number that comes up a second time
 * means that the responder's counter began anew (it was restarted, or a new control request re-armed
 * it), and what was lost around that moment has no known direction.
 *
 * Reordering towards the responder lets counts run against sequence numbers.  Totals stay exact all
 * the same, as they come from the set of numbers held; only the place of a loss inside its
 * neighbourhood is then a best guess. */
#include "sla/jitter_run_internal.h"

#include <string.h>

/* A counter that began with the stretch can have run ahead of the packets only by what the network
 * duplicated or reordered.  A count above this is nonsense, and the bound keeps the work of a run
 * proportional to its packets whatever a hostile responder writes. */
static bool is_plausible(uint32_t count, uint32_t packets)
{
	return count <= 2 * packets + 64;
}

/* A stretch: packets first .. last, the last of which is counted. */
struct stretch {
	uint32_t first, last;
	uint32_t max;    /* largest count held */
	bool base_known; /* the counter stood at 0 before ``first`` */
};

/* One gap between two counted replies. */
struct gap {
	uint32_t first;     /* first packet after the earlier reply */
	uint32_t lost;      /* packets that did not come back */
	uint32_t uncounted; /* came back, but with a count that cannot be believed */
};

/* The next ``n`` undecided losses of packets first .. before - 1. */
static void set_fates(struct jitter_run *run, uint32_t first, uint32_t before, uint32_t n,
                      enum jitter_fate fate)
{
	for (uint32_t s = first; s < before && n > 0; s++) {
		struct jitter_record *r = jitter_at(run, s);

		if (r->fate != JITTER_WAITING)
			continue;
		r->fate = (uint8_t)fate;
		n--;
	}
}

/* Counts strictly between the two that no reply holds. */
static uint32_t unheld_between(const struct jitter_run *run, uint32_t low, uint32_t high)
{
	if (high <= low + 1)
		return 0;
	return (high - low - 1) - (run->held_below[high - 1] - run->held_below[low]);
}

static uint32_t less(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Where direction is known but budget is left over: losses taken for SD become DS. */
static void spend_rest(struct jitter_run *run, const struct stretch *st, uint32_t budget)
{
	for (uint32_t s = st->first; s < st->last && budget > 0; s++) {
		if (jitter_at(run, s)->fate == JITTER_LOST_SD) {
			jitter_at(run, s)->fate = JITTER_LOST_DS;
			budget--;
		}
	}
}

static void fill_held(struct jitter_run *run, const struct stretch *st)
{
	run->held_below[0] = 0;
	for (uint32_t c = 1; c <= st->max; c++)
		run->held_below[c] = run->held_below[c - 1] + (run->by_count[c] ? 1 : 0);
}

static uint32_t uncounted_in(const struct jitter_run *run, const struct stretch *st)
{
	uint32_t n = 0;

	for (uint32_t s = st->first; s <= st->last; s++) {
		const struct jitter_record *r = jitter_at(run, s);

		if (jitter_came_back(r) && !jitter_is_counted(run, r))
			n++;
	}
	return n;
}

/* Directions of the losses of one stretch, then forget its counts. */
static void close_stretch(struct jitter_run *run, const struct stretch *st, struct jitter_result *j)
{
	struct gap gap = { .first = st->first };
	uint32_t last_count = 0;
	bool is_known = st->base_known;

	fill_held(run, st);
	/* Answers that surely were sent and did not come.  Without a known base the counts before
	 * the first one seen tell nothing. */
	uint32_t first_held = 1;

	while (!is_known && first_held <= st->max && run->by_count[first_held] == 0)
		first_held++;
	uint32_t budget =
	        less(st->max - (first_held - 1) - run->held_below[st->max], uncounted_in(run, st));

	for (uint32_t s = st->first; s <= st->last; s++) {
		const struct jitter_record *r = jitter_at(run, s);

		if (r->fate == JITTER_WAITING)
			gap.lost++;
		if (jitter_came_back(r) && !jitter_is_counted(run, r))
			gap.uncounted++;
		if (!jitter_is_counted(run, r))
			continue;
		uint32_t ds = less(unheld_between(run, last_count, r->count), gap.uncounted);

		ds = is_known ? smaller(smaller(ds, gap.lost), budget) : 0;
		set_fates(run, gap.first, s, gap.lost - ds,
		          is_known ? JITTER_LOST_SD : JITTER_MISSING);
		set_fates(run, gap.first, s, ds, JITTER_LOST_DS);
		budget -= ds;
		last_count = r->count;
		is_known = true;
		gap = (struct gap) { .first = s + 1 };
	}
	spend_rest(run, st, budget);
	jitter_pairs_counted(run, st->max, j);
	memset(run->by_count, 0, ((size_t)st->max + 1) * sizeof(run->by_count[0]));
}

static void hold(struct jitter_run *run, struct stretch *st, uint32_t count, uint32_t seq)
{
	if (count == 0 || count > run->counts || run->by_count[count] != 0)
		return;
	run->by_count[count] = seq;
	if (count > st->max)
		st->max = count;
}

/* Cut the run into stretches and decide each. */
static void decide_stretches(struct jitter_run *run, struct jitter_result *j)
{
	struct stretch st = { .first = 1, .base_known = true };
	uint32_t last_count = 0;

	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		struct jitter_record *r = jitter_at(run, s);

		if (!jitter_is_counted(run, r))
			continue;
		if (run->by_count[r->count] != 0 && r->count <= last_count) {
			close_stretch(run, &st, j);
			st = (struct stretch) { .first = st.last + 1, .last = st.last };
		}
		if (!is_plausible(r->count, s - st.first + 1)) {
			r->count = 0;
			continue;
		}
		hold(run, &st, r->count, s);
		if (is_plausible(r->duplicate_count, s - st.first + 1))
			hold(run, &st, r->duplicate_count, s);
		st.last = s;
		last_count = r->count;
	}
	if (st.max != 0)
		close_stretch(run, &st, j);
	if (st.last == 0)
		jitter_pairs_uncounted(run, j);
}

static void end_period(struct loss_periods *p, uint32_t length, uint32_t gap)
{
	if (p->periods == 0 || length < p->length_min)
		p->length_min = length;
	if (length > p->length_max)
		p->length_max = length;
	if (p->periods == 1 || (p->periods > 1 && gap < p->inter_length_min))
		p->inter_length_min = gap;
	if (p->periods >= 1 && gap > p->inter_length_max)
		p->inter_length_max = gap;
	p->periods++;
}

/* Runs of packets with this fate; packets never sent are passed over.  Those of unknown direction
 * end a period and are no part of the distance to the next; nor is, on the way back, what never came there. */
static void count_periods(const struct jitter_run *run, enum jitter_fate fate,
                          struct loss_periods *ret)
{
	uint32_t length = 0, gap = 0, gap_before = 0;

	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		uint8_t f = jitter_at(run, s)->fate;

		if (f == JITTER_SKIPPED || f == JITTER_UNSENT)
			continue;
		if (f == fate) {
			if (length++ == 0)
				gap_before = gap;
			gap = 0;
			continue;
		}
		if (length > 0)
			end_period(ret, length, gap_before);
		length = 0;
		if (f != JITTER_MISSING && f != JITTER_LOST_SD)
			gap++;
	}
	if (length > 0)
		end_period(ret, length, gap_before);
}

void jitter_loss_decide(struct jitter_run *run, struct jitter_result *j)
{
	bool is_copied = true;

	decide_stretches(run, j);
	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		struct jitter_record *r = jitter_at(run, s);

		if (r->fate == JITTER_WAITING)
			r->fate = JITTER_MISSING;
		j->loss_sd += r->fate == JITTER_LOST_SD;
		j->loss_ds += r->fate == JITTER_LOST_DS;
		j->missing += r->fate == JITTER_MISSING;
		if (jitter_came_back(r) && r->count != s)
			is_copied = false;
	}
	j->copied_sequence = is_copied && j->loss_ds > 0;
	count_periods(run, JITTER_LOST_SD, &j->loss_periods_sd);
	count_periods(run, JITTER_LOST_DS, &j->loss_periods_ds);
}
