/* SPDX-License-Identifier: Apache-2.0 */
/* The event loop of the hot path: epoll, one absolute timerfd, timers with nanosecond deadlines.
 * One loop, one thread.  ``now`` is read once a turn, before the callbacks, and passed down; packet
 * stamps come from the kernel, not from here. */
#ifndef CANDOR_IO_LOOP_H
#define CANDOR_IO_LOOP_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/tmr.h"
#include <stdbool.h>
#include <stdint.h>

struct clock;
struct loop;

/* A descriptor to watch; embedded in its owner, which may remove it (and then close and free it)
 * from any callback: an event already fetched for it is not delivered any more. */
struct loop_fd {
	int fd; /* -1: not watched */
	/* events: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP as epoll_wait(2) gives them.  EPOLLERR on a
	 * socket with transmit stamps: drain dgram_tx_stamps() before reading, so that the stamp of
	 * a request is known before its reply. */
	void (*ready)(struct loop_fd *lf, uint32_t events, mono_t now);
};

struct loop *loop_new(struct clock *clock); /* NULL: errno says why */
void loop_free(struct loop *l);             /* timers are disarmed; descriptors stay open */

NODISCARD int loop_add(struct loop *l, struct loop_fd *lf, uint32_t events); /* 0 or -errno */
NODISCARD int loop_modify(struct loop *l, struct loop_fd *lf, uint32_t events);
void loop_remove(struct loop *l, struct loop_fd *lf); /* stops watching; closes nothing */

/* Arm for an absolute instant.  Out of memory (which ends the process) cannot happen within the
 * reserved number. */
void loop_arm(struct loop *l, struct tmr *t, mono_t due);
void loop_disarm(struct loop *l, struct tmr *t);
NODISCARD int loop_reserve_timers(struct loop *l, uint32_t timers);

mono_t loop_now(const struct loop *l);  /* of this turn; outside loop_run: a fresh reading */
void loop_stop(struct loop *l);         /* loop_run returns after the current callback */
NODISCARD int loop_run(struct loop *l); /* until loop_stop; 0 or -errno */

#endif
