/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions of the path emulator. */
#include "pathemu_rules.h"
#include "base/clocktypes.h"

#include <math.h>
#include <netinet/in.h>
#include <string.h>

/* Each decision draws from a stream of its own, so that adding an effect moves no other. */
enum purpose {
	FOR_LOSS,
	FOR_DUP,
	FOR_REORDER,
	FOR_CORRUPT,
	FOR_CORRUPT_AT,
	FOR_STATE,
	FOR_STATE_LOSS,
	FOR_JITTER, /* and the 11 after it */
};

uint64_t rules_random(const struct path_state *s, uint64_t index, uint32_t purpose)
{
	uint64_t z = s->seed + index * UINT64_C(0x9e3779b97f4a7c15) +
	             ((uint64_t)purpose << 32 | s->direction) * UINT64_C(0xd1342543de82ef95);

	/* SplitMix64's finaliser, twice: neighbouring inputs give unrelated outputs */
	for (int i = 0; i < 2; i++) {
		z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
		z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
		z ^= z >> 31;
	}
	return z;
}

/* 0 <= result < 1 */
static double unit(uint64_t random)
{
	return (double)(random >> 11) * 0x1.0p-53;
}

static bool chance(uint32_t ppm, uint64_t random)
{
	return unit(random) * (double)PPM < (double)ppm;
}

bool pick_hits(const struct pick *p, uint64_t index, uint64_t random)
{
	switch (p->kind) {
	case PICK_NONE:
		return false;
	case PICK_RATE:
		return chance(p->rate_ppm, random);
	case PICK_EVERY:
		return index >= p->from && (index - p->from) % p->every == 0;
	case PICK_LIST:
		for (uint32_t i = 0; i < p->ranges; i++) {
			if (index >= p->range[i].first && index <= p->range[i].last)
				return true;
		}
		return false;
	}
	return false;
}

static bool term_fits(const struct match_term *t, const struct frame_info *info)
{
	bool is_icmp = info->proto == IPPROTO_ICMP || info->proto == IPPROTO_ICMPV6;

	if (t->proto == IPPROTO_ICMP ? !is_icmp : t->proto && t->proto != info->proto)
		return false;
	if (t->port_low == 0 && t->port_high == 0)
		return true;
	if (!info->has_ports)
		return false;
	return (info->sport >= t->port_low && info->sport <= t->port_high) ||
	       (info->dport >= t->port_low && info->dport <= t->port_high);
}

bool match_fits(const struct match *m, const struct frame_info *info)
{
	bool has_positive = false, fits = false;

	if (info->kind != FRAME_IP)
		return false;
	for (uint32_t i = 0; i < m->terms; i++) {
		const struct match_term *t = &m->term[i];

		if (t->is_negative) {
			if (term_fits(t, info))
				return false;
			continue;
		}
		has_positive = true;
		fits = fits || term_fits(t, info);
	}
	return fits || !has_positive;
}

static double jitter_unit(const struct path_rules *r, const struct path_state *s, uint64_t index)
{
	double sum = 0;

	switch (r->shape) {
	case JITTER_UNIFORM:
		return 2 * unit(rules_random(s, index, FOR_JITTER)) - 1;
	case JITTER_NORMAL: /* Irwin-Hall: 12 uniform numbers have variance 1 */
		for (uint32_t i = 0; i < 12; i++)
			sum += unit(rules_random(s, index, FOR_JITTER + i));
		return fmax(-4, fmin(4, sum - 6));
	case JITTER_PARETO: /* shape 3 */
		return fmin(20, 1 / cbrt(1 - unit(rules_random(s, index, FOR_JITTER))) - 1);
	}
	return 0;
}

static bool burst_loses(const struct path_rules *r, struct path_state *s, uint64_t index)
{
	if (r->to_bad_ppm == 0)
		return false;
	if (chance(s->is_bad ? r->to_good_ppm : r->to_bad_ppm, rules_random(s, index, FOR_STATE)))
		s->is_bad = !s->is_bad;
	return chance(s->is_bad ? r->loss_bad_ppm : r->loss_good_ppm,
	              rules_random(s, index, FOR_STATE_LOSS));
}

/* When the limiter has sent this frame; false: its queue is full.  A frame counts with its Ethernet
 * header, without preamble, checksum and gap. */
static bool rate_pass(const struct path_rules *r, struct path_state *s, uint32_t len,
                      int64_t now_ns, int64_t *ret_ns)
{
	double ns_per_byte;
	int64_t start;

	if (r->rate_bps == 0) {
		*ret_ns = now_ns;
		return true;
	}
	ns_per_byte = 8.0 * (double)NS_PER_S / (double)r->rate_bps;
	start = now_ns - (int64_t)(ns_per_byte * r->burst_bytes);
	if (s->free_ns > start)
		start = s->free_ns;
	if (start > now_ns && (double)(start - now_ns) / ns_per_byte + len >
	                              (r->queue_bytes ? r->queue_bytes : 65536))
		return false;
	s->free_ns = start + (int64_t)(ns_per_byte * len);
	*ret_ns = s->free_ns > now_ns ? s->free_ns : now_ns;
	return true;
}

static void touch(const struct path_rules *r, struct path_state *s, struct verdict *v)
{
	uint64_t m = v->match;
	uint64_t where = rules_random(s, m, FOR_CORRUPT_AT);

	/* the burst state moves with every matching frame, whatever else befalls it */
	bool burst = burst_loses(r, s, m);

	if (pick_hits(&r->loss, m, rules_random(s, m, FOR_LOSS)))
		v->drop = DROP_LOSS;
	else if (burst)
		v->drop = DROP_BURST;
	v->dup = pick_hits(&r->dup, m, rules_random(s, m, FOR_DUP));
	v->corrupt = pick_hits(&r->corrupt, m, rules_random(s, m, FOR_CORRUPT));
	v->corrupt_at = r->corrupt_at >= 0 ? (uint32_t)r->corrupt_at : (uint32_t)(where >> 8);
	v->corrupt_bit = (uint8_t)(where & 7);
	if (pick_hits(&r->reorder, m, rules_random(s, m, FOR_REORDER)))
		v->hold = r->reorder_gap ? r->reorder_gap : 1;
}

void rules_decide(const struct path_rules *r, struct path_state *s, const struct frame_info *info,
                  int64_t now_ns, struct verdict *ret)
{
	struct verdict v = { .index = ++s->seen, .due_ns = now_ns };
	double extra;

	*ret = v;
	if (r->is_cut) {
		ret->drop = DROP_CUT;
		return;
	}
	if (info->kind != FRAME_IP)
		return;
	if (match_fits(&r->match, info)) {
		v.match = ++s->matched;
		touch(r, s, &v);
	}
	if (v.drop == DROP_NONE && !rate_pass(r, s, info->len, now_ns, &v.due_ns))
		v.drop = DROP_QUEUE;
	extra = (double)r->delay_ns + (double)r->jitter_ns * jitter_unit(r, s, v.index);
	v.due_ns += extra > 0 ? (int64_t)extra : 0;
	if (v.drop == DROP_NONE && v.hold == 0) {
		if (!r->may_overtake && v.due_ns <= s->last_due_ns)
			v.due_ns = s->last_due_ns + 1;
		if (v.due_ns > s->last_due_ns)
			s->last_due_ns = v.due_ns;
	}
	*ret = v;
}

const char *drop_reason_name(enum drop_reason d)
{
	switch (d) {
	case DROP_NONE:
		return "";
	case DROP_CUT:
		return "cut";
	case DROP_LOSS:
		return "loss";
	case DROP_BURST:
		return "burst";
	case DROP_QUEUE:
		return "queue";
	}
	return "";
}
