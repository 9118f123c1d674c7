/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping the newest runs. */
#include "sla/history.h"

#include "base/xalloc.h"
#include "sla/stats_group.h"

#include <stdlib.h>
#include <string.h>

static bool passes(const struct stats_conf *c, enum sla_sense sense)
{
	switch ((enum history_filter)c->filter) {
	case HISTORY_FILTER_ALL:
		return true;
	case HISTORY_FILTER_OVER_THRESHOLD:
		return sense == SENSE_OVER_THRESHOLD;
	case HISTORY_FILTER_FAILURES:
		return !stats_sense_completes(sense);
	case HISTORY_FILTER_NONE:
		break;
	}
	return false;
}

/* A sample is too old: its life, or its bucket within its life. */
static bool is_old(const struct history *h, const struct stats_conf *c,
                   const struct history_sample *s, const uint32_t newest[static STATS_LIVES_MAX])
{
	uint32_t lives_ago = h->life - s->life;

	return lives_ago >= c->lives || newest[lives_ago] - s->bucket >= c->buckets;
}

static void drop_old(struct history *h, const struct stats_conf *c)
{
	uint32_t newest[STATS_LIVES_MAX] = { 0 }, kept = 0;

	for (uint32_t i = 0; i < h->count; i++) {
		uint32_t lives_ago = h->life - h->samples[i].life;

		if (lives_ago < STATS_LIVES_MAX)
			newest[lives_ago] = h->samples[i].bucket; /* rising within a life */
	}
	for (uint32_t i = 0; i < h->count; i++) {
		if (!is_old(h, c, &h->samples[i], newest))
			h->samples[kept++] = h->samples[i];
	}
	h->count = kept;
}

/* A sample of the newest bucket. */
static void add(struct history *h, const struct sla_result *r, uint16_t number,
                enum sla_sense sense, const struct inet_addr *address, int64_t rtt_ns)
{
	if (h->count == h->room) {
		h->room = h->room ? 2 * h->room : 8;
		h->samples = xrealloc(h->samples, h->room, sizeof(*h->samples));
	}
	h->samples[h->count++] = (struct history_sample) {
		.life = h->life,
		.bucket = h->last_bucket,
		.sample = number,
		.sense = (uint8_t)sense,
		.address = *address,
		.started_at = r->started_at,
		.rtt_ns = stats_sense_completes(sense) ? rtt_ns : 0,
	};
}

/* One for each hop that was asked, of the first c->samples; returns how many. */
static uint32_t add_hops(struct history *h, const struct stats_conf *c, const struct sla_result *r)
{
	const struct path_result *p = &r->path;
	uint32_t added = 0;

	for (uint8_t i = 0; i < p->hop_count && i < c->samples; i++) {
		const struct path_hop *hop = &p->hops[i];

		if (hop->sense == SENSE_OTHER)
			continue;
		add(h, r, (uint16_t)(i + 1), (enum sla_sense)hop->sense, &hop->addr,
		    sum_stats_avg_ns(&hop->rtt));
		added++;
	}
	return added;
}

void history_take(struct history *h, const struct stats_conf *c, uint32_t life,
                  const struct sla_result *r)
{
	enum sla_sense sense = (enum sla_sense)r->sense;

	if (c->lives == 0 || !passes(c, sense))
		return;
	if (h->life != life)
		h->last_bucket = 0;
	h->life = life;
	h->last_bucket++;
	if (r->type != SLA_PATH_ECHO || r->missed_cause != MISSED_NONE || add_hops(h, c, r) == 0)
		add(h, r, 1, sense, &r->target, r->rtt_ns);
	drop_old(h, c);
}

void history_clear(struct history *h)
{
	free(h->samples);
	*h = (struct history) { 0 };
}
