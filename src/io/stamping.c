/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel packet stamps. */
#include "io/stamping.h"

#include "io/clock.h"
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>

static int set_flags(int fd, unsigned flags)
{
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) < 0 ? -errno : 0;
}

static void keep_stamping_on(void)
{
	static atomic_flag done = ATOMIC_FLAG_INIT;

	if (atomic_flag_test_and_set(&done))
		return;
	/* Unbound: nothing can arrive.  Held until the process ends; when it cannot be had, early
	 * packets have user stamps, and results say so. */
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);

	if (fd < 0)
		fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);
	if (fd >= 0)
		(void)set_flags(fd, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
}

int stamping_enable(int fd, bool rx, bool tx)
{
	unsigned flags = SOF_TIMESTAMPING_SOFTWARE;

	if (rx)
		flags |= SOF_TIMESTAMPING_RX_SOFTWARE;
	if (tx)
		flags |= SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID |
		         SOF_TIMESTAMPING_OPT_TSONLY;
	if (rx)
		keep_stamping_on();
	return set_flags(fd, flags);
}

struct stamp_base stamp_base_read(struct clock *clock)
{
	struct stamp_base b;

	b.wall = clock->pair(clock, &b.mono);
	b.kernel_offset_ns = clock->stamp_offset_ns(clock);
	return b;
}

struct stamp stamp_from_base(const struct stamp_base *base)
{
	return (struct stamp) {
		.at = base->wall,
		.read_at = base->mono,
		.offset_ns = base->wall.ns - base->mono.ns,
		.err_ns = STAMP_USER_ERR_NS,
		.source = STAMP_USER,
	};
}

bool stamp_from_cmsg(const struct stamp_base *base, const struct cmsghdr *c, struct stamp *to)
{
	struct scm_timestamping ts;

	if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING ||
	    c->cmsg_len < CMSG_LEN(sizeof(ts)))
		return false;
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	if (ts.ts[0].tv_sec == 0 && ts.ts[0].tv_nsec == 0)
		return false;
	*to = stamp_from_base(base);
	to->at.ns = (int64_t)ts.ts[0].tv_sec * NS_PER_S + ts.ts[0].tv_nsec + base->kernel_offset_ns;
	to->err_ns = STAMP_KERNEL_ERR_NS;
	to->source = STAMP_KERNEL;
	return true;
}
