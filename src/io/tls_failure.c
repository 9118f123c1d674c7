/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong with TLS: a reason to count, and a sentence that says what to do. */
#include "io/tls_internal.h"

#include "base/inet.h"
#include "base/xalloc.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *tls_failure_name(enum tls_failure f)
{
	static const char *const names[TLS_FAILURES] = {
		[TLS_OK] = "ok",
		[TLS_FAIL_VERSION] = "version",
		[TLS_FAIL_PLAINTEXT] = "plaintext",
		[TLS_FAIL_ALPN] = "alpn",
		[TLS_FAIL_NO_CERT] = "no_certificate",
		[TLS_FAIL_UNTRUSTED] = "untrusted",
		[TLS_FAIL_EXPIRED] = "expired",
		[TLS_FAIL_REVOKED] = "revoked",
		[TLS_FAIL_NAME] = "name",
		[TLS_FAIL_KEY] = "key",
		[TLS_FAIL_PEER_ALERT] = "peer_alert",
		[TLS_FAIL_OTHER] = "other",
	};

	return f < TLS_FAILURES ? names[f] : "other";
}

void tls_fail(struct tls *t, enum tls_failure failure, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;

	if (t->failure != TLS_OK)
		return; /* the first one is the cause */
	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	t->failure = failure;
	t->why = try_strndup(text, SIZE_MAX); /* without memory: no sentence */
}

enum tls_failure tls_error(const struct tls *t, struct diag *d)
{
	if (t->failure != TLS_OK)
		(void)diag_set(d, -EPROTO, "%s", t->why ? t->why : "TLS failed");
	return t->failure;
}

/* --- certificates -------------------------------------------------------------------------------- */

/* The names and addresses that a certificate is for, as "a, b". */
static void list_names(X509 *cert, char *to, size_t cap)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;

	to[0] = '\0';
	for (int i = 0; i < sk_GENERAL_NAME_num(names) && len + 1 < cap; i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		const char *comma = len > 0 ? ", " : "";
		int added = 0;

		if (n->type == GEN_DNS)
			added = snprintf(to + len, cap - len, "%s%.*s", comma,
			                 ASN1_STRING_length(n->d.dNSName),
			                 (const char *)ASN1_STRING_get0_data(n->d.dNSName));
		else if (n->type == GEN_IPADD) {
			struct inet_addr addr = { 0 };
			int octets = ASN1_STRING_length(n->d.iPAddress);
			char text[INET_TEXT_MAX];

			if (octets != 4 && octets != 16)
				continue;
			addr.family = octets == 4 ? INET_V4 : INET_V6;
			memcpy(addr.bytes, ASN1_STRING_get0_data(n->d.iPAddress), (size_t)octets);
			added = snprintf(to + len, cap - len, "%s%s", comma,
			                 inet_addr_format(&addr, text));
		}
		len += added > 0 ? (size_t)added : 0;
	}
	if (len == 0)
		(void)snprintf(to, cap, "no name at all");
	GENERAL_NAMES_free(names);
}

/* A stranger's text may hold anything: only what a terminal shows as it is. */
static void make_printable(char *text)
{
	for (; *text; text++) {
		if (*text < ' ' || *text > '~')
			*text = '?';
	}
}

static bool is_browsing(const struct tls *t)
{
	return t->context->cfg.role == TLS_BROWSE;
}

void tls_explain_verdict(struct tls *t, int verdict, X509 *cert)
{
	const char *who = t->server_name ? t->server_name : "the peer";
	enum tls_failure failure = tls_failure_of_verdict(verdict);
	char day[32] = "an unknown day", names[160] = "others";

	switch (verdict) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		tls_format_day(cert ? X509_get0_notAfter(cert) : NULL, day, sizeof(day));
		tls_fail(t, failure, "the certificate of %s expired on %s: have it renewed", who,
		         day);
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		tls_format_day(cert ? X509_get0_notBefore(cert) : NULL, day, sizeof(day));
		tls_fail(t, failure,
		         "the certificate of %s is valid from %s only: is the clock here right?",
		         who, day);
		return;
	case X509_V_ERR_CERT_REVOKED:
		tls_fail(t, failure, "the certificate of %s was revoked", who);
		return;
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_UNABLE_TO_GET_CRL:
		tls_fail(t, failure,
		         "the list of revoked certificates (crl.pem) is outdated or of "
		         "another CA: fetch the present one");
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		if (cert)
			list_names(cert, names, sizeof(names));
		make_printable(names);
		tls_fail(t, failure, "the %s's certificate is for %s, not for %s",
		         is_browsing(t) ? "server" : "node", names, who);
		return;
	case X509_V_ERR_SUBJECT_ISSUER_MISMATCH:
		tls_fail(t, failure,
		         "the common name in the certificate of %s is not a peer's name", who);
		return;
	case X509_V_ERR_INVALID_PURPOSE:
		tls_fail(t, failure, "the certificate of %s is not made for %s", who,
		         t->context->cfg.role == TLS_SERVE ? "connecting" : "a node");
		return;
	default:
		tls_fail(t, failure, "the certificate of %s is not by %s (%s)", who,
		         is_browsing(t) ? "a CA that this host trusts" : "the CA of ca.pem",
		         X509_verify_cert_error_string(verdict));
	}
}

/* --- alerts and the rest ------------------------------------------------------------------------- */

static const char *version_sentence(const struct tls *t)
{
	return is_browsing(t) ? "the other side does not speak TLS 1.2 or later"
	                      : "the other side does not speak TLS 1.3";
}

/* What the other side meant, from our side of it. */
static const char *alert_sentence(const struct tls *t, int alert)
{
	if (t->key_offered)
		return "the node refuses the key: is it configured there, with this name and "
		       "secret?";
	switch (alert) {
	case SSL_AD_CERTIFICATE_EXPIRED:
		return "the other side says that our certificate has expired, or its clock is "
		       "wrong";
	case SSL_AD_CERTIFICATE_REVOKED:
		return "the other side says that our certificate was revoked, or its list of "
		       "revoked certificates is outdated";
	case SSL_AD_UNKNOWN_CA:
	case SSL_AD_BAD_CERTIFICATE:
	case SSL_AD_CERTIFICATE_UNKNOWN:
	case SSL_AD_DECRYPT_ERROR:
	case SSL_AD_UNSUPPORTED_CERTIFICATE:
		return "the other side does not accept our certificate: is it by the CA that it "
		       "trusts?";
	case SSL_AD_CERTIFICATE_REQUIRED:
		return "the other side wants a certificate";
	case SSL_AD_NO_APPLICATION_PROTOCOL:
		return "the other side serves another protocol at this port";
	case SSL_AD_PROTOCOL_VERSION:
		return version_sentence(t);
	case SSL_AD_HANDSHAKE_FAILURE:
		return is_browsing(t) ? "the other side has no cipher in common with us"
		                      : "the other side has neither certificates nor our key";
	default:
		return NULL;
	}
}

static void explain_alert(struct tls *t, int alert)
{
	const char *sentence = alert_sentence(t, alert);

	if (sentence)
		tls_fail(t, TLS_FAIL_PEER_ALERT, "%s", sentence);
	else
		tls_fail(t, TLS_FAIL_PEER_ALERT, "the other side ended TLS: %s",
		         SSL_alert_desc_string_long(alert));
}

void tls_explain(struct tls *t)
{
	unsigned long error = ERR_peek_last_error();
	int reason = ERR_GET_REASON(error);

	if (ERR_GET_LIB(error) == ERR_LIB_SSL && reason > SSL_AD_REASON_OFFSET) {
		explain_alert(t, reason - SSL_AD_REASON_OFFSET);
		return;
	}
	switch (reason) {
	case SSL_R_CERTIFICATE_VERIFY_FAILED:
		tls_fail(t, TLS_FAIL_UNTRUSTED, "the peer's certificate is not good");
		return;
	case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
		tls_fail(t, TLS_FAIL_NO_CERT, "the peer has shown no certificate");
		return;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_NO_PROTOCOLS_AVAILABLE:
		tls_fail(t, TLS_FAIL_VERSION, "%s", version_sentence(t));
		return;
	case SSL_R_WRONG_VERSION_NUMBER:
	case SSL_R_HTTP_REQUEST:
	case SSL_R_PACKET_LENGTH_TOO_LONG:
		tls_fail(t, TLS_FAIL_PLAINTEXT, "the other side does not speak TLS at this port");
		return;
	case SSL_R_BINDER_DOES_NOT_VERIFY:
		tls_fail(t, TLS_FAIL_KEY, "the peer's key is not the one known by this name");
		return;
	default:
		tls_fail(t, TLS_FAIL_OTHER, "TLS failed: %s",
		         reason ? ERR_reason_error_string(error) : "the connection broke");
	}
}
