/* SPDX-License-Identifier: Apache-2.0 */
/* Echo sockets: the kernel's ping sockets where they are allowed, raw ones where the process has
 * CAP_NET_RAW.  Both carry the ICMP message from its type octet on, and both have an echo
 * identifier, which sock_local() gives as the port.  The writer of a request fills in identifier
 * and checksum (over IPv4) in every case: a ping socket overwrites both with the same values.
 * Inside io/ only. */
#ifndef CANDOR_IO_ICMP_SOCKET_H
#define CANDOR_IO_ICMP_SOCKET_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stdint.h>

/* A new socket, or -errno with ``d`` naming net.ipv4.ping_group_range. */
int icmp_open(int family, struct diag *d);

/* A raw socket for ICMP timestamps (RFC 792), which hears every timestamp reply that its connection lets
 * through.  -errno with ``d``. */
int icmp_open_timestamp(struct diag *d);

/* True when ``fd`` is a raw socket of icmp_open(): its echo identifier.  Kept in the socket itself
 * (in its filter), so that it survives being passed between processes. */
bool icmp_raw_id(int fd, uint16_t *ret_id);

#endif
