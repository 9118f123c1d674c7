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

#define WARM_UP_STEPS       100
#define WARM_UP_STEP_MS     1
#define WARM_UP_BLIND_STEPS 10

static int set_flags(int fd, unsigned flags)
{
	return setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) < 0 ? -errno : 0;
}

/* Let a socket hear only itself: bound to loopback and connected to its own name. */
static bool become_own_ear(int fd)
{
	struct sockaddr_in own = { .sin_family = AF_INET,
		                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(own);

	return bind(fd, (struct sockaddr *)&own, sizeof(own)) == 0 &&
	       getsockname(fd, (struct sockaddr *)&own, &len) == 0 &&
	       connect(fd, (struct sockaddr *)&own, sizeof(own)) == 0;
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
 * Where loopback is down there is nothing to hear: wait a little and hope; results say which stamps
 * they used. */
void stamping_keep_on(void)
{
	static atomic_flag done = ATOMIC_FLAG_INIT;

	if (atomic_flag_test_and_set(&done))
		return;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP);

	if (fd < 0 || set_flags(fd, SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE) < 0)
		return; /* a host without IPv4: stamping goes on and off with the probes' sockets */
	bool hears = become_own_ear(fd);
	unsigned steps = hears ? WARM_UP_STEPS : WARM_UP_BLIND_STEPS;

	for (unsigned i = 0; i < steps && !(hears && hears_stamp(fd)); i++)
		(void)poll(NULL, 0, WARM_UP_STEP_MS);
}

int stamping_enable(int fd, bool rx, bool tx)
{
	unsigned flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RAW_HARDWARE;

	/* Hardware stamps come where an administrator has switched them on for the interface
	 * (hwstamp_ctl, ptp4l, chronyd); with both kinds, so that they can be compared. */
	if (rx)
		flags |= SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_RX_HARDWARE;
	if (tx)
		flags |= SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_TX_HARDWARE |
		         SOF_TIMESTAMPING_OPT_ID | SOF_TIMESTAMPING_OPT_TSONLY |
		         SOF_TIMESTAMPING_OPT_TX_SWHW;
	if (rx)
		stamping_keep_on();
	return set_flags(fd, flags);
}

struct stamp_base stamp_base_read(struct clock *clock)
{
	struct stamp_base b;

	b.wall = clock->pair(clock, &b.mono);
	b.kernel_offset_ns = clock->stamp_offset_ns(clock);
	return b;
}

static struct stamp stamp_from_base(const struct stamp_base *base)
{
	return (struct stamp) {
		.at = base->wall,
		.read_at = base->mono,
		.offset_ns = base->wall.ns - base->mono.ns,
		.err_ns = CLOCK_USER_ERR_NS,
		.source = STAMP_USER,
	};
}

struct stamp clock_stamp(struct clock *c)
{
	struct stamp_base base = stamp_base_read(c);

	return stamp_from_base(&base);
}

static int64_t ns_of(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * NS_PER_S + ts->tv_nsec;
}

bool kernel_stamps_from_cmsg(const struct cmsghdr *c, struct kernel_stamps *ret)
{
	struct scm_timestamping ts;

	if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPING ||
	    c->cmsg_len < CMSG_LEN(sizeof(ts)))
		return false;
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	/* ts[1] is historical and always 0 (Documentation/networking/timestamping.rst). */
	*ret = (struct kernel_stamps) { ns_of(&ts.ts[0]), ns_of(&ts.ts[2]) };
	return true;
}

static bool agree(const struct kernel_stamps *k)
{
	int64_t apart_ns = k->software_ns - k->hardware_ns;

	return k->hardware_ns != 0 && apart_ns <= STAMP_AGREE_NS && -apart_ns <= STAMP_AGREE_NS;
}

struct stamp stamp_choose(const struct stamp_base *base, const struct kernel_stamps *k)
{
	struct stamp s = stamp_from_base(base);

	if (k->software_ns == 0)
		return s; /* a hardware stamp alone cannot be checked */
	s.at.ns = k->software_ns + base->kernel_offset_ns;
	s.err_ns = STAMP_KERNEL_ERR_NS;
	s.source = STAMP_KERNEL;
	if (agree(k)) {
		s.at.ns = k->hardware_ns + base->kernel_offset_ns;
		s.err_ns = STAMP_HARDWARE_ERR_NS;
		s.source = STAMP_HARDWARE;
	}
	return s;
}
