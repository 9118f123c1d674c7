/* SPDX-License-Identifier: Apache-2.0 */
/* CFM frames: loopback and delay measurement. */
#include "wire/cfm.h"

#include "t.h"

#include <errno.h>

/* By hand after IEEE 802.1Q figure 21-8: a reply of level 5 in VLAN 34 of priority 3, with a sender ID TLV (type 1)
 * and 3 octets of data; padding behind. */
static const uint8_t lbr[] = {
	0x02, 0,    0x5e, 0,    0x53, 1,    0x02, 0,   0x5e, 0,    0x53, 2, 0x81,
	0x00, 0x60, 0x22, 0x89, 0x02, 0xa0, 2,    0,   4,    0x12, 0,    0, 0x34,
	1,    0,    1,    0,    3,    0,    3,    'a', 'b',  'c',  0,    0, 0,
};
#define LBR_END 37u

/* By hand after Y.1731 figure 9.16-1: level 0, untagged. */
static const uint8_t dmr[] = {
	0x02, 0, 0x5e, 0, 0x53, 1, 0x02, 0, 0x5e, 0, 0x53, 2, 0x89, 0x02, 0x00, 46,   0,
	32,   0, 0,    0, 1,    0, 0,    0, 2,    0, 0,    0, 3,    0x3b, 0x9a, 0xc9, 0xff,
	0,    0, 0,    5, 0,    0, 0,    6, 0,    0, 0,    0, 0,    0,    0,    0,    0,
};

static void a_loopback_reply(void **state)
{
	struct cfm_frame f;

	(void)state;
	assert_int_equal(cfm_decode(lbr, sizeof(lbr), &f), 0);
	assert_true(f.is_tagged);
	assert_int_equal(f.vlan, 34);
	assert_int_equal(f.priority, 3);
	assert_int_equal(f.level, 5);
	assert_int_equal(f.opcode, CFM_LBR);
	assert_int_equal(f.transaction, 0x12000034);
	assert_int_equal(f.data_len, 3);
	assert_memory_equal(f.data, "abc", 3);
	assert_memory_equal(f.from, lbr + 6, CFM_MAC);
	for (size_t cut = 0; cut < LBR_END; cut++)
		assert_int_equal(cfm_decode(lbr, cut, &f), -EBADMSG);
	assert_int_equal(cfm_decode(lbr, LBR_END, &f), 0);
}

static void a_delay_reply(void **state)
{
	uint8_t buf[sizeof(dmr)];
	struct cfm_frame f;

	(void)state;
	assert_int_equal(cfm_decode(dmr, sizeof(dmr), &f), 0);
	assert_false(f.is_tagged);
	assert_int_equal(f.t1.s, 1);
	assert_int_equal(f.t1.ns, 2);
	assert_int_equal(f.t2.s, 3);
	assert_int_equal(f.t2.ns, 999999999);
	assert_int_equal(f.t3.ns, 6);
	for (size_t cut = 0; cut < sizeof(dmr); cut++) {
		assert_int_equal(cfm_decode(dmr, cut, &f), -EBADMSG);
		assert_int_equal(cfm_encode(&f, buf, cut), -ENOBUFS);
	}
	assert_int_equal(cfm_encode(&f, buf, sizeof(buf)), sizeof(dmr));
	assert_memory_equal(buf, dmr, sizeof(dmr));
	buf[33]++; /* 10^9 nanoseconds */
	buf[32]++;
	assert_int_equal(cfm_decode(buf, sizeof(buf), &f), -EBADMSG);
}

static void what_is_refused(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		int error;
	} cases[] = {
		{ 13, 0x03, -ENOMSG },  /* ethertype */
		{ 14, 0x01, -EBADMSG }, /* version */
		{ 15, 1, -ENOMSG },     /* CCM */
		{ 17, 31, -EBADMSG },   /* first TLV inside the times */
		{ 17, 33, -EBADMSG },   /* and behind the frame */
		{ 50, 3, -EBADMSG },    /* a TLV without length */
	};
	struct cfm_frame f = { .opcode = CFM_LBM, .level = 8 };
	uint8_t buf[CFM_FRAME_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		memcpy(buf, dmr, sizeof(dmr));
		buf[cases[i].at] = cases[i].value;
		assert_int_equal(cfm_decode(buf, sizeof(dmr), &f), cases[i].error);
	}
	assert_int_equal(cfm_encode(&f, buf, sizeof(buf)), -EINVAL);
	f = (struct cfm_frame) { .opcode = 1 };
	assert_int_equal(cfm_encode(&f, buf, sizeof(buf)), -EINVAL);
	f = (struct cfm_frame) { .opcode = CFM_LBM, .data_len = CFM_DATA_MAX + 1 };
	assert_int_equal(cfm_encode(&f, buf, sizeof(buf)), -EINVAL);
	f = (struct cfm_frame) { .opcode = CFM_DMM, .t1.ns = 1000000000 };
	assert_int_equal(cfm_encode(&f, buf, sizeof(buf)), -EINVAL);
}

static void round_trips(void **state)
{
	uint8_t buf[CFM_FRAME_MAX];
	struct cfm_frame f = { .opcode = CFM_LBM,
		               .is_tagged = true,
		               .vlan = CFM_VLAN_MAX,
		               .priority = 7,
		               .level = 7,
		               .transaction = UINT32_MAX };
	struct cfm_frame again;

	(void)state;
	for (f.data_len = 0; f.data_len <= CFM_DATA_MAX; f.data_len += 175) {
		ssize_t len = cfm_encode(&f, buf, sizeof(buf));

		assert_true(len > 0);
		assert_int_equal(cfm_decode(buf, (size_t)len, &again), 0);
		assert_int_equal(again.data_len, f.data_len);
		assert_int_equal(again.transaction, f.transaction);
		assert_int_equal(again.vlan, f.vlan);
		assert_int_equal(again.priority, f.priority);
	}
}

static void addresses(void **state)
{
	static const char *const bad[] = { "",
		                           "0200.5e00.530",
		                           "0200.5e00.53011",
		                           "0200:5e00:5301",
		                           "02:00:5e:00:53",
		                           "02.00.5e.00.53.01",
		                           "02005e005301",
		                           "0200.5e00.530g",
		                           "0000.0000.0000",
		                           "0180.c200.0030",
		                           "ff:ff:ff:ff:ff:ff" };
	uint8_t mac[CFM_MAC] = { 9 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(cfm_mac_parse(bad[i], mac), -EINVAL);
	assert_int_equal(mac[0], 9);
	assert_int_equal(cfm_mac_parse("0200.5E00.53fe", mac), 0);
	assert_memory_equal(mac, "\x02\x00\x5e\x00\x53\xfe", CFM_MAC);
	assert_int_equal(cfm_mac_parse("02:00:5e:00:53:01", mac), 0);
	assert_memory_equal(mac, "\x02\x00\x5e\x00\x53\x01", CFM_MAC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loopback_reply), cmocka_unit_test(a_delay_reply),
		cmocka_unit_test(what_is_refused),  cmocka_unit_test(round_trips),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
