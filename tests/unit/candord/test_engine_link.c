/* SPDX-License-Identifier: Apache-2.0 */
/* What control does with the records of an engine, good and made up by somebody who took it over. */
#include "candord/engine_link.h"
#include "candord/record_check.h"
#include "t.h"

#include <errno.h>

struct bench {
	struct engine_link link;
	struct channel engine;
	unsigned results, states, probes, missed;
	uint64_t rtt_count; /* values in the last distribution */
};

static void on_result(void *ctx, const struct sla_result *result, const struct sketch *rtt)
{
	struct bench *b = ctx;

	b->rtt_count = rtt->count;
	assert_true(strlen(result->detail) < sizeof(result->detail));
	b->results++;
}

static void on_state(void *ctx, const struct runner_state_event *event)
{
	struct bench *b = ctx;

	assert_true(event->state <= SLA_STATE_ACTIVE);
	b->states++;
}

static void on_probe(void *ctx, const struct control_probe *answer)
{
	struct bench *b = ctx;

	assert_true(answer->error <= 0);
	b->probes++;
}

static void on_missed(void *ctx, const struct runner_missed *missed)
{
	struct bench *b = ctx;

	b->missed += missed->count;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct channel_fds fds, copy;

	if (!b || channel_create(&fds) < 0)
		return -1;
	copy = (struct channel_fds) { dup(fds.memory), dup(fds.wake_engine),
		                      dup(fds.wake_control) };
	b->link.on_result = on_result;
	b->link.on_state = on_state;
	b->link.on_probe = on_probe;
	b->link.on_missed = on_missed;
	b->link.ctx = b;
	*state = b;
	return channel_attach(&b->link.channel, &fds, CHANNEL_CONTROL) < 0 ||
	       channel_attach(&b->engine, &copy, CHANNEL_ENGINE) < 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	engine_link_fini(&b->link);
	channel_close(&b->engine);
	free(b);
	return 0;
}

/* What control makes of one record. */
static int say(struct bench *b, enum control_message type, const void *record, size_t len)
{
	assert_int_equal(channel_send(&b->engine, (uint16_t)type, record, len), 0);
	return engine_link_drain(&b->link, 10);
}

/* Write an octet that the type of the member does not allow. */
static void spoil(void *member, uint8_t octet)
{
	memcpy(member, &octet, 1);
}

/* A result with a distribution of ``n`` pairs behind it. */
static int say_distribution(struct bench *b, const struct sketch_pair *pairs, size_t n,
                            int64_t min_ns, int64_t max_ns)
{
	const struct sla_result r = { .jitter.rtt = { .min_ns = min_ns, .max_ns = max_ns } };
	const struct ring_part parts[] = { { &r, sla_result_size(&r) },
		                           { pairs, n * sizeof(pairs[0]) } };

	assert_int_equal(channel_sendv(&b->engine, CONTROL_RESULT, parts, 2), 0);
	return engine_link_drain(&b->link, 10);
}

static void test_distributions(void **state)
{
	struct bench *b = *state;
	struct sketch_pair pairs[] = { { 10, 3 }, { 20, 4 } };

	assert_int_equal(say_distribution(b, pairs, 2, 10, 20), 0);
	assert_int_equal(b->rtt_count, 7);
	assert_int_equal(say_distribution(b, pairs, 0, 0, 0), 0);
	assert_int_equal(b->rtt_count, 0); /* not the one before */
	assert_int_equal(say_distribution(b, pairs, 2, 10, 3000), -EBADMSG);
	pairs[1].bucket = 10; /* not ascending */
	assert_int_equal(say_distribution(b, pairs, 2, 10, 20), -EBADMSG);
	pairs[1] = (struct sketch_pair) { SKETCH_BUCKETS, 1 };
	assert_int_equal(say_distribution(b, pairs, 2, 10, 20), -EBADMSG);
	assert_int_equal(b->results, 2);
}

static void test_results(void **state)
{
	struct bench *b = *state;
	const struct sla_result good = { .detail = "fine" };
	struct sla_result r = good;

	assert_int_equal(say(b, CONTROL_RESULT, &r, sla_result_size(&good)), 0);
	assert_int_equal(b->results, 1);
	assert_int_equal(say(b, CONTROL_RESULT, &r, sla_result_size(&good) - 1), -EBADMSG);
	(void)snprintf(r.detail, sizeof(r.detail), "\x1b]0;ours\a"); /* a terminal would obey */
	assert_int_equal(say(b, CONTROL_RESULT, &r, sla_result_size(&good)), -EBADMSG);
	memset(r.detail, 'x', sizeof(r.detail)); /* a text without end */
	assert_int_equal(say(b, CONTROL_RESULT, &r, sla_result_size(&good)), -EBADMSG);
	r = good;
	r.jitter.sd.negative.n = UINT64_MAX; /* -1 as a divisor */
	r.jitter.sd.negative.sum_ns = INT64_MIN;
	assert_int_equal(say(b, CONTROL_RESULT, &r, sla_result_size(&good)), -EBADMSG);
	r = good;
	spoil(&r.clock.stepped, 2);
	assert_int_equal(say(b, CONTROL_RESULT, &r, sla_result_size(&good)), -EBADMSG);
	assert_int_equal(b->results, 1);
}

static void test_states(void **state)
{
	struct bench *b = *state;
	struct runner_state_event e = { .state = SLA_STATE_ACTIVE };

	assert_int_equal(say(b, CONTROL_OP_STATE, &e, sizeof(e)), 0);
	spoil(&e.state, 200); /* an index beyond every table */
	assert_int_equal(say(b, CONTROL_OP_STATE, &e, sizeof(e)), -EBADMSG);
	assert_int_equal(b->states, 1);
}

static void test_probes(void **state)
{
	struct bench *b = *state;
	struct control_probe p = { .run = 1 };

	assert_int_equal(say(b, CONTROL_PROBE, &p, sizeof(p)), 0);
	p.error = -EBUSY;
	assert_int_equal(say(b, CONTROL_PROBE, &p, sizeof(p)), 0);
	assert_int_equal(say(b, CONTROL_PROBE, &p, sizeof(p) - 1), -EBADMSG);
	p.error = 1; /* no error is positive */
	assert_int_equal(say(b, CONTROL_PROBE, &p, sizeof(p)), -EBADMSG);
	assert_int_equal(b->probes, 2);
}

static void test_missed(void **state)
{
	struct bench *b = *state;
	struct runner_missed m = { .cause = MISSED_BUSY, .count = 2 };

	assert_int_equal(say(b, CONTROL_MISSED, &m, sizeof(m)), 0);
	m.cause = MISSED_LATE;
	assert_int_equal(say(b, CONTROL_MISSED, &m, sizeof(m)), 0);
	assert_int_equal(say(b, CONTROL_MISSED, &m, sizeof(m) - 1), -EBADMSG);
	m.cause = MISSED_NONE;
	assert_int_equal(say(b, CONTROL_MISSED, &m, sizeof(m)), -EBADMSG);
	m = (struct runner_missed) { .cause = MISSED_LATE };
	assert_int_equal(say(b, CONTROL_MISSED, &m, sizeof(m)), -EBADMSG);
	assert_int_equal(b->missed, 4);
}

static void test_snapshot(void **state)
{
	struct bench *b = *state;
	struct responder_status status = { .enabled = true };
	struct responder_session_view views[2] = { { .port = 1 }, { .port = 2 } };
	struct control_snapshot_end end = { .token = 7 };

	assert_int_equal(say(b, CONTROL_RESPONDER_STATUS, &status, sizeof(status)), 0);
	assert_int_equal(say(b, CONTROL_SESSIONS, views, sizeof(views)), 0);
	assert_false(b->link.has_snapshot);
	assert_int_equal(say(b, CONTROL_SNAPSHOT_END, &end, sizeof(end)), 0);
	assert_true(b->link.has_snapshot);
	assert_int_equal(b->link.session_count, 2);
	assert_int_equal(b->link.sessions[1].port, 2);
	assert_int_equal(say(b, CONTROL_SESSIONS, views, sizeof(views) - 1), -EBADMSG);
	spoil(&views[1].protected_source, 3);
	assert_int_equal(say(b, CONTROL_SESSIONS, views, sizeof(views)), -EBADMSG);
	spoil(&status.enabled, 3);
	assert_int_equal(say(b, CONTROL_RESPONDER_STATUS, &status, sizeof(status)), -EBADMSG);
	spoil(&end.clock.stepped, 3);
	assert_int_equal(say(b, CONTROL_SNAPSHOT_END, &end, sizeof(end)), -EBADMSG);
}

static void test_texts_and_strange_types(void **state)
{
	struct bench *b = *state;

	assert_int_equal(say(b, CONTROL_RESPONDER_ERROR, "no end", 6), -EBADMSG);
	assert_int_equal(say(b, CONTROL_RESPONDER_ERROR, "two\n<0>lines", 13), -EBADMSG);
	assert_int_equal(say(b, CONTROL_RESPONDER_ERROR, "port in use", 12), 0);
	assert_int_equal(say(b, CONTROL_READY, "x", 1), -EBADMSG);
	assert_false(b->link.is_ready);
	assert_int_equal(say(b, (enum control_message)999, "x", 1), -EBADMSG);
}

/* An engine that says much and never answers holds nobody up for longer than the wait. */
static void test_no_answer(void **state)
{
	struct bench *b = *state;

	assert_int_equal(engine_link_snapshot(&b->link), -ETIMEDOUT);
	assert_false(b->link.has_snapshot);
}

static void test_orders(void **state)
{
	static struct responder_cfg cfg;
	struct engine_op_act act = { .action = RUNNER_ORDERLY_STOP };
	struct engine_op_set set = { .schedule.start = SLA_START_NOW };

	(void)state;
	assert_true(record_op_set_is_sane(&set));
	set.params.auth_secret_len = sizeof(set.params.auth_secret) + 1;
	assert_false(record_op_set_is_sane(&set));
	assert_true(record_op_act_is_sane(&act));
	act.action++;
	assert_false(record_op_act_is_sane(&act));
	responder_cfg_init(&cfg);
	assert_true(record_responder_cfg_is_sane(&cfg));
	cfg.permanent_count = RESPONDER_PERMANENT_MAX + 1;
	assert_false(record_responder_cfg_is_sane(&cfg));
	responder_cfg_init(&cfg);
	cfg.keychain.count = 1;
	cfg.keychain.keys[0].secret_len = KEYCHAIN_SECRET_MAX + 1;
	assert_false(record_responder_cfg_is_sane(&cfg));
	responder_cfg_init(&cfg);
	cfg.max_sessions = 0;
	assert_false(record_responder_cfg_is_sane(&cfg));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_distributions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_states, setup, teardown),
		cmocka_unit_test_setup_teardown(test_probes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_missed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts_and_strange_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_answer, setup, teardown),
		cmocka_unit_test(test_orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
