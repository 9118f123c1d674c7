/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of the hot path.
 *
 * One turn: wait, read the clock once, deliver the descriptors' events, then fire the timers that
 * are due.  Descriptors come first so that after a stall of the process a reply that is already in
 * the socket is seen before the timer that would call it lost.  Both halves are bounded
 * (TURN_EVENTS callbacks, TURN_TIMERS timers), so neither starves the other: what is left over is
 * found by the next turn, which then does not sleep. */
#include "io/loop.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "io/clock.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#define TURN_EVENTS 64
#define TURN_TIMERS 256

struct loop {
	struct clock *clock;
	int epoll_fd, timer_fd;
	struct tmr_heap timers;
	mono_t now;       /* of the turn in progress */
	mono_t timer_set; /* what timer_fd is set to; ns 0: not set */
	bool running, stop;
	/* The batch being delivered; an entry whose descriptor was removed meanwhile has
	 * data.ptr NULL. */
	struct epoll_event batch[TURN_EVENTS];
	unsigned batch_len, batch_at;
};

struct loop *loop_new(struct clock *clock)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	int error;

	l->clock = clock;
	l->timer_fd = -1;
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll_fd < 0)
		goto fail;
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		goto fail;
	struct epoll_event ev = { .events = EPOLLIN, .data.ptr = l };

	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->timer_fd, &ev) < 0)
		goto fail;
	if (tmr_heap_reserve(&l->timers, 1) < 0) {
		errno = ENOMEM;
		goto fail;
	}
	return l;
fail:
	error = errno;
	loop_free(l);
	errno = error;
	return NULL;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	fd_closep(&l->timer_fd);
	fd_closep(&l->epoll_fd);
	tmr_heap_fini(&l->timers);
	free(l);
}

static int control(struct loop *l, int op, struct loop_fd *lf, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data.ptr = lf };

	return epoll_ctl(l->epoll_fd, op, lf->fd, &ev) < 0 ? -errno : 0;
}

int loop_add(struct loop *l, struct loop_fd *lf, uint32_t events)
{
	return control(l, EPOLL_CTL_ADD, lf, events);
}

int loop_modify(struct loop *l, struct loop_fd *lf, uint32_t events)
{
	return control(l, EPOLL_CTL_MOD, lf, events);
}

void loop_remove(struct loop *l, struct loop_fd *lf)
{
	for (unsigned i = l->batch_at; i < l->batch_len; i++) {
		if (l->batch[i].data.ptr == lf)
			l->batch[i].data.ptr = NULL;
	}
	if (lf->fd >= 0)
		(void)control(l, EPOLL_CTL_DEL, lf, 0); /* ENOENT: it was not watched */
}

void loop_arm(struct loop *l, struct tmr *t, mono_t due)
{
	if (tmr_arm(&l->timers, t, due) == 0)
		return;
	/* A timer that silently never fires would hang an operation: end loudly instead. */
	log_err(NULL, "out of memory for timers: reserve them with loop_reserve_timers()");
	abort();
}

void loop_disarm(struct loop *l, struct tmr *t)
{
	tmr_disarm(&l->timers, t);
}

int loop_reserve_timers(struct loop *l, uint32_t timers)
{
	return tmr_heap_reserve(&l->timers, timers);
}

mono_t loop_now(const struct loop *l)
{
	return l->running ? l->now : l->clock->mono(l->clock);
}

void loop_stop(struct loop *l)
{
	l->stop = true;
}

/* Make timer_fd expire at the next deadline; *ret_timeout_ms is for epoll_wait: 0 when a timer is
 * due already. */
static int set_alarm(struct loop *l, int *ret_timeout_ms)
{
	mono_t due;

	*ret_timeout_ms = -1;
	if (!tmr_next(&l->timers, &due))
		return 0; /* a stale alarm costs one idle turn at most */
	if (due.ns <= l->now.ns) {
		*ret_timeout_ms = 0;
		return 0;
	}
	if (due.ns == l->timer_set.ns)
		return 0;
	struct itimerspec at = { .it_value = { .tv_sec = due.ns / NS_PER_S,
		                               .tv_nsec = due.ns % NS_PER_S } };

	if (timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &at, NULL) < 0)
		return -errno;
	l->timer_set = due;
	return 0;
}

static void alarm_rang(struct loop *l)
{
	uint64_t expirations;

	/* EAGAIN: the alarm was moved after it rang; the heap decides what is due anyway. */
	if (read(l->timer_fd, &expirations, sizeof(expirations)) > 0)
		l->timer_set = (mono_t) { 0 };
}

static void deliver(struct loop *l)
{
	for (l->batch_at = 0; l->batch_at < l->batch_len && !l->stop;) {
		const struct epoll_event *ev = &l->batch[l->batch_at++];

		if (ev->data.ptr == l) {
			alarm_rang(l);
		} else if (ev->data.ptr) {
			struct loop_fd *lf = ev->data.ptr;

			lf->ready(lf, ev->events, l->now);
		}
	}
	l->batch_len = 0;
	l->batch_at = 0;
}

static int turn(struct loop *l)
{
	int timeout_ms;
	int rc = set_alarm(l, &timeout_ms);

	if (rc < 0)
		return rc;
	rc = epoll_wait(l->epoll_fd, l->batch, TURN_EVENTS, timeout_ms);
	if (rc < 0)
		return errno == EINTR ? 0 : -errno;
	l->batch_len = (unsigned)rc;
	l->now = l->clock->mono(l->clock);
	deliver(l);
	/* One at a time, so that loop_stop() in a timer takes effect at once. */
	for (unsigned fired = 0; fired < TURN_TIMERS && !l->stop; fired++) {
		if (!tmr_run(&l->timers, l->now, 1))
			break;
	}
	return 0;
}

int loop_run(struct loop *l)
{
	int rc = 0;

	l->now = l->clock->mono(l->clock);
	l->running = true;
	l->stop = false;
	while (!l->stop && rc == 0)
		rc = turn(l);
	l->running = false;
	return rc;
}
