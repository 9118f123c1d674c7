/* SPDX-License-Identifier: Apache-2.0 */
/* Peers of the NAMP server over TCP and TLS on the loopback. */
#ifndef CANDOR_TESTS_TLS_PEER_H
#define CANDOR_TESTS_TLS_PEER_H

#include "stream_peer.h"
#include "tls_maker.h"

#include <netinet/in.h>

struct tls_stage {
	struct stage st;
	struct maker_ca ca;
	struct maker_files node, alice, bob, carol; /* serials 2, 3, 4, 5 */
	struct sockaddr_in at;
	bool knows_key, has_new_secret;
};

static const uint8_t tls_stage_secret[32] = { 7, 7, 7 };

static inline bool tls_stage_find_key(void *ctx, const char *name, size_t len, struct tls_key *ret)
{
	const struct tls_stage *t = ctx;

	if (!t->knows_key || len != 4 || memcmp(name, "key1", 4) != 0)
		return false;
	*ret = (struct tls_key) { .peer = "dave", .secret_len = sizeof(tls_stage_secret) };
	memcpy(ret->secret, tls_stage_secret, sizeof(tls_stage_secret));
	ret->secret[0] ^= t->has_new_secret;
	return true;
}

/* A context for serving, with this list of revoked certificates (may be NULL). */
static inline struct tls_context *tls_stage_context(struct tls_stage *t, const char *crl)
{
	struct tls_cfg cfg = {
		.role = TLS_SERVE,
		.alpn = NAMP_ALPN,
		.identity = maker_identity(&t->ca, &t->node, crl),
		.find_key = tls_stage_find_key,
		.ctx = t,
	};
	struct tls_context *c = NULL;
	struct diag d = { 0 };

	if (tls_context_new(&cfg, &c, &d) < 0)
		fail_msg("%s", d.text);
	return c;
}

static inline void tls_stage_begin(struct tls_stage *t, const struct namp_limits *limits)
{
	socklen_t len = sizeof(t->at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*t = (struct tls_stage) { .ca = maker_ca_new("test CA"), .knows_key = true };
	t->node =
	        maker_issue(&t->ca, &(struct maker_wish) { .name = "node1",
	                                                   .san = "DNS:node1.example,IP:127.0.0.1",
	                                                   .use = "serverAuth,clientAuth",
	                                                   .serial = 2 });
	t->alice = maker_issue(
	        &t->ca, &(struct maker_wish) { .name = "alice", .use = "clientAuth", .serial = 3 });
	t->bob = maker_issue(
	        &t->ca, &(struct maker_wish) { .name = "bob", .use = "clientAuth", .serial = 4 });
	t->carol = maker_issue(
	        &t->ca, &(struct maker_wish) { .name = "carol", .use = "clientAuth", .serial = 5 });
	stage_begin(&t->st, limits);
	t->at = (struct sockaddr_in) { .sin_family = AF_INET,
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(fd, (struct sockaddr *)&t->at, sizeof(t->at)), 0);
	assert_int_equal(listen(fd, 128), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&t->at, &len), 0);
	assert_int_equal(namp_server_listen_tls(t->st.server, fd), 0);
	namp_server_set_tls(t->st.server, tls_stage_context(t, NULL));
}

static inline void tls_stage_end(struct tls_stage *t)
{
	stage_end(&t->st);
	maker_files_free(&t->node);
	maker_files_free(&t->alice);
	maker_files_free(&t->bob);
	maker_files_free(&t->carol);
	maker_ca_free(&t->ca);
}

/* A TCP connection from 127.0.0.``last``; the server has accepted it. */
static inline int tls_stage_dial(struct tls_stage *t, uint8_t last)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
		                    .sin_addr.s_addr = htonl(0x7f000000u | last) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	uint64_t accepted = counters(&t->st)->accepted;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	if (connect(fd, (struct sockaddr *)&t->at, sizeof(t->at)) < 0)
		assert_int_equal(errno, EINPROGRESS);
	PUMP_UNTIL(&t->st, counters(&t->st)->accepted > accepted);
	return fd;
}

/* Whether the other side has closed ``fd`` (a reset counts). */
static inline bool is_closed(int fd)
{
	char octet;
	ssize_t n = recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

static inline struct tls_context *person_context(struct tls_stage *t, const struct maker_files *who)
{
	struct tls_cfg cfg = { .role = TLS_CONNECT, .alpn = NAMP_ALPN };
	struct tls_context *c = NULL;
	struct diag d = { 0 };

	if (who) {
		cfg.identity = maker_identity(&t->ca, who, NULL);
	} else {
		cfg.key_name = "key1";
		cfg.key_secret = tls_stage_secret;
		cfg.key_secret_len = sizeof(tls_stage_secret);
	}
	if (tls_context_new(&cfg, &c, &d) < 0)
		fail_msg("%s", d.text);
	return c;
}

/* TLS done from this side's view; ``who`` NULL: by key. */
static inline void peer_shake(struct tls_stage *t, struct peer *p, const struct maker_files *who)
{
	struct tls_context *c = person_context(t, who);
	int rc;

	*p = (struct peer) { .stream.fd = tls_stage_dial(t, 1) };
	p->stream.tls = tls_new(c, p->stream.fd, "node1.example");
	tls_context_free(c);
	assert_non_null(p->stream.tls);
	while ((rc = tls_handshake(p->stream.tls)) == -EAGAIN) {
		stage_pump(&t->st);
		(void)poll(NULL, 0, 1);
	}
	assert_int_equal(rc, 0);
}

static inline void peer_open_tls(struct tls_stage *t, struct peer *p, const struct maker_files *who)
{
	peer_shake(t, p, who);
	peer_greet(&t->st, p);
}

#endif
