/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP and ICMPv6 echo (RFC 792, RFC 4443 section 4) with the payload of an IP SLA icmp-echo
 * operation: 4 zero octets, 4 octets of the sender's uptime in ms, then request-data-size octets of
 * fill (the default 28 makes an IPv4 packet of 64 octets).  Pure functions. */
#ifndef CANDOR_WIRE_ICMP_ECHO_H
#define CANDOR_WIRE_ICMP_ECHO_H

#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ICMP_ECHO_HEADER_OCTETS 8u
#define ICMP_ECHO_STAMP_OCTETS  8u     /* zero and uptime */
#define ICMP_ECHO_DATA_MAX      16384u /* largest request-data-size */
#define ICMP_ECHO_MAX           (ICMP_ECHO_HEADER_OCTETS + ICMP_ECHO_STAMP_OCTETS + ICMP_ECHO_DATA_MAX)

struct icmp_echo {
	enum inet_family family;
	bool is_reply;
	uint16_t id; /* of a request sent by a ping socket: the kernel puts its own */
	uint16_t sequence;
	uint32_t uptime_ms;   /* 0 when the payload is shorter than 8 octets */
	uint32_t payload_len; /* all after the 8-octet header; encode: 8 + request-data-size */
};

/* Build a message with fill of ``pattern``: 8 + payload_len octets.  ICMPv4 gets its checksum; the
 * checksum of ICMPv6 is left 0, the kernel fills it in.  -EINVAL: no family, payload_len below 8 or
 * above 8 + ICMP_ECHO_DATA_MAX; -ENOBUFS. */
NODISCARD ssize_t icmp_echo_encode(const struct icmp_echo *e, uint32_t pattern, uint8_t *buf,
                                   size_t cap);

/* Read an ICMP message (IP header already taken off).  0; -ENOMSG: ICMP, but no echo; -EBADMSG:
 * short, code not 0, or (ICMPv4) a wrong checksum.  The payload is buf[8 .. 8 + payload_len): the
 * caller compares its length and fill with what it sent. */
NODISCARD int icmp_echo_decode(const uint8_t *buf, size_t len, enum inet_family family,
                               struct icmp_echo *ret);

/* What an ICMP error quotes of a request of ours: identifier and sequence, which every router quotes (RFC 792 asks
 * for 8 octets).  0; -ENOMSG: it quotes something else; -EBADMSG: less than that. */
NODISCARD int icmp_echo_decode_quote(const uint8_t *buf, size_t len, enum inet_family family,
                                     struct icmp_echo *ret);

/* Length of the IPv4 header before the ICMP message, for raw sockets; 20 .. 60.  -EBADMSG: no IPv4
 * header, or not ICMP behind it. */
NODISCARD ssize_t icmp_echo_ipv4_header(const uint8_t *buf, size_t len);

/* RFC 1071 over ``len`` octets; 0 over a message with a right checksum. */
uint16_t icmp_checksum(const uint8_t *buf, size_t len);

#endif
