/* SPDX-License-Identifier: Apache-2.0 */
/* Order and runs of an icmp-jitter run, from the records of its packets. */
#include "sla/icmp_order.h"

#include "sla/jitter_run_internal.h"

#define ORDER_STEP 65536 /* more than there are packets */

/* When the target received it, in ms since the first packet that came back. */
static int64_t received_ms(const struct jitter_record *r, const struct jitter_record *first)
{
	return ms_of_day_diff(r->t2_ms, first->t2_ms);
}

static int64_t sent_back_ms(const struct jitter_record *r, const struct jitter_record *first)
{
	return ms_of_day_diff(r->t2_ms + r->delta_ms, first->t2_ms);
}

static bool is_ordered(const struct jitter_record *r)
{
	return r->fate == JITTER_ANSWERED && !r->unstamped;
}

/* Packets that a later one of ours overtook on its way there: 1 in scratch[s], else 0. */
static void mark_overtaken(const struct jitter_run *run, const struct jitter_record *first,
                           uint32_t *scratch)
{
	int64_t least = INT64_MAX;

	for (uint32_t s = run->cfg.packets; s >= 1; s--) {
		const struct jitter_record *r = jitter_at(run, s);

		scratch[s] = 0;
		if (!is_ordered(r))
			continue;
		int64_t at = received_ms(r, first);

		scratch[s] = at > least;
		least = at < least ? at : least;
	}
}

static void count_order(const struct jitter_run *run, const struct jitter_record *first,
                        const uint32_t *overtaken, struct icmp_jitter_result *to)
{
	int64_t latest = INT64_MIN;

	for (uint32_t i = 0; i < run->answered; i++) {
		uint32_t s = run->arrivals[i];
		const struct jitter_record *r = jitter_at(run, s);

		if (!is_ordered(r))
			continue;
		/* In one millisecond the target's order is not known: then ours decides. */
		int64_t at = sent_back_ms(r, first) * ORDER_STEP + s;
		bool on_way_back = at < latest;

		to->out_of_sequence_both += on_way_back && overtaken[s];
		to->out_of_sequence_sd += !on_way_back && overtaken[s];
		to->out_of_sequence_ds += on_way_back && !overtaken[s];
		latest = at > latest ? at : latest;
	}
}

static void end_success(struct icmp_jitter_result *to, uint32_t length)
{
	if (length == 0)
		return;
	if (to->success_min == 0 || length < to->success_min)
		to->success_min = length;
	if (length > to->success_max)
		to->success_max = length;
}

static void end_loss(struct loss_periods *p, uint32_t length, uint32_t gap)
{
	if (length == 0)
		return;
	if (p->periods == 0 || length < p->length_min)
		p->length_min = length;
	if (length > p->length_max)
		p->length_max = length;
	if (p->periods > 0 && (p->periods == 1 || gap < p->inter_length_min))
		p->inter_length_min = gap;
	if (p->periods > 0 && gap > p->inter_length_max)
		p->inter_length_max = gap;
	p->periods++;
}

/* Runs of packets that came back in time, and of those that did not; packets never sent are passed over.  A
 * late one is in neither kind, and ends both. */
static void count_runs(const struct jitter_run *run, struct icmp_jitter_result *to)
{
	uint32_t good = 0, gap = 0, lost = 0;

	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		const struct jitter_record *r = jitter_at(run, s);

		if (r->fate == JITTER_SKIPPED || r->fate == JITTER_UNSENT)
			continue;
		if (r->fate == JITTER_ANSWERED) {
			good++;
		} else {
			end_success(to, good);
			good = 0;
		}
		if (r->fate != JITTER_ANSWERED && r->fate != JITTER_LATE) {
			lost++;
			continue;
		}
		if (lost > 0) {
			end_loss(&to->loss_periods, lost, gap);
			lost = gap = 0;
		}
		gap++;
	}
	end_success(to, good);
	end_loss(&to->loss_periods, lost, gap);
}

void icmp_jitter_finish(const struct jitter_run *run, uint32_t *scratch, struct sla_result *res)
{
	struct icmp_jitter_result *to = &res->icmp;
	const struct jitter_result *j = &res->jitter;
	const struct jitter_record *first = NULL;

	*to = (struct icmp_jitter_result) { .jitter = *j };
	for (uint32_t s = 1; s <= run->cfg.packets && !first; s++) {
		if (is_ordered(jitter_at(run, s)))
			first = jitter_at(run, s);
	}
	to->lost = j->missing;
	to->unprocessed = j->received - (uint32_t)j->rtt.n;
	if (first) {
		mark_overtaken(run, first, scratch);
		count_order(run, first, scratch, to);
	}
	count_runs(run, to);
}
