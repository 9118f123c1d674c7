/* SPDX-License-Identifier: Apache-2.0 */
/* Every threshold type over all sequences of results up to length 10, against a model that looks at the whole
 * history each time. */
#include "t.h"

#include "sla/reaction.h"

#define LENGTH 10
#define UPPER  50
#define LOWER  30

enum symbol { LOW, MIDDLE, HIGH, SYMBOLS };

/* Values well apart, so that means of them fall on all sides. */
static const int values[SYMBOLS] = { 20, 40, 70 };

/* --- the model: a history since the last edge, and plain counting in it ---------------------------- */

struct model {
	int history[LENGTH]; /* values since the last edge */
	int count;
	bool is_raised;
};

/* Of the last ``span`` values those above (or below); fewer than ``span`` are counted all the same. */
static int model_count(const struct model *m, int span, bool above)
{
	int n = 0;

	for (int i = m->count - 1; i >= 0 && i >= m->count - span; i--)
		n += above ? m->history[i] > UPPER : m->history[i] < LOWER;
	return n;
}

static bool model_holds(const struct model *m, const struct reaction_conf *conf, bool above)
{
	int sum = 0;

	switch ((enum reaction_threshold)conf->threshold_type) {
	case REACT_IMMEDIATE:
		return model_count(m, 1, above) == 1;
	case REACT_CONSECUTIVE:
		return m->count >= conf->x && model_count(m, conf->x, above) == conf->x;
	case REACT_XOFY:
		return model_count(m, conf->y, above) >= conf->x;
	case REACT_AVERAGE:
		if (m->count < conf->x)
			return false;
		for (int i = m->count - conf->x; i < m->count; i++)
			sum += m->history[i];
		return above ? (double)sum / conf->x > UPPER : (double)sum / conf->x < LOWER;
	case REACT_NEVER:
	case REACT_THRESHOLD_COUNT:
		break;
	}
	return false;
}

static enum reaction_event model_step(struct model *m, const struct reaction_conf *conf, int value)
{
	m->history[m->count++] = value;
	if (!model_holds(m, conf, !m->is_raised))
		return REACT_NOTHING;
	m->is_raised = !m->is_raised;
	m->count = 0;
	return m->is_raised ? REACT_RAISED : REACT_CLEARED;
}

/* --- all sequences -------------------------------------------------------------------------------- */

static void describe(const struct reaction_conf *conf, const int *sequence, int length)
{
	print_error("%s x %d y %d:", reaction_threshold_names[conf->threshold_type], conf->x,
	            conf->y);
	for (int i = 0; i < length; i++)
		print_error(" %d", sequence[i]);
	print_error("\n");
}

static struct reaction_sample sample_of(const struct reaction_conf *conf, int value)
{
	if (reaction_elements[conf->element].unit != REACT_UNIT_FLAG)
		return (struct reaction_sample) { .kind = REACT_VALUE, .value = value };
	return (struct reaction_sample) { .kind = value > UPPER ? REACT_BAD : REACT_GOOD };
}

/* One sequence from its start; a prefix of it is checked on the way. */
static void run_sequence(const struct reaction_conf *conf, const int *sequence)
{
	struct reaction_state s = { 0 };
	struct model m = { 0 };

	for (int i = 0; i < LENGTH; i++) {
		struct reaction_outcome got =
		        reaction_step(&s, conf, REACT_MOS_GENERIC, sample_of(conf, sequence[i]));
		enum reaction_event want = model_step(&m, conf, sequence[i]);

		if (got.event != want || s.occurred != m.is_raised ||
		    (got.event == REACT_CLEARED) != got.is_below) {
			describe(conf, sequence, i + 1);
			print_error("event %d, want %d\n", got.event, (int)want);
			fail();
		}
	}
}

static void run_all(const struct reaction_conf *conf)
{
	bool is_flag = reaction_elements[conf->element].unit == REACT_UNIT_FLAG;
	int kinds = is_flag ? 2 : SYMBOLS;
	long sequences = 1;

	for (int i = 0; i < LENGTH; i++)
		sequences *= kinds;
	for (long number = 0; number < sequences; number++) {
		int sequence[LENGTH];
		long rest = number;

		for (int i = 0; i < LENGTH; i++) {
			int symbol = (int)(rest % kinds);

			sequence[i] = values[is_flag ? symbol * HIGH : symbol];
			rest /= kinds;
		}
		run_sequence(conf, sequence);
	}
}

static struct reaction_conf conf_of(enum reaction_element element, enum reaction_threshold type,
                                    unsigned x, unsigned y)
{
	struct reaction_conf conf = reaction_conf_default(1, element);

	conf.threshold_type = (uint8_t)type;
	conf.x = (uint8_t)x;
	conf.y = (uint8_t)y;
	conf.rising = UPPER;
	conf.falling = LOWER;
	return conf;
}

static void run_counts(enum reaction_element element, enum reaction_threshold type, unsigned x_max,
                       unsigned y_max)
{
	for (unsigned x = 1; x <= x_max; x++) {
		for (unsigned y = 1; y <= y_max; y++) {
			struct reaction_conf conf = conf_of(element, type, x, y);

			run_all(&conf);
		}
	}
}

static void test_never(void **state)
{
	struct reaction_conf conf = conf_of(REACT_RTT, REACT_NEVER, 1, 1);

	(void)state;
	run_all(&conf);
}

static void test_immediate(void **state)
{
	(void)state;
	run_counts(REACT_RTT, REACT_IMMEDIATE, 1, 1);
	run_counts(REACT_TIMEOUT, REACT_IMMEDIATE, 1, 1);
}

static void test_consecutive(void **state)
{
	(void)state;
	run_counts(REACT_RTT, REACT_CONSECUTIVE, 6, 1);
	run_counts(REACT_TIMEOUT, REACT_CONSECUTIVE, 11, 1); /* 11: never within ten */
}

static void test_xofy(void **state)
{
	(void)state;
	run_counts(REACT_RTT, REACT_XOFY, 5, 5); /* x above y among them: nothing ever */
	run_counts(REACT_TIMEOUT, REACT_XOFY, 11, 11);
}

static void test_average(void **state)
{
	(void)state;
	run_counts(REACT_RTT, REACT_AVERAGE, 6, 1);
}

/* --- what is not in the sequences ------------------------------------------------------------------ */

static enum reaction_event feed(struct reaction_state *s, const struct reaction_conf *conf,
                                int64_t value)
{
	const struct reaction_sample sample = { .kind = REACT_VALUE, .value = value };

	return (enum reaction_event)reaction_step(s, conf, REACT_MOS_GENERIC, sample).event;
}

static void test_strictness(void **state)
{
	struct reaction_conf conf = conf_of(REACT_RTT, REACT_IMMEDIATE, 1, 1);
	struct reaction_state s = { 0 };

	(void)state;
	assert_int_equal(feed(&s, &conf, UPPER), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, UPPER + 1), REACT_RAISED);
	assert_int_equal(feed(&s, &conf, LOWER), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, LOWER - 1), REACT_CLEARED);
	/* The exact mean: 50, 50, 51 is above 50 though its whole part is not. */
	conf = conf_of(REACT_RTT, REACT_AVERAGE, 3, 1);
	reaction_reset(&s);
	assert_int_equal(feed(&s, &conf, UPPER), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, UPPER), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, UPPER), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, UPPER + 1), REACT_RAISED);
}

static void test_runs_without_a_sample_change_nothing(void **state)
{
	struct reaction_conf conf = conf_of(REACT_RTT, REACT_CONSECUTIVE, 2, 1);
	const struct reaction_sample none = { .kind = REACT_NO_SAMPLE };
	struct reaction_state s = { 0 };

	(void)state;
	assert_int_equal(feed(&s, &conf, 60), REACT_NOTHING);
	struct reaction_state before = s;

	assert_int_equal(reaction_step(&s, &conf, REACT_MOS_GENERIC, none).event, REACT_NOTHING);
	assert_memory_equal(&s, &before, sizeof(s));
	assert_int_equal(feed(&s, &conf, 60), REACT_RAISED);
}

static void test_flags_have_no_average(void **state)
{
	(void)state;
	for (unsigned x = 1; x < 4; x++) {
		struct reaction_conf conf = conf_of(REACT_TIMEOUT, REACT_AVERAGE, x, 1);
		struct reaction_state s = { 0 };

		for (unsigned i = 0; i < 10; i++)
			assert_int_equal(reaction_step(&s, &conf, REACT_MOS_GENERIC,
			                               sample_of(&conf, values[HIGH]))
			                         .event,
			                 REACT_NOTHING);
	}
}

static void test_longest_windows(void **state)
{
	struct reaction_conf conf = conf_of(REACT_RTT, REACT_XOFY, 16, 16);
	struct reaction_state s = { 0 };

	(void)state;
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(feed(&s, &conf, 60), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, 60), REACT_RAISED);
	conf.threshold_type = REACT_AVERAGE;
	reaction_reset(&s);
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(feed(&s, &conf, 60), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, 60), REACT_RAISED);
	conf.threshold_type = REACT_CONSECUTIVE;
	conf.x = 16;
	reaction_reset(&s);
	for (unsigned i = 0; i < 15; i++)
		assert_int_equal(feed(&s, &conf, 60), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, 60), REACT_RAISED);
}

static void test_mos(void **state)
{
	struct reaction_conf conf = conf_of(REACT_MOS, REACT_IMMEDIATE, 1, 1);
	struct reaction_sample good = { .kind = REACT_VALUE, .value = 440 };
	struct reaction_sample bad = { .kind = REACT_VALUE, .value = 200 };
	struct reaction_sample fair = { .kind = REACT_VALUE, .value = 300 };
	struct reaction_state s = { 0 };
	struct reaction_outcome o;

	(void)state;
	conf.rising = 400;
	conf.falling = 250;
	/* As routers have it: the first fall is told, though nothing rose before. */
	o = reaction_step(&s, &conf, REACT_MOS_GENERIC, bad);
	assert_int_equal(o.event, REACT_CLEARED);
	assert_true(o.is_below);
	assert_false(s.occurred);
	assert_int_equal(reaction_step(&s, &conf, REACT_MOS_GENERIC, bad).event, REACT_NOTHING);
	o = reaction_step(&s, &conf, REACT_MOS_GENERIC, good);
	assert_int_equal(o.event, REACT_RAISED);
	assert_true(s.occurred);
	assert_int_equal(reaction_step(&s, &conf, REACT_MOS_GENERIC, bad).event, REACT_CLEARED);
	/* Turned round: a bad score is the condition, and a good one at the start is no news. */
	reaction_reset(&s);
	assert_int_equal(reaction_step(&s, &conf, REACT_MOS_INVERTED, good).event, REACT_NOTHING);
	o = reaction_step(&s, &conf, REACT_MOS_INVERTED, bad);
	assert_int_equal(o.event, REACT_RAISED);
	assert_true(o.is_below);
	assert_true(s.occurred);
	assert_int_equal(reaction_step(&s, &conf, REACT_MOS_INVERTED, fair).event, REACT_NOTHING);
	o = reaction_step(&s, &conf, REACT_MOS_INVERTED, good);
	assert_int_equal(o.event, REACT_CLEARED);
	assert_false(o.is_below);
	assert_false(s.occurred);
}

static void test_reconfigure(void **state)
{
	struct reaction_conf conf = conf_of(REACT_RTT, REACT_CONSECUTIVE, 2, 5), other = conf;
	struct reaction_state s = { 0 };

	(void)state;
	assert_int_equal(feed(&s, &conf, 60), REACT_NOTHING);
	other.action = REACT_ACTION_TRAP;
	reaction_reconfigure(&s, &conf, &other);
	assert_int_equal(feed(&s, &other, 60), REACT_RAISED); /* another action breaks no row */
	assert_int_equal(feed(&s, &other, 10), REACT_NOTHING);
	conf = other;
	conf.falling = 20;
	reaction_reconfigure(&s, &other, &conf);
	assert_true(s.occurred);
	assert_int_equal(feed(&s, &conf, 10), REACT_NOTHING); /* other thresholds do */
	assert_int_equal(feed(&s, &conf, 10), REACT_CLEARED);
	assert_int_equal(feed(&s, &conf, 60), REACT_NOTHING);
	assert_int_equal(feed(&s, &conf, 60), REACT_RAISED);
	other = conf;
	other.threshold_type = REACT_IMMEDIATE;
	reaction_reconfigure(&s, &conf, &other);
	assert_false(s.occurred); /* and nobody is told */
	assert_int_equal(feed(&s, &other, 10), REACT_NOTHING);
	assert_int_equal(feed(&s, &other, 60), REACT_RAISED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never),
		cmocka_unit_test(test_immediate),
		cmocka_unit_test(test_consecutive),
		cmocka_unit_test(test_xofy),
		cmocka_unit_test(test_average),
		cmocka_unit_test(test_strictness),
		cmocka_unit_test(test_runs_without_a_sample_change_nothing),
		cmocka_unit_test(test_flags_have_no_average),
		cmocka_unit_test(test_longest_windows),
		cmocka_unit_test(test_mos),
		cmocka_unit_test(test_reconfigure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
