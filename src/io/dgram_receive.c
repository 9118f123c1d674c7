/* SPDX-License-Identifier: Apache-2.0 */
/* Receiving datagrams in batches, each with its stamp, TOS, TTL and local address. */
#include "io/udp_socket.h"

#include "base/xalloc.h"
#include "io/sockaddr.h"
#include "io/stamping.h"
#include "wire/icmp_echo.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>

/* Stamps (3 timespecs), TOS, TTL and packet info with their headers: 64 + 24 + 24 + 40. */
#define CONTROL_OCTETS 256

#define VLAN_ID_BITS   0x0fff /* IEEE 802.1Q */

struct dgram_batch {
	size_t payload_max;
	struct dgram dgrams[DGRAM_BATCH];
	struct mmsghdr messages[DGRAM_BATCH];
	struct iovec data[DGRAM_BATCH];
	union sockaddr_any names[DGRAM_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[DGRAM_BATCH][CONTROL_OCTETS];
	uint8_t payload[];
};

struct dgram_batch *dgram_batch_new(size_t payload_max)
{
	struct dgram_batch *b = xcalloc(1, sizeof(*b) + payload_max * DGRAM_BATCH);

	b->payload_max = payload_max;
	for (size_t i = 0; i < DGRAM_BATCH; i++) {
		b->data[i] = (struct iovec) { b->payload + i * payload_max, payload_max };
		b->messages[i].msg_hdr = (struct msghdr) {
			.msg_name = &b->names[i],
			.msg_iov = &b->data[i],
			.msg_iovlen = 1,
			.msg_control = b->control[i],
		};
	}
	return b;
}

void dgram_batch_free(struct dgram_batch *b)
{
	free(b);
}

static int cmsg_int(const struct cmsghdr *c)
{
	int value = 0;

	if (c->cmsg_len >= CMSG_LEN(sizeof(value)))
		memcpy(&value, CMSG_DATA(c), sizeof(value));
	else if (c->cmsg_len >= CMSG_LEN(1)) /* IP_TOS comes as one octet */
		value = *CMSG_DATA(c);
	return value;
}

static void take_v4(const struct cmsghdr *c, struct dgram *g)
{
	struct in_pktinfo info;

	switch (c->cmsg_type) {
	case IP_TOS:
		g->tos = (uint8_t)cmsg_int(c);
		break;
	case IP_TTL:
		g->ttl = (uint8_t)cmsg_int(c);
		break;
	case IP_PKTINFO:
		if (c->cmsg_len < CMSG_LEN(sizeof(info)))
			break;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		g->to = inet_addr_from_in(&info.ipi_addr);
		g->ifindex = (uint32_t)info.ipi_ifindex;
		break;
	}
}

static void take_v6(const struct cmsghdr *c, struct dgram *g)
{
	struct in6_pktinfo info;

	switch (c->cmsg_type) {
	case IPV6_TCLASS:
		g->tos = (uint8_t)cmsg_int(c);
		break;
	case IPV6_HOPLIMIT:
		g->ttl = (uint8_t)cmsg_int(c);
		break;
	case IPV6_PKTINFO:
		if (c->cmsg_len < CMSG_LEN(sizeof(info)))
			break;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		g->to = inet_addr_from_in6(&info.ipi6_addr, info.ipi6_ifindex);
		g->ifindex = info.ipi6_ifindex;
		break;
	}
}

static void take_packet(const struct cmsghdr *c, struct dgram *g)
{
	struct tpacket_auxdata aux;

	if (c->cmsg_type != PACKET_AUXDATA || c->cmsg_len < CMSG_LEN(sizeof(aux)))
		return;
	memcpy(&aux, CMSG_DATA(c), sizeof(aux));
	if (aux.tp_status & TP_STATUS_VLAN_VALID)
		g->vlan = aux.tp_vlan_tci & VLAN_ID_BITS;
}

static void take_message(const struct stamp_base *base, struct mmsghdr *m, struct dgram *g)
{
	struct msghdr *h = &m->msg_hdr;
	struct kernel_stamps stamps = { 0 };

	*g = (struct dgram) {
		.data = h->msg_iov->iov_base,
		.len = m->msg_len,
		.truncated = h->msg_flags & MSG_TRUNC,
		.from = sockaddr_to_endpoint(h->msg_name),
	};
	for (const struct cmsghdr *c = CMSG_FIRSTHDR(h); c;
	     c = CMSG_NXTHDR(h, (struct cmsghdr *)(uintptr_t)c)) {
		if (c->cmsg_level == IPPROTO_IP)
			take_v4(c, g);
		else if (c->cmsg_level == IPPROTO_IPV6)
			take_v6(c, g);
		else if (c->cmsg_level == SOL_PACKET)
			take_packet(c, g);
		else
			(void)kernel_stamps_from_cmsg(c, &stamps); /* false: something else */
	}
	g->at = stamp_choose(base, &stamps);
}

static bool is_raw_v4(int fd)
{
	int type = 0;
	socklen_t len = sizeof(type);

	return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_RAW;
}

/* A raw IPv4 socket delivers the IP header as well: step over it. */
static void strip_headers(struct dgram *g, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		ssize_t octets = icmp_echo_ipv4_header(g[i].data, g[i].len);

		if (octets < 0)
			continue; /* whoever reads the message finds that it is none */
		g[i].data += octets;
		g[i].len -= (size_t)octets;
	}
}

int dgram_receive(int fd, struct dgram_batch *b, struct clock *clock, struct dgram **ret)
{
	for (size_t i = 0; i < DGRAM_BATCH; i++) {
		b->messages[i].msg_hdr.msg_namelen = sizeof(b->names[i]);
		b->messages[i].msg_hdr.msg_controllen = CONTROL_OCTETS;
	}
	int n = recvmmsg(fd, b->messages, DGRAM_BATCH, MSG_DONTWAIT, NULL);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	struct stamp_base base = stamp_base_read(clock);

	for (int i = 0; i < n; i++)
		take_message(&base, &b->messages[i], &b->dgrams[i]);
	/* Only ping and raw sockets give an IPv4 source without a port (and UDP from port 0, which
	 * the second look tells apart). */
	if (n > 0 && b->dgrams[0].from.addr.family == INET_V4 && b->dgrams[0].from.port == 0 &&
	    is_raw_v4(fd))
		strip_headers(b->dgrams, (unsigned)n);
	*ret = b->dgrams;
	return n;
}
