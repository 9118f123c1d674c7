/* SPDX-License-Identifier: Apache-2.0 */
/* Sending datagrams: one, or a batch of replies, with chosen source address and TOS. */
#include "io/udp_socket.h"

#include "io/sockaddr.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>

/* Packet info and TOS, with their headers. */
#define CONTROL_OCTETS (CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)))

/* The compiler zeroes what lies on the stack, and a reply's T3 has been read by then: keep it small. */
#define REPLIES_AT_ONCE 8u

/* One outgoing message and all that its header points to. */
struct outgoing {
	union sockaddr_any name;
	struct iovec data;
	_Alignas(struct cmsghdr) uint8_t control[CONTROL_OCTETS];
};

static void add_cmsg(struct msghdr *h, int level, int type, const void *value, size_t len)
{
	/* CMSG_FIRSTHDR and CMSG_NXTHDR cannot walk a buffer that is still being written. */
	struct cmsghdr c = { .cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(len) };
	uint8_t *at = (uint8_t *)h->msg_control + h->msg_controllen;

	memcpy(at, &c, sizeof(c));
	memcpy(at + CMSG_LEN(0), value, len);
	h->msg_controllen += CMSG_SPACE(len);
}

static void add_source(struct msghdr *h, const struct inet_addr *from)
{
	if (from->family == INET_V4) {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, from->bytes, 4);
		add_cmsg(h, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	} else if (from->family == INET_V6) {
		struct in6_pktinfo info = { .ipi6_ifindex = from->scope_id };

		memcpy(&info.ipi6_addr, from->bytes, 16);
		add_cmsg(h, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
	}
}

/* ``family`` of the socket, as far as it is known from an address; tos < 0: as the socket has it. */
static void add_tos(struct msghdr *h, uint8_t family, int tos)
{
	if (tos < 0)
		return;
	if (family == INET_V6)
		add_cmsg(h, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	else
		add_cmsg(h, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
}

static void fill(struct outgoing *o, struct msghdr *h, const uint8_t *data, size_t len)
{
	/* The kernel only reads it: struct iovec has no const. */
	o->data = (struct iovec) { (void *)(uintptr_t)data, len };
	*h = (struct msghdr) { .msg_iov = &o->data, .msg_iovlen = 1, .msg_control = o->control };
}

static uint8_t socket_family(int fd)
{
	int domain = AF_INET;
	socklen_t len = sizeof(domain);

	(void)getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain == AF_INET6 ? INET_V6 : INET_V4;
}

int dgram_send(int fd, const uint8_t *data, size_t len, const struct inet_endpoint *to,
               const struct inet_addr *from, int tos)
{
	struct outgoing o;
	struct msghdr h;

	fill(&o, &h, data, len);
	if (to) {
		h.msg_name = &o.name;
		h.msg_namelen = sockaddr_from_endpoint(to, &o.name);
	}
	if (from)
		add_source(&h, from);
	if (tos >= 0)
		add_tos(&h, to ? to->addr.family : socket_family(fd), tos);
	if (!h.msg_controllen)
		h.msg_control = NULL;
	return sendmsg(fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* At most REPLIES_AT_ONCE replies by one system call; returns how many went out, and whether there is
 * room for more. */
static unsigned reply_some(int fd, struct dgram *const *dgrams, unsigned n, bool *ret_room)
{
	struct outgoing out[REPLIES_AT_ONCE];
	struct mmsghdr messages[REPLIES_AT_ONCE];
	unsigned sent = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct dgram *g = dgrams[i];
		struct msghdr *h = &messages[i].msg_hdr;

		fill(&out[i], h, g->data, g->len);
		h->msg_name = &out[i].name;
		h->msg_namelen = sockaddr_from_endpoint(&g->from, &out[i].name);
		add_source(h, &g->to);
		add_tos(h, g->from.addr.family, g->tos);
	}
	*ret_room = true;
	for (unsigned at = 0; at < n;) {
		int rc = sendmmsg(fd, messages + at, n - at, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (rc > 0) {
			at += (unsigned)rc;
			sent += (unsigned)rc;
		} else if (errno == EAGAIN) {
			*ret_room = false; /* the rest would fail alike */
			break;
		} else if (errno != EINTR) {
			at++; /* this one cannot be sent (no route, …): go on with the next */
		}
	}
	return sent;
}

unsigned dgram_reply(int fd, struct dgram *const *dgrams, unsigned n)
{
	unsigned sent = 0;
	bool has_room = true;

	for (unsigned at = 0; at < n && has_room; at += REPLIES_AT_ONCE) {
		unsigned left = n - at;

		sent += reply_some(fd, dgrams + at, left < REPLIES_AT_ONCE ? left : REPLIES_AT_ONCE,
		                   &has_room);
	}
	return sent;
}
