/* SPDX-License-Identifier: Apache-2.0 */
/* Actions on operations: each request is answered exactly once, whatever the engine says, or does not
 * say, and whatever becomes of the operation meanwhile. */
#include "candord/op_actions.h"
#include "io/channel.h"
#include "t.h"

#include <errno.h>

#define ANSWERS_MAX 512

static const char two[] = "ip sla 10\n icmp-echo 192.0.2.1\n"
                          "ip sla schedule 10 start-time pending\n"
                          "ip sla 20\n icmp-echo 192.0.2.2\n";

struct answer {
	uint64_t ticket;
	int error;
};

struct bench {
	struct op_table table;
	struct op_actions actions;
	struct channel control, engine;
	struct config *config;
	unsigned count;
	struct answer answers[ANSWERS_MAX];
	struct arena arena;
};

static void on_finish(void *ctx, const struct op_wait *wait, int error, const struct diag *d)
{
	struct bench *b = ctx;

	assert_true(error == 0 || (d && d->code == error && d->text[0]));
	assert_true(b->count < ANSWERS_MAX);
	b->answers[b->count++] = (struct answer) { wait->ticket, error };
}

static void load(struct bench *b, const char *text)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL, *old = b->config;
	struct config_diff diff;

	if (config_parse(text, strlen(text), &config, &errors) < 0)
		fail_msg("%s", errors.errors[0].text);
	config_diff_init(&diff, old, config);
	op_table_apply(&b->table, config, &diff, (mono_t) { 0 }, (wall_t) { 1000 });
	config_diff_fini(&diff);
	config_free(old);
	b->config = config;
}

static uint16_t no_name(const char *name)
{
	assert_null(name);
	return 0;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct channel_fds fds, copy;

	if (!b || channel_create(&fds) < 0)
		return -1;
	copy = (struct channel_fds) { dup(fds.memory), dup(fds.wake_engine),
		                      dup(fds.wake_control) };
	*state = b;
	b->actions.table = &b->table;
	b->table.net_name = no_name;
	b->actions.finish = on_finish;
	b->actions.ctx = b;
	if (channel_attach(&b->control, &fds, CHANNEL_CONTROL) < 0 ||
	    channel_attach(&b->engine, &copy, CHANNEL_ENGINE) < 0)
		return -1;
	load(b, two);
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	op_table_fini(&b->table);
	config_free(b->config);
	channel_close(&b->control);
	channel_close(&b->engine);
	arena_free(&b->arena);
	free(b);
	return 0;
}

static int ask(struct bench *b, uint32_t number, const char *action, uint64_t ticket)
{
	struct doc *body = doc_new_map(&b->arena);
	const struct object_request q = { .verb = OBJECT_RUN, .body = body, .ticket = ticket };
	struct diag d = { 0 };

	doc_add_text(&b->arena, body, "action", action);
	int rc = op_actions_begin(&b->actions, op_table_find(&b->table, number), &q, (mono_t) { 0 },
	                          &d);

	assert_true(rc == -EINPROGRESS || (rc == d.code && d.text[0]));
	return rc;
}

static void sync_all(struct bench *b)
{
	assert_int_equal(op_table_sync(&b->table, &b->control, (wall_t) { 0 }), 0);
	assert_int_equal(op_actions_sync(&b->actions, &b->control), 0);
}

/* The orders of people that the engine has got; sets and removals are passed over. */
static unsigned take_acts(struct bench *b, struct engine_op_act *ret)
{
	static union {
		struct engine_op_record op;
		struct engine_op_act act;
	} order;
	unsigned n = 0;
	uint16_t type;

	while (channel_receive(&b->engine, &order, sizeof(order), &type) > 0) {
		if (type == ENGINE_OP_ACT) {
			*ret = order.act;
			n++;
		}
	}
	return n;
}

static bool take_probe(struct bench *b, struct engine_op_probe *ret)
{
	static union {
		struct engine_op_record op;
		struct engine_op_probe probe;
	} order;
	uint16_t type;

	while (channel_receive(&b->engine, &order, sizeof(order), &type) > 0) {
		if (type == ENGINE_OP_PROBE) {
			*ret = order.probe;
			return true;
		}
	}
	return false;
}

static void say_state(struct bench *b, uint32_t number, uint64_t serial)
{
	struct op_slot *s = op_table_find(&b->table, number);
	const struct runner_state_event event = { .id = s->entry.id, .act_serial = serial };

	assert_true(op_entry_take_state(&s->entry, &event, (mono_t) { 0 }));
	op_actions_take_state(&b->actions, s);
}

static void say_result(struct bench *b, uint32_t number, uint64_t run)
{
	struct op_slot *s = op_table_find(&b->table, number);
	const struct sla_result r = { .id = s->entry.id, .type = SLA_ICMP_ECHO, .run = run };

	assert_true(op_entry_take_result(&s->entry, &r, NULL, (mono_t) { 0 }));
	op_actions_take_result(&b->actions, s);
}

static void expect(struct bench *b, uint64_t ticket, int error)
{
	for (unsigned i = 0; i < b->count; i++) {
		if (b->answers[i].ticket == ticket) {
			assert_int_equal(b->answers[i].error, error);
			b->answers[i] = b->answers[--b->count];
			return;
		}
	}
	fail_msg("ticket %llu was not answered", (unsigned long long)ticket);
}

static void test_what_makes_no_sense(void **state)
{
	struct bench *b = *state;

	assert_int_equal(ask(b, 10, "begin", 1), -EINVAL);
	assert_int_equal(ask(b, 10, "", 1), -EINVAL);
	assert_int_equal(ask(b, 20, "start", 1), -ESTALE); /* no schedule */
	assert_int_equal(ask(b, 20, "stop", 1), -ESTALE);
	assert_int_equal(ask(b, 20, "probe", 1), -EINPROGRESS); /* but a run */
	assert_int_equal(b->count, 0);
}

static void test_confirmed(void **state)
{
	struct bench *b = *state;
	struct engine_op_act act = { 0 };

	assert_int_equal(ask(b, 10, "start", 7), -EINPROGRESS);
	sync_all(b);
	assert_int_equal(take_acts(b, &act), 1);
	assert_int_equal(act.action, RUNNER_START);
	say_state(b, 10, 0); /* of something else */
	assert_int_equal(b->count, 0);
	say_state(b, 10, act.serial);
	expect(b, 7, 0);
	assert_int_equal(b->count + b->actions.count, 0);
	sync_all(b);
	assert_int_equal(take_acts(b, &act), 0); /* nothing twice */
}

/* Orders that meet before the engine has any come to what they would have come to. */
static void test_orders_meet(void **state)
{
	static const struct {
		const char *first, *second;
		enum runner_action sent;
	} cases[] = {
		{ "stop", "start", RUNNER_RESTART },    { "restart", "start", RUNNER_RESTART },
		{ "start", "stop", RUNNER_STOP },       { "restart", "stop", RUNNER_STOP },
		{ "start", "restart", RUNNER_RESTART },
	};
	struct bench *b = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct engine_op_act act = { 0 };

		assert_int_equal(ask(b, 10, cases[i].first, 1), -EINPROGRESS);
		assert_int_equal(ask(b, 10, cases[i].second, 2), -EINPROGRESS);
		sync_all(b);
		assert_int_equal(take_acts(b, &act), 1);
		assert_int_equal(act.action, cases[i].sent);
		say_state(b, 10, act.serial);
		expect(b, 1, 0);
		expect(b, 2, 0);
	}
}

static void test_the_operation_goes(void **state)
{
	struct bench *b = *state;

	assert_int_equal(ask(b, 10, "start", 1), -EINPROGRESS);
	assert_int_equal(ask(b, 20, "probe", 2), -EINPROGRESS);
	op_actions_check(&b->actions, (mono_t) { 0 });
	assert_int_equal(b->count, 0);
	/* 10 has another schedule, before the engine had the order; 20 another target */
	load(b, "ip sla 10\n icmp-echo 192.0.2.1\nip sla schedule 10 start-time now\n"
	        "ip sla 20\n icmp-echo 192.0.2.9\n");
	op_actions_check(&b->actions, (mono_t) { 0 });
	expect(b, 1, -ESTALE);
	expect(b, 2, -ESTALE);
	assert_int_equal(ask(b, 10, "stop", 3), -EINPROGRESS);
	sync_all(b);
	load(b, "ip sla 20\n icmp-echo 192.0.2.9\n");
	op_actions_check(&b->actions, (mono_t) { 0 });
	expect(b, 3, -ESTALE);
	assert_int_equal(b->actions.count + b->table.act_count, 0);
}

static void test_time_is_up(void **state)
{
	struct bench *b = *state;

	assert_int_equal(ask(b, 10, "start", 1), -EINPROGRESS);
	assert_int_equal(ask(b, 20, "probe", 2), -EINPROGRESS);
	op_actions_check(&b->actions, (mono_t) { OP_ACT_WAIT_NS - 1 });
	assert_int_equal(b->count, 0);
	op_actions_check(&b->actions, (mono_t) { OP_ACT_WAIT_NS });
	expect(b, 1, -ETIMEDOUT);
	op_actions_check(&b->actions, (mono_t) { OP_PROBE_WAIT_NS - 1 });
	assert_int_equal(b->count, 0);
	op_actions_check(&b->actions, (mono_t) { OP_PROBE_WAIT_NS });
	expect(b, 2, -ETIMEDOUT);
}

static void test_probe(void **state)
{
	struct bench *b = *state;
	struct engine_op_probe order;
	struct control_probe answer = { .run = 5 };

	assert_int_equal(ask(b, 20, "probe", 1), -EINPROGRESS);
	sync_all(b);
	assert_true(take_probe(b, &order));
	answer.id = order.id;
	answer.token = order.token + 1;
	op_actions_take_probe(&b->actions, &answer); /* of nobody */
	say_result(b, 20, 4);                        /* of an earlier run */
	answer.token = order.token;
	op_actions_take_probe(&b->actions, &answer);
	assert_int_equal(b->count, 0);
	say_result(b, 20, 5);
	expect(b, 1, 0);
	/* the result comes first */
	assert_int_equal(ask(b, 20, "probe", 2), -EINPROGRESS);
	sync_all(b);
	assert_true(take_probe(b, &order));
	say_result(b, 20, 6);
	answer = (struct control_probe) { order.id, order.token, 6, 0 };
	op_actions_take_probe(&b->actions, &answer);
	expect(b, 2, 0);
	/* the result is lost: a later one tells */
	assert_int_equal(ask(b, 20, "probe", 3), -EINPROGRESS);
	sync_all(b);
	assert_true(take_probe(b, &order));
	answer = (struct control_probe) { order.id, order.token, 7, 0 };
	op_actions_take_probe(&b->actions, &answer);
	say_result(b, 20, 8);
	expect(b, 3, -EIO);
	/* a run is on */
	assert_int_equal(ask(b, 20, "probe", 4), -EINPROGRESS);
	sync_all(b);
	assert_true(take_probe(b, &order));
	answer = (struct control_probe) { order.id, order.token, 0, -EBUSY };
	op_actions_take_probe(&b->actions, &answer);
	expect(b, 4, -ESTALE);
	/* stopped before it ended */
	assert_int_equal(ask(b, 10, "probe", 5), -EINPROGRESS);
	assert_int_equal(ask(b, 10, "stop", 6), -EINPROGRESS);
	expect(b, 5, -ESTALE);
	assert_int_equal(b->count, 0);
}

static void test_too_many(void **state)
{
	struct bench *b = *state;

	for (unsigned i = 0; i < OP_WAITS_MAX; i++)
		assert_int_equal(ask(b, 20, "probe", i), -EINPROGRESS);
	assert_int_equal(ask(b, 20, "probe", OP_WAITS_MAX), -EDQUOT);
	op_actions_check(&b->actions, (mono_t) { OP_PROBE_WAIT_NS });
	for (unsigned i = 0; i < OP_WAITS_MAX; i++)
		expect(b, i, -ETIMEDOUT);
	assert_int_equal(b->count, 0);
}

/* Counters of the engine go on when statistics begin anew; what they lack is not shown again. */
static void test_statistics_begin_anew(void **state)
{
	struct bench *b = *state;
	struct op_entry *e = &op_table_find(&b->table, 10)->entry;
	struct runner_state_event event = { .id = e->id, .missed_busy = 5, .missed_late = 2 };

	assert_true(op_entry_take_state(e, &event, (mono_t) { 0 }));
	op_entry_reset(e, (wall_t) { 1 });
	assert_true(e->missed_busy == 0 && e->missed_late == 0);
	event.missed_busy = 6;
	assert_true(op_entry_take_state(e, &event, (mono_t) { 0 }));
	assert_true(e->missed_busy == 1 && e->missed_late == 0);
	op_entry_reset(e, (wall_t) { 2 });
	assert_true(op_entry_take_state(e, &event, (mono_t) { 0 }));
	assert_true(e->missed_busy == 0 && e->missed_late == 0);
}

#define ACTION_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ACTION_TEST(test_what_makes_no_sense),
		ACTION_TEST(test_confirmed),
		ACTION_TEST(test_orders_meet),
		ACTION_TEST(test_the_operation_goes),
		ACTION_TEST(test_time_is_up),
		ACTION_TEST(test_probe),
		ACTION_TEST(test_too_many),
		ACTION_TEST(test_statistics_begin_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
