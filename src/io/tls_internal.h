/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of TLS share.  tls_context.c: files and rules; tls.c: one connection; tls_bio.c: its
 * socket; tls_verify.c: who the peer is; tls_browse.c: servers of the
 * world; tls_failure.c: what went wrong, in words. */
#ifndef CANDOR_IO_TLS_INTERNAL_H
#define CANDOR_IO_TLS_INTERNAL_H

#include "io/tls.h"

#include <openssl/ssl.h>
#include <openssl/x509.h>

enum { TLS_DIGEST_OCTETS = 32 };

struct tls_context {
	unsigned refs; /* of its owner and of each connection */
	struct tls_cfg cfg;
	SSL_CTX *ssl;
	X509_STORE *store;
	int64_t cert_ends_s, crl_ends_s;
	uint8_t secret[TLS_SECRET_MAX]; /* TLS_CONNECT by key */
	size_t secret_len;
	char key_name[TLS_NAME_MAX];
	uint8_t alpn[1 + 32]; /* as on the wire */
	size_t alpn_len;
};

struct tls {
	struct tls_context *context;
	SSL *ssl;
	int fd;
	enum tls_want want;
	enum tls_failure failure;
	bool is_fatal, is_shaken, key_offered, has_peeked;
	char *why;                             /* a sentence, after a failure */
	char *key_name;                        /* TLS_SERVE: that the peer used */
	uint8_t key_digest[TLS_DIGEST_OCTETS]; /* SHA-256 of its secret */
	char *server_name;
	char peer[TLS_NAME_MAX];
};

struct tls *tls_of(const SSL *ssl);

BIO *tls_bio_new(int fd); /* NULL: out of memory */

/* Rules for the peer's certificate, beyond the chain that OpenSSL checks. */
int tls_verify_peer(int is_good, X509_STORE_CTX *ctx);

/* The one common name of the subject, when it is a name: 1 to 63 of [A-Za-z0-9._@-]. */
bool tls_common_name(X509 *cert, char ret[TLS_NAME_MAX]);

/* The key that the peer used is still the one of its name, for the same peer. */
bool tls_key_is_current(const struct tls *t,
                        const struct tls_context *now); /* NULL: as of its own */

/* Which kind of failure a verdict of X509_verify_cert() is. */
enum tls_failure tls_failure_of_verdict(int verdict);

/* Record why the handshake or the connection failed: from OpenSSL's error queue, or from its
 * verdict about a certificate. */
void tls_explain(struct tls *t);
void tls_explain_verdict(struct tls *t, int verdict, X509 *cert); /* cert may be NULL */
void tls_fail(struct tls *t, enum tls_failure failure, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* "2026-11-21" */
void tls_format_day(const ASN1_TIME *at, char *to, size_t cap);

#endif
