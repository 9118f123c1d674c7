/* SPDX-License-Identifier: Apache-2.0 */
/* TLS towards servers of the world: the trust anchors of the host, and the name in the certificate. */
#include "io/tls_internal.h"

#include "base/xalloc.h"

#include <errno.h>
#include <openssl/err.h>

#define BROWSE_CHAIN_DEPTH 10
#define BROWSE_CERT_OCTETS 65536 /* of all that a stranger may send as certificates */
#define LEVEL_VERIFIED     2     /* RSA from 2048 bits, SHA-2 */
#define LEVEL_UNVERIFIED   0     /* then the strength of a certificate proves nothing either */

/* Where distributions keep all anchors in one file; the first that can be read is taken. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/pki/tls/certs/ca-bundle.crt",
	"/etc/ssl/cert.pem",
};

/* A file that the environment names (SSL_CERT_FILE) is taken instead. */
static const char *load_anchors(X509_STORE *store)
{
	const char *given = getenv(X509_get_default_cert_file_env());
	const char *found = NULL;

	if (given && *given)
		return X509_STORE_load_file(store, given) == 1 ? given : NULL;
	for (size_t i = 0; i < ARRAY_LEN(bundles) && !found; i++) {
		if (X509_STORE_load_file(store, bundles[i]) == 1)
			found = bundles[i];
	}
	return found;
}

/* The verdict about each certificate; the first bad one is the cause. */
static int note_verdict(int is_good, X509_STORE_CTX *ctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());

	if (!is_good)
		tls_explain_verdict(tls_of(ssl), X509_STORE_CTX_get_error(ctx),
		                    X509_STORE_CTX_get_current_cert(ctx));
	return is_good;
}

static int take_any(int is_good, X509_STORE_CTX *ctx)
{
	(void)is_good, (void)ctx;
	return 1;
}

static bool set_rules(SSL_CTX *ssl)
{
	if (!SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION))
		return false;
	SSL_CTX_set_security_level(ssl, LEVEL_VERIFIED);
	(void)SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
	                                       SSL_OP_NO_COMPRESSION |
	                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_max_cert_list(ssl, BROWSE_CERT_OCTETS);
	SSL_CTX_set_verify_depth(ssl, BROWSE_CHAIN_DEPTH);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, note_verdict);
	return true;
}

int tls_context_new_browsing(struct tls_context **ret, struct diag *d)
{
	struct tls_context *c = try_calloc(1, sizeof(*c));

	ERR_clear_error();
	if (c) {
		c->refs = 1;
		c->cfg.role = TLS_BROWSE;
		c->ssl = SSL_CTX_new(TLS_client_method());
	}
	if (!c || !c->ssl || !set_rules(c->ssl)) {
		tls_context_free(c);
		return diag_set(d, -ENOMEM, "TLS: out of memory");
	}
	c->store = SSL_CTX_get_cert_store(c->ssl);
	const char *file = load_anchors(c->store);

	(void)diag_set(d, 0, "%s", file ? file : "");
	ERR_clear_error();
	*ret = c;
	return 0;
}

struct tls *tls_new_browsing(struct tls_context *c, int fd, const char *server_name, bool verify)
{
	struct tls *t = tls_new(c, fd, server_name);

	if (t && !verify) {
		SSL_set_verify(t->ssl, SSL_VERIFY_NONE, take_any);
		SSL_set_security_level(t->ssl, LEVEL_UNVERIFIED);
	}
	return t;
}
