/* SPDX-License-Identifier: Apache-2.0 */
/* One TLS connection over a non-blocking socket. */
#include "io/tls_internal.h"

#include "base/inet.h"
#include "base/xalloc.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/socket.h>

#define RECORD_HANDSHAKE 22 /* first octet of a ClientHello (RFC 8446 section 5.1) */

struct tls *tls_of(const SSL *ssl)
{
	return SSL_get_app_data(ssl);
}

/* --- beginning and end --------------------------------------------------------------------------- */

/* The peer's certificate must be for this name, by subjectAltName alone (RFC 9525). */
static bool set_server_name(struct tls *t, const char *name)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);
	CLEANUP(freep) char *host = try_strndup(name, SIZE_MAX);
	struct inet_addr addr;

	t->server_name = try_strndup(name, SIZE_MAX);
	if (!t->server_name || !host)
		return false;
	bool is_browsing = t->context->cfg.role == TLS_BROWSE;

	X509_VERIFY_PARAM_set_hostflags(param,
	                                X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
	                                        (is_browsing ? X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS
	                                                     : X509_CHECK_FLAG_NO_WILDCARDS));
	if (inet_addr_parse(name, &addr) == 0)
		return X509_VERIFY_PARAM_set1_ip(param, addr.bytes, inet_addr_octets(&addr)) == 1;
	size_t len = strlen(host);

	if (len > 0 && host[len - 1] == '.')
		host[len - 1] = '\0'; /* a name that says it is complete */
	return SSL_set_tlsext_host_name(t->ssl, host) == 1 &&
	       X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

static bool prepare(struct tls *t, const char *server_name)
{
	t->ssl = SSL_new(t->context->ssl);
	BIO *b = t->ssl ? tls_bio_new(t->fd) : NULL;

	if (!b)
		return false;
	SSL_set_bio(t->ssl, b, b);
	SSL_set_app_data(t->ssl, t);
	if (t->context->cfg.role == TLS_SERVE) {
		SSL_set_accept_state(t->ssl);
		return true;
	}
	SSL_set_connect_state(t->ssl);
	return !server_name || set_server_name(t, server_name);
}

struct tls *tls_new(struct tls_context *c, int fd, const char *server_name)
{
	struct tls *t = try_calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->context = c;
	t->fd = fd;
	c->refs++;
	t->want = TLS_WANT_READ;
	if (!prepare(t, server_name)) {
		tls_free(t);
		t = NULL;
	}
	ERR_clear_error();
	return t;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	SSL_free(t->ssl);
	tls_context_free(t->context);
	free(t->why);
	free(t->key_name);
	free(t->server_name);
	free(t);
}

/* --- octets -------------------------------------------------------------------------------------- */

/* What a call of OpenSSL that returned ``rc`` came to: -EAGAIN, -ECONNRESET (0 octets and no fault: the
 * end) or -EPROTO. */
static int outcome(struct tls *t, int rc)
{
	switch (SSL_get_error(t->ssl, rc)) {
	case SSL_ERROR_WANT_READ:
		t->want = TLS_WANT_READ;
		return -EAGAIN;
	case SSL_ERROR_WANT_WRITE:
		t->want = TLS_WANT_WRITE;
		return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return -ECONNRESET;
	case SSL_ERROR_SYSCALL:
		t->is_fatal = true;
		return -ECONNRESET;
	default:
		t->is_fatal = true;
		tls_explain(t);
		ERR_clear_error();
		return -EPROTO;
	}
}

/* Whoever does not begin as TLS does gets no alert, which it could not read. */
static int peek(struct tls *t)
{
	uint8_t first;
	ssize_t n = recv(t->fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return -EAGAIN;
	if (n <= 0)
		return -ECONNRESET;
	t->has_peeked = true;
	if (first == RECORD_HANDSHAKE)
		return 0;
	t->is_fatal = true;
	tls_fail(t, TLS_FAIL_PLAINTEXT, "the peer does not speak TLS");
	return -EPROTO;
}

/* What the handshake leaves to us, of a peer that administers or is administered. */
static void judge_peer(struct tls *t)
{
	const unsigned char *alpn;
	unsigned alpn_len;

	SSL_get0_alpn_selected(t->ssl, &alpn, &alpn_len);
	if (alpn_len == 0)
		tls_fail(t, TLS_FAIL_ALPN, "the other side does not speak %s",
		         t->context->cfg.alpn);
	else if (t->key_offered && !SSL_session_reused(t->ssl))
		tls_fail(t, TLS_FAIL_KEY, "the other side did not use the key");
	else if (!SSL_session_reused(t->ssl) && t->peer[0] == '\0')
		tls_fail(t, TLS_FAIL_NO_CERT, "the peer has shown no certificate");
}

/* The handshake is complete. */
static int judge(struct tls *t)
{
	if (t->context->cfg.role != TLS_BROWSE)
		judge_peer(t);
	if (t->failure != TLS_OK) {
		t->is_fatal = true;
		return -EPROTO;
	}
	t->is_shaken = true;
	t->want = TLS_WANT_NOTHING;
	return 0;
}

int tls_handshake(struct tls *t)
{
	if (t->is_fatal)
		return -EPROTO;
	if (t->context->cfg.role == TLS_SERVE && !t->has_peeked) {
		int error = peek(t);

		if (error < 0)
			return error;
	}
	ERR_clear_error();
	int rc = SSL_do_handshake(t->ssl);

	return rc == 1 ? judge(t) : outcome(t, rc);
}

long tls_read(struct tls *t, void *buf, size_t cap)
{
	size_t octets;

	if (t->is_fatal)
		return -EPROTO;
	ERR_clear_error();
	t->want = TLS_WANT_NOTHING;
	int rc = SSL_read_ex(t->ssl, buf, cap, &octets);

	if (rc == 1)
		return (long)octets;
	int error = outcome(t, rc);

	return error == -ECONNRESET && !t->is_fatal ? 0 : error;
}

long tls_write(struct tls *t, const void *buf, size_t len)
{
	size_t octets;

	if (t->is_fatal)
		return -EPIPE;
	ERR_clear_error();
	int rc = SSL_write_ex(t->ssl, buf, len, &octets);

	if (rc == 1)
		return (long)octets;
	int error = outcome(t, rc);

	return error == -ECONNRESET ? -EPIPE : error;
}

void tls_close_notify(struct tls *t)
{
	if (!t->is_shaken || t->is_fatal)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(t->ssl); /* best effort, and nothing is to be waited for */
	ERR_clear_error();
}

/* --- looking ------------------------------------------------------------------------------------- */

enum tls_want tls_wants(const struct tls *t)
{
	return t->want;
}

bool tls_has_pending(const struct tls *t)
{
	return SSL_pending(t->ssl) > 0;
}

const char *tls_peer_name(const struct tls *t)
{
	return t->peer;
}

bool tls_peer_used_key(const struct tls *t)
{
	return t->is_shaken && SSL_session_reused(t->ssl);
}

const char *tls_key_name(const struct tls *t)
{
	if (!tls_peer_used_key(t))
		return NULL;
	return t->key_name ? t->key_name : t->context->key_name;
}
