/* SPDX-License-Identifier: Apache-2.0 */
/* Between our address values and the kernel's. */
#include "io/sockaddr.h"

#include <arpa/inet.h>
#include <string.h>

socklen_t sockaddr_from_endpoint(const struct inet_endpoint *e, union sockaddr_any *to)
{
	memset(to, 0, sizeof(*to));
	if (e->addr.family == INET_V4) {
		to->v4.sin_family = AF_INET;
		to->v4.sin_port = htons(e->port);
		memcpy(&to->v4.sin_addr, e->addr.bytes, 4);
		return sizeof(to->v4);
	}
	if (e->addr.family == INET_V6) {
		to->v6.sin6_family = AF_INET6;
		to->v6.sin6_port = htons(e->port);
		to->v6.sin6_scope_id = e->addr.scope_id;
		memcpy(&to->v6.sin6_addr, e->addr.bytes, 16);
		return sizeof(to->v6);
	}
	return 0;
}

void sockaddr_set_flow_label(union sockaddr_any *sa, uint32_t label)
{
	if (sa->sa.sa_family == AF_INET6)
		sa->v6.sin6_flowinfo = htonl(label);
}

struct inet_endpoint sockaddr_to_endpoint(const union sockaddr_any *from)
{
	struct inet_endpoint e = { 0 };

	if (from->sa.sa_family == AF_INET) {
		e.addr = inet_addr_from_in(&from->v4.sin_addr);
		e.port = ntohs(from->v4.sin_port);
	} else if (from->sa.sa_family == AF_INET6) {
		e.addr = inet_addr_from_in6(&from->v6.sin6_addr, from->v6.sin6_scope_id);
		e.port = ntohs(from->v6.sin6_port);
	}
	return e;
}

struct inet_addr inet_addr_from_in(const struct in_addr *in)
{
	struct inet_addr a = { .family = INET_V4 };

	memcpy(a.bytes, in, 4);
	return a;
}

struct inet_addr inet_addr_from_in6(const struct in6_addr *in6, uint32_t ifindex)
{
	struct inet_addr a = { .family = INET_V6 };

	if (IN6_IS_ADDR_V4MAPPED(in6)) { /* a dual-stack socket */
		a.family = INET_V4;
		memcpy(a.bytes, in6->s6_addr + 12, 4);
		return a;
	}
	memcpy(a.bytes, in6, 16);
	if (IN6_IS_ADDR_LINKLOCAL(in6) || IN6_IS_ADDR_MC_LINKLOCAL(in6))
		a.scope_id = ifindex;
	return a;
}
