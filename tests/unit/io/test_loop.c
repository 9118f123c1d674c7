/* SPDX-License-Identifier: Apache-2.0 */
/* The loop: order of timers, removal of anything from any callback, bounds of a turn. */
#include "io/loop.h"

#include "io/clock.h"
#include "t.h"
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

struct ticker {
	struct tmr t;
	int id;
	mono_t fired_at;
};

static struct loop *the_loop;
static int order[2048];
static int fired;
static int stop_after;

static void tick(struct tmr *t, mono_t now)
{
	struct ticker *k = container_of(t, struct ticker, t);

	k->fired_at = now;
	order[fired++] = k->id;
	if (fired == stop_after)
		loop_stop(the_loop);
}

static int setup(void **state)
{
	(void)state;
	fired = 0;
	the_loop = loop_new(clock_system());
	return the_loop ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(the_loop);
	return 0;
}

static void test_timers_fire_in_order_and_not_early(void **state)
{
	struct ticker k[5];
	static const int delay_us[5] = { 4000, 1000, 3000, 2000, 500 };
	mono_t start = loop_now(the_loop);

	(void)state;
	for (int i = 0; i < 5; i++) {
		k[i] = (struct ticker) { .t.fire = tick, .id = i };
		loop_arm(the_loop, &k[i].t, mono_add_ns(start, delay_us[i] * NS_PER_US));
	}
	loop_disarm(the_loop, &k[2].t);
	stop_after = 4;
	assert_int_equal(loop_run(the_loop), 0);
	assert_int_equal(order[0], 4);
	assert_int_equal(order[1], 1);
	assert_int_equal(order[2], 3);
	assert_int_equal(order[3], 0);
	for (int i = 0; i < 5; i++) {
		if (i != 2)
			assert_true(mono_diff_ns(k[i].fired_at, start) >= delay_us[i] * NS_PER_US);
	}
}

static void test_more_timers_than_one_turn_takes(void **state)
{
	static struct ticker k[1000];
	mono_t start = loop_now(the_loop);

	(void)state;
	assert_int_equal(loop_reserve_timers(the_loop, 1000), 0);
	for (int i = 0; i < 1000; i++) {
		k[i] = (struct ticker) { .t.fire = tick, .id = i };
		loop_arm(the_loop, &k[i].t, mono_add_ns(start, i));
	}
	stop_after = 1000;
	assert_int_equal(loop_run(the_loop), 0);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(order[i], i);
}

static void test_an_alarm_can_be_moved_both_ways(void **state)
{
	struct ticker k = { .t.fire = tick }, far = { .t.fire = tick, .id = 1 };
	mono_t start = loop_now(the_loop);

	(void)state;
	stop_after = 1;
	loop_arm(the_loop, &far.t, mono_add_ns(start, 3600 * NS_PER_S));
	loop_arm(the_loop, &k.t, mono_add_ns(start, 1800 * NS_PER_S));
	loop_arm(the_loop, &k.t, mono_add_ns(start, NS_PER_MS));
	assert_int_equal(loop_run(the_loop), 0);
	assert_int_equal(order[0], 0);
	loop_arm(the_loop, &k.t, mono_add_ns(start, 2 * NS_PER_MS)); /* past already */
	stop_after = 2;
	assert_int_equal(loop_run(the_loop), 0);
	assert_true(tmr_is_armed(&far.t));
}

struct watcher {
	struct loop_fd lf;
	struct watcher *victim;
	int calls;
};

static void remove_other(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct watcher *w = container_of(lf, struct watcher, lf);

	(void)now;
	assert_true(events & EPOLLIN);
	w->calls++;
	loop_remove(the_loop, &w->victim->lf);
	(void)close(w->victim->lf.fd);
	w->victim->lf.fd = -1;
	loop_remove(the_loop, &w->lf);
	loop_stop(the_loop);
}

/* Two descriptors are ready in one batch and each removes and closes the other: the second must
 * never be called, whichever comes first. */
static void test_no_event_for_a_removed_descriptor(void **state)
{
	struct watcher a = { .lf.ready = remove_other }, b = { .lf.ready = remove_other };

	(void)state;
	a.victim = &b;
	b.victim = &a;
	a.lf.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	b.lf.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(loop_add(the_loop, &a.lf, EPOLLIN), 0);
	assert_int_equal(loop_add(the_loop, &b.lf, EPOLLIN), 0);
	assert_int_equal(loop_run(the_loop), 0);

	struct ticker k = { .t.fire = tick };

	stop_after = 1;
	loop_arm(the_loop, &k.t, loop_now(the_loop));
	assert_int_equal(loop_run(the_loop), 0); /* one more turn: nothing is left to deliver */
	assert_int_equal(a.calls + b.calls, 1);
	fd_closep(&a.lf.fd);
	fd_closep(&b.lf.fd);
}

static void replace_self(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct watcher *w = container_of(lf, struct watcher, lf);

	(void)now;
	(void)events;
	if (++w->calls == 2) {
		loop_stop(the_loop);
		return;
	}
	loop_remove(the_loop, lf);
	(void)close(lf->fd);
	lf->fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	assert_int_equal(loop_add(the_loop, lf, EPOLLIN), 0);
}

static void test_a_descriptor_may_be_replaced_in_its_callback(void **state)
{
	struct watcher w = { .lf = { .ready = replace_self,
		                     .fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC) } };

	(void)state;
	assert_int_equal(loop_add(the_loop, &w.lf, EPOLLIN), 0);
	assert_int_equal(loop_run(the_loop), 0);
	assert_int_equal(w.calls, 2);
	fd_closep(&w.lf.fd);
}

static void count_and_stop(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct watcher *w = container_of(lf, struct watcher, lf);

	(void)now;
	w->calls++;
	assert_true(events & EPOLLHUP);
	loop_stop(the_loop);
}

static void test_modify_and_hang_up(void **state)
{
	int pair[2];
	struct watcher w = { .lf.ready = count_and_stop };

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	w.lf.fd = pair[0];
	assert_int_equal(loop_add(the_loop, &w.lf, EPOLLIN), 0);
	assert_int_equal(loop_add(the_loop, &w.lf, EPOLLIN), -EEXIST);
	assert_int_equal(loop_modify(the_loop, &w.lf, 0), 0);
	(void)close(pair[1]);
	assert_int_equal(loop_run(the_loop), 0);
	assert_int_equal(w.calls, 1);
	loop_remove(the_loop, &w.lf);
	(void)close(pair[0]);
}

/* A descriptor that is always ready must not keep timers from firing. */
static void busy(struct loop_fd *lf, uint32_t events, mono_t now)
{
	(void)events;
	(void)now;
	container_of(lf, struct watcher, lf)->calls++;
}

static void test_a_busy_descriptor_does_not_starve_timers(void **state)
{
	struct watcher w = { .lf = { .ready = busy, .fd = eventfd(1, EFD_CLOEXEC) } };
	struct ticker k = { .t.fire = tick };

	(void)state;
	assert_int_equal(loop_add(the_loop, &w.lf, EPOLLIN), 0);
	stop_after = 1;
	loop_arm(the_loop, &k.t, mono_add_ns(loop_now(the_loop), 2 * NS_PER_MS));
	assert_int_equal(loop_run(the_loop), 0);
	assert_true(w.calls > 1);
	assert_int_equal(fired, 1);
	loop_remove(the_loop, &w.lf);
	fd_closep(&w.lf.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_timers_fire_in_order_and_not_early, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_more_timers_than_one_turn_takes, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_an_alarm_can_be_moved_both_ways, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_no_event_for_a_removed_descriptor, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_a_descriptor_may_be_replaced_in_its_callback,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(test_modify_and_hang_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_busy_descriptor_does_not_starve_timers,
		                                setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
