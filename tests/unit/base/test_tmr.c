/* SPDX-License-Identifier: Apache-2.0 */
/* Timers fire in order of their deadline, once, and survive arming and disarming from within. */
#include "t.h"

#include "base/tmr.h"

#define TIMERS 500

struct item {
	struct tmr tmr;
	struct world *world;
	unsigned fired;
};

struct world {
	struct tmr_heap heap;
	struct item items[TIMERS];
	int64_t last_due_ns;
	struct item *victim; /* disarmed by the next timer that fires */
	int64_t again_ns;    /* a timer that fires arms itself so much later, when not 0 */
};

static void fire(struct tmr *t, mono_t now)
{
	struct item *item = container_of(t, struct item, tmr);
	struct world *w = item->world;

	assert_false(tmr_is_armed(t));
	assert_true(t->due.ns <= now.ns);
	assert_true(t->due.ns >= w->last_due_ns);
	w->last_due_ns = t->due.ns;
	item->fired++;
	if (w->victim)
		tmr_disarm(&w->heap, &w->victim->tmr);
	if (w->again_ns)
		assert_int_equal(tmr_arm(&w->heap, t, mono_add_ns(t->due, w->again_ns)), 0);
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	for (unsigned i = 0; i < TIMERS; i++)
		w->items[i] = (struct item) { .tmr = { .fire = fire }, .world = w };
	w->last_due_ns = INT64_MIN;
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	tmr_heap_fini(&w->heap);
	for (unsigned i = 0; i < TIMERS; i++)
		assert_false(tmr_is_armed(&w->items[i].tmr));
	free(w);
	return 0;
}

static void an_empty_heap_has_no_deadline(void **state)
{
	struct world *w = *state;
	mono_t due = { 42 };

	assert_false(tmr_next(&w->heap, &due));
	assert_i64_equal(due.ns, 42);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { INT64_MAX }, 10), 0);
	tmr_disarm(&w->heap, &w->items[0].tmr); /* never armed: nothing happens */
}

static void nothing_fires_early(void **state)
{
	struct world *w = *state;
	mono_t due;

	assert_int_equal(tmr_arm(&w->heap, &w->items[0].tmr, (mono_t) { 100 }), 0);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 99 }, 10), 0);
	assert_true(tmr_next(&w->heap, &due));
	assert_i64_equal(due.ns, 100);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 100 }, 10), 1);
	assert_int_equal(w->items[0].fired, 1);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 1000 }, 10), 0);
}

static void work_of_one_turn_is_bounded(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(tmr_arm(&w->heap, &w->items[i].tmr, (mono_t) { i }), 0);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 100 }, 4), 4);
	assert_int_equal(w->items[3].fired, 1);
	assert_int_equal(w->items[4].fired, 0);
}

static void a_timer_may_disarm_another(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(tmr_arm(&w->heap, &w->items[i].tmr, (mono_t) { i }), 0);
	w->victim = &w->items[1];
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 100 }, 10), 2);
	assert_int_equal(w->items[1].fired, 0);
	assert_int_equal(w->items[2].fired, 1);
}

static void a_periodic_timer_does_not_drift(void **state)
{
	struct world *w = *state;
	mono_t due;

	w->again_ns = 10;
	assert_int_equal(tmr_arm(&w->heap, &w->items[0].tmr, (mono_t) { 10 }), 0);
	for (int64_t now = 13; now < 1000; now += 10)
		assert_int_equal(tmr_run(&w->heap, (mono_t) { now }, 1), 1);
	assert_true(tmr_next(&w->heap, &due));
	assert_i64_equal(due.ns % 10, 0);
}

static void arming_again_moves_the_deadline(void **state)
{
	struct world *w = *state;

	assert_int_equal(tmr_arm(&w->heap, &w->items[0].tmr, (mono_t) { 10 }), 0);
	assert_int_equal(tmr_arm(&w->heap, &w->items[0].tmr, (mono_t) { 50 }), 0);
	assert_int_equal(w->heap.len, 1);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 49 }, 10), 0);
	assert_int_equal(tmr_run(&w->heap, (mono_t) { 50 }, 10), 1);
}

/* Arm, move and disarm at random against a plain list of what should be armed. */
static void random_use_agrees_with_a_list(void **state)
{
	struct world *w = *state;
	uint64_t random = t_seed(4711);
	unsigned armed = 0, fired = 0;
	bool is_armed[TIMERS] = { false };

	for (unsigned i = 0; i < 20000; i++) {
		unsigned at = (unsigned)(t_random(&random) % TIMERS);

		if (t_random(&random) % 3) {
			mono_t due = { (int64_t)(t_random(&random) % 1000) };

			assert_int_equal(tmr_arm(&w->heap, &w->items[at].tmr, due), 0);
			armed += !is_armed[at];
			is_armed[at] = true;
		} else {
			tmr_disarm(&w->heap, &w->items[at].tmr);
			armed -= is_armed[at];
			is_armed[at] = false;
		}
		assert_int_equal(w->heap.len, armed);
	}
	for (int64_t now = 0; now < 1007; now += 7)
		fired += tmr_run(&w->heap, (mono_t) { now }, TIMERS);
	assert_int_equal(fired, armed);
	for (unsigned i = 0; i < TIMERS; i++)
		assert_int_equal(w->items[i].fired, is_armed[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_empty_heap_has_no_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_fires_early, setup, teardown),
		cmocka_unit_test_setup_teardown(work_of_one_turn_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(a_timer_may_disarm_another, setup, teardown),
		cmocka_unit_test_setup_teardown(a_periodic_timer_does_not_drift, setup, teardown),
		cmocka_unit_test_setup_teardown(arming_again_moves_the_deadline, setup, teardown),
		cmocka_unit_test_setup_teardown(random_use_agrees_with_a_list, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
