/* SPDX-License-Identifier: Apache-2.0 */
/* Common to both control versions.  v1: version u8, sequence u8, length u16, status u32, then TLVs
 * of type u16, length u16, status u32.  v2: version u8, reserved u8, status u16, sequence u32,
 * length u32, timestamp u64, then CSLDs of command u16, status u16, length u32. */
#include "wire/ipsla.h"

#include "base/cursor.h"

#include <errno.h>

#define V1_HEADER         8u
#define V1_TLV_STATUS_AT  12u
#define V2_CSLD_STATUS_AT 22u
#define V2_LENGTH_AT      8u

uint8_t ipsla_version(const uint8_t *buf, size_t len)
{
	return len && (buf[0] == IPSLA_V1 || buf[0] == IPSLA_V2) ? buf[0] : 0;
}

int ipsla_message_length(const uint8_t *buf, size_t len, size_t *ret_len)
{
	struct rd r = rd_init(buf, len);
	uint8_t version = rd_u8(&r);
	uint32_t total;

	if (len == 0)
		return -EAGAIN;
	switch (version) {
	case IPSLA_V1:
		rd_u8(&r);
		total = rd_be16(&r);
		break;
	case IPSLA_V2:
		(void)rd_take(&r, V2_LENGTH_AT - 1); /* a short buffer shows in r.bad */
		total = rd_be32(&r);
		break;
	default:
		return -EBADMSG;
	}
	if (r.bad)
		return -EAGAIN;
	if (total < V1_HEADER || total > IPSLA_MESSAGE_MAX)
		return -EBADMSG;
	*ret_len = total;
	return 0;
}

/* A big-endian u32 at ``at`` that exists and is not 0. */
static bool is_set32(const uint8_t *buf, size_t len, size_t at)
{
	return len >= at + 4 && (buf[at] | buf[at + 1] | buf[at + 2] | buf[at + 3]) != 0;
}

static bool is_set16(const uint8_t *buf, size_t len, size_t at)
{
	return len >= at + 2 && (buf[at] | buf[at + 1]) != 0;
}

bool ipsla_is_response_shaped(const uint8_t *buf, size_t len)
{
	switch (ipsla_version(buf, len)) {
	case IPSLA_V1: {
		struct rd r = rd_init(buf, len);

		rd_be16(&r);
		uint16_t total = rd_be16(&r);

		return total == 8 || total == 24 || total == 40 || is_set32(buf, len, 4) ||
		       is_set32(buf, len, V1_TLV_STATUS_AT);
	}
	case IPSLA_V2:
		return is_set16(buf, len, 2) || is_set16(buf, len, V2_CSLD_STATUS_AT);
	default:
		return false;
	}
}
