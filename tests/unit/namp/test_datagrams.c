/* SPDX-License-Identifier: Apache-2.0 */
/* The datagram service between two nodes: delivery, replay, order, restarts, damage, copies. */
#include "datagram_lab.h"

#include "wire/cbor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- both ways ---------------------------------------------------------------------------------- */

static void test_inform_is_delivered_and_acknowledged(void **state)
{
	struct lab *l = *state;
	uint64_t id;

	lab_read_marks(&l->beta, l->beta.marks_before);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_AS_CONFIGURED, &id), 0);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[0]));
	assert_int_equal(l->beta.delivered, 1);
	assert_int_equal(l->beta.last_id, id);
	assert_int_equal(l->beta.last_kind, NAMP_EVENT);
	assert_string_equal(l->beta.last_sender, "alpha");
	assert_string_equal(l->beta.last_subject, "message");
	assert_memory_equal(l->beta.last_body, "\xa1\x61n\x07", 4);
	/* The mark was on the disk when it was acted on. */
	assert_memory_not_equal(l->beta.marks, l->beta.marks_before, sizeof(l->beta.marks));
	lab_forward(l, &l->alpha, lab_capture(l, &l->captured[1]));
	assert_int_equal(l->alpha.ended, 1);
	assert_int_equal(l->alpha.ended_id, id);
	assert_int_equal(l->alpha.ended_code, 200);
	assert_int_equal(datagrams_counters(l->alpha.s)->informs_acknowledged, 1);
	assert_int_equal(datagrams_counters(l->beta.s)->acks_sent, 1);
	/* It is over: no copy follows. */
	lab_pass_ms(l, 100000);
	datagrams_turn(l->alpha.s);
	lab_assert_silence(l);
}

static void test_trap_is_sent_once(void **state)
{
	struct lab *l = *state;

	assert_int_equal(lab_send(&l->beta, DATAGRAMS_AS_CONFIGURED, NULL), 0);
	lab_forward(l, &l->alpha, lab_capture(l, &l->captured[0]));
	assert_int_equal(l->alpha.delivered, 1);
	lab_pass_ms(l, 100000);
	datagrams_turn(l->beta.s);
	lab_assert_silence(l); /* neither an answer nor a copy */
	assert_int_equal(datagrams_counters(l->beta.s)->traps_sent, 1);
}

static void test_batch_is_made_durable_at_once(void **state)
{
	struct lab *l = *state;

	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
		lab_capture(l, &l->captured[i]);
		lab_put(l, &l->beta, l->captured[i].data, l->captured[i].len);
	}
	assert_true(lab_is_readable(l->beta.fd, ARRIVES_MS));
	while (lab_is_readable(l->beta.fd, SILENCE_MS))
		datagrams_turn(l->beta.s);
	assert_int_equal(l->beta.delivered, 0); /* not before the marks are written */
	mono_t due;

	assert_true(datagrams_next(l->beta.s, &due));
	assert_true(mono_diff_ns(due, l->clock.clock.mono(&l->clock.clock)) <= 10 * NS_PER_MS);
	lab_pass_ms(l, 10);
	datagrams_turn(l->beta.s);
	assert_int_equal(l->beta.delivered, 20);
}

/* --- replay, order, restarts -------------------------------------------------------------------- */

static void test_replay_is_refused_in_silence(void **state)
{
	struct lab *l = *state;

	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[0]));
	lab_capture(l, &l->captured[1]);
	for (unsigned i = 0; i < 5; i++)
		lab_forward(l, &l->beta, &l->captured[0]);
	assert_int_equal(l->beta.delivered, 1);
	assert_int_equal(datagrams_counters(l->beta.s)->refused_replayed, 5);
	lab_assert_silence(l);
	/* Its acknowledgement again, to the sender of the inform. */
	lab_forward(l, &l->alpha, &l->captured[1]);
	lab_forward(l, &l->alpha, &l->captured[1]);
	assert_int_equal(datagrams_counters(l->alpha.s)->refused_replayed, 1);
	assert_int_equal(l->alpha.ended, 1);
	/* And back to whoever sealed it. */
	lab_forward(l, &l->alpha, &l->captured[0]);
	assert_int_equal(datagrams_counters(l->alpha.s)->refused_receiver, 1);
	lab_assert_silence(l);
}

static void test_order_within_the_window(void **state)
{
	struct lab *l = *state;

	for (unsigned i = 0; i < 70; i++) {
		assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
		lab_capture(l, &l->captured[i]); /* sequence i + 1 */
	}
	lab_forward(l, &l->beta, &l->captured[69]);
	assert_int_equal(l->beta.delivered, 1);
	for (unsigned i = 69; i-- > 0;)
		lab_forward(l, &l->beta, &l->captured[i]);
	/* 63 below the highest may still come; those 64 or more below may not. */
	assert_int_equal(l->beta.delivered, 64);
	assert_int_equal(datagrams_counters(l->beta.s)->refused_replayed, 6);
	for (unsigned i = 0; i < 70; i++)
		lab_forward(l, &l->beta, &l->captured[i]);
	assert_int_equal(l->beta.delivered, 64);
}

static void test_receiver_restarts(void **state)
{
	struct lab *l = *state;

	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
		lab_capture(l, &l->captured[i]);
	}
	lab_forward(l, &l->beta, &l->captured[2]);
	lab_forward(l, &l->beta, &l->captured[7]);
	assert_int_equal(l->beta.delivered, 2);
	lab_stop(&l->beta);
	lab_start(l, &l->beta);
	for (unsigned i = 0; i <= 7; i++) /* also those that never came */
		lab_forward(l, &l->beta, &l->captured[i]);
	assert_int_equal(l->beta.delivered, 2);
	assert_int_equal(datagrams_counters(l->beta.s)->refused_replayed, 8);
	lab_forward(l, &l->beta, &l->captured[9]);
	lab_forward(l, &l->beta, &l->captured[8]);
	assert_int_equal(l->beta.delivered, 4);
}

static void test_sender_restarts(void **state)
{
	struct lab *l = *state;
	uint64_t id, later;

	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, &id), 0);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
	lab_capture(l, &l->captured[0]);
	lab_capture(l, &l->captured[1]);
	lab_forward(l, &l->beta, &l->captured[0]);
	lab_stop(&l->alpha);
	lab_start(l, &l->alpha); /* within the same second of the clock */
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, &later), 0);
	assert_true(later > id);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[2]));
	assert_int_equal(l->beta.delivered, 2);
	lab_forward(l, &l->beta,
	            &l->captured[1]); /* of the boot before: never came, and is late now */
	assert_int_equal(datagrams_counters(l->beta.s)->refused_boot, 1);
	assert_int_equal(l->beta.delivered, 2);
	struct namp_envelope before, after;

	assert_int_equal(namp_envelope_decode(l->captured[0].data, l->captured[0].len, &before), 0);
	assert_int_equal(namp_envelope_decode(l->captured[2].data, l->captured[2].len, &after), 0);
	assert_int_equal(before.boot, START_S);
	assert_int_equal(after.boot, START_S + 1);
	assert_int_equal(after.sequence, 1);
}

static void test_boot_follows_clock_and_number(void **state)
{
	struct lab *l = *state;

	lab_stop(&l->alpha);
	l->clock.ns -= 3600 * NS_PER_S; /* set back: the number goes on */
	lab_start(l, &l->alpha);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
	struct namp_envelope e;
	struct captured *c = lab_capture(l, &l->captured[0]);

	assert_int_equal(namp_envelope_decode(c->data, c->len, &e), 0);
	assert_int_equal(e.boot, START_S + 1);
	lab_stop(&l->alpha);
	l->clock.ns += 2 * 3600 * NS_PER_S;
	lab_start(l, &l->alpha);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0);
	c = lab_capture(l, &l->captured[0]);
	assert_int_equal(namp_envelope_decode(c->data, c->len, &e), 0);
	assert_int_equal(e.boot, START_S + 3600);
}

static void overwrite(const struct node *n, const char *name, const void *data, size_t len)
{
	int fd = openat(n->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	(void)close(fd);
}

static void test_damaged_marks(void **state)
{
	struct lab *l = *state;
	uint8_t file[512];
	struct diag d = { 0 };

	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[0]));
	lab_stop(&l->beta);
	int fd = openat(l->beta.dir, "namp-marks", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, file, sizeof(file));

	assert_in_range(len, 40, 200);
	(void)close(fd);
	for (size_t cut = 0; cut < (size_t)len; cut++) {
		overwrite(&l->beta, "namp-marks", file, cut);
		assert_int_equal(lab_try_start(l, &l->beta, &d), -EBADMSG);
		assert_non_null(strstr(d.text, "'namp-marks'"));
	}
	for (size_t at = 0; at < (size_t)len; at++) {
		file[at] ^= 0x10;
		overwrite(&l->beta, "namp-marks", file, (size_t)len);
		assert_int_equal(lab_try_start(l, &l->beta, &d), -EBADMSG);
		file[at] ^= 0x10;
	}
	/* Whole again: what was recorded is still refused.  Removed: it is accepted once more. */
	overwrite(&l->beta, "namp-marks", file, (size_t)len);
	lab_start(l, &l->beta);
	lab_forward(l, &l->beta, &l->captured[0]);
	assert_int_equal(l->beta.delivered, 1);
	lab_stop(&l->beta);
	assert_int_equal(unlinkat(l->beta.dir, "namp-marks", 0), 0);
	lab_start(l, &l->beta);
	lab_forward(l, &l->beta, &l->captured[0]);
	assert_int_equal(l->beta.delivered, 2);
}

static void test_damaged_boot(void **state)
{
	static const char *const bad[] = { "",
		                           "\n",
		                           "12",
		                           "0\n",
		                           "-1\n",
		                           "1x\n",
		                           "12345678901234567890\n",
		                           "9223372036854775807\n",
		                           " 1\n",
		                           "1\n\n" };
	struct lab *l = *state;
	struct diag d = { 0 };

	lab_stop(&l->alpha);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		overwrite(&l->alpha, "namp-boot", bad[i], strlen(bad[i]));
		if (lab_try_start(l, &l->alpha, &d) != -EBADMSG)
			fail_msg("boot file %zu was accepted", i);
		assert_non_null(strstr(d.text, "'namp-boot'"));
	}
	overwrite(&l->alpha, "namp-boot", "9223372036854775806\n", 20);
	assert_int_equal(lab_try_start(l, &l->alpha, &d), 0);
}

static void test_disk_fails(void **state)
{
	struct lab *l = *state;

	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	assert_int_equal(mkdirat(l->beta.dir, "namp-marks.new", 0700), 0);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[0]));
	assert_int_equal(l->beta.delivered, 0);
	assert_int_equal(l->beta.troubles, 1);
	assert_int_equal(datagrams_counters(l->beta.s)->refused_undurable, 1);
	lab_assert_silence(l);
	assert_int_equal(unlinkat(l->beta.dir, "namp-marks.new", AT_REMOVEDIR), 0);
	lab_pass_ms(l, 1300); /* the copy finds a disk that works */
	datagrams_turn(l->alpha.s);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[1]));
	assert_int_equal(l->beta.delivered, 1);
	assert_int_equal(l->beta.troubles, 2);
	lab_forward(l, &l->alpha, lab_capture(l, &l->captured[2]));
	assert_int_equal(l->alpha.ended_code, 200);
}

/* --- informs ------------------------------------------------------------------------------------ */

static void test_copies_and_giving_up(void **state)
{
	struct lab *l = *state;
	int64_t sent_ns[8], wait_s = 1;
	uint64_t id, sequence = 0;

	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, &id), 0);
	for (unsigned i = 0; i < 7; i++) {
		struct namp_envelope e;
		struct captured *c = lab_capture(l, &l->captured[i]);
		mono_t due;

		assert_int_equal(namp_envelope_decode(c->data, c->len, &e), 0);
		assert_true(e.sequence > sequence);
		sequence = e.sequence;
		sent_ns[i] = l->clock.ns;
		if (i > 0) {
			assert_in_range(sent_ns[i] - sent_ns[i - 1], wait_s * NS_PER_S,
			                wait_s * NS_PER_S * 5 / 4 + 1);
			wait_s *= 2;
		}
		assert_int_equal(l->alpha.ended, 0);
		assert_true(datagrams_next(l->alpha.s, &due));
		l->clock.ns = due.ns - NS_PER_S - 1; /* an instant before: nothing yet */
		datagrams_turn(l->alpha.s);
		l->clock.ns++;
		datagrams_turn(l->alpha.s);
	}
	assert_int_equal(wait_s, 64);
	lab_assert_silence(l);
	assert_int_equal(l->alpha.ended, 1);
	assert_int_equal(l->alpha.ended_id, id);
	assert_int_equal(l->alpha.ended_code, 0);
	assert_in_range(l->clock.ns, 95 * NS_PER_S, 119 * NS_PER_S);
	assert_int_equal(datagrams_counters(l->alpha.s)->informs_given_up, 1);
	assert_int_equal(datagrams_counters(l->alpha.s)->copies_sent, 6);
	/* All of them together are one message, answered seven times. */
	for (unsigned i = 0; i < 7; i++) {
		lab_forward(l, &l->beta, &l->captured[i]);
		lab_forward(l, &l->alpha, lab_capture(l, &l->captured[10 + i]));
	}
	assert_int_equal(l->beta.delivered, 1);
	assert_int_equal(datagrams_counters(l->beta.s)->duplicates, 6);
	assert_int_equal(datagrams_counters(l->alpha.s)->acks_unexpected, 7); /* too late */
	assert_int_equal(l->alpha.ended, 1);
}

/* An acknowledgement is lost, and the receiver restarts before the copy comes: still one message. */
static void test_acts_once_across_a_restart(void **state)
{
	struct lab *l = *state;

	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[0]));
	lab_capture(l, &l->captured[1]); /* lost */
	lab_stop(&l->beta);
	lab_start(l, &l->beta);
	lab_pass_ms(l, 1300);
	datagrams_turn(l->alpha.s);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[2]));
	assert_int_equal(l->beta.delivered, 1);
	assert_int_equal(datagrams_counters(l->beta.s)->duplicates, 1);
	lab_forward(l, &l->alpha, lab_capture(l, &l->captured[3]));
	assert_int_equal(l->alpha.ended_code, 200);
}

static void test_receiver_without_room(void **state)
{
	struct lab *l = *state;

	l->beta.code = 507;
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[0]));
	lab_capture(l, &l->captured[1]); /* lost */
	lab_pass_ms(l, 1300);
	datagrams_turn(l->alpha.s);
	lab_forward(l, &l->beta, lab_capture(l, &l->captured[2]));
	assert_int_equal(l->beta.delivered, 2); /* it was not acted on: room may be there now */
	lab_forward(l, &l->alpha, lab_capture(l, &l->captured[3]));
	assert_int_equal(l->alpha.ended_code, 507);
	assert_int_equal(datagrams_counters(l->alpha.s)->informs_refused, 1);
}

static void test_64_informs_under_way(void **state)
{
	struct lab *l = *state;

	for (unsigned i = 0; i < DATAGRAMS_INFORMS_MAX; i++) {
		assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
		lab_capture(l, &l->captured[i]);
	}
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), -EDQUOT);
	assert_int_equal(datagrams_counters(l->alpha.s)->informs_dropped, 1);
	lab_assert_silence(l);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_TRAP, NULL), 0); /* waits for nothing */
	lab_capture(l, &l->captured[100]);
	lab_forward(l, &l->beta, &l->captured[5]);
	lab_forward(l, &l->alpha, lab_capture(l, &l->captured[101]));
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	lab_capture(l, &l->captured[102]);
	/* The oldest that waits stays among the ids that the receiver remembers. */
	unsigned traps = 0;

	while (lab_send(&l->alpha, DATAGRAMS_TRAP, NULL) == 0) {
		lab_capture(l, &l->captured[103]);
		assert_true(++traps < 300);
	}
	assert_int_equal(traps, 256 - DATAGRAMS_INFORMS_MAX - 2);
	struct datagrams_peer_view view;

	assert_int_equal(datagrams_peers(l->alpha.s, 0, 1, &view), 1);
	assert_string_equal(view.name, "beta");
	assert_int_equal(view.informs_waiting, DATAGRAMS_INFORMS_MAX);
}

static void test_peers_go_and_limits_of_events(void **state)
{
	struct lab *l = *state;
	struct namp_conf none = { 0 };
	static uint8_t large[NAMP_SEALED_MAX], filling[NAMP_SEALED_MAX - 6];
	struct datagrams_event e = { .subject = "message", .body = { large, sizeof(large) } };
	struct diag d = { 0 };
	struct cbor_wr w;

	cbor_wr_init(&w, large, sizeof(large));
	cbor_put_map(&w, 1);
	cbor_put_text(&w, "t", 1);
	cbor_put_bytes(&w, filling, sizeof(filling));
	assert_int_equal(datagrams_send(l->alpha.s, "beta", &e, NULL, &d), -EMSGSIZE);
	assert_int_equal(datagrams_send(l->alpha.s, "nobody", &e, NULL, &d), -ENOENT);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), 0);
	lab_capture(l, &l->captured[0]);
	datagrams_configure(l->alpha.s, &none, &l->chain);
	assert_int_equal(l->alpha.ended, 1);
	assert_int_equal(l->alpha.ended_code, 0);
	assert_int_equal(lab_send(&l->alpha, DATAGRAMS_INFORM, NULL), -ENOENT);
	lab_pass_ms(l, 5000);
	datagrams_turn(l->alpha.s);
	lab_assert_silence(l);
}

static void test_documents(void **state)
{
	struct lab *l = *state;
	struct object_request q = { .verb = OBJECT_LIST, .path = "namp/peer" };
	struct arena a = { 0 };
	struct doc *d = doc_new_map(&a), *list = NULL;
	struct diag diag = { 0 };

	lab_put_forged(l, &(struct forged) { 0 });
	datagrams_fill(l->beta.s, &a, d);
	const struct doc *n = doc_get(d, "datagrams");

	assert_i64_equal(doc_int(n, "delivered", -1), 1);
	assert_i64_equal(doc_int(n, "senders", -1), 1);
	assert_i64_equal(doc_int(n, "refused_boot", -1), 0);
	assert_int_equal(datagrams_list_peers(l->beta.s, &q, &a, &list, &diag), 0);
	assert_int_equal(doc_get(list, "items")->count, 2); /* alpha, configured; gamma, seen */
	assert_int_equal(doc_get(list, "next")->kind, DOC_NULL);
	const struct doc *gamma = &doc_get(list, "items")->last->value;

	assert_string_equal(doc_text(gamma, "name", ""), "gamma");
	assert_false(doc_bool(gamma, "configured", true));
	assert_i64_equal(doc_int(gamma, "sequence", 0), 1);
	struct doc *body = doc_new_map(&a);

	doc_add_int(&a, body, "limit", 1);
	q.body = body;
	assert_int_equal(datagrams_list_peers(l->beta.s, &q, &a, &list, &diag), 0);
	assert_int_equal(doc_get(list, "items")->count, 1);
	assert_i64_equal(doc_int(list, "next", -1), 1);
	datagrams_fill(NULL, &a, doc_new_map(&a));
	assert_int_equal(datagrams_list_peers(NULL, &q, &a, &list, &diag), 0);
	assert_int_equal(doc_get(list, "items")->count, 0);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_inform_is_delivered_and_acknowledged),
		TEST(test_trap_is_sent_once),
		TEST(test_batch_is_made_durable_at_once),
		TEST(test_replay_is_refused_in_silence),
		TEST(test_order_within_the_window),
		TEST(test_receiver_restarts),
		TEST(test_sender_restarts),
		TEST(test_boot_follows_clock_and_number),
		TEST(test_damaged_marks),
		TEST(test_damaged_boot),
		TEST(test_disk_fails),
		TEST(test_copies_and_giving_up),
		TEST(test_acts_once_across_a_restart),
		TEST(test_receiver_without_room),
		TEST(test_64_informs_under_way),
		TEST(test_peers_go_and_limits_of_events),
		TEST(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
