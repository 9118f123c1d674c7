/* SPDX-License-Identifier: Apache-2.0 */
/* What TLS connections share: certificates and keys, and the rules of docs/namp.md section 4.3. */
#include "io/tls_internal.h"

#include "base/clocktypes.h"
#include "base/xalloc.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#define CIPHERS "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
/* The hash of an external key without a stated one is SHA-256 (RFC 8446 section 4.2.11). */
#define KEY_CIPHERS     "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256"
#define CERT_OCTETS_MAX 16384 /* of all that a stranger may send as certificates */
#define SECURITY_LEVEL  2     /* RSA from 2048 bits, SHA-2 */
#define CHAIN_DEPTH_MAX 2

static int out_of_memory(struct diag *d)
{
	ERR_clear_error();
	return diag_set(d, -ENOMEM, "TLS: out of memory");
}

static void free_biop(BIO **b)
{
	BIO_free(*b);
}

static void free_certp(X509 **x)
{
	X509_free(*x);
}

static void free_pkeyp(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static BIO *open_text(const char *text, size_t len)
{
	return BIO_new_mem_buf(text, len <= INT32_MAX ? (int)len : 0);
}

/* A file that needs a passphrase must not ask for it at the terminal. */
static int no_passphrase(char *buf, int size, int is_writing, void *ctx)
{
	(void)buf, (void)size, (void)is_writing, (void)ctx;
	return 0;
}

static int64_t seconds_of(const ASN1_TIME *at)
{
	struct tm tm;

	return at && ASN1_TIME_to_tm(at, &tm) ? (int64_t)timegm(&tm) : 0;
}

void tls_format_day(const ASN1_TIME *at, char *to, size_t cap)
{
	struct tm tm;

	if (!at || !ASN1_TIME_to_tm(at, &tm) || strftime(to, cap, "%Y-%m-%d", &tm) == 0)
		(void)snprintf(to, cap, "an unknown day");
}

/* --- files --------------------------------------------------------------------------------------- */

static int load_ca(struct tls_context *c, const struct tls_identity *id, struct diag *d)
{
	CLEANUP(free_biop) BIO *text = open_text(id->ca, id->ca_len);
	unsigned count = 0;

	if (!text)
		return out_of_memory(d);
	for (;; count++) {
		CLEANUP(free_certp)
		X509 *ca = PEM_read_bio_X509(text, NULL, no_passphrase, NULL);

		if (!ca)
			break;
		if (X509_check_ca(ca) == 0)
			return diag_set(d, -EINVAL,
			                "ca.pem holds a certificate that is not a CA's");
		if (!X509_STORE_add_cert(c->store, ca) || !SSL_CTX_add_client_CA(c->ssl, ca))
			return out_of_memory(d);
	}
	ERR_clear_error(); /* reading ends with "no start line" */
	return count > 0 ? 0 : diag_set(d, -EINVAL, "ca.pem holds no certificate");
}

static bool is_by_our_ca(const struct tls_context *c, X509_CRL *crl)
{
	const STACK_OF(X509_OBJECT) *all = X509_STORE_get0_objects(c->store);

	for (int i = 0; i < sk_X509_OBJECT_num(all); i++) {
		X509 *ca = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i));

		if (ca && X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1)
			return true;
	}
	return false;
}

/* A serving side with an outdated list starts all the same: it refuses every certificate until the
 * list is renewed, which its owner is told by tls_context_crl_ends_s(). */
static int check_crl(const struct tls_context *c, X509_CRL *crl, struct diag *d)
{
	const ASN1_TIME *ends = X509_CRL_get0_nextUpdate(crl);
	char day[32];

	if (!is_by_our_ca(c, crl))
		return diag_set(d, -EINVAL, "crl.pem is not signed by the CA of ca.pem");
	if (c->cfg.role == TLS_SERVE || (ends && X509_cmp_current_time(ends) > 0))
		return 0;
	tls_format_day(ends, day, sizeof(day));
	return diag_set(d, -EINVAL, "crl.pem is outdated since %s: fetch the present one", day);
}

static int load_crl(struct tls_context *c, const struct tls_identity *id, struct diag *d)
{
	CLEANUP(free_biop) BIO *text = open_text(id->crl, id->crl_len);
	unsigned count = 0;
	X509_CRL *crl;

	if (!text)
		return out_of_memory(d);
	while ((crl = PEM_read_bio_X509_CRL(text, NULL, no_passphrase, NULL))) {
		int64_t ends_s = seconds_of(X509_CRL_get0_nextUpdate(crl));
		int error = check_crl(c, crl, d);

		if (error == 0 && !X509_STORE_add_crl(c->store, crl))
			error = out_of_memory(d);
		X509_CRL_free(crl);
		if (error < 0)
			return error;
		if (count++ == 0 || ends_s < c->crl_ends_s)
			c->crl_ends_s = ends_s;
	}
	ERR_clear_error();
	if (count == 0)
		return diag_set(d, -EINVAL, "crl.pem holds no list of revoked certificates");
	(void)X509_STORE_set_flags(c->store, X509_V_FLAG_CRL_CHECK); /* cannot fail */
	return 0;
}

static int refuse_own(X509_STORE_CTX *ctx, X509 *cert, bool is_serving, struct diag *d)
{
	char day[32];

	switch (X509_STORE_CTX_get_error(ctx)) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		tls_format_day(X509_get0_notAfter(cert), day, sizeof(day));
		return diag_set(d, -EINVAL, "cert.pem expired on %s: have a new one issued", day);
	case X509_V_ERR_CERT_NOT_YET_VALID:
		tls_format_day(X509_get0_notBefore(cert), day, sizeof(day));
		return diag_set(d, -EINVAL, "cert.pem is valid from %s only: is the clock right?",
		                day);
	case X509_V_ERR_INVALID_PURPOSE:
		return diag_set(d, -EINVAL, "cert.pem is not made for %s: have another one issued",
		                is_serving ? "a node" : "connecting to nodes");
	default:
		return diag_set(d, -EINVAL, "cert.pem does not go with ca.pem: %s",
		                X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
	}
}

/* The own certificate must be good in the eyes of who has the same CA. */
static int check_own(const struct tls_context *c, X509 *cert, struct diag *d)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	bool is_serving = c->cfg.role == TLS_SERVE;
	int error = 0;

	if (!ctx || !X509_STORE_CTX_init(ctx, c->store, cert, NULL)) {
		X509_STORE_CTX_free(ctx);
		return out_of_memory(d);
	}
	(void)X509_STORE_CTX_set_purpose(ctx, is_serving ? X509_PURPOSE_SSL_SERVER
	                                                 : X509_PURPOSE_SSL_CLIENT);
	if (X509_verify_cert(ctx) != 1)
		error = refuse_own(ctx, cert, is_serving, d);
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return error;
}

static int load_own(struct tls_context *c, const struct tls_identity *id, struct diag *d)
{
	CLEANUP(free_biop) BIO *cert_text = open_text(id->cert, id->cert_len);
	CLEANUP(free_biop) BIO *key_text = open_text(id->key, id->key_len);
	char name[TLS_NAME_MAX];

	if (!cert_text || !key_text)
		return out_of_memory(d);
	CLEANUP(free_certp) X509 *cert = PEM_read_bio_X509(cert_text, NULL, no_passphrase, NULL);
	CLEANUP(free_pkeyp)
	EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, no_passphrase, NULL);

	if (!cert)
		return diag_set(d, -EINVAL, "cert.pem holds no certificate");
	if (!key)
		return diag_set(d, -EINVAL, "key.pem holds no private key without a passphrase");
	if (X509_check_private_key(cert, key) != 1)
		return diag_set(d, -EINVAL, "key.pem is not the key of cert.pem");
	if (!tls_common_name(cert, name))
		return diag_set(d, -EINVAL, "cert.pem has no common name that is a peer's name");
	int error =
	        check_own(c, cert, d); /* before the CRL is there: the other side reads its own */

	if (error < 0)
		return error;
	if (SSL_CTX_use_certificate(c->ssl, cert) != 1 || SSL_CTX_use_PrivateKey(c->ssl, key) != 1)
		return diag_set(d, -EINVAL, "cert.pem or key.pem is too weak: %s",
		                ERR_reason_error_string(ERR_peek_last_error()));
	c->cert_ends_s = seconds_of(X509_get0_notAfter(cert));
	return 0;
}

static int load_identity(struct tls_context *c, const struct tls_identity *id, struct diag *d)
{
	int error = load_ca(c, id, d);

	if (error == 0)
		error = load_own(c, id, d);
	if (error == 0 && id->crl)
		error = load_crl(c, id, d);
	ERR_clear_error();
	return error;
}

/* --- pre-shared keys ----------------------------------------------------------------------------- */

/* OpenSSL takes an external key for a session to resume, of the same context. */
static const unsigned char session_context[] = { 'n', 'a', 'm', 'p' };

static SSL_SESSION *session_of_key(SSL *ssl, const uint8_t *secret, size_t len)
{
	static const unsigned char aes_128_gcm_sha256[] = { 0x13, 0x01 };
	const SSL_CIPHER *cipher = SSL_CIPHER_find(ssl, aes_128_gcm_sha256);
	SSL_SESSION *s = cipher ? SSL_SESSION_new() : NULL;

	if (s && SSL_SESSION_set1_master_key(s, secret, len) && SSL_SESSION_set_cipher(s, cipher) &&
	    SSL_SESSION_set_protocol_version(s, TLS1_3_VERSION) &&
	    SSL_SESSION_set1_id_context(s, session_context, sizeof(session_context)))
		return s;
	SSL_SESSION_free(s);
	return NULL;
}

static bool digest_of(const struct tls_key *key, uint8_t ret[TLS_DIGEST_OCTETS])
{
	return EVP_Digest(key->secret, key->secret_len, ret, NULL, EVP_sha256(), NULL) == 1;
}

bool tls_key_is_current(const struct tls *t, const struct tls_context *now)
{
	const struct tls_cfg *cfg = now ? &now->cfg : &t->context->cfg;
	uint8_t digest[TLS_DIGEST_OCTETS];
	struct tls_key key = { 0 };

	if (cfg->role == TLS_CONNECT)
		return true; /* there it is what the connection was made with */
	bool is_same = t->key_name && cfg->find_key &&
	               cfg->find_key(cfg->ctx, t->key_name, strlen(t->key_name), &key) &&
	               strcmp(key.peer, t->peer) == 0 && digest_of(&key, digest) &&
	               CRYPTO_memcmp(digest, t->key_digest, sizeof(digest)) == 0;

	OPENSSL_cleanse(&key, sizeof(key));
	return is_same;
}

/* Serving side.  An unknown name ends the handshake (returning 0): with "no session" OpenSSL would go
 * on to certificates. */
static int find_key(SSL *ssl, const unsigned char *name, size_t len, SSL_SESSION **ret)
{
	struct tls *t = tls_of(ssl);
	const struct tls_cfg *cfg = &t->context->cfg;
	struct tls_key key = { 0 };

	t->key_offered = true;
	if (!tls_name_is_good((const char *)name, len) || !cfg->find_key ||
	    !cfg->find_key(cfg->ctx, (const char *)name, len, &key) ||
	    !tls_name_is_good(key.peer, strnlen(key.peer, sizeof(key.peer)))) {
		tls_fail(t, TLS_FAIL_KEY, "the peer offers a key that is not known");
		return 0;
	}
	bool is_known = digest_of(&key, t->key_digest);

	*ret = is_known ? session_of_key(ssl, key.secret, key.secret_len) : NULL;
	OPENSSL_cleanse(key.secret, sizeof(key.secret));
	free(t->key_name);
	t->key_name = try_strndup((const char *)name, len);
	memcpy(t->peer, key.peer, sizeof(t->peer));
	return *ret && t->key_name;
}

/* Connecting side. */
static int use_key(SSL *ssl, const EVP_MD *md, const unsigned char **ret_name, size_t *ret_len,
                   SSL_SESSION **ret)
{
	struct tls *t = tls_of(ssl);
	struct tls_context *c = t->context;

	(void)md; /* only suites with SHA-256 are offered */
	*ret = session_of_key(ssl, c->secret, c->secret_len);
	*ret_name = (const unsigned char *)c->key_name;
	*ret_len = strlen(c->key_name);
	t->key_offered = *ret != NULL;
	return *ret != NULL;
}

static int set_key(struct tls_context *c, const struct tls_cfg *cfg, struct diag *d)
{
	size_t len = strlen(cfg->key_name);

	if (!tls_name_is_good(cfg->key_name, len))
		return diag_set(d, -EINVAL, "the key's name must be 1 to %u of A-Z a-z 0-9 . _ @ -",
		                TLS_NAME_MAX - 1);
	if (cfg->key_secret_len < 32 || cfg->key_secret_len > TLS_SECRET_MAX)
		return diag_set(d, -EINVAL, "a key has 32 to %u octets", TLS_SECRET_MAX);
	memcpy(c->key_name, cfg->key_name, len + 1);
	memcpy(c->secret, cfg->key_secret, cfg->key_secret_len);
	c->secret_len = cfg->key_secret_len;
	SSL_CTX_set_psk_use_session_callback(c->ssl, use_key);
	return SSL_CTX_set_ciphersuites(c->ssl, KEY_CIPHERS) ? 0 : out_of_memory(d);
}

/* --- application protocol ------------------------------------------------------------------------ */

static int choose_alpn(SSL *ssl, const unsigned char **ret, unsigned char *ret_len,
                       const unsigned char *offered, unsigned int offered_len, void *arg)
{
	const struct tls_context *c = arg;
	unsigned char *chosen;

	if (SSL_select_next_proto(&chosen, ret_len, c->alpn, (unsigned)c->alpn_len, offered,
	                          offered_len) == OPENSSL_NPN_NEGOTIATED) {
		*ret = chosen;
		return SSL_TLSEXT_ERR_OK;
	}
	tls_fail(tls_of(ssl), TLS_FAIL_ALPN, "the peer does not speak %s", c->cfg.alpn);
	return SSL_TLSEXT_ERR_ALERT_FATAL;
}

/* OpenSSL asks choose_alpn() only when the peer offers anything at all. */
static int require_alpn(SSL *ssl, int *alert, void *arg)
{
	const unsigned char *octets;
	size_t len;

	(void)arg;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation,
	                              &octets, &len) == 1)
		return SSL_CLIENT_HELLO_SUCCESS;
	if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &octets, &len) != 1)
		return SSL_CLIENT_HELLO_SUCCESS; /* its version is the greater fault */
	tls_fail(tls_of(ssl), TLS_FAIL_ALPN, "the peer names no application protocol");
	*alert = SSL_AD_NO_APPLICATION_PROTOCOL;
	return SSL_CLIENT_HELLO_ERROR;
}

static int set_alpn(struct tls_context *c, struct diag *d)
{
	size_t len = strlen(c->cfg.alpn);

	if (len == 0 || len >= sizeof(c->alpn))
		return diag_set(d, -EINVAL, "TLS: bad application protocol");
	c->alpn[0] = (uint8_t)len;
	memcpy(c->alpn + 1, c->cfg.alpn, len);
	c->alpn_len = len + 1;
	if (c->cfg.role == TLS_CONNECT)
		return SSL_CTX_set_alpn_protos(c->ssl, c->alpn, (unsigned)c->alpn_len) == 0
		               ? 0
		               : out_of_memory(d);
	SSL_CTX_set_alpn_select_cb(c->ssl, choose_alpn, c);
	SSL_CTX_set_client_hello_cb(c->ssl, require_alpn, NULL);
	return 0;
}

/* --- the context --------------------------------------------------------------------------------- */

static int set_rules(struct tls_context *c, struct diag *d)
{
	SSL_CTX *ssl = c->ssl;

	if (!SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) ||
	    !SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) ||
	    !SSL_CTX_set_ciphersuites(ssl, CIPHERS) || !SSL_CTX_set_num_tickets(ssl, 0) ||
	    !SSL_CTX_set_session_id_context(ssl, session_context, sizeof(session_context)))
		return out_of_memory(d);
	SSL_CTX_set_security_level(ssl, SECURITY_LEVEL);
	(void)SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
	                                       SSL_OP_NO_COMPRESSION |
	                                       SSL_OP_IGNORE_UNEXPECTED_EOF);
	(void)SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                                    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	(void)SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	(void)SSL_CTX_set_max_early_data(ssl, 0);
	(void)SSL_CTX_set_recv_max_early_data(ssl, 0);
	SSL_CTX_set_max_cert_list(ssl, CERT_OCTETS_MAX);
	SSL_CTX_set_verify_depth(ssl, CHAIN_DEPTH_MAX);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, tls_verify_peer);
	if (c->cfg.role == TLS_SERVE) /* without keys, too: who offers one gets no other way in */
		SSL_CTX_set_psk_find_session_callback(ssl, find_key);
	return set_alpn(c, d);
}

static int fill(struct tls_context *c, const struct tls_cfg *cfg, struct diag *d)
{
	c->ssl = SSL_CTX_new(cfg->role == TLS_SERVE ? TLS_server_method() : TLS_client_method());
	if (!c->ssl)
		return out_of_memory(d);
	c->store = SSL_CTX_get_cert_store(c->ssl); /* empty: no CA of the system is trusted */
	int error = set_rules(c, d);

	if (error == 0 && cfg->key_name)
		return set_key(c, cfg, d);
	if (error == 0 && cfg->identity.ca)
		return load_identity(c, &cfg->identity, d);
	if (error == 0 && !cfg->find_key)
		return diag_set(d, -EINVAL, "TLS needs certificates or a key");
	return error;
}

int tls_context_new(const struct tls_cfg *cfg, struct tls_context **ret, struct diag *d)
{
	struct tls_context *c = try_calloc(1, sizeof(*c));

	if (!c)
		return out_of_memory(d);
	ERR_clear_error();
	c->refs = 1;
	c->cfg = *cfg;
	c->cfg.identity = (struct tls_identity) { 0 }; /* the caller's */
	c->cfg.key_name = NULL;
	c->cfg.key_secret = NULL;
	int error = fill(c, cfg, d);

	if (error < 0)
		tls_context_free(c);
	else
		*ret = c;
	return error;
}

void tls_context_free(struct tls_context *c)
{
	if (!c || --c->refs > 0)
		return;
	SSL_CTX_free(c->ssl);
	OPENSSL_cleanse(c->secret, sizeof(c->secret));
	free(c);
}

int64_t tls_context_cert_ends_s(const struct tls_context *c)
{
	return c->cert_ends_s;
}

int64_t tls_context_crl_ends_s(const struct tls_context *c)
{
	return c->crl_ends_s;
}
