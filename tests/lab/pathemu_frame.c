/* SPDX-License-Identifier: Apache-2.0 */
/* Reading Ethernet frames, and their checksums: RFC 791, 8200, 768, 9293, 792, 4443, 1071. */
#include "pathemu_frame.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define ETHER_HEADER   14U
#define TYPE_IPV4      0x0800
#define TYPE_IPV6      0x86dd
#define IPV6_HEADER    40U
#define EXTENSIONS_MAX 8 /* IPv6 extension headers that we walk */

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)(v & 0xff);
}

static bool is_icmp(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

/* Ports, flags and payload of the transport header at info->l4_at. */
static void parse_transport(const uint8_t *frame, struct frame_info *info)
{
	const uint8_t *p = frame + info->l4_at;
	uint32_t header = 8;

	if (info->l4_len < 8)
		return;
	if (info->proto == IPPROTO_TCP) {
		if (info->l4_len < 20)
			return;
		header = (uint32_t)(p[12] >> 4) * 4;
		info->tcp_flags = p[13];
	} else if (is_icmp(info->proto)) {
		info->icmp_type = p[0];
	} else if (info->proto != IPPROTO_UDP) {
		return;
	}
	if (header < 8 || header > info->l4_len)
		return;
	if (is_icmp(info->proto)) {
		info->sport = be16(p + 4);
		info->dport = be16(p + 6);
	} else {
		info->sport = be16(p);
		info->dport = be16(p + 2);
		info->has_ports = true;
	}
	info->payload_at = info->l4_at + header;
	info->payload_len = info->l4_len - header;
	if (info->proto == IPPROTO_ICMPV6 && info->icmp_type >= 130 && info->icmp_type <= 143)
		info->kind = FRAME_NEIGHBOUR; /* listener reports 130-132, 143; discovery 133-137 */
}

static void parse_v4(const uint8_t *frame, struct frame_info *info)
{
	const uint8_t *ip = frame + ETHER_HEADER;
	uint32_t left = info->len - ETHER_HEADER;
	uint32_t header, total;

	if (left < 20 || ip[0] >> 4 != 4)
		return;
	header = (uint32_t)(ip[0] & 0x0f) * 4;
	total = be16(ip + 2);
	if (header < 20 || total < header || total > left)
		return;
	info->kind = FRAME_IP;
	info->l3_at = ETHER_HEADER;
	info->proto = ip[9];
	info->tos = ip[1];
	info->ttl = ip[8];
	info->src.family = info->dst.family = INET_V4;
	memcpy(info->src.bytes, ip + 12, 4);
	memcpy(info->dst.bytes, ip + 16, 4);
	if (be16(ip + 6) & 0x1fff)
		return; /* a later fragment: no transport header */
	info->l4_at = ETHER_HEADER + header;
	info->l4_len = total - header;
	parse_transport(frame, info);
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_DSTOPTS;
}

static void parse_v6(const uint8_t *frame, struct frame_info *info)
{
	const uint8_t *ip = frame + ETHER_HEADER;
	uint32_t left = info->len - ETHER_HEADER;
	uint32_t total, at = IPV6_HEADER;
	uint8_t next;

	if (left < IPV6_HEADER || ip[0] >> 4 != 6)
		return;
	total = IPV6_HEADER + be16(ip + 4);
	if (total > left)
		return;
	info->kind = FRAME_IP;
	info->l3_at = ETHER_HEADER;
	info->tos = (uint8_t)((ip[0] & 0x0f) << 4 | ip[1] >> 4);
	info->ttl = ip[7];
	info->src.family = info->dst.family = INET_V6;
	memcpy(info->src.bytes, ip + 8, 16);
	memcpy(info->dst.bytes, ip + 24, 16);
	next = ip[6];
	for (int i = 0; i < EXTENSIONS_MAX && is_extension(next) && at + 8 <= total; i++) {
		uint32_t size = ((uint32_t)ip[at + 1] + 1) * 8;

		next = ip[at];
		at += size;
	}
	info->proto = next;
	if (at > total || next == IPPROTO_FRAGMENT)
		return;
	info->l4_at = ETHER_HEADER + at;
	info->l4_len = total - at;
	parse_transport(frame, info);
}

void frame_parse(const uint8_t *frame, size_t len, struct frame_info *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->len = (uint32_t)len;
	if (len < ETHER_HEADER)
		return;
	if (be16(frame + 12) == TYPE_IPV4)
		parse_v4(frame, ret);
	else if (be16(frame + 12) == TYPE_IPV6)
		parse_v6(frame, ret);
}

uint64_t frame_sum(const uint8_t *p, size_t len, uint64_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += be16(p + i);
	if (i < len)
		sum += (uint64_t)p[i] << 8;
	return sum;
}

uint16_t frame_fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)(~sum & 0xffff);
}

int frame_complete_csum(uint8_t *frame, size_t len, uint32_t start, uint32_t offset)
{
	uint16_t csum;

	if (start > len || (size_t)offset + 2 > len - start)
		return -EBADMSG;
	csum = frame_fold(frame_sum(frame + start, len - start, 0));
	if (csum == 0)
		csum = 0xffff; /* RFC 768: 0 says "none"; in one's complement both are equal */
	put_be16(frame + start + offset, csum);
	return 0;
}

/* Offset of the checksum field from l4_at; -1: this protocol has none that we know. */
static int csum_field(const struct frame_info *info)
{
	if (info->payload_at == 0)
		return -1;
	switch (info->proto) {
	case IPPROTO_UDP:
		return 6;
	case IPPROTO_TCP:
		return 16;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return -1;
	}
}

static uint64_t pseudo_sum(const struct frame_info *info)
{
	size_t octets = inet_addr_octets(&info->src);
	uint64_t sum = 0;

	if (info->proto == IPPROTO_ICMP)
		return 0;
	sum = frame_sum(info->src.bytes, octets, sum);
	sum = frame_sum(info->dst.bytes, octets, sum);
	return sum + info->l4_len + info->proto;
}

bool frame_csum_is_good(const uint8_t *frame, const struct frame_info *info)
{
	int field = csum_field(info);
	const uint8_t *l4 = frame + info->l4_at;

	if (field < 0)
		return true;
	if (info->proto == IPPROTO_UDP && be16(l4 + field) == 0)
		return info->src.family == INET_V4;
	return frame_fold(frame_sum(l4, info->l4_len, pseudo_sum(info))) == 0;
}

bool frame_corrupt(uint8_t *frame, const struct frame_info *info, uint32_t at, unsigned bit,
                   bool repair)
{
	int field = csum_field(info);
	uint8_t *l4 = frame + info->l4_at;
	uint16_t csum;

	if (info->payload_len == 0)
		return false;
	frame[info->payload_at + at % info->payload_len] ^= (uint8_t)(1U << (bit & 7));
	if (!repair || field < 0)
		return true;
	if (info->proto == IPPROTO_UDP && be16(l4 + field) == 0)
		return true;
	put_be16(l4 + field, 0);
	csum = frame_fold(frame_sum(l4, info->l4_len, pseudo_sum(info)));
	if (csum == 0 && info->proto == IPPROTO_UDP)
		csum = 0xffff;
	put_be16(l4 + field, csum);
	return true;
}

const char *frame_proto_name(const struct frame_info *info)
{
	if (info->kind == FRAME_OTHER)
		return "other";
	switch (info->proto) {
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_ICMPV6:
		return "icmp6";
	default:
		return "ip";
	}
}
