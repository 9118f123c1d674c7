/* SPDX-License-Identifier: Apache-2.0 */
/* Round trip, one-way, jitter and the instrument's own error, each worked out by hand. */
#include "jitter_help.h"

/* A run that gives the figures that two routers printed: ten round trips, sum 151, sum of squares
 * 2281, jitter SD 3 up and 2 down, DS 3 up and 3 down, all of 1 ms. */
static void figures_of_a_router(void **state)
{
	static const int sd[] = { 5, 6, 5, 6, 5, 6, 6, 6, 6, 6 };
	static const int ds[] = { 10, 9, 10, 9, 10, 9, 9, 9, 9, 10 };
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_MS, 10);
	for (uint32_t s = 1; s <= 10; s++) {
		int64_t o = MS(20) * (s - 1), r = o + MS(sd[s - 1]);

		sent_at(&f, s, o);
		assert_true(reply_at(&f, s, r, r + MS(2), r + MS(2) + MS(ds[s - 1]), s));
	}
	assert_true(jitter_run_is_complete(&f.run));
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->rtt.n, 10);
	assert_i64_equal(j->rtt.sum_ns, MS(151));
	assert_true(j->rtt.sum2_ns2 == (unsigned __int128)2281 * NS_PER_MS * NS_PER_MS);
	assert_i64_equal(j->rtt.min_ns, MS(15));
	assert_i64_equal(j->rtt.max_ns, MS(16));
	assert_i64_equal(f.res.rtt_ns, US(15100));
	assert_int_equal(j->sd.samples, 9);
	assert_int_equal(j->sd.positive.n, 3);
	assert_i64_equal(j->sd.positive.sum_ns, MS(3));
	assert_int_equal(j->sd.negative.n, 2);
	assert_i64_equal(j->sd.negative.sum_ns, MS(2));
	assert_int_equal(j->ds.samples, 9);
	assert_int_equal(j->ds.positive.n, 3);
	assert_int_equal(j->ds.negative.n, 3);
	assert_i64_equal(j->ds.negative.max_ns, MS(1));
	assert_int_equal(j->oneway_sd.n, 10);
	assert_i64_equal(j->oneway_sd.sum_ns, MS(57));
	assert_i64_equal(j->oneway_ds.sum_ns, MS(94));
	assert_i64_equal(j->oneway_ds.min_ns, MS(9));
	assert_int_equal(j->oneway_reason, ONEWAY_REPORTED);
	/* ours 200 us, stamp 1 us, type 2 2 ms; the assumed peer states nothing */
	assert_i64_equal(j->oneway_err_ns, US(2201));
	assert_i64_equal(j->peer_clock_err_ns, -1);
	assert_i64_equal(f.res.instrument.rtt_err_ns, US(1002));
	assert_int_equal(f.res.instrument.turnaround, TURNAROUND_MS);
	assert_balance(j);
}

/* 999 samples of which 29 positive and none negative: the zeros are samples, but in no sum. */
static void zero_jitter_is_a_sample_without_sign(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_MS, 1000);
	for (uint32_t s = 1; s <= 1000; s++) {
		int64_t o = MS(20) * (s - 1), up = s <= 30 ? MS(s) : MS(30);

		sent_at(&f, s, o);
		assert_true(reply_at(&f, s, o + up, o + up, o + up + MS(1), s));
	}
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->sd.samples, 999);
	assert_int_equal(j->sd.positive.n, 29);
	assert_i64_equal(j->sd.positive.sum_ns, MS(29));
	assert_true(j->sd.positive.sum2_ns2 == (unsigned __int128)29 * NS_PER_MS * NS_PER_MS);
	assert_int_equal(j->sd.negative.n, 0);
	assert_int_equal(j->ds.samples, 999);
	assert_int_equal(j->ds.positive.n, 0);
}

static void microseconds_in_full(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 3);
	sent_at(&f, 1, 0);
	assert_true(reply_at(&f, 1, US(1500), US(1520), US(2520), 1)); /* SD 1500 DS 1000 */
	sent_at(&f, 2, MS(20));
	assert_true(reply_at(&f, 2, US(21700), US(21900), US(22800), 2)); /* SD 1700 DS 900 */
	sent_at(&f, 3, MS(40) + US(40));
	assert_true(reply_at(&f, 3, US(41540), US(41541), US(42641), 3)); /* SD 1500 DS 1100 */
	const struct jitter_result *j = end(&f);

	assert_i64_equal(j->rtt.sum_ns, US(2500 + 2600 + 2600));
	assert_i64_equal(f.res.rtt_ns, US(7700) / 3);
	assert_i64_equal(j->oneway_sd.sum_ns, US(4700));
	assert_i64_equal(j->oneway_ds.max_ns, US(1100));
	assert_i64_equal(j->sd.positive.sum_ns, US(200));
	assert_i64_equal(j->sd.negative.sum_ns, US(200));
	assert_i64_equal(j->ds.positive.sum_ns, US(200));
	assert_i64_equal(j->ds.negative.sum_ns, US(100));
	/* RFC 1889: J16 = 200000, then += 200000 - (200008 >> 4); J = J16 / 16 */
	assert_i64_equal(j->sd.interarrival_ns, (200000 + 200000 - 12500) / 16);
	/* 100000, then += 200000 - (100008 >> 4) */
	assert_i64_equal(j->ds.interarrival_ns, (100000 + 200000 - 6250) / 16);
	assert_i64_equal(j->peer_clock_err_ns, US(100));
	assert_i64_equal(j->oneway_err_ns, US(200 + 100 + 1));
	assert_int_equal(f.res.instrument.turnaround, TURNAROUND_SUBTRACTED);
	assert_int_equal(f.res.instrument.tx_source, STAMP_KERNEL);
	assert_int_equal(f.res.instrument.rx_source, STAMP_KERNEL);
	assert_i64_equal(f.res.instrument.send_lateness_max_ns, US(40));
	assert_int_equal(f.res.instrument.timer_misses, 0);
}

/* A lost packet takes two SD pairs with it, but only the DS pairs that its count would make. */
static void pairs_need_neighbours(void **state)
{
	struct fixture f;
	const struct jitter_result *j;

	(void)state;
	begin(&f, JITTER_WIRE_US, 5); /* lost there: counts stay consecutive */
	plain(&f, 1, 1);
	plain(&f, 2, 2);
	lost(&f, 3);
	plain(&f, 4, 3);
	plain(&f, 5, 4);
	j = end(&f);
	assert_int_equal(j->sd.samples, 2);
	assert_int_equal(j->ds.samples, 3);
	begin(&f, JITTER_WIRE_US, 5); /* lost on the way back */
	plain(&f, 1, 1);
	plain(&f, 2, 2);
	lost(&f, 3);
	plain(&f, 4, 4);
	plain(&f, 5, 5);
	j = end(&f);
	assert_int_equal(j->sd.samples, 2);
	assert_int_equal(j->ds.samples, 2);
	begin(&f, JITTER_WIRE_US, 3); /* no counts: by sequence */
	plain(&f, 1, 0);
	plain(&f, 2, 0);
	plain(&f, 3, 0);
	j = end(&f);
	assert_int_equal(j->ds.samples, 2);
}

/* Both clocks of a type 2 pair tick over 00:00 UTC in the middle of the run. */
static void midnight(void **state)
{
	int64_t to_midnight = INT64_C(1772409600) * NS_PER_S - WALL0_NS;
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_MS, 2);
	sent_at(&f, 1, to_midnight - MS(2)); /* 23:59:59.998 */
	assert_true(
	        reply_at(&f, 1, to_midnight + MS(4), to_midnight + MS(4), to_midnight + MS(7), 1));
	sent_at(&f, 2, to_midnight + MS(18));
	assert_true(reply_at(&f, 2, to_midnight + MS(25), to_midnight + MS(25),
	                     to_midnight + MS(28), 2));
	const struct jitter_result *j = end(&f);

	assert_i64_equal(j->oneway_sd.sum_ns, MS(6 + 7));
	assert_i64_equal(j->oneway_ds.sum_ns, MS(3 + 3));
	assert_i64_equal(j->rtt.sum_ns, MS(9 + 10));
	assert_i64_equal(j->sd.positive.sum_ns, MS(1));
	assert_int_equal(j->ds.positive.n + j->ds.negative.n, 0);
}

static void a_late_kernel_stamp_replaces_the_users(void **state)
{
	struct fixture f;
	struct stamp user, kernel;

	(void)state;
	begin(&f, JITTER_WIRE_US, 2);
	user = stamp_at(&f, -US(70), STAMP_USER);
	jitter_run_sent(&f.run, 1, &user);
	assert_true(reply_at(&f, 1, MS(1), MS(1), MS(2), 1));
	kernel = stamp_at(&f, 0, STAMP_KERNEL);
	jitter_run_stamp(&f.run, 1, &kernel); /* after the reply */
	jitter_run_stamp(&f.run, 9, &kernel); /* nobody's */
	kernel = stamp_at(&f, MS(20), STAMP_KERNEL);
	jitter_run_stamp(&f.run, 2, &kernel); /* before send returned */
	user = stamp_at(&f, MS(20) - US(5), STAMP_USER);
	jitter_run_sent(&f.run, 2, &user);
	assert_true(reply_at(&f, 2, MS(21), MS(21), MS(22), 2));
	const struct jitter_result *j = end(&f);

	assert_i64_equal(j->rtt.min_ns, MS(2));
	assert_i64_equal(j->rtt.max_ns, MS(2));
}

static void a_missing_stamp_is_told(void **state)
{
	struct fixture f;
	struct stamp user;

	(void)state;
	begin(&f, JITTER_WIRE_US, 2);
	plain(&f, 1, 1);
	user = stamp_at(&f, MS(32), STAMP_USER); /* 12 ms late: more than half of 20 */
	jitter_run_sent(&f.run, 2, &user);
	(void)end(&f);
	assert_int_equal(f.res.instrument.tx_source, STAMP_USER);
	assert_int_equal(f.res.instrument.timer_misses, 1);
	assert_i64_equal(f.res.instrument.send_lateness_max_ns, MS(12));
	assert_i64_equal(f.res.instrument.send_lateness_sum_ns, MS(12));
}

static void a_clock_step_spoils_what_it_touches(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	plain(&f, 1, 1);
	sent_at(&f, 2, MS(20));
	f.offset_ns += MS(300); /* between the second send and its reply */
	assert_true(reply_at(&f, 2, MS(30), MS(30), MS(35), 2));
	plain(&f, 3, 3);
	plain(&f, 4, 4);
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->received, 4);
	assert_int_equal(f.res.instrument.clock_step_samples, 1);
	assert_true(f.res.clock.stepped);
	assert_int_equal(j->rtt.n, 3);
	assert_i64_equal(j->rtt.max_ns, MS(15));
	assert_int_equal(j->sd.samples, 1); /* 3 and 4 */
	assert_int_equal(j->oneway_sd.n, 0);
	assert_int_equal(j->oneway_reason, ONEWAY_CLOCK_STEPPED);
}

static void a_step_between_packets_spoils_their_pair_only(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 3);
	plain(&f, 1, 1);
	f.offset_ns -= MS(2);
	plain(&f, 2, 2);
	plain(&f, 3, 3);
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->rtt.n, 3);
	assert_int_equal(j->sd.samples, 1);
	assert_int_equal(j->ds.samples, 1);
	assert_int_equal(f.res.instrument.clock_step_samples, 0);
	assert_int_equal(j->oneway_reason, ONEWAY_CLOCK_STEPPED);
}

static void offsets_read_a_little_apart_are_no_step(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 1);
	sent_at(&f, 1, 0);
	f.offset_ns += NS_PER_MS;
	assert_true(reply_at(&f, 1, MS(10), MS(10), MS(15), 1));
	assert_int_equal(end(&f)->rtt.n, 1);
	assert_false(f.res.clock.stepped);
}

static void nonsense_is_dropped_and_counted(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	plain(&f, 1, 1);
	sent_at(&f, 2, MS(20)); /* residence longer than the whole round trip */
	assert_true(reply_at(&f, 2, MS(21), MS(40), MS(30), 2));
	sent_at(&f, 3, MS(40)); /* sent back before it was received */
	assert_true(reply_at(&f, 3, MS(46), MS(45), MS(50), 3));
	sent_at(&f, 4, MS(60)); /* its clock is 40 ms behind: SD negative, RTT fine */
	assert_true(reply_at(&f, 4, MS(30), MS(30), MS(75), 4));
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->received, 4);
	assert_int_equal(j->rtt.n, 2);
	assert_int_equal(j->oneway_sd.n, 1);
	assert_int_equal(f.res.instrument.implausible_samples, 3);
}

static void echoed(struct fixture *f, uint32_t seq)
{
	int64_t o = MS(20) * (seq - 1);
	struct jitter_reply reply = { .at = stamp_at(f, o + MS(15), STAMP_KERNEL),
		                      .peer_err_ns = -1,
		                      .unstamped = true };

	sent_at(f, seq, o);
	assert_true(jitter_run_reply(&f->run, seq, &reply));
}

/* A plain echo service stamps nothing: there are round trips, and nothing that has a direction. */
static void what_a_plain_echo_tells(void **state)
{
	struct fixture f;

	(void)state;
	for (int wire = JITTER_WIRE_MS; wire <= JITTER_WIRE_US; wire++) {
		begin(&f, (enum jitter_wire)wire, 4);
		echoed(&f, 1);
		echoed(&f, 2);
		lost(&f, 3);
		echoed(&f, 4);
		const struct jitter_result *j = end(&f);

		assert_int_equal(j->rtt.n, 3);
		assert_i64_equal(j->rtt.max_ns, MS(15));
		assert_int_equal(j->sd.samples, 0);
		assert_int_equal(j->ds.samples, 0);
		assert_i64_equal(j->sd.interarrival_ns, 0);
		assert_i64_equal(j->ds.interarrival_ns, 0);
		assert_int_equal(j->oneway_sd.n, 0);
		assert_int_not_equal(j->oneway_reason, ONEWAY_REPORTED);
		assert_int_equal(j->missing, 1);
		assert_int_equal(f.res.instrument.turnaround, TURNAROUND_INCLUDED);
		assert_i64_equal(f.res.instrument.rtt_err_ns, US(2));
		assert_balance(j);
	}
}

/* What was not sent before the cut was never planned. */
static void a_run_that_was_cut(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 100);
	plain(&f, 1, 1);
	plain(&f, 2, 2);
	assert_false(jitter_run_is_complete(&f.run));
	jitter_run_cut(&f.run, 2);
	assert_true(jitter_run_is_complete(&f.run));
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->sent, 2);
	assert_int_equal(j->received, 2);
	assert_int_equal(j->skipped, 0);
	assert_int_equal(j->missing, 0);
	assert_int_equal(j->sd.samples, 1);
}

/* A residence of microseconds across a tick is told as 1 ms: not a negative round trip. */
static void delta_rounds_up_on_a_fast_path(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_MS, 2);
	sent_at(&f, 1, 0);
	assert_true(reply_at(&f, 1, US(100), US(1100), US(300), 1));
	sent_at(&f, 2, MS(20));
	assert_true(reply_at(&f, 2, MS(20), MS(23), MS(21), 2)); /* 3 ms inside of 1 ms: no */
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->rtt.n, 1);
	assert_i64_equal(j->rtt.max_ns, 0);
	assert_int_equal(f.res.instrument.implausible_samples, 1 + 1); /* RTT of 2, one-way of 1 */
}

static void reordering_and_duplicates(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	for (uint32_t s = 1; s <= 4; s++)
		lost(&f, s);
	assert_true(reply_at(&f, 2, MS(30), MS(30), MS(35), 2));
	assert_true(reply_at(&f, 1, MS(10), MS(10), MS(36), 1));
	assert_true(reply_at(&f, 4, MS(70), MS(70), MS(75), 4));
	assert_true(reply_at(&f, 3, MS(50), MS(50), MS(76), 3));
	assert_false(reply_at(&f, 3, MS(50), MS(50), MS(77), 3));
	assert_false(reply_at(&f, 5, MS(50), MS(50), MS(77), 5));
	assert_false(reply_at(&f, 0, MS(50), MS(50), MS(77), 5));
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->out_of_sequence, 2);
	assert_int_equal(j->duplicates, 1);
	assert_int_equal(f.res.instrument.foreign_packets, 2);
	assert_int_equal(j->received, 4);
	assert_balance(j);
}

static void why_there_is_no_oneway(void **state)
{
	static const struct {
		const char *name;
		enum jitter_wire wire;
		struct clock_grade grade;
		bool is_assumed;
		int64_t peer_err_ns;
		enum oneway_reason want;
	} rows[] = {
		{ "fine",
		  JITTER_WIRE_US,
		  { CLOCK_SOURCE_PTP, false, 500, 0 },
		  false,
		  0,
		  ONEWAY_REPORTED },
		{ "we are not synchronised",
		  JITTER_WIRE_US,
		  { CLOCK_SOURCE_NONE },
		  true,
		  0,
		  ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED },
		{ "the peer is not",
		  JITTER_WIRE_US,
		  { CLOCK_SOURCE_KERNEL },
		  true,
		  -1,
		  ONEWAY_PEER_CLOCK_UNSYNCHRONISED },
		{ "type 2 says nothing",
		  JITTER_WIRE_MS,
		  { CLOCK_SOURCE_KERNEL },
		  false,
		  0,
		  ONEWAY_PEER_CLOCK_UNKNOWN },
		{ "type 2, vouched for",
		  JITTER_WIRE_MS,
		  { CLOCK_SOURCE_KERNEL },
		  true,
		  -1,
		  ONEWAY_REPORTED },
		{ "within the grade",
		  JITTER_WIRE_US,
		  { CLOCK_SOURCE_CHRONY, false, US(10), US(31) },
		  false,
		  US(20),
		  ONEWAY_REPORTED },
		{ "below the grade",
		  JITTER_WIRE_US,
		  { CLOCK_SOURCE_CHRONY, false, US(10), US(30) },
		  false,
		  US(20),
		  ONEWAY_BELOW_GRADE },
		{ "stepped before",
		  JITTER_WIRE_US,
		  { CLOCK_SOURCE_KERNEL, true, 0, 0 },
		  false,
		  0,
		  ONEWAY_CLOCK_STEPPED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jitter_reply reply = { .t2 = { WALL0_NS + MS(1) },
			                      .t3 = { WALL0_NS + MS(1) },
			                      .t2_ms = wall_to_ms_of_day(
			                              (wall_t) { WALL0_NS + MS(1) }),
			                      .count = 1,
			                      .peer_err_ns = rows[i].peer_err_ns };
		struct fixture f;

		print_message("%s\n", rows[i].name);
		begin(&f, rows[i].wire, 1);
		f.run.cfg.peer_clock_assumed = rows[i].is_assumed;
		sent_at(&f, 1, 0);
		reply.at = stamp_at(&f, MS(3), STAMP_KERNEL);
		assert_true(jitter_run_reply(&f.run, 1, &reply));
		jitter_run_finish(&f.run, &rows[i].grade, &f.res);
		free(f.block);
		assert_int_equal(f.res.jitter.oneway_reason, rows[i].want);
		assert_int_equal(f.res.jitter.oneway_sd.n, rows[i].want == ONEWAY_REPORTED);
		assert_int_equal(f.res.jitter.rtt.n, 1);
	}
}

static void corrupted_and_over_threshold(void **state)
{
	struct jitter_reply bad = { .count = 2, .corrupted = true, .peer_err_ns = -1 };
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 3);
	f.run.cfg.threshold_ns = MS(15);
	plain(&f, 1, 1); /* exactly the threshold: not over */
	sent_at(&f, 2, MS(20));
	bad.at = stamp_at(&f, MS(35), STAMP_KERNEL);
	assert_true(jitter_run_reply(&f.run, 2, &bad));
	sent_at(&f, 3, MS(40));
	assert_true(reply_at(&f, 3, MS(50), MS(50), MS(55) + 1, 3));
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->corrupted, 1);
	assert_int_equal(j->received, 2);
	assert_int_equal(j->over_threshold, 1);
	assert_int_equal(j->rtt.n, 2);
	assert_int_equal(j->loss_ds + j->loss_sd, 0);
	assert_balance(j);
}

static void voice_of_a_run(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_MS, 50);
	f.run.cfg.codec = SLA_CODEC_G711ALAW;
	for (uint32_t s = 1; s <= 50; s++)
		plain(&f, s, s);
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->icpif, 1); /* 7.5 + 40 ms one way */
	assert_int_equal(j->mos_centi, 434);
	begin(&f, JITTER_WIRE_MS, 1);
	f.run.cfg.codec = SLA_CODEC_G711ALAW;
	lost(&f, 1);
	j = end(&f);
	assert_int_equal(j->mos_centi, 0); /* a failed run has no score */
	assert_int_equal(j->missing, 1);
	assert_i64_equal(f.res.rtt_ns, 0);
}

/* A responder whose clock jumps by 60 years between replies, or says so: no jitter, no overflow. */
static void a_peer_clock_that_jumps(void **state)
{
	const int64_t years_ns = INT64_C(1700000000) * NS_PER_S;
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 200);
	for (uint32_t seq = 1; seq <= 200; seq++) {
		int64_t o = MS(20) * (seq - 1), there = o + MS(10);

		if (seq > 100) /* before that all is well */
			there += seq % 2 ? years_ns : -years_ns;
		sent_at(&f, seq, o);
		assert_true(reply_at(&f, seq, there, there, o + MS(15), seq));
	}
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->rtt.n, 200);
	assert_int_equal(j->sd.samples, 99);
	assert_int_equal(j->ds.samples, 99);
	assert_int_equal(j->sd.positive.n + j->sd.negative.n, 0);
	assert_i64_equal(j->sd.interarrival_ns, 0);
	assert_i64_equal(j->ds.interarrival_ns, 0);
}

/* A step of the peer's clock by less than the timeout: no pair of it is jitter, and its one-way
 * values are told to be impossible, not reported as none. */
static void a_peer_clock_that_steps(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 4);
	for (uint32_t seq = 1; seq <= 4; seq++) {
		int64_t o = MS(20) * (seq - 1), there = o + (seq > 2 ? MS(100) : MS(50));

		sent_at(&f, seq, o);
		assert_true(reply_at(&f, seq, there, there, o + MS(15), seq));
	}
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->rtt.n, 4);
	assert_int_equal(j->sd.samples, 2);
	assert_int_equal(j->ds.samples, 2);
	assert_int_equal(j->sd.positive.n + j->ds.negative.n, 0);
	assert_int_equal(j->oneway_sd.n, 0);
	assert_int_equal(j->oneway_reason, ONEWAY_CLOCKS_DISAGREE);
}

/* Ten round trips of 1 to 10 ms at 90 %: the longest is left out, 1 + … + 9 = 45, 45 / 9 = 5. */
static void percentiles_leave_the_worst_out(void **state)
{
	int64_t values[10];
	struct percentile_samples s = { values, 0, 10 };
	const struct sum_stats all = { .n = 3, .sum_ns = MS(7), .max_ns = MS(4) };

	(void)state;
	for (int i = 10; i >= 1; i--)
		percentile_add(&s, MS(i));
	percentile_add(&s, MS(99)); /* no room: not more samples than packets */
	struct percentile_figures f = percentile_figures(&s, 90, &all);

	assert_int_equal(f.percent, 90);
	assert_int_equal(f.n, 9);
	assert_i64_equal(f.avg_ns, MS(5));
	assert_i64_equal(f.max_ns, MS(9));
	f = percentile_figures(&s, 95, &all); /* half a sample: none */
	assert_int_equal(f.n, 10);
	assert_i64_equal(f.max_ns, MS(10));
	s.values = NULL; /* 100 %: what is there anyway */
	f = percentile_figures(&s, 100, &all);
	assert_int_equal(f.percent, 100);
	assert_int_equal(f.n, 3);
	assert_i64_equal(f.avg_ns, MS(7) / 3);
	assert_i64_equal(f.max_ns, MS(4));
	assert_int_equal(
	        percentile_size((const uint8_t[PERCENTILE_COUNT]) { 100, 95, 100, 100, 0, 90 }, 10),
	        30 * sizeof(int64_t)); /* 10 of one way, 20 of jitter both ways */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percentiles_leave_the_worst_out),
		cmocka_unit_test(figures_of_a_router),
		cmocka_unit_test(zero_jitter_is_a_sample_without_sign),
		cmocka_unit_test(microseconds_in_full),
		cmocka_unit_test(pairs_need_neighbours),
		cmocka_unit_test(midnight),
		cmocka_unit_test(a_late_kernel_stamp_replaces_the_users),
		cmocka_unit_test(a_missing_stamp_is_told),
		cmocka_unit_test(a_clock_step_spoils_what_it_touches),
		cmocka_unit_test(a_step_between_packets_spoils_their_pair_only),
		cmocka_unit_test(offsets_read_a_little_apart_are_no_step),
		cmocka_unit_test(a_peer_clock_that_jumps),
		cmocka_unit_test(a_peer_clock_that_steps),
		cmocka_unit_test(nonsense_is_dropped_and_counted),
		cmocka_unit_test(what_a_plain_echo_tells),
		cmocka_unit_test(a_run_that_was_cut),
		cmocka_unit_test(delta_rounds_up_on_a_fast_path),
		cmocka_unit_test(reordering_and_duplicates),
		cmocka_unit_test(why_there_is_no_oneway),
		cmocka_unit_test(corrupted_and_over_threshold),
		cmocka_unit_test(voice_of_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
