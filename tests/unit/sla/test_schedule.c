/* SPDX-License-Identifier: Apache-2.0 */
/* The schedule in virtual time: every transition of the state table, raster and missed points. */
#include "sla/schedule.h"

#include "t.h"

#define S(n)   ((int64_t)(n)*NS_PER_S)
#define T0     S(1000)
#define MON(s) ((mono_t) { T0 + S(s) })
/* 2026-03-01 00:00:00 UTC */
#define DAY0    S(1772323200)
#define WALL(s) ((wall_t) { DAY0 + S(s) })

static enum schedule_event poll_at(struct schedule *s, int64_t at_s, uint32_t *missed)
{
	return schedule_poll(s, MON(at_s), WALL(at_s), missed);
}

static struct schedule made(struct op_schedule cfg, uint32_t frequency_s)
{
	struct schedule s;

	cfg.scheduled = true;
	schedule_init(&s, &cfg, frequency_s, MON(0), WALL(0), 0, 0);
	return s;
}

static int64_t next_s(const struct schedule *s)
{
	mono_t at;

	assert_true(schedule_next(s, &at));
	return (at.ns - T0) / NS_PER_S;
}

static void now_runs_at_once_on_a_raster(void **state)
{
	struct schedule s = made((struct op_schedule) { .start = SLA_START_NOW, .life_s = 25 }, 10);
	uint32_t missed;

	(void)state;
	assert_int_equal(s.state, SLA_STATE_PENDING);
	assert_int_equal(next_s(&s), 0);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(s.state, SLA_STATE_ACTIVE);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_RUN);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_WAIT);
	assert_int_equal(next_s(&s), 10);
	assert_int_equal(poll_at(&s, 9, &missed), SCHEDULE_WAIT);
	assert_int_equal(poll_at(&s, 11, &missed), SCHEDULE_RUN); /* late, the raster stays */
	assert_int_equal(next_s(&s), 20);
	assert_int_equal(schedule_life_left_s(&s, MON(11)), 14);
	assert_int_equal(poll_at(&s, 20, &missed), SCHEDULE_RUN);
	assert_int_equal(next_s(&s), 25);
	assert_int_equal(poll_at(&s, 25, &missed), SCHEDULE_ENDED);
	assert_int_equal(missed, 0);
	assert_int_equal(s.state, SLA_STATE_INACTIVE);
	assert_false(schedule_next(&s, &(mono_t) { 0 }));
	assert_int_equal(schedule_life_left_s(&s, MON(25)), 0);
}

static void points_held_up_are_counted(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) { .start = SLA_START_NOW, .life_s = SLA_LIFE_FOREVER }, 10);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_RUN);
	assert_int_equal(poll_at(&s, 47, &missed), SCHEDULE_RUN); /* 10 20 30 missed, 40 runs */
	assert_int_equal(missed, 3);
	assert_int_equal(next_s(&s), 50);
	assert_int_equal(schedule_life_left_s(&s, MON(47)), SLA_LIFE_FOREVER);
}

static void points_before_the_end_are_missed(void **state)
{
	struct schedule s = made((struct op_schedule) { .start = SLA_START_NOW, .life_s = 30 }, 10);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_RUN);
	assert_int_equal(poll_at(&s, 99, &missed), SCHEDULE_ENDED); /* 10 and 20; 30 is the end */
	assert_int_equal(missed, 2);
}

static void phase_shifts_the_raster(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) { .start = SLA_START_NOW, .life_s = SLA_LIFE_FOREVER }, 10);
	uint32_t missed;

	(void)state;
	s.phase_ns = S(3);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 2, &missed), SCHEDULE_WAIT);
	assert_int_equal(poll_at(&s, 3, &missed), SCHEDULE_RUN);
	assert_int_equal(next_s(&s), 13);
}

static void pending_waits_and_ages_out(void **state)
{
	struct schedule s =
	        made((struct op_schedule) { .start = SLA_START_PENDING, .ageout_s = 60 }, 10);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 59, &missed), SCHEDULE_WAIT);
	assert_int_equal(next_s(&s), 60);
	assert_int_equal(poll_at(&s, 60, &missed), SCHEDULE_AGED_OUT);
	assert_true(s.removed);
	assert_int_equal(poll_at(&s, 61, &missed), SCHEDULE_WAIT);
	assert_false(schedule_next(&s, &(mono_t) { 0 }));
}

static void ageout_stands_still_while_active(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) {
	                .start = SLA_START_AFTER, .start_s = 5, .life_s = 100, .ageout_s = 20 },
	        50);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 4, &missed), SCHEDULE_WAIT);
	assert_int_equal(next_s(&s), 5);
	assert_int_equal(poll_at(&s, 5, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 5, &missed), SCHEDULE_RUN);
	assert_int_equal(poll_at(&s, 55, &missed), SCHEDULE_RUN);
	assert_int_equal(poll_at(&s, 105, &missed), SCHEDULE_ENDED);
	assert_int_equal(next_s(&s), 125);
	assert_int_equal(poll_at(&s, 124, &missed), SCHEDULE_WAIT);
	assert_int_equal(poll_at(&s, 125, &missed), SCHEDULE_AGED_OUT);
}

static void unscheduled_does_nothing(void **state)
{
	struct op_schedule cfg = { .start = SLA_START_NOW, .ageout_s = 5 };
	struct schedule s;
	uint32_t missed;

	(void)state;
	schedule_init(&s, &cfg, 10, MON(0), WALL(0), 0, 0);
	assert_int_equal(poll_at(&s, 100, &missed), SCHEDULE_WAIT);
	assert_int_equal(s.state, SLA_STATE_PENDING);
	assert_false(schedule_next(&s, &(mono_t) { 0 }));
}

static void clock_times(void **state)
{
	static const struct {
		const char *name;
		int64_t now_s; /* since 2026-03-01 00:00 UTC */
		int32_t utc_offset_s;
		uint32_t start_s;
		uint8_t day, month;
		int64_t wait_s;
	} rows[] = {
		{ "later today", 3600, 0, 7200, 0, 0, 3600 },
		{ "this very second", 3600, 0, 3600, 0, 0, 0 },
		{ "past: tomorrow", 7200, 0, 3600, 0, 0, 82800 },
		{ "east of UTC", 0, 3600, 7200, 0, 0, 3600 },
		{ "west of UTC, yesterday still", 0, -3600, 82800 + 1800, 0, 0, 1800 },
		{ "a date to come", 0, 0, 60, 5, 3, 4 * 86400 + 60 },
		{ "a date that passed: next year", 86400, 0, 0, 1, 3, 364 * 86400 },
		{ "29 February is 1 March in other years", 0, 0, 1, 29, 2, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op_schedule cfg = { .scheduled = true,
			                   .start = SLA_START_AT,
			                   .start_day = rows[i].day,
			                   .start_month = rows[i].month,
			                   .start_s = rows[i].start_s,
			                   .life_s = 100 };
		struct schedule s;

		schedule_init(&s, &cfg, 10, MON(0), WALL(rows[i].now_s), rows[i].utc_offset_s, 0);
		print_message("%s\n", rows[i].name);
		assert_int_equal(next_s(&s), rows[i].wait_s);
	}
}

static void a_clock_set_back_delays_the_start(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) { .start = SLA_START_AT, .start_s = 100, .life_s = 10 }, 10);
	uint32_t missed;

	(void)state;
	assert_int_equal(schedule_poll(&s, MON(100), WALL(40), &missed), SCHEDULE_WAIT);
	assert_int_equal(next_s(&s), 160);
	assert_int_equal(schedule_poll(&s, MON(160), WALL(100), &missed), SCHEDULE_ACTIVATED);
}

static void recurring_starts_again_each_day(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) {
	                .start = SLA_START_AT, .start_s = 3600, .life_s = 600, .recurring = true },
	        300);
	uint32_t missed;

	(void)state;
	for (int64_t day = 0; day < 3; day++) {
		int64_t start = day * 86400 + 3600;

		assert_int_equal(next_s(&s), start);
		assert_int_equal(poll_at(&s, start, &missed), SCHEDULE_ACTIVATED);
		assert_int_equal(poll_at(&s, start, &missed), SCHEDULE_RUN);
		assert_int_equal(poll_at(&s, start + 300, &missed), SCHEDULE_RUN);
		assert_int_equal(poll_at(&s, start + 600, &missed), SCHEDULE_ENDED);
		assert_int_equal(s.state, SLA_STATE_INACTIVE);
	}
}

static void recurring_from_now_keeps_its_second(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) { .start = SLA_START_NOW, .life_s = 10, .recurring = true },
	        10);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_RUN);
	assert_int_equal(poll_at(&s, 10, &missed), SCHEDULE_ENDED);
	assert_int_equal(next_s(&s), 86400);
}

static void random_is_within_its_range(void **state)
{
	struct op_schedule cfg = {
		.scheduled = true, .start = SLA_START_RANDOM, .random_ms = 500, .life_s = 10
	};
	struct schedule s;

	(void)state;
	schedule_init(&s, &cfg, 10, MON(0), WALL(0), 0, 0);
	assert_i64_equal(s.start_at.ns, MON(0).ns);
	schedule_init(&s, &cfg, 10, MON(0), WALL(0), 0, UINT32_MAX);
	assert_i64_equal(s.start_at.ns, MON(0).ns + 500 * NS_PER_MS);
	schedule_init(&s, &cfg, 10, MON(0), WALL(0), 0, UINT32_MAX / 2);
	assert_i64_near(s.start_at.ns, MON(0).ns + 250 * NS_PER_MS, NS_PER_MS);
}

static void a_person_starts_it(void **state)
{
	struct schedule s =
	        made((struct op_schedule) { .start = SLA_START_PENDING, .life_s = 15 }, 10);
	uint32_t missed;

	(void)state;
	assert_false(schedule_next(&s, &(mono_t) { 0 }));
	schedule_start(&s, MON(100));
	assert_int_equal(poll_at(&s, 100, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 100, &missed), SCHEDULE_RUN);
	schedule_start(&s, MON(104)); /* it goes on */
	assert_int_equal(poll_at(&s, 104, &missed), SCHEDULE_WAIT);
	assert_int_equal(next_s(&s), 110);
	assert_int_equal(poll_at(&s, 115, &missed), SCHEDULE_ENDED);
	schedule_start(&s, MON(200)); /* another life, as long as the first */
	assert_int_equal(poll_at(&s, 200, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(schedule_life_left_s(&s, MON(200)), 15);
}

static void a_person_stops_it(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) {
	                .start = SLA_START_NOW, .life_s = 3600, .ageout_s = 50, .recurring = true },
	        10);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	schedule_stop(&s, MON(20));
	assert_int_equal(s.state, SLA_STATE_INACTIVE);
	assert_int_equal(schedule_life_left_s(&s, MON(20)), 0);
	assert_int_equal(next_s(&s), 70); /* the age-out, and no start next day */
	schedule_start(&s, MON(60));
	assert_int_equal(poll_at(&s, 60, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(schedule_life_left_s(&s, MON(60)), 3600); /* begun anew */
	schedule_stop(&s, MON(61));
	assert_int_equal(poll_at(&s, 111, &missed), SCHEDULE_AGED_OUT);
	schedule_start(&s, MON(112));
	assert_int_equal(poll_at(&s, 112, &missed), SCHEDULE_WAIT);
}

/* A start by order waits for no clock time, not even when the clock says that it is early. */
static void a_person_does_not_wait_for_the_clock(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) {
	                .start = SLA_START_AT, .start_s = 3600, .life_s = 60, .recurring = true },
	        10);
	uint32_t missed;

	(void)state;
	assert_int_equal(next_s(&s), 3600);
	schedule_start(&s, MON(5));
	assert_int_equal(poll_at(&s, 5, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 65, &missed), SCHEDULE_ENDED);
	assert_int_equal(next_s(&s), 3600); /* the next start is the scheduled one */
}

/* --- the table of rttMonCtrlOperState: what each event does to each state ------------------------- */

static struct schedule in_state(enum sla_state state)
{
	struct schedule s =
	        made((struct op_schedule) { .start = SLA_START_PENDING, .life_s = 100 }, 10);
	uint32_t missed;

	if (state != SLA_STATE_PENDING) {
		schedule_trigger(&s, MON(0));
		assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	}
	if (state == SLA_STATE_INACTIVE)
		schedule_stop(&s, MON(0));
	assert_int_equal(s.state, state);
	return s;
}

/* The state behind what is due at once. */
static enum sla_state settle(struct schedule *s, int64_t at_s)
{
	uint32_t missed;

	while (schedule_poll(s, MON(at_s), WALL(at_s), &missed) != SCHEDULE_WAIT)
		continue;
	return s->state;
}

static void every_cell_of_the_table(void **state)
{
	typedef void (*event)(struct schedule * s, mono_t now);
	static const struct {
		const char *name;
		event event;
		enum sla_state becomes[3]; /* from pending, inactive, active */
	} rows[] = {
		{ "reset",
		  schedule_release,
		  { SLA_STATE_PENDING, SLA_STATE_INACTIVE, SLA_STATE_PENDING } },
		{ "stop",
		  schedule_stop,
		  { SLA_STATE_INACTIVE, SLA_STATE_INACTIVE, SLA_STATE_INACTIVE } },
		{ "start",
		  schedule_start,
		  { SLA_STATE_ACTIVE, SLA_STATE_ACTIVE, SLA_STATE_ACTIVE } },
		{ "trigger",
		  schedule_trigger,
		  { SLA_STATE_ACTIVE, SLA_STATE_INACTIVE, SLA_STATE_ACTIVE } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (unsigned from = 0; from < 3; from++) {
			struct schedule s = in_state((enum sla_state)from);

			rows[i].event(&s, MON(30));
			if (settle(&s, 30) != rows[i].becomes[from])
				fail_msg("%s from %u: %d", rows[i].name, from, (int)s.state);
			/* What was active and stays so keeps its life. */
			if (from == SLA_STATE_ACTIVE && s.state == SLA_STATE_ACTIVE)
				assert_int_equal(schedule_life_left_s(&s, MON(30)), 70);
			else if (s.state == SLA_STATE_ACTIVE)
				assert_int_equal(schedule_life_left_s(&s, MON(30)), 100);
		}
	}
}

static void ageout_runs_only_while_not_active(void **state)
{
	struct schedule s = made(
	        (struct op_schedule) { .start = SLA_START_PENDING, .life_s = 100, .ageout_s = 50 },
	        10);
	mono_t at;

	(void)state;
	assert_int_equal(next_s(&s), 50);
	schedule_trigger(&s, MON(40)); /* it stops counting … */
	assert_int_equal(settle(&s, 40), SLA_STATE_ACTIVE);
	schedule_release(&s, MON(90)); /* … and begins anew */
	assert_int_equal(settle(&s, 139), SLA_STATE_PENDING);
	assert_false(s.removed);
	assert_int_equal(settle(&s, 140), SLA_STATE_PENDING);
	assert_true(s.removed);
	assert_false(schedule_next(&s, &at));
	schedule_trigger(&s, MON(141));
	assert_int_equal(settle(&s, 141), SLA_STATE_PENDING);
}

/* --- groups --------------------------------------------------------------------------------------- */

static void a_group_has_one_raster(void **state)
{
	struct schedule s = made((struct op_schedule) { .start = SLA_START_NOW,
	                                                .life_s = 1000,
	                                                .group = 1,
	                                                .offset_ms = 4000,
	                                                .frequency_s = 20 },
	                         20);
	uint32_t missed;

	(void)state;
	s.has_origin = true;
	s.origin = MON(-30); /* the group has run for a while */
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(next_s(&s), 14); /* -30 + 4 + 2 * 20 */
	assert_int_equal(poll_at(&s, 14, &missed), SCHEDULE_RUN);
	assert_int_equal(next_s(&s), 34);
}

static void random_gaps_are_told(void **state)
{
	struct schedule s = made((struct op_schedule) { .start = SLA_START_NOW,
	                                                .life_s = 1000,
	                                                .group = 1,
	                                                .frequency_s = 20,
	                                                .frequency_max_s = 40 },
	                         20);
	uint32_t missed;

	(void)state;
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_ACTIVATED);
	assert_int_equal(poll_at(&s, 0, &missed), SCHEDULE_RUN);
	schedule_set_next(&s, MON(33));
	assert_int_equal(next_s(&s), 33);
	assert_int_equal(poll_at(&s, 99, &missed),
	                 SCHEDULE_RUN); /* held up: late, but no raster to miss */
	assert_int_equal(missed, 0);
}

/* --- ten thousand --------------------------------------------------------------------------------- */

#define MANY    10000u
#define HORIZON 130 /* seconds */

static uint8_t starts_in_ms[HORIZON * 1000];

/* The most starts in one millisecond when all begin within ``spread_ms`` of each other. */
static unsigned worst_ms(struct schedule *all, const uint32_t frequencies[], size_t kinds)
{
	unsigned worst = 0;

	memset(starts_in_ms, 0, sizeof(starts_in_ms));
	for (uint32_t i = 0; i < MANY; i++) {
		uint32_t frequency_s = frequencies[i % kinds], missed;
		const struct op_schedule cfg = { .scheduled = true,
			                         .start = SLA_START_NOW,
			                         .life_s = SLA_LIFE_FOREVER };
		mono_t at;

		schedule_init(&all[i], &cfg, frequency_s, MON(0), WALL(0), 0, 0);
		all[i].phase_ns = schedule_phase_ns(i, frequency_s);
		for (;;) {
			assert_true(schedule_next(&all[i], &at));
			if (at.ns >= T0 + S(HORIZON))
				break;
			enum schedule_event event = schedule_poll(&all[i], at, WALL(0), &missed);
			int64_t ms = (at.ns - T0) / NS_PER_MS;

			assert_int_equal(missed, 0);
			if (event == SCHEDULE_RUN && ++starts_in_ms[ms] > worst)
				worst = starts_in_ms[ms];
		}
	}
	return worst;
}

/* After the start and after a reload alike: all begin at once, and no millisecond gets more than a few. */
static void ten_thousand_do_not_start_at_once(void **state)
{
	static const uint32_t usual[] = { 60 }, mixed[] = { 60, 30, 300 }, dense[] = { 10 };
	struct schedule *all = calloc(MANY, sizeof(*all));

	(void)state;
	assert_non_null(all);
	assert_int_equal(worst_ms(all, usual, ARRAY_LEN(usual)), 1);
	assert_in_range(worst_ms(all, mixed, ARRAY_LEN(mixed)), 1, 3);
	/* A thousand a second: there is no better than one in each millisecond. */
	assert_in_range(worst_ms(all, dense, ARRAY_LEN(dense)), 1, 2);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(now_runs_at_once_on_a_raster),
		cmocka_unit_test(points_held_up_are_counted),
		cmocka_unit_test(points_before_the_end_are_missed),
		cmocka_unit_test(phase_shifts_the_raster),
		cmocka_unit_test(pending_waits_and_ages_out),
		cmocka_unit_test(ageout_stands_still_while_active),
		cmocka_unit_test(unscheduled_does_nothing),
		cmocka_unit_test(clock_times),
		cmocka_unit_test(a_clock_set_back_delays_the_start),
		cmocka_unit_test(recurring_starts_again_each_day),
		cmocka_unit_test(recurring_from_now_keeps_its_second),
		cmocka_unit_test(random_is_within_its_range),
		cmocka_unit_test(a_person_starts_it),
		cmocka_unit_test(a_person_stops_it),
		cmocka_unit_test(a_person_does_not_wait_for_the_clock),
		cmocka_unit_test(every_cell_of_the_table),
		cmocka_unit_test(ageout_runs_only_while_not_active),
		cmocka_unit_test(a_group_has_one_raster),
		cmocka_unit_test(random_gaps_are_told),
		cmocka_unit_test(ten_thousand_do_not_start_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
