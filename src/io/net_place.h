/* SPDX-License-Identifier: Apache-2.0 */
/* Where a socket is opened: in the network namespace of a VRF, on its device, or on an interface.
 * Inside io/ only. */
#ifndef CANDOR_IO_NET_PLACE_H
#define CANDOR_IO_NET_PLACE_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "io/udp_socket.h"

#define NETNS_FOLDER "/run/netns" /* of `ip netns` */

struct net_place {
	int home;         /* our own namespace while this thread is in another; -1: it is at home */
	uint32_t ifindex; /* what to bind the socket to; 0: nothing */
	struct inet_addr source; /* that the interface lends; family none: it says nothing */
};

/* Go where ``s`` wants its socket (vrf, device), as they are called now.  0, or -errno with ``d``; then the
 * thread is where it was.  Else net_place_leave() follows, before anything but opening. */
NODISCARD int net_place_enter(const struct sock_spec *s, struct net_place *ret, struct diag *d);
void net_place_leave(struct net_place *p);

#endif
