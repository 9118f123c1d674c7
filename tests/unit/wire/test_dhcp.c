/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP messages. */
#include "wire/dhcp.h"

#include "vectors/dhcp_vectors.h"

#include <errno.h>

static struct inet_addr addr(const char *text)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse(text, &a), 0);
	return a;
}

static struct dhcp_ask discover(void)
{
	return (struct dhcp_ask) {
		.type = DHCP_DISCOVER,
		.xid = 0xa1b2c3d4,
		.relay = addr("192.0.2.1"),
		.mac = { 2, 0x5a, 1, 2, 3, 4 },
		.client_id = { 3, { 0, 'c', 'x' } },
		.circuit_id = { 2, { 0x0a, 0x01 } },
		.remote_id = { 1, { 0x7f } },
	};
}

static void a_discover_is_written_as_the_vector_says(void **state)
{
	struct dhcp_ask ask = discover();
	uint8_t want[DHCP_MAX], got[DHCP_MAX];
	size_t n = dhcp_vector("discover", want, sizeof(want));

	(void)state;
	assert_int_equal(dhcp_ask_encode(&ask, got, sizeof(got)), n);
	assert_memory_equal(got, want, n);
	for (size_t cap = 0; cap < n; cap++)
		assert_int_equal(dhcp_ask_encode(&ask, got, cap), -ENOBUFS);
	ask.client_id.len = DHCP_CLIENT_ID + 1;
	assert_int_equal(dhcp_ask_encode(&ask, got, sizeof(got)), -EINVAL);
	ask = discover();
	ask.relay = addr("2001:db8::1");
	assert_int_equal(dhcp_ask_encode(&ask, got, sizeof(got)), -EINVAL);
}

static void the_longest_message_fits(void **state)
{
	struct dhcp_ask ask = discover();
	uint8_t buf[DHCP_MAX];

	(void)state;
	ask.type = DHCP_REQUEST;
	ask.requested = ask.server = addr("192.0.2.9");
	ask.client_id.len = DHCP_CLIENT_ID;
	ask.circuit_id.len = ask.remote_id.len = DHCP_AGENT_PART;
	assert_true(dhcp_ask_encode(&ask, buf, sizeof(buf)) > 300);
}

static void replies_read_as_the_vectors_say(void **state)
{
	uint8_t buf[DHCP_MAX];
	struct dhcp_reply r;
	char text[INET_TEXT_MAX];
	size_t n = dhcp_vector("offer", buf, sizeof(buf));

	(void)state;
	assert_int_equal(dhcp_reply_decode(buf, n, &r), 0);
	assert_int_equal(r.type, DHCP_OFFER);
	assert_int_equal(r.xid, 0xa1b2c3d4);
	assert_string_equal(inet_addr_format(&r.yours, text), "192.0.2.100");
	assert_string_equal(inet_addr_format(&r.server, text), "192.0.2.67");
	assert_true(r.has_lease_s);
	assert_int_equal(r.lease_s, 3600);
	assert_int_equal(r.mac[5], 4);
	n = dhcp_vector("nak", buf, sizeof(buf));
	assert_int_equal(dhcp_reply_decode(buf, n, &r), 0);
	assert_int_equal(r.type, DHCP_NAK);
	assert_int_equal(r.yours.family, INET_NONE);
	assert_string_equal(r.message, "no.way");
	n = dhcp_vector("overload", buf, sizeof(buf));
	assert_int_equal(dhcp_reply_decode(buf, n, &r), 0);
	assert_int_equal(r.type, DHCP_ACK);
	assert_int_equal(r.lease_s, 60);
	assert_string_equal(inet_addr_format(&r.server, text), "192.0.2.67");
}

static void truncation_and_others_are_refused(void **state)
{
	uint8_t buf[DHCP_MAX];
	struct dhcp_reply r;
	size_t n = dhcp_vector("offer", buf, sizeof(buf));

	(void)state;
	for (size_t cut = 0; cut < n; cut++)
		assert_true(dhcp_reply_decode(buf, cut, &r) < 0);
	buf[1] = 6; /* IEEE 802 */
	assert_int_equal(dhcp_reply_decode(buf, n, &r), -EBADMSG);
	buf[1] = 1;
	buf[2] = 16;
	assert_int_equal(dhcp_reply_decode(buf, n, &r), -EBADMSG);
	buf[2] = 6;
	buf[236] = 0; /* the cookie */
	assert_int_equal(dhcp_reply_decode(buf, n, &r), -ENOMSG);
	n = dhcp_vector("discover", buf, sizeof(buf));
	assert_int_equal(dhcp_reply_decode(buf, n, &r), -ENOMSG);
	n = dhcp_vector("bad-length", buf, sizeof(buf));
	assert_int_equal(dhcp_reply_decode(buf, n, &r), -EBADMSG);
	n = dhcp_vector("no-type", buf, sizeof(buf));
	assert_int_equal(dhcp_reply_decode(buf, n, &r), -ENOMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_discover_is_written_as_the_vector_says),
		cmocka_unit_test(the_longest_message_fits),
		cmocka_unit_test(replies_read_as_the_vectors_say),
		cmocka_unit_test(truncation_and_others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
