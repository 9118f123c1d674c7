/* SPDX-License-Identifier: Apache-2.0 */
/* Opening sockets with the rights of this process, and the sentences when that fails. */
#include "io/udp_socket.h"

#include "io/icmp_socket.h"
#include "io/sockaddr.h"
#include "io/stamping.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define TCP_BACKLOG 1024

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

/* Fragments are sent rather than refused (no DF): what is measured is the path for datagrams of
 * the configured size, and a changed path MTU must not fail a send. */
static int set_options_v4(int fd, const struct sock_spec *s, const char **ret_failed)
{
	bool datagrams = s->kind == SOCK_KIND_UDP || s->kind == SOCK_KIND_ICMP;
	const struct option options[] = {
		{ IPPROTO_IP, IP_TOS, s->tos, "IP_TOS", s->tos != 0 },
		{ IPPROTO_IP, IP_TTL, s->ttl ? s->ttl : 255, "IP_TTL", true },
		{ IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "IP_MTU_DISCOVER", datagrams },
		{ IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS", datagrams },
		{ IPPROTO_IP, IP_RECVTTL, 1, "IP_RECVTTL", datagrams },
		{ IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO", datagrams && s->packet_info },
	};

	return set_options(fd, options, ARRAY_LEN(options), ret_failed);
}

static int set_options_v6(int fd, const struct sock_spec *s, const char **ret_failed)
{
	bool datagrams = s->kind == SOCK_KIND_UDP || s->kind == SOCK_KIND_ICMP;
	const struct option options[] = {
		/* For measuring never dual stack: one socket, one family, one kind of control
		 * message. */
		{ IPPROTO_IPV6, IPV6_V6ONLY, !s->dual_stack, "IPV6_V6ONLY",
		  s->kind != SOCK_KIND_ICMP },
		{ IPPROTO_IPV6, IPV6_TCLASS, s->tos, "IPV6_TCLASS", s->tos != 0 },
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS, s->ttl ? s->ttl : 255, "IPV6_UNICAST_HOPS",
		  true },
		{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, "IPV6_MTU_DISCOVER",
		  datagrams },
		{ IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS", datagrams },
		{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, "IPV6_RECVHOPLIMIT", datagrams },
		{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO",
		  datagrams && s->packet_info },
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

static int set_all(int fd, const struct sock_spec *s, struct diag *d)
{
	const char *failed = "";
	int rc = s->local.addr.family == INET_V4 ? 0 : set_options_v6(fd, s, &failed);

	if (rc == 0 && (s->local.addr.family == INET_V4 || s->dual_stack))
		rc = set_options_v4(fd, s, &failed);

	bool listens = s->kind == SOCK_KIND_TCP_LISTEN || s->kind == SOCK_KIND_SCTP_LISTEN;
	const struct option general[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1, "SO_REUSEADDR", listens },
		{ SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT", s->reuse_port },
	};

	if (rc == 0)
		rc = set_options(fd, general, ARRAY_LEN(general), &failed);
	if (rc == 0 && (s->rx_stamps || s->tx_stamps)) {
		failed = "SO_TIMESTAMPING";
		rc = stamping_enable(fd, s->rx_stamps, s->tx_stamps);
	}
	if (rc < 0)
		return diag_set(d, rc, "cannot set %s: %s", failed, strerror(-rc));
	set_receive_buffer(fd, s->receive_buffer_bytes);
	return 0;
}

static const char *protocol_name(const struct sock_spec *s)
{
	switch ((enum sock_kind)s->kind) {
	case SOCK_KIND_UDP:
		return "UDP";
	case SOCK_KIND_TCP_LISTEN:
	case SOCK_KIND_TCP_CONNECT:
		return "TCP";
	case SOCK_KIND_SCTP_LISTEN:
		return "SCTP";
	case SOCK_KIND_ICMP:
		return "ICMP";
	}
	return "?";
}

int sock_bind_sentence(const struct sock_spec *s, int error, struct diag *d)
{
	char at[INET_ENDPOINT_TEXT_MAX];
	char addr[INET_TEXT_MAX];
	const char *protocol = protocol_name(s);

	inet_endpoint_format(&s->local, at);
	inet_addr_format(&s->local.addr, addr);
	switch (-error) {
	case EADDRINUSE:
		return diag_set(d, error,
		                "%s port %u on %s is in use by another program: find it with "
		                "\"ss -ln%cp 'sport = :%u'\", stop it or choose another port",
		                protocol, s->local.port, addr,
		                s->kind == SOCK_KIND_UDP           ? 'u'
		                : s->kind == SOCK_KIND_SCTP_LISTEN ? 'S'
		                                                   : 't',
		                s->local.port);
	case EACCES:
	case EPERM:
		return diag_set(
		        d, error,
		        "%s port %u needs a privilege: run with CAP_NET_BIND_SERVICE, or "
		        "allow it to all with \"sysctl "
		        "net.ipv4.ip_unprivileged_port_start=%u\", or use a port from 1024 up",
		        protocol, s->local.port, s->local.port);
	case EADDRNOTAVAIL:
		return diag_set(
		        d, error,
		        "%s is not an address of this host: \"ip address\" lists those that "
		        "are",
		        addr);
	default:
		return diag_set(d, error, "cannot bind %s to %s: %s", protocol, at,
		                strerror(-error));
	}
}

int sock_connect_sentence(const struct inet_endpoint *to, int error, struct diag *d)
{
	char peer[INET_ENDPOINT_TEXT_MAX];

	if (to->port)
		inet_endpoint_format(to, peer);
	else
		inet_addr_format(&to->addr, peer);
	if (error == -ENETUNREACH || error == -EHOSTUNREACH)
		return diag_set(d, error, "no route to %s: see \"ip route get\"", peer);
	if (error == -EINVAL)
		return diag_set(d, error, "the route to %s is a blackhole: see \"ip route get\"",
		                peer);
	if (error == -EACCES || error == -EPERM)
		return diag_set(
		        d, error,
		        "traffic to %s is forbidden here: a broadcast address, a route that "
		        "prohibits it (\"ip route get\") or a firewall",
		        peer);
	return diag_set(d, error, "cannot connect to %s: %s", peer, strerror(-error));
}

static int open_descriptor(const struct sock_spec *s, struct diag *d)
{
	int family = s->local.addr.family == INET_V4 ? AF_INET : AF_INET6;
	int flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
	int fd = -1;

	switch ((enum sock_kind)s->kind) {
	case SOCK_KIND_ICMP:
		return icmp_open(family, d);
	case SOCK_KIND_UDP:
		fd = socket(family, SOCK_DGRAM | flags, IPPROTO_UDP);
		break;
	case SOCK_KIND_TCP_LISTEN:
	case SOCK_KIND_TCP_CONNECT:
		fd = socket(family, SOCK_STREAM | flags, IPPROTO_TCP);
		break;
	case SOCK_KIND_SCTP_LISTEN:
		fd = socket(family, SOCK_STREAM | flags, IPPROTO_SCTP);
		break;
	}
	if (fd >= 0)
		return fd;
	int error = -errno;

	if (error == -EPROTONOSUPPORT || error == -EAFNOSUPPORT)
		return diag_set(d, error, "this kernel has no %s over %s", protocol_name(s),
		                family == AF_INET ? "IPv4" : "IPv6");
	return diag_set(d, error, "cannot open a %s socket: %s", protocol_name(s),
	                strerror(-error));
}

/* What can be said against a request before the kernel is asked. */
static int check(const struct sock_spec *s, struct diag *d)
{
	uint8_t family = s->local.addr.family;

	if (s->kind > SOCK_KIND_SCTP_LISTEN || (family != INET_V4 && family != INET_V6))
		return diag_set(d, -EINVAL, "socket request without kind or local family");
	if (s->peer.addr.family != INET_NONE && s->peer.addr.family != family)
		return diag_set(d, -EAFNOSUPPORT, "source and target must both be %s",
		                family == INET_V4 ? "IPv4" : "IPv6");
	return 0;
}

int sock_open_here(const struct sock_spec *s, struct diag *d)
{
	union sockaddr_any sa;
	int rc = check(s, d);

	if (rc < 0)
		return rc;
	CLEANUP(fd_closep) int fd = open_descriptor(s, d);

	if (fd < 0)
		return fd;
	rc = set_all(fd, s, d);
	if (rc < 0)
		return rc;
	if (bind(fd, &sa.sa, sockaddr_from_endpoint(&s->local, &sa)) < 0)
		return sock_bind_sentence(s, -errno, d);
	if (s->kind == SOCK_KIND_TCP_LISTEN || s->kind == SOCK_KIND_SCTP_LISTEN) {
		if (listen(fd, TCP_BACKLOG) < 0) /* EADDRINUSE: another listener came first */
			return sock_bind_sentence(s, -errno, d);
	} else if (s->kind != SOCK_KIND_TCP_CONNECT && s->peer.addr.family != INET_NONE) {
		if (connect(fd, &sa.sa, sockaddr_from_endpoint(&s->peer, &sa)) < 0)
			return sock_connect_sentence(&s->peer, -errno, d);
	}
	return fd_steal(&fd);
}

static int open_direct(struct sock_opener *o, const struct sock_spec *spec, struct diag *d)
{
	(void)o;
	return sock_open_here(spec, d);
}

struct sock_opener *sock_opener_direct(void)
{
	static struct sock_opener direct = { .open = open_direct };

	return &direct;
}

int sock_local(int fd, struct inet_endpoint *ret)
{
	union sockaddr_any sa = { 0 };
	socklen_t len = sizeof(sa);
	uint16_t id;

	if (getsockname(fd, &sa.sa, &len) < 0)
		return -errno;
	struct inet_endpoint e = sockaddr_to_endpoint(&sa);

	if (e.addr.family == INET_NONE)
		return -EAFNOSUPPORT;
	if (icmp_raw_id(fd, &id))
		e.port = id;
	*ret = e;
	return 0;
}

uint32_t sock_drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) < 0)
		return 0;
	return info[SK_MEMINFO_DROPS];
}
