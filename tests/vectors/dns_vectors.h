/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages made by us for tests: hexadecimal, with what a dissector would say. */
#ifndef CANDOR_TESTS_DNS_VECTORS_H
#define CANDOR_TESTS_DNS_VECTORS_H

#include "base/cleanup.h"
#include "t.h"

/* www.example.com at offset 12 of every message; example.com is then offset 16, com offset 24. */
#define DNS_WWW     "03777777 07657861 6d706c65 03636f6d 00"
#define DNS_EXAMPLE "07657861 6d706c65 03636f6d 00"

struct dns_vector {
	const char *name;
	const char *text;
	const char *hex;
};

static const struct dns_vector dns_vectors[] = {
	{ "query-a", "query 1234, www.example.com A IN, recursion desired",
	  "1234 0100 0001 0000 0000 0000" DNS_WWW "0001 0001" },
	{ "query-edns", "query 1234, www.example.com AAAA IN, EDNS 1232 octets",
	  "1234 0100 0001 0000 0000 0001" DNS_WWW "001c 0001 00 0029 04d0 00000000 0000" },
	{ "reply-a", "reply 1234, NOERROR, authoritative: www.example.com A 192.0.2.1",
	  "1234 8580 0001 0001 0000 0000" DNS_WWW
	  "0001 0001 c00c 0001 0001 0000003c 0004 c0000201" },
	{ "reply-cname",
	  "reply 1234: www CNAME web.example.com, web.example.com A 192.0.2.7, NS, OPT",
	  "1234 8180 0001 0002 0001 0001" DNS_WWW "0001 0001"
	  " c00c 0005 0001 0000003c 0006 03776562 c010"
	  " c02d 0001 0001 0000003c 0004 c0000207"
	  " c010 0002 0001 0000003c 0005 026e73 c010"
	  " 00 0029 04d0 00000000 0000" },
	{ "reply-aaaa", "reply 1234: www.example.com AAAA 2001:db8::7",
	  "1234 8180 0001 0001 0000 0000" DNS_WWW
	  "001c 0001 c00c 001c 0001 00000e10 0010 20010db8 00000000 00000000 00000007" },
	{ "reply-mx", "reply 1234: example.com MX 10 mail.example.com",
	  "1234 8180 0001 0001 0000 0000" DNS_EXAMPLE
	  "000f 0001 c00c 000f 0001 00000e10 0009 000a 046d6169 6c c00c" },
	{ "reply-txt", "reply 1234: example.com TXT \"v=1\" \"a\\\"\\007\"",
	  "1234 8180 0001 0001 0000 0000" DNS_EXAMPLE
	  "0010 0001 c00c 0010 0001 00000e10 0008 03763d31 03612207" },
	{ "reply-srv", "reply 1234: example.com SRV 1 2 5060 sip.example.com",
	  "1234 8180 0001 0001 0000 0000" DNS_EXAMPLE
	  "0021 0001 c00c 0021 0001 00000e10 000c 0001 0002 13c4 03736970 c00c" },
	{ "reply-soa", "reply 1234: example.com SOA ns hostmaster 1 2 3 4 5",
	  "1234 8180 0001 0001 0000 0000" DNS_EXAMPLE
	  "0006 0001 c00c 0006 0001 00000e10 0026 026e73 c00c 0a686f73 746d6173 746572 c00c"
	  " 00000001 00000002 00000003 00000004 00000005" },
	{ "reply-ptr", "reply 1234: 7.2.0.192.in-addr.arpa PTR .",
	  "1234 8180 0001 0001 0000 0000 0137 0132 0130 03313932 07696e2d 61646472 04617270 61 00"
	  "000c 0001 c00c 000c 0001 0000003c 0001 00" },
	{ "reply-caa", "reply 1234: example.com TYPE257 of 3 octets",
	  "1234 8180 0001 0001 0000 0000" DNS_EXAMPLE
	  "0101 0001 c00c 0101 0001 00000e10 0003 0a0b0c" },
	{ "reply-nxdomain", "reply 1234, NXDOMAIN, SOA of com in the authority section",
	  "1234 8183 0001 0000 0001 0000" DNS_WWW "0001 0001"
	  " c018 0006 0001 00000384 0016 00 00 00000001 00000002 00000003 00000004 00000005" },
	{ "reply-tc", "reply 1234, truncated: no answers left",
	  "1234 8380 0001 0000 0000 0000" DNS_WWW "0001 0001" },
	{ "reply-tc-cut", "reply 1234, truncated within the second of 2 answers",
	  "1234 8380 0001 0002 0000 0000" DNS_WWW
	  "0001 0001 c00c 0001 0001 0000003c 0004 c0000201 c00c 0001 00" },
	{ "reply-refused", "reply 1234, REFUSED, without the question",
	  "1234 8105 0000 0000 0000 0000" },
	{ "reply-badvers", "reply 1234, BADVERS by the upper bits of EDNS",
	  "1234 8180 0001 0000 0000 0001" DNS_WWW "0001 0001 00 0029 04d0 01000000 0000" },
};

/* Messages that must be refused. */
static const struct dns_vector dns_bad_vectors[] = {
	{ "bad-pointer-to-itself", "the owner of the answer points to itself",
	  "1234 8180 0001 0001 0000 0000" DNS_WWW
	  "0001 0001 c021 0001 0001 0000003c 0004 c0000201" },
	{ "bad-pointer-forward", "the owner of the answer points behind itself",
	  "1234 8180 0001 0001 0000 0000" DNS_WWW
	  "0001 0001 c028 0001 0001 0000003c 0004 c0000201" },
	{ "bad-pointer-header", "the owner of the answer points into the header",
	  "1234 8180 0001 0001 0000 0000" DNS_WWW
	  "0001 0001 c002 0001 0001 0000003c 0004 c0000201" },
	{ "bad-pointer-own-label", "a label, then a pointer to its own beginning",
	  "1234 8180 0001 0001 0000 0000" DNS_WWW
	  "0001 0001 0161 c021 0001 0001 0000003c 0004 c0000201" },
	{ "bad-label-kind", "a label of the kind 01",
	  "1234 8180 0001 0000 0000 0000 4161 00 0001 0001" },
	{ "bad-trailing", "an octet behind the last record",
	  "1234 8580 0001 0001 0000 0000" DNS_WWW
	  "0001 0001 c00c 0001 0001 0000003c 0004 c0000201 00" },
	{ "bad-two-questions", "two questions",
	  "1234 8180 0002 0000 0000 0000" DNS_WWW "0001 0001" DNS_WWW "0001 0001" },
};

#endif
