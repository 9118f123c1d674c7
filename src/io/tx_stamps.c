/* SPDX-License-Identifier: Apache-2.0 */
/* Transmit stamps from the error queue. */
#include "io/udp_socket.h"

#include "io/stamping.h"
#include <errno.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#define CONTROL_OCTETS 256
#define ERRQUEUE_BATCH 8 /* mostly there is one; the compiler zeroes the buffers at each call */

static bool extended_error(const struct cmsghdr *c, struct sock_extended_err *to)
{
	bool ours = (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) ||
	            (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR);

	if (!ours || c->cmsg_len < CMSG_LEN(sizeof(*to)))
		return false;
	memcpy(to, CMSG_DATA(c), sizeof(*to));
	return true;
}

/* What one message of the error queue says of one packet. */
struct sent {
	uint32_t id;
	struct kernel_stamps stamps;
};

/* True when the message carried a transmit stamp. */
static bool take_message(struct msghdr *h, struct sent *ret)
{
	struct sock_extended_err e = { 0 };
	struct kernel_stamps stamps = { 0 };
	bool stamped = false;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (kernel_stamps_from_cmsg(c, &stamps))
			stamped = true;
		else
			(void)extended_error(c, &e); /* false: something else */
	}
	if (!stamped || e.ee_origin != SO_EE_ORIGIN_TIMESTAMPING || e.ee_info != SCM_TSTAMP_SND)
		return false;
	*ret = (struct sent) { e.ee_data, stamps };
	return true;
}

/* Add one packet's stamp to the ``found`` ones; returns how many there are then.  The hardware's
 * comes in a message of its own after the software's: it improves that one when both are drained
 * together, and is dropped when not, because alone it cannot be checked. */
static unsigned add_stamp(const struct stamp_base *base, const struct sent *s,
                          struct tx_stamp *stamps, unsigned found)
{
	if (s->stamps.software_ns) {
		stamps[found] = (struct tx_stamp) { s->id, stamp_choose(base, &s->stamps) };
		return found + 1;
	}
	for (unsigned i = found; i > 0; i--) {
		struct tx_stamp *of = &stamps[i - 1];

		if (of->id != s->id || of->at.source != STAMP_KERNEL)
			continue;
		const struct kernel_stamps both = {
			.software_ns = of->at.at.ns - base->kernel_offset_ns,
			.hardware_ns = s->stamps.hardware_ns,
		};

		of->at = stamp_choose(base, &both);
		break;
	}
	return found;
}

/* The pending error of the socket, which this also clears. */
static int pending_error(int fd)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

int dgram_tx_stamps(int fd, struct clock *clock, struct tx_stamp *stamps, unsigned cap,
                    int *ret_error)
{
	_Alignas(struct cmsghdr) uint8_t control[ERRQUEUE_BATCH][CONTROL_OCTETS];
	struct mmsghdr messages[ERRQUEUE_BATCH];
	unsigned found = 0;
	int n = ERRQUEUE_BATCH;

	while (n == ERRQUEUE_BATCH && found < cap) {
		unsigned want = cap - found < ERRQUEUE_BATCH ? cap - found : ERRQUEUE_BATCH;

		for (unsigned i = 0; i < want; i++)
			messages[i].msg_hdr = (struct msghdr) {
				.msg_control = control[i],
				.msg_controllen = CONTROL_OCTETS,
			};
		n = recvmmsg(fd, messages, want, MSG_ERRQUEUE | MSG_DONTWAIT, NULL);
		if (n < 0)
			break;
		struct stamp_base base = stamp_base_read(clock);

		for (int i = 0; i < n; i++) {
			struct sent sent;

			if (take_message(&messages[i].msg_hdr, &sent))
				found = add_stamp(&base, &sent, stamps, found);
		}
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	*ret_error = pending_error(fd);
	return (int)found;
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
