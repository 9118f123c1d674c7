/* SPDX-License-Identifier: Apache-2.0 */
/* Signed requests: modes, keys and their lifetimes, replay, and what is never signed. */
#include "fake.h"

#include "responder/auth_check.h"

#define SECRET "sla-key-seven"

static struct ipsla_v2_request signed_request(uint8_t mode, uint16_t key_id, uint8_t random)
{
	struct ipsla_v2_request r = fake_v2(41000, 40007);

	r.is_long = true;
	r.mode = mode;
	r.key_id = key_id;
	memset(r.random, random, sizeof(r.random));
	return r;
}

static bool answer_is_signed_with(const struct fake *f, const char *secret)
{
	return ipsla_v2_verify(f->answer.octets, f->answer.len, (const uint8_t *)secret,
	                       strlen(secret)) == 0;
}

static bool digest_is_zero(const struct fake *f)
{
	static const uint8_t zero[IPSLA_V2_DIGEST_OCTETS];

	return memcmp(f->answer.octets + IPSLA_V2_DIGEST_AT, zero, sizeof(zero)) == 0;
}

static void modes_and_policy(void **state)
{
	static const struct {
		const char *name;
		uint8_t algorithm, mode;
		uint16_t id;
		const char *secret;
		bool required;
		int status;
	} rows[] = {
		{ "mode 1 where it is enough", 1, 1, 7, SECRET, true, 0 },
		{ "mode 2 where 1 is enough", 1, 2, 7, SECRET, true, 0 },
		{ "mode 2", 2, 2, 7, SECRET, true, 0 },
		{ "mode 1 below policy", 2, 1, 7, SECRET, true, 2 },
		{ "unknown key", 2, 2, 8, SECRET, true, 2 },
		{ "wrong secret", 2, 2, 7, "sla-key-eight", true, 2 },
		{ "mode 0, required", 2, 0, 7, NULL, true, 2 },
		{ "mode 0, not required", 2, 0, 7, NULL, false, 0 },
		{ "wrong secret, not required", 2, 2, 7, "sla-key-eight", false, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ipsla_v2_request r = signed_request(rows[i].mode, rows[i].id, 1);
		struct fake f;

		fake_init(&f);
		fake_add_key(&f, 7, rows[i].algorithm, SECRET);
		f.cfg.require_auth = rows[i].required;
		fake_apply(&f);
		if (fake_ask_v2(&f, &r, rows[i].secret, 40000) != rows[i].status)
			fail_msg("%s: status %u", rows[i].name, f.answer.status);
		if (rows[i].status == 0 && rows[i].mode)
			assert_true(answer_is_signed_with(&f, SECRET));
		else
			assert_true(digest_is_zero(&f));
		assert_int_equal(f.answer.octets[28], rows[i].mode); /* as received */
		fake_fini(&f);
	}
}

static void no_key_chain_knows_no_key(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(2, 7, 1);

	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_AUTH);
	assert_true(digest_is_zero(f));
}

static void refusals_after_a_good_digest_are_signed(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(2, 7, 1);

	fake_add_key(f, 7, 2, SECRET);
	fake_apply(f);
	r.target_port = 80;
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_FAIL);
	assert_true(answer_is_signed_with(f, SECRET));
	/* It did nothing, so the same request may come again. */
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_FAIL);
}

static void a_longer_datagram_does_not_verify(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(1, 7, 1);
	uint8_t buf[300] = { 0 };

	fake_add_key(f, 7, 1, SECRET);
	fake_apply(f);
	size_t len = fake_encode_v2(&r, SECRET, buf);

	assert_int_equal(fake_ask(f, buf, len + 1, "192.0.2.10", 40000, "192.0.2.77"), len);
	assert_int_equal(f->answer.status, IPSLA_STATUS_AUTH);
}

static void a_refusal_sent_back_gets_nothing(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(2, 7, 1);
	uint8_t back[256];

	fake_add_key(f, 7, 2, SECRET);
	fake_apply(f);
	r.target_port = 80;
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_FAIL);
	memcpy(back, f->answer.octets, f->answer.len);
	assert_int_equal(fake_ask(f, back, f->answer.len, "192.0.2.10", 40000, "192.0.2.77"), 0);
	/* A signed success is a good request word for word: the same session, nothing else. */
	r.target_port = 40007;
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
	memcpy(back, f->answer.octets, f->answer.len);
	assert_true(fake_ask(f, back, f->answer.len, "192.0.2.10", 40000, "192.0.2.77") > 0);
	assert_true(fake_ask(f, back, f->answer.len, "198.51.100.1", 40000, "192.0.2.77") > 0);
	assert_int_equal(f->answer.status, IPSLA_STATUS_AUTH);
	assert_int_equal(session_count(f->core.sessions), 1);
}

static void keys_roll_over(void **state)
{
	struct fake *f = *state;
	const int64_t t0 = f->wall.ns;

	/* Key 1 until t0 + 100 s, key 2 from t0 + 50 s on: both count in between. */
	fake_add_key(f, 1, 2, "old");
	fake_add_key(f, 2, 2, "new");
	f->cfg.keychain.keys[0].accept =
	        (struct key_lifetime) { true, { t0 }, { t0 + 100 * NS_PER_S } };
	f->cfg.keychain.keys[1].accept =
	        (struct key_lifetime) { true, { t0 + 50 * NS_PER_S }, { INT64_MAX } };
	fake_apply(f);
	static const struct {
		int64_t at_s;
		int old_status, new_status;
	} rows[] = { { 0, 0, 2 },  { 49, 0, 2 },  { 50, 0, 0 },
		     { 99, 0, 0 }, { 100, 2, 0 }, { 500, 2, 0 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ipsla_v2_request old = signed_request(2, 1, (uint8_t)(1 + i));
		struct ipsla_v2_request new = signed_request(2, 2, (uint8_t)(1 + i));

		old.sequence = new.sequence = (uint32_t)(1 + i);
		new.target_port = 40008;
		f->wall = (wall_t) { t0 + rows[i].at_s * NS_PER_S };
		f->now = boot_add_ns(f->now, 60 * NS_PER_S);
		assert_int_equal(fake_ask_v2(f, &old, "old", 40000), rows[i].old_status);
		assert_int_equal(fake_ask_v2(f, &new, "new", 40000), rows[i].new_status);
	}
}

static void replays_are_refused(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(2, 7, 1);

	fake_add_key(f, 7, 2, SECRET);
	fake_apply(f);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0); /* a retry: the session stands */
	assert_int_equal(f->core.counters.sessions_rearmed, 0);
	fake_pass_ms(f, 5000);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_AUTH);
	assert_true(digest_is_zero(f));
	assert_int_equal(f->core.counters.refused_replay, 1);
	r.sequence = 99; /* another message with a random number that was used */
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_AUTH);
	memset(r.random, 2, sizeof(r.random));
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
}

static void a_retry_may_be_signed_anew(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(2, 7, 1);

	fake_add_key(f, 7, 2, SECRET);
	fake_apply(f);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
	memset(r.random, 2, sizeof(r.random)); /* the same number, another random one */
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
	assert_int_equal(f->core.counters.sessions_rearmed, 0);
	assert_int_equal(session_count(f->core.sessions), 1);
}

static void time_stamps_have_a_window(void **state)
{
	static const struct {
		int64_t off_ns;
		int status;
	} rows[] = {
		{ 0, 0 },
		{ -300 * NS_PER_S + NS_PER_MS, 0 },
		{ 300 * NS_PER_S - NS_PER_MS, 0 },
		{ -300 * NS_PER_S - NS_PER_MS, 2 },
		{ 300 * NS_PER_S + NS_PER_MS, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		for (uint8_t random = 0; random < 2; random++) {
			struct ipsla_v2_request r = signed_request(2, 7, random);
			struct fake f;

			fake_init(&f);
			fake_add_key(&f, 7, 2, SECRET);
			fake_apply(&f);
			r.timestamp = wall_to_ntp64(wall_add_ns(f.wall, rows[i].off_ns));
			assert_int_equal(fake_ask_v2(&f, &r, SECRET, 40000), rows[i].status);
			fake_pass_ms(&f, 5000); /* the session is over: a replay now */
			if (rows[i].status == 0)
				assert_int_equal(fake_ask_v2(&f, &r, SECRET, 40000),
				                 IPSLA_STATUS_AUTH);
			fake_fini(&f);
		}
	}
}

static void neither_random_nor_time_stamp(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = signed_request(2, 7, 0);

	fake_add_key(f, 7, 2, SECRET);
	fake_apply(f);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), IPSLA_STATUS_AUTH);
	f->cfg.replay_check = false;
	fake_apply(f);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
	fake_pass_ms(f, 5000);
	assert_int_equal(fake_ask_v2(f, &r, SECRET, 40000), 0);
}

static void v1_with_a_key_chain(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(2, 40007);

	fake_add_key(f, 7, 2, SECRET);
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &r, 40000), IPSLA_STATUS_AUTH);
	f->cfg.require_auth = false;
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	r.auth[5] = 1; /* signed, and nobody knows how to verify it */
	r.port++;
	assert_int_equal(fake_ask_v1(f, &r, 40000), IPSLA_STATUS_AUTH);
}

/* --- the cache -------------------------------------------------------------------------------- */

static void token_of(uint32_t n, uint8_t token[static REPLAY_TOKEN_OCTETS])
{
	memset(token, 0, REPLAY_TOKEN_OCTETS);
	put_be32(token, n);
}

static void the_cache_forgets_the_oldest_and_raises_its_floor(void **state)
{
	const struct siphash_key seed = { 3, 4 };
	struct replay_cache *c = replay_cache_new(&seed);
	uint8_t token[REPLAY_TOKEN_OCTETS];

	(void)state;
	for (uint32_t n = 0; n < REPLAY_PER_KEY; n++) {
		token_of(n, token);
		assert_false(replay_cache_has(c, 7, token, 1000 + n));
		replay_cache_add(c, 7, token, 1000 + n);
	}
	for (uint32_t n = 0; n < REPLAY_PER_KEY; n++) {
		token_of(n, token);
		assert_true(replay_cache_has(c, 7, token, 1000 + n));
		assert_false(replay_cache_has(c, 8, token, 1000 + n)); /* keys do not meet */
	}
	token_of(REPLAY_PER_KEY, token);
	replay_cache_add(c, 7, token, 1000 + REPLAY_PER_KEY);
	token_of(0, token);
	assert_false(replay_cache_has(c, 7, token, 0));   /* forgotten … */
	assert_true(replay_cache_has(c, 7, token, 1000)); /* … but too old now */
	token_of(REPLAY_PER_KEY + 1, token);
	assert_true(replay_cache_has(c, 7, token, 999));
	assert_false(replay_cache_has(c, 7, token, 1001));

	const struct keychain other = { .count = 1, .keys = { { .id = 9 } } };

	replay_cache_keep(c, &other);
	assert_false(replay_cache_has(c, 7, token, 999));
	replay_cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(modes_and_policy),
		FAKE_TEST(no_key_chain_knows_no_key),
		FAKE_TEST(refusals_after_a_good_digest_are_signed),
		FAKE_TEST(a_longer_datagram_does_not_verify),
		FAKE_TEST(a_refusal_sent_back_gets_nothing),
		FAKE_TEST(keys_roll_over),
		FAKE_TEST(replays_are_refused),
		FAKE_TEST(a_retry_may_be_signed_anew),
		FAKE_TEST(time_stamps_have_a_window),
		FAKE_TEST(neither_random_nor_time_stamp),
		FAKE_TEST(v1_with_a_key_chain),
		cmocka_unit_test(the_cache_forgets_the_oldest_and_raises_its_floor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
