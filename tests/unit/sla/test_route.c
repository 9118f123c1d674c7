/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions on static routes: each rule, then every combination of three paths. */
#include "sla/route.h"

#include "t.h"

#define UP                                                                          \
	(struct route_path)                                                         \
	{                                                                           \
		.distance = 1, .has_track = true, .is_settled = true, .is_up = true \
	}
#define BACKUP                  \
	(struct route_path)     \
	{                       \
		.distance = 200 \
	}

/* Do what was decided until there is nothing to do; at most so many rounds. */
static void carry_out(struct route_path *paths, uint32_t count, bool has_foreign)
{
	for (unsigned round = 0; route_decide(paths, count, has_foreign); round++) {
		assert_true(round < 3);
		for (uint32_t i = 0; i < count; i++) {
			if (paths[i].step == ROUTE_STEP_INSTALL)
				paths[i].is_present = true;
			else if (paths[i].step == ROUTE_STEP_WITHDRAW)
				paths[i].is_present = false;
		}
	}
}

static void the_backup_takes_over_and_gives_back(void **state)
{
	struct route_path p[] = { UP, BACKUP };

	(void)state;
	carry_out(p, 2, false);
	assert_true(p[0].is_present && p[1].is_present);
	p[0].is_up = false;
	carry_out(p, 2, false);
	assert_true(!p[0].is_present && p[1].is_present);
	p[0].is_up = true;
	carry_out(p, 2, false);
	assert_true(p[0].is_present && p[1].is_present);
}

static void the_last_path_stays(void **state)
{
	struct route_path p[] = { UP, UP };

	(void)state;
	p[1].distance = 5;
	carry_out(p, 2, false);
	p[0].is_up = false;
	carry_out(p, 2, false);
	assert_true(!p[0].is_present && p[1].is_present);
	p[1].is_up = false;
	carry_out(p, 2, false);
	assert_true(!p[0].is_present && p[1].is_present);
	assert_int_equal(p[1].step, ROUTE_STEP_HOLD);
	p[0].is_up = true; /* the other one comes back: now it may go */
	carry_out(p, 2, false);
	assert_true(p[0].is_present && !p[1].is_present);
}

static void unless_it_is_asked_for_or_others_have_one(void **state)
{
	struct route_path p[] = { UP };

	(void)state;
	p[0].is_present = true;
	p[0].is_up = false;
	carry_out(p, 1, false);
	assert_true(p[0].is_present);
	carry_out(p, 1, true);
	assert_false(p[0].is_present);
	p[0].is_present = p[0].withdraw_last = true;
	carry_out(p, 1, false);
	assert_false(p[0].is_present);
}

static void a_dead_backup_is_no_path(void **state)
{
	struct route_path p[] = { UP, BACKUP };

	(void)state;
	p[0].is_present = p[1].is_present = p[1].is_dead = true;
	p[0].is_up = false;
	carry_out(p, 2, false);
	assert_true(p[0].is_present);
	p[1].is_dead = false;
	carry_out(p, 2, false);
	assert_false(p[0].is_present);
}

static void nothing_happens_before_the_first_results(void **state)
{
	struct route_path p[] = { UP, UP, BACKUP };

	(void)state;
	p[0].is_settled = p[1].is_settled = p[0].is_up = p[1].is_up = false;
	p[0].is_present = p[2].is_present = true; /* of an earlier life */
	carry_out(p, 3, false);
	assert_true(p[0].is_present && !p[1].is_present);
	assert_int_equal(p[0].step, ROUTE_STEP_WAIT);
	p[0].is_settled = p[0].is_up = true;
	assert_false(route_decide(p, 3, false)); /* no flap */
}

static void distance_255_is_never_used(void **state)
{
	struct route_path p[] = { UP, BACKUP };

	(void)state;
	p[1].distance = 255;
	carry_out(p, 2, false);
	assert_true(p[0].is_present && !p[1].is_present);
}

/* Whatever is present: when it is over, what is wanted is there, what is not wanted has gone, and never was the
 * last path taken away. */
static void every_combination_of_three_paths(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < 1u << 14; bits++) {
		struct route_path p[3];
		bool has_foreign = bits & 1, had_any = has_foreign, has_any = has_foreign;
		unsigned b = bits >> 1, wanted = 0, asked = 0;

		for (unsigned i = 0; i < 3; i++, b >>= 4) {
			p[i] = (struct route_path) {
				.distance = (uint8_t)(i + 1),
				.has_track = b & 1,
				.is_settled = true,
				.is_up = b >> 1 & 1,
				.is_present = b >> 2 & 1,
				.withdraw_last = b >> 3 & 1,
			};
			had_any |= p[i].is_present;
			wanted += !p[i].has_track || p[i].is_up;
			asked += p[i].withdraw_last;
		}
		carry_out(p, 3, has_foreign);
		for (unsigned i = 0; i < 3; i++) {
			bool is_wanted = !p[i].has_track || p[i].is_up;

			has_any |= p[i].is_present;
			if (is_wanted)
				assert_true(p[i].is_present);
			else if (p[i].is_present)
				assert_true(wanted == 0 && !has_foreign && !p[i].withdraw_last);
		}
		if (had_any && asked == 0)
			assert_true(has_any);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_backup_takes_over_and_gives_back),
		cmocka_unit_test(the_last_path_stays),
		cmocka_unit_test(unless_it_is_asked_for_or_others_have_one),
		cmocka_unit_test(a_dead_backup_is_no_path),
		cmocka_unit_test(nothing_happens_before_the_first_results),
		cmocka_unit_test(distance_255_is_never_used),
		cmocka_unit_test(every_combination_of_three_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
