/* SPDX-License-Identifier: Apache-2.0 */
/* The path emulator's reading of frames, and their checksums. */
#include "t.h"

#include "pathemu_frame.h"

#include <errno.h>
#include <netinet/in.h>

/* 192.0.2.1:40000 > 192.0.2.2:5000, UDP, 4 octets of payload, 14 octets of padding; by hand */
static const char v4_udp[] = "0200000000bb 0200000000aa 0800"
                             "45b80020 00010000 4011f5f2 c0000201 c0000202"
                             "9c401388 000cba20 abcdabcd"
                             "0000000000000000000000000000";

/* 2001:db8::1:40000 > 2001:db8::2:5000, a destination options header, UDP, 4 octets of payload */
static const char v6_udp[] = "0200000000bb 0200000000aa 86dd"
                             "60000000 00143c40"
                             "20010db8 00000000 00000000 00000001"
                             "20010db8 00000000 00000000 00000002"
                             "11000104 00000000"
                             "9c401388 000c0000 abcdabcd";

static void test_parse_v4(void **state)
{
	uint8_t frame[FRAME_MAX];
	char text[INET_TEXT_MAX];
	size_t len = t_hex(v4_udp, frame, sizeof(frame));
	struct frame_info info;

	(void)state;
	frame_parse(frame, len, &info);
	assert_int_equal(info.kind, FRAME_IP);
	assert_int_equal(info.proto, IPPROTO_UDP);
	assert_int_equal(info.sport, 40000);
	assert_int_equal(info.dport, 5000);
	assert_int_equal(info.tos, 0xb8);
	assert_int_equal(info.ttl, 64);
	assert_int_equal(info.payload_at, 42);
	assert_int_equal(info.payload_len, 4);
	assert_int_equal(info.l4_len, 12);
	assert_string_equal(inet_addr_format(&info.dst, text), "192.0.2.2");
	assert_string_equal(frame_proto_name(&info), "udp");
}

static void test_parse_v6_with_options(void **state)
{
	uint8_t frame[FRAME_MAX];
	size_t len = t_hex(v6_udp, frame, sizeof(frame));
	struct frame_info info;

	(void)state;
	frame_parse(frame, len, &info);
	assert_int_equal(info.kind, FRAME_IP);
	assert_int_equal(info.proto, IPPROTO_UDP);
	assert_int_equal(info.dport, 5000);
	assert_int_equal(info.payload_at, 14 + 40 + 8 + 8);
	assert_int_equal(info.payload_len, 4);
}

static void test_neighbour_discovery_is_apart(void **state)
{
	uint8_t frame[14 + 40 + 24] = { 0 };
	struct frame_info info;

	(void)state;
	frame[12] = 0x86;
	frame[13] = 0xdd;
	frame[14] = 0x60;
	frame[14 + 5] = 24;
	frame[14 + 6] = IPPROTO_ICMPV6;
	frame[54] = 135;
	frame_parse(frame, sizeof(frame), &info);
	assert_int_equal(info.kind, FRAME_NEIGHBOUR);
	frame[54] = 128; /* echo request */
	frame_parse(frame, sizeof(frame), &info);
	assert_int_equal(info.kind, FRAME_IP);
	assert_string_equal(frame_proto_name(&info), "icmp6");
}

static void test_truncations_never_read_past_the_end(void **state)
{
	const char *const samples[] = { v4_udp, v6_udp };

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(samples); s++) {
		uint8_t frame[FRAME_MAX];
		size_t len = t_hex(samples[s], frame, sizeof(frame));

		for (size_t n = 0; n <= len; n++) {
			uint8_t *exact = malloc(n ? n : 1); /* so that a sanitizer sees the end */
			struct frame_info info;

			assert_non_null(exact);
			memcpy(exact, frame, n);
			frame_parse(exact, n, &info);
			assert_true(info.payload_at + info.payload_len <= n);
			(void)frame_csum_is_good(exact, &info);
			(void)frame_corrupt(exact, &info, 5, 3, true);
			free(exact);
		}
	}
}

static void test_completing_a_partial_checksum(void **state)
{
	uint8_t frame[FRAME_MAX];
	size_t len = t_hex(v4_udp, frame, sizeof(frame)) - 14; /* a real one has no padding yet */
	struct frame_info info;
	uint64_t pseudo;
	uint16_t part;

	(void)state;
	frame_parse(frame, len, &info);
	frame[40] = frame[41] = 0;
	pseudo = frame_sum(frame + 26, 8, IPPROTO_UDP + 12);
	part = (uint16_t)~frame_fold(
	        pseudo); /* what the kernel leaves: the sum, not complemented */
	frame[40] = (uint8_t)(part >> 8);
	frame[41] = (uint8_t)(part & 0xff);
	assert_int_equal(frame_complete_csum(frame, len, 34, 6), 0);
	assert_true(frame_csum_is_good(frame, &info));
	assert_int_equal(frame_complete_csum(frame, len, 34, 60000), -EBADMSG);
	assert_int_equal(frame_complete_csum(frame, len, (uint32_t)len + 1, 0), -EBADMSG);
	assert_int_equal(frame_complete_csum(frame, len, (uint32_t)len - 1, 0), -EBADMSG);
}

static void test_corruption_with_and_without_repair(void **state)
{
	uint8_t frame[FRAME_MAX], before[FRAME_MAX];
	size_t len = t_hex(v4_udp, frame, sizeof(frame));
	struct frame_info info;

	(void)state;
	frame_parse(frame, len, &info);
	assert_true(
	        frame_corrupt(frame, &info, 0, 0, true)); /* makes the sample's checksum right */
	assert_true(frame_csum_is_good(frame, &info));
	memcpy(before, frame, len);
	assert_true(frame_corrupt(frame, &info, 4 + 2, 5, false));
	assert_int_equal(frame[44], before[44] ^ 0x20);
	frame[44] = before[44];
	assert_memory_equal(frame, before, len);
	assert_true(frame_corrupt(frame, &info, 2, 5, false));
	assert_false(frame_csum_is_good(frame, &info));
	memcpy(frame, before, len);
	assert_true(frame_corrupt(frame, &info, 2, 5, true));
	assert_true(frame_csum_is_good(frame, &info));
	assert_int_not_equal(frame[44], before[44]);
	info.payload_len = 0;
	assert_false(frame_corrupt(frame, &info, 2, 5, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse_v4),
		cmocka_unit_test(test_parse_v6_with_options),
		cmocka_unit_test(test_neighbour_discovery_is_apart),
		cmocka_unit_test(test_truncations_never_read_past_the_end),
		cmocka_unit_test(test_completing_a_partial_checksum),
		cmocka_unit_test(test_corruption_with_and_without_repair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
