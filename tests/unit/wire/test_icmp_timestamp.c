/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP timestamps, and what errors quote of echo requests. */
#include "wire/icmp_timestamp.h"

#include "base/cursor.h"
#include "t.h"
#include "wire/icmp_echo.h"

#include <errno.h>

/* By hand after RFC 792: a reply to packet 7, sent at 01:02:03.004, the peer's clock not standard. */
static const uint8_t reply[] = {
	14,   0,    0,    0,    0,    7,    0,    7,    0x00, 0x38,
	0xce, 0xfc, 0x80, 0x38, 0xcf, 0x00, 0x80, 0x38, 0xcf, 0x01,
};

static void put_checksum(uint8_t *buf, size_t len)
{
	put_be16(buf + 2, 0);
	put_be16(buf + 2, icmp_checksum(buf, len));
}

static void a_reply_by_hand(void **state)
{
	uint8_t buf[sizeof(reply)], again[sizeof(reply)];
	struct icmp_timestamp t;

	(void)state;
	memcpy(buf, reply, sizeof(buf));
	put_checksum(buf, sizeof(buf));
	assert_int_equal(icmp_timestamp_decode(buf, sizeof(buf), &t), 0);
	assert_true(t.is_reply);
	assert_int_equal(t.id, 7);
	assert_int_equal(t.sequence, 7);
	assert_int_equal(t.originate, ((1 * 60 + 2) * 60 + 3) * 1000 + 4);
	assert_int_equal(t.receive, ICMP_TIMESTAMP_NONSTANDARD | (t.originate + 4));
	assert_int_equal(t.transmit, ICMP_TIMESTAMP_NONSTANDARD | (t.originate + 5));
	assert_int_equal(icmp_timestamp_encode(&t, again, sizeof(again)), sizeof(again));
	assert_memory_equal(again, buf, sizeof(buf));
	for (size_t cut = 0; cut < sizeof(buf); cut++) {
		assert_int_equal(icmp_timestamp_decode(buf, cut, &t), -EBADMSG);
		assert_int_equal(icmp_timestamp_encode(&t, again, cut), -ENOBUFS);
	}
	for (size_t at = 0; at < sizeof(buf); at++) {
		buf[at] ^= 0x20;
		assert_true(icmp_timestamp_decode(buf, sizeof(buf), &t) < 0);
		buf[at] ^= 0x20;
	}
	buf[0] = 8;
	put_checksum(buf, sizeof(buf));
	assert_int_equal(icmp_timestamp_decode(buf, sizeof(buf), &t), -ENOMSG);
}

static void what_errors_quote(void **state)
{
	static const uint8_t v4[] = { 8, 0, 0x12, 0x34, 0, 9, 0x01, 0x02 };
	static const uint8_t v6[] = { 128, 0, 0, 0, 0, 9, 0x01, 0x02 };
	struct icmp_echo e;

	(void)state;
	assert_int_equal(icmp_echo_decode_quote(v4, sizeof(v4), INET_V4, &e), 0);
	assert_int_equal(e.id, 9);
	assert_int_equal(e.sequence, 0x0102);
	assert_int_equal(icmp_echo_decode_quote(v6, sizeof(v6), INET_V6, &e), 0);
	assert_int_equal(e.sequence, 0x0102);
	assert_int_equal(icmp_echo_decode_quote(v4, sizeof(v4), INET_V6, &e), -ENOMSG);
	for (size_t cut = 0; cut < sizeof(v4); cut++)
		assert_int_equal(icmp_echo_decode_quote(v4, cut, INET_V4, &e), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_by_hand),
		cmocka_unit_test(what_errors_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
