/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as events of a loop (signalfd(2)): no handler ever runs.  Call signals_block() before any
 * thread starts, so that every thread inherits the mask. */
#ifndef CANDOR_IO_SIGNALS_H
#define CANDOR_IO_SIGNALS_H

#include "base/cleanup.h"
#include "io/loop.h"

struct signals {
	struct loop_fd lf;
	struct loop *loop;
	void (*caught)(struct signals *s, int signo, mono_t now);
};

/* Block these signals (ended by 0) and return a non-blocking signalfd for them, or -errno.  For
 * loops that are not ours, e.g. libevent's; read it with signals_read(). */
NODISCARD int signals_block(const int *signos);

/* The next signal of such a descriptor; 0: none. */
int signals_read(int fd);

/* signals_block() on our loop: ``caught`` is called for each.  0 or -errno. */
NODISCARD int signals_init(struct signals *s, struct loop *loop, const int *signos,
                           void (*caught)(struct signals *s, int signo, mono_t now));
void signals_fini(struct signals *s); /* the signals stay blocked */

#endif
