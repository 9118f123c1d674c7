/* SPDX-License-Identifier: Apache-2.0 */
/* Records of a jitter run as things happen, and the round-trip and one-way figures at its end.
 * Nothing is judged before the end: a kernel transmit stamp may come after the reply, and whether a
 * reply was late or a clock stepped shows only in the stamps. */
#include "sla/jitter_run.h"

#include "sla/jitter_run_internal.h"
#include "sla/voice.h"

#include <string.h>

/* The counter may run ahead of the packets where the network duplicates them. */
#define COUNTS_PER_PACKET 2

/* Type 2: R is truncated, T - R may be short or long by almost 1 ms, our own stamps are truncated. */
#define ONEWAY_MS_ERR_NS (2 * NS_PER_MS)
#define DELTA_ERR_NS     NS_PER_MS

static size_t records_octets(uint32_t packets)
{
	return ((size_t)packets + 1) * sizeof(struct jitter_record);
}

static size_t counts_octets(uint32_t packets)
{
	return ((size_t)packets * COUNTS_PER_PACKET + 1) * sizeof(uint32_t);
}

#define SAMPLES_OCTETS (PERCENTILE_COUNT * sizeof(struct percentile_samples))

size_t jitter_run_size(uint32_t packets, const uint8_t *percentile)
{
	return records_octets(packets) + SAMPLES_OCTETS + percentile_size(percentile, packets) +
	       (size_t)packets * sizeof(uint32_t) + 2 * counts_octets(packets);
}

void jitter_run_init(struct jitter_run *run, const struct jitter_config *cfg, void *block)
{
	char *at = block;

	memset(run, 0, sizeof(*run));
	memset(block, 0, jitter_run_size(cfg->packets, cfg->percentile));
	run->cfg = *cfg;
	run->counts = cfg->packets * COUNTS_PER_PACKET;
	run->records = (void *)at;
	at += records_octets(cfg->packets);
	run->samples = (void *)at;
	at += SAMPLES_OCTETS;
	percentile_init(run->samples, cfg->percentile, cfg->packets, at);
	at += percentile_size(cfg->percentile, cfg->packets);
	run->arrivals = (void *)at;
	at += (size_t)cfg->packets * sizeof(uint32_t);
	run->by_count = (void *)at;
	at += counts_octets(cfg->packets);
	run->held_below = (void *)at;
}

mono_t jitter_run_due(const struct jitter_run *run, uint32_t seq)
{
	return mono_add_ns(run->cfg.first_at, ((int64_t)seq - 1) * run->cfg.interval_ns);
}

static struct jitter_record *find(const struct jitter_run *run, uint32_t seq)
{
	return seq >= 1 && seq <= run->cfg.packets ? jitter_at(run, seq) : NULL;
}

static void take_tx(struct jitter_record *r, const struct stamp *at)
{
	r->t1_ns = at->at.ns;
	r->t1_err_ns = at->err_ns;
	r->t1_source = (uint8_t)at->source;
}

void jitter_run_sent(struct jitter_run *run, uint32_t seq, const struct stamp *user)
{
	struct jitter_record *r = find(run, seq);

	if (!r || r->fate != JITTER_UNSENT)
		return;
	r->fate = JITTER_WAITING;
	run->sent++;
	/* Always the offset of the reading before the send: that of a kernel stamp is read when the
	 * stamp is fetched, and would hide a step that came between. */
	r->t1_offset_ns = user->offset_ns;
	if (r->t1_source < (uint8_t)user->source) /* the kernel's may have come during the call */
		take_tx(r, user);
}

void jitter_run_skip(struct jitter_run *run, uint32_t seq)
{
	struct jitter_record *r = find(run, seq);

	if (!r || r->fate != JITTER_UNSENT)
		return;
	r->fate = JITTER_SKIPPED;
	run->skipped++;
}

void jitter_run_cut(struct jitter_run *run, uint32_t last)
{
	if (last < run->cfg.packets)
		run->cfg.packets = last;
}

void jitter_run_stamp(struct jitter_run *run, uint32_t seq, const struct stamp *kernel)
{
	struct jitter_record *r = find(run, seq);

	if (r && r->fate != JITTER_SKIPPED && r->t1_source < (uint8_t)kernel->source)
		take_tx(r, kernel);
}

bool jitter_run_reply(struct jitter_run *run, uint32_t seq, const struct jitter_reply *reply)
{
	struct jitter_record *r = find(run, seq);

	if (!r || r->fate == JITTER_UNSENT || r->fate == JITTER_SKIPPED) {
		run->foreign++;
		return false;
	}
	if (r->fate != JITTER_WAITING) {
		run->duplicates++;
		if (!reply->corrupted && reply->count != r->count)
			r->duplicate_count = reply->count;
		return false;
	}
	r->fate = reply->corrupted ? JITTER_CORRUPTED : JITTER_ANSWERED;
	r->t4_ns = reply->at.at.ns;
	r->t4_offset_ns = reply->at.offset_ns;
	r->t4_err_ns = reply->at.err_ns;
	r->t4_source = (uint8_t)reply->at.source;
	r->t2_ns = reply->t2.ns;
	r->t3_ns = reply->t3.ns;
	r->t2_ms = reply->t2_ms;
	r->delta_ms = reply->delta_ms;
	r->count = reply->count;
	r->peer_err_ns = reply->peer_err_ns;
	r->unstamped = reply->unstamped;
	run->arrivals[run->answered++] = seq;
	return true;
}

bool jitter_run_is_complete(const struct jitter_run *run)
{
	return run->sent + run->skipped == run->cfg.packets && run->answered == run->sent;
}

/* What the sends say about ourselves: lateness against the absolute schedule, weakest stamp. */
static void judge_sends(const struct jitter_run *run, struct instrument *in)
{
	int64_t miss_ns = run->cfg.interval_ns / 2;

	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		const struct jitter_record *r = jitter_at(run, s);

		if (r->fate == JITTER_UNSENT || r->fate == JITTER_SKIPPED)
			continue;
		int64_t late_ns = r->t1_ns - r->t1_offset_ns - jitter_run_due(run, s).ns;

		if (late_ns < 0)
			late_ns = 0;
		in->send_lateness_sum_ns += late_ns;
		if (late_ns > in->send_lateness_max_ns)
			in->send_lateness_max_ns = late_ns;
		in->timer_misses += late_ns > miss_ns;
		if (in->tx_source == STAMP_NONE || r->t1_source < in->tx_source)
			in->tx_source = r->t1_source;
	}
}

/* The round trip of one answered packet; false: it makes no sense. */
static bool round_trip(const struct jitter_run *run, const struct jitter_record *r, int64_t *ret_ns)
{
	int64_t raw_ns = r->t4_ns - r->t1_ns;
	int64_t rtt_ns = run->cfg.wire == JITTER_WIRE_MS ? raw_ns - r->delta_ms * NS_PER_MS
	                                                 : raw_ns - (r->t3_ns - r->t2_ns);

	/* A residence of a few us across a tick of a millisecond clock is told as 1 ms. */
	if (run->cfg.wire == JITTER_WIRE_MS && rtt_ns < 0 && rtt_ns >= -DELTA_ERR_NS && raw_ns >= 0)
		rtt_ns = 0;
	*ret_ns = rtt_ns;
	return rtt_ns >= 0 && (run->cfg.wire == JITTER_WIRE_MS || r->t3_ns >= r->t2_ns);
}

/* Late is by our own stamps without the wall clock's steps: a reply that waited in a queue of this
 * process was not late. */
static bool is_late(const struct jitter_run *run, const struct jitter_record *r)
{
	int64_t took_ns = (r->t4_ns - r->t4_offset_ns) - (r->t1_ns - r->t1_offset_ns);

	return took_ns > run->cfg.timeout_ns;
}

static void judge_reply(struct jitter_run *run, struct jitter_record *r, struct sla_result *res)
{
	struct instrument *in = &res->instrument;
	struct jitter_result *j = &res->jitter;
	int64_t rtt_ns;

	if (in->rx_source == STAMP_NONE || r->t4_source < in->rx_source)
		in->rx_source = r->t4_source;
	if (r->fate == JITTER_CORRUPTED) {
		j->corrupted++;
		return;
	}
	if (is_late(run, r)) {
		r->fate = JITTER_LATE;
		j->late++;
		return;
	}
	j->received++;
	if (jitter_is_step(r->t1_offset_ns, r->t4_offset_ns)) {
		in->clock_step_samples++;
		return;
	}
	if (!round_trip(run, r, &rtt_ns)) {
		in->implausible_samples++;
		return;
	}
	r->usable = !r->unstamped;
	if (r->unstamped)
		in->turnaround = TURNAROUND_INCLUDED;
	sum_stats_add(&j->rtt, rtt_ns);
	percentile_add(&run->samples[PERCENTILE_RTT], rtt_ns);
	j->over_threshold += rtt_ns > run->cfg.threshold_ns;
	int64_t err_ns = r->t1_err_ns + r->t4_err_ns;

	if (err_ns > in->rtt_err_ns)
		in->rtt_err_ns = err_ns;
}

static void judge_replies(struct jitter_run *run, struct sla_result *res)
{
	uint32_t highest = 0;

	for (uint32_t i = 0; i < run->answered; i++) {
		uint32_t seq = run->arrivals[i];
		struct jitter_record *r = jitter_at(run, seq);

		judge_reply(run, r, res);
		if (r->fate != JITTER_ANSWERED)
			continue;
		if (seq < highest)
			res->jitter.out_of_sequence++;
		else
			highest = seq;
	}
	if (res->instrument.turnaround == TURNAROUND_MS && run->answered > 0)
		res->instrument.rtt_err_ns += DELTA_ERR_NS;
}

/* A step anywhere in the run, even where no sample noticed: all offsets against the first. */
static bool has_stepped(const struct jitter_run *run)
{
	const struct jitter_record *first = NULL;

	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		const struct jitter_record *r = jitter_at(run, s);

		if (r->fate == JITTER_UNSENT || r->fate == JITTER_SKIPPED)
			continue;
		if (!first)
			first = r;
		if (jitter_is_step(first->t1_offset_ns, r->t1_offset_ns) ||
		    (jitter_came_back(r) && jitter_is_step(first->t1_offset_ns, r->t4_offset_ns)))
			return true;
	}
	return false;
}

/* One-way times of one usable packet; false: nonsense (negative, or longer than the round trip by
 * more than the resolution allows). */
static bool oneway(const struct jitter_run *run, const struct jitter_record *r, int64_t *ret_sd_ns,
                   int64_t *ret_ds_ns)
{
	int64_t sd_ns = r->t2_ns - r->t1_ns, ds_ns = r->t4_ns - r->t3_ns, rtt_ns, slack_ns = 0;

	if (run->cfg.wire == JITTER_WIRE_MS) {
		uint32_t o_ms = wall_to_ms_of_day((wall_t) { r->t1_ns });
		uint32_t a_ms = wall_to_ms_of_day((wall_t) { r->t4_ns });

		sd_ns = ms_of_day_diff(r->t2_ms, o_ms) * NS_PER_MS;
		ds_ns = ms_of_day_diff(a_ms, r->t2_ms + r->delta_ms) * NS_PER_MS;
		slack_ns = ONEWAY_MS_ERR_NS;
	}
	*ret_sd_ns = sd_ns;
	*ret_ds_ns = ds_ns;
	return sd_ns >= 0 && ds_ns >= 0 && round_trip(run, r, &rtt_ns) &&
	       sd_ns <= rtt_ns + slack_ns && ds_ns <= rtt_ns + slack_ns;
}

/* `clock-tolerance`: what both clocks may be wrong by, against what is measured with them. */
static bool is_tolerable(const struct jitter_run *run, const struct sla_result *res,
                         const struct jitter_record *r, int64_t sd_ns, int64_t ds_ns)
{
	const struct jitter_config *c = &run->cfg;
	int64_t offsets_ns = res->clock.err_ns + (r->peer_err_ns > 0 ? r->peer_err_ns : 0);
	int64_t least_ns = sd_ns < ds_ns ? sd_ns : ds_ns;

	if (c->wire == JITTER_WIRE_MS)
		return true;
	if (c->tolerance_us > 0 && offsets_ns > (int64_t)c->tolerance_us * NS_PER_US)
		return false;
	return c->tolerance_percent == 0 || offsets_ns <= least_ns / 100 * c->tolerance_percent;
}

/* Sums of the samples whose peer clock is known; returns how many usable ones had one. */
static uint32_t add_oneway(const struct jitter_run *run, struct sla_result *res,
                           int64_t *ret_stamp_err_ns, bool *ret_intolerable)
{
	struct jitter_result *j = &res->jitter;
	uint32_t known = 0;

	*ret_stamp_err_ns = 0;
	*ret_intolerable = false;
	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		const struct jitter_record *r = jitter_at(run, s);
		int64_t sd_ns, ds_ns;
		int64_t err_ns = r->t1_err_ns > r->t4_err_ns ? r->t1_err_ns : r->t4_err_ns;

		if (!r->usable || (run->cfg.wire == JITTER_WIRE_US && r->peer_err_ns < 0))
			continue;
		known++;
		if (run->cfg.wire == JITTER_WIRE_US && r->peer_err_ns > j->peer_clock_err_ns)
			j->peer_clock_err_ns = r->peer_err_ns;
		if (!oneway(run, r, &sd_ns, &ds_ns)) {
			res->instrument.implausible_samples++;
			continue;
		}
		if (!is_tolerable(run, res, r, sd_ns, ds_ns)) {
			*ret_intolerable = true;
			continue;
		}
		sum_stats_add(&j->oneway_sd, sd_ns);
		sum_stats_add(&j->oneway_ds, ds_ns);
		percentile_add(&run->samples[PERCENTILE_ONEWAY_SD], sd_ns);
		percentile_add(&run->samples[PERCENTILE_ONEWAY_DS], ds_ns);
		if (err_ns > *ret_stamp_err_ns)
			*ret_stamp_err_ns = err_ns;
	}
	return known;
}

/* One-way figures, or why there are none.  The bound adds up our clock, the peer's as it states it
 * (an assumed one states none), our stamps and the resolution of type 2. */
static enum oneway_reason judge_oneway(const struct jitter_run *run, struct sla_result *res)
{
	struct jitter_result *j = &res->jitter;
	bool is_ms = run->cfg.wire == JITTER_WIRE_MS;
	int64_t stamp_err_ns;
	bool is_intolerable;

	j->peer_clock_err_ns = -1;
	if (res->clock.source == CLOCK_SOURCE_NONE)
		return ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED;
	if (res->clock.stepped)
		return ONEWAY_CLOCK_STEPPED;
	if (is_ms && !run->cfg.peer_clock_assumed)
		return ONEWAY_PEER_CLOCK_UNKNOWN;
	if (j->rtt.n == 0)
		return is_ms ? ONEWAY_REPORTED : ONEWAY_PEER_CLOCK_UNKNOWN;
	if (add_oneway(run, res, &stamp_err_ns, &is_intolerable) == 0)
		return ONEWAY_PEER_CLOCK_UNSYNCHRONISED;
	int64_t bound_ns = res->clock.err_ns + stamp_err_ns +
	                   (j->peer_clock_err_ns > 0 ? j->peer_clock_err_ns : 0) +
	                   (is_ms ? ONEWAY_MS_ERR_NS : 0);

	j->oneway_err_ns = bound_ns;
	if (res->clock.limit_ns > 0 && bound_ns > res->clock.limit_ns) {
		memset(&j->oneway_sd, 0, sizeof(j->oneway_sd));
		memset(&j->oneway_ds, 0, sizeof(j->oneway_ds));
		run->samples[PERCENTILE_ONEWAY_SD].n = 0;
		run->samples[PERCENTILE_ONEWAY_DS].n = 0;
		return ONEWAY_BELOW_GRADE;
	}
	if (j->oneway_sd.n == 0)
		return is_intolerable ? ONEWAY_BELOW_GRADE : ONEWAY_CLOCKS_DISAGREE;
	return ONEWAY_REPORTED;
}

static void fill_percentiles(struct jitter_run *run, struct jitter_result *j)
{
	struct sum_stats sd = j->sd.positive, ds = j->ds.positive, both;

	sum_stats_merge(&sd, &j->sd.negative);
	sum_stats_merge(&ds, &j->ds.negative);
	both = sd;
	sum_stats_merge(&both, &ds);
	const struct sum_stats *const all[PERCENTILE_COUNT] = {
		[PERCENTILE_RTT] = &j->rtt,
		[PERCENTILE_ONEWAY_SD] = &j->oneway_sd,
		[PERCENTILE_ONEWAY_DS] = &j->oneway_ds,
		[PERCENTILE_JITTER_SD] = &sd,
		[PERCENTILE_JITTER_DS] = &ds,
		[PERCENTILE_JITTER_AVG] = &both,
	};

	for (unsigned i = 0; i < PERCENTILE_COUNT; i++)
		j->percentile[i] =
		        percentile_figures(&run->samples[i], run->cfg.percentile[i], all[i]);
}

void jitter_run_finish(struct jitter_run *run, const struct clock_grade *grade,
                       struct sla_result *res)
{
	struct jitter_result *j = &res->jitter;

	memset(j, 0, sizeof(*j));
	memset(&res->instrument, 0, sizeof(res->instrument));
	res->clock = *grade;
	res->clock.stepped = grade->stepped || has_stepped(run);
	res->instrument.turnaround =
	        run->cfg.wire == JITTER_WIRE_MS ? TURNAROUND_MS : TURNAROUND_SUBTRACTED;
	res->instrument.foreign_packets = run->foreign;
	j->sent = run->sent;
	j->skipped = run->skipped;
	j->duplicates = run->duplicates;
	j->codec = (uint8_t)run->cfg.codec;
	judge_sends(run, &res->instrument);
	judge_replies(run, res);
	jitter_loss_decide(run, j);
	jitter_pairs_sequence(run, j);
	j->oneway_reason = (uint8_t)judge_oneway(run, res);
	fill_percentiles(run, j);
	res->rtt_ns = sum_stats_avg_ns(&j->rtt);
	if (j->received == 0)
		return;
	struct voice_score score = voice_score(run->cfg.codec, res->rtt_ns, j->sent - j->received,
	                                       j->sent, run->cfg.advantage_factor);

	j->icpif = score.icpif;
	j->mos_centi = score.mos_centi;
}

void jitter_run_distribution(const struct jitter_run *run, struct sketch *to)
{
	for (uint32_t s = 1; s <= run->cfg.packets; s++) {
		const struct jitter_record *r = jitter_at(run, s);
		int64_t rtt_ns;

		if (r->fate != JITTER_ANSWERED ||
		    jitter_is_step(r->t1_offset_ns, r->t4_offset_ns) ||
		    !round_trip(run, r, &rtt_ns) || sketch_add(to, rtt_ns) == 0)
			continue;
		sketch_clear(to);
		return;
	}
}
