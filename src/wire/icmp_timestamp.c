/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP timestamp: 0 u8 type | 1 u8 code 0 | 2 u16 checksum | 4 u16 id | 6 u16 sequence | 8 u32 originate |
 * 12 u32 receive | 16 u32 transmit. */
#include "wire/icmp_timestamp.h"

#include "base/cursor.h"
#include "wire/icmp_echo.h"

#include <errno.h>

#define CHECKSUM_AT 2u
#define REQUEST     13u
#define REPLY       14u

ssize_t icmp_timestamp_encode(const struct icmp_timestamp *t, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_u8(&w, t->is_reply ? REPLY : REQUEST);
	wr_u8(&w, 0);
	wr_be16(&w, 0);
	wr_be16(&w, t->id);
	wr_be16(&w, t->sequence);
	wr_be32(&w, t->originate);
	wr_be32(&w, t->receive);
	wr_be32(&w, t->transmit);
	if (w.bad)
		return -ENOBUFS;
	put_be16(buf + CHECKSUM_AT, icmp_checksum(buf, ICMP_TIMESTAMP_OCTETS));
	return (ssize_t)ICMP_TIMESTAMP_OCTETS;
}

int icmp_timestamp_decode(const uint8_t *buf, size_t len, struct icmp_timestamp *ret)
{
	struct rd r = rd_init(buf, len);
	struct icmp_timestamp t = { 0 };
	uint8_t type = rd_u8(&r);
	uint8_t code = rd_u8(&r);

	rd_be16(&r);
	t.id = rd_be16(&r);
	t.sequence = rd_be16(&r);
	if (!r.bad && type != REQUEST && type != REPLY)
		return -ENOMSG;
	t.originate = rd_be32(&r);
	t.receive = rd_be32(&r);
	t.transmit = rd_be32(&r);
	if (r.bad || code != 0 || icmp_checksum(buf, len) != 0)
		return -EBADMSG;
	t.is_reply = type == REPLY;
	*ret = t;
	return 0;
}
