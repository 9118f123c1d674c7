/* SPDX-License-Identifier: Apache-2.0 */
/* Probes: vectors, drops, source port lock, rates, loops. */
#include "fake.h"

#include "vectors/ipsla_vectors.h"

/* A session of this kind from 192.0.2.10:40000 on port 31000. */
static struct session *open_session(struct fake *f, uint16_t v1_command)
{
	if (v1_command) {
		struct ipsla_v1_request r = fake_v1(v1_command, 31000);

		assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	} else {
		struct ipsla_v2_request r = fake_v2(40000, 31000);

		assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), 0);
	}
	return session_oldest(f->core.sessions);
}

static void vectors_get_their_replies(void **state)
{
	static const struct {
		const char *probe, *reply;
		uint16_t command; /* 0: version 2 */
		uint32_t before;  /* probes received so far */
		int64_t t1_ntp_s; /* type 3 */
	} rows[] = {
		{ "tv2", "tv2", 2, 0, 0 },
		{ "tv7", "tv7-reply", 4, 9, 1 },
		{ "tv12", "tv12-reply", 0, 3, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reflect_plan plan;
		struct fake f;
		uint8_t data[256], want[256];
		size_t len = vector_octets(rows[i].probe, data, sizeof(data));

		fake_init(&f);
		assert_int_equal(vector_octets(rows[i].reply, want, sizeof(want)), len);
		open_session(&f, rows[i].command)->received = rows[i].before;
		/* The vectors' clock is right to 2^-12 s. */
		f.core.clock_err_ns = 244141;
		const struct probe p = {
			.data = data,
			.len = len,
			.from = { fake_addr("192.0.2.10"), 40000 },
			.local = { fake_addr("192.0.2.77"), 31000 },
		};
		wall_t t2 = wall_from_ntp64(UINT64_C(0xed01b42582000000), f.wall);

		assert_true(reflect_admit(&f.core, &p, f.now, &plan));
		assert_true(reflect_write(&f.core, data, len, &plan, t2,
		                          wall_add_ns(t2, NS_PER_S / 16384)));
		if (i > 0) { /* 2^-12 s is no whole number of ns, nor is 2^-14 */
			memcpy(data + 24, want + 24, 4);
			memcpy(data + 48, want + 48, 4);
		}
		assert_memory_equal(data, want, len);
		fake_fini(&f);
	}
}

static void type_2_carries_time_and_count(void **state)
{
	static const struct {
		const char *probe, *reply;
		uint32_t before;
		int64_t t2_ms; /* of the day */
		int64_t residence_ns;
	} rows[] = {
		{ "tv5", "tv5-reply", 5, 45296801, 3 * NS_PER_MS },
		{ "tv5-midnight", "tv5-midnight-reply", 7, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct reflect_plan plan;
		struct fake f;
		uint8_t data[64], want[64];
		size_t len = vector_octets(rows[i].probe, data, sizeof(data));

		fake_init(&f);
		(void)vector_octets(rows[i].reply, want, sizeof(want));
		open_session(&f, 4)->received = rows[i].before;
		const struct probe p = {
			.data = data,
			.len = len,
			.from = { fake_addr("192.0.2.10"), 40000 },
			.local = { fake_addr("192.0.2.77"), 31000 },
		};
		wall_t t2 = wall_add_ns(f.wall, rows[i].t2_ms * NS_PER_MS); /* from midnight on */

		assert_true(reflect_admit(&f.core, &p, f.now, &plan));
		assert_true(reflect_write(&f.core, data, len, &plan, t2,
		                          wall_add_ns(t2, rows[i].residence_ns)));
		assert_memory_equal(data, want, len);
		fake_fini(&f);
	}
}

static void an_unsynchronised_clock_says_so(void **state)
{
	struct fake *f = *state;
	uint8_t probe[56] = { 0, 3 };

	(void)open_session(f, 4);
	assert_true(fake_probe(f, probe, sizeof(probe), 40000, 31000, false));
	for (int i = 44; i < 52; i++)
		assert_int_equal(probe[i], 0xff);
}

static void drops_of_sessions(void **state)
{
	static const struct {
		const char *name;
		uint16_t command;
		uint8_t type;
		size_t len;
		uint16_t filled; /* octet that is not zero; 0: none */
		int drop;        /* -1: answered */
	} rows[] = {
		{ "echo of 3", 2, 1, 3, 0, DROP_PROBE_SHORT },
		{ "echo of 4", 2, 1, 4, 0, -1 },
		{ "echo of any type", 2, 9, 40, 0, -1 },
		{ "jitter type 2 of 15", 4, 2, 15, 0, DROP_PROBE_SHORT },
		{ "jitter type 2 of 16", 4, 2, 16, 0, -1 },
		{ "jitter type 2 with T2", 4, 2, 16, 8, DROP_PROBE_LOOP },
		{ "jitter type 2 with residence", 4, 2, 16, 3, DROP_PROBE_LOOP },
		{ "jitter type 2 with responder seq", 4, 2, 16, 15, DROP_PROBE_LOOP },
		{ "jitter type 3 of 55", 4, 3, 55, 0, DROP_PROBE_SHORT },
		{ "jitter type 3 of 56", 4, 3, 56, 0, -1 },
		{ "jitter type 3 with T2", 4, 3, 56, 12, DROP_PROBE_LOOP },
		{ "jitter type 3 with T3", 4, 3, 56, 27, DROP_PROBE_LOOP },
		{ "jitter type 3 with responder seq", 4, 3, 56, 55, DROP_PROBE_LOOP },
		{ "jitter type 1", 4, 1, 64, 0, DROP_PROBE_TYPE },
		{ "jitter type 10", 4, 10, 64, 0, DROP_PROBE_TYPE },
		{ "v2 type 3 of 59", 0, 3, 59, 0, DROP_PROBE_SHORT },
		{ "v2 type 3 of 60", 0, 3, 60, 0, -1 },
		{ "v2 type 3 with responder seq", 0, 3, 60, 59, DROP_PROBE_LOOP },
		{ "v2 type 2", 0, 2, 60, 0, DROP_PROBE_TYPE },
		{ "empty", 4, 0, 0, 0, DROP_PROBE_SHORT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t data[64] = { 0, rows[i].type };
		struct fake f;

		fake_init(&f);
		(void)open_session(&f, rows[i].command);
		if (rows[i].filled)
			data[rows[i].filled] = 1;
		if (fake_probe(&f, data, rows[i].len, 40000, 31000, false) != (rows[i].drop < 0))
			fail_msg("%s", rows[i].name);
		if (rows[i].drop >= 0 && fake_drops(&f, (enum responder_drop)rows[i].drop) != 1)
			fail_msg("%s: counted elsewhere", rows[i].name);
		fake_fini(&f);
	}
}

static void who_has_no_session(void **state)
{
	struct fake *f = *state;
	uint8_t p[16] = { 0, 2 };

	(void)open_session(f, 4);
	assert_false(fake_probe(f, p, sizeof(p), 40000, 31001, false)); /* another port */
	assert_int_equal(fake_drops(f, DROP_PROBE_NO_SESSION), 1);
	assert_true(fake_probe(f, p, sizeof(p), 41000, 31000, false)); /* a new source port locks */
	memset(p + 2, 0, sizeof(p) - 2);
	assert_false(fake_probe(f, p, sizeof(p), 40000, 31000, false));
	assert_int_equal(fake_drops(f, DROP_PROBE_SOURCE_PORT), 1);
	assert_true(fake_probe(f, p, sizeof(p), 41000, 31000, false));
	assert_int_equal(p[15], 2);
	memset(p + 2, 0, sizeof(p) - 2);
	fake_pass_ms(f, 4999);
	assert_true(fake_probe(f, p, sizeof(p), 41000, 31000, false));
	memset(p + 2, 0, sizeof(p) - 2);
	fake_pass_ms(f, 1);
	assert_false(fake_probe(f, p, sizeof(p), 41000, 31000, false)); /* the duration is over */
	assert_int_equal(fake_drops(f, DROP_PROBE_NO_SESSION), 2);
}

static void control_ports_get_no_reply(void **state)
{
	struct fake *f = *state;
	static const uint16_t ports[] = { 1167, 1967, 0 };
	uint8_t p[16] = { 0, 1 };

	(void)open_session(f, 2);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		assert_false(fake_probe(f, p, sizeof(p), ports[i], 31000, true));
	assert_int_equal(fake_drops(f, DROP_PROBE_LOOP), ARRAY_LEN(ports));
}

static void truncated_probes_are_dropped(void **state)
{
	struct fake *f = *state;
	uint8_t data[16] = { 0, 1 };
	struct reflect_plan plan;
	const struct probe p = {
		.data = data,
		.len = sizeof(data),
		.truncated = true,
		.from = { fake_addr("192.0.2.10"), 40000 },
		.local = { fake_addr("192.0.2.77"), 31000 },
	};

	(void)open_session(f, 2);
	assert_false(reflect_admit(&f->core, &p, f->now, &plan));
	assert_int_equal(fake_drops(f, DROP_PROBE_TRUNCATED), 1);
}

/* Probes every 100 us for a second; how many were answered. */
static unsigned flood(struct fake *f, uint16_t port, unsigned sessions)
{
	unsigned answered = 0;

	for (unsigned i = 0; i < 10000; i++) {
		uint8_t p[16] = { 0, 2 };

		answered +=
		        fake_probe(f, p, sizeof(p), (uint16_t)(40000 + i % sessions), port, false);
		f->now = boot_add_ns(f->now, 100 * NS_PER_US);
	}
	return answered;
}

static void rates_are_capped(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(4, 31000);

	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_in_range(flood(f, 31000, 1), 1000, 1000 + 1000 / 4 + 1);
	assert_true(fake_drops(f, DROP_PROBE_RATE_SOURCE) > 0);
	/* Two sessions of one source share the source's rate. */
	f->now = boot_add_ns(f->now, 10 * NS_PER_S);
	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_int_equal(fake_ask_v1(f, &r, 40001), 0);
	assert_in_range(flood(f, 31000, 2), 1000, 1000 + 1000 / 4 + 1);
}

static void permanent_ports_copy_the_sequence(void **state)
{
	struct fake *f = *state;
	uint8_t two[16] = { 0, 2, [13] = 77 };
	uint8_t three[60] = { 0, 3, [53] = 78 };
	uint8_t wide[64] = { 0, 3, [55] = 79 };
	uint8_t echo[20], want[20];

	assert_true(fake_probe(f, two, sizeof(two), 40000, 5000, true));
	assert_int_equal(two[15], 77);
	assert_true(fake_probe(f, three, sizeof(three), 40000, 5000, true));
	assert_int_equal(three[55], 78);
	assert_true(fake_probe(f, wide, sizeof(wide), 40000, 5000, true)); /* a version 2 tail */
	assert_int_equal(wide[59], 79);
	(void)vector_octets("tv2", echo, sizeof(echo));
	memcpy(want, echo, sizeof(want));
	assert_true(fake_probe(f, echo, sizeof(echo), 40000, 5000, true));
	assert_memory_equal(echo, want, sizeof(want));
	/* None of the replies would be answered in turn, but for the echo. */
	assert_false(fake_probe(f, two, sizeof(two), 40001, 5000, true));
	assert_false(fake_probe(f, three, sizeof(three), 40001, 5000, true));
	assert_false(fake_probe(f, wide, sizeof(wide), 40001, 5000, true));
	assert_int_equal(fake_drops(f, DROP_PROBE_LOOP), 3);
}

static void permanent_ports_do_not_answer_servers(void **state)
{
	struct fake *f = *state;
	static const struct {
		uint16_t port;
		bool answered;
	} rows[] = { { 7, false },     { 1023, false }, { 1024, true }, { 5000, false },
		     { 31000, false }, { 31001, true }, { 1967, false } };

	(void)open_session(f, 4);
	f->cfg.permanent_count = 1;
	f->cfg.permanent[0] = (struct permanent_port) { .kind = PERMANENT_UDP_ECHO, .port = 5000 };
	fake_apply(f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t echo[20] = { 0, 1 };

		if (fake_probe(f, echo, sizeof(echo), rows[i].port, 5000, true) != rows[i].answered)
			fail_msg("source port %u", rows[i].port);
	}
	f->cfg.permanent_count = 0;
	fake_apply(f);
	assert_false(responder_core_serves(&f->core, 5000));
	assert_true(responder_core_serves(&f->core, 31000));
}

static void permanent_ports_obey_the_access_list(void **state)
{
	struct fake *f = *state;
	uint8_t echo[20] = { 0, 1 };

	f->cfg.has_access_list = true; /* and it permits nobody */
	fake_apply(f);
	assert_false(fake_probe(f, echo, sizeof(echo), 40000, 5000, true));
	assert_int_equal(fake_drops(f, DROP_PROBE_ACCESS), 1);
}

static void echoes_have_a_budget(void **state)
{
	struct fake *f = *state;

	(void)open_session(f, 2);
	for (int permanent = 0; permanent < 2; permanent++) {
		unsigned answered = 0;

		for (unsigned i = 0; i < 1000; i++) {
			uint8_t echo[20] = { 0, 1 };

			answered += fake_probe(f, echo, sizeof(echo), 40000,
			                       permanent ? 5000 : 31000, permanent);
			f->now = boot_add_ns(f->now, NS_PER_MS);
		}
		assert_in_range(answered, ECHO_BURST, ECHO_BURST + 2);
	}
	/* An operation that sends one a second never meets it. */
	f->now = boot_add_ns(f->now, 1000 * NS_PER_S);
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t echo[20] = { 0, 1 };

		assert_true(fake_probe(f, echo, sizeof(echo), 40000, 5000, true));
		f->now = boot_add_ns(f->now, NS_PER_S);
	}
}

static void tcp_takes_the_source_of_its_session(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(3, 31000);
	const struct inet_endpoint local = { fake_addr("192.0.2.77"), 31000 };
	const struct inet_endpoint ours = { fake_addr("192.0.2.10"), 50000 };
	const struct inet_endpoint other = { fake_addr("192.0.2.11"), 50000 };

	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_true(reflect_admit_tcp(&f->core, &ours, &local, false, f->now));
	assert_false(reflect_admit_tcp(&f->core, &other, &local, false, f->now));
	assert_true(reflect_admit_tcp(&f->core, &other, &local, true, f->now));
	fake_pass_ms(f, 5000);
	assert_false(reflect_admit_tcp(&f->core, &ours, &local, false, f->now));
	assert_int_equal(f->core.counters.tcp_accepted, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(vectors_get_their_replies),
		FAKE_TEST(type_2_carries_time_and_count),
		FAKE_TEST(an_unsynchronised_clock_says_so),
		FAKE_TEST(drops_of_sessions),
		FAKE_TEST(who_has_no_session),
		FAKE_TEST(control_ports_get_no_reply),
		FAKE_TEST(truncated_probes_are_dropped),
		FAKE_TEST(rates_are_capped),
		FAKE_TEST(permanent_ports_copy_the_sequence),
		FAKE_TEST(permanent_ports_do_not_answer_servers),
		FAKE_TEST(permanent_ports_obey_the_access_list),
		FAKE_TEST(echoes_have_a_budget),
		FAKE_TEST(tcp_takes_the_source_of_its_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
