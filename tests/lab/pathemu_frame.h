/* SPDX-License-Identifier: Apache-2.0 */
/* What the path emulator knows of one Ethernet frame: where its parts are, whom it is between, and
 * how its checksums are completed, spoiled and repaired.  Pure: octets in, octets out. */
#ifndef CANDOR_LAB_PATHEMU_FRAME_H
#define CANDOR_LAB_PATHEMU_FRAME_H

#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 2048 /* octets of one frame; longer ones are dropped and counted */

enum frame_kind {
	FRAME_OTHER,     /* neither IPv4 nor IPv6 (ARP among them), or too short to tell */
	FRAME_NEIGHBOUR, /* IPv6 neighbour discovery and multicast listener reports */
	FRAME_IP,        /* everything that a rule may touch */
};

struct frame_info {
	enum frame_kind kind;
	uint8_t proto;         /* IP protocol, after IPv6 extension headers */
	bool has_ports;        /* ports below are the datagram's own */
	uint16_t sport, dport; /* UDP, TCP; identifier and sequence of an ICMP echo */
	uint8_t tcp_flags;     /* TCP only */
	uint8_t icmp_type;     /* ICMP and ICMPv6 only */
	uint8_t tos;           /* IPv4 ToS, IPv6 traffic class */
	uint8_t ttl;
	struct inet_addr src, dst;
	uint32_t len;                      /* of the whole frame, octets */
	uint32_t l3_at, l4_at, payload_at; /* offsets; 0: there is none */
	uint32_t payload_len;              /* without the padding of a short frame */
	uint32_t l4_len;                   /* from l4_at to the end of the IP packet */
};

/* Never fails: what cannot be told stays 0. */
void frame_parse(const uint8_t *frame, size_t len, struct frame_info *ret);

/* RFC 1071 sum of ``len`` octets on top of ``sum``, not folded. */
uint64_t frame_sum(const uint8_t *p, size_t len, uint64_t sum);
uint16_t frame_fold(uint64_t sum); /* folded and complemented, host order */

/* Finish a checksum that the sender's kernel left to the card: it covers the octets from ``start``
 * to the end of the frame, is stored at start + offset, and that field holds the pseudo header's
 * sum. 0, or -EBADMSG when the field is outside the frame. */
NODISCARD int frame_complete_csum(uint8_t *frame, size_t len, uint32_t start, uint32_t offset);

/* True when the UDP, TCP, ICMP or ICMPv6 checksum is right, or absent (IPv4 UDP with 0). */
bool frame_csum_is_good(const uint8_t *frame, const struct frame_info *info);

/* Flip one bit of the payload: octet ``at`` (modulo the payload), bit 0-7.  With ``repair`` the
 * checksum is made right again.  False when there is no payload; nothing is changed then. */
bool frame_corrupt(uint8_t *frame, const struct frame_info *info, uint32_t at, unsigned bit,
                   bool repair);

/* "udp", "tcp", "icmp", "icmp6", "ip" (another protocol), "other" (no IP). */
const char *frame_proto_name(const struct frame_info *info);

#endif
