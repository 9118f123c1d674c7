/* SPDX-License-Identifier: Apache-2.0 */
/* Socket options in tables, one a theme. */
#include "io/sock_options.h"

#include "io/stamping.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

#ifndef IPV6_FLOWINFO_SEND
#define IPV6_FLOWINFO_SEND 33 /* linux/in6.h, which does not go with netinet/in.h */
#endif

static int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) < 0 ? -errno : 0;
}

/* One option of a table; the first that fails is named to the caller. */
struct option {
	int level, option, value;
	const char *name;
	bool wanted;
};

static int set_options(int fd, const struct option *options, size_t count, const char **ret_failed)
{
	for (size_t i = 0; i < count; i++) {
		const struct option *o = &options[i];
		int rc = o->wanted ? set_int(fd, o->level, o->option, o->value) : 0;

		if (rc < 0) {
			*ret_failed = o->name;
			return rc;
		}
	}
	return 0;
}

static bool has_datagrams(const struct sock_spec *s)
{
	return s->kind == SOCK_KIND_UDP || s->kind == SOCK_KIND_ICMP;
}

static bool goes_to_group(const struct sock_spec *s)
{
	const struct inet_addr *a = &s->peer.addr;

	return (a->family == INET_V4 && (a->bytes[0] & 0xf0) == 0xe0) ||
	       (a->family == INET_V6 && a->bytes[0] == 0xff);
}

/* Unless told otherwise, fragments are sent rather than refused (no DF): what is measured is the path
 * for datagrams of the configured size, and a changed path MTU must not fail a send. */
static int set_options_v4(int fd, const struct sock_spec *s, const char **ret_failed)
{
	bool datagrams = has_datagrams(s);
	int ttl = s->ttl ? s->ttl : 255;
	const struct option options[] = {
		{ IPPROTO_IP, IP_TOS, s->tos, "IP_TOS", s->tos != 0 },
		{ IPPROTO_IP, IP_TTL, ttl, "IP_TTL", true },
		{ IPPROTO_IP, IP_MTU_DISCOVER,
		  s->no_fragments ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT, "IP_MTU_DISCOVER",
		  datagrams },
		{ IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS", datagrams },
		{ IPPROTO_IP, IP_RECVTTL, 1, "IP_RECVTTL", datagrams },
		{ IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO", datagrams && s->packet_info },
		{ IPPROTO_IP, IP_RECVERR, 1, "IP_RECVERR", datagrams && s->icmp_errors },
		{ IPPROTO_IP, IP_MULTICAST_TTL, ttl, "IP_MULTICAST_TTL", goes_to_group(s) },
	};

	return set_options(fd, options, ARRAY_LEN(options), ret_failed);
}

static int set_options_v6(int fd, const struct sock_spec *s, const char **ret_failed)
{
	bool datagrams = has_datagrams(s);
	int hops = s->ttl ? s->ttl : 255;
	const struct option options[] = {
		/* For measuring never dual stack: one socket, one family, one kind of control
		 * message. */
		{ IPPROTO_IPV6, IPV6_V6ONLY, !s->dual_stack, "IPV6_V6ONLY",
		  s->kind != SOCK_KIND_ICMP },
		{ IPPROTO_IPV6, IPV6_TCLASS, s->tos, "IPV6_TCLASS", s->tos != 0 },
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, hops, "IPV6_UNICAST_HOPS", true },
		{ IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		  s->no_fragments ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT, "IPV6_MTU_DISCOVER",
		  datagrams },
		{ IPPROTO_IPV6, IPV6_DONTFRAG, 1, "IPV6_DONTFRAG", datagrams && s->no_fragments },
		{ IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS", datagrams },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT", datagrams },
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO",
		  datagrams && s->packet_info },
		{ IPPROTO_IPV6, IPV6_RECVERR, 1, "IPV6_RECVERR", datagrams && s->icmp_errors },
		{ IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops, "IPV6_MULTICAST_HOPS",
		  goes_to_group(s) },
		{ IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1, "IPV6_FLOWINFO_SEND", s->flow_label != 0 },
	};

	return set_options(fd, options, ARRAY_LEN(options), ret_failed);
}

static int set_options_general(int fd, const struct sock_spec *s, uint32_t ifindex,
                               const char **ret_failed)
{
	bool listens = s->kind == SOCK_KIND_TCP_LISTEN || s->kind == SOCK_KIND_SCTP_LISTEN;
	bool packets = s->kind == SOCK_KIND_PACKET;
	const struct option options[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR", listens },
		{ SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT", s->reuse_port },
		{ SOL_SOCKET, SO_BROADCAST, 1, "SO_BROADCAST", s->broadcast },
		{ SOL_SOCKET, SO_BINDTOIFINDEX, (int)ifindex, "SO_BINDTOIFINDEX",
		  ifindex != 0 && !packets },
		{ SOL_SOCKET, SO_MARK, (int)s->mark, "SO_MARK", s->mark != 0 },
		/* Behind the TOS, which sets a priority as well. */
		{ SOL_SOCKET, SO_PRIORITY, s->priority, "SO_PRIORITY", s->priority != 0 },
		{ SOL_PACKET, PACKET_AUXDATA, 1, "PACKET_AUXDATA", packets },
	};

	return set_options(fd, options, ARRAY_LEN(options), ret_failed);
}

static void set_receive_buffer(int fd, uint32_t bytes)
{
	if (!bytes)
		return;
	int value = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;

	/* Beyond net.core.rmem_max needs CAP_NET_ADMIN; without it the kernel gives what it may,
	 * and sock_drops() shows when that was too little. */
	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, value) < 0)
		(void)set_int(fd, SOL_SOCKET, SO_RCVBUF, value);
}

int sock_set_options(int fd, const struct sock_spec *s, uint32_t ifindex, struct diag *d)
{
	const char *failed = "";
	uint8_t family = s->local.addr.family;
	int rc = family == INET_V6 ? set_options_v6(fd, s, &failed) : 0;

	if (rc == 0 && (family == INET_V4 || s->dual_stack))
		rc = set_options_v4(fd, s, &failed);
	if (rc == 0)
		rc = set_options_general(fd, s, ifindex, &failed);
	if (rc == 0 && (s->rx_stamps || s->tx_stamps)) {
		failed = "SO_TIMESTAMPING";
		rc = stamping_enable(fd, s->rx_stamps, s->tx_stamps);
	}
	if (rc < 0)
		return diag_set(d, rc, "cannot set %s: %s", failed, strerror(-rc));
	set_receive_buffer(fd, s->receive_buffer_bytes);
	return 0;
}

int sock_set_ttl(int fd, uint8_t ttl)
{
	int domain = AF_INET;
	socklen_t len = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0)
		return -errno;
	return domain == AF_INET6 ? set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, ttl)
	                          : set_int(fd, IPPROTO_IP, IP_TTL, ttl);
}
