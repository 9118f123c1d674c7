/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel packet stamps: switching them on and reading them out of control messages.  Inside io/
 * only.
 *
 * Bounds of a stamp's own error: how far the stamp may be from the instant at which the packet
 * passed between the host and the wire. */
#ifndef CANDOR_IO_STAMPING_H
#define CANDOR_IO_STAMPING_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include <stdbool.h>

struct clock;
struct cmsghdr;

#define STAMP_KERNEL_ERR_NS (20 * NS_PER_US)
#define STAMP_USER_ERR_NS   (100 * NS_PER_US)

/* 0 or -errno.  The first socket with receive stamps in a process waits until the kernel really
 * stamps (a few ms; 0.2 s at worst) and keeps it switched on from then on. */
NODISCARD int stamping_enable(int fd, bool rx, bool tx);

/* The reading that goes with everything taken over at one moment. */
struct stamp_base {
	wall_t wall;
	mono_t mono;
	int64_t kernel_offset_ns; /* added to kernel stamps */
};

struct stamp_base stamp_base_read(struct clock *clock);

/* A stamp of user space: the moment of ``base``. */
struct stamp stamp_from_base(const struct stamp_base *base);

/* If ``c`` carries kernel stamps, take the best into *to and return true. */
bool stamp_from_cmsg(const struct stamp_base *base, const struct cmsghdr *c, struct stamp *to);

#endif
