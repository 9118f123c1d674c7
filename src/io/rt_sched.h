/* SPDX-License-Identifier: Apache-2.0 */
/* Real-time priority of the thread that sends and receives, so that a busy host delays it little.
 * An improvement, never a condition: without it results only show more send lateness. */
#ifndef CANDOR_IO_RT_SCHED_H
#define CANDOR_IO_RT_SCHED_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <sys/types.h>

/* Above ordinary threads, below the kernel's own interrupt threads (50) and watchdogs. */
#define RT_SCHED_PRIORITY 10

/* SCHED_FIFO for a thread (0: the calling one), not inherited by its children.  0, or -errno with
 * ``d`` saying what would allow it. */
NODISCARD int rt_sched_set(pid_t tid, struct diag *d);

#endif
