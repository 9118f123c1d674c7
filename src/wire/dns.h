/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages as a client needs them (RFC 1035 section 4, RFC 2181, RFC 6891): a query with one question, and
 * a strict, bounded reading of what a server says to it.  Pure functions; the two octets of length before a
 * message over TCP (RFC 1035 section 4.2.2) are the caller's. */
#ifndef CANDOR_WIRE_DNS_H
#define CANDOR_WIRE_DNS_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define DNS_PORT         53u
#define DNS_HEADER       12u  /* octets */
#define DNS_NAME_OCTETS  255u /* RFC 1035 section 2.3.4 */
#define DNS_NAME_TEXT    1024 /* a name as text with every octet escaped, and the NUL */
#define DNS_UDP_OCTETS   512u /* what a server may send to a query without EDNS */
#define DNS_QUERY_OCTETS (DNS_HEADER + DNS_NAME_OCTETS + 4u + 11u)

/* Record types that have a text form of their own here; every other number is legal too. */
enum dns_type {
	DNS_A = 1,
	DNS_NS = 2,
	DNS_CNAME = 5,
	DNS_SOA = 6,
	DNS_PTR = 12,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33, /* RFC 2782 */
	DNS_OPT = 41, /* RFC 6891 */
	DNS_ANY = 255,
};

enum dns_rcode {
	DNS_NOERROR,
	DNS_FORMERR,
	DNS_SERVFAIL,
	DNS_NXDOMAIN,
	DNS_NOTIMP,
	DNS_REFUSED,
};

/* "NXDOMAIN"; NULL for codes without a common name. */
const char *dns_rcode_name(uint16_t rcode);

/* A name in its uncompressed form on the wire, the empty label of the root included. */
struct dns_name {
	uint8_t len; /* 1-255 */
	uint8_t octets[DNS_NAME_OCTETS];
};

/* "www.example.com", with or without a dot at its end, \DDD and \X as in RFC 1035 section 5.1; "." is the
 * root.  0; -EINVAL: an empty label, one of more than 63 octets, a name of more than 255, a bad escape. */
NODISCARD int dns_name_parse(const char *text, struct dns_name *ret);

/* The reverse, in printable ASCII without the dot at the end ("." for the root).  ``to`` holds DNS_NAME_TEXT;
 * returns ``to``. */
char *dns_name_format(const struct dns_name *name, char *to);

/* Without regard to the case of ASCII letters (RFC 4343). */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b);

/* The name whose PTR record names an address: in-addr.arpa (RFC 1035 section 3.5), ip6.arpa (RFC 3596
 * section 2.5).  -EINVAL: no family. */
NODISCARD int dns_name_reverse(const struct inet_addr *addr, struct dns_name *ret);

struct dns_query {
	uint16_t id;
	uint16_t type; /* enum dns_type or any other number */
	struct dns_name name;
	uint16_t edns_octets; /* largest reply over UDP that we take, 512-65535; 0: no EDNS */
};

/* A query of class IN that asks for recursion; DNS_QUERY_OCTETS at most.  -EINVAL: no name, or edns_octets from
 * 1 to 511; -ENOBUFS. */
NODISCARD ssize_t dns_query_encode(const struct dns_query *q, uint8_t *buf, size_t cap);

struct dns_reply {
	uint16_t id;
	uint16_t rcode; /* with the upper bits of EDNS */
	uint8_t opcode;
	bool authoritative, truncated, recursion_available;
	bool has_question; /* else name, type and class are nothing */
	struct dns_name name;
	uint16_t type, class;
	uint16_t answers; /* records in that section; what a truncated message really holds */
	uint16_t authorities, additionals;
	size_t answers_at; /* offset of the first, for dns_record_next */
};

/* Read a whole reply.  Every record of every section must be in order, and nothing may follow the last; a
 * message with the TC bit may stop in the middle of a record.  0; -ENOMSG: a query, not a reply; -EBADMSG. */
NODISCARD int dns_reply_decode(const uint8_t *buf, size_t len, struct dns_reply *ret);

/* The same of the first ``len`` octets of a longer message: it may stop in the middle of a record. */
NODISCARD int dns_reply_decode_part(const uint8_t *buf, size_t len, struct dns_reply *ret);

/* The reply is to this query: number, operation and question.  A server that could not read the question
 * (FORMERR, NOTIMP, SERVFAIL, REFUSED) need not repeat it. */
bool dns_reply_matches(const struct dns_reply *r, const struct dns_query *q);

struct dns_record {
	struct dns_name owner;
	uint16_t type, class;
	uint32_t ttl_s;
	size_t data_at; /* offset into the message */
	uint16_t data_len;
};

/* The record at offset *at, which moves behind it.  0 or -EBADMSG. */
NODISCARD int dns_record_next(const uint8_t *buf, size_t len, size_t *at, struct dns_record *ret);

/* The first answer to the question, along the chain of CNAME records that leads there; of DNS_ANY the first
 * record.  ``buf`` is what ``r`` was decoded from.  0; -ENOENT: no record of that type. */
NODISCARD int dns_reply_find(const uint8_t *buf, size_t len, const struct dns_reply *r,
                             struct dns_record *ret);

/* The address in a record of type A or AAAA and class IN; -EINVAL: another one. */
NODISCARD int dns_record_addr(const uint8_t *buf, size_t len, const struct dns_record *rec,
                              struct inet_addr *ret);

/* The record's data in printable ASCII as a zone file has it, types without a form of their own as RFC 3597
 * section 5 has them; what does not fit is cut.  Returns ``to``. */
char *dns_record_text(const uint8_t *buf, size_t len, const struct dns_record *rec, char *to,
                      size_t cap);

#endif
