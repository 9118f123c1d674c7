/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP messages made by us for tests: head and options in hexadecimal, with what a dissector would say. */
#ifndef CANDOR_TESTS_DHCP_VECTORS_H
#define CANDOR_TESTS_DHCP_VECTORS_H

#include "base/cleanup.h"
#include "t.h"

struct dhcp_vector {
	const char *name;
	const char *text;
	const char *head;    /* up to chaddr's 6 octets */
	const char *sname;   /* the rest is zero */
	const char *file;    /* likewise */
	const char *options; /* from the cookie on */
	size_t least;        /* zeroes follow up to so many octets */
};

#define DHCP_CLIENT "025a 01020304"
#define DHCP_ANSWER "02010601 a1b2c3d4 0000 0000 00000000 "

static const struct dhcp_vector dhcp_vectors[] = {
	{ "discover",
	  "DISCOVER a1b2c3d4 of client 00 63 78, relay 192.0.2.1, circuit 0a01, remote 7f",
	  "01010601 a1b2c3d4 0000 0000 00000000 00000000 00000000 c0000201" DHCP_CLIENT, "", "",
	  "63825363 350101 3d03006378 370601 03060f3336 520701020a01 02017f ff", 300 },
	{ "offer", "OFFER of 192.0.2.100 for 3600 s by 192.0.2.67",
	  DHCP_ANSWER "c0000264 00000000 c0000201" DHCP_CLIENT, "", "",
	  "63825363 350102 3604c0000243 330400000e10 00 ff", 0 },
	{ "nak", "NAK by 192.0.2.67: no, an octet that is none of a text, way",
	  DHCP_ANSWER "00000000 00000000 c0000201" DHCP_CLIENT, "", "",
	  "63825363 350106 3604c0000243 38066e6f0a776179 ff", 0 },
	{ "overload", "ACK of 192.0.2.100, its server in file, its lease in sname",
	  DHCP_ANSWER "c0000264 00000000 c0000201" DHCP_CLIENT, "33040000003c ff",
	  "3604c0000243 ff", "63825363 350105 340103 ff", 0 },
	{ "bad-length", "OFFER with a lease time of three octets",
	  DHCP_ANSWER "c0000264 00000000 c0000201" DHCP_CLIENT, "", "",
	  "63825363 350102 3303000e10 ff", 0 },
	{ "no-type", "BOOTP: no message type", DHCP_ANSWER "c0000264 00000000 c0000201" DHCP_CLIENT,
	  "", "", "63825363 3604c0000243 ff", 0 },
};

static inline size_t dhcp_vector_write(const struct dhcp_vector *v, uint8_t *buf, size_t cap)
{
	assert_true(cap >= 548);
	memset(buf, 0, cap);
	(void)t_hex(v->head, buf, 44);
	(void)t_hex(v->sname, buf + 44, 64);
	(void)t_hex(v->file, buf + 108, 128);
	size_t n = 236 + t_hex(v->options, buf + 236, cap - 236);

	return n < v->least ? v->least : n;
}

static inline size_t dhcp_vector(const char *name, uint8_t *buf, size_t cap)
{
	for (size_t i = 0; i < ARRAY_LEN(dhcp_vectors); i++) {
		if (strcmp(dhcp_vectors[i].name, name) == 0)
			return dhcp_vector_write(&dhcp_vectors[i], buf, cap);
	}
	fail_msg("no vector %s", name);
	return 0;
}

#endif
