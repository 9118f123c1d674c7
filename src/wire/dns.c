/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages: building a query, reading a reply. */
#include "wire/dns_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define CLASS_IN  1u
#define CHAIN_MAX 16u /* CNAME records that we follow */

/* Second 16 bits of the header. */
#define FLAG_QR       0x8000u
#define FLAG_AA       0x0400u
#define FLAG_TC       0x0200u
#define FLAG_RD       0x0100u
#define FLAG_RA       0x0080u
#define OPCODE_SHIFT  11u
#define OPCODE_MASK   0x0fu
#define RCODE_MASK    0x0fu

#define LABEL_KIND    0xc0u /* of the octet before a label: 00 a length, 11 a pointer */
#define LABEL_POINTER 0xc0u

const char *dns_rcode_name(uint16_t rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
		                             "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
		                             "NXRRSET", "NOTAUTH", "NOTZONE" };

	if (rcode == 16)
		return "BADVERS";
	return rcode < ARRAY_LEN(names) ? names[rcode] : NULL;
}

ssize_t dns_query_encode(const struct dns_query *q, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	if (q->name.len == 0 || (q->edns_octets > 0 && q->edns_octets < DNS_UDP_OCTETS))
		return -EINVAL;
	wr_be16(&w, q->id);
	wr_be16(&w, FLAG_RD);
	wr_be16(&w, 1);
	wr_be16(&w, 0);
	wr_be16(&w, 0);
	wr_be16(&w, q->edns_octets ? 1 : 0);
	wr_bytes(&w, q->name.octets, q->name.len);
	wr_be16(&w, q->type);
	wr_be16(&w, CLASS_IN);
	if (q->edns_octets) {
		wr_u8(&w, 0);
		wr_be16(&w, DNS_OPT);
		wr_be16(&w, q->edns_octets);
		wr_be32(&w, 0);
		wr_be16(&w, 0);
	}
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

void dns_read_name(const uint8_t *buf, struct rd *r, struct dns_name *ret)
{
	struct dns_name n = { 0 };
	struct rd at = *r;
	const uint8_t *piece = r->p; /* where the octets that we read began */
	bool jumped = false;

	for (;;) {
		uint8_t head = rd_u8(&at);
		const uint8_t *label;

		if ((head & LABEL_KIND) == LABEL_POINTER) {
			size_t to = (size_t)(head & ~LABEL_KIND) << 8;

			to |= rd_u8(&at);
			if (!jumped)
				r->p = at.p;
			jumped = true;
			if (at.bad || to < DNS_HEADER || to >= (size_t)(piece - buf))
				break;
			piece = buf + to;
			at.p = piece;
			continue;
		}
		label = rd_take(&at, head);
		if (at.bad || (head & LABEL_KIND) != 0 || n.len + 1u + head > DNS_NAME_OCTETS)
			break;
		n.octets[n.len++] = head;
		memcpy(n.octets + n.len, label, head);
		n.len = (uint8_t)(n.len + head);
		if (head == 0) {
			if (!jumped)
				r->p = at.p;
			*ret = n;
			return;
		}
	}
	r->bad = true;
}

int dns_record_next(const uint8_t *buf, size_t len, size_t *at, struct dns_record *ret)
{
	struct dns_record rec = { 0 };
	struct rd r = rd_init(buf, len);

	if (!rd_take(&r, *at))
		return -EBADMSG;
	dns_read_name(buf, &r, &rec.owner);
	rec.type = rd_be16(&r);
	rec.class = rd_be16(&r);
	rec.ttl_s = rd_be32(&r);
	rec.data_len = rd_be16(&r);
	rec.data_at = (size_t)(r.p - buf);
	(void)rd_take(&r, rec.data_len);
	if (r.bad)
		return -EBADMSG;
	*at = rec.data_at + rec.data_len;
	*ret = rec;
	return 0;
}

/* Walk the records of one section; *count becomes what is really there.  -EBADMSG. */
static int read_section(const uint8_t *buf, size_t len, bool is_part, size_t *at, uint16_t *count,
                        struct dns_reply *r)
{
	struct dns_record rec;

	for (uint16_t i = 0; i < *count; i++) {
		if (dns_record_next(buf, len, at, &rec) < 0) {
			if (!is_part)
				return -EBADMSG;
			*count = i;
			*at = len;
		} else if (rec.type == DNS_OPT) {
			r->rcode = (uint16_t)(r->rcode | (rec.ttl_s >> 24) << 4);
		}
	}
	return 0;
}

static int decode(const uint8_t *buf, size_t len, bool is_part, struct dns_reply *ret)
{
	struct dns_reply m = { 0 };
	struct rd r = rd_init(buf, len);

	m.id = rd_be16(&r);
	uint16_t flags = rd_be16(&r);
	uint16_t questions = rd_be16(&r);

	m.answers = rd_be16(&r);
	m.authorities = rd_be16(&r);
	m.additionals = rd_be16(&r);
	if (r.bad)
		return -EBADMSG;
	if (!(flags & FLAG_QR))
		return -ENOMSG;
	m.rcode = flags & RCODE_MASK;
	m.opcode = (flags >> OPCODE_SHIFT) & OPCODE_MASK;
	m.authoritative = flags & FLAG_AA;
	m.truncated = flags & FLAG_TC;
	m.recursion_available = flags & FLAG_RA;
	m.has_question = questions == 1;
	if (questions > 1)
		return -EBADMSG;
	if (m.has_question) {
		dns_read_name(buf, &r, &m.name);
		m.type = rd_be16(&r);
		m.class = rd_be16(&r);
		if (r.bad)
			return -EBADMSG;
	}
	m.answers_at = (size_t)(r.p - buf);
	size_t at = m.answers_at;

	if (read_section(buf, len, is_part || m.truncated, &at, &m.answers, &m) < 0 ||
	    read_section(buf, len, is_part || m.truncated, &at, &m.authorities, &m) < 0 ||
	    read_section(buf, len, is_part || m.truncated, &at, &m.additionals, &m) < 0 ||
	    at != len)
		return -EBADMSG;
	*ret = m;
	return 0;
}

int dns_reply_decode(const uint8_t *buf, size_t len, struct dns_reply *ret)
{
	return decode(buf, len, false, ret);
}

int dns_reply_decode_part(const uint8_t *buf, size_t len, struct dns_reply *ret)
{
	return decode(buf, len, true, ret);
}

bool dns_reply_matches(const struct dns_reply *r, const struct dns_query *q)
{
	if (r->id != q->id || r->opcode != 0)
		return false;
	if (!r->has_question)
		return r->rcode == DNS_FORMERR || r->rcode == DNS_SERVFAIL ||
		       r->rcode == DNS_NOTIMP || r->rcode == DNS_REFUSED;
	return r->type == q->type && r->class == CLASS_IN && dns_name_equal(&r->name, &q->name);
}

/* The first answer that ``name`` owns, of ``type`` (DNS_ANY: of any). */
static bool find_owned(const uint8_t *buf, size_t len, const struct dns_reply *r,
                       const struct dns_name *name, uint16_t type, struct dns_record *ret)
{
	size_t at = r->answers_at;

	for (uint16_t i = 0; i < r->answers; i++) {
		struct dns_record rec;

		if (dns_record_next(buf, len, &at, &rec) < 0)
			return false;
		if (rec.class == CLASS_IN && (rec.type == type || type == DNS_ANY) &&
		    dns_name_equal(&rec.owner, name)) {
			*ret = rec;
			return true;
		}
	}
	return false;
}

int dns_reply_find(const uint8_t *buf, size_t len, const struct dns_reply *r,
                   struct dns_record *ret)
{
	struct dns_name name = r->name;
	struct dns_record alias;

	for (unsigned hop = 0; hop <= CHAIN_MAX; hop++) {
		if (find_owned(buf, len, r, &name, r->type, ret))
			return 0;
		if (!find_owned(buf, len, r, &name, DNS_CNAME, &alias))
			return -ENOENT;
		struct rd d = rd_init(buf, alias.data_at + alias.data_len);

		(void)rd_take(&d, alias.data_at);
		dns_read_name(buf, &d, &name);
		if (d.bad)
			return -ENOENT;
	}
	return -ENOENT;
}

int dns_record_addr(const uint8_t *buf, size_t len, const struct dns_record *rec,
                    struct inet_addr *ret)
{
	struct inet_addr a = { 0 };
	bool is_v4 = rec->type == DNS_A && rec->data_len == 4;
	bool is_v6 = rec->type == DNS_AAAA && rec->data_len == 16;

	if (rec->class != CLASS_IN || (!is_v4 && !is_v6) || rec->data_at > len ||
	    rec->data_len > len - rec->data_at)
		return -EINVAL;
	a.family = is_v4 ? INET_V4 : INET_V6;
	memcpy(a.bytes, buf + rec->data_at, rec->data_len);
	*ret = a;
	return 0;
}
