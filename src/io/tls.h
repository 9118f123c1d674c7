/* SPDX-License-Identifier: Apache-2.0 */
/* TLS over non-blocking sockets.  For administration as docs/namp.md section 4.3 wants it, TLS 1.3: one context for
 * serving, one for connecting.  Certificates (both sides, one private CA, revocations) or pre-shared keys,
 * never both in one handshake; no tickets, no resumption, no early data.  For measuring servers of the world: a context
 * of its own kind (tls_context_new_browsing). */
#ifndef CANDOR_IO_TLS_H
#define CANDOR_IO_TLS_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_NAME_MAX   64u /* of a peer, with its NUL */
#define TLS_SECRET_MAX 64u

/* What an identity folder holds, as PEM text; owned by the caller, copied by tls_context_new(). */
struct tls_identity {
	const char *ca, *cert, *key; /* all, or none of them (pre-shared keys alone) */
	size_t ca_len, cert_len, key_len;
	const char *crl; /* NULL: no revocations are known */
	size_t crl_len;
};

struct tls_key {                 /* a pre-shared key */
	char peer[TLS_NAME_MAX]; /* who uses it */
	uint8_t secret[TLS_SECRET_MAX];
	size_t secret_len;
};

enum tls_role {
	TLS_SERVE,
	TLS_CONNECT,
	TLS_BROWSE, /* to servers of the world: tls_context_new_browsing() alone makes these */
};

struct tls_cfg {
	enum tls_role role;
	const char *alpn; /* "namp/1" */
	struct tls_identity identity;
	/* TLS_SERVE: the key of this name; false: there is none.  NULL: no keys. */
	bool (*find_key)(void *ctx, const char *name, size_t len, struct tls_key *ret);
	void *ctx;
	/* TLS_CONNECT: by key instead of certificates; NULL: certificates. */
	const char *key_name;
	const uint8_t *key_secret;
	size_t key_secret_len;
};

struct tls_context;
struct tls;

/* Whether a peer or a key may be called so: 1 to 63 of [A-Za-z0-9._@-]. */
bool tls_name_is_good(const char *name, size_t len);

/* 0, or -EINVAL (files that do not fit together, weak or outdated ones), -ENOMEM; ``d`` says what is
 * wrong with which file. */
NODISCARD int tls_context_new(const struct tls_cfg *cfg, struct tls_context **ret, struct diag *d);
void tls_context_free(struct tls_context *c); /* NULL is fine; connections made from it live on */

/* For TLS 1.2 and later with any server: certificates are held against the trust anchors of the host, which are
 * read here, once: SSL_CERT_FILE or the bundle of the distribution.  0, with the file's name in ``d`` (may
 * be NULL; empty: none could be read, and no certificate will be trusted); -ENOMEM. */
NODISCARD int tls_context_new_browsing(struct tls_context **ret, struct diag *d);

/* A connection of such a context.  The certificate must be valid for ``server_name`` (host name, wildcards
 * count, or address); without ``verify`` any will do.  NULL: out of memory. */
struct tls *tls_new_browsing(struct tls_context *c, int fd, const char *server_name, bool verify);

/* How long the own certificate and the CRL are valid; 0: has none. */
int64_t tls_context_cert_ends_s(const struct tls_context *c); /* Unix time */
int64_t tls_context_crl_ends_s(const struct tls_context *c);

/* A connection on the connected, non-blocking socket ``fd`` (stays the caller's).  TLS_CONNECT:
 * ``server_name`` (host name or address) must be in the certificate.  NULL: out of memory. */
struct tls *tls_new(struct tls_context *c, int fd, const char *server_name);
void tls_free(struct tls *t); /* sends no alert */

/* What the socket must become before the same call is worth trying again. */
enum tls_want { TLS_WANT_NOTHING, TLS_WANT_READ, TLS_WANT_WRITE };

/* Each returns 0 / octets, -EAGAIN (see tls_wants()), 0 octets read: the peer has closed, -EPIPE,
 * -EPROTO (handshake or record layer failed; the reason in tls_error()), -ECONNRESET. */
NODISCARD int tls_handshake(struct tls *t);
NODISCARD long tls_read(struct tls *t, void *buf, size_t cap);
NODISCARD long tls_write(struct tls *t, const void *buf, size_t len); /* partial writes happen */
void tls_close_notify(struct tls *t);                                 /* once, best effort */
enum tls_want tls_wants(const struct tls *t);
bool tls_has_pending(const struct tls *t); /* octets already decrypted: the socket will not say */

/* Why a handshake failed: for counters and for people. */
enum tls_failure {
	TLS_OK,
	TLS_FAIL_VERSION,   /* no TLS 1.3 */
	TLS_FAIL_PLAINTEXT, /* not TLS at all */
	TLS_FAIL_ALPN,
	TLS_FAIL_NO_CERT,    /* the peer sent none */
	TLS_FAIL_UNTRUSTED,  /* unknown CA, wrong use, bad signature */
	TLS_FAIL_EXPIRED,    /* or not yet valid */
	TLS_FAIL_REVOKED,    /* or the CRL is outdated */
	TLS_FAIL_NAME,       /* not the name asked for, or none that is a name */
	TLS_FAIL_KEY,        /* unknown key name, wrong key, key not used */
	TLS_FAIL_PEER_ALERT, /* the peer refused us */
	TLS_FAIL_OTHER,
	TLS_FAILURES,
};
enum tls_failure tls_error(const struct tls *t, struct diag *d); /* ``d`` may be NULL */
const char *tls_failure_name(enum tls_failure f); /* "untrusted" … snake_case, for counters */

/* After the handshake: the peer's name (common name, or the key's peer), and how it proved it. */
const char *tls_peer_name(const struct tls *t);
bool tls_peer_used_key(const struct tls *t);
const char *tls_key_name(const struct tls *t); /* NULL with certificates */

/* Check again whom a live connection is with: the certificate against the present CA and CRL of ``c``, on the serving side a key
 * against the present one of its name.  ``c`` NULL: TLS is not served any more, and keys alone are good as long as
 * find_key() knows them.  TLS_OK or why it is no longer good. */
enum tls_failure tls_recheck(const struct tls *t, const struct tls_context *c);

#endif
