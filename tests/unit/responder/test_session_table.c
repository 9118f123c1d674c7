/* SPDX-License-Identifier: Apache-2.0 */
/* Limits at their boundaries, eviction order, expiry in virtual time. */
#include "fake.h"

struct ended {
	unsigned count;
	uint16_t port; /* of the last one */
	enum session_end why;
};

static void on_end(void *ctx, const struct session *s, enum session_end why)
{
	struct ended *e = ctx;

	e->count++;
	e->port = s->key.port;
	e->why = why;
}

struct table {
	struct session_table *t;
	struct ended ended;
	boot_t now;
};

static int setup(void **state)
{
	const struct siphash_key seed = { 5, 6 };
	struct table *x = calloc(1, sizeof(*x));

	x->t = session_table_new(&seed, on_end, &x->ended);
	x->now = (boot_t) { NS_PER_S };
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct table *x = *state;

	session_table_free(x->t);
	free(x);
	return 0;
}

static void limit(struct table *x, uint32_t max, uint32_t per_source, bool reserve_half)
{
	const struct session_limits limits = { max, per_source, reserve_half };

	session_table_limit(x->t, &limits);
}

/* An address of its own for each number. */
static struct inet_addr source_of(uint32_t n)
{
	struct inet_addr a = { .family = INET_V4 };

	put_be32(a.bytes, 0x0a000000 + n);
	return a;
}

/* A session of source ``n`` on ``port`` for 10 s; NULL and *ret_error when there is no room. */
static struct session *open_one(struct table *x, uint32_t n, uint16_t port, bool is_protected,
                                int *ret_error)
{
	struct session_key key = { .source = source_of(n),
		                   .local = fake_addr("192.0.2.77"),
		                   .port = port };
	struct session_source *source = session_source(x->t, &key.source);

	*ret_error = session_room(x->t, source, is_protected);
	if (*ret_error < 0)
		return NULL;
	return session_open(x->t, source, &key, is_protected, x->now, 10 * NS_PER_S);
}

static struct session *find_one(const struct table *x, uint32_t n, uint16_t port)
{
	const struct session_key key = { .source = source_of(n),
		                         .local = fake_addr("192.0.2.77"),
		                         .port = port };

	return session_first(x->t, &key, x->now);
}

static void a_source_has_its_share(void **state)
{
	struct table *x = *state;
	int error;

	limit(x, 4096, 64, false);
	for (uint16_t i = 0; i < 64; i++)
		assert_non_null(open_one(x, 1, (uint16_t)(2000 + i), false, &error));
	assert_null(open_one(x, 1, 3000, false, &error));
	assert_int_equal(error, -EDQUOT);
	assert_non_null(open_one(x, 2, 3000, false, &error));
	session_close(x->t, find_one(x, 1, 2000), SESSION_END_CLOSED);
	assert_non_null(open_one(x, 1, 3000, false, &error));
}

static void an_ipv6_network_is_one_source(void **state)
{
	struct table *x = *state;
	const struct inet_addr a = fake_addr("2001:db8:0:1::1"),
	                       b = fake_addr("2001:db8:0:1:ffff::2"),
	                       c = fake_addr("2001:db8:0:2::1");

	limit(x, 4096, 64, false);
	assert_ptr_equal(session_source(x->t, &a), session_source(x->t, &b));
	assert_ptr_not_equal(session_source(x->t, &a), session_source(x->t, &c));
}

static void half_is_kept_for_protected_sources(void **state)
{
	struct table *x = *state;
	int error;

	limit(x, 16, 1, true);
	for (uint32_t n = 0; n < 8; n++) {
		struct session *s = open_one(x, n, 2000, false, &error);

		assert_non_null(s);
		session_probed(x->t, s, 1); /* so that none may be displaced */
	}
	assert_null(open_one(x, 8, 2000, false, &error));
	assert_int_equal(error, -ENOSPC);
	for (uint32_t n = 100; n < 108; n++) {
		struct session *s = open_one(x, n, 2000, true, &error);

		assert_non_null(s);
		session_probed(x->t, s, 1);
	}
	assert_null(open_one(x, 200, 2000, true, &error));
	assert_int_equal(error, -ENOSPC);
	assert_int_equal(session_count(x->t), 16);
	assert_int_equal(x->ended.count, 0);
}

static void above_three_quarters_the_oldest_without_a_probe_goes(void **state)
{
	struct table *x = *state;
	int error;

	limit(x, 16, 1, false);
	for (uint32_t n = 0; n < 12; n++)
		assert_non_null(open_one(x, n, (uint16_t)(2000 + n), false, &error));
	assert_int_equal(x->ended.count, 0);
	session_probed(x->t, find_one(x, 0, 2000), 1);
	assert_non_null(open_one(x, 12, 2012, false, &error));
	assert_int_equal(x->ended.count, 1);
	assert_int_equal(x->ended.port, 2001);
	assert_int_equal(x->ended.why, SESSION_END_EVICTED);
	assert_non_null(open_one(x, 13, 2013, false, &error));
	assert_int_equal(x->ended.port, 2002);
	assert_int_equal(session_count(x->t), 12);
	assert_non_null(find_one(x, 0, 2000));
}

static void an_unprotected_request_displaces_no_protected_session(void **state)
{
	struct table *x = *state;
	int error;

	limit(x, 8, 1, true);
	for (uint32_t n = 0; n < 6; n++)
		assert_non_null(open_one(x, n, (uint16_t)(2000 + n), true, &error));
	assert_non_null(open_one(x, 10, 3000, false, &error));
	assert_non_null(open_one(x, 11, 3001, false, &error));
	assert_int_equal(x->ended.count, 0);
	/* Full: the next unprotected one may only displace an unprotected one. */
	assert_non_null(open_one(x, 12, 3002, false, &error));
	assert_int_equal(x->ended.port, 3000);
	/* A protected one displaces unprotected ones first, then its own kind. */
	assert_non_null(open_one(x, 20, 4000, true, &error));
	assert_int_equal(x->ended.port, 3001);
	assert_non_null(open_one(x, 21, 4001, true, &error));
	assert_int_equal(x->ended.port, 3002);
	assert_non_null(open_one(x, 22, 4002, true, &error));
	assert_int_equal(x->ended.port, 2000);
}

static void one_key_has_few_sessions(void **state)
{
	struct table *x = *state;
	int error;

	limit(x, 4096, 64, false);
	for (uint32_t i = 0; i < SESSION_SAME_KEY_MAX; i++) {
		struct session *s = open_one(x, 1, 2000, false, &error);

		assert_non_null(s);
		s->control_port = (uint16_t)i;
	}
	assert_non_null(open_one(x, 1, 2000, false, &error));
	assert_int_equal(x->ended.count, 1);
	assert_int_equal(session_count(x->t), SESSION_SAME_KEY_MAX);
	unsigned n = 0;

	for (const struct session *s = find_one(x, 1, 2000); s; s = session_next(s, x->now))
		n++;
	assert_int_equal(n, SESSION_SAME_KEY_MAX);
}

static void expiry_is_exact(void **state)
{
	struct table *x = *state;
	boot_t next;
	int error;

	limit(x, 4096, 64, false);
	struct session *s = open_one(x, 1, 2000, false, &error);

	x->now = boot_add_ns(x->now, 10 * NS_PER_S - 1);
	assert_ptr_equal(find_one(x, 1, 2000), s);
	assert_true(session_sweep(x->t, x->now, &next));
	assert_i64_equal(boot_diff_ns(next, x->now), 1);
	x->now = boot_add_ns(x->now, 1);
	assert_null(find_one(x, 1, 2000)); /* dead, though not swept */
	assert_null(session_of_source(session_source(x->t, &s->key.source), x->now));
	assert_int_equal(x->ended.count, 0);
	assert_false(session_sweep(x->t, x->now, &next));
	assert_int_equal(x->ended.count, 1);
	assert_int_equal(x->ended.why, SESSION_END_EXPIRED);
	assert_int_equal(session_count(x->t), 0);
}

static void a_smaller_limit_ends_the_oldest(void **state)
{
	struct table *x = *state;
	int error;

	limit(x, 16, 64, false);
	for (uint16_t i = 0; i < 10; i++)
		assert_non_null(open_one(x, 1, (uint16_t)(2000 + i), false, &error));
	limit(x, 4, 64, false);
	assert_int_equal(session_count(x->t), 4);
	assert_int_equal(x->ended.port, 2005);
	assert_non_null(find_one(x, 1, 2006));
}

/* The table against a plain list, with random opens, closes and time. */
static void random_life_agrees_with_a_list(void **state)
{
	struct table *x = *state;
	uint64_t random = t_seed(11);
	struct {
		bool live;
		boot_t expires_at;
	} model[64][32] = { 0 };

	limit(x, SESSION_TABLE_MAX, 1024, false);
	for (int round = 0; round < 100000; round++) {
		uint32_t n = (uint32_t)(t_random(&random) % 64);
		uint16_t p = (uint16_t)(t_random(&random) % 32);
		struct session *s = find_one(x, n, (uint16_t)(2000 + p));
		bool alive = model[n][p].live && model[n][p].expires_at.ns > x->now.ns;
		boot_t next;
		int error;

		assert_int_equal(s != NULL, alive);
		switch (t_random(&random) % 4) {
		case 0:
			if (!s) {
				assert_non_null(
				        open_one(x, n, (uint16_t)(2000 + p), false, &error));
				model[n][p].live = true;
				model[n][p].expires_at = boot_add_ns(x->now, 10 * NS_PER_S);
			}
			break;
		case 1:
			if (s)
				session_close(x->t, s, SESSION_END_CLOSED);
			model[n][p].live = false;
			break;
		case 2:
			x->now =
			        boot_add_ns(x->now, (int64_t)(t_random(&random) % (NS_PER_S / 50)));
			break;
		case 3:
			if (round % 16 == 0)
				(void)session_sweep(x->t, x->now, &next);
			break;
		}
	}
}

#define TABLE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(a_source_has_its_share),
		TABLE_TEST(an_ipv6_network_is_one_source),
		TABLE_TEST(half_is_kept_for_protected_sources),
		TABLE_TEST(above_three_quarters_the_oldest_without_a_probe_goes),
		TABLE_TEST(an_unprotected_request_displaces_no_protected_session),
		TABLE_TEST(one_key_has_few_sessions),
		TABLE_TEST(expiry_is_exact),
		TABLE_TEST(a_smaller_limit_ends_the_oldest),
		TABLE_TEST(random_life_agrees_with_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
