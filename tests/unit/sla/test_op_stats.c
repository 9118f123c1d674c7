/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of the past, in virtual time: hourly groups at their edges, buckets of latency, causes
 * of failure, samples and their filter, the end of the enhanced history.  Every expectation was
 * computed by hand and stands beside what it expects. */
#include "sla/op_stats.h"
#include "t.h"

#define EVERYTHING (STATS_HOURS | STATS_HISTORY | STATS_ENHANCED)
#define BOOT       (5000 * NS_PER_S) /* monotonic clock when the operation became active */
#define WALL       (INT64_C(1772323200) * NS_PER_S)

static const struct stats_conf usual = {
	.hours = 2, .distributions = 1, .interval_ms = 20, .buckets = 15
};

struct world {
	struct stats_conf conf;
	struct stats_life life;
	struct op_stats *stats;
};

static struct world begin(struct stats_conf conf)
{
	return (struct world) { .conf = conf, .life = { 1, { BOOT } } };
}

/* A run that ends ``at_s`` seconds after activation, and took as long as it measured. */
static void run(struct world *w, double at_s, enum sla_sense sense, int64_t rtt_ms)
{
	int64_t at_ns = (int64_t)(at_s * NS_PER_S), rtt_ns = rtt_ms * NS_PER_MS;
	const struct sla_result r = {
		.type = SLA_ICMP_ECHO,
		.sense = (uint8_t)sense,
		.rtt_ns = stats_sense_completes(sense) ? rtt_ns : 0,
		.duration_ns = rtt_ns,
		.started_at = { WALL + at_ns - rtt_ns },
		.target = { .family = INET_V4, .bytes = { 192, 0, 2, 1 } },
	};

	op_stats_take(&w->stats, &w->conf, EVERYTHING, &w->life, &r, (mono_t) { BOOT + at_ns });
}

static void end(struct world *w)
{
	op_stats_free(w->stats);
}

static const struct stats_group *hour(const struct world *w, uint32_t i)
{
	assert_true(i < w->stats->hours.count);
	return w->stats->hours.groups[i];
}

/* Groups begin at activation and every 3600 s: 3599.999 is the last instant of the first one, 3600.000
 * the first of the second.  Two are kept: at 7200 the first is dropped. */
static void an_hour_ends_after_3600_seconds(void **state)
{
	struct world w = begin(usual);

	(void)state;
	run(&w, 0.004, SENSE_OK, 4);
	run(&w, 3599.999, SENSE_OK, 6);
	assert_int_equal(w.stats->hours.count, 1);
	assert_i64_equal(hour(&w, 0)->opened_at.ns, BOOT);
	assert_i64_equal(hour(&w, 0)->started_at.ns, WALL);
	run(&w, 3600, SENSE_OK, 8);
	assert_int_equal(w.stats->hours.count, 2);
	assert_true(hour(&w, 0)->initiations == 2 && hour(&w, 1)->initiations == 1);
	assert_i64_equal(hour(&w, 1)->started_at.ns, WALL + 3600 * NS_PER_S);
	run(&w, 7199.5, SENSE_OK, 8);
	run(&w, 7200, SENSE_TIMEOUT, 0);
	assert_int_equal(w.stats->hours.count, 2);
	assert_true(hour(&w, 0)->initiations == 2 && hour(&w, 0)->successes == 2);
	assert_true(hour(&w, 1)->initiations == 1 && hour(&w, 1)->successes == 0);
	end(&w);
}

/* 3, 5 and 10 ms over three hours with three kept: sums by hour 3+5, nothing, 10. */
static void hours_without_runs_are_there(void **state)
{
	struct stats_conf conf = usual;

	conf.hours = 3;
	struct world w = begin(conf);

	(void)state;
	run(&w, 60, SENSE_OK, 3);
	run(&w, 120, SENSE_OK, 5);
	run(&w, 7260, SENSE_OK, 10);
	assert_int_equal(w.stats->hours.count, 3);
	struct stats_bucket first = stats_hop_total(hour(&w, 0)->hops[0]);
	struct stats_bucket third = stats_hop_total(hour(&w, 2)->hops[0]);

	assert_i64_equal(first.rtt.sum_ns, 8 * NS_PER_MS);
	assert_true(first.rtt.sum2_ns2 ==
	            (unsigned __int128)34 * NS_PER_MS * NS_PER_MS); /* 9 + 25 */
	assert_true(hour(&w, 1)->initiations == 0 && hour(&w, 1)->hop_count == 0);
	assert_i64_equal(third.rtt.sum_ns, 10 * NS_PER_MS);
	/* Silence of 100 hours: what stays are the last three, the newest one with the run. */
	run(&w, 103 * 3600 + 1, SENSE_OK, 1);
	assert_int_equal(w.stats->hours.count, 3);
	assert_i64_equal(hour(&w, 2)->opened_at.ns, BOOT + 103 * STATS_HOUR_NS);
	assert_i64_equal(hour(&w, 0)->opened_at.ns, BOOT + 101 * STATS_HOUR_NS);
	assert_true(hour(&w, 0)->initiations == 0 && hour(&w, 2)->initiations == 1);
	end(&w);
}

/* min(floor(t / interval) + 1, n) with interval 20 ms and n = 3: 0-19 ms, 20-39 ms, from 40 ms on. */
static void latencies_fall_into_buckets(void **state)
{
	struct stats_conf conf = usual;

	conf.distributions = 3;
	struct world w = begin(conf);
	static const int64_t rtts_ms[] = { 0, 19, 20, 39, 40, 4000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rtts_ms); i++)
		run(&w, (double)i + 10, rtts_ms[i] > 1000 ? SENSE_OVER_THRESHOLD : SENSE_OK,
		    rtts_ms[i]);
	const struct stats_hop *h = hour(&w, 0)->hops[0];

	assert_int_equal(h->bucket_count, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_true(h->buckets[i].rtt.n == 2);
	assert_i64_equal(h->buckets[0].rtt.max_ns, 19 * NS_PER_MS);
	assert_i64_equal(h->buckets[1].rtt.min_ns, 20 * NS_PER_MS);
	assert_i64_equal(h->buckets[1].rtt.sum_ns, 59 * NS_PER_MS);
	assert_i64_equal(h->buckets[2].rtt.min_ns, 40 * NS_PER_MS);
	assert_true(h->buckets[2].over_thresholds == 1 && h->buckets[1].over_thresholds == 0);
	/* Completions include what is over the threshold; successes do not. */
	assert_true(stats_hop_total(h).rtt.n == 6);
	assert_true(hour(&w, 0)->successes == 5 && hour(&w, 0)->over_thresholds == 1);
	end(&w);
}

/* Each return code is in exactly one counter of failures, or completes. */
static void every_cause_has_a_counter(void **state)
{
	struct world w = begin(usual);

	(void)state;
	for (int sense = SENSE_OTHER; sense <= SENSE_ENABLE_PORT_IN_USE; sense++)
		run(&w, 5 + sense, (enum sla_sense)sense, 1);
	const struct stats_group *g = hour(&w, 0);
	const struct stats_errors *e = &g->errors;

	assert_true(g->initiations == 30 && g->successes == 1 && g->over_thresholds == 1);
	assert_int_equal(e->disconnects, 1);
	assert_int_equal(e->timeouts, 4); /* the operation's, DNS, TCP, HTTP */
	assert_int_equal(e->busies, 1);
	assert_int_equal(e->no_connections, 1);
	assert_int_equal(e->drops, 1);
	assert_int_equal(e->sequence_errors, 1);
	assert_int_equal(e->verify_errors, 1);
	assert_int_equal(e->internal, 18); /* 30 - 2 completed - 10 above */
	assert_int_equal(g->hops[0]->errors.internal, 18);
	end(&w);
}

/* Three runs that could not begin are one entry: three initiations, three times busy. */
static void runs_that_did_not_begin_count(void **state)
{
	struct world w = begin(usual);
	const struct sla_result r = { .type = SLA_UDP_JITTER,
		                      .sense = SENSE_BUSY,
		                      .missed_cause = MISSED_BUSY,
		                      .missed = 3,
		                      .started_at = { WALL } };

	(void)state;
	run(&w, 1, SENSE_OK, 1);
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT + 9 * NS_PER_S });
	assert_true(hour(&w, 0)->initiations == 4);
	assert_int_equal(hour(&w, 0)->errors.busies, 3);
	assert_null(hour(&w, 0)->jitter);
	end(&w);
}

/* A new life opens a group at once: 1000 s into the first one. */
static void a_life_opens_a_group(void **state)
{
	struct world w = begin(usual);

	(void)state;
	run(&w, 10, SENSE_OK, 1);
	w.life = (struct stats_life) { 2, { BOOT + 1000 * NS_PER_S } };
	run(&w, 1010, SENSE_OK, 1);
	run(&w, 4599, SENSE_OK, 1); /* 1000 + 3600 = 4600 is where it ends */
	assert_int_equal(w.stats->hours.count, 2);
	assert_i64_equal(hour(&w, 1)->opened_at.ns, BOOT + 1000 * NS_PER_S);
	assert_true(hour(&w, 1)->initiations == 2);
	run(&w, 4600, SENSE_OK, 1);
	assert_true(hour(&w, 1)->initiations == 1);
	end(&w);
}

/* What was cleared at 5000 s goes on in the raster of the activation: the group of 3600 s. */
static void clearing_keeps_the_raster(void **state)
{
	struct world w = begin(usual);

	(void)state;
	run(&w, 5000, SENSE_OK, 1);
	op_stats_free(w.stats);
	w.stats = NULL;
	run(&w, 5010, SENSE_OK, 1);
	assert_int_equal(w.stats->hours.count, 1);
	assert_i64_equal(hour(&w, 0)->opened_at.ns, BOOT + 3600 * NS_PER_S);
	assert_i64_equal(hour(&w, 0)->started_at.ns, WALL + 3600 * NS_PER_S);
	end(&w);
}

static void nothing_kept_takes_no_memory(void **state)
{
	struct world w = begin((struct stats_conf) { .buckets = 15 });

	(void)state;
	run(&w, 1, SENSE_OK, 1);
	assert_null(w.stats);
	w.conf = usual;
	run(&w, 2, SENSE_OK, 1);
	assert_non_null(w.stats);
	w.conf.hours = 0; /* taken back while it runs */
	run(&w, 3, SENSE_OK, 1);
	assert_null(w.stats);
}

/* Hourly sums of jitter operations: two runs of 10 and 4 packets. */
static void jitter_is_added_up(void **state)
{
	struct world w = begin(usual);
	struct sla_result r = { .type = SLA_UDP_JITTER,
		                .sense = SENSE_OK,
		                .rtt_ns = 15 * NS_PER_MS };
	struct jitter_result *j = &r.jitter;

	(void)state;
	for (int i = 0; i < 10;
	     i++) /* 9 x 15 + 16 = 151, 9 x 225 + 256 = 2281: a device's figures */
		sum_stats_add(&j->rtt, (i < 9 ? 15 : 16) * NS_PER_MS);
	j->sent = 12;
	j->received = 10;
	j->loss_sd = 2;
	j->loss_periods_sd = (struct loss_periods) { 2, 1, 1, 3, 3 };
	j->icpif = 1;
	j->mos_centi = 434;
	j->codec = SLA_CODEC_G711ULAW;
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT });
	*j = (struct jitter_result) { .sent = 9,
		                      .received = 4,
		                      .missing = 1,
		                      .loss_sd = 4,
		                      .codec = SLA_CODEC_G711ULAW,
		                      .icpif = 93,
		                      .mos_centi = 100,
		                      .oneway_reason = ONEWAY_PEER_CLOCK_UNSYNCHRONISED };
	j->loss_periods_sd = (struct loss_periods) { 1, 4, 4, 0, 0 };
	sum_stats_add(&j->rtt, 20 * NS_PER_MS);
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT });
	const struct stats_jitter *s = hour(&w, 0)->jitter;

	assert_true(s->sums.rtt.n == 11);
	assert_i64_equal(s->sums.rtt.sum_ns, 171 * NS_PER_MS);
	assert_true(s->sums.rtt.sum2_ns2 == (unsigned __int128)2681 * NS_PER_MS * NS_PER_MS);
	assert_i64_equal(s->sums.rtt.min_ns, 15 * NS_PER_MS);
	assert_i64_equal(s->sums.rtt.max_ns, 20 * NS_PER_MS);
	assert_true(s->sums.sent == 21 && s->sums.received == 14 && s->sums.loss_sd == 6);
	assert_true(s->sums.loss_periods_sd.periods == 3);
	assert_true(s->sums.loss_periods_sd.length_min == 1 &&
	            s->sums.loss_periods_sd.length_max == 4);
	assert_true(s->sums.loss_periods_sd.inter_length_min == 3); /* the one of the first run */
	assert_true(s->icpif_min == 1 && s->icpif_max == 93);
	assert_true(s->mos_centi_min == 100 && s->mos_centi_max == 434 && s->scored == 2);
	assert_int_equal(hour(&w, 0)->unsynchronised, 1);
	end(&w);
}

/* path-echo: two ways over 192.0.2.1 or 192.0.2.2 to 192.0.2.9, of which one path is kept. */
static void paths_have_hops(void **state)
{
	struct stats_conf conf = usual;
	struct sla_result r = { .type = SLA_PATH_ECHO, .sense = SENSE_OK, .rtt_ns = 8 * NS_PER_MS };

	(void)state;
	conf.paths = 1;
	conf.hops = 16;
	struct world w = begin(conf);

	r.path.hop_count = 2;
	r.path.hops[1].addr = (struct inet_addr) { .family = INET_V4, .bytes = { 192, 0, 2, 9 } };
	for (uint8_t i = 0; i < 3; i++) {
		r.path.hops[0].addr = (struct inet_addr) { .family = INET_V4,
			                                   .bytes = { 192, 0, 2, i == 1 ? 2 : 1 } };
		r.path.hops[0].sense = i == 2 ? SENSE_TIMEOUT : SENSE_OK;
		r.path.hops[1].sense = SENSE_OK;
		r.path.hops[0].rtt = r.path.hops[1].rtt = (struct sum_stats) { 0 };
		sum_stats_add(&r.path.hops[0].rtt, 3 * NS_PER_MS);
		sum_stats_add(&r.path.hops[1].rtt, 8 * NS_PER_MS);
		op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT });
	}
	const struct stats_group *g = hour(&w, 0);

	assert_true(g->initiations == 3 &&
	            g->hop_count == 2); /* the second way is no path any more */
	assert_true(g->hops[0]->path == 1 && g->hops[0]->hop == 1 && g->hops[1]->hop == 2);
	assert_true(stats_hop_total(g->hops[0]).rtt.n == 1);
	assert_int_equal(g->hops[0]->errors.timeouts, 1);
	assert_true(stats_hop_total(g->hops[1]).rtt.n == 2);
	assert_i64_equal(stats_hop_total(g->hops[1]).rtt.sum_ns, 16 * NS_PER_MS);
	end(&w);
}

/* --- samples --- */

/* Of four hops, of which three are kept and the second was not asked, two are samples; a path that was not found
 * is one. */
static void hops_are_samples(void **state)
{
	struct stats_conf conf = usual;
	struct sla_result r = { .type = SLA_PATH_ECHO, .sense = SENSE_OK, .rtt_ns = 8 * NS_PER_MS };

	(void)state;
	conf.lives = 1;
	conf.buckets = 2;
	conf.filter = HISTORY_FILTER_ALL;
	conf.samples = 3;
	struct world w = begin(conf);

	r.path.hop_count = 4;
	for (uint8_t i = 0; i < 4; i++) {
		const uint8_t senses[] = { SENSE_OK, SENSE_OTHER, SENSE_TIMEOUT, SENSE_OK };

		r.path.hops[i].addr =
		        (struct inet_addr) { .family = INET_V4, .bytes = { 192, 0, 2, i } };
		r.path.hops[i].sense = senses[i];
		sum_stats_add(&r.path.hops[i].rtt, i == 2 ? 0 : 3 * NS_PER_MS);
	}
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT });
	const struct history *h = &w.stats->history;

	assert_int_equal(h->count, 2);
	assert_true(h->samples[0].bucket == 1 && h->samples[0].sample == 1);
	assert_i64_equal(h->samples[0].rtt_ns, 3 * NS_PER_MS);
	assert_true(h->samples[1].bucket == 1 && h->samples[1].sample == 3);
	assert_true(h->samples[1].sense == SENSE_TIMEOUT && h->samples[1].rtt_ns == 0);
	assert_int_equal(h->samples[1].address.bytes[3], 2);
	r.path.hop_count = 0;
	r.sense = SENSE_TIMEOUT;
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT });
	assert_int_equal(h->count, 3);
	assert_true(h->samples[2].bucket == 2 && h->samples[2].sample == 1);
	assert_int_equal(h->samples[2].sense, SENSE_TIMEOUT);
	/* The bucket of two samples leaves as one. */
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT });
	assert_int_equal(h->count, 2);
	assert_int_equal(h->samples[0].bucket, 2);
	end(&w);
}

static struct world keeping(uint8_t lives, uint8_t buckets, enum history_filter filter)
{
	return begin((struct stats_conf) {
	        .lives = lives, .buckets = buckets, .filter = (uint8_t)filter });
}

static void six_runs(struct world *w)
{
	static const enum sla_sense senses[] = { SENSE_OK,           SENSE_OVER_THRESHOLD,
		                                 SENSE_TIMEOUT,      SENSE_OK,
		                                 SENSE_VERIFY_ERROR, SENSE_OVER_THRESHOLD };

	for (size_t i = 0; i < ARRAY_LEN(senses); i++)
		run(w, (double)i + 1, senses[i], (int64_t)i + 1);
}

static void filters_choose(void **state)
{
	static const struct {
		enum history_filter filter;
		uint32_t count;
		int64_t first_rtt_ns;
	} rows[] = {
		{ HISTORY_FILTER_NONE, 0, 0 },
		{ HISTORY_FILTER_ALL, 6, NS_PER_MS },
		{ HISTORY_FILTER_OVER_THRESHOLD, 2, 2 * NS_PER_MS },
		{ HISTORY_FILTER_FAILURES, 2, 0 }, /* the timeout and the wrong data */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct world w = keeping(1, 15, rows[i].filter);

		six_runs(&w);
		assert_int_equal(w.stats ? w.stats->history.count : 0, rows[i].count);
		if (rows[i].count > 0)
			assert_i64_equal(w.stats->history.samples[0].rtt_ns, rows[i].first_rtt_ns);
		end(&w);
	}
	struct world off = keeping(0, 15, HISTORY_FILTER_ALL); /* no lives: off before the filter */

	six_runs(&off);
	assert_null(off.stats);
}

/* Six runs, four kept: buckets 3 to 6; their numbers go on. */
static void the_newest_buckets_stay(void **state)
{
	struct world w = keeping(1, 4, HISTORY_FILTER_ALL);
	const struct history *h;

	(void)state;
	six_runs(&w);
	h = &w.stats->history;
	assert_int_equal(h->count, 4);
	assert_int_equal(h->samples[0].bucket, 3);
	assert_int_equal(h->samples[0].sense, SENSE_TIMEOUT);
	assert_i64_equal(h->samples[0].rtt_ns, 0);
	assert_int_equal(h->samples[3].bucket, 6);
	assert_i64_equal(h->samples[3].rtt_ns, 6 * NS_PER_MS);
	assert_i64_equal(h->samples[3].started_at.ns, WALL + 6 * NS_PER_S - 6 * NS_PER_MS);
	assert_int_equal(h->samples[3].sample, 1);
	end(&w);
}

/* Two lives kept, three lived: the first goes; buckets begin at 1 in each. */
static void the_newest_lives_stay(void **state)
{
	struct world w = keeping(2, 4, HISTORY_FILTER_ALL);
	const struct history *h;

	(void)state;
	for (uint32_t life = 1; life <= 3; life++) {
		w.life = (struct stats_life) { life, { BOOT + life * 100 * NS_PER_S } };
		run(&w, life * 100 + 1, SENSE_OK, 1);
		run(&w, life * 100 + 2, SENSE_OK, 2);
	}
	h = &w.stats->history;
	assert_int_equal(h->count, 4);
	assert_true(h->samples[0].life == 2 && h->samples[0].bucket == 1);
	assert_true(h->samples[3].life == 3 && h->samples[3].bucket == 2);
	w.conf.lives = 1; /* less from now on */
	run(&w, 303, SENSE_OK, 3);
	assert_int_equal(h->count, 3);
	assert_int_equal(h->samples[0].life, 3);
	end(&w);
}

/* --- enhanced history --- */

/* Buckets of 60 s, three of them: runs at 10, 70 and 130 s fill one each; at 180 s all are used. */
static void enhanced_history_stops_when_full(void **state)
{
	struct world w = begin((struct stats_conf) { .enhanced_s = 60, .enhanced_buckets = 3 });
	const struct stats_row *row;

	(void)state;
	run(&w, 10, SENSE_OK, 10);
	run(&w, 59.9, SENSE_OK, 20);
	run(&w, 70, SENSE_TIMEOUT, 0);
	run(&w, 130, SENSE_OVER_THRESHOLD, 30);
	run(&w, 179.9, SENSE_OK, 31);
	row = &w.stats->enhanced;
	assert_int_equal(row->count, 3);
	assert_int_equal(w.stats->enhanced_missed, 0);
	run(&w, 180, SENSE_OK, 1);
	run(&w, 181, SENSE_OK, 1);
	assert_int_equal(row->count, 3);
	assert_int_equal(w.stats->enhanced_missed, 2);
	struct stats_bucket first = stats_hop_total(row->groups[0]->hops[0]);
	struct stats_bucket third = stats_hop_total(row->groups[2]->hops[0]);

	assert_true(first.rtt.n == 2 && first.over_thresholds == 0);
	assert_i64_equal(first.rtt.sum_ns, 30 * NS_PER_MS);
	assert_int_equal(row->groups[1]->errors.timeouts, 1);
	assert_true(third.rtt.n == 2 && third.over_thresholds == 1);
	assert_i64_equal(row->groups[2]->opened_at.ns, BOOT + 120 * NS_PER_S);
	end(&w);
}

/* Intervals without runs use buckets up all the same; another life takes the next bucket. */
static void enhanced_history_goes_on_by_time(void **state)
{
	struct world w = begin((struct stats_conf) { .enhanced_s = 60, .enhanced_buckets = 4 });
	const struct stats_row *row;

	(void)state;
	run(&w, 10, SENSE_OK, 1);
	run(&w, 130, SENSE_OK, 1);
	row = &w.stats->enhanced;
	assert_int_equal(row->count, 3);
	assert_true(row->groups[1]->initiations == 0 && row->groups[2]->initiations == 1);
	w.life = (struct stats_life) { 2, { BOOT + 140 * NS_PER_S } };
	run(&w, 150, SENSE_OK, 1);
	assert_int_equal(row->count, 4);
	assert_i64_equal(row->groups[3]->opened_at.ns, BOOT + 140 * NS_PER_S);
	w.life = (struct stats_life) { 3, { BOOT + 160 * NS_PER_S } };
	run(&w, 170, SENSE_OK, 1);
	assert_int_equal(row->count, 4);
	assert_int_equal(w.stats->enhanced_missed, 1);
	run(&w, 1000, SENSE_OK, 1); /* of hours of silence nothing is opened either */
	assert_int_equal(row->count, 4);
	end(&w);
}

/* Sums of the completed runs, 1 + 2; counters of the others. */
static void steps_of_http_are_added_up(void **state)
{
	static const uint8_t failures[] = { SENSE_DNS_SERVER_TIMEOUT, SENSE_TCP_CONNECT_TIMEOUT,
		                            SENSE_HTTP_TRANSACTION_TIMEOUT, SENSE_DNS_QUERY_ERROR,
		                            SENSE_HTTP_ERROR };
	struct world w = begin(usual);
	struct sla_result r = { .type = SLA_HTTP, .sense = SENSE_OK };

	(void)state;
	for (int64_t n = 1; n <= 2; n++) {
		r.rtt_ns = n * 60;
		r.http = (struct http_result) { .dns_ns = n == 1 ? -1 : n * 10,
			                        .tcp_ns = n * 20,
			                        .tls_ns = -1,
			                        .transaction_ns = n * 30,
			                        .body_octets = (uint64_t)n };
		op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT + n });
	}
	for (size_t i = 0; i < sizeof(failures); i++) {
		r.sense = failures[i];
		op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT + 3 });
	}
	const struct stats_http *h = hour(&w, 0)->http;

	assert_non_null(h);
	assert_i64_equal(h->dns_sum_ns, 20);
	assert_i64_equal(h->tcp_sum_ns, 60);
	assert_i64_equal(h->tls_sum_ns, 0);
	assert_i64_equal(h->transaction_sum_ns, 90);
	assert_int_equal(h->body_octets, 3);
	assert_true(h->dns_timeouts == 1 && h->tcp_timeouts == 1 && h->transaction_timeouts == 1 &&
	            h->dns_errors == 1 && h->http_errors == 1);
	end(&w);
}

/* A timeout and, with the next run, the word that its reply came late: one of each, of two runs. */
static void late_replies_are_sequence_errors(void **state)
{
	struct stats_conf conf = usual;

	conf.enhanced_s = 900;
	conf.enhanced_buckets = 10;
	struct world w = begin(conf);
	struct sla_result r = {
		.type = SLA_UDP_ECHO,
		.sense = SENSE_TIMEOUT,
		.started_at = { WALL },
	};

	(void)state;
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT + 1 });
	r.sense = SENSE_OK;
	r.instrument.late_replies = 1;
	op_stats_take(&w.stats, &w.conf, EVERYTHING, &w.life, &r, (mono_t) { BOOT + 2 });
	const struct stats_group *groups[] = { hour(&w, 0), w.stats->enhanced.groups[0] };

	for (size_t i = 0; i < 2; i++) {
		const struct stats_group *g = groups[i];

		assert_true(g->initiations == 2 && g->successes == 1);
		assert_true(g->errors.timeouts == 1 && g->errors.sequence_errors == 1);
		assert_int_equal(g->hops[0]->errors.sequence_errors, 1);
	}
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hour_ends_after_3600_seconds),
		cmocka_unit_test(hours_without_runs_are_there),
		cmocka_unit_test(latencies_fall_into_buckets),
		cmocka_unit_test(every_cause_has_a_counter),
		cmocka_unit_test(runs_that_did_not_begin_count),
		cmocka_unit_test(a_life_opens_a_group),
		cmocka_unit_test(clearing_keeps_the_raster),
		cmocka_unit_test(nothing_kept_takes_no_memory),
		cmocka_unit_test(jitter_is_added_up),
		cmocka_unit_test(late_replies_are_sequence_errors),
		cmocka_unit_test(steps_of_http_are_added_up),
		cmocka_unit_test(paths_have_hops),
		cmocka_unit_test(hops_are_samples),
		cmocka_unit_test(filters_choose),
		cmocka_unit_test(the_newest_buckets_stay),
		cmocka_unit_test(the_newest_lives_stay),
		cmocka_unit_test(enhanced_history_stops_when_full),
		cmocka_unit_test(enhanced_history_goes_on_by_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
