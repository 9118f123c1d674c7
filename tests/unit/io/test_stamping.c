/* SPDX-License-Identifier: Apache-2.0 */
/* Which stamp of the kernel is believed, and how far. */
#include "io/stamping.h"

#include "io/clock.h"
#include "t.h"
#include <sys/socket.h>

#define T (1800000000 * NS_PER_S)

static const struct stamp_base base = {
	.wall = { T + 50000 },
	.mono = { 9 * NS_PER_S },
};

static void test_choice(void **state)
{
	static const struct {
		const char *name;
		struct kernel_stamps k;
		enum stamp_source source;
		int64_t at_ns;
	} rows[] = {
		{ "none", { 0, 0 }, STAMP_USER, T + 50000 },
		{ "software", { T, 0 }, STAMP_KERNEL, T },
		{ "received: hardware first", { T, T - 8000 }, STAMP_HARDWARE, T - 8000 },
		{ "sent: hardware last", { T, T + 3000 }, STAMP_HARDWARE, T + 3000 },
		{ "at the limit", { T, T - 200000 }, STAMP_HARDWARE, T - 200000 },
		{ "beyond it", { T, T - 200001 }, STAMP_KERNEL, T },
		{ "in TAI", { T, T + 37 * NS_PER_S }, STAMP_KERNEL, T },
		{ "since power-on", { T, 12345678 }, STAMP_KERNEL, T },
		{ "hardware alone", { 0, T }, STAMP_USER, T + 50000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct stamp s = stamp_choose(&base, &rows[i].k);

		if (s.source != rows[i].source || s.at.ns != rows[i].at_ns)
			fail_msg("%s: %s %lld", rows[i].name, stamp_source_name(s.source),
			         (long long)s.at.ns);
		assert_i64_equal(s.read_at.ns, 9 * NS_PER_S);
		assert_i64_equal(s.offset_ns, T + 50000 - 9 * NS_PER_S);
		assert_i64_equal(s.err_ns, s.source == STAMP_USER     ? CLOCK_USER_ERR_NS
		                           : s.source == STAMP_KERNEL ? STAMP_KERNEL_ERR_NS
		                                                      : STAMP_HARDWARE_ERR_NS);
	}
}

static void test_the_laboratory_shifts_all_of_them(void **state)
{
	struct stamp_base shifted = base;
	const struct kernel_stamps software = { T, 0 }, both = { T, T - 5 };

	(void)state;
	shifted.kernel_offset_ns = 5 * NS_PER_MS;
	assert_i64_equal(stamp_choose(&shifted, &software).at.ns, T + 5 * NS_PER_MS);
	assert_i64_equal(stamp_choose(&shifted, &both).at.ns, T - 5 + 5 * NS_PER_MS);
}

static void test_only_whole_stamps_are_read(void **state)
{
	_Alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(64)] = { 0 };
	struct cmsghdr *c = (struct cmsghdr *)(void *)room;
	struct timespec ts[3] = { { 1, 2 }, { 0, 0 }, { 3, 4 } };
	struct kernel_stamps k = { 77, 88 };

	(void)state;
	*c = (struct cmsghdr) { CMSG_LEN(sizeof(ts)), SOL_SOCKET, SCM_TIMESTAMPING };
	memcpy(CMSG_DATA(c), ts, sizeof(ts));
	c->cmsg_len--;
	assert_false(kernel_stamps_from_cmsg(c, &k));
	c->cmsg_len++;
	c->cmsg_type = SCM_RIGHTS;
	assert_false(kernel_stamps_from_cmsg(c, &k));
	assert_i64_equal(k.software_ns, 77);
	c->cmsg_type = SCM_TIMESTAMPING;
	assert_true(kernel_stamps_from_cmsg(c, &k));
	assert_i64_equal(k.software_ns, NS_PER_S + 2);
	assert_i64_equal(k.hardware_ns, 3 * NS_PER_S + 4);
}

static void test_a_reading_is_a_stamp(void **state)
{
	struct clock *c = clock_system();
	wall_t before = c->wall(c);
	struct stamp s = clock_stamp(c);

	(void)state;
	assert_int_equal(s.source, STAMP_USER);
	assert_true(before.ns <= s.at.ns && s.at.ns <= c->wall(c).ns);
	assert_i64_equal(s.offset_ns, s.at.ns - s.read_at.ns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_choice),
		cmocka_unit_test(test_the_laboratory_shifts_all_of_them),
		cmocka_unit_test(test_only_whole_stamps_are_read),
		cmocka_unit_test(test_a_reading_is_a_stamp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
