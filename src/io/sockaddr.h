/* SPDX-License-Identifier: Apache-2.0 */
/* Between our address values and the kernel's; inside io/ only. */
#ifndef CANDOR_IO_SOCKADDR_H
#define CANDOR_IO_SOCKADDR_H

#include "base/inet.h"
#include <netinet/in.h>
#include <sys/socket.h>

union sockaddr_any {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Fill ``to`` and return its length; 0 when ``e`` has no family. */
socklen_t sockaddr_from_endpoint(const struct inet_endpoint *e, union sockaddr_any *to);

/* Of the packets to this address; nothing but for IPv6, on a socket with IPV6_FLOWINFO_SEND. */
void sockaddr_set_flow_label(union sockaddr_any *sa, uint32_t label);

/* Family none when ``from`` is of another family than AF_INET and AF_INET6. */
struct inet_endpoint sockaddr_to_endpoint(const union sockaddr_any *from);

struct inet_addr inet_addr_from_in(const struct in_addr *in);
/* ``ifindex`` becomes the scope of a link-local address and is ignored for any other.  An IPv4 address
 * mapped into IPv6 comes out as an IPv4 address. */
struct inet_addr inet_addr_from_in6(const struct in6_addr *in6, uint32_t ifindex);

#endif
