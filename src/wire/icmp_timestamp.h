/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP timestamp and timestamp reply (RFC 792), as icmp-jitter uses them: identifier and sequence are both
 * the number of the packet.  Times are milliseconds since midnight UTC; the high bit says that a time is
 * none of these, which routers set while their clock is not synchronised.  IPv4 alone.  Pure functions. */
#ifndef CANDOR_WIRE_ICMP_TIMESTAMP_H
#define CANDOR_WIRE_ICMP_TIMESTAMP_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ICMP_TIMESTAMP_OCTETS      20u
#define ICMP_TIMESTAMP_NONSTANDARD UINT32_C(0x80000000) /* the high bit */
#define ICMP_TIMESTAMP_DAY_MS      86400000u

struct icmp_timestamp {
	bool is_reply;
	uint16_t id, sequence;
	uint32_t originate, receive, transmit; /* with their high bit */
};

/* Build a message of ICMP_TIMESTAMP_OCTETS with its checksum; its length or -ENOBUFS. */
NODISCARD ssize_t icmp_timestamp_encode(const struct icmp_timestamp *t, uint8_t *buf, size_t cap);

/* Read an ICMP message (IP header already taken off).  0; -ENOMSG: ICMP of another type; -EBADMSG: short, code
 * not 0, or a wrong checksum.  What follows the 20 octets is left alone, as by routers. */
NODISCARD int icmp_timestamp_decode(const uint8_t *buf, size_t len, struct icmp_timestamp *ret);

#endif
