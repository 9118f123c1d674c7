/* SPDX-License-Identifier: Apache-2.0 */
/* Control version 1.  Offsets from the first octet of the payload, all fields big-endian:
 *
 *   0 u8 version 1 | 1 u8 sequence | 2 u16 length of the message | 4 u32 status area
 *   8 u16 command | 10 u16 length of this TLV, its 8-octet head included | 12 u32 status area
 *   IPv4 (length 16):  16 address | 20 u16 port | 22 u16 duration in ms
 *   IPv6 (length 32):  16 address | 32 u16 port | 34 u16 zero | 36 u32 duration in ms
 *   then  u16 type 1 | u16 length 28 | 24 octets of authentication, zero without a key chain
 *
 * Seen in traffic of IOS, but for the answers that refuse (UNVERIFIED:, see ipsla_v1.h). */
#include "wire/ipsla_v1.h"

#include "base/cursor.h"

#include <errno.h>
#include <string.h>

#define HEADER        8u
#define TLV_AT        8u
#define TLV_LENGTH_AT 10u
#define TLV_STATUS_AT 12u
#define TLV_HEAD      8u /* of the command TLV: the others have no status area */
#define TLV_V4        16u
#define TLV_V6        32u
#define AUTH_TYPE     1u
#define AUTH_TLV      28u
#define AUTH_HEAD     4u

static const struct v1_command {
	uint16_t command;
	enum ipsla_kind kind;
	enum inet_family family;
} commands[] = {
	{ IPSLA_V1_UDP_ECHO, IPSLA_KIND_UDP_ECHO, INET_V4 },
	{ IPSLA_V1_TCP_CONNECT, IPSLA_KIND_TCP_CONNECT, INET_V4 },
	{ IPSLA_V1_UDP_JITTER, IPSLA_KIND_UDP_JITTER, INET_V4 },
	{ IPSLA_V1_UDP_ECHO_V6, IPSLA_KIND_UDP_ECHO, INET_V6 },
	{ IPSLA_V1_TCP_CONNECT_V6, IPSLA_KIND_TCP_CONNECT, INET_V6 },
	{ IPSLA_V1_UDP_JITTER_V6, IPSLA_KIND_UDP_JITTER, INET_V6 },
};

static const struct v1_command *find_command(uint16_t command)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (commands[i].command == command)
			return &commands[i];
	}
	return NULL;
}

enum ipsla_kind ipsla_v1_command_kind(uint16_t command)
{
	const struct v1_command *c = find_command(command);

	return c ? c->kind : IPSLA_KIND_NONE;
}

enum inet_family ipsla_v1_command_family(uint16_t command)
{
	const struct v1_command *c = find_command(command);

	return c ? c->family : INET_NONE;
}

uint16_t ipsla_v1_command_for(enum ipsla_kind kind, enum inet_family family)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (commands[i].kind == kind && commands[i].family == family)
			return commands[i].command;
	}
	return 0;
}

bool ipsla_v1_command_is_unverified(uint16_t command)
{
	return command == IPSLA_V1_UDP_ECHO_V6 || command == IPSLA_V1_TCP_CONNECT_V6;
}

static uint32_t tlv_octets(enum inet_family family)
{
	return family == INET_V6 ? TLV_V6 : TLV_V4;
}

struct v1_head {
	uint8_t sequence;
	uint16_t total, command, tlv_len;
};

/* The part without which there is nobody to answer: false means drop. */
static bool read_head(const uint8_t *buf, size_t len, struct v1_head *ret)
{
	struct rd r = rd_init(buf, len);
	uint8_t version = rd_u8(&r);

	ret->sequence = rd_u8(&r);
	ret->total = rd_be16(&r);
	(void)rd_take(&r, TLV_AT - 4); /* the status area; a short buffer shows in r.bad */
	ret->command = rd_be16(&r);
	ret->tlv_len = rd_be16(&r);
	if (r.bad || version != IPSLA_V1 || ret->total > len || ret->total > IPSLA_MESSAGE_MAX)
		return false;
	return ret->total >= HEADER + tlv_octets(ipsla_v1_command_family(ret->command));
}

/* The TLVs after the command.  Types other than authentication are not known to exist: they are
 * stepped over.  False: a length that cannot be. */
static bool read_more(struct rd *r, struct ipsla_v1_request *q)
{
	while (rd_left(r)) {
		uint16_t type = rd_be16(r);
		uint16_t tlv_len = rd_be16(r);

		if (r->bad || tlv_len < AUTH_HEAD)
			return false;
		struct rd body = rd_sub(r, tlv_len - AUTH_HEAD);

		if (body.bad)
			return false;
		if (type != AUTH_TYPE)
			continue;
		if (tlv_len != AUTH_TLV || q->has_auth)
			return false;
		rd_copy(&body, q->auth, sizeof(q->auth));
		q->has_auth = true;
	}
	return true;
}

static bool read_command(struct rd *r, enum inet_family family, struct ipsla_v1_request *q)
{
	q->target.family = (uint8_t)family;
	rd_copy(r, q->target.bytes, inet_addr_octets(&q->target));
	q->port = rd_be16(r);
	if (family == INET_V6)
		rd_be16(r);
	q->duration_ms = family == INET_V6 ? rd_be32(r) : rd_be16(r);
	return !r->bad && q->port != 0 && q->duration_ms != 0;
}

enum ipsla_verdict ipsla_v1_request_decode(const uint8_t *buf, size_t len, enum inet_family family,
                                           struct ipsla_v1_request *ret)
{
	struct v1_head head;

	if (!read_head(buf, len, &head))
		return IPSLA_DROP;
	struct ipsla_v1_request q = { .sequence = head.sequence, .command = head.command };
	enum inet_family wants = ipsla_v1_command_family(head.command);
	struct rd r = rd_init(buf + TLV_AT, (size_t)head.total - TLV_AT);
	bool good = wants != INET_NONE && head.tlv_len == tlv_octets(wants) &&
	            (family == INET_NONE || family == wants);

	if (good) {
		struct rd tlv = rd_sub(&r, head.tlv_len);

		(void)rd_take(&tlv, TLV_HEAD); /* length is exact: it is there */
		good = read_command(&tlv, wants, &q) && read_more(&r, &q);
	}
	q.status = good ? IPSLA_STATUS_OK : IPSLA_STATUS_FORMAT;
	*ret = q;
	return good ? IPSLA_OK : IPSLA_ANSWER;
}

ssize_t ipsla_v1_request_encode(const struct ipsla_v1_request *q, uint8_t *buf, size_t cap)
{
	enum inet_family family = ipsla_v1_command_family(q->command);
	struct wr w = wr_init(buf, cap);
	uint32_t tlv_len = tlv_octets(family);

	if (family == INET_NONE || q->target.family != family)
		return -EINVAL;
	wr_u8(&w, IPSLA_V1);
	wr_u8(&w, q->sequence);
	wr_be16(&w, (uint16_t)(HEADER + tlv_len + (q->has_auth ? AUTH_TLV : 0)));
	wr_zero(&w, 4);
	wr_be16(&w, q->command);
	wr_be16(&w, (uint16_t)tlv_len);
	wr_zero(&w, 4);
	wr_bytes(&w, q->target.bytes, inet_addr_octets(&q->target));
	wr_be16(&w, q->port);
	if (family == INET_V6) {
		wr_be16(&w, 0);
		wr_be32(&w, q->duration_ms);
	} else {
		wr_be16(&w, (uint16_t)(q->duration_ms < UINT16_MAX ? q->duration_ms : UINT16_MAX));
	}
	if (q->has_auth) {
		wr_be16(&w, AUTH_TYPE);
		wr_be16(&w, AUTH_TLV);
		wr_bytes(&w, q->auth, sizeof(q->auth));
	}
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

/* How much of a request its answer repeats. */
static size_t answer_octets(const struct v1_head *head, uint16_t status, enum ipsla_v1_form form)
{
	if (status == IPSLA_STATUS_OK && form == IPSLA_V1_FORM_WHOLE &&
	    head->total <= IPSLA_V1_RESPONSE_MAX)
		return head->total;
	if (head->tlv_len < TLV_HEAD || head->tlv_len > TLV_V6 ||
	    head->tlv_len > head->total - HEADER)
		return HEADER;
	return HEADER + head->tlv_len;
}

static void put_status(uint8_t *area, uint16_t status)
{
	put_be16(area, status);
	put_be16(area + 2, status);
}

ssize_t ipsla_v1_response_encode(const uint8_t *request, size_t len, uint16_t status,
                                 enum ipsla_v1_form form, uint8_t *buf, size_t cap)
{
	struct v1_head head;

	if (!read_head(request, len, &head))
		return -EBADMSG;
	size_t n = answer_octets(&head, status, form);

	if (n > cap)
		return -ENOBUFS;
	memcpy(buf, request, n);
	put_be16(buf + 2, (uint16_t)n);
	put_status(buf + 4, status);
	if (n > HEADER)
		put_status(buf + TLV_STATUS_AT, status);
	return (ssize_t)n;
}

/* The code in one status area, whichever half holds it. */
static uint16_t area_status(struct rd *r)
{
	uint16_t high = rd_be16(r);
	uint16_t low = rd_be16(r);

	if (!high && !low)
		return IPSLA_STATUS_OK;
	if (high >= IPSLA_STATUS_FAIL && high <= IPSLA_STATUS_PORT_IN_USE)
		return high;
	if (low >= IPSLA_STATUS_FAIL && low <= IPSLA_STATUS_PORT_IN_USE)
		return low;
	return IPSLA_STATUS_FAIL;
}

int ipsla_v1_response_decode(const uint8_t *buf, size_t len, struct ipsla_v1_response *ret)
{
	struct rd r = rd_init(buf, len);
	uint8_t version = rd_u8(&r);
	uint8_t sequence = rd_u8(&r);
	uint16_t total = rd_be16(&r);
	uint16_t status = area_status(&r);

	if (r.bad || version != IPSLA_V1 || total < HEADER || total > len)
		return -EBADMSG;
	if (len >= TLV_STATUS_AT + 4) {
		struct rd tlv = rd_init(buf + TLV_STATUS_AT, 4);
		uint16_t tlv_status = area_status(&tlv);

		status = status ? status : tlv_status;
	}
	*ret = (struct ipsla_v1_response) { .sequence = sequence, .status = status };
	return 0;
}
