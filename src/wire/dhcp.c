/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP messages: building a client's, reading a server's. */
#include "wire/dhcp.h"

#include "base/cursor.h"

#include <errno.h>
#include <string.h>

#define OP_REQUEST    1u
#define OP_REPLY      2u
#define HTYPE_ETHER   1u
#define COOKIE        0x63825363u /* RFC 2131 section 3 */
#define CHADDR_OCTETS 16u
#define SNAME_OCTETS  64u
#define FILE_OCTETS   128u
#define MIN_OCTETS    300u /* RFC 1542 section 2.1 */

enum option {
	OPTION_PAD = 0,
	OPTION_REQUESTED = 50,
	OPTION_LEASE = 51,
	OPTION_OVERLOAD = 52,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_PARAMETERS = 55,
	OPTION_MESSAGE = 56,
	OPTION_CLIENT_ID = 61,
	OPTION_AGENT = 82,
	OPTION_END = 255,
};

#define AGENT_CIRCUIT  1u /* RFC 3046 section 2.0 */
#define AGENT_REMOTE   2u

#define OVERLOAD_FILE  1u
#define OVERLOAD_SNAME 2u

/* --- a client's ------------------------------------------------------------------------------ */

static bool is_v4_or_none(const struct inet_addr *a)
{
	return a->family == INET_V4 || a->family == INET_NONE;
}

static void put_addr(struct wr *w, const struct inet_addr *a)
{
	if (a->family == INET_V4)
		wr_bytes(w, a->bytes, 4);
	else
		wr_zero(w, 4);
}

static void put_option(struct wr *w, enum option code, const uint8_t *data, uint8_t len)
{
	if (len == 0)
		return;
	wr_u8(w, (uint8_t)code);
	wr_u8(w, len);
	wr_bytes(w, data, len);
}

static void put_agent_part(struct wr *w, uint8_t code, const struct dhcp_octets *part)
{
	if (part->len == 0)
		return;
	wr_u8(w, code);
	wr_u8(w, part->len);
	wr_bytes(w, part->at, part->len);
}

static void put_options(struct wr *w, const struct dhcp_ask *ask)
{
	static const uint8_t parameters[] = { 1, 3, 6, 15, OPTION_LEASE, OPTION_SERVER };
	uint8_t agent = (uint8_t)((ask->circuit_id.len ? 2 + ask->circuit_id.len : 0) +
	                          (ask->remote_id.len ? 2 + ask->remote_id.len : 0));

	put_option(w, OPTION_TYPE, &ask->type, 1);
	put_option(w, OPTION_CLIENT_ID, ask->client_id.at, ask->client_id.len);
	put_option(w, OPTION_REQUESTED, ask->requested.bytes,
	           (uint8_t)inet_addr_octets(&ask->requested));
	put_option(w, OPTION_SERVER, ask->server.bytes, (uint8_t)inet_addr_octets(&ask->server));
	if (ask->type != DHCP_RELEASE)
		put_option(w, OPTION_PARAMETERS, parameters, sizeof(parameters));
	if (agent > 0) { /* the last one, RFC 3046 section 2.1 */
		wr_u8(w, OPTION_AGENT);
		wr_u8(w, agent);
		put_agent_part(w, AGENT_CIRCUIT, &ask->circuit_id);
		put_agent_part(w, AGENT_REMOTE, &ask->remote_id);
	}
	wr_u8(w, OPTION_END);
}

ssize_t dhcp_ask_encode(const struct dhcp_ask *ask, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	if (!is_v4_or_none(&ask->client) || !is_v4_or_none(&ask->relay) ||
	    !is_v4_or_none(&ask->requested) || !is_v4_or_none(&ask->server) ||
	    ask->client_id.len > DHCP_CLIENT_ID || ask->circuit_id.len > DHCP_AGENT_PART ||
	    ask->remote_id.len > DHCP_AGENT_PART)
		return -EINVAL;
	wr_u8(&w, OP_REQUEST);
	wr_u8(&w, HTYPE_ETHER);
	wr_u8(&w, DHCP_MAC);
	wr_u8(&w, ask->relay.family == INET_V4 ? 1 : 0); /* hops: one relay, ourselves */
	wr_be32(&w, ask->xid);
	wr_be16(&w, ask->elapsed_s);
	wr_be16(&w, 0);
	put_addr(&w, &ask->client);
	wr_zero(&w, 4); /* yiaddr */
	wr_zero(&w, 4); /* siaddr */
	put_addr(&w, &ask->relay);
	wr_bytes(&w, ask->mac, DHCP_MAC);
	wr_zero(&w, CHADDR_OCTETS - DHCP_MAC + SNAME_OCTETS + FILE_OCTETS);
	wr_be32(&w, COOKIE);
	put_options(&w, ask);
	if (!w.bad && wr_len(&w) < MIN_OCTETS)
		wr_zero(&w, MIN_OCTETS - wr_len(&w));
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

/* --- a server's ------------------------------------------------------------------------------ */

static struct inet_addr get_addr(struct rd *r)
{
	struct inet_addr a = { .family = INET_V4 };

	rd_copy(r, a.bytes, 4);
	if (inet_addr_is_unspecified(&a))
		a.family = INET_NONE;
	return a;
}

static void get_message(struct rd *value, char *to)
{
	size_t n = rd_left(value) < DHCP_TEXT - 1 ? rd_left(value) : DHCP_TEXT - 1;
	const uint8_t *from = rd_take(value, n);

	for (size_t i = 0; i < n; i++)
		to[i] = from[i] >= 0x20 && from[i] < 0x7f ? (char)from[i] : '.';
	to[n] = '\0';
	(void)rd_take(value, rd_left(value));
}

/* One option's value; bad in ``value`` when its length is not that of its kind. */
static void get_option(uint8_t code, struct rd *value, struct dhcp_reply *to, uint8_t *overload)
{
	switch (code) {
	case OPTION_TYPE:
		to->type = rd_u8(value);
		break;
	case OPTION_SERVER:
		to->server = get_addr(value);
		break;
	case OPTION_LEASE:
		to->lease_s = rd_be32(value);
		to->has_lease_s = true;
		break;
	case OPTION_OVERLOAD:
		*overload = rd_u8(value);
		break;
	case OPTION_MESSAGE:
		get_message(value, to->message);
		break;
	default:
		(void)rd_take(value, rd_left(value));
		break;
	}
}

/* All options of one field.  The end mark may be missing only in the fields that overload names. */
static bool get_options(struct rd r, bool must_end, struct dhcp_reply *to, uint8_t *overload)
{
	while (rd_left(&r) > 0) {
		uint8_t code = rd_u8(&r);

		if (code == OPTION_PAD)
			continue;
		if (code == OPTION_END)
			return true;
		uint8_t len = rd_u8(&r);
		struct rd value = rd_sub(&r, len);

		get_option(code, &value, to, overload);
		if (r.bad || value.bad || rd_left(&value) > 0)
			return false;
	}
	return !must_end;
}

int dhcp_reply_decode(const uint8_t *buf, size_t len, struct dhcp_reply *ret)
{
	struct rd r = rd_init(buf, len);
	struct dhcp_reply m = { 0 };
	uint8_t op = rd_u8(&r);
	uint8_t htype = rd_u8(&r);
	uint8_t hlen = rd_u8(&r);
	uint8_t overload = 0, nothing = 0;

	(void)rd_take(&r, 1); /* hops */
	m.xid = rd_be32(&r);
	(void)rd_take(&r, 8); /* secs, flags, ciaddr */
	m.yours = get_addr(&r);
	(void)rd_take(&r, 8); /* siaddr, giaddr */
	rd_copy(&r, m.mac, DHCP_MAC);
	(void)rd_take(&r, CHADDR_OCTETS - DHCP_MAC);
	struct rd sname = rd_sub(&r, SNAME_OCTETS);
	struct rd file = rd_sub(&r, FILE_OCTETS);
	uint32_t cookie = rd_be32(&r);

	if (r.bad)
		return -EBADMSG;
	if (op != OP_REPLY)
		return -ENOMSG;
	if (htype != HTYPE_ETHER || hlen != DHCP_MAC)
		return -EBADMSG;
	if (cookie != COOKIE)
		return -ENOMSG;
	if (!get_options(r, true, &m, &overload) ||
	    ((overload & OVERLOAD_FILE) && !get_options(file, false, &m, &nothing)) ||
	    ((overload & OVERLOAD_SNAME) && !get_options(sname, false, &m, &nothing)))
		return -EBADMSG;
	if (m.type == 0)
		return -ENOMSG;
	*ret = m;
	return 0;
}
