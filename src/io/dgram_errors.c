/* SPDX-License-Identifier: Apache-2.0 */
/* The error queue: transmit stamps, and ICMP errors. */
#include "io/udp_socket.h"

#include "io/sockaddr.h"
#include "io/stamping.h"
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define CONTROL_OCTETS 256
#define ERRQUEUE_BATCH 8 /* mostly there is one; the compiler zeroes the buffers at each call */

static bool is_extended_error(const struct cmsghdr *c)
{
	return (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
	       (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR) ||
	       (c->cmsg_level == SOL_PACKET && c->cmsg_type == PACKET_TX_TIMESTAMP);
}

/* One message of the error queue. */
struct report {
	struct sock_extended_err e;
	union sockaddr_any offender;
	struct kernel_stamps stamps;
	bool has_stamps;
};

static void take_error(const struct cmsghdr *c, struct report *r)
{
	size_t len = c->cmsg_len - CMSG_LEN(0), head = sizeof(r->e);

	if (len < head)
		return;
	memcpy(&r->e, CMSG_DATA(c), head);
	len = len - head < sizeof(r->offender) ? len - head : sizeof(r->offender);
	memcpy(&r->offender, CMSG_DATA(c) + head, len); /* SO_EE_OFFENDER */
}

static struct report read_report(struct msghdr *h)
{
	struct report r = { 0 };

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (is_extended_error(c))
			take_error(c, &r);
		else if (kernel_stamps_from_cmsg(c, &r.stamps))
			r.has_stamps = true;
	}
	return r;
}

/* Add one packet's stamp to the ``found`` ones; returns how many there are then.  The hardware's
 * comes in a message of its own after the software's: it improves that one when both are drained
 * together, and is dropped when not, because alone it cannot be checked. */
static void add_stamp(const struct stamp_base *base, const struct report *r,
                      struct dgram_errors *to)
{
	uint32_t id = r->e.ee_data;

	if (r->stamps.software_ns) {
		to->stamps[to->stamp_count++] =
		        (struct tx_stamp) { id, stamp_choose(base, &r->stamps) };
		return;
	}
	for (unsigned i = to->stamp_count; i > 0; i--) {
		struct tx_stamp *of = &to->stamps[i - 1];

		if (of->id != id || of->at.source != STAMP_KERNEL)
			continue;
		const struct kernel_stamps both = {
			.software_ns = of->at.at.ns - base->kernel_offset_ns,
			.hardware_ns = r->stamps.hardware_ns,
		};

		of->at = stamp_choose(base, &both);
		break;
	}
}

static void add_icmp(const struct stamp_base *base, const struct report *r, const struct mmsghdr *m,
                     struct dgram_errors *to)
{
	struct dgram_icmp *i = &to->icmp[to->icmp_count++];

	*i = (struct dgram_icmp) {
		.from = sockaddr_to_endpoint(&r->offender).addr,
		.type = r->e.ee_type,
		.code = r->e.ee_code,
		.at = stamp_choose(base, &r->stamps),
		.len = (uint8_t)m->msg_len,
	};
	memcpy(i->quote, m->msg_hdr.msg_iov->iov_base, i->len);
}

static void take_report(const struct stamp_base *base, struct mmsghdr *m, struct dgram_errors *to)
{
	const struct report r = read_report(&m->msg_hdr);

	if (r.e.ee_origin == SO_EE_ORIGIN_TIMESTAMPING) {
		if (r.has_stamps && r.e.ee_info == SCM_TSTAMP_SND)
			add_stamp(base, &r, to);
	} else if (to->icmp &&
	           (r.e.ee_origin == SO_EE_ORIGIN_ICMP || r.e.ee_origin == SO_EE_ORIGIN_ICMP6)) {
		add_icmp(base, &r, m, to);
	}
}

int sock_pending_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

/* How many messages there is room for, whatever they are. */
static unsigned room_of(const struct dgram_errors *e)
{
	unsigned room = e->stamp_room - e->stamp_count;

	if (e->icmp && e->icmp_room - e->icmp_count < room)
		room = e->icmp_room - e->icmp_count;
	return room < ERRQUEUE_BATCH ? room : ERRQUEUE_BATCH;
}

int dgram_errors(int fd, struct clock *clock, struct dgram_errors *e)
{
	_Alignas(struct cmsghdr) uint8_t control[ERRQUEUE_BATCH][CONTROL_OCTETS];
	uint8_t quotes[ERRQUEUE_BATCH][DGRAM_QUOTE_MAX];
	struct iovec data[ERRQUEUE_BATCH];
	struct mmsghdr messages[ERRQUEUE_BATCH];
	int n = ERRQUEUE_BATCH;
	unsigned want;

	e->stamp_count = e->icmp_count = 0;
	while (n == ERRQUEUE_BATCH && (want = room_of(e)) > 0) {
		for (unsigned i = 0; i < want; i++) {
			data[i] = (struct iovec) { quotes[i], DGRAM_QUOTE_MAX };
			messages[i].msg_hdr = (struct msghdr) {
				.msg_iov = &data[i],
				.msg_iovlen = e->icmp ? 1 : 0,
				.msg_control = control[i],
				.msg_controllen = CONTROL_OCTETS,
			};
		}
		n = recvmmsg(fd, messages, want, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
		if (n < 0)
			break;
		struct stamp_base base = stamp_base_read(clock);

		for (int i = 0; i < n; i++)
			take_report(&base, &messages[i], e);
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	e->error = sock_pending_error(fd);
	return 0;
}

int dgram_tx_stamps(int fd, struct clock *clock, struct tx_stamp *stamps, unsigned cap,
                    int *ret_error)
{
	struct dgram_errors e = { .stamps = stamps, .stamp_room = cap };
	int rc = dgram_errors(fd, clock, &e);

	if (rc < 0)
		return rc;
	*ret_error = e.error;
	return (int)e.stamp_count;
}

int dgram_tx_restart(int fd)
{
	unsigned flags = 0;
	socklen_t len = sizeof(flags);
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_OCTETS];
	struct msghdr h = { .msg_control = control, .msg_controllen = sizeof(control) };

	if (getsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, &len) < 0)
		return -errno;
	unsigned without = flags & ~(unsigned)SOF_TIMESTAMPING_OPT_ID;

	/* The kernel starts counting at 0 whenever the option is newly set. */
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &without, sizeof(without)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof(flags)) < 0)
		return -errno;
	while (recvmsg(fd, &h, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0)
		h.msg_controllen = sizeof(control);
	return 0;
}
