/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of the NAMP server over the Unix socket: states, requests, watches. */
#include "stream_peer.h"

#include <pwd.h>

static int setup(void **state)
{
	struct stage *st = calloc(1, sizeof(*st));

	assert_non_null(st);
	stage_begin(st, NULL);
	*state = st;
	return 0;
}

static int teardown(void **state)
{
	stage_end(*state);
	free(*state);
	return 0;
}

static void test_hello(void **state)
{
	struct stage *st = *state;
	struct peer p;
	char name[80];
	const struct passwd *user = getpwuid(getuid());

	peer_open(st, &p);
	(void)snprintf(name, sizeof(name), "local:%s", user->pw_name);
	assert_string_equal(doc_text(p.body, "identity", ""), name);
	assert_string_equal(doc_text(p.body, "name", ""), "node1");
	assert_string_equal(doc_text(p.body, "role", ""), "administrator");
	assert_i64_equal(doc_int(p.body, "session", 0), 1);
	assert_i64_equal(doc_int(doc_get(p.body, "limits"), "message_bytes", 0), 1048576);
	assert_int_equal(st->began, 1);
	peer_close(&p);
	PUMP_UNTIL(st, st->ended == 1);
	assert_int_equal(st->last_end_code, 200);
	assert_int_equal(namp_server_session_count(st->server), 0);
}

static void test_requests(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	peer_request(st, &p, NAMP_GET, 7, "sla/operation/10");
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_i64_equal((int64_t)p.m.id, 7);
	assert_string_equal(doc_text(p.body, "path", ""), "sla/operation/10");
	assert_i64_equal(doc_int(p.body, "role", -1), ROLE_ADMINISTRATOR);
	peer_request(st, &p, NAMP_GET, 8, "none");
	EXPECT(st, &p, NAMP_REPLY, 404);
	assert_string_equal(doc_text(p.body, "text", ""), "there is no object \"none\"");
	peer_request(st, &p, NAMP_SET, 9, "errors");
	EXPECT(st, &p, NAMP_REPLY, 422);
	assert_i64_equal(doc_int(p.body, "line", 0), 3);
	assert_int_equal(doc_get(p.body, "errors")->count, 1);
	peer_request(st, &p, NAMP_GET, 10, "huge");
	EXPECT(st, &p, NAMP_REPLY, 413);
	peer_request(st, &p, NAMP_GET, 11, "at-once");
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_i64_equal((int64_t)p.m.id, 11);
	assert_i64_equal((int64_t)counters(st)->requests, 5);
	assert_i64_equal((int64_t)counters(st)->requests_refused, 3);
	peer_close(&p);
}

/* Answered by ticket: those behind it wait, and come in order. */
static void test_late_answer(void **state)
{
	struct stage *st = *state;
	struct peer p;
	struct arena a = { 0 };
	struct doc *doc = doc_new_map(&a);

	peer_open(st, &p);
	peer_request(st, &p, NAMP_RUN, 1, "later");
	peer_request(st, &p, NAMP_GET, 2, "x");
	PUMP_UNTIL(st, st->ticket != 0);
	assert_i64_equal((int64_t)counters(st)->requests, 1);
	assert_false(namp_server_finish(st->server, st->ticket + 1, 0, doc, NULL));
	doc_add_text(&a, doc, "state", "active");
	assert_true(namp_server_finish(st->server, st->ticket, 0, doc, NULL));
	assert_false(namp_server_finish(st->server, st->ticket, 0, doc, NULL)); /* once */
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_i64_equal((int64_t)p.m.id, 1);
	assert_string_equal(doc_text(p.body, "state", ""), "active");
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_i64_equal((int64_t)p.m.id, 2);
	peer_request(st, &p, NAMP_RUN, 3, "later");
	st->ticket = 0;
	PUMP_UNTIL(st, st->ticket != 0);
	assert_int_equal(namp_server_close_session(st->server, 1), 0);
	assert_false(namp_server_finish(st->server, st->ticket, 0, doc, NULL));
	EXPECT(st, &p, NAMP_BYE, 403);
	EXPECT_END(st, &p);
	arena_free(&a);
	peer_close(&p);
}

static void test_pipelining(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	for (uint64_t id = 1; id <= 500; id++)
		peer_request(st, &p, NAMP_GET, id, "x");
	for (uint64_t id = 1; id <= 500; id++) {
		EXPECT(st, &p, NAMP_REPLY, 200);
		assert_i64_equal((int64_t)p.m.id, (int64_t)id);
	}
	peer_close(&p);
}

/* The peer has sent its end already: it gets all that it asked for, then the end. */
static void test_half_closed(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	for (uint64_t id = 1; id <= 8; id++)
		peer_request(st, &p, NAMP_GET, id, "big");
	stream_end(&p.stream);
	for (uint64_t id = 1; id <= 8; id++)
		EXPECT(st, &p, NAMP_REPLY, 200);
	EXPECT_END(st, &p);
	peer_close(&p);
}

static void test_bye(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	peer_request(st, &p, NAMP_GET, 1, "x");
	assert_true(peer_send_hex(st, &p, "a2 00 06 03 18c8"));
	EXPECT(st, &p, NAMP_REPLY, 200);
	EXPECT_END(st, &p);
	PUMP_UNTIL(st, st->ended == 1);
	peer_close(&p);
}

/* A session that its own handler closes: first the answer, then bye. */
static void test_own_end(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	peer_request(st, &p, NAMP_DELETE, 1, "own");
	EXPECT(st, &p, NAMP_REPLY, 200);
	EXPECT(st, &p, NAMP_BYE, 403);
	EXPECT_END(st, &p);
	assert_int_equal(st->ended, 1);
	assert_int_equal(st->last_end_code, 403);
	assert_i64_equal((int64_t)counters(st)->closed_by_administrator, 1);
	peer_close(&p);
	st->closes_own = true; /* while it begins */
	peer_connect(st, &p);
	assert_true(peer_send_hex(st, &p, HELLO_HEX));
	EXPECT(st, &p, NAMP_HELLO, 0);
	EXPECT(st, &p, NAMP_BYE, 403);
	EXPECT_END(st, &p);
	peer_close(&p);
}

static void test_role_changes(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	st->role = ROLE_VIEWER;
	namp_server_recheck(st->server);
	peer_request(st, &p, NAMP_GET, 1, "x");
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_i64_equal(doc_int(p.body, "role", -1), ROLE_VIEWER);
	st->role = ROLE_NONE;
	namp_server_recheck(st->server);
	EXPECT(st, &p, NAMP_BYE, 403);
	EXPECT_END(st, &p);
	assert_i64_equal((int64_t)counters(st)->closed_revoked, 1);
	peer_close(&p);
}

static void test_shutdown_says_bye(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	namp_server_free(st->server);
	st->server = NULL;
	EXPECT(st, &p, NAMP_BYE, 503);
	EXPECT_END(st, &p);
	assert_int_equal(st->ended, 1);
	peer_close(&p);
}

/* --- what is not right --------------------------------------------------------------------------- */

static void test_bad_beginnings(void **state)
{
	static const struct {
		const char *hex;
		unsigned code;
	} cases[] = {
		{ "ff", 400 },
		{ "a0", 400 },
		{ "a1 00 00", 400 },                                  /* no body */
		{ "a2 00 00 04 a0", 400 },                            /* no version */
		{ "a2 00 00 04 a1 67 76657273696f6e 01", 400 },       /* not a list */
		{ "a2 00 00 04 a1 67 76657273696f6e 82 02 00", 505 }, /* version 2 */
		{ "a2 00 06 03 18c8", 0 },                            /* bye */
		{ "a4 00 01 01 01 02 60 03 01", 400 },                /* a request */
		{ "a4 00 02 01 01 03 18c8 04 a0", 400 },              /* a reply */
	};
	struct stage *st = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer p;

		peer_connect(st, &p);
		assert_true(peer_send_hex(st, &p, cases[i].hex));
		if (cases[i].code)
			EXPECT(st, &p, NAMP_BYE, cases[i].code);
		EXPECT_END(st, &p);
		peer_close(&p);
	}
	assert_i64_equal((int64_t)counters(st)->malformed, 5);
	assert_i64_equal((int64_t)counters(st)->bad_version, 1);
	assert_i64_equal((int64_t)counters(st)->unexpected_kind, 2);
	assert_int_equal(st->began, 0);
}

static void test_bad_messages(void **state)
{
	static const struct {
		const char *hex;
		unsigned code;
	} cases[] = {
		{ HELLO_HEX, 400 },                            /* a second one */
		{ "a4 00 02 01 01 03 18c8 04 a0", 400 },       /* a reply */
		{ "a5 00 03 01 01 02 60 03 18c8 04 a0", 400 }, /* an event: nobody takes it */
		{ "a3 00 04 01 01 03 18c8", 400 },             /* an ack */
		{ "a4 00 05 01 01 02 60 04 a0", 400 },         /* a report */
		{ "a4 00 01 01 00 02 60 03 01", 400 },         /* id 0 */
		{ "a4 00 01 01 01 02 60 03 01 00", 400 },      /* more behind it */
	};
	struct stage *st = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct peer p;

		peer_open(st, &p);
		assert_true(peer_send_hex(st, &p, cases[i].hex));
		EXPECT(st, &p, NAMP_BYE, cases[i].code);
		EXPECT_END(st, &p);
		peer_close(&p);
	}
}

static void test_bad_lengths(void **state)
{
	static const uint8_t lengths[][4] = { { 0, 0, 0, 0 },
		                              { 0, 16, 0, 1 },
		                              { 255, 255, 255, 255 } };
	static const uint8_t long_hello[4] = { 0, 0, 0x10, 1 };
	struct stage *st = *state;

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		struct peer p;

		peer_open(st, &p);
		assert_true(peer_send_octets(st, &p, lengths[i], 4));
		EXPECT(st, &p, NAMP_BYE, 413);
		EXPECT_END(st, &p);
		peer_close(&p);
	}
	struct peer p;

	peer_connect(st, &p);
	assert_true(peer_send_octets(st, &p, long_hello, 4));
	EXPECT(st, &p, NAMP_BYE, 413);
	EXPECT_END(st, &p);
	peer_close(&p);
	assert_i64_equal((int64_t)counters(st)->oversize, 4);
}

/* A length is only a word: memory comes with the octets. */
static void test_slow_octets(void **state)
{
	struct stage *st = *state;
	uint8_t octets[64];
	struct peer p;
	size_t len = t_hex("0000000e" HELLO_HEX, octets, sizeof(octets));

	octets[3] = (uint8_t)(len - 4);
	peer_connect(st, &p);
	for (size_t i = 0; i < len; i++) {
		assert_true(peer_send_octets(st, &p, octets + i, 1));
		stage_pump(st);
	}
	EXPECT(st, &p, NAMP_HELLO, 0);
	peer_close(&p);
}

/* --- a later minor version ----------------------------------------------------------------------- */

static void test_later_minor_version(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_connect(st, &p);
	/* {0: 0, 4: {"new": [1, {"a": null}], "version": [1, 7, "x"]}, 6: {"k": 1.5}} */
	assert_true(peer_send_hex(st, &p,
	                          "a3 00 00 04 a2 63 6e6577 82 01 a1 61 61 f6"
	                          "67 76657273696f6e 83 01 07 61 78 06 a1 61 6b f93e00"));
	EXPECT(st, &p, NAMP_HELLO, 0);
	struct namp_session_view v;

	assert_int_equal(namp_server_sessions(st->server, 0, 1, &v), 1);
	assert_int_equal(v.minor, 7);
	/* {0: 1, 1: 1, 2: "x", 3: 1, 4: {"new": true}, 5: 4, 9: "extension"}: an unknown flag */
	assert_true(peer_send_hex(st, &p,
	                          "a7 00 01 01 01 02 61 78 03 01 04 a1 63 6e6577 f5 05 04"
	                          "09 69 657874656e73696f6e"));
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_true(doc_bool(doc_get(p.body, "body"), "new", false));
	/* the same, and critical */
	assert_true(peer_send_hex(st, &p,
	                          "a7 00 01 01 02 02 61 78 03 01 04 a1 63 6e6577 f5 05 02"
	                          "09 69 657874656e73696f6e"));
	EXPECT(st, &p, NAMP_REPLY, 501);
	/* critical without an extension is just a request */
	assert_true(peer_send_hex(st, &p, "a5 00 01 01 03 02 61 78 03 01 05 02"));
	EXPECT(st, &p, NAMP_REPLY, 200);
	/* a critical ack with an extension is dropped; the session goes on */
	assert_true(peer_send_hex(st, &p, "a5 00 04 01 01 03 18c8 05 02 07 00"));
	/* a verb of tomorrow */
	assert_true(peer_send_hex(st, &p, "a4 00 01 01 04 02 61 78 03 18 2a"));
	EXPECT(st, &p, NAMP_REPLY, 405);
	assert_i64_equal((int64_t)p.m.id, 4);
	peer_close(&p);
}

/* --- watches ------------------------------------------------------------------------------------- */

static void publish(struct stage *st, const char *path, int64_t at_ns, size_t text_len)
{
	struct arena a = { 0 };
	struct doc *doc = doc_new_map(&a);
	char *text = arena_alloc(&a, text_len + 1);

	memset(text, 'y', text_len);
	doc_add_text(&a, doc, "text", text);
	namp_server_publish(st->server, path, (wall_t) { at_ns }, doc);
	arena_free(&a);
}

static void test_watch(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	assert_false(namp_server_is_watched(st->server, "sla/statistics/1"));
	peer_request(st, &p, NAMP_WATCH, 5, "sla/statistics");
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_true(namp_server_is_watched(st->server, "sla/statistics/1"));
	assert_true(namp_server_is_watched(st->server, "sla/statistics"));
	assert_false(namp_server_is_watched(st->server, "sla/statistics2"));
	assert_false(namp_server_is_watched(st->server, "sla"));
	publish(st, "sla/statistics/1", 77, 3);
	publish(st, "sla/result/1/latest", 78, 3);
	namp_server_publish(st->server, "sla/statistics/1", (wall_t) { 79 }, NULL);
	EXPECT(st, &p, NAMP_EVENT, 200);
	assert_i64_equal((int64_t)p.m.id, 5);
	assert_string_equal(p.subject, "sla/statistics/1");
	assert_i64_equal(doc_int(p.body, "at_ns", 0), 77);
	assert_string_equal(doc_text(doc_get(p.body, "object"), "text", ""), "yyy");
	EXPECT(st, &p, NAMP_EVENT, 410);
	assert_i64_equal(doc_int(p.body, "at_ns", 0), 79);
	assert_null(doc_get(p.body, "object"));
	/* {0: 1, 1: 6, 2: "", 3: 7, 4: {"watch": 5}} */
	assert_true(peer_send_hex(st, &p, "a5 00 01 01 06 02 60 03 07 04 a1 65 7761746368 05"));
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_false(namp_server_is_watched(st->server, "sla/statistics/1"));
	assert_true(peer_send_hex(st, &p, "a5 00 01 01 07 02 60 03 07 04 a1 65 7761746368 05"));
	EXPECT(st, &p, NAMP_REPLY, 404);
	peer_close(&p);
}

static void test_watch_limits(void **state)
{
	struct stage *st = *state;
	struct peer p;

	peer_open(st, &p);
	peer_request(st, &p, NAMP_WATCH, 1, "none");
	EXPECT(st, &p, NAMP_REPLY, 404);
	for (uint64_t id = 1; id <= 16; id++) {
		peer_request(st, &p, NAMP_WATCH, id, "message");
		EXPECT(st, &p, NAMP_REPLY, 200);
	}
	peer_request(st, &p, NAMP_WATCH, 17, "message");
	EXPECT(st, &p, NAMP_REPLY, 429);
	peer_request(st, &p, NAMP_WATCH, 16, "message");
	EXPECT(st, &p, NAMP_REPLY, 400);
	struct namp_session_view v;

	assert_int_equal(namp_server_sessions(st->server, 0, 1, &v), 1);
	assert_int_equal(v.watches, 16);
	peer_close(&p);
	PUMP_UNTIL(st, st->ended == 1);
	assert_false(namp_server_is_watched(st->server, "message"));
}

/* The answer comes first, then what is there now. */
static void test_initial_events(void **state)
{
	struct stage *st = *state;
	struct peer p;

	st->initial = 100;
	peer_open(st, &p);
	/* {0: 1, 1: 3, 2: "", 3: 6, 4: {"initial": true}}, with an answer before it */
	peer_request(st, &p, NAMP_GET, 2, "x");
	assert_true(peer_send_hex(st, &p, "a5 00 01 01 03 02 60 03 06 04 a1 67 696e697469616c f5"));
	EXPECT(st, &p, NAMP_REPLY, 200);
	EXPECT(st, &p, NAMP_REPLY, 200);
	assert_i64_equal((int64_t)p.m.id, 3);
	for (int i = 0; i < 100; i++) {
		EXPECT(st, &p, NAMP_EVENT, 200);
		assert_i64_equal(doc_int(doc_get(p.body, "object"), "row", -1), i);
	}
	peer_close(&p);
}

/* More changes than a watcher reads: what does not fit is dropped, and stated before the next. */
static void test_missed_changes(void **state)
{
	struct stage *st = *state;
	struct peer p;
	int64_t got = 0, missed = 0, last_at = 0;

	peer_open(st, &p);
	peer_request(st, &p, NAMP_WATCH, 5, "sla");
	EXPECT(st, &p, NAMP_REPLY, 200);
	for (int64_t i = 1; i <= 2000; i++) {
		publish(st, "sla/statistics/1", i, 1000);
		stage_pump(st);
	}
	struct namp_session_view v;

	assert_int_equal(namp_server_sessions(st->server, 0, 1, &v), 1);
	assert_true(v.events_missed > 0);
	while (got + missed < 2000) {
		assert_true(peer_receive(st, &p));
		assert_int_equal(p.m.kind, NAMP_EVENT);
		if (p.m.code == 206) {
			assert_i64_equal(doc_int(p.body, "from_ns", 0), last_at + 1);
			assert_i64_equal(doc_int(p.body, "to_ns", 0) - last_at,
			                 doc_int(p.body, "missed", 0));
			missed += doc_int(p.body, "missed", 0);
			last_at = doc_int(p.body, "to_ns", 0);
		} else {
			assert_i64_equal(doc_int(p.body, "at_ns", 0), last_at + 1);
			last_at++;
			got++;
		}
	}
	assert_i64_equal((int64_t)counters(st)->events_missed, missed);
	publish(st, "sla/statistics/1", 2001, 10); /* all is well again */
	EXPECT(st, &p, NAMP_EVENT, 200);
	peer_close(&p);
}

/* Somebody asks for much and reads nothing: the server stops reading, then closes. */
static void test_slow_reader(void **state)
{
	struct stage *st = *state;
	struct peer slow, other;
	uint64_t id = 1;

	peer_open(st, &slow);
	peer_open(st, &other);
	for (int64_t end_ms = t_now_ms() + 300; t_now_ms() < end_ms;) {
		struct namp_message m = { .kind = NAMP_REQUEST, .id = id, .code = NAMP_GET };
		struct frame_buffer out = { 0 };

		m.subject = (struct namp_slice) { (const uint8_t *)"big", 3 };
		assert_int_equal(frame_put(&out, &m), 0);
		ssize_t n = stream_write(&slow.stream, out.data, out.len);

		assert_true(n == -EAGAIN || n == (ssize_t)out.len);
		id += n > 0;
		frame_fini(&out);
		stage_pump(st);
	}
	assert_true(counters(st)->requests < 16); /* of many more that were sent */
	peer_request(st, &other, NAMP_GET, 1, "x");
	EXPECT(st, &other, NAMP_REPLY, 200);
	PUMP_UNTIL(st, counters(st)->closed_slow == 1);
	assert_int_equal(st->ended, 1);
	peer_close(&slow);
	peer_close(&other);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_hello),
		TEST(test_requests),
		TEST(test_late_answer),
		TEST(test_pipelining),
		TEST(test_half_closed),
		TEST(test_bye),
		TEST(test_own_end),
		TEST(test_role_changes),
		TEST(test_shutdown_says_bye),
		TEST(test_bad_beginnings),
		TEST(test_bad_messages),
		TEST(test_bad_lengths),
		TEST(test_slow_octets),
		TEST(test_later_minor_version),
		TEST(test_watch),
		TEST(test_watch_limits),
		TEST(test_initial_events),
		TEST(test_missed_changes),
		TEST(test_slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
