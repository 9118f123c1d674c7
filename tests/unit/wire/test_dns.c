/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages: vectors, names, pointers, truncation. */
#include "wire/dns.h"

#include "vectors/dns_vectors.h"

#include <errno.h>

static size_t octets(const char *name, uint8_t *buf, size_t cap)
{
	for (size_t i = 0; i < ARRAY_LEN(dns_vectors); i++) {
		if (strcmp(dns_vectors[i].name, name) == 0)
			return t_hex(dns_vectors[i].hex, buf, cap);
	}
	fail_msg("no vector %s", name);
	return 0;
}

static struct dns_name name_of(const char *text)
{
	struct dns_name n;

	assert_int_equal(dns_name_parse(text, &n), 0);
	return n;
}

static void queries_are_written_as_the_vectors_say(void **state)
{
	struct dns_query q = { .id = 0x1234, .type = DNS_A, .name = name_of("www.example.com") };
	uint8_t want[128], got[128];
	size_t n = octets("query-a", want, sizeof(want));

	(void)state;
	assert_int_equal(dns_query_encode(&q, got, sizeof(got)), n);
	assert_memory_equal(got, want, n);
	for (size_t cap = 0; cap < n; cap++)
		assert_int_equal(dns_query_encode(&q, got, cap), -ENOBUFS);
	q.type = DNS_AAAA;
	q.edns_octets = 1232;
	n = octets("query-edns", want, sizeof(want));
	assert_int_equal(dns_query_encode(&q, got, sizeof(got)), n);
	assert_memory_equal(got, want, n);
	q.edns_octets = 511;
	assert_int_equal(dns_query_encode(&q, got, sizeof(got)), -EINVAL);
	q = (struct dns_query) { .type = DNS_A };
	assert_int_equal(dns_query_encode(&q, got, sizeof(got)), -EINVAL);
}

static void replies_read_as_the_vectors_say(void **state)
{
	static const struct {
		const char *vector, *name;
		uint16_t type, rcode, answers, found; /* found: record type, 0: none */
		const char *text;
	} rows[] = {
		{ "reply-a", "WWW.example.COM.", DNS_A, 0, 1, DNS_A, "192.0.2.1" },
		{ "reply-cname", "www.example.com", DNS_A, 0, 2, DNS_A, "192.0.2.7" },
		{ "reply-aaaa", "www.example.com", DNS_AAAA, 0, 1, DNS_AAAA, "2001:db8::7" },
		{ "reply-mx", "example.com", DNS_MX, 0, 1, DNS_MX, "10 mail.example.com" },
		{ "reply-txt", "example.com", DNS_TXT, 0, 1, DNS_TXT, "\"v=1\" \"a\\\"\\007\"" },
		{ "reply-srv", "example.com", DNS_SRV, 0, 1, DNS_SRV, "1 2 5060 sip.example.com" },
		{ "reply-soa", "example.com", DNS_SOA, 0, 1, DNS_SOA,
		  "ns.example.com hostmaster.example.com 1 2 3 4 5" },
		{ "reply-ptr", "7.2.0.192.in-addr.arpa", DNS_PTR, 0, 1, DNS_PTR, "." },
		{ "reply-caa", "example.com", 257, 0, 1, 257, "\\# 3 0a0b0c" },
		{ "reply-nxdomain", "www.example.com", DNS_A, DNS_NXDOMAIN, 0, 0, "" },
		{ "reply-tc", "www.example.com", DNS_A, 0, 0, 0, "" },
		{ "reply-tc-cut", "www.example.com", DNS_A, 0, 1, DNS_A, "192.0.2.1" },
		{ "reply-refused", "www.example.com", DNS_A, DNS_REFUSED, 0, 0, "" },
		{ "reply-badvers", "www.example.com", DNS_A, 16, 0, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[256];
		char text[128];
		struct dns_reply r;
		struct dns_record rec;
		struct dns_query q = { 0x1234, rows[i].type, name_of(rows[i].name), 0 };
		size_t n = octets(rows[i].vector, buf, sizeof(buf));

		print_message("%s\n", rows[i].vector);
		assert_int_equal(dns_reply_decode(buf, n, &r), 0);
		assert_true(dns_reply_matches(&r, &q));
		assert_int_equal(r.rcode, rows[i].rcode);
		assert_int_equal(r.answers, rows[i].answers);
		assert_int_equal(r.truncated, strncmp(rows[i].vector, "reply-tc", 8) == 0);
		assert_int_equal(r.authoritative, strcmp(rows[i].vector, "reply-a") == 0);
		int rc = r.has_question ? dns_reply_find(buf, n, &r, &rec) : -ENOENT;

		assert_int_equal(rc, rows[i].found ? 0 : -ENOENT);
		if (rc < 0)
			continue;
		assert_int_equal(rec.type, rows[i].found);
		assert_string_equal(dns_record_text(buf, n, &rec, text, sizeof(text)),
		                    rows[i].text);
		assert_int_equal(strlen(dns_record_text(buf, n, &rec, text, 5)),
		                 strlen(rows[i].text) < 4 ? strlen(rows[i].text) : 4);
	}
}

static void every_truncation_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dns_vectors); i++) {
		uint8_t buf[256];
		struct dns_reply r;
		size_t n = t_hex(dns_vectors[i].hex, buf, sizeof(buf));

		if (strncmp(dns_vectors[i].name, "query", 5) == 0) {
			assert_int_equal(dns_reply_decode(buf, n, &r), -ENOMSG);
			continue;
		}
		/* With the TC bit any cut behind the question is what it announces. */
		size_t end = strncmp(dns_vectors[i].name, "reply-tc", 8) == 0 ? 33 : n;

		for (size_t cut = 0; cut < end; cut++)
			assert_int_equal(dns_reply_decode(buf, cut, &r), -EBADMSG);
		for (size_t cut = end; cut <= n; cut++)
			assert_int_equal(dns_reply_decode(buf, cut, &r), 0);
	}
}

static void what_is_wrong_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(dns_bad_vectors); i++) {
		uint8_t buf[256];
		struct dns_reply r;
		size_t n = t_hex(dns_bad_vectors[i].hex, buf, sizeof(buf));

		print_message("%s\n", dns_bad_vectors[i].name);
		assert_int_equal(dns_reply_decode(buf, n, &r), -EBADMSG);
	}
}

static void replies_to_others_do_not_match(void **state)
{
	uint8_t buf[256];
	struct dns_reply r;
	struct dns_query q = { 0x1234, DNS_A, name_of("www.example.com"), 0 };
	size_t n = octets("reply-a", buf, sizeof(buf));

	(void)state;
	assert_int_equal(dns_reply_decode(buf, n, &r), 0);
	assert_true(dns_reply_matches(&r, &q));
	q.id++;
	assert_false(dns_reply_matches(&r, &q));
	q.id--;
	q.type = DNS_AAAA;
	assert_false(dns_reply_matches(&r, &q));
	q.type = DNS_A;
	q.name = name_of("ww.example.com");
	assert_false(dns_reply_matches(&r, &q));
	q.name = name_of("xww.example.com");
	assert_false(dns_reply_matches(&r, &q));
	n = octets("reply-refused", buf, sizeof(buf));
	buf[3] = 0; /* no error, but no question either */
	assert_int_equal(dns_reply_decode(buf, n, &r), 0);
	assert_false(dns_reply_matches(&r, &q));
}

/* CNAME records that lead in a circle end the search. */
static void a_circle_of_aliases_ends(void **state)
{
	uint8_t buf[256];
	struct dns_reply r;
	struct dns_record rec;
	size_t n = t_hex("1234 8180 0001 0001 0000 0000" DNS_WWW "0001 0001"
	                 " c00c 0005 0001 0000003c 0002 c00c",
	                 buf, sizeof(buf));

	(void)state;
	assert_int_equal(dns_reply_decode(buf, n, &r), 0);
	assert_int_equal(dns_reply_find(buf, n, &r, &rec), -ENOENT);
}

static void names_read_and_write(void **state)
{
	static const struct {
		const char *text, *again; /* again NULL: refused */
	} rows[] = {
		{ "www.example.com", "www.example.com" },
		{ "www.example.com.", "www.example.com" },
		{ ".", "." },
		{ "a\\.b.c", "a\\.b.c" },
		{ "a\\032b", "a\\032b" },
		{ "\\097\\\"", "a\\\"" },
		{ "_sip._udp.example.com", "_sip._udp.example.com" },
		{ "", NULL },
		{ "..", NULL },
		{ ".a", NULL },
		{ "a..b", NULL },
		{ "a\\", NULL },
		{ "a\\25", NULL },
		{ "a\\256", NULL },
		{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL },
	};
	struct dns_name n;
	char text[DNS_NAME_TEXT], longest[512];
	size_t used = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("\"%s\"\n", rows[i].text);
		assert_int_equal(dns_name_parse(rows[i].text, &n), rows[i].again ? 0 : -EINVAL);
		if (rows[i].again)
			assert_string_equal(dns_name_format(&n, text), rows[i].again);
	}
	for (unsigned i = 0; i < 127; i++)
		used += (size_t)snprintf(longest + used, sizeof(longest) - used, "a.");
	assert_int_equal(dns_name_parse(longest, &n), 0);
	assert_int_equal(n.len, DNS_NAME_OCTETS);
	(void)snprintf(longest + used, sizeof(longest) - used, "a");
	assert_int_equal(dns_name_parse(longest, &n), -EINVAL);
	/* Every octet escaped: the longest text. */
	n = (struct dns_name) { .len = DNS_NAME_OCTETS };
	for (unsigned at = 0; at < 254;) {
		uint8_t len = at + 64 <= 254 ? 63 : (uint8_t)(254 - at - 1);

		n.octets[at] = len;
		memset(n.octets + at + 1, 0xff, len);
		at += 1u + len;
	}
	assert_true(strlen(dns_name_format(&n, text)) < DNS_NAME_TEXT);
}

static void addresses_have_names(void **state)
{
	struct inet_addr a;
	struct dns_name n;
	char text[DNS_NAME_TEXT];

	(void)state;
	assert_int_equal(inet_addr_parse("192.0.2.17", &a), 0);
	assert_int_equal(dns_name_reverse(&a, &n), 0);
	assert_string_equal(dns_name_format(&n, text), "17.2.0.192.in-addr.arpa");
	assert_int_equal(inet_addr_parse("2001:db8::7a", &a), 0);
	assert_int_equal(dns_name_reverse(&a, &n), 0);
	assert_string_equal(dns_name_format(&n, text),
	                    "a.7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2."
	                    "ip6.arpa");
	a = (struct inet_addr) { 0 };
	assert_int_equal(dns_name_reverse(&a, &n), -EINVAL);
}

static void addresses_come_out_of_records(void **state)
{
	uint8_t buf[256];
	struct dns_reply r;
	struct dns_record rec;
	struct inet_addr a;
	char text[INET_TEXT_MAX];
	size_t n = octets("reply-aaaa", buf, sizeof(buf));

	(void)state;
	assert_int_equal(dns_reply_decode(buf, n, &r), 0);
	assert_int_equal(dns_reply_find(buf, n, &r, &rec), 0);
	assert_int_equal(rec.ttl_s, 3600);
	assert_int_equal(dns_record_addr(buf, n, &rec, &a), 0);
	assert_string_equal(inet_addr_format(&a, text), "2001:db8::7");
	rec.data_len = 15;
	assert_int_equal(dns_record_addr(buf, n, &rec, &a), -EINVAL);
	n = octets("reply-mx", buf, sizeof(buf));
	assert_int_equal(dns_reply_decode(buf, n, &r), 0);
	assert_int_equal(dns_reply_find(buf, n, &r, &rec), 0);
	assert_int_equal(dns_record_addr(buf, n, &rec, &a), -EINVAL);
	assert_string_equal(dns_rcode_name(DNS_NXDOMAIN), "NXDOMAIN");
	assert_null(dns_rcode_name(11));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_written_as_the_vectors_say),
		cmocka_unit_test(replies_read_as_the_vectors_say),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(what_is_wrong_is_refused),
		cmocka_unit_test(replies_to_others_do_not_match),
		cmocka_unit_test(a_circle_of_aliases_ends),
		cmocka_unit_test(names_read_and_write),
		cmocka_unit_test(addresses_have_names),
		cmocka_unit_test(addresses_come_out_of_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
