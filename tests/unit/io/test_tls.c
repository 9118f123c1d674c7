/* SPDX-License-Identifier: Apache-2.0 */
/* TLS between two ends of a socket pair: what is let through, and why the rest is not. */
#include "tls_maker.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

static struct maker_ca ours, theirs;
static struct maker_files node, person, expired, early, foreign, nameless, useless, second;

static const struct maker_wish node_wish = {
	.name = "node1",
	.san = "DNS:node1.example,DNS:*.wild.example,IP:192.0.2.1,IP:2001:db8::1",
	.use = "serverAuth,clientAuth",
	.serial = 2,
};

static int make_files(void **state)
{
	(void)state;
	ours = maker_ca_new("our CA");
	theirs = maker_ca_new("our CA"); /* the same name, another key */
	node = maker_issue(&ours, &node_wish);
	person = maker_issue(
	        &ours, &(struct maker_wish) { .name = "alice", .use = "clientAuth", .serial = 3 });
	second = maker_issue(
	        &ours, &(struct maker_wish) { .name = "bob", .use = "clientAuth", .serial = 4 });
	expired = maker_issue(&ours, &(struct maker_wish) { .name = "carol",
	                                                    .use = "clientAuth",
	                                                    .begins_s = -20 * MAKER_DAY_S,
	                                                    .ends_s = -10 * MAKER_DAY_S });
	early = maker_issue(&ours, &(struct maker_wish) { .name = "carol",
	                                                  .use = "clientAuth",
	                                                  .begins_s = 10 * MAKER_DAY_S,
	                                                  .ends_s = 20 * MAKER_DAY_S });
	foreign = maker_issue(&theirs, &(struct maker_wish) { .name = "alice",
	                                                      .use = "clientAuth,serverAuth",
	                                                      .san = "DNS:node1.example" });
	nameless = maker_issue(&ours,
	                       &(struct maker_wish) { .name = "local:root", .use = "clientAuth" });
	useless = maker_issue(&ours, &(struct maker_wish) { .name = "alice" });
	return 0;
}

static int free_files(void **state)
{
	struct maker_files *all[] = { &node,  &person,  &second,  &expired,
		                      &early, &foreign, &useless, &nameless };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		maker_files_free(all[i]);
	maker_ca_free(&ours);
	maker_ca_free(&theirs);
	return 0;
}

/* --- contexts ------------------------------------------------------------------------------------ */

static uint8_t secret[32] = { 1, 2, 3 }, other_secret[32] = { 3, 2, 1 };

static bool find_key(void *ctx, const char *name, size_t len, struct tls_key *ret)
{
	(void)ctx;
	if (len != 4 || memcmp(name, "key1", 4) != 0)
		return false;
	*ret = (struct tls_key) { .peer = "bob", .secret_len = sizeof(secret) };
	memcpy(ret->secret, secret, sizeof(secret));
	return true;
}

static struct tls_context *context(const struct tls_cfg *cfg)
{
	struct tls_context *c = NULL;
	struct diag d = { 0 };

	if (tls_context_new(cfg, &c, &d) < 0)
		fail_msg("%s", d.text);
	return c;
}

static struct tls_context *serving(const char *crl)
{
	struct tls_cfg cfg = { .role = TLS_SERVE,
		               .alpn = "namp/1",
		               .identity = maker_identity(&ours, &node, crl),
		               .find_key = find_key };

	return context(&cfg);
}

static struct tls_context *connecting(const struct maker_files *f)
{
	struct tls_cfg cfg = { .role = TLS_CONNECT,
		               .alpn = "namp/1",
		               .identity = maker_identity(&ours, f, NULL) };

	return context(&cfg);
}

static struct tls_context *with_key(const char *name, const uint8_t *key)
{
	struct tls_cfg cfg = { .role = TLS_CONNECT,
		               .alpn = "namp/1",
		               .key_name = name,
		               .key_secret = key,
		               .key_secret_len = 32 };

	return context(&cfg);
}

/* --- both ends ----------------------------------------------------------------------------------- */

struct ends {
	int fd[2]; /* serving, connecting */
	struct tls *server, *client;
	int server_rc, client_rc;
};

static void open_pair(int fd[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
}

/* Until both have come to something. */
static void shake(struct ends *e)
{
	e->server_rc = e->client_rc = -EAGAIN;
	for (int i = 0; i < 100 && (e->server_rc == -EAGAIN || e->client_rc == -EAGAIN); i++) {
		if (e->client_rc == -EAGAIN)
			e->client_rc = tls_handshake(e->client);
		if (e->server_rc == -EAGAIN)
			e->server_rc = tls_handshake(e->server);
	}
}

static void meet(struct ends *e, struct tls_context *server, struct tls_context *client,
                 const char *name)
{
	open_pair(e->fd);
	e->server = tls_new(server, e->fd[0], NULL);
	e->client = tls_new(client, e->fd[1], name);
	assert_non_null(e->server);
	assert_non_null(e->client);
	tls_context_free(server); /* they live on in the connections */
	tls_context_free(client);
	shake(e);
	struct diag d = { 0 };

	if (tls_error(e->server, &d) != TLS_OK)
		print_message("serving: %s\n", d.text);
	if (tls_error(e->client, &d) != TLS_OK)
		print_message("connecting: %s\n", d.text);
}

static void part(struct ends *e)
{
	tls_free(e->server);
	tls_free(e->client);
	(void)close(e->fd[0]);
	(void)close(e->fd[1]);
}

/* What the connecting side is told: by the handshake, or by its first read. */
static enum tls_failure client_verdict(struct ends *e, struct diag *d)
{
	uint8_t octet;

	if (e->client_rc == 0)
		assert_int_equal(tls_read(e->client, &octet, 1), -EPROTO);
	return tls_error(e->client, d);
}

static void test_certificates(void **state)
{
	struct ends e;
	uint8_t buf[64];

	(void)state;
	meet(&e, serving(NULL), connecting(&person), "node1.example");
	assert_int_equal(e.server_rc, 0);
	assert_int_equal(e.client_rc, 0);
	assert_string_equal(tls_peer_name(e.server), "alice");
	assert_string_equal(tls_peer_name(e.client), "node1");
	assert_false(tls_peer_used_key(e.server));
	assert_null(tls_key_name(e.server));
	assert_int_equal(tls_error(e.server, NULL), TLS_OK);
	assert_int_equal(tls_read(e.server, buf, sizeof(buf)), -EAGAIN);
	assert_int_equal(tls_wants(e.server), TLS_WANT_READ);
	assert_int_equal(tls_write(e.client, "hello", 5), 5);
	assert_int_equal(tls_read(e.server, buf, 2), 2);
	assert_true(tls_has_pending(e.server));
	assert_int_equal(tls_read(e.server, buf + 2, sizeof(buf) - 2), 3);
	assert_memory_equal(buf, "hello", 5);
	tls_close_notify(e.client);
	assert_int_equal(tls_read(e.server, buf, sizeof(buf)), 0);
	part(&e);
}

/* Much more than a socket takes: partial writes, and the buffer may move. */
static void test_much(void **state)
{
	struct ends e;
	size_t total = 3u << 20, sent = 0, got = 0;
	uint8_t *data = malloc(total), *back = malloc(total);

	(void)state;
	assert_true(data && back);
	for (size_t i = 0; i < total; i++)
		data[i] = (uint8_t)(i * 7 + i / 251);
	meet(&e, serving(NULL), connecting(&person), NULL);
	while (got < total) {
		uint8_t *moved = malloc(total - sent + 1);

		memcpy(moved, data + sent, total - sent);
		long n = sent < total ? tls_write(e.client, moved, total - sent) : -EAGAIN;

		free(moved);
		assert_true(n > 0 || n == -EAGAIN);
		sent += n > 0 ? (size_t)n : 0;
		n = tls_read(e.server, back + got, total - got);
		assert_true(n > 0 || n == -EAGAIN);
		got += n > 0 ? (size_t)n : 0;
	}
	assert_memory_equal(data, back, total);
	free(data);
	free(back);
	part(&e);
}

static void test_key(void **state)
{
	struct ends e;

	(void)state;
	meet(&e, serving(NULL), with_key("key1", secret), "node1.example");
	assert_int_equal(e.server_rc, 0);
	assert_int_equal(e.client_rc, 0);
	assert_string_equal(tls_peer_name(e.server), "bob");
	assert_string_equal(tls_key_name(e.server), "key1");
	assert_true(tls_peer_used_key(e.server));
	assert_true(tls_peer_used_key(e.client));
	struct tls_context *now = serving(NULL);

	assert_int_equal(tls_recheck(e.server, now), TLS_OK);
	assert_int_equal(tls_recheck(e.server, NULL), TLS_OK);
	secret[0] ^= 1; /* another secret of the same name */
	assert_int_equal(tls_recheck(e.server, now), TLS_FAIL_KEY);
	assert_int_equal(tls_recheck(e.server, NULL), TLS_FAIL_KEY);
	secret[0] ^= 1;
	tls_context_free(now);
	struct tls_cfg cfg = { .role = TLS_SERVE,
		               .alpn = "namp/1",
		               .identity = maker_identity(&ours, &node, NULL) };

	now = context(&cfg); /* no keys at all */
	assert_int_equal(tls_recheck(e.server, now), TLS_FAIL_KEY);
	tls_context_free(now);
	part(&e);
}

/* Nobody falls back to certificates. */
static void test_bad_keys(void **state)
{
	struct ends e;
	struct diag d = { 0 };

	(void)state;
	meet(&e, serving(NULL), with_key("key2", secret), "node1.example");
	assert_int_equal(e.server_rc, -EPROTO);
	assert_int_equal(tls_error(e.server, NULL), TLS_FAIL_KEY);
	assert_int_equal(client_verdict(&e, &d), TLS_FAIL_PEER_ALERT);
	assert_string_equal(d.text, "the node refuses the key: is it configured there, with this "
	                            "name and secret?");
	part(&e);
	meet(&e, serving(NULL), with_key("key1", other_secret), "node1.example");
	assert_int_equal(e.server_rc, -EPROTO);
	assert_int_equal(tls_error(e.server, NULL), TLS_FAIL_KEY);
	assert_int_equal(client_verdict(&e, &d), TLS_FAIL_PEER_ALERT);
	part(&e);
	/* a node without any keys does not fall back to its certificate either */
	struct tls_cfg cfg = { .role = TLS_SERVE,
		               .alpn = "namp/1",
		               .identity = maker_identity(&ours, &node, NULL) };

	meet(&e, context(&cfg), with_key("key1", secret), "node1.example");
	assert_int_equal(e.server_rc, -EPROTO);
	assert_int_equal(tls_error(e.server, NULL), TLS_FAIL_KEY);
	assert_int_equal(client_verdict(&e, &d), TLS_FAIL_PEER_ALERT);
	part(&e);
}

/* A node with keys alone. */
static void test_keys_alone(void **state)
{
	struct tls_cfg cfg = { .role = TLS_SERVE, .alpn = "namp/1", .find_key = find_key };
	struct ends e;

	(void)state;
	meet(&e, context(&cfg), with_key("key1", secret), "node1.example");
	assert_int_equal(e.server_rc, 0);
	assert_int_equal(e.client_rc, 0);
	part(&e);
	meet(&e, context(&cfg), connecting(&person), "node1.example");
	assert_int_equal(e.server_rc, -EPROTO);
	assert_int_not_equal(e.client_rc, 0);
	part(&e);
}

static void test_bad_people(void **state)
{
	/* our own side would refuse some of these files: OpenSSL connects with them */
	static const struct {
		const char *what;
		const struct maker_files *files;
		const struct maker_ca *ca;
		enum tls_failure failure;
	} cases[] = {
		{ "expired", &expired, &ours, TLS_FAIL_EXPIRED },
		{ "early", &early, &ours, TLS_FAIL_EXPIRED },
		{ "foreign", &foreign, &theirs, TLS_FAIL_UNTRUSTED },
		{ "local: name", &nameless, &ours, TLS_FAIL_NAME },
		{ "no use", &useless, &ours, TLS_FAIL_UNTRUSTED },
		{ "none", NULL, NULL, TLS_FAIL_NO_CERT },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		SSL_CTX *raw = SSL_CTX_new(TLS_client_method());
		struct tls_context *server = serving(NULL);
		int fd[2], rc = -EAGAIN;

		assert_int_equal(SSL_CTX_set_alpn_protos(raw, (const uint8_t *)"\6namp/1", 7), 0);
		if (cases[i].files) {
			BIO *b = BIO_new_mem_buf(cases[i].files->cert, -1);
			X509 *cert = PEM_read_bio_X509(b, NULL, NULL, NULL);

			BIO_free(b);
			b = BIO_new_mem_buf(cases[i].files->key, -1);
			EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);

			BIO_free(b);
			assert_int_equal(SSL_CTX_use_certificate(raw, cert), 1);
			assert_int_equal(SSL_CTX_use_PrivateKey(raw, key), 1);
			X509_free(cert);
			EVP_PKEY_free(key);
		}
		open_pair(fd);
		SSL *client = SSL_new(raw);
		struct tls *t = tls_new(server, fd[0], NULL);

		(void)SSL_set_fd(client, fd[1]);
		for (int n = 0; n < 100 && rc == -EAGAIN; n++) {
			(void)SSL_connect(client);
			rc = tls_handshake(t);
		}
		assert_int_equal(rc, -EPROTO);
		print_message("%s: %s\n", cases[i].what, tls_failure_name(tls_error(t, NULL)));
		assert_int_equal(tls_error(t, NULL), cases[i].failure);
		tls_free(t);
		tls_context_free(server);
		SSL_free(client);
		SSL_CTX_free(raw);
		(void)close(fd[0]);
		(void)close(fd[1]);
	}
}

static void test_server_names(void **state)
{
	static const struct {
		const char *name;
		bool is_good;
	} cases[] = {
		{ "node1.example", true },   { "NODE1.example", true }, { "node1.example.", true },
		{ "192.0.2.1", true },       { "2001:db8::1", true },   { "node2.example", false },
		{ "a.wild.example", false }, { "192.0.2.2", false },    { "node1", false },
		{ "2001:db8::2", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ends e;
		struct diag d = { 0 };

		meet(&e, serving(NULL), connecting(&person), cases[i].name);
		print_message("%s\n", cases[i].name);
		assert_int_equal(e.client_rc, cases[i].is_good ? 0 : -EPROTO);
		if (!cases[i].is_good)
			assert_int_equal(tls_error(e.client, &d), TLS_FAIL_NAME);
		if (strcmp(cases[i].name, "node2.example") == 0) {
			assert_string_equal(d.text,
			                    "the node's certificate is for node1.example, "
			                    "*.wild.example, 192.0.2.1, 2001:db8::1, not for "
			                    "node2.example");
			assert_int_equal(tls_error(e.server, NULL), TLS_FAIL_PEER_ALERT);
		}
		part(&e);
	}
}

/* A person's certificate cannot serve, another CA's is not trusted, an outdated one says since when. */
static void test_bad_nodes(void **state)
{
	struct maker_wish old_wish = node_wish;
	struct diag d = { 0 };

	(void)state;
	old_wish.begins_s = -20 * MAKER_DAY_S;
	old_wish.ends_s = -10 * MAKER_DAY_S;
	struct maker_files old = maker_issue(&ours, &old_wish);
	const struct {
		const struct maker_files *files;
		enum tls_failure failure;
		const char *text;
	} cases[] = {
		{ &old, TLS_FAIL_EXPIRED, "the certificate of node1.example expired on 20" },
		{ &foreign, TLS_FAIL_UNTRUSTED, "is not by the CA of ca.pem" },
		{ &person, TLS_FAIL_UNTRUSTED, "is not made for a node" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		SSL_CTX *raw = SSL_CTX_new(TLS_server_method());
		struct tls_context *client = connecting(&second);
		BIO *b = BIO_new_mem_buf(cases[i].files->cert, -1);
		X509 *cert = PEM_read_bio_X509(b, NULL, NULL, NULL);
		int fd[2], rc = -EAGAIN;

		BIO_free(b);
		b = BIO_new_mem_buf(cases[i].files->key, -1);
		EVP_PKEY *key = PEM_read_bio_PrivateKey(b, NULL, NULL, NULL);

		BIO_free(b);
		assert_int_equal(SSL_CTX_use_certificate(raw, cert), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(raw, key), 1);
		open_pair(fd);
		SSL *server = SSL_new(raw);
		struct tls *t = tls_new(client, fd[1], "node1.example");

		(void)SSL_set_fd(server, fd[0]);
		for (int n = 0; n < 100 && rc == -EAGAIN; n++) {
			rc = tls_handshake(t);
			(void)SSL_accept(server);
		}
		assert_int_equal(rc, -EPROTO);
		assert_int_equal(tls_error(t, &d), cases[i].failure);
		print_message("%s\n", d.text);
		assert_non_null(strstr(d.text, cases[i].text));
		tls_free(t);
		tls_context_free(client);
		SSL_free(server);
		SSL_CTX_free(raw);
		X509_free(cert);
		EVP_PKEY_free(key);
		(void)close(fd[0]);
		(void)close(fd[1]);
	}
	maker_files_free(&old);
}

static void test_revocation(void **state)
{
	char *revoked = maker_crl(&ours, 3, MAKER_DAY_S);
	char *clean = maker_crl(&ours, 0, MAKER_DAY_S);
	char *outdated = maker_crl(&ours, 0, -60);
	struct ends e;
	struct diag d = { 0 };

	(void)state;
	meet(&e, serving(revoked), connecting(&person), NULL);
	assert_int_equal(tls_error(e.server, NULL), TLS_FAIL_REVOKED);
	assert_int_equal(client_verdict(&e, &d), TLS_FAIL_PEER_ALERT);
	assert_non_null(strstr(d.text, "revoked"));
	part(&e);
	meet(&e, serving(revoked), connecting(&second), NULL);
	assert_int_equal(e.server_rc, 0);
	part(&e);
	meet(&e, serving(outdated), connecting(&second), NULL);
	assert_int_equal(tls_error(e.server, NULL), TLS_FAIL_REVOKED);
	part(&e);
	/* a live session, looked at again */
	meet(&e, serving(clean), connecting(&person), NULL);
	assert_int_equal(e.server_rc, 0);
	struct tls_context *now = serving(clean);

	assert_int_equal(tls_recheck(e.server, now), TLS_OK);
	tls_context_free(now);
	now = serving(revoked);
	assert_int_equal(tls_recheck(e.server, now), TLS_FAIL_REVOKED);
	assert_true(tls_context_crl_ends_s(now) > maker_now_s());
	tls_context_free(now);
	part(&e);
	free(revoked);
	free(clean);
	free(outdated);
}

/* --- what is not our TLS ------------------------------------------------------------------------- */

static enum tls_failure answer_to(const void *octets, size_t len)
{
	struct tls_context *c = serving(NULL);
	int fd[2], rc = -EAGAIN;

	open_pair(fd);
	struct tls *t = tls_new(c, fd[0], NULL);

	tls_context_free(c);
	assert_int_equal(tls_handshake(t), -EAGAIN);
	assert_int_equal(send(fd[1], octets, len, 0), (ssize_t)len);
	(void)shutdown(fd[1], SHUT_WR);
	for (int i = 0; i < 10 && rc == -EAGAIN; i++)
		rc = tls_handshake(t);
	assert_true(rc == -EPROTO || rc == -ECONNRESET);
	enum tls_failure failure = tls_error(t, NULL);

	tls_free(t);
	(void)close(fd[0]);
	(void)close(fd[1]);
	return failure;
}

static void test_not_tls(void **state)
{
	static const uint8_t frame[] = { 0, 0, 0, 4, 0xa1, 0, 0, 0 };
	static const uint8_t half[] = { 22, 3, 1, 2 };

	(void)state;
	assert_int_equal(answer_to("GET / HTTP/1.1\r\n\r\n", 18), TLS_FAIL_PLAINTEXT);
	assert_int_equal(answer_to("\n", 1), TLS_FAIL_PLAINTEXT);
	assert_int_equal(answer_to(frame, sizeof(frame)), TLS_FAIL_PLAINTEXT);
	assert_int_equal(answer_to(half, sizeof(half)), TLS_OK); /* nothing wrong but its end */
}

/* A client of OpenSSL's own, with one thing about it that is not as it should be. */
static enum tls_failure answer_to_client(int max_version, const char *alpn, size_t alpn_len)
{
	SSL_CTX *raw = SSL_CTX_new(TLS_client_method());
	struct tls_context *server = serving(NULL);
	int fd[2], rc = -EAGAIN;

	assert_true(SSL_CTX_set_max_proto_version(raw, max_version));
	if (alpn)
		assert_int_equal(
		        SSL_CTX_set_alpn_protos(raw, (const uint8_t *)alpn, (unsigned)alpn_len), 0);
	open_pair(fd);
	SSL *client = SSL_new(raw);
	struct tls *t = tls_new(server, fd[0], NULL);

	(void)SSL_set_fd(client, fd[1]);
	for (int i = 0; i < 100 && rc == -EAGAIN; i++) {
		(void)SSL_connect(client);
		rc = tls_handshake(t);
	}
	assert_int_equal(rc, -EPROTO);
	enum tls_failure failure = tls_error(t, NULL);

	tls_free(t);
	tls_context_free(server);
	SSL_free(client);
	SSL_CTX_free(raw);
	(void)close(fd[0]);
	(void)close(fd[1]);
	return failure;
}

static void test_other_versions_and_protocols(void **state)
{
	(void)state;
	assert_int_equal(answer_to_client(TLS1_2_VERSION, "\6namp/1", 7), TLS_FAIL_VERSION);
	assert_int_equal(answer_to_client(TLS1_2_VERSION, NULL, 0), TLS_FAIL_VERSION);
	assert_int_equal(answer_to_client(TLS1_3_VERSION, "\10http/1.1", 9), TLS_FAIL_ALPN);
	assert_int_equal(answer_to_client(TLS1_3_VERSION, NULL, 0), TLS_FAIL_ALPN);
}

/* --- files that do not fit ----------------------------------------------------------------------- */

static void test_bad_files(void **state)
{
	struct maker_files weak = maker_issue(
	        &ours,
	        &(struct maker_wish) { .name = "alice", .use = "clientAuth", .rsa_bits = 1024 });
	char *outdated = maker_crl(&ours, 0, -60), *strange = maker_crl(&theirs, 0, MAKER_DAY_S);
	const struct {
		struct tls_identity identity;
		const char *text;
	} cases[] = {
		{ maker_identity(&ours, &expired, NULL), "cert.pem expired on 20" },
		{ maker_identity(&ours, &early, NULL), "cert.pem is valid from 20" },
		{ maker_identity(&theirs, &person, NULL), "cert.pem does not go with ca.pem" },
		{ maker_identity(&ours, &nameless, NULL), "no common name" },
		{ maker_identity(&ours, &weak, NULL), "too weak" },
		{ maker_identity(&ours, &person, outdated), "crl.pem is outdated since 20" },
		{ maker_identity(&ours, &person, strange), "crl.pem is not signed by the CA" },
		{ maker_identity(&ours, &person, "nothing"), "crl.pem holds no list" },
		{ maker_identity(&ours, &(struct maker_files) { person.cert, second.key }, NULL),
		  "key.pem is not the key of cert.pem" },
		{ maker_identity(&ours, &(struct maker_files) { person.key, person.key }, NULL),
		  "cert.pem holds no certificate" },
		{ maker_identity(&ours, &(struct maker_files) { person.cert, person.cert }, NULL),
		  "key.pem holds no private key" },
		{ maker_identity(&(struct maker_ca) { .pem = person.cert }, &person, NULL),
		  "ca.pem holds a certificate that is not a CA's" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct tls_cfg cfg = { .role = TLS_CONNECT,
			               .alpn = "namp/1",
			               .identity = cases[i].identity };
		struct tls_context *c = NULL;
		struct diag d = { 0 };

		assert_int_equal(tls_context_new(&cfg, &c, &d), -EINVAL);
		print_message("%s\n", d.text);
		assert_non_null(strstr(d.text, cases[i].text));
		assert_null(c);
	}
	free(outdated);
	free(strange);
	maker_files_free(&weak);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_certificates),
		cmocka_unit_test(test_much),
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_bad_keys),
		cmocka_unit_test(test_keys_alone),
		cmocka_unit_test(test_bad_people),
		cmocka_unit_test(test_server_names),
		cmocka_unit_test(test_bad_nodes),
		cmocka_unit_test(test_revocation),
		cmocka_unit_test(test_not_tls),
		cmocka_unit_test(test_other_versions_and_protocols),
		cmocka_unit_test(test_bad_files),
	};

	return cmocka_run_group_tests(tests, make_files, free_files);
}
