/* SPDX-License-Identifier: Apache-2.0 */
/* What the datagram service refuses: keys, names, strangers, kinds, floods; and that it stays silent. */
#include "datagram_lab.h"

#include <errno.h>

/* --- keys and names ----------------------------------------------------------------------------- */

static struct key_lifetime life(int64_t from_s, int64_t to_s)
{
	return (struct key_lifetime) { .limited = true,
		                       .from = { (START_S + from_s) * NS_PER_S },
		                       .to = { (START_S + to_s) * NS_PER_S } };
}

static void test_keys_roll_over(void **state)
{
	static const char *const kids[] = { "fleet/7", "fleet/7", "fleet/8", "fleet/8", "fleet/8" };
	struct lab *l = *state;

	lab_add_key(&l->chain, 8, "the next one");
	l->chain.keys[0].send = life(-1000, 200);
	l->chain.keys[0].accept = life(-1000, 300);
	l->chain.keys[1].send = life(150, 10000);
	l->chain.keys[1].accept = life(100, 10000);
	lab_configure(l, &l->alpha);
	lab_configure(l, &l->beta);
	for (unsigned i = 0; i < 5; i++) { /* at 0, 100, 200, 300 and 400 s */
		struct namp_envelope e;

		l->clock.ns = i * 100 * NS_PER_S;
		assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
		struct captured *c = lab_capture(l, &l->captured[i]);

		assert_int_equal(namp_envelope_decode(c->data, c->len, &e), 0);
		assert_string_equal(e.kid, kids[i]);
		if (i != 1)
			lab_forward(l, &l->beta, c);
	}
	assert_int_equal(l->beta.delivered, 4);
	lab_forward(l, &l->beta, &l->captured[1]); /* its key may no longer be accepted */
	assert_int_equal(datagrams_counters(l->beta.s)->refused_key, 1);
	l->clock.ns = 10000 * NS_PER_S;
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), -ENOKEY);
	lab_assert_silence(l);
}

static void test_strangers_are_refused_in_silence(void **state)
{
	struct lab *l = *state;
	const struct datagrams_counters *n = datagrams_counters(l->beta.s);
	uint8_t buf[NAMP_DATAGRAM_MAX + 8] = { 0 };
	size_t len;

	lab_put_forged(l, &(struct forged) { .secret = "another secret" });
	assert_int_equal(n->refused_authentication, 1);
	lab_put_forged(l, &(struct forged) { .kid = "fleet/8" });
	lab_put_forged(l, &(struct forged) { .kid = "fleet/07" });
	lab_put_forged(l, &(struct forged) { .kid = "fleet/65543" });
	lab_put_forged(l, &(struct forged) { .kid = "fleet/" });
	lab_put_forged(l, &(struct forged) { .kid = "flee/7" });
	lab_put_forged(l, &(struct forged) { .kid = "fleet/7/7" });
	assert_int_equal(n->refused_key, 6);
	lab_put_forged(l, &(struct forged) { .receiver = "delta" });
	assert_int_equal(n->refused_receiver, 1);
	lab_put_forged(l, &(struct forged) { .sender = "beta" });
	assert_int_equal(n->refused_sender, 1);
	/* Any octet changed, or missing, or one too many. */
	len = lab_forge(&(struct forged) { 0 }, buf);
	for (size_t i = 0; i < len; i++) {
		buf[i] ^= 1;
		lab_put(l, &l->beta, buf, len);
		buf[i] ^= 1;
		lab_put(l, &l->beta, buf, i);
		if (i % 32 == 31 || i + 1 == len)
			lab_settle(l, &l->beta);
	}
	buf[len] = 0;
	lab_put(l, &l->beta, buf, len + 1);
	lab_put(l, &l->beta, buf, sizeof(buf));
	lab_settle(l, &l->beta);
	assert_int_equal(l->beta.delivered, 0);
	assert_int_equal(n->received, 9 + 2 * len + 2);
	assert_int_equal(n->received, n->refused_form + n->refused_key + n->refused_receiver +
	                                      n->refused_sender + n->refused_authentication);
	/* None of it left a mark: what is good is accepted. */
	lab_put_forged(l, &(struct forged) { 0 });
	assert_int_equal(l->beta.delivered, 1);
	lab_assert_silence(l);
}

static void test_without_keys_nothing_goes(void **state)
{
	struct lab *l = *state;

	l->chain.count = 0;
	lab_configure(l, &l->beta);
	lab_put_forged(l, &(struct forged) { 0 });
	assert_int_equal(datagrams_counters(l->beta.s)->refused_key, 1);
	assert_int_equal(lab_send(&l->beta, DATAGRAMS_TRAP, NULL), -ENOKEY);
	lab_assert_silence(l);
}

static void test_messages_that_datagrams_do_not_carry(void **state)
{
	static const char *const kinds[] = {
		"a2 0000 04a0",                  /* hello */
		"a4 0001 0101 026161 0301",      /* get */
		"a5 0001 0101 026161 0305 04a0", /* run */
		"a4 0002 0101 0318c8 04a0",      /* reply */
		"a2 0006 0318c8",                /* bye */
	};
	static const char *const malformed[] = { "00", "a1 0003",
		                                 "a5 0003 0101 026161 0318c8 04a000" };
	struct lab *l = *state;
	const struct datagrams_counters *n = datagrams_counters(l->beta.s);
	struct forged f = { .sequence = 1 };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++, f.sequence++) {
		f.message = kinds[i];
		lab_put_forged(l, &f);
	}
	assert_int_equal(n->refused_kind, ARRAY_LEN(kinds));
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++, f.sequence++) {
		f.message = malformed[i];
		lab_put_forged(l, &f);
	}
	assert_int_equal(n->refused_message, ARRAY_LEN(malformed));
	/* A critical extension that nobody knows; one that is not critical does no harm. */
	f.message = "a7 0003 0101 026161 0318c8 04a0 0503 0601";
	lab_put_forged(l, &f);
	assert_int_equal(n->refused_critical, 1);
	lab_assert_silence(l);
	assert_int_equal(l->beta.delivered, 0);
	f.sequence++;
	f.message = "a7 0003 0101 026161 0318c8 04a0 0501 0601";
	lab_put_forged(l, &f);
	assert_int_equal(l->beta.delivered, 1);
	lab_capture(l, &l->captured[0]); /* the first answer of all */
	/* A report is delivered, and not answered. */
	f.sequence++;
	f.message = "a4 0005 0102 02 69686561727462656174 04a0";
	lab_put_forged(l, &f);
	assert_int_equal(l->beta.last_kind, NAMP_REPORT);
	assert_string_equal(l->beta.last_subject, "heartbeat");
	lab_assert_silence(l);
}

static void test_flood(void **state)
{
	struct lab *l = *state;
	const struct datagrams_counters *n = datagrams_counters(l->beta.s);
	struct forged f = { .secret = "another secret" };
	uint8_t buf[NAMP_DATAGRAM_MAX];
	size_t len = lab_forge(&f, buf);

	for (unsigned i = 0; i < 3000; i++) {
		lab_put(l, &l->beta, buf, len);
		if (i % 100 == 99) {
			assert_true(lab_is_readable(l->beta.fd, ARRIVES_MS));
			while (lab_is_readable(l->beta.fd, 0))
				datagrams_turn(l->beta.s);
			lab_pass_ms(l, 1); /* 3,000 in 30 ms */
		}
	}
	assert_int_equal(n->received, 3000);
	assert_in_range(n->refused_authentication, 30, 200);
	assert_int_equal(n->refused_rate, 3000 - n->refused_authentication);
	lab_pass_ms(l, 1000);
	lab_put_forged(l, &(struct forged) { 0 });
	assert_int_equal(l->beta.delivered, 1);
	lab_assert_silence(l);
}

static void test_too_many_senders(void **state)
{
	struct lab *l = *state;
	const struct datagrams_counters *n = datagrams_counters(l->beta.s);
	uint8_t buf[NAMP_DATAGRAM_MAX];
	char name[16];

	for (unsigned i = 0; i < DATAGRAMS_SENDERS_MAX + 10; i++) {
		(void)snprintf(name, sizeof(name), "node-%u", i);
		lab_put(l, &l->beta, buf, lab_forge(&(struct forged) { .sender = name }, buf));
		if (i % 64 == 63 || i == DATAGRAMS_SENDERS_MAX + 9) {
			lab_settle(l, &l->beta);
			lab_pass_ms(l, 200);
		}
	}
	assert_int_equal(n->refused_senders, 10);
	assert_int_equal(l->beta.delivered, DATAGRAMS_SENDERS_MAX);
	/* They are all remembered after a restart, and those that were too many still are. */
	lab_stop(&l->beta);
	lab_start(l, &l->beta);
	n = datagrams_counters(l->beta.s);
	lab_put_forged(l, &(struct forged) { .sender = "node-0" });
	lab_put_forged(l, &(struct forged) { .sender = "node-4095" });
	assert_int_equal(n->refused_replayed, 2);
	lab_put_forged(l, &(struct forged) { .sender = "node-4096" });
	assert_int_equal(n->refused_senders, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys_roll_over),
		TEST(test_strangers_are_refused_in_silence),
		TEST(test_without_keys_nothing_goes),
		TEST(test_messages_that_datagrams_do_not_carry),
		TEST(test_flood),
		TEST(test_too_many_senders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
