/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP echo: 0 u8 type | 1 u8 code 0 | 2 u16 checksum | 4 u16 id | 6 u16 sequence | 8 payload. */
#include "wire/icmp_echo.h"

#include "base/cursor.h"
#include "wire/ipsla_probe.h"

#include <errno.h>

#define CHECKSUM_AT     2u
#define ICMPV4_REQUEST  8u
#define ICMPV4_REPLY    0u
#define ICMPV6_REQUEST  128u
#define ICMPV6_REPLY    129u
#define IP_PROTO_ICMP   1u
#define IPV4_HEADER_MIN 20u

uint16_t icmp_checksum(const uint8_t *buf, size_t len)
{
	uint64_t sum = 0;

	for (size_t i = 0; i + 1 < len; i += 2)
		sum += ((uint32_t)buf[i] << 8) | buf[i + 1];
	if (len % 2)
		sum += (uint32_t)buf[len - 1] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint8_t type_of(enum inet_family family, bool is_reply)
{
	if (family == INET_V4)
		return is_reply ? ICMPV4_REPLY : ICMPV4_REQUEST;
	return is_reply ? ICMPV6_REPLY : ICMPV6_REQUEST;
}

ssize_t icmp_echo_encode(const struct icmp_echo *e, uint32_t pattern, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	if (e->family == INET_NONE || e->payload_len < ICMP_ECHO_STAMP_OCTETS ||
	    e->payload_len > ICMP_ECHO_STAMP_OCTETS + ICMP_ECHO_DATA_MAX)
		return -EINVAL;
	wr_u8(&w, type_of(e->family, e->is_reply));
	wr_u8(&w, 0);
	wr_be16(&w, 0);
	wr_be16(&w, e->id);
	wr_be16(&w, e->sequence);
	wr_be32(&w, 0);
	wr_be32(&w, e->uptime_ms);
	size_t data_len = e->payload_len - ICMP_ECHO_STAMP_OCTETS;
	uint8_t *data = wr_take(&w, data_len);

	if (!data)
		return -ENOBUFS;
	ipsla_fill(data, data_len, pattern);
	if (e->family == INET_V4)
		put_be16(buf + CHECKSUM_AT, icmp_checksum(buf, wr_len(&w)));
	return (ssize_t)wr_len(&w);
}

int icmp_echo_decode(const uint8_t *buf, size_t len, enum inet_family family, struct icmp_echo *ret)
{
	struct rd r = rd_init(buf, len);
	struct icmp_echo e = { .family = family };
	uint8_t type = rd_u8(&r);
	uint8_t code = rd_u8(&r);

	rd_be16(&r);
	e.id = rd_be16(&r);
	e.sequence = rd_be16(&r);
	if (r.bad || len > UINT16_MAX)
		return -EBADMSG;
	if (type != type_of(family, false) && type != type_of(family, true))
		return -ENOMSG;
	if (code != 0 || (family == INET_V4 && icmp_checksum(buf, len) != 0))
		return -EBADMSG;
	e.is_reply = type == type_of(family, true);
	e.payload_len = (uint32_t)rd_left(&r);
	(void)rd_take(&r, 4); /* a payload without the stamp reads as uptime 0 */
	e.uptime_ms = rd_be32(&r);
	*ret = e;
	return 0;
}

int icmp_echo_decode_quote(const uint8_t *buf, size_t len, enum inet_family family,
                           struct icmp_echo *ret)
{
	struct rd r = rd_init(buf, len);
	struct icmp_echo e = { .family = family };
	uint8_t type = rd_u8(&r);
	uint8_t code = rd_u8(&r);

	rd_be16(&r); /* over what is not here any more */
	e.id = rd_be16(&r);
	e.sequence = rd_be16(&r);
	if (r.bad)
		return -EBADMSG;
	if (type != type_of(family, false) || code != 0)
		return -ENOMSG;
	*ret = e;
	return 0;
}

ssize_t icmp_echo_ipv4_header(const uint8_t *buf, size_t len)
{
	if (len < IPV4_HEADER_MIN || buf[0] >> 4 != 4)
		return -EBADMSG;
	size_t header = (size_t)(buf[0] & 0x0f) * 4;

	if (header < IPV4_HEADER_MIN || header > len || buf[9] != IP_PROTO_ICMP)
		return -EBADMSG;
	return (ssize_t)header;
}
