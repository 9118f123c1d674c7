/* SPDX-License-Identifier: Apache-2.0 */
/* Streams over real sockets, plain and under TLS, against a server that this
 * test is itself. */
#include "probe/net_stream.h"

#include "io/loop.h"
#include "io/tcp_socket.h"
#include "io/udp_socket.h"
#include "tls_maker.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_S 10
#define MUCH       (1u << 20)

/* Our side and the server's. */
struct world {
	struct loop *loop;
	struct tmr deadline;
	struct net_stream *stream;
	int peer; /* the server's end */
	struct loop_fd peer_lf;
	SSL *ssl; /* of the server */
	/* what was told */
	uint32_t secured, ends, failures, told;
	size_t got;
	uint32_t largest_turn; /* STREAM_DATA between two turns of the loop */
	int error;
	char why[320];
	mono_t turn;
	uint32_t in_turn;
	enum stream_event stop_at;
	size_t stop_octets;
	bool frees_itself;
};

static struct world w;

static void too_late(struct tmr *t, mono_t now)
{
	(void)t, (void)now;
	fail_msg("nothing came in time");
}

static void told(void *ctx, const struct probe_stream *event, mono_t now)
{
	assert_ptr_equal(ctx, &w);
	w.told++;
	if (now.ns != w.turn.ns)
		w.in_turn = 0;
	w.turn = now;
	switch (event->event) {
	case STREAM_SECURED:
		w.secured++;
		break;
	case STREAM_DATA:
		w.got += event->len;
		if (++w.in_turn > w.largest_turn)
			w.largest_turn = w.in_turn;
		break;
	case STREAM_END:
		w.ends++;
		break;
	case STREAM_FAILED:
		w.failures++;
		w.error = event->error;
		(void)snprintf(w.why, sizeof(w.why), "%s", event->why);
		break;
	}
	if (w.frees_itself) {
		net_stream_free(w.stream, false);
		w.stream = NULL;
	}
	if (event->event == w.stop_at && w.got >= w.stop_octets)
		loop_stop(w.loop);
}

/* Until an event of this kind, and so many octets. */
static void run_until(enum stream_event event, size_t octets)
{
	w.stop_at = event;
	w.stop_octets = octets;
	w.deadline.fire = too_late;
	loop_arm(w.loop, &w.deadline, mono_add_ns(loop_now(w.loop), PATIENCE_S * NS_PER_S));
	assert_int_equal(loop_run(w.loop), 0);
	loop_disarm(w.loop, &w.deadline);
}

static int setup(void **state)
{
	struct inet_endpoint local = { 0 }, from, at;
	struct sock_spec listen_spec = { .kind = SOCK_KIND_TCP_LISTEN };
	struct sock_spec spec = { .kind = SOCK_KIND_TCP_CONNECT };

	(void)state;
	memset(&w, 0, sizeof(w));
	w.loop = loop_new(clock_system());
	assert_non_null(w.loop);
	assert_int_equal(inet_addr_parse("127.0.0.1", &listen_spec.local.addr), 0);
	spec.local = listen_spec.local;
	int listener = sock_open_here(&listen_spec, NULL), fd = sock_open_here(&spec, NULL);

	assert_true(listener >= 0 && fd >= 0);
	assert_int_equal(sock_local(listener, &local), 0);
	assert_int_equal(tcp_connect_start(fd, &local, 0), 0);
	do
		w.peer = tcp_accept(listener, &from, &at);
	while (w.peer == -EAGAIN);
	assert_true(w.peer >= 0);
	(void)close(listener);
	while (tcp_connect_result(fd) == -EINPROGRESS)
		;
	w.peer_lf.fd = -1;
	assert_int_equal(net_stream_new(w.loop, fd, told, &w, &w.stream), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	net_stream_free(w.stream, false);
	if (w.peer_lf.fd >= 0)
		loop_remove(w.loop, &w.peer_lf);
	SSL_free(w.ssl);
	if (w.peer >= 0)
		(void)close(w.peer);
	loop_free(w.loop);
	return 0;
}

static void peer_says(const char *text)
{
	assert_int_equal(write(w.peer, text, strlen(text)), strlen(text));
}

static void octets_go_both_ways(void **state)
{
	char buf[16];

	(void)state;
	assert_int_equal(net_stream_write(w.stream, (const uint8_t *)"hello", 5), 0);
	while (recv(w.peer, buf, sizeof(buf), MSG_DONTWAIT | MSG_PEEK) < 5)
		;
	peer_says("good day");
	run_until(STREAM_DATA, 8);
	assert_int_equal(w.got, 8);
	assert_int_equal(shutdown(w.peer, SHUT_WR), 0);
	run_until(STREAM_END, 8);
	assert_int_equal(w.ends, 1);
	assert_int_equal(w.failures, 0);
	/* The other half is still open. */
	assert_int_equal(net_stream_write(w.stream, (const uint8_t *)"bye", 3), 0);
}

static void what_does_not_go_out_waits_up_to_a_limit(void **state)
{
	static uint8_t much[NET_STREAM_WAITING_MAX];
	size_t put = 0;
	int rc;

	(void)state;
	while ((rc = net_stream_write(w.stream, much, sizeof(much))) == 0) {
		put += sizeof(much);
		assert_true(put < (64u << 20));
	}
	assert_int_equal(rc, -ENOBUFS);
	assert_int_equal(w.told, 0);
	/* Once the peer reads, what waits goes out and nothing is lost. */
	size_t seen = 0;

	while (seen < put - NET_STREAM_WAITING_MAX) {
		ssize_t n = recv(w.peer, much, sizeof(much), MSG_DONTWAIT);

		assert_true(n > 0 || errno == EAGAIN);
		seen += n > 0 ? (size_t)n : 0;
	}
}

static void a_fast_peer_does_not_keep_the_loop(void **state)
{
	static char much[MUCH];
	size_t put = 0;

	(void)state;
	for (;;) {
		ssize_t n = send(w.peer, much, sizeof(much), MSG_DONTWAIT);

		if (n <= 0)
			break;
		put += (size_t)n;
	}
	assert_true(put > 4 * 16384u);
	run_until(STREAM_DATA, put);
	assert_int_equal(w.got, put);
	assert_true(w.largest_turn <= 4);
}

static void a_reset_is_told_once(void **state)
{
	(void)state;
	tcp_abort(w.peer);
	w.peer = -1;
	run_until(STREAM_FAILED, 0);
	assert_int_equal(w.error, -ECONNRESET);
	assert_string_equal(w.why, "Connection reset by peer");
	assert_int_equal(net_stream_write(w.stream, (const uint8_t *)"x", 1), -EPIPE);
	assert_int_equal(w.failures, 1);
}

static void who_is_told_may_free_it(void **state)
{
	(void)state;
	w.frees_itself = true;
	peer_says("octets");
	run_until(STREAM_DATA, 6);
	assert_null(w.stream);
	assert_int_equal(w.told, 1);
}

/* --- TLS ----------------------------------------------------------------- */

static void serve_tls(struct loop_fd *lf, uint32_t events, mono_t now)
{
	char buf[64];

	(void)lf, (void)events, (void)now;
	int n = SSL_read(w.ssl, buf, sizeof(buf));

	if (n > 0)
		assert_int_equal(SSL_write(w.ssl, "secret", 6), 6);
	ERR_clear_error();
}

static SSL_CTX *make_server(const struct maker_files *files)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	BIO *cert = BIO_new_mem_buf(files->cert, -1), *key = BIO_new_mem_buf(files->key, -1);
	X509 *x = PEM_read_bio_X509(cert, NULL, NULL, NULL);
	EVP_PKEY *k = PEM_read_bio_PrivateKey(key, NULL, NULL, NULL);

	assert_int_equal(SSL_CTX_use_certificate(ctx, x), 1);
	assert_int_equal(SSL_CTX_use_PrivateKey(ctx, k), 1);
	X509_free(x);
	EVP_PKEY_free(k);
	BIO_free(cert);
	BIO_free(key);
	return ctx;
}

/* A server with this certificate, and a context that trusts ``ca``. */
static struct tls_context *begin_tls(const struct maker_ca *ca, const struct maker_wish *wish)
{
	char path[] = "/tmp/net-stream-XXXXXX";
	struct maker_files files = maker_issue(ca, wish);
	SSL_CTX *server = make_server(&files);
	struct tls_context *c;
	struct diag d;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, ca->pem, strlen(ca->pem)), strlen(ca->pem));
	(void)close(fd);
	assert_int_equal(setenv("SSL_CERT_FILE", path, 1), 0);
	assert_int_equal(tls_context_new_browsing(&c, &d), 0);
	assert_string_equal(d.text, path);
	(void)unlink(path);
	w.ssl = SSL_new(server);
	SSL_CTX_free(server);
	assert_int_equal(SSL_set_fd(w.ssl, w.peer), 1);
	SSL_set_accept_state(w.ssl);
	w.peer_lf = (struct loop_fd) { w.peer, serve_tls };
	assert_int_equal(loop_add(w.loop, &w.peer_lf, EPOLLIN), 0);
	maker_files_free(&files);
	return c;
}

static const struct maker_wish good = { .name = "s", .san = "DNS:*.a.example,IP:127.0.0.1" };

static void tls_carries_octets_that_were_written_before(void **state)
{
	struct maker_ca ca = maker_ca_new("CA");
	struct tls_context *c = begin_tls(&ca, &good);

	(void)state;
	assert_int_equal(net_stream_secure(w.stream, c, "www.a.example", true), 0);
	assert_int_equal(net_stream_secure(w.stream, c, "www.a.example", true), -EALREADY);
	assert_int_equal(net_stream_write(w.stream, (const uint8_t *)"ask", 3), 0);
	run_until(STREAM_DATA, 6);
	assert_int_equal(w.secured, 1);
	assert_int_equal(w.got, 6);
	assert_int_equal(w.failures, 0);
	tls_context_free(c);
	maker_ca_free(&ca);
}

static void certificates_are_held_against_name_and_anchors(void **state)
{
	static const struct {
		struct maker_wish wish;
		const char *name, *why;
		bool verify, is_stranger;
	} cases[] = {
		{ { .name = "s", .san = "IP:127.0.0.1" }, "127.0.0.1", NULL, true, false },
		{ { .name = "s", .san = "DNS:a.example" },
		  "b.example",
		  "the server's certificate is for a.example, not for b.example",
		  true,
		  false },
		{ { .name = "s", .san = "DNS:a.example", .begins_s = -7200, .ends_s = -3600 },
		  "a.example",
		  "the certificate of a.example expired on",
		  true,
		  false },
		{ { .name = "s", .san = "DNS:a.example" },
		  "a.example",
		  "is not by a CA that this host trusts",
		  true,
		  true },
		{ { .name = "s", .san = "DNS:a.example", .begins_s = -7200, .ends_s = -3600 },
		  "b.example",
		  NULL,
		  false,
		  true },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct maker_ca ca = maker_ca_new("CA"), other = maker_ca_new("other");
		struct tls_context *c;

		if (i > 0) {
			assert_int_equal(teardown(state), 0);
			assert_int_equal(setup(state), 0);
		}
		c = begin_tls(&ca, &cases[i].wish);
		if (cases[i].is_stranger) {
			tls_context_free(c);
			assert_int_equal(setenv("SSL_CERT_FILE", "/dev/null", 1), 0);
			assert_int_equal(tls_context_new_browsing(&c, NULL), 0);
		}
		assert_int_equal(net_stream_secure(w.stream, c, cases[i].name, cases[i].verify), 0);
		run_until(cases[i].why ? STREAM_FAILED : STREAM_SECURED, 0);
		assert_int_equal(w.secured, cases[i].why == NULL);
		if (cases[i].why) {
			assert_int_equal(w.error, -EPROTO);
			if (!strstr(w.why, cases[i].why))
				fail_msg("'%s' lacks '%s'", w.why, cases[i].why);
		}
		tls_context_free(c);
		maker_ca_free(&ca);
		maker_ca_free(&other);
	}
}

static void a_server_without_tls_is_seen(void **state)
{
	struct tls_context *c;

	(void)state;
	assert_int_equal(setenv("SSL_CERT_FILE", "/dev/null", 1), 0);
	assert_int_equal(tls_context_new_browsing(&c, NULL), 0);
	assert_int_equal(net_stream_secure(w.stream, c, "a.example", true), 0);
	peer_says("HTTP/1.1 400 Bad Request\r\n\r\n");
	run_until(STREAM_FAILED, 0);
	assert_int_equal(w.error, -EPROTO);
	assert_string_equal(w.why, "the other side does not speak TLS at this port");
	tls_context_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(octets_go_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(what_does_not_go_out_waits_up_to_a_limit, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_fast_peer_does_not_keep_the_loop, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_reset_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_told_may_free_it, setup, teardown),
		cmocka_unit_test_setup_teardown(tls_carries_octets_that_were_written_before, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(certificates_are_held_against_name_and_anchors,
		                                setup, teardown),
		cmocka_unit_test_setup_teardown(a_server_without_tls_is_seen, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
