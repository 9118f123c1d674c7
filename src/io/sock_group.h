/* SPDX-License-Identifier: Apache-2.0 */
/* Multicast groups of a UDP socket. */
#ifndef CANDOR_IO_SOCK_GROUP_H
#define CANDOR_IO_SOCK_GROUP_H

#include "base/cleanup.h"
#include "base/inet.h"

/* Listen to an IPv4 group on the interface that has the address ``via``.  ``source`` of a family: to what that
 * host sends alone (RFC 4607).  Being in it already is fine.  0 or -errno. */
NODISCARD int sock_group_join(int fd, const struct inet_addr *group, const struct inet_addr *via,
                              const struct inet_addr *source);

#endif
