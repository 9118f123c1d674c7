/* SPDX-License-Identifier: Apache-2.0 */
/* Averages, interarrival jitter, which one-way samples count, and `clock-tolerance`: each by hand. */
#include "jitter_help.h"

/* Ten round trips that give the sums two routers printed; the average is cut to a whole ms, not rounded.
 *   seven of 180 and three of 179: 1260 + 537 = 1797, 7 x 32400 + 3 x 32041 = 322923; 179.7
 *   nine of 2 and one of 3: 18 + 3 = 21, 9 x 4 + 9 = 45; 2.1 */
static void averages_of_routers(void **state)
{
	static const struct {
		int most_ms, other_ms;
		uint32_t others;
		int64_t sum_ms;
		uint64_t sum2_ms2;
		int64_t average_ms;
	} rows[] = {
		{ 180, 179, 3, 1797, 322923, 179 },
		{ 2, 3, 1, 21, 45, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		begin(&f, JITTER_WIRE_MS, 10);
		for (uint32_t s = 1; s <= 10; s++) {
			int64_t o = MS(200) * (s - 1);
			int64_t rtt_ns =
			        MS(s <= rows[i].others ? rows[i].other_ms : rows[i].most_ms);

			sent_at(&f, s, o);
			assert_true(reply_at(&f, s, o + MS(1), o + MS(1), o + rtt_ns, s));
		}
		const struct jitter_result *j = end(&f);

		assert_int_equal(j->rtt.n, 10);
		assert_i64_equal(j->rtt.sum_ns, MS(rows[i].sum_ms));
		assert_true(j->rtt.sum2_ns2 ==
		            (unsigned __int128)rows[i].sum2_ms2 * NS_PER_MS * NS_PER_MS);
		assert_i64_equal(f.res.rtt_ns, MS(rows[i].sum_ms) / 10);
		assert_i64_equal(f.res.rtt_ns / NS_PER_MS, rows[i].average_ms);
	}
}

/* J += (|D| - J) / 16, out of what the responder saw and in of what came back.
 *   there 10 26 10 10 ms, |D| 16 16 0: 1; 1 + 15/16 = 1.9375; 1.9375 x 15/16 = 1.81640625 ms
 *   back   5  5 37 21 ms, |D|  0 32 16: 0; 2; 2 + 14/16 = 2.875 ms */
static void interarrival_jitter_both_ways(void **state)
{
	static const int there_ms[] = { 10, 26, 10, 10 }, back_ms[] = { 5, 5, 37, 21 };
	struct fixture f;

	(void)state;
	for (int wire = JITTER_WIRE_MS; wire <= JITTER_WIRE_US; wire++) {
		begin(&f, (enum jitter_wire)wire, 4);
		for (uint32_t s = 1; s <= 4; s++) {
			int64_t o = MS(20) * (s - 1), r = o + MS(there_ms[s - 1]);

			sent_at(&f, s, o);
			assert_true(reply_at(&f, s, r, r, r + MS(back_ms[s - 1]), s));
		}
		const struct jitter_result *j = end(&f);

		assert_i64_equal(j->sd.interarrival_ns, 1816406);
		assert_i64_equal(j->ds.interarrival_ns, 2875000);
		/* and by sign: +16 -16 0, 0 +32 -16 */
		assert_true(j->sd.samples == 3 && j->sd.positive.n == 1 && j->sd.negative.n == 1);
		assert_i64_equal(j->sd.negative.sum_ns, MS(16));
		assert_true(j->ds.samples == 3 && j->ds.positive.n == 1 && j->ds.negative.n == 1);
		assert_i64_equal(j->ds.positive.sum_ns, MS(32));
		assert_i64_equal(j->ds.negative.sum_ns, MS(16));
	}
}

/* It goes over a loss, which the pairs do not: 1, then 3 16 ms slower; 16 / 16 = 1 ms. */
static void interarrival_jitter_over_a_loss(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, 3);
	plain(&f, 1, 1);
	lost(&f, 2);
	sent_at(&f, 3, MS(40));
	assert_true(reply_at(&f, 3, MS(66), MS(66), MS(71), 2));
	const struct jitter_result *j = end(&f);

	assert_i64_equal(j->sd.interarrival_ns, MS(1));
	assert_i64_equal(j->ds.interarrival_ns, 0);
	assert_int_equal(j->sd.samples, 0); /* 1 and 3 are no neighbours, */
	assert_int_equal(j->ds.samples, 1); /* but counts 1 and 2 are */
}

/* Six packets answered in 15 ms; 2 of them said nothing good of the clocks, 1 that its clock is not
 * synchronised: 6 round trips, 3 one-way samples. */
static void fewer_oneway_samples_than_round_trips(void **state)
{
	static const struct {
		int there_ms;
		int64_t peer_err_ns;
	} packets[] = {
		{ 10, US(100) }, { 10, -1 },     /* not synchronised */
		{ -1, US(100) },                 /* there -1, back 16 */
		{ 20, US(100) },                 /* there 20 of 15 */
		{ 0, US(100) },  { 11, US(50) }, /* 0 is a time */
	};
	struct fixture f;

	(void)state;
	begin(&f, JITTER_WIRE_US, ARRAY_LEN(packets));
	for (uint32_t s = 1; s <= ARRAY_LEN(packets); s++) {
		int64_t o = MS(20) * (s - 1), at = WALL0_NS + o + MS(packets[s - 1].there_ms);
		const struct jitter_reply reply = {
			.at = stamp_at(&f, o + MS(15), STAMP_KERNEL),
			.t2 = { at },
			.t3 = { at },
			.count = s,
			.peer_err_ns = packets[s - 1].peer_err_ns,
		};

		sent_at(&f, s, o);
		assert_true(jitter_run_reply(&f.run, s, &reply));
	}
	const struct jitter_result *j = end(&f);

	assert_int_equal(j->rtt.n, 6);
	assert_i64_equal(j->rtt.sum_ns, MS(90));
	assert_int_equal(j->oneway_reason, ONEWAY_REPORTED);
	assert_true(j->oneway_sd.n == 3 && j->oneway_ds.n == 3);
	assert_i64_equal(j->oneway_sd.sum_ns, MS(10 + 0 + 11));
	assert_i64_equal(j->oneway_sd.min_ns, 0);
	assert_i64_equal(j->oneway_sd.max_ns, MS(11));
	assert_i64_equal(j->oneway_ds.sum_ns, MS(5 + 15 + 4));
	assert_i64_equal(j->oneway_ds.min_ns, MS(4));
	assert_i64_equal(j->oneway_ds.max_ns, MS(15));
	assert_int_equal(f.res.instrument.implausible_samples, 2);
	assert_i64_equal(j->peer_clock_err_ns, US(100)); /* the worst that was stated */
}

/* `clock-tolerance ntp oneway`: our clock is wrong by 200 us at most, the responder's by 100: 300 together.
 * 10 ms there; back 3 ms, 2.99 ms and 6 ms, of which 300 us are 10 %, more than that, and 5 %. */
static void clock_tolerance(void **state)
{
	static const int64_t back_ns[] = { US(3000), US(2990), US(6000) };
	static const struct {
		const char *name;
		enum jitter_wire wire;
		uint8_t percent;
		uint32_t us;
		uint32_t samples;
	} rows[] = {
		{ "not asked for", JITTER_WIRE_US, 0, 0, 3 },
		{ "10 %", JITTER_WIRE_US, 10, 0, 2 },
		{ "5 %", JITTER_WIRE_US, 5, 0, 1 },
		{ "4 %: 240 us of 6 ms", JITTER_WIRE_US, 4, 0, 0 },
		{ "300 us", JITTER_WIRE_US, 0, 300, 3 },
		{ "299 us", JITTER_WIRE_US, 0, 299, 0 },
		{ "both hold for two", JITTER_WIRE_US, 10, 300, 2 },
		{ "the percent does not hold", JITTER_WIRE_US, 4, 5000, 0 },
		{ "the absolute one does not", JITTER_WIRE_US, 100, 299, 0 },
		{ "type 2 states nothing to judge", JITTER_WIRE_MS, 1, 1, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fixture f;

		print_message("%s\n", rows[i].name);
		begin(&f, rows[i].wire, 3);
		f.run.cfg.tolerance_percent = rows[i].percent;
		f.run.cfg.tolerance_us = rows[i].us;
		for (uint32_t s = 1; s <= 3; s++) {
			int64_t o = MS(20) * (s - 1), r = o + MS(10);

			sent_at(&f, s, o);
			assert_true(reply_at(&f, s, r, r, r + back_ns[s - 1], s));
		}
		const struct jitter_result *j = end(&f);

		assert_int_equal(j->rtt.n, 3);
		assert_int_equal(j->oneway_sd.n, rows[i].samples);
		assert_int_equal(j->oneway_ds.n, rows[i].samples);
		assert_int_equal(j->oneway_reason,
		                 rows[i].samples > 0 ? ONEWAY_REPORTED : ONEWAY_BELOW_GRADE);
		if (rows[i].samples == 0)
			assert_true(j->oneway_sd.min_ns == 0 && j->oneway_sd.max_ns == 0);
	}
}

/* What stands for the round trips of a run holds as many as its sums, stamped by the peer or not. */
static void the_distribution_holds_every_round_trip(void **state)
{
	struct sketch rtt;
	struct fixture f;

	(void)state;
	sketch_init(&rtt, 0);
	begin(&f, JITTER_WIRE_US, 3);
	for (uint32_t s = 1; s <= 3; s++) {
		const struct jitter_reply reply = { .at = stamp_at(&f, MS(20) * (s - 1) + MS(15),
			                                           STAMP_KERNEL),
			                            .peer_err_ns = -1,
			                            .unstamped = s > 1 };

		sent_at(&f, s, MS(20) * (s - 1));
		assert_true(jitter_run_reply(&f.run, s, &reply));
	}
	const struct clock_grade grade = { .source = CLOCK_SOURCE_KERNEL };

	jitter_run_finish(&f.run, &grade, &f.res);
	jitter_run_distribution(&f.run, &rtt);
	assert_int_equal(f.res.jitter.rtt.n, 3);
	assert_int_equal(rtt.count, 3);
	sketch_fini(&rtt);
	free(f.block);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(averages_of_routers),
		cmocka_unit_test(interarrival_jitter_both_ways),
		cmocka_unit_test(interarrival_jitter_over_a_loss),
		cmocka_unit_test(fewer_oneway_samples_than_round_trips),
		cmocka_unit_test(clock_tolerance),
		cmocka_unit_test(the_distribution_holds_every_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
