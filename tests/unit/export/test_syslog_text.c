/* SPDX-License-Identifier: Apache-2.0 */
/* RFC 5424 to the octet. */
#include "t.h"

#include "export/syslog_text.h"

#include <errno.h>

static void expect(const struct syslog_message *m, const char *want)
{
	char text[512];
	size_t body = 0;
	int len = syslog_format(m, text, sizeof(text), &body);

	assert_true(len > 0);
	text[len] = '\0';
	assert_string_equal(text, want);
	assert_int_equal(text[body], '%');
	/* What does not fit is refused at every length, and nothing is written beyond. */
	for (size_t cap = 0; cap < (size_t)len; cap++) {
		char *small = malloc(cap + 1);

		assert_int_equal(syslog_format(m, small, cap, &body), -EMSGSIZE);
		free(small);
	}
}

static void test_plain(void **state)
{
	const struct syslog_message m = { .facility = 23,
		                          .severity = 3,
		                          .at = { 1700000000123456789 },
		                          .host = "edge",
		                          .mnemonic = "RTT-3-IPSLATHRESHOLD",
		                          .text = "IP SLAs(1): Threshold exceeded for rtt" };

	(void)state;
	expect(&m, "<187>1 2023-11-14T22:13:20.123456Z edge candor - RTT-3-IPSLATHRESHOLD - "
	           "%RTT-3-IPSLATHRESHOLD: IP SLAs(1): Threshold exceeded for rtt");
}

static void test_data(void **state)
{
	const struct syslog_datum data[] = {
		{ "a", "plain" }, { "b", "\"quoted\" \\ [x]" }, { "c", "" }, { NULL, NULL }
	};
	const struct syslog_message m = { .facility = 0,
		                          .severity = 7,
		                          .host = "two words",
		                          .mnemonic = "A-7-B",
		                          .text = "t",
		                          .data_id = "reaction",
		                          .data = data };

	(void)state;
	expect(&m, "<7>1 1970-01-01T00:00:00.000000Z two-words candor - A-7-B [reaction@32473 "
	           "a=\"plain\" b=\"\\\"quoted\\\" \\\\ [x\\]\" c=\"\"] %A-7-B: t");
}

static void test_header_fields_are_cut(void **state)
{
	char host[400];
	struct syslog_message m = { .host = host,
		                    .mnemonic = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-0123456789",
		                    .text = "" };
	char text[1024];
	size_t body;

	(void)state;
	memset(host, 'h', sizeof(host));
	host[sizeof(host) - 1] = '\0';
	int len = syslog_format(&m, text, sizeof(text), &body);

	assert_true(len > 0);
	text[len] = '\0';
	assert_null(strstr(text, "012345 -")); /* MSGID: 32 octets */
	assert_non_null(strstr(text, " ABCDEFGHIJKLMNOPQRSTUVWXYZ-01234 - %ABC"));
	m.host = "";
	len = syslog_format(&m, text, sizeof(text), &body);
	text[len] = '\0';
	assert_non_null(strstr(text, "Z - candor - "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_header_fields_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
