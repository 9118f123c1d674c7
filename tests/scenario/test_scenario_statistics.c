/* SPDX-License-Identifier: Apache-2.0 */
/* Three hours of an operation through everything that a node keeps of it, and its states, in virtual time.
 *
 * A run every 60 s, 60 an hour, the same in each hour h (0, 1, 2) by the minute m of the hour:
 *   m 10 takes 60 ms: over the threshold       m 20 times out        m 40 brings wrong data
 *   m 30 and 31 do not begin: the run before is still on
 *   of the others even minutes take 10 + h ms: 30 - 4 = 26; odd ones 30 + h ms: 30 - 1 = 29
 * So in an hour 26 + 29 = 55 are good, 56 complete, 60 are initiated.  In ms:
 *   h 0: 26 x 10 + 29 x 30 + 60 = 1190, 26 x 100 + 29 x 900 + 3600 = 32300
 *   h 1: 26 x 11 + 29 x 31 + 60 = 1245, 26 x 121 + 29 x 961 + 3600 = 34615
 *   h 2: 26 x 12 + 29 x 32 + 60 = 1300, 26 x 144 + 29 x 1024 + 3600 = 37040 */
#include "object/node.h"
#include "object/tree.h"
#include "t.h"

#define BOOT   (5000 * NS_PER_S) /* monotonic clock when it becomes active */
#define WALL   (INT64_C(1772323200) * NS_PER_S)
#define MINUTE (60 * NS_PER_S)
#define HOUR   (60 * MINUTE)

static const char config_text[] = "ip sla 1\n"
                                  " icmp-echo 192.0.2.1\n"
                                  " threshold 50\n"
                                  " history hours-of-statistics-kept 3\n"
                                  " history distributions-of-statistics-kept 3\n"
                                  " history statistics-distribution-interval 20\n"
                                  " history lives-kept 2\n"
                                  " history buckets-kept 10\n"
                                  " history filter all\n"
                                  " history enhanced interval 900 buckets 12\n";

struct node_of_one {
	struct config *config;
	struct op_entry e;
	uint64_t run;
	struct arena arena;
};

static int setup(void **state)
{
	struct node_of_one *n = calloc(1, sizeof(*n));
	struct config_errors errors = { 0 };

	assert_non_null(n);
	if (config_parse(config_text, sizeof(config_text) - 1, &n->config, &errors) < 0)
		fail_msg("%s", errors.errors[0].text);
	op_entry_init(&n->e, n->config->ops[0], (struct op_id) { 1, 7 }, (mono_t) { BOOT - 1 });
	*state = n;
	return 0;
}

static int teardown(void **state)
{
	struct node_of_one *n = *state;

	op_entry_fini(&n->e);
	config_free(n->config);
	arena_free(&n->arena);
	free(n);
	return 0;
}

/* The runner says that it is in this state since ``at_ns`` after activation. */
static void becomes(struct node_of_one *n, enum sla_state to, uint32_t life_left_s, int64_t at_ns)
{
	const struct runner_state_event ev = { .id = n->e.id,
		                               .state = to,
		                               .life_left_s = life_left_s };

	assert_true(op_entry_take_state(&n->e, &ev, (mono_t) { BOOT + at_ns }));
}

/* A run that began ``at_ns`` after activation. */
static void run_at(struct node_of_one *n, int64_t at_ns, enum sla_sense sense, int64_t rtt_ms)
{
	const struct sla_result r = {
		.id = n->e.id,
		.type = SLA_ICMP_ECHO,
		.sense = (uint8_t)sense,
		.run = ++n->run,
		.started_at = { WALL + at_ns },
		.rtt_ns = rtt_ms * NS_PER_MS,
		.duration_ns = rtt_ms * NS_PER_MS,
		.target = n->e.conf->params.target,
	};

	assert_true(
	        op_entry_take_result(&n->e, &r, NULL, (mono_t) { BOOT + at_ns + r.duration_ns }));
}

static void busy_at(struct node_of_one *n, int64_t at_ns, uint32_t count)
{
	const struct runner_missed missed = { .id = n->e.id,
		                              .cause = MISSED_BUSY,
		                              .count = count,
		                              .first_at = { WALL + at_ns },
		                              .run = n->run };

	assert_true(op_entry_take_missed(&n->e, &missed, (mono_t) { BOOT + at_ns }));
}

static void three_hours(struct node_of_one *n)
{
	for (int64_t i = 0; i < 180; i++) {
		int64_t h = i / 60, m = i % 60;

		if (m == 10)
			run_at(n, i * MINUTE, SENSE_OVER_THRESHOLD, 60);
		else if (m == 20)
			run_at(n, i * MINUTE, SENSE_TIMEOUT, 0);
		else if (m == 30)
			busy_at(n, i * MINUTE, 2);
		else if (m == 40)
			run_at(n, i * MINUTE, SENSE_VERIFY_ERROR, 0);
		else if (m != 31)
			run_at(n, i * MINUTE, SENSE_OK, (m % 2 ? 30 : 10) + h);
	}
}

static void assert_sums(const struct sum_stats *s, uint64_t count, int64_t sum_ms,
                        uint64_t sum2_ms2)
{
	assert_true(s->n == count);
	assert_i64_equal(s->sum_ns, sum_ms * NS_PER_MS);
	assert_true(s->sum2_ns2 == (unsigned __int128)sum2_ms2 * NS_PER_MS * NS_PER_MS);
}

static void hours_add_up(void **state)
{
	static const struct {
		int64_t sum_ms;
		uint64_t sum2_ms2;
	} want[] = { { 1190, 32300 }, { 1245, 34615 }, { 1300, 37040 } };
	struct node_of_one *n = *state;

	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 0);
	three_hours(n);
	assert_int_equal(n->e.stats->hours.count, 3);
	for (int64_t h = 0; h < 3; h++) {
		const struct stats_group *g = n->e.stats->hours.groups[h];
		const struct stats_hop *hop = g->hops[0];
		struct stats_bucket all = stats_hop_total(hop);

		assert_i64_equal(g->opened_at.ns, BOOT + h * HOUR);
		assert_i64_equal(g->started_at.ns, WALL + h * HOUR);
		assert_true(g->initiations == 60 && g->successes == 55 && g->over_thresholds == 1);
		assert_true(g->errors.timeouts == 1 && g->errors.busies == 2 &&
		            g->errors.verify_errors == 1);
		assert_int_equal(g->errors.disconnects + g->errors.no_connections +
		                         g->errors.drops + g->errors.sequence_errors +
		                         g->errors.internal,
		                 0);
		assert_int_equal(g->hop_count, 1);
		assert_sums(&all.rtt, 56, want[h].sum_ms, want[h].sum2_ms2);
		assert_i64_equal(all.rtt.min_ns, (10 + h) * NS_PER_MS);
		assert_i64_equal(all.rtt.max_ns, 60 * NS_PER_MS);
		assert_int_equal(all.over_thresholds, 1);
		/* below 20 ms, below 40 ms, above: the even ones, the odd ones, the slow one */
		assert_int_equal(hop->bucket_count, 3);
		assert_true(hop->buckets[0].rtt.n == 26 && hop->buckets[1].rtt.n == 29);
		assert_i64_equal(hop->buckets[0].rtt.sum_ns, 26 * (10 + h) * NS_PER_MS);
		assert_true(hop->buckets[2].rtt.n == 1 && hop->buckets[2].over_thresholds == 1);
	}
	/* Of its generation: 3 x 60, 3 x 55; failures include what was over the threshold. */
	assert_true(n->e.runs == 180 && op_entry_successes(&n->e) == 165 &&
	            op_entry_failures(&n->e) == 15);
	assert_true(op_entry_by_sense(&n->e, SENSE_OVER_THRESHOLD) == 3 &&
	            op_entry_by_sense(&n->e, SENSE_TIMEOUT) == 3 &&
	            op_entry_by_sense(&n->e, SENSE_BUSY) == 6 &&
	            op_entry_by_sense(&n->e, SENSE_VERIFY_ERROR) == 3);
	assert_int_equal(n->e.rtt->count, 3 * 56);
	assert_i64_equal(n->e.rtt_sum_ns, (1190 + 1245 + 1300) * NS_PER_MS);
	/* The first run of the fourth hour drops the first one. */
	run_at(n, 3 * HOUR, SENSE_OK, 1);
	assert_int_equal(n->e.stats->hours.count, 3);
	assert_i64_equal(n->e.stats->hours.groups[0]->opened_at.ns, BOOT + HOUR);
	assert_int_equal(n->e.stats->hours.groups[2]->initiations, 1);
}

/* Quarters of an hour.  0 to 14: 7 even of 10, 7 odd of 30, 60: 340 ms; 15 to 29: timeout at 20, 6 even, 8 odd:
 * 300; 30 to 44: two busy, wrong data at 40, 6 even, 6 odd: 240; 45 to 59: 7 even, 8 odd: 310; of the second and
 * third hour 1 and 2 ms more for each of 14, 14, 12 and 15. */
static void quarters_add_up(void **state)
{
	static const struct {
		uint64_t good;
		int64_t sum_ms;
		uint32_t over, timeouts, busies, verify_errors;
	} want[] = { { 14, 340, 1, 0, 0, 0 },
		     { 14, 300, 0, 1, 0, 0 },
		     { 12, 240, 0, 0, 2, 1 },
		     { 15, 310, 0, 0, 0, 0 } };
	struct node_of_one *n = *state;

	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 0);
	three_hours(n);
	const struct stats_row *row = &n->e.stats->enhanced;

	assert_int_equal(row->count, 12);
	for (unsigned i = 0; i < 12; i++) {
		const struct stats_group *g = row->groups[i];
		struct stats_bucket all = stats_hop_total(g->hops[0]);

		assert_i64_equal(g->opened_at.ns, BOOT + i * 900 * NS_PER_S);
		assert_true(g->initiations == 15 && g->successes == want[i % 4].good);
		assert_true(g->over_thresholds == want[i % 4].over &&
		            g->errors.timeouts == want[i % 4].timeouts &&
		            g->errors.busies == want[i % 4].busies &&
		            g->errors.verify_errors == want[i % 4].verify_errors);
		assert_i64_equal(all.rtt.sum_ns,
		                 (want[i % 4].sum_ms + (int64_t)(i / 4 * want[i % 4].good)) *
		                         NS_PER_MS);
	}
	run_at(n, 3 * HOUR, SENSE_OK, 1); /* all twelve are used */
	assert_true(row->count == 12 && n->e.stats->enhanced_missed == 1);
}

/* Elapsed time of a group: 3600 s when it has ended, else what has gone since it opened; a new life ends it. */
static void time_that_has_elapsed(void **state)
{
	struct node_of_one *n = *state;
	const struct op_entry *ops[] = { &n->e };
	struct node_view view = {
		.hostname = "node", .config = n->config, .op_count = 1, .ops = ops
	};
	static const int64_t want_s[] = { 1000, 3600, 1800 };
	struct doc *d = doc_new_map(&n->arena);
	const struct object_request request = { .verb = OBJECT_LIST,
		                                .path = "sla/result/1/aggregated",
		                                .body = doc_new_map(&n->arena),
		                                .caller = { ROLE_VIEWER, "test", "test", 1 } };
	struct diag diag = { 0 };
	unsigned i = 0;

	becomes(n, SLA_STATE_ACTIVE, 1000, 0);
	run_at(n, 0, SENSE_OK, 5);
	becomes(n, SLA_STATE_INACTIVE, 0, 1000 * NS_PER_S);
	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 1000 * NS_PER_S);
	run_at(n, 1000 * NS_PER_S, SENSE_OK, 5);
	run_at(n, 1000 * NS_PER_S + HOUR, SENSE_OK, 5);
	view.now_mono.ns = BOOT + 1000 * NS_PER_S + HOUR + 1800 * NS_PER_S;
	assert_int_equal(node_request(&view, &request, &n->arena, &d, &diag), 0);
	assert_int_equal(doc_get(d, "items")->count, 3);
	for (const struct doc_member *m = doc_first(doc_get(d, "items")); m; m = m->next)
		assert_i64_equal(doc_int(&m->value, "elapsed_s", -1), want_s[i++]);
}

/* The newest ten runs of a life; what did not complete has no time. */
static void samples_of_two_lives(void **state)
{
	struct node_of_one *n = *state;
	const struct history *h;

	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 0);
	for (int64_t m = 0; m < 12; m++)
		run_at(n, m * MINUTE, m == 11 ? SENSE_VERIFY_ERROR : SENSE_OK, 5);
	becomes(n, SLA_STATE_INACTIVE, 0, HOUR);
	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 2 * HOUR);
	run_at(n, 2 * HOUR, SENSE_OVER_THRESHOLD, 60);
	h = &n->e.stats->history;
	assert_int_equal(h->count, 11);
	assert_true(h->samples[0].life == 1 && h->samples[0].bucket == 3);
	assert_i64_equal(h->samples[0].started_at.ns, WALL + 2 * MINUTE);
	assert_true(h->samples[9].bucket == 12 && h->samples[9].sense == SENSE_VERIFY_ERROR &&
	            h->samples[9].rtt_ns == 0);
	assert_true(h->samples[10].life == 2 && h->samples[10].bucket == 1);
	assert_i64_equal(h->samples[10].rtt_ns, 60 * NS_PER_MS);
}

/* What is said of the latest attempt, by its return code. */
static void the_latest_attempt(void **state)
{
	struct node_of_one *n = *state;
	struct sla_result latest;

	assert_false(op_entry_latest(&n->e, &latest));
	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 0);
	run_at(n, 0, SENSE_OK, 10);
	assert_true(op_entry_latest(&n->e, &latest) && latest.rtt_ns == 10 * NS_PER_MS);
	assert_false(n->e.over_threshold_occurred);
	run_at(n, MINUTE, SENSE_OVER_THRESHOLD, 60);
	assert_true(n->e.over_threshold_occurred);
	assert_true(op_entry_latest(&n->e, &latest) && latest.rtt_ns == 60 * NS_PER_MS);
	busy_at(n, 2 * MINUTE, 3);
	assert_true(op_entry_latest(&n->e, &latest));
	assert_true(latest.sense == SENSE_BUSY && latest.missed == 3 && latest.rtt_ns == 0);
	assert_false(n->e.over_threshold_occurred);
	assert_i64_equal(n->e.first_run_at.ns, WALL);
}

/* Pending, active, told again, inactive, active, cleared, restarted, pending. */
static void states_and_what_they_keep(void **state)
{
	struct node_of_one *n = *state;
	struct op_entry *e = &n->e;

	assert_true(e->state == SLA_STATE_PENDING && e->life.number == 0 && !e->stats);
	becomes(n, SLA_STATE_ACTIVE, 1800, 0);
	assert_true(e->life.number == 1 && e->life.at.ns == BOOT);
	assert_int_equal(op_entry_life_left_s(e, (mono_t) { BOOT + 600 * NS_PER_S }), 1200);
	run_at(n, 10 * NS_PER_S, SENSE_OK, 10);
	becomes(n, SLA_STATE_ACTIVE, 1200, 600 * NS_PER_S); /* no new life, none reloaded */
	assert_true(e->life.number == 1 && e->life.at.ns == BOOT);
	/* inactive freezes and keeps */
	becomes(n, SLA_STATE_INACTIVE, 0, 1800 * NS_PER_S);
	assert_int_equal(op_entry_life_left_s(e, (mono_t) { BOOT + 1800 * NS_PER_S }), 0);
	assert_true(e->runs == 1 && e->stats->hours.count == 1 && e->has_result);
	/* another life opens another group and keeps the first */
	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 2000 * NS_PER_S);
	run_at(n, 2000 * NS_PER_S, SENSE_OK, 10);
	assert_true(e->life.number == 2 && e->runs == 2 && e->stats->hours.count == 2);
	assert_i64_equal(e->stats->hours.groups[1]->opened_at.ns, BOOT + 2000 * NS_PER_S);
	/* cleared: all of the past goes, the state, the life and its raster stay */
	op_entry_reset(e, (wall_t) { WALL });
	assert_true(e->state == SLA_STATE_ACTIVE && e->life.number == 2);
	assert_true(e->runs == 0 && !e->stats && !e->has_result && !e->rtt);
	assert_true(op_entry_by_sense(e, SENSE_OK) == 0 && e->last_reset_at.ns == WALL);
	run_at(n, 6000 * NS_PER_S, SENSE_OK, 10); /* 2000 + 3600 = 5600 is where its hour began */
	assert_i64_equal(e->stats->hours.groups[0]->opened_at.ns, BOOT + 5600 * NS_PER_S);
	/* restarted: cleared, and the raster begins anew */
	op_entry_reset(e, (wall_t) { WALL });
	op_entry_begin_life(e, (mono_t) { BOOT + 6100 * NS_PER_S });
	run_at(n, 6100 * NS_PER_S, SENSE_OK, 10);
	assert_true(e->life.number == 3 && e->runs == 1);
	assert_i64_equal(e->stats->hours.groups[0]->opened_at.ns, BOOT + 6100 * NS_PER_S);
	/* pending clears, and lives are counted from 1 again */
	becomes(n, SLA_STATE_PENDING, 3600, 7000 * NS_PER_S);
	op_entry_reset(e, (wall_t) { WALL });
	assert_true(!e->stats && e->runs == 0 && e->life_left_s == 3600);
	becomes(n, SLA_STATE_ACTIVE, SLA_LIFE_FOREVER, 8000 * NS_PER_S);
	run_at(n, 8000 * NS_PER_S, SENSE_OK, 10);
	assert_true(e->stats->history.samples[0].life == 1 &&
	            e->stats->history.samples[0].bucket == 1);
}

#define STATISTICS_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STATISTICS_TEST(hours_add_up),          STATISTICS_TEST(quarters_add_up),
		STATISTICS_TEST(time_that_has_elapsed), STATISTICS_TEST(samples_of_two_lives),
		STATISTICS_TEST(the_latest_attempt),    STATISTICS_TEST(states_and_what_they_keep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
