/* SPDX-License-Identifier: Apache-2.0 */
/* Joining groups. */
#include "io/sock_group.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static struct in_addr in_addr_of(const struct inet_addr *a)
{
	struct in_addr to = { 0 };

	if (a->family == INET_V4)
		memcpy(&to, a->bytes, sizeof(to));
	return to;
}

int sock_group_join(int fd, const struct inet_addr *group, const struct inet_addr *via,
                    const struct inet_addr *source)
{
	const struct ip_mreq any = { in_addr_of(group), in_addr_of(via) };
	const struct ip_mreq_source one = { in_addr_of(group), in_addr_of(via),
		                            in_addr_of(source) };
	int zero = 0;

	if (group->family != INET_V4)
		return -EAFNOSUPPORT;
	/* Nothing of groups that other programs joined. */
	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_ALL, &zero, sizeof(zero)) < 0)
		return -errno;
	int rc = source->family == INET_V4
	                 ? setsockopt(fd, IPPROTO_IP, IP_ADD_SOURCE_MEMBERSHIP, &one, sizeof(one))
	                 : setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &any, sizeof(any));

	/* The second one comes from a source that is in the list already. */
	return rc == 0 || errno == EADDRINUSE || errno == EADDRNOTAVAIL ? 0 : -errno;
}
