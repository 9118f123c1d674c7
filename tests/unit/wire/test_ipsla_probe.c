/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: vectors, what the responder may change, the loop guard, clock offsets. */
#include "wire/ipsla_probe.h"

#include "vectors/ipsla_vectors.h"

#include <errno.h>

/* T2 and T3 of the type 3 vectors: 0xed01b425 s of the first era, then 1/128 s and 1/16384 s. */
#define NTP_SECONDS  INT64_C(0xed01b425)
#define UNIX_SECONDS (NTP_SECONDS - INT64_C(2208988800))

static const struct ipsla_reflection exact = {
	.t2 = { UNIX_SECONDS * NS_PER_S + NS_PER_S / 2 + NS_PER_S / 128 },
	.t3 = { UNIX_SECONDS * NS_PER_S + NS_PER_S / 2 + NS_PER_S / 128 + NS_PER_S / 16384 },
};

/* exact.t2 and .t3 fall on NTP fractions only up to the rounding of a nanosecond. */
static void assert_ntp_near(uint64_t got, uint64_t want)
{
	assert_true(got - want <= 4 || want - got <= 4);
}

static void type1_comes_back_as_it_is(void **state)
{
	uint8_t buf[64], want[64];
	size_t n = vector_octets("tv2", want, sizeof(want));
	struct ipsla_reflection r = { .sequence = 5 };

	(void)state;
	assert_int_equal(ipsla_probe_echo_encode(buf, 20), 4);
	ipsla_fill(buf + 4, 16, IPSLA_FILL_DEFAULT);
	assert_memory_equal(buf, want, n);
	assert_int_equal(ipsla_probe_reflect(buf, n, IPSLA_KIND_UDP_ECHO, &r), 0);
	assert_memory_equal(buf, want, n);
	assert_int_equal(ipsla_probe_echo_encode(buf, 3), -ENOBUFS);
}

static void type2_reply_matches_the_vector(void **state)
{
	static const struct {
		const char *probe, *reply;
		int64_t t2_ms, t3_ms; /* of some day */
		uint32_t sequence;
	} rows[] = {
		{ "tv5", "tv5-reply", 45296801, 45296804, 6 },
		{ "tv5-midnight", "tv5-midnight-reply", MS_PER_DAY + 4, MS_PER_DAY + 4, 8 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[64], want[64];
		size_t n = vector_octets(rows[i].probe, buf, sizeof(buf));
		int64_t day_ns = 20000 * MS_PER_DAY * NS_PER_MS;
		struct ipsla_reflection r = {
			.t2 = { day_ns + rows[i].t2_ms * NS_PER_MS + 900000 },
			.t3 = { day_ns + rows[i].t3_ms * NS_PER_MS + 910000 },
			.sequence = rows[i].sequence,
		};

		assert_int_equal(vector_octets(rows[i].reply, want, sizeof(want)), n);
		assert_int_equal(ipsla_probe_judge(buf, n, IPSLA_KIND_UDP_JITTER), IPSLA_PROBE_OK);
		assert_int_equal(ipsla_probe_reflect(buf, n, IPSLA_KIND_UDP_JITTER, &r), 0);
		assert_memory_equal(buf, want, n);
		/* A reply is no probe. */
		assert_int_equal(ipsla_probe_judge(buf, n, IPSLA_KIND_UDP_JITTER),
		                 IPSLA_PROBE_FILLED);
		assert_int_equal(ipsla_probe_reflect(buf, n, IPSLA_KIND_UDP_JITTER, &r), -EBADMSG);
	}
}

static void type2_times_fold_at_midnight(void **state)
{
	uint8_t buf[64];
	struct ipsla_probe_ms p;
	size_t n = vector_octets("tv5-midnight-reply", buf, sizeof(buf));

	(void)state;
	assert_int_equal(ipsla_probe_ms_decode(buf, n, &p), 0);
	assert_int_equal(ms_of_day_diff(p.t2_ms, p.t1_ms), 6);
	assert_int_equal(p.sequence, 9);
	assert_int_equal(p.responder_sequence, 8);
	assert_int_equal(p.residence_ms, 0);
}

/* T2 + residence is T3 in whole ms, also across midnight; it saturates and is never negative. */
static void type2_residence(void **state)
{
	static const struct {
		int64_t t2_ns, t3_ns;
		uint16_t ms;
	} rows[] = {
		{ 0, 999999, 0 },
		{ 999999, 1000000, 1 },
		{ MS_PER_DAY * NS_PER_MS - 1, MS_PER_DAY * NS_PER_MS, 1 },
		{ 0, 65535 * NS_PER_MS, 65535 },
		{ 0, 65536 * NS_PER_MS, 65535 },
		{ 5 * NS_PER_MS, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[64];
		struct ipsla_probe_ms p;
		struct ipsla_reflection r = { .t2 = { rows[i].t2_ns }, .t3 = { rows[i].t3_ns } };
		size_t n = vector_octets("tv5", buf, sizeof(buf));

		assert_int_equal(ipsla_probe_reflect(buf, n, IPSLA_KIND_UDP_JITTER, &r), 0);
		assert_int_equal(ipsla_probe_ms_decode(buf, n, &p), 0);
		assert_int_equal(p.residence_ms, rows[i].ms);
	}
}

static void type3_replies_match_the_vectors(void **state)
{
	static const struct {
		const char *probe, *reply;
		enum ipsla_kind kind;
		enum ipsla_tail tail;
		uint32_t sequence, responder_sequence;
	} rows[] = {
		{ "tv7", "tv7-reply", IPSLA_KIND_UDP_JITTER, IPSLA_TAIL_16, 11, 10 },
		{ "tv12", "tv12-reply", IPSLA_KIND_UDP_MEASUREMENT, IPSLA_TAIL_32, 0x10005, 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[128], want[128];
		struct ipsla_reflection r = exact;
		struct ipsla_probe_ntp got, p;
		size_t n = vector_octets(rows[i].probe, buf, sizeof(buf));

		assert_int_equal(vector_octets(rows[i].reply, want, sizeof(want)), n);
		assert_int_equal(ipsla_probe_sequence(buf, n, rows[i].kind), rows[i].sequence);
		r.sequence = rows[i].responder_sequence;
		r.clock_offset = ipsla_offset_from_ns(244141); /* 2^-12 s is 244140.625 ns */
		assert_int_equal(ipsla_probe_reflect(buf, n, rows[i].kind, &r), 0);
		assert_int_equal(ipsla_probe_ntp_decode(buf, n, rows[i].tail, &got), 0);
		assert_int_equal(ipsla_probe_ntp_decode(want, n, rows[i].tail, &p), 0);
		assert_ntp_near(got.t2, p.t2);
		assert_ntp_near(got.t3, p.t3);
		assert_ntp_near(got.responder_offset, p.responder_offset);
		/* With the rounded fields put right, every octet is the vector's. */
		got.t2 = p.t2;
		got.t3 = p.t3;
		got.responder_offset = p.responder_offset;
		ssize_t head = ipsla_probe_ntp_encode(&got, rows[i].tail, buf, sizeof(buf));

		assert_int_equal(head, rows[i].tail == IPSLA_TAIL_16 ? 56 : 60);
		assert_memory_equal(buf, want, n);
		assert_int_equal(p.sequence, rows[i].sequence);
		assert_int_equal(p.responder_sequence, rows[i].responder_sequence);
		assert_int_equal(ipsla_probe_judge(buf, n, rows[i].kind), IPSLA_PROBE_FILLED);
	}
}

/* The responder touches its own fields and nothing else, whatever the rest holds. */
static void reflection_keeps_the_senders_octets(void **state)
{
	static const struct {
		enum ipsla_kind kind;
		uint16_t type;
		size_t least;
		struct {
			size_t from, to;
		} own[3];
	} rows[] = {
		{ IPSLA_KIND_UDP_ECHO, 1, 4, { { 0, 0 } } },
		{ IPSLA_KIND_UDP_JITTER, 2, 16, { { 2, 4 }, { 8, 12 }, { 14, 16 } } },
		{ IPSLA_KIND_UDP_JITTER, 3, 56, { { 12, 28 }, { 44, 52 }, { 54, 56 } } },
		{ IPSLA_KIND_UDP_MEASUREMENT, 3, 60, { { 12, 28 }, { 44, 52 }, { 56, 60 } } },
	};
	uint64_t seed = t_seed(2003);

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		size_t row = t_random(&seed) % ARRAY_LEN(rows);
		size_t n = rows[row].least + t_random(&seed) % 40;
		uint8_t buf[128], before[128];
		struct ipsla_reflection r = exact;

		r.sequence = (uint32_t)t_random(&seed);
		for (size_t k = 0; k < sizeof(buf); k++)
			buf[k] = (uint8_t)t_random(&seed);
		buf[0] = 0;
		buf[1] = (uint8_t)rows[row].type;
		for (size_t k = 0; k < ARRAY_LEN(rows[row].own); k++)
			memset(buf + rows[row].own[k].from, 0,
			       rows[row].own[k].to - rows[row].own[k].from);
		memcpy(before, buf, sizeof(buf));
		assert_int_equal(ipsla_probe_reflect(buf, n, rows[row].kind, &r), 0);
		for (size_t k = 0; k < ARRAY_LEN(rows[row].own); k++)
			memset(buf + rows[row].own[k].from, 0,
			       rows[row].own[k].to - rows[row].own[k].from);
		assert_memory_equal(buf, before, sizeof(buf));
	}
}

static void judgement_by_kind_type_and_length(void **state)
{
	static const struct {
		const char *vector;
		size_t len;
		enum ipsla_kind kind;
		enum ipsla_probe_verdict verdict;
	} rows[] = {
		{ "tv2", 4, IPSLA_KIND_UDP_ECHO, IPSLA_PROBE_OK },
		{ "tv2", 3, IPSLA_KIND_UDP_ECHO, IPSLA_PROBE_SHORT },
		{ "tv2", 0, IPSLA_KIND_UDP_ECHO, IPSLA_PROBE_SHORT },
		{ "tv5-reply", 32, IPSLA_KIND_UDP_ECHO, IPSLA_PROBE_OK },
		{ "tv2", 20, IPSLA_KIND_UDP_JITTER, IPSLA_PROBE_TYPE },
		{ "tv5", 16, IPSLA_KIND_UDP_JITTER, IPSLA_PROBE_OK },
		{ "tv5", 15, IPSLA_KIND_UDP_JITTER, IPSLA_PROBE_SHORT },
		{ "tv5", 32, IPSLA_KIND_UDP_MEASUREMENT, IPSLA_PROBE_TYPE },
		{ "tv5", 32, IPSLA_KIND_TCP_CONNECT, IPSLA_PROBE_TYPE },
		{ "tv5", 32, IPSLA_KIND_NONE, IPSLA_PROBE_TYPE },
		{ "tv7", 56, IPSLA_KIND_UDP_JITTER, IPSLA_PROBE_OK },
		{ "tv7", 55, IPSLA_KIND_UDP_JITTER, IPSLA_PROBE_SHORT },
		{ "tv12", 60, IPSLA_KIND_UDP_MEASUREMENT, IPSLA_PROBE_OK },
		{ "tv12", 59, IPSLA_KIND_UDP_MEASUREMENT, IPSLA_PROBE_SHORT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[128], before[128];
		struct ipsla_reflection r = exact;

		(void)vector_octets(rows[i].vector, buf, sizeof(buf));
		memcpy(before, buf, sizeof(buf));
		print_message("%s of %zu, kind %d\n", rows[i].vector, rows[i].len,
		              (int)rows[i].kind);
		assert_int_equal(ipsla_probe_judge(buf, rows[i].len, rows[i].kind),
		                 rows[i].verdict);
		if (rows[i].verdict == IPSLA_PROBE_OK)
			continue;
		assert_int_equal(ipsla_probe_reflect(buf, rows[i].len, rows[i].kind, &r), -EBADMSG);
		assert_memory_equal(buf, before, sizeof(buf));
		assert_int_equal(ipsla_probe_sequence(buf, rows[i].len, rows[i].kind), 0);
	}
}

/* IOS "optimize timestamp" (type 10) and whatever else there may be stays unanswered. */
static void unknown_types_are_refused(void **state)
{
	uint8_t buf[128] = { 0 };

	(void)state;
	for (unsigned type = 0; type <= UINT16_MAX; type++) {
		buf[0] = (uint8_t)(type >> 8);
		buf[1] = (uint8_t)type;
		bool known = type == 2 || type == 3;

		assert_int_equal(ipsla_probe_judge(buf, 128, IPSLA_KIND_UDP_JITTER),
		                 known ? IPSLA_PROBE_OK : IPSLA_PROBE_TYPE);
	}
}

/* Any one octet of T2, T3, residence or responder sequence shows that it is a reply. */
static void loop_guard_sees_every_field(void **state)
{
	static const struct {
		const char *vector;
		enum ipsla_kind kind;
		size_t from, to;
	} rows[] = {
		{ "tv5", IPSLA_KIND_UDP_JITTER, 2, 4 },
		{ "tv5", IPSLA_KIND_UDP_JITTER, 8, 12 },
		{ "tv5", IPSLA_KIND_UDP_JITTER, 14, 16 },
		{ "tv7", IPSLA_KIND_UDP_JITTER, 12, 28 },
		{ "tv7", IPSLA_KIND_UDP_JITTER, 54, 56 },
		{ "tv12", IPSLA_KIND_UDP_MEASUREMENT, 12, 28 },
		{ "tv12", IPSLA_KIND_UDP_MEASUREMENT, 56, 60 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (size_t at = rows[i].from; at < rows[i].to; at++) {
			uint8_t buf[128];
			size_t n = vector_octets(rows[i].vector, buf, sizeof(buf));

			buf[at] = 1;
			assert_int_equal(ipsla_probe_judge(buf, n, rows[i].kind),
			                 IPSLA_PROBE_FILLED);
		}
	}
}

static void fill_starts_with_its_first_octet(void **state)
{
	uint8_t buf[7];

	(void)state;
	ipsla_fill(buf, sizeof(buf), 0x11223344);
	assert_memory_equal(buf, "\x11\x22\x33\x44\x11\x22\x33", 7);
	assert_true(ipsla_fill_matches(buf, 7, 0x11223344));
	assert_true(ipsla_fill_matches(buf, 0, 0));
	assert_false(ipsla_fill_matches(buf, 7, 0x11223345));
	ipsla_fill(buf, 5, IPSLA_FILL_DEFAULT);
	assert_int_equal(buf[4], 0xab); /* odd sizes end in AB */
}

static void clock_offsets(void **state)
{
	static const struct {
		uint64_t field;
		bool known;
		int64_t ns;
	} rows[] = {
		{ 0, true, 0 },
		{ UINT64_MAX, false, 0 },
		{ 1, true, 1 },                                 /* rounded up */
		{ UINT64_C(0x0000000000200000), true, 488282 }, /* 2^-11 s */
		{ UINT64_C(0x0000000100000000), true, NS_PER_S },
		{ UINT64_C(0x7fffffff00000000), true, INT64_C(2147483647) * NS_PER_S },
		{ UINT64_C(0x8000000000000000), true, INT64_C(2147483648) * NS_PER_S },
		{ UINT64_C(0xffffffff00000000), true, NS_PER_S },
		{ UINT64_C(0xffffffffffe00000), true, 488282 },
		{ UINT64_C(0xfffffffffffffffe), true, 1 },
	};
	uint64_t seed = t_seed(2004);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ns = 0;

		assert_int_equal(ipsla_offset_to_ns(rows[i].field, &ns), rows[i].known);
		assert_i64_equal(ns, rows[i].ns);
	}
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t want = (t_random(&seed) >> 2) >> (t_random(&seed) % 60);
		int64_t ns;

		if (want / NS_PER_S > INT32_MAX)
			continue;
		assert_true(ipsla_offset_to_ns(ipsla_offset_from_ns(want), &ns));
		assert_i64_equal(ns, (int64_t)want);
	}
	assert_true(ipsla_offset_from_ns(UINT64_MAX) == INT64_MAX);
}

static void short_buffers_are_refused(void **state)
{
	uint8_t buf[128];
	struct ipsla_probe_ms ms = { .t1_ms = 1 };
	struct ipsla_probe_ntp ntp = { .t1 = 1 };

	(void)state;
	for (size_t n = 0; n < 60; n++) {
		ssize_t want16 = n < 56 ? -ENOBUFS : 56;

		assert_int_equal(ipsla_probe_ms_encode(&ms, buf, n), n < 16 ? -ENOBUFS : 16);
		assert_int_equal(ipsla_probe_ntp_encode(&ntp, IPSLA_TAIL_16, buf, n), want16);
		assert_int_equal(ipsla_probe_ntp_encode(&ntp, IPSLA_TAIL_32, buf, n), -ENOBUFS);
		(void)vector_octets("tv12", buf, sizeof(buf));
		assert_int_equal(ipsla_probe_ntp_decode(buf, n, IPSLA_TAIL_32, &ntp), -EBADMSG);
		assert_int_equal(ipsla_probe_ntp_decode(buf, n, IPSLA_TAIL_16, &ntp),
		                 n < 56 ? -EBADMSG : 0);
		(void)vector_octets("tv5", buf, sizeof(buf));
		assert_int_equal(ipsla_probe_ms_decode(buf, n, &ms), n < 16 ? -EBADMSG : 0);
		assert_int_equal(ipsla_probe_ntp_decode(buf, 128, IPSLA_TAIL_16, &ntp), -EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type1_comes_back_as_it_is),
		cmocka_unit_test(type2_reply_matches_the_vector),
		cmocka_unit_test(type2_times_fold_at_midnight),
		cmocka_unit_test(type2_residence),
		cmocka_unit_test(type3_replies_match_the_vectors),
		cmocka_unit_test(reflection_keeps_the_senders_octets),
		cmocka_unit_test(judgement_by_kind_type_and_length),
		cmocka_unit_test(unknown_types_are_refused),
		cmocka_unit_test(loop_guard_sees_every_field),
		cmocka_unit_test(fill_starts_with_its_first_octet),
		cmocka_unit_test(clock_offsets),
		cmocka_unit_test(short_buffers_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
