/* SPDX-License-Identifier: Apache-2.0 */
/* Differences between neighbouring packets: jitter per direction and sign, and the smoothed
 * interarrival jitter of RFC 1889.  A step of our clock between two packets spoils the difference
 * of their stamps, so such a pair is left out; so is one whose difference cannot be: then the peer's
 * clock was stepped, or it makes its stamps up. */
#include "sla/jitter_run_internal.h"

#define READINGS_ERR_NS (4 * NS_PER_MS) /* type 2: four readings, each cut to whole milliseconds */

/* ms of the day as a duration since another, in ns. */
static int64_t ms_between_ns(uint32_t later, uint32_t earlier)
{
	return ms_of_day_diff(later, earlier) * NS_PER_MS;
}

static uint32_t own_ms(int64_t wall_ns)
{
	return wall_to_ms_of_day((wall_t) { wall_ns });
}

/* (Ri - Rj) - (Oi - Oj) */
static int64_t difference_sd(const struct jitter_run *run, const struct jitter_record *i,
                             const struct jitter_record *j)
{
	if (run->cfg.wire == JITTER_WIRE_MS)
		return ms_between_ns(i->t2_ms, j->t2_ms) -
		       ms_between_ns(own_ms(i->t1_ns), own_ms(j->t1_ns));
	return (i->t2_ns - j->t2_ns) - (i->t1_ns - j->t1_ns);
}

/* (Ai - Aj) - (Ti - Tj) */
static int64_t difference_ds(const struct jitter_run *run, const struct jitter_record *i,
                             const struct jitter_record *j)
{
	if (run->cfg.wire == JITTER_WIRE_MS)
		return ms_between_ns(own_ms(i->t4_ns), own_ms(j->t4_ns)) -
		       ms_between_ns(i->t2_ms + i->delta_ms, j->t2_ms + j->delta_ms);
	return (i->t4_ns - j->t4_ns) - (i->t3_ns - j->t3_ns);
}

static int64_t between_ns(const struct jitter_record *r)
{
	return r->t4_ns - r->t1_ns;
}

/* Neither of the two one-way times is longer than its round trip, so their difference is not longer
 * than the longer of these. */
static bool can_be(const struct jitter_record *i, const struct jitter_record *j,
                   int64_t difference_ns)
{
	int64_t most_ns = between_ns(i) > between_ns(j) ? between_ns(i) : between_ns(j);

	most_ns += READINGS_ERR_NS;
	return difference_ns <= most_ns && difference_ns >= -most_ns;
}

/* A difference of 0 is a sample, but has no magnitude to average. */
static void add(const struct jitter_run *run, struct jitter_direction *d, enum percentile_of which,
                int64_t difference_ns)
{
	int64_t magnitude_ns = difference_ns < 0 ? -difference_ns : difference_ns;

	d->samples++;
	if (difference_ns == 0)
		return;
	sum_stats_add(difference_ns > 0 ? &d->positive : &d->negative, magnitude_ns);
	percentile_add(&run->samples[which], magnitude_ns);
	percentile_add(&run->samples[PERCENTILE_JITTER_AVG], magnitude_ns);
}

static void add_sd(const struct jitter_run *run, struct jitter_direction *d,
                   const struct jitter_record *i, const struct jitter_record *j)
{
	int64_t difference_ns = difference_sd(run, i, j);

	if (can_be(i, j, difference_ns))
		add(run, d, PERCENTILE_JITTER_SD, difference_ns);
}

static void add_ds(const struct jitter_run *run, struct jitter_direction *d,
                   const struct jitter_record *i, const struct jitter_record *j)
{
	int64_t difference_ns = difference_ds(run, i, j);

	if (can_be(i, j, difference_ns))
		add(run, d, PERCENTILE_JITTER_DS, difference_ns);
}

/* RFC 1889 appendix A.8: J is kept times 16, in *scaled_ns. */
static void smooth(int64_t *scaled_ns, const struct jitter_record *i, const struct jitter_record *j,
                   int64_t difference_ns)
{
	int64_t magnitude = difference_ns < 0 ? -difference_ns : difference_ns;

	if (!can_be(i, j, difference_ns))
		return;
	*scaled_ns += magnitude - ((*scaled_ns + 8) >> 4);
}

void jitter_pairs_sequence(const struct jitter_run *run, struct jitter_result *j)
{
	const struct jitter_record *last = NULL;
	int64_t scaled_ns = 0;

	for (uint32_t s = 2; s <= run->cfg.packets; s++) {
		const struct jitter_record *a = jitter_at(run, s - 1), *b = jitter_at(run, s);

		if (a->usable && b->usable && !jitter_is_step(a->t1_offset_ns, b->t1_offset_ns))
			add_sd(run, &j->sd, b, a);
	}
	for (uint32_t i = 0; i < run->answered; i++) {
		const struct jitter_record *r = jitter_at(run, run->arrivals[i]);

		if (!r->usable)
			continue;
		if (last && !jitter_is_step(last->t4_offset_ns, r->t4_offset_ns))
			smooth(&scaled_ns, r, last, difference_ds(run, r, last));
		last = r;
	}
	j->ds.interarrival_ns = scaled_ns >> 4;
}

void jitter_pairs_counted(const struct jitter_run *run, uint32_t max, struct jitter_result *j)
{
	const struct jitter_record *last = NULL;
	uint32_t last_count = 0;
	int64_t scaled_ns = j->sd.interarrival_ns * 16;

	for (uint32_t c = 1; c <= max; c++) {
		uint32_t seq = run->by_count[c];
		const struct jitter_record *r = seq ? jitter_at(run, seq) : NULL;

		if (!r || !r->usable || r->count != c)
			continue;
		if (last && !jitter_is_step(last->t1_offset_ns, r->t1_offset_ns))
			smooth(&scaled_ns, r, last, difference_sd(run, r, last));
		if (last && last_count == c - 1 &&
		    !jitter_is_step(last->t4_offset_ns, r->t4_offset_ns))
			add_ds(run, &j->ds, r, last);
		last = r;
		last_count = c;
	}
	j->sd.interarrival_ns = scaled_ns >> 4;
}

void jitter_pairs_uncounted(const struct jitter_run *run, struct jitter_result *j)
{
	const struct jitter_record *last = NULL;
	uint32_t last_seq = 0;
	int64_t scaled_ns = 0;

	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		const struct jitter_record *r = jitter_at(run, s);

		if (!r->usable)
			continue;
		if (last && !jitter_is_step(last->t1_offset_ns, r->t1_offset_ns))
			smooth(&scaled_ns, r, last, difference_sd(run, r, last));
		if (last && last_seq == s - 1 &&
		    !jitter_is_step(last->t4_offset_ns, r->t4_offset_ns))
			add_ds(run, &j->ds, r, last);
		last = r;
		last_seq = s;
	}
	j->sd.interarrival_ns = scaled_ns >> 4;
}
