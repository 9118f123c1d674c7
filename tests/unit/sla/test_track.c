/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked objects in virtual time: each rule by itself, then random sequences against a model that is
 * simple enough to be read. */
#include "sla/track.h"

#include "t.h"

#define S(n)    ((int64_t)(n)*NS_PER_S)
#define AT(s)   ((mono_t) { S(1000 + (s)) })
#define WALL(s) ((wall_t) { S(1772323200 + (s)) })

static struct track_set set;

static void apply(const struct track_cfg *cfgs, uint32_t count)
{
	track_set_apply(&set, cfgs, count, WALL(0));
}

/* All changes that are due; how many there were. */
static unsigned settle(int64_t at_s)
{
	struct track_change change;
	unsigned n = 0;

	while (track_set_step(&set, AT(at_s), WALL(at_s), &change)) {
		n++;
		assert_true(n < 1000);
	}
	return n;
}

static bool is_up(uint32_t number)
{
	return track_set_find(&set, number)->is_up;
}

/* See ``value`` of ``number`` at this second: is it Up then? */
static bool see(uint32_t number, enum track_value value, int64_t at_s)
{
	track_set_see(&set, number, value);
	(void)settle(at_s);
	return is_up(number);
}

static int64_t next_s(void)
{
	mono_t at;

	assert_true(track_set_next(&set, &at));
	return at.ns / NS_PER_S - 1000;
}

static int teardown(void **state)
{
	(void)state;
	track_set_fini(&set);
	return 0;
}

static void return_codes_mean_up_or_down(void **state)
{
	(void)state;
	for (int sense = 0; sense < 32; sense++) {
		enum track_value of_state =
		        track_value_of_sense(TRACK_SLA_STATE, (enum sla_sense)sense);
		enum track_value of_reach =
		        track_value_of_sense(TRACK_SLA_REACHABILITY, (enum sla_sense)sense);

		if (sense == SENSE_OTHER) {
			assert_int_equal(of_state, TRACK_VALUE_UNKNOWN);
			assert_int_equal(of_reach, TRACK_VALUE_UNKNOWN);
			continue;
		}
		assert_int_equal(of_state == TRACK_VALUE_UP, sense == SENSE_OK);
		assert_int_equal(of_reach == TRACK_VALUE_UP,
		                 sense == SENSE_OK || sense == SENSE_OVER_THRESHOLD);
	}
}

static void a_new_object_is_down_with_one_change(void **state)
{
	const struct track_cfg cfg = { .number = 1, .kind = TRACK_SLA_STATE, .delay_up_s = 30 };

	(void)state;
	apply(&cfg, 1);
	assert_int_equal(settle(0), 0);
	assert_false(is_up(1));
	assert_false(track_set_find(&set, 1)->is_settled);
	assert_int_equal(track_set_find(&set, 1)->changes, 1);

	struct track_change change;

	/* The first result decides at once: there is nothing that a delay could damp. */
	track_set_see(&set, 1, TRACK_VALUE_UP);
	assert_true(track_set_step(&set, AT(3), WALL(3), &change));
	assert_true(change.is_first && change.is_up);
	assert_int_equal(change.number, 1);
	assert_i64_equal(change.delayed_ns, 0);
	assert_int_equal(track_set_find(&set, 1)->changes, 2);
	assert_i64_equal(track_set_find(&set, 1)->changed_at.ns, WALL(3).ns);
	assert_false(track_set_step(&set, AT(3), WALL(3), &change));
}

static void nothing_known_is_down_or_the_default_state(void **state)
{
	const struct track_cfg cfgs[] = {
		{ .number = 1, .kind = TRACK_SLA_STATE },
		{ .number = 2, .kind = TRACK_SLA_STATE, .default_state = TRACK_VALUE_UP },
		{ .number = 3, .kind = TRACK_STUB },
		{ .number = 4, .kind = TRACK_STUB, .default_state = TRACK_VALUE_UP },
	};

	(void)state;
	apply(cfgs, 4);
	assert_true(is_up(2)); /* before anything is seen */
	(void)settle(0);
	assert_false(see(1, TRACK_VALUE_UNKNOWN, 0));
	assert_true(see(2, TRACK_VALUE_UNKNOWN, 0));
	assert_false(is_up(3));
	assert_true(is_up(4));
	assert_false(see(2, TRACK_VALUE_DOWN, 1));
	assert_true(see(2, TRACK_VALUE_UNKNOWN, 2));
	assert_true(see(1, TRACK_VALUE_UP, 3));
	assert_false(see(1, TRACK_VALUE_UNKNOWN, 4));
}

static void a_delay_is_taken_back_when_the_state_flips(void **state)
{
	const struct track_cfg cfg = {
		.number = 7, .kind = TRACK_SLA_REACHABILITY, .delay_up_s = 5, .delay_down_s = 10
	};
	struct track_change change;

	(void)state;
	apply(&cfg, 1);
	assert_true(see(7, TRACK_VALUE_UP, 0));
	assert_true(see(7, TRACK_VALUE_DOWN, 10));
	assert_int_equal(next_s(), 20);
	assert_int_equal(track_pending_s(track_set_find(&set, 7), AT(11)), 9);
	assert_true(see(7, TRACK_VALUE_UP, 19));
	assert_false(track_set_next(&set, &(mono_t) { 0 }));
	assert_int_equal(track_set_find(&set, 7)->suppressed, 1);
	assert_int_equal(track_set_find(&set, 7)->changes, 2);

	assert_true(see(7, TRACK_VALUE_DOWN, 20)); /* counts from here anew */
	assert_true(see(7, TRACK_VALUE_DOWN, 25)); /* and not from here */
	assert_int_equal(settle(29), 0);
	assert_true(track_set_step(&set, AT(30), WALL(30), &change));
	assert_false(change.is_up);
	assert_i64_equal(change.delayed_ns, S(10));
	assert_true(!see(7, TRACK_VALUE_UP, 31));
	assert_int_equal(next_s(), 36);
	assert_int_equal(settle(36), 1);
	assert_true(is_up(7));
}

static void a_delay_that_is_changed_counts_from_the_beginning(void **state)
{
	struct track_cfg cfg = { .number = 7, .kind = TRACK_SLA_STATE, .delay_down_s = 100 };

	(void)state;
	apply(&cfg, 1);
	(void)see(7, TRACK_VALUE_UP, 0);
	(void)see(7, TRACK_VALUE_DOWN, 10);
	cfg.delay_down_s = 20;
	apply(&cfg, 1); /* keeps its state: the same object */
	assert_true(is_up(7));
	assert_int_equal(settle(29), 0);
	assert_int_equal(settle(30), 1);
	cfg.subject = 2;
	apply(&cfg, 1); /* another operation: another object */
	assert_int_equal(track_set_find(&set, 7)->changes, 1);
	assert_false(track_set_find(&set, 7)->is_settled);
}

static void hold_down_damps_flapping(void **state)
{
	const struct track_cfg cfg = {
		.number = 1, .kind = TRACK_SLA_STATE, .delay_up_s = 5, .hold_down_s = 60
	};

	(void)state;
	apply(&cfg, 1);
	assert_true(see(1, TRACK_VALUE_UP, 0));
	assert_false(see(1, TRACK_VALUE_DOWN, 100));
	for (int64_t at = 101; at < 160; at += 2) {
		assert_false(see(1, TRACK_VALUE_UP, at));
		assert_false(see(1, TRACK_VALUE_DOWN, at + 1));
	}
	assert_false(see(1, TRACK_VALUE_UP, 158));
	assert_int_equal(next_s(), 163); /* both have to be over: the delay is longer here */
	assert_int_equal(settle(162), 0);
	assert_int_equal(settle(163), 1);
	assert_false(see(1, TRACK_VALUE_DOWN, 164)); /* down it goes at once */
	assert_false(see(1, TRACK_VALUE_UP, 165));
	assert_int_equal(next_s(), 224); /* here the hold-down */
	assert_int_equal(settle(224), 1);
}

static void lists_wait_until_all_is_known(void **state)
{
	const struct track_member both[] = { { .number = 1 }, { .number = 2 } };
	const struct track_member crossed[] = { { .number = 1 },
		                                { .number = 2, .is_negated = true } };
	const struct track_member gone[] = { { .number = 99 } };
	const struct track_member not_gone[] = { { .number = 99, .is_negated = true } };
	const struct track_cfg cfgs[] = {
		{ .number = 1, .kind = TRACK_SLA_STATE },
		{ .number = 2, .kind = TRACK_SLA_STATE },
		{ .number = 10, .kind = TRACK_LIST_AND, .member_count = 2, .members = both },
		{ .number = 11, .kind = TRACK_LIST_OR, .member_count = 2, .members = both },
		{ .number = 12, .kind = TRACK_LIST_AND, .member_count = 2, .members = crossed },
		{ .number = 13, .kind = TRACK_LIST_AND },
		{ .number = 14, .kind = TRACK_LIST_OR, .member_count = 1, .members = gone },
		{ .number = 15, .kind = TRACK_LIST_OR, .member_count = 1, .members = not_gone },
	};

	(void)state;
	apply(cfgs, ARRAY_LEN(cfgs));
	assert_true(see(1, TRACK_VALUE_UP, 0));
	assert_false(track_set_find(&set, 11)->is_settled); /* though one would do */
	assert_false(is_up(13));
	assert_false(is_up(14));
	assert_true(is_up(15));
	assert_false(see(2, TRACK_VALUE_DOWN, 1));
	assert_false(is_up(10));
	assert_true(is_up(11));
	assert_true(is_up(12));
	assert_true(see(2, TRACK_VALUE_UP, 2));
	assert_true(is_up(10));
	assert_false(is_up(12));
	assert_false(see(1, TRACK_VALUE_DOWN, 3));
	assert_false(is_up(10));
	assert_true(is_up(11));
}

static void weights_and_shares(void **state)
{
	const struct track_member weighed[] = { { 1, 10, false },
		                                { 2, 20, false },
		                                { 3, 30, false } };
	const struct track_cfg cfgs[] = {
		{ .number = 1, .kind = TRACK_SLA_STATE },
		{ .number = 2, .kind = TRACK_SLA_STATE },
		{ .number = 3, .kind = TRACK_SLA_STATE },
		{ .number = 20,
		  .kind = TRACK_LIST_WEIGHT,
		  .threshold_up = 50,
		  .threshold_down = 20,
		  .member_count = 3,
		  .members = weighed },
		{ .number = 21,
		  .kind = TRACK_LIST_PERCENTAGE,
		  .threshold_up = 66,
		  .threshold_down = 33,
		  .member_count = 3,
		  .members = weighed },
	};

	(void)state;
	apply(cfgs, ARRAY_LEN(cfgs));
	(void)see(1, TRACK_VALUE_DOWN, 0);
	(void)see(2, TRACK_VALUE_DOWN, 0);
	(void)see(3, TRACK_VALUE_UP, 0);
	assert_int_equal(track_list_sum(&set, track_set_find(&set, 20)), 30);
	assert_int_equal(track_list_sum(&set, track_set_find(&set, 21)), 33);
	assert_false(is_up(20)); /* between: as it was */
	assert_false(is_up(21));
	(void)see(2, TRACK_VALUE_UP, 1); /* 50, 66 % */
	assert_true(is_up(20));
	assert_true(is_up(21));
	(void)see(2, TRACK_VALUE_DOWN, 2); /* 30: between; 33 %: at the lower one */
	assert_true(is_up(20));
	assert_false(is_up(21));
	(void)see(2, TRACK_VALUE_UP, 3);
	(void)see(3, TRACK_VALUE_DOWN, 3); /* 20: at the lower one */
	assert_false(is_up(20));
}

static void a_list_before_its_lists_and_with_a_delay(void **state)
{
	const struct track_member inner[] = { { .number = 5 } }, outer[] = { { .number = 8 } };
	const struct track_cfg cfgs[] = {
		{ .number = 2, .kind = TRACK_LIST_AND, .member_count = 1, .members = outer },
		{ .number = 5, .kind = TRACK_SLA_STATE },
		{ .number = 8,
		  .kind = TRACK_LIST_OR,
		  .delay_down_s = 3,
		  .member_count = 1,
		  .members = inner },
	};

	(void)state;
	apply(cfgs, ARRAY_LEN(cfgs));
	(void)see(5, TRACK_VALUE_DOWN, 0);
	assert_true(track_set_find(&set, 2)->is_settled);
	(void)see(5, TRACK_VALUE_UP, 1);
	assert_true(is_up(2));
	(void)see(5, TRACK_VALUE_DOWN, 2);
	assert_true(is_up(2) && is_up(8));
	assert_int_equal(settle(5), 2);
	assert_false(is_up(2) || is_up(8));
}

static void a_seed_is_a_state_with_delays(void **state)
{
	const struct track_cfg cfg = { .number = 1, .kind = TRACK_SLA_STATE, .delay_down_s = 9 };

	(void)state;
	apply(&cfg, 1);
	track_set_seed(&set, 1, true);
	assert_true(is_up(1));
	assert_int_equal(settle(0), 0);
	assert_true(see(1, TRACK_VALUE_DOWN, 1)); /* delayed, unlike a first decision */
	track_set_seed(&set, 1, false);           /* decided already: no effect */
	assert_true(is_up(1));
	assert_int_equal(settle(10), 1);
}

/* --- random sequences ------------------------------------------------------------------------------ */

#define LEAVES  4u
#define OBJECTS 8u /* the rest are lists of lower numbers */

struct model {
	bool is_settled, is_up, is_waiting;
	int64_t since_s, down_s; /* down_s: when it went Down last, far in the past without */
};

static struct model models[OBJECTS + 1];
static enum track_value inputs[LEAVES + 1];
static bool is_input[LEAVES + 1];

static bool model_knows(const struct track_cfg *c)
{
	if (c->number <= LEAVES)
		return is_input[c->number];
	for (uint32_t i = 0; i < c->member_count; i++) {
		if (!models[c->members[i].number].is_settled)
			return false;
	}
	return true;
}

static bool model_wants(const struct track_cfg *c)
{
	uint32_t up = 0, weight = 0;

	if (c->number <= LEAVES)
		return inputs[c->number] == TRACK_VALUE_UNKNOWN
		               ? c->default_state == TRACK_VALUE_UP
		               : inputs[c->number] == TRACK_VALUE_UP;
	for (uint32_t i = 0; i < c->member_count; i++) {
		if (models[c->members[i].number].is_up == c->members[i].is_negated)
			continue;
		up++;
		weight += c->members[i].weight;
	}
	if (c->member_count == 0)
		return false;
	if (c->kind == TRACK_LIST_AND)
		return up == c->member_count;
	if (c->kind == TRACK_LIST_OR)
		return up > 0;
	if (c->kind == TRACK_LIST_PERCENTAGE)
		weight = up * 100 / c->member_count;
	if ((int)weight >= c->threshold_up)
		return true;
	return (int)weight > c->threshold_down && models[c->number].is_up;
}

/* Lower numbers first: lists have only those. */
static void model_second(const struct track_cfg *cfgs, int64_t at_s)
{
	for (uint32_t i = 0; i < OBJECTS; i++) {
		const struct track_cfg *c = &cfgs[i];
		struct model *m = &models[c->number];

		if (!model_knows(c))
			continue;
		bool wants = model_wants(c), is_first = !m->is_settled && !c->default_state;

		m->is_settled = true;
		if (wants == m->is_up) {
			m->is_waiting = false;
			continue;
		}
		if (!m->is_waiting)
			m->since_s = at_s;
		m->is_waiting = true;
		int64_t due_s = m->since_s + (wants ? c->delay_up_s : c->delay_down_s);

		if (wants && m->down_s + c->hold_down_s > due_s)
			due_s = m->down_s + c->hold_down_s;
		if (!is_first && at_s < due_s)
			continue;
		m->is_up = wants;
		m->is_waiting = false;
		if (!wants)
			m->down_s = at_s;
	}
}

static void make_random(uint64_t *seed, struct track_cfg cfgs[OBJECTS],
                        struct track_member members[OBJECTS][3])
{
	for (uint32_t i = 0; i < OBJECTS; i++) {
		struct track_cfg *c = &cfgs[i];

		*c = (struct track_cfg) {
			.number = i + 1,
			.kind = TRACK_SLA_STATE,
			.delay_up_s = (uint32_t)(t_random(seed) % 4),
			.delay_down_s = (uint32_t)(t_random(seed) % 4),
			.hold_down_s = (uint32_t)(t_random(seed) % 8),
			.default_state = (uint8_t)(t_random(seed) % 3),
			.members = members[i],
		};
		if (c->number <= LEAVES)
			continue;
		c->kind = (uint8_t)(TRACK_LIST_AND + t_random(seed) % 4);
		c->default_state = 0;
		c->member_count = (uint32_t)(t_random(seed) % 4);
		c->threshold_down = (int16_t)(t_random(seed) % 50);
		c->threshold_up = (int16_t)(c->threshold_down + 1 + (int)(t_random(seed) % 40));
		for (uint32_t k = 0; k < c->member_count; k++)
			members[i][k] = (struct track_member) {
				.number = 1 + (uint32_t)(t_random(seed) % i),
				.weight = (uint8_t)(1 + t_random(seed) % 30),
				.is_negated = c->kind <= TRACK_LIST_OR && t_random(seed) % 3 == 0,
			};
	}
}

static void random_sequences_agree_with_the_model(void **state)
{
	uint64_t seed = t_seed(20261121);

	(void)state;
	for (unsigned round = 0; round < 400; round++) {
		struct track_cfg cfgs[OBJECTS];
		struct track_member members[OBJECTS][3];

		make_random(&seed, cfgs, members);
		memset(models, 0, sizeof(models));
		memset(is_input, 0, sizeof(is_input));
		for (uint32_t i = 0; i < OBJECTS; i++) {
			models[i + 1].is_up = cfgs[i].default_state == TRACK_VALUE_UP;
			models[i + 1].down_s = -1000000;
		}
		track_set_fini(&set);
		apply(cfgs, OBJECTS);
		for (int64_t at = 0; at < 60; at++) {
			uint32_t leaf = 1 + (uint32_t)(t_random(&seed) % (LEAVES * 2));

			if (leaf <= LEAVES) {
				inputs[leaf] = (enum track_value)(t_random(&seed) % 3);
				is_input[leaf] = true;
				track_set_see(&set, leaf, inputs[leaf]);
			}
			(void)settle(at);
			model_second(cfgs, at);
			for (uint32_t i = 1; i <= OBJECTS; i++) {
				if (is_up(i) != models[i].is_up)
					print_error("round %u, second %lld, object %u\n", round,
					            (long long)at, i);
				assert_int_equal(is_up(i), models[i].is_up);
				assert_int_equal(track_set_find(&set, i)->is_settled,
				                 models[i].is_settled);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(return_codes_mean_up_or_down),
		cmocka_unit_test_teardown(a_new_object_is_down_with_one_change, teardown),
		cmocka_unit_test_teardown(nothing_known_is_down_or_the_default_state, teardown),
		cmocka_unit_test_teardown(a_delay_is_taken_back_when_the_state_flips, teardown),
		cmocka_unit_test_teardown(a_delay_that_is_changed_counts_from_the_beginning,
		                          teardown),
		cmocka_unit_test_teardown(hold_down_damps_flapping, teardown),
		cmocka_unit_test_teardown(lists_wait_until_all_is_known, teardown),
		cmocka_unit_test_teardown(weights_and_shares, teardown),
		cmocka_unit_test_teardown(a_list_before_its_lists_and_with_a_delay, teardown),
		cmocka_unit_test_teardown(a_seed_is_a_state_with_delays, teardown),
		cmocka_unit_test_teardown(random_sequences_agree_with_the_model, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
