/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel packet stamps. */
#include "io/stamping.h"

#include "io/clock.h"
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define WARM_UP_STEPS   100
#define WARM_UP_STEP_MS 1

static int set_flags(int fd, unsigned flags)
{
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) < 0 ? -errno : 0;
}

/* A socket that only hears itself: bound to loopback and connected to its own name. */
static int open_own_ear(void)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
		                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(own);
	CLEANUP(fd_closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);

	if (fd < 0 || set_flags(fd, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE) < 0 ||
	    bind(fd, (struct sockaddr *)&own, sizeof(own)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &len) < 0 ||
	    connect(fd, (struct sockaddr *)&own, sizeof(own)) < 0)
		return -1;
	return fd_steal(&fd);
}

/* Send one datagram to itself; true when it came back with a stamp. */
static bool hears_stamp(int fd)
{
	_Alignas(struct cmsghdr) char control[128];
	char byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr h = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (send(fd, &byte, 1, MSG_DONTWAIT) != 1 || poll(&p, 1, WARM_UP_STEP_MS) != 1 ||
	    recvmsg(fd, &h, MSG_DONTWAIT) < 0)
		return false;
	return CMSG_FIRSTHDR(&h) != NULL; /* it asked for nothing but stamps */
}

/* The kernel switches its stamping on some time after the first socket asks for it (a work queue
 * patches the code), and off again with the last one.  Keep it on with an idle socket, held until
 * the process ends, and wait until it works: the first packet of a probe counts like any other.
 * Where there is no loopback nothing is lost but the wait: results say which stamps they used. */
static void keep_stamping_on(void)
{
	static atomic_flag done = ATOMIC_FLAG_INIT;

	if (atomic_flag_test_and_set(&done))
		return;
	int fd = open_own_ear();

	for (unsigned i = 0; fd >= 0 && i < WARM_UP_STEPS && !hears_stamp(fd); i++)
		(void)poll(NULL, 0, WARM_UP_STEP_MS);
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
