/* SPDX-License-Identifier: Apache-2.0 */
/* Opening sockets with the rights of this process, and the sentences when that fails. */
#include "io/udp_socket.h"

#include "io/icmp_socket.h"
#include "io/net_place.h"
#include "io/sock_options.h"
#include "io/sockaddr.h"
#include "io/stamping.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define TCP_BACKLOG 1024

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
	case SOCK_KIND_PACKET:
		return "packet";
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
		return s->icmp == SOCK_ICMP_ECHO ? icmp_open(family, d) : icmp_open_timestamp(d);
	case SOCK_KIND_PACKET:
		/* Protocol 0: it hears nothing until it is bound to its interface. */
		family = AF_PACKET;
		fd = socket(AF_PACKET, SOCK_RAW | flags, 0);
		break;
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

	if (s->kind == SOCK_KIND_PACKET && error == -EPERM)
		return diag_set(d, error, "Ethernet frames take CAP_NET_RAW");
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

	if (s->kind == SOCK_KIND_PACKET)
		return s->device ? 0 : diag_set(d, -EINVAL, "Ethernet frames need an interface");
	if (s->kind > SOCK_KIND_PACKET || (family != INET_V4 && family != INET_V6))
		return diag_set(d, -EINVAL, "socket request without kind or local family");
	if (s->peer.addr.family != INET_NONE && s->peer.addr.family != family)
		return diag_set(d, -EAFNOSUPPORT, "source and target must both be %s",
		                family == INET_V4 ? "IPv4" : "IPv6");
	return 0;
}

static int bind_packet(int fd, const struct sock_spec *s, uint32_t ifindex, struct diag *d)
{
	const struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(s->ethertype),
		.sll_ifindex = (int)ifindex,
	};

	if (bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0)
		return diag_set(d, -errno, "cannot bind to the interface: %s", strerror(errno));
	return 0;
}

static bool is_listener(const struct sock_spec *s)
{
	return s->kind == SOCK_KIND_TCP_LISTEN || s->kind == SOCK_KIND_SCTP_LISTEN;
}

static bool connects_here(const struct sock_spec *s)
{
	return !is_listener(s) && s->kind != SOCK_KIND_TCP_CONNECT && !s->unconnected &&
	       s->peer.addr.family != INET_NONE;
}

/* To addresses: its own, and the other side's. */
static int attach(int fd, const struct sock_spec *s, const struct net_place *place, struct diag *d)
{
	struct inet_endpoint local = s->local;
	union sockaddr_any sa;

	if (s->kind == SOCK_KIND_PACKET)
		return bind_packet(fd, s, place->ifindex, d);
	if (place->source.family != INET_NONE)
		local.addr = place->source;
	if (bind(fd, &sa.sa, sockaddr_from_endpoint(&local, &sa)) < 0)
		return sock_bind_sentence(s, -errno, d);
	/* EADDRINUSE: another listener came first */
	if (is_listener(s) && listen(fd, TCP_BACKLOG) < 0)
		return sock_bind_sentence(s, -errno, d);
	if (!connects_here(s))
		return 0;
	socklen_t len = sockaddr_from_endpoint(&s->peer, &sa);

	sockaddr_set_flow_label(&sa, s->flow_label);
	return connect(fd, &sa.sa, len) < 0 ? sock_connect_sentence(&s->peer, -errno, d) : 0;
}

static int open_at(const struct sock_spec *s, const struct net_place *place, struct diag *d)
{
	CLEANUP(fd_closep) int fd = open_descriptor(s, d);

	if (fd < 0)
		return fd;
	int rc = sock_set_options(fd, s, place->ifindex, d);

	if (rc == 0)
		rc = attach(fd, s, place, d);
	return rc < 0 ? rc : fd_steal(&fd);
}

int sock_open_here(const struct sock_spec *s, struct diag *d)
{
	struct net_place place;
	int rc = check(s, d);

	if (rc < 0)
		return rc;
	if (s->rx_stamps)
		stamping_keep_on(); /* with a socket that lasts: not in somebody's namespace */
	rc = net_place_enter(s, &place, d);
	if (rc < 0)
		return rc;
	int fd = open_at(s, &place, d);

	net_place_leave(&place);
	return fd;
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

int sock_mac(int fd, uint8_t *to)
{
	struct sockaddr_ll at = { 0 };
	socklen_t len = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &len) < 0)
		return -errno;
	if (at.sll_family != AF_PACKET || at.sll_halen != 6)
		return -EAFNOSUPPORT;
	memcpy(to, at.sll_addr, 6);
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
