/* SPDX-License-Identifier: Apache-2.0 */
/* The NAMP server over TLS, and each limit of docs/namp.md section 12 with its counter. */
#include "tls_peer.h"

static struct tls_stage t;

static int teardown(void **state)
{
	(void)state;
	tls_stage_end(&t);
	return 0;
}

static void begin(const struct namp_limits *limits)
{
	tls_stage_begin(&t, limits);
}

static const struct namp_server_counters *c(void)
{
	return counters(&t.st);
}

static void test_people_and_keys(void **state)
{
	struct namp_session_view v[3];
	struct peer alice, dave;

	(void)state;
	begin(NULL);
	t.st.role = ROLE_VIEWER;
	peer_open_tls(&t, &alice, &t.alice);
	assert_string_equal(doc_text(alice.body, "identity", ""), "alice");
	assert_string_equal(doc_text(alice.body, "role", ""), "viewer");
	peer_open_tls(&t, &dave, NULL);
	assert_string_equal(doc_text(dave.body, "identity", ""), "dave");
	peer_request(&t.st, &alice, NAMP_GET, 1, "big");
	EXPECT(&t.st, &alice, NAMP_REPLY, 200);
	assert_string_equal(doc_text(alice.body, "who", ""), "alice");
	assert_int_equal(namp_server_sessions(t.st.server, 0, 3, v), 2);
	assert_false(v[0].used_key || v[0].is_local);
	assert_true(v[1].used_key);
	assert_memory_equal(v[0].caller.origin, "127.0.0.1:", 10);
	assert_int_equal(namp_server_sessions(t.st.server, v[0].caller.session, 3, v), 1);
	peer_close(&alice);
	peer_close(&dave);
}

/* --- before hello -------------------------------------------------------------------------------- */

static void test_greeting_of_one_address(void **state)
{
	int fd[4];

	(void)state;
	begin(&(struct namp_limits) { .greeting = 10, .greeting_per_address = 2 });
	for (int i = 0; i < 3; i++)
		fd[i] = tls_stage_dial(&t, 7);
	fd[3] = tls_stage_dial(&t, 8);
	PUMP_UNTIL(&t.st, is_closed(fd[0])); /* who waits longest */
	assert_i64_equal((int64_t)c()->refused_greeting_address, 1);
	assert_i64_equal((int64_t)c()->refused_greeting, 0);
	for (int i = 1; i < 4; i++)
		assert_false(is_closed(fd[i]));
	for (int i = 0; i < 4; i++)
		(void)close(fd[i]);
}

static void test_greeting_in_all(void **state)
{
	int fd[4];

	(void)state;
	begin(&(struct namp_limits) { .greeting = 3, .greeting_per_address = 2 });
	for (uint8_t i = 0; i < 4; i++)
		fd[i] = tls_stage_dial(&t, (uint8_t)(7 + i));
	PUMP_UNTIL(&t.st, is_closed(fd[0]));
	assert_i64_equal((int64_t)c()->refused_greeting, 1);
	for (int i = 1; i < 4; i++)
		assert_false(is_closed(fd[i]));
	for (int i = 0; i < 4; i++)
		(void)close(fd[i]);
}

/* Strangers at the TCP port take no place from people on the host, nor the other way. */
static void test_strangers_and_local_people(void **state)
{
	struct peer p;
	int fd[3];

	(void)state;
	begin(&(struct namp_limits) { .greeting = 2, .greeting_per_address = 2 });
	fd[0] = tls_stage_dial(&t, 1);
	peer_connect(&t.st, &p);
	fd[1] = tls_stage_dial(&t, 1);
	fd[2] = tls_stage_dial(&t, 1);
	peer_greet(&t.st, &p);
	for (int i = 0; i < 3; i++)
		(void)close(fd[i]);
	peer_close(&p);
}

static void test_handshake_time_out(void **state)
{
	(void)state;
	begin(&(struct namp_limits) { .handshake_timeout_s = 1 });
	int silent = tls_stage_dial(&t, 1), half = tls_stage_dial(&t, 2);

	assert_int_equal(send(half, "\x16\x03\x01\x02\x00\x01", 6, 0), 6);
	PUMP_UNTIL(&t.st, is_closed(silent) && is_closed(half));
	assert_i64_equal((int64_t)c()->handshake_timeouts, 2);
	(void)close(silent);
	(void)close(half);
}

static void test_greeting_time_out(void **state)
{
	struct peer p;

	(void)state;
	begin(&(struct namp_limits) { .handshake_timeout_s = 1 });
	peer_shake(&t, &p, &t.alice);
	EXPECT(&t.st, &p, NAMP_BYE, 408);
	EXPECT_END(&t.st, &p);
	assert_i64_equal((int64_t)c()->greeting_timeouts, 1);
	peer_close(&p);
}

/* Each kind of failure of the handshake has its counter; the kinds themselves: test_tls.c. */
static void test_handshake_failures(void **state)
{
	char *crl;
	struct peer p;
	int fd;

	(void)state;
	begin(NULL);
	fd = tls_stage_dial(&t, 1);
	assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
	PUMP_UNTIL(&t.st, c()->handshake_failures[TLS_FAIL_PLAINTEXT] == 1);
	PUMP_UNTIL(&t.st, is_closed(fd));
	(void)close(fd);
	crl = maker_crl(&t.ca, 3, MAKER_DAY_S);
	namp_server_set_tls(t.st.server, tls_stage_context(&t, crl));
	peer_shake(&t, &p, &t.alice); /* from our side all is done: TLS 1.3 */
	(void)peer_send_hex(&t.st, &p, HELLO_HEX);
	EXPECT_END(&t.st, &p);
	assert_int_equal(tls_error(p.stream.tls, NULL), TLS_FAIL_PEER_ALERT);
	assert_i64_equal((int64_t)c()->handshake_failures[TLS_FAIL_REVOKED], 1);
	peer_close(&p);
	namp_server_set_tls(t.st.server, NULL);
	fd = tls_stage_dial(&t, 1);
	PUMP_UNTIL(&t.st, is_closed(fd));
	(void)close(fd);
	free(crl);
	assert_int_equal(t.st.began, 0);
}

/* --- sessions ------------------------------------------------------------------------------------ */

static void test_sessions_of_one_name(void **state)
{
	struct peer p[3];

	(void)state;
	begin(&(struct namp_limits) { .sessions_per_name = 2 });
	peer_open_tls(&t, &p[0], &t.alice);
	peer_open_tls(&t, &p[1], &t.alice);
	peer_shake(&t, &p[2], &t.alice);
	assert_true(peer_send_hex(&t.st, &p[2], HELLO_HEX));
	EXPECT(&t.st, &p[2], NAMP_BYE, 429);
	EXPECT_END(&t.st, &p[2]);
	assert_i64_equal((int64_t)c()->refused_sessions_name, 1);
	peer_close(&p[2]);
	peer_open_tls(&t, &p[2], &t.bob); /* another name has room */
	for (int i = 0; i < 3; i++)
		peer_close(&p[i]);
}

static void test_sessions_in_all(void **state)
{
	struct peer p[3], admin;

	(void)state;
	begin(&(struct namp_limits) { .sessions = 3 });
	t.st.role = ROLE_VIEWER;
	t.st.other_name = "alice";
	t.st.other_role = ROLE_ADMINISTRATOR;
	for (int i = 0; i < 3; i++)
		peer_open_tls(&t, &p[i], &t.bob);
	peer_shake(&t, &admin, &t.carol); /* a viewer has to wait */
	assert_true(peer_send_hex(&t.st, &admin, HELLO_HEX));
	EXPECT(&t.st, &admin, NAMP_BYE, 429);
	peer_close(&admin);
	assert_i64_equal((int64_t)c()->refused_sessions, 1);
	peer_request(&t.st, &p[0], NAMP_GET, 1, "x"); /* now the second is idle for longest */
	EXPECT(&t.st, &p[0], NAMP_REPLY, 200);
	peer_open_tls(&t, &admin, &t.alice);
	EXPECT(&t.st, &p[1], NAMP_BYE, 429);
	EXPECT_END(&t.st, &p[1]);
	assert_i64_equal((int64_t)c()->evicted, 1);
	assert_int_equal(namp_server_session_count(t.st.server), 3);
	assert_int_equal(t.st.last_end_code, 429);
	for (int i = 0; i < 3; i++)
		peer_close(&p[i]);
	peer_close(&admin);
}

/* Administrators do not push each other out. */
static void test_only_administrators(void **state)
{
	struct peer first, second;

	(void)state;
	begin(&(struct namp_limits) { .sessions = 1 });
	peer_open_tls(&t, &first, &t.alice);
	peer_shake(&t, &second, &t.bob);
	assert_true(peer_send_hex(&t.st, &second, HELLO_HEX));
	EXPECT(&t.st, &second, NAMP_BYE, 429);
	assert_i64_equal((int64_t)c()->evicted, 0);
	peer_close(&first);
	peer_close(&second);
}

static void test_idle_time_out(void **state)
{
	struct peer idle, watcher, waiting;

	(void)state;
	begin(&(struct namp_limits) { .idle_timeout_s = 1 });
	peer_open_tls(&t, &watcher, &t.alice);
	peer_request(&t.st, &watcher, NAMP_WATCH, 1, "message");
	EXPECT(&t.st, &watcher, NAMP_REPLY, 200);
	peer_open_tls(&t, &waiting, &t.alice);
	peer_request(&t.st, &waiting, NAMP_RUN, 1, "later");
	peer_open_tls(&t, &idle, &t.alice);
	int64_t began_ms = t_now_ms();

	EXPECT(&t.st, &idle, NAMP_BYE, 408);
	EXPECT_END(&t.st, &idle);
	assert_true(t_now_ms() - began_ms >= 900);
	assert_i64_equal((int64_t)c()->closed_idle, 1);
	assert_int_equal(namp_server_session_count(t.st.server), 2);
	struct diag none = { 0 };

	assert_true(namp_server_finish(t.st.server, t.st.ticket, 0, NULL, &none));
	EXPECT(&t.st, &waiting, NAMP_REPLY, 200);
	EXPECT(&t.st, &waiting, NAMP_BYE, 408); /* from its answer on it is idle */
	peer_close(&idle);
	peer_close(&watcher);
	peer_close(&waiting);
}

static void test_revoked_while_open(void **state)
{
	struct peer alice, bob, dave;
	char *crl;

	(void)state;
	begin(NULL);
	crl = maker_crl(&t.ca, 3, MAKER_DAY_S);
	peer_open_tls(&t, &alice, &t.alice);
	peer_open_tls(&t, &bob, &t.bob);
	peer_open_tls(&t, &dave, NULL);
	namp_server_set_tls(t.st.server, tls_stage_context(&t, crl));
	namp_server_recheck(t.st.server);
	EXPECT(&t.st, &alice, NAMP_BYE, 403);
	EXPECT_END(&t.st, &alice);
	assert_i64_equal((int64_t)c()->closed_revoked, 1);
	peer_request(&t.st, &bob, NAMP_GET, 1, "x");
	EXPECT(&t.st, &bob, NAMP_REPLY, 200);
	t.has_new_secret = true; /* of the same name */
	namp_server_recheck(t.st.server);
	EXPECT(&t.st, &dave, NAMP_BYE, 403);
	assert_i64_equal((int64_t)c()->closed_revoked, 2);
	assert_int_equal(namp_server_session_count(t.st.server), 1);
	peer_close(&alice);
	peer_close(&bob);
	peer_close(&dave);
	free(crl);
}

/* Revoked between its handshake and its hello. */
static void test_revoked_before_hello(void **state)
{
	struct peer p;
	char *crl;

	(void)state;
	begin(NULL);
	crl = maker_crl(&t.ca, 3, MAKER_DAY_S);
	peer_shake(&t, &p, &t.alice);
	for (int i = 0; i < 10; i++)
		stage_pump(&t.st);
	namp_server_set_tls(t.st.server, tls_stage_context(&t, crl));
	namp_server_recheck(t.st.server);
	assert_true(peer_send_hex(&t.st, &p, HELLO_HEX));
	EXPECT(&t.st, &p, NAMP_BYE, 403);
	assert_int_equal(t.st.began, 0);
	peer_close(&p);
	free(crl);
}

/* The listener goes, those who are in stay. */
static void test_stop_listening(void **state)
{
	struct peer p, local;

	(void)state;
	begin(NULL);
	peer_open_tls(&t, &p, &t.alice);
	namp_server_stop_tls(t.st.server);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&t.at, sizeof(t.at)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	(void)close(fd);
	peer_request(&t.st, &p, NAMP_GET, 1, "x");
	EXPECT(&t.st, &p, NAMP_REPLY, 200);
	peer_open(&t.st, &local);
	peer_close(&p);
	peer_close(&local);
}

/* Somebody reads nothing; over TLS the server notices as well. */
static void test_slow_reader(void **state)
{
	struct peer p;

	(void)state;
	begin(NULL);
	peer_open_tls(&t, &p, &t.alice);
	for (uint64_t id = 1; id <= 64; id++)
		peer_request(&t.st, &p, NAMP_GET, id, "big");
	PUMP_UNTIL(&t.st, c()->closed_slow == 1);
	assert_true(c()->requests < 64);
	peer_close(&p);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_teardown(name, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_people_and_keys),      TEST(test_greeting_of_one_address),
		TEST(test_greeting_in_all),      TEST(test_strangers_and_local_people),
		TEST(test_handshake_time_out),   TEST(test_greeting_time_out),
		TEST(test_handshake_failures),   TEST(test_sessions_of_one_name),
		TEST(test_sessions_in_all),      TEST(test_only_administrators),
		TEST(test_idle_time_out),        TEST(test_revoked_while_open),
		TEST(test_revoked_before_hello), TEST(test_stop_listening),
		TEST(test_slow_reader),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
