/* SPDX-License-Identifier: Apache-2.0 */
/* Who the peer of a TLS connection is: names, uses and revocation of certificates. */
#include "io/tls_internal.h"

#include <openssl/x509v3.h>
#include <string.h>

bool tls_name_is_good(const char *name, size_t len)
{
	static const char others[] = "._@-";

	if (len == 0 || len >= TLS_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		bool is_alnum =
		        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!is_alnum && (c == '\0' || !strchr(others, c)))
			return false;
	}
	return true;
}

bool tls_common_name(X509 *cert, char ret[TLS_NAME_MAX])
{
	X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);

	if (at < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, at) >= 0)
		return false;
	const ASN1_STRING *s = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
	const char *text = (const char *)ASN1_STRING_get0_data(s);
	int len = ASN1_STRING_length(s);

	/* names are ASCII, and every string type that is not one octet a character has octets 0 */
	if (len <= 0 || !tls_name_is_good(text, (size_t)len))
		return false;
	memcpy(ret, text, (size_t)len);
	ret[len] = '\0';
	return true;
}

enum tls_failure tls_failure_of_verdict(int verdict)
{
	switch (verdict) {
	case X509_V_OK:
		return TLS_OK;
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return TLS_FAIL_EXPIRED;
	case X509_V_ERR_CERT_REVOKED:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		return TLS_FAIL_REVOKED;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
	case X509_V_ERR_SUBJECT_ISSUER_MISMATCH: /* ours: see tls_verify_peer() */
		return TLS_FAIL_NAME;
	default:
		return TLS_FAIL_UNTRUSTED;
	}
}

/* An extended key usage must be there and say so: OpenSSL alone takes its absence for any use. */
static bool has_use(X509 *cert, enum tls_role we_are)
{
	uint32_t use = we_are == TLS_SERVE ? XKU_SSL_CLIENT : XKU_SSL_SERVER;
	bool is_stated = (X509_get_extension_flags(cert) & EXFLAG_XKUSAGE) != 0;

	return is_stated && (X509_get_extended_key_usage(cert) & use) != 0;
}

int tls_verify_peer(int is_good, X509_STORE_CTX *ctx)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = tls_of(ssl);
	X509 *cert = X509_STORE_CTX_get0_cert(ctx);

	if (t->key_offered) { /* then certificates are no way in */
		tls_fail(t, TLS_FAIL_KEY, "the other side did not use the key: it may not know it");
		X509_STORE_CTX_set_error(ctx, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	if (is_good && X509_STORE_CTX_get_error_depth(ctx) == 0) {
		if (!has_use(cert, t->context->cfg.role))
			X509_STORE_CTX_set_error(ctx, X509_V_ERR_INVALID_PURPOSE);
		else if (!tls_common_name(cert, t->peer))
			X509_STORE_CTX_set_error(ctx, X509_V_ERR_SUBJECT_ISSUER_MISMATCH);
	}
	int verdict = X509_STORE_CTX_get_error(ctx);

	if (verdict != X509_V_OK) /* now: afterwards the connection has no certificate to look at */
		tls_explain_verdict(t, verdict, cert);
	return verdict == X509_V_OK;
}

enum tls_failure tls_recheck(const struct tls *t, const struct tls_context *c)
{
	X509 *cert = SSL_get0_peer_certificate(t->ssl);
	X509_STORE_CTX *ctx;
	enum tls_failure result = TLS_FAIL_OTHER;

	if (tls_peer_used_key(t))
		return tls_key_is_current(t, c) ? TLS_OK : TLS_FAIL_KEY;
	if (!cert || !c)
		return TLS_FAIL_UNTRUSTED;
	ctx = X509_STORE_CTX_new();
	if (ctx && X509_STORE_CTX_init(ctx, c->store, cert, SSL_get_peer_cert_chain(t->ssl))) {
		(void)X509_STORE_CTX_set_purpose(ctx, c->cfg.role == TLS_SERVE
		                                              ? X509_PURPOSE_SSL_CLIENT
		                                              : X509_PURPOSE_SSL_SERVER);
		result = X509_verify_cert(ctx) == 1
		                 ? TLS_OK
		                 : tls_failure_of_verdict(X509_STORE_CTX_get_error(ctx));
	}
	X509_STORE_CTX_free(ctx);
	return result;
}
