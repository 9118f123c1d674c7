/* SPDX-License-Identifier: Apache-2.0 */
/* Control version 2, RFC 6812 section 3.  All fields big-endian, offsets within each part:
 *
 *   Command-Header, 20 octets: 0 u8 version 2 | 1 u8 reserved | 2 u16 status | 4 u32 sequence |
 *     8 u32 total length | 12 u64 send timestamp
 *   Authentication CSLD, 60 or 12 octets: 0 u16 command 1 | 2 u16 status | 4 u32 length |
 *     8 u8 mode | 9 u8 reserved | 10 u16 key id | then, in 60: 12 random number (16) | 28 digest
 * (32) UDP-Measurement CSLD, 92 octets: 0 u16 command 2 | 2 u16 status | 4 u32 length | 8 u8
 * address type | 9 u8 role | 10 u16 reserved | 12 u32 session id | 16 control source (16) | 32
 * control destination | 48 measurement source | 64 measurement destination | 80 u16 control source
 * port | 82 u16 reserved | 84 u16 measurement source port | 86 u16 measurement destination port |
 * 88 u32 duration in ms */
#include "wire/ipsla_v2.h"

#include "base/cursor.h"

#include <errno.h>
#include <string.h>

#define STATUS_AT          2u /* in the header and in every CSLD */
#define TIMESTAMP_AT       12u
#define CSLD_HEAD          8u
#define CSLD_AUTH          1u
#define CSLD_UDP           2u
#define AUTH_SHORT         12u
#define AUTH_LONG          60u
#define UDP_OCTETS         92u
#define UDP_SESSION_AT     12u
#define UDP_TARGET_PORT_AT 86u
#define ADDRESS_OCTETS     16u
#define ADDRESS_V4         2u
#define ADDRESS_V6         3u

struct v2_head {
	uint16_t status;
	uint32_t sequence, total;
	uint64_t timestamp;
};

/* False: nothing to answer. */
static bool read_head(const uint8_t *buf, size_t len, struct v2_head *ret)
{
	struct rd r = rd_init(buf, len);
	uint8_t version = rd_u8(&r);

	rd_u8(&r); /* reserved: ignored */
	ret->status = rd_be16(&r);
	ret->sequence = rd_be32(&r);
	ret->total = rd_be32(&r);
	ret->timestamp = rd_be64(&r);
	return !r.bad && version == IPSLA_V2 && ret->total >= IPSLA_V2_HEADER_OCTETS &&
	       ret->total <= len && ret->total <= IPSLA_MESSAGE_MAX;
}

struct v2_csld {
	uint16_t at, command, status;
	uint32_t length;
	struct rd body; /* after the 8-octet head; bad when the length cannot be */
};

/* The CSLD at the cursor; false when there are not even 8 octets left for its head. */
static bool next_csld(struct rd *r, const uint8_t *message, struct v2_csld *ret)
{
	ret->at = (uint16_t)(r->p - message);
	ret->command = rd_be16(r);
	ret->status = rd_be16(r);
	ret->length = rd_be32(r);
	if (r->bad)
		return false;
	/* A length below 8 wraps to more than any message has, so rd_sub refuses it too. */
	ret->body = rd_sub(r, (size_t)ret->length - CSLD_HEAD);
	return true;
}

struct v2_auth {
	bool is_long;
	uint8_t mode;
	uint16_t key_id;
	uint8_t random[IPSLA_V2_RANDOM_OCTETS];
	uint8_t digest[IPSLA_V2_DIGEST_OCTETS];
};

static bool read_auth(const struct v2_csld *c, struct v2_auth *ret)
{
	struct rd r = c->body;

	if (r.bad || c->command != CSLD_AUTH || (c->length != AUTH_SHORT && c->length != AUTH_LONG))
		return false;
	*ret = (struct v2_auth) { .is_long = c->length == AUTH_LONG };
	ret->mode = rd_u8(&r);
	rd_u8(&r);
	ret->key_id = rd_be16(&r);
	if (ret->is_long) {
		rd_copy(&r, ret->random, sizeof(ret->random));
		rd_copy(&r, ret->digest, sizeof(ret->digest));
	}
	return ret->mode <= IPSLA_V2_MODE_HMAC_SHA256 &&
	       (ret->is_long || ret->mode == IPSLA_V2_MODE_NONE);
}

static bool is_udp(const struct v2_csld *c)
{
	return !c->body.bad && c->command == CSLD_UDP && c->length == UDP_OCTETS;
}

/* False when an IPv4 address has something in its last 12 octets. */
static bool read_address(struct rd *r, enum inet_family family, struct inet_addr *ret)
{
	static const uint8_t zero[ADDRESS_OCTETS];

	ret->family = (uint8_t)family;
	rd_copy(r, ret->bytes, ADDRESS_OCTETS);
	size_t used = inet_addr_octets(ret);

	return memcmp(ret->bytes + used, zero, ADDRESS_OCTETS - used) == 0;
}

/* Fills ``q`` as far as it goes; false: a value that is not recognised. */
static bool read_udp(struct rd r, enum inet_family family, struct ipsla_v2_request *q)
{
	uint8_t type = rd_u8(&r);

	q->role = rd_u8(&r);
	rd_be16(&r);
	q->session_id = rd_be32(&r);
	if (type != ADDRESS_V4 && type != ADDRESS_V6)
		return false;
	enum inet_family own = type == ADDRESS_V4 ? INET_V4 : INET_V6;
	bool good = family == INET_NONE || family == own;

	good &= read_address(&r, own, &q->control_source);
	good &= read_address(&r, own, &q->control_target);
	good &= read_address(&r, own, &q->source);
	good &= read_address(&r, own, &q->target);
	q->control_source_port = rd_be16(&r);
	rd_be16(&r);
	q->source_port = rd_be16(&r);
	q->target_port = rd_be16(&r);
	q->duration_ms = rd_be32(&r);
	return good && (q->role == IPSLA_V2_ROLE_SENDER || q->role == IPSLA_V2_ROLE_RESPONDER) &&
	       q->duration_ms != 0;
}

static enum ipsla_verdict refuse_format(struct ipsla_v2_request *q, uint16_t at)
{
	q->refusal = (struct ipsla_v2_status) {
		.header = IPSLA_STATUS_FORMAT,
		.csld = at ? IPSLA_STATUS_FORMAT : IPSLA_STATUS_OK,
		.csld_at = at,
	};
	return IPSLA_ANSWER;
}

/* Everything after the header, in the only order there is: authentication, UDP measurement, end. */
static enum ipsla_verdict read_cslds(const uint8_t *buf, enum inet_family family,
                                     struct ipsla_v2_request *q)
{
	struct rd r = rd_init(buf, q->total_length);
	struct v2_csld c;
	struct v2_auth auth;

	(void)rd_take(&r, IPSLA_V2_HEADER_OCTETS); /* read_head saw that it is there */
	if (!next_csld(&r, buf, &c))
		return refuse_format(q, 0);
	if (!read_auth(&c, &auth))
		return refuse_format(q, c.at);
	q->has_auth = true;
	q->is_long = auth.is_long;
	q->mode = auth.mode;
	q->key_id = auth.key_id;
	memcpy(q->random, auth.random, sizeof(q->random));
	memcpy(q->digest, auth.digest, sizeof(q->digest));
	if (!next_csld(&r, buf, &c))
		return refuse_format(q, 0);
	if (!is_udp(&c))
		return refuse_format(q, c.at);
	q->udp_at = c.at;
	if (!read_udp(c.body, family, q))
		return refuse_format(q, c.at);
	if (!rd_left(&r))
		return IPSLA_OK;
	return refuse_format(q, next_csld(&r, buf, &c) ? c.at : 0);
}

enum ipsla_verdict ipsla_v2_request_decode(const uint8_t *buf, size_t len, enum inet_family family,
                                           struct ipsla_v2_request *ret)
{
	struct v2_head head;

	if (!read_head(buf, len, &head))
		return IPSLA_DROP;
	struct ipsla_v2_request q = {
		.sequence = head.sequence,
		.total_length = head.total,
		.timestamp = head.timestamp,
	};
	enum ipsla_verdict verdict = read_cslds(buf, family, &q);

	*ret = q;
	return verdict;
}

struct ipsla_v2_status ipsla_v2_refuse_auth(const struct ipsla_v2_request *r)
{
	return (struct ipsla_v2_status) {
		.header = IPSLA_STATUS_AUTH,
		.csld = r->has_auth ? IPSLA_STATUS_AUTH : IPSLA_STATUS_OK,
		.csld_at = r->has_auth ? IPSLA_V2_AUTH_AT : 0,
	};
}

struct ipsla_v2_status ipsla_v2_refuse_udp(const struct ipsla_v2_request *r, uint16_t status)
{
	return (struct ipsla_v2_status) {
		/* The header should carry 0 to 3 only (RFC 6812 section 3.1.2). */
		.header = status == IPSLA_STATUS_PORT_IN_USE ? IPSLA_STATUS_FAIL : status,
		.csld = r->udp_at ? status : IPSLA_STATUS_OK,
		.csld_at = r->udp_at,
	};
}

static bool families_agree(const struct ipsla_v2_request *q)
{
	const struct inet_addr *all[] = { &q->control_source, &q->control_target, &q->source };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		if (all[i]->family != INET_NONE && all[i]->family != q->target.family)
			return false;
	}
	return q->target.family == INET_V4 || q->target.family == INET_V6;
}

static void write_auth(struct wr *w, const struct ipsla_v2_request *q)
{
	wr_be16(w, CSLD_AUTH);
	wr_be16(w, 0);
	wr_be32(w, q->is_long ? AUTH_LONG : AUTH_SHORT);
	wr_u8(w, q->mode);
	wr_u8(w, 0);
	wr_be16(w, q->key_id);
	if (q->is_long) {
		wr_bytes(w, q->random, sizeof(q->random));
		wr_bytes(w, q->digest, sizeof(q->digest));
	}
}

/* An address without a family is all zero: unspecified. */
static void write_address(struct wr *w, const struct inet_addr *a)
{
	size_t used = inet_addr_octets(a);

	wr_bytes(w, a->bytes, used);
	wr_zero(w, ADDRESS_OCTETS - used);
}

static void write_udp(struct wr *w, const struct ipsla_v2_request *q)
{
	wr_be16(w, CSLD_UDP);
	wr_be16(w, 0);
	wr_be32(w, UDP_OCTETS);
	wr_u8(w, q->target.family == INET_V4 ? ADDRESS_V4 : ADDRESS_V6);
	wr_u8(w, q->role);
	wr_be16(w, 0);
	wr_be32(w, q->session_id);
	write_address(w, &q->control_source);
	write_address(w, &q->control_target);
	write_address(w, &q->source);
	write_address(w, &q->target);
	wr_be16(w, q->control_source_port);
	wr_be16(w, 0);
	wr_be16(w, q->source_port);
	wr_be16(w, q->target_port);
	wr_be32(w, q->duration_ms);
}

ssize_t ipsla_v2_request_encode(const struct ipsla_v2_request *q, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	if ((q->mode != IPSLA_V2_MODE_NONE && !q->is_long) || !families_agree(q))
		return -EINVAL;
	wr_u8(&w, IPSLA_V2);
	wr_u8(&w, 0);
	wr_be16(&w, 0);
	wr_be32(&w, q->sequence);
	wr_be32(&w, q->is_long ? IPSLA_V2_LONG_OCTETS : IPSLA_V2_SHORT_OCTETS);
	wr_be64(&w, q->timestamp);
	write_auth(&w, q);
	write_udp(&w, q);
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

ssize_t ipsla_v2_response_encode(const uint8_t *request, size_t len,
                                 const struct ipsla_v2_request *r, const struct ipsla_v2_answer *a,
                                 uint8_t *buf, size_t cap)
{
	if (r->total_length > len)
		return -EBADMSG;
	if (r->total_length > cap)
		return -ENOBUFS;
	memcpy(buf, request, r->total_length);
	put_be16(buf + STATUS_AT, a->status.header);
	if (r->has_auth)
		put_be16(buf + IPSLA_V2_AUTH_AT + STATUS_AT, IPSLA_STATUS_OK);
	if (r->has_auth && r->mode != IPSLA_V2_MODE_NONE)
		memset(buf + IPSLA_V2_DIGEST_AT, 0, IPSLA_V2_DIGEST_OCTETS);
	if (r->timestamp && a->timestamp)
		put_be64(buf + TIMESTAMP_AT, a->timestamp);
	if (r->udp_at) {
		put_be16(buf + r->udp_at + STATUS_AT, IPSLA_STATUS_OK);
		if (a->session_id)
			put_be32(buf + r->udp_at + UDP_SESSION_AT, a->session_id);
		if (a->target_port)
			put_be16(buf + r->udp_at + UDP_TARGET_PORT_AT, a->target_port);
	}
	if (a->status.csld_at)
		put_be16(buf + a->status.csld_at + STATUS_AT, a->status.csld);
	return (ssize_t)r->total_length;
}

/* The CSLDs of an answer, as far as they are what they should be; true: complete. */
static bool read_answer_cslds(const uint8_t *buf, struct ipsla_v2_response *a)
{
	struct rd r = rd_init(buf, a->total_length);
	struct v2_csld c;
	struct v2_auth auth;

	(void)rd_take(&r, IPSLA_V2_HEADER_OCTETS); /* read_head saw that it is there */
	if (!next_csld(&r, buf, &c))
		return false;
	a->auth_status = c.status;
	if (!read_auth(&c, &auth))
		return false;
	a->has_auth = true;
	a->is_long = auth.is_long;
	a->mode = auth.mode;
	a->key_id = auth.key_id;
	memcpy(a->random, auth.random, sizeof(a->random));
	if (!next_csld(&r, buf, &c))
		return false;
	a->udp_status = c.status;
	if (!is_udp(&c))
		return false;
	a->has_udp = true;
	(void)rd_take(&c.body, UDP_SESSION_AT - CSLD_HEAD); /* 92 octets: all there */
	a->session_id = rd_be32(&c.body);
	(void)rd_take(&c.body, UDP_TARGET_PORT_AT - UDP_SESSION_AT - 4);
	a->target_port = rd_be16(&c.body);
	return rd_left(&r) == 0;
}

int ipsla_v2_response_decode(const uint8_t *buf, size_t len, struct ipsla_v2_response *ret)
{
	struct v2_head head;

	if (!read_head(buf, len, &head))
		return -EBADMSG;
	struct ipsla_v2_response a = {
		.sequence = head.sequence,
		.total_length = head.total,
		.timestamp = head.timestamp,
		.header_status = head.status,
	};

	if (!read_answer_cslds(buf, &a) && head.status == IPSLA_STATUS_OK)
		return -EBADMSG;
	*ret = a;
	return 0;
}

uint16_t ipsla_v2_response_status(const struct ipsla_v2_response *r)
{
	if (r->udp_status)
		return r->udp_status;
	return r->auth_status ? r->auth_status : r->header_status;
}
