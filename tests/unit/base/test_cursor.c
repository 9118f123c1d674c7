/* SPDX-License-Identifier: Apache-2.0 */
/* Readers and writers stop at their end, stay stopped, and agree about byte order. */
#include "t.h"

#include "base/cursor.h"

static void reads_big_endian(void **state)
{
	uint8_t buf[16];
	size_t n = t_hex("01 0203 04050607 08090a0b0c0d0e0f ff", buf, sizeof(buf));
	struct rd r = rd_init(buf, n);

	(void)state;
	assert_int_equal(rd_u8(&r), 0x01);
	assert_int_equal(rd_be16(&r), 0x0203);
	assert_int_equal(rd_be32(&r), 0x04050607);
	assert_true(rd_be64(&r) == UINT64_C(0x08090a0b0c0d0e0f));
	assert_int_equal(rd_left(&r), 1);
	assert_false(r.bad);
}

static void a_short_read_is_sticky(void **state)
{
	uint8_t buf[3] = { 1, 2, 3 };
	struct rd r = rd_init(buf, sizeof(buf));

	(void)state;
	assert_int_equal(rd_be32(&r), 0);
	assert_true(r.bad);
	/* Three octets are left, but nothing may be read any more. */
	assert_int_equal(rd_u8(&r), 0);
	assert_null(rd_take(&r, 0));
}

static void a_short_copy_leaves_zeroes(void **state)
{
	uint8_t buf[2] = { 1, 2 }, to[4];
	struct rd r = rd_init(buf, sizeof(buf));

	(void)state;
	memset(to, 0xee, sizeof(to));
	rd_copy(&r, to, sizeof(to));
	assert_true(r.bad);
	for (size_t i = 0; i < sizeof(to); i++)
		assert_int_equal(to[i], 0);
}

static void a_sub_reader_cannot_leave_its_part(void **state)
{
	uint8_t buf[6] = { 1, 2, 3, 4, 5, 6 };
	struct rd r = rd_init(buf, sizeof(buf));
	struct rd part = rd_sub(&r, 2);

	(void)state;
	assert_int_equal(rd_be16(&part), 0x0102);
	assert_int_equal(rd_u8(&part), 0);
	assert_true(part.bad);
	assert_false(r.bad);
	assert_int_equal(rd_u8(&r), 3);

	struct rd beyond = rd_sub(&r, 4);

	assert_true(beyond.bad);
	assert_true(r.bad);
}

static void writes_what_is_read_back(void **state)
{
	uint8_t buf[19];
	struct wr w = wr_init(buf, sizeof(buf));

	(void)state;
	wr_u8(&w, 0xfe);
	wr_be16(&w, 0xfedc);
	wr_be32(&w, 0xfedcba98);
	wr_be64(&w, UINT64_C(0xfedcba9876543210));
	wr_bytes(&w, "ab", 2);
	wr_zero(&w, 2);
	assert_false(w.bad);
	assert_int_equal(wr_len(&w), sizeof(buf));

	struct rd r = rd_init(buf, sizeof(buf));

	assert_int_equal(rd_u8(&r), 0xfe);
	assert_int_equal(rd_be16(&r), 0xfedc);
	assert_true(rd_be32(&r) == 0xfedcba98);
	assert_true(rd_be64(&r) == UINT64_C(0xfedcba9876543210));
	assert_memory_equal(rd_take(&r, 4), "ab\0\0", 4);
}

static void a_full_writer_writes_nothing_more(void **state)
{
	uint8_t buf[4] = { 0, 0, 0, 0xee };
	struct wr w = wr_init(buf, 3);

	(void)state;
	wr_be16(&w, 0x0102);
	wr_be16(&w, 0x0304);
	assert_true(w.bad);
	wr_u8(&w, 5); /* would fit */
	assert_int_equal(wr_len(&w), 2);
	assert_int_equal(buf[2], 0);
	assert_int_equal(buf[3], 0xee);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_big_endian),
		cmocka_unit_test(a_short_read_is_sticky),
		cmocka_unit_test(a_short_copy_leaves_zeroes),
		cmocka_unit_test(a_sub_reader_cannot_leave_its_part),
		cmocka_unit_test(writes_what_is_read_back),
		cmocka_unit_test(a_full_writer_writes_nothing_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
