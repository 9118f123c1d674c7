/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel packet stamps: switching them on and reading them out of control messages.  Inside io/
 * only.
 *
 * Where a packet has both a software and a hardware stamp, the hardware's is taken only when the
 * two agree: the clock of a network card counts on its own unless somebody (phc2sys, chronyd) makes
 * it follow the system's, and its stamps would otherwise be in another time. */
#ifndef CANDOR_IO_STAMPING_H
#define CANDOR_IO_STAMPING_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include <stdbool.h>

struct clock;
struct cmsghdr;

/* How far a software stamp may be from the instant at which the packet passed between host and
 * wire.  On a virtual link between two namespaces transmit and receive stamps of one packet are
 * 0.3 us apart (99.9 %: 0.7 us, worst of 20,000 on a busy host: 23 us); a card adds the latency of
 * its interrupt, moderated by default by up to 20 us or so (ethtool -c, rx-usecs). */
#define STAMP_KERNEL_ERR_NS (20 * NS_PER_US)

/* A card that passes the test of agreement and whose clock is disciplined is within this of the
 * system's clock; the stamp itself is good to some ns. */
#define STAMP_HARDWARE_ERR_NS NS_PER_US

/* A disciplined card's stamp precedes (reception) or follows (transmission) the software's by the
 * latency of driver and interrupt; a free-running one is off by anything from ms to years. */
#define STAMP_AGREE_NS (200 * NS_PER_US)

/* 0 or -errno.  The first socket with receive stamps in a process waits until the kernel really
 * stamps (a few ms; 0.2 s at worst) and keeps it switched on from then on. */
NODISCARD int stamping_enable(int fd, bool rx, bool tx);

/* Keep the kernel's stamping switched on, with a socket that is open from now on, and wait until it works; once a
 * process. */
void stamping_keep_on(void);

/* The reading that goes with everything taken over at one moment. */
struct stamp_base {
	wall_t wall;
	mono_t mono;
	int64_t kernel_offset_ns; /* added to kernel stamps */
};

struct stamp_base stamp_base_read(struct clock *clock);

/* The kernel's stamps of one packet, ns since 1970; 0: there is none of this kind. */
struct kernel_stamps {
	int64_t software_ns, hardware_ns;
};

/* True when ``c`` carries stamps of the kernel. */
bool kernel_stamps_from_cmsg(const struct cmsghdr *c, struct kernel_stamps *ret);

/* The best of them that can be believed; without any, the user's reading of ``base``. */
struct stamp stamp_choose(const struct stamp_base *base, const struct kernel_stamps *k);

#endif
