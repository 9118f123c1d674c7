/* SPDX-License-Identifier: Apache-2.0 */
/* Keys, certificates and revocation lists of a CA (RFC 5280), as objects of OpenSSL. */
#include "namp/ca_internal.h"

#include <errno.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#define SERIAL_BYTES 16

int ca_openssl_error(struct diag *d, const char *what)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code ? ERR_reason_error_string(code) : NULL;

	ERR_clear_error();
	return diag_set(d, -EIO, "cannot %s: %s", what,
	                reason ? reason : "OpenSSL does not say why");
}

EVP_PKEY *ca_key_new(struct diag *d)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (!key)
		(void)ca_openssl_error(d, "make a key");
	return key;
}

/* 127 random bits below a 0, so that the number is positive in 16 octets; never 0. */
bool ca_serial_new(char to[CA_SERIAL_OCTETS])
{
	uint8_t bytes[SERIAL_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x3f) | 0x40;
	for (size_t i = 0; i < sizeof(bytes); i++)
		(void)snprintf(to + 2 * i, 3, "%02x", bytes[i]);
	return true;
}

int64_t ca_time(const ASN1_TIME *t)
{
	struct tm tm;

	return t && ASN1_TIME_to_tm(t, &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

/* --- parts of a certificate ---------------------------------------------------------------------- */

static bool set_serial(ASN1_INTEGER *to, const char *hex)
{
	BIGNUM *n = NULL;
	bool good = BN_hex2bn(&n, hex) > 0 && BN_to_ASN1_INTEGER(n, to);

	BN_free(n);
	return good;
}

static bool set_name(X509_NAME *to, const char *common_name)
{
	return X509_NAME_add_entry_by_txt(to, "CN", MBSTRING_UTF8,
	                                  (const unsigned char *)common_name, -1, -1, 0) == 1;
}

static bool set_times(X509 *cert, int64_t from_s, int64_t until_s)
{
	return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)from_s) &&
	       ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)until_s);
}

struct extension {
	int nid;
	const char *value; /* NULL ends a table */
};

/* The context has the issuer, which the key identifiers need. */
static bool add_extensions(X509 *cert, X509V3_CTX *context, const struct extension *list)
{
	for (; list->value; list++) {
		X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, context, list->nid, list->value);
		bool good = e && X509_add_ext(cert, e, -1) == 1;

		X509_EXTENSION_free(e);
		if (!good)
			return false;
	}
	return true;
}

/* --- the CA -------------------------------------------------------------------------------------- */

static bool fill_authority(X509 *cert, const char *name, EVP_PKEY *key, int64_t now_s,
                           uint32_t days)
{
	static const struct extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
		{ NID_key_usage, "critical,keyCertSign,cRLSign" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always" },
		{ 0 },
	};
	char serial[CA_SERIAL_OCTETS];
	X509V3_CTX context;

	if (!ca_serial_new(serial) || X509_set_version(cert, X509_VERSION_3) != 1 ||
	    !set_serial(X509_get_serialNumber(cert), serial) ||
	    !set_name(X509_get_subject_name(cert), name) ||
	    X509_set_issuer_name(cert, X509_get_subject_name(cert)) != 1 ||
	    !set_times(cert, now_s - DAY_S, now_s + (int64_t)days * DAY_S) ||
	    X509_set_pubkey(cert, key) != 1)
		return false;
	X509V3_set_ctx(&context, cert, cert, NULL, NULL, 0);
	return add_extensions(cert, &context, extensions) && X509_sign(cert, key, EVP_sha256()) > 0;
}

X509 *ca_cert_authority(const char *name, EVP_PKEY *key, int64_t now_s, uint32_t days,
                        struct diag *d)
{
	X509 *cert = X509_new();

	if (cert && fill_authority(cert, name, key, now_s, days))
		return cert;
	X509_free(cert);
	(void)ca_openssl_error(d, "make the certificate of the CA");
	return NULL;
}

/* --- what it issues ------------------------------------------------------------------------------ */

/* "DNS:node1.example,IP:192.0.2.1"; names and addresses cannot hold a comma. */
static void write_alt_names(const struct ca_entry *e, char *to, size_t cap)
{
	char text[INET_TEXT_MAX];
	int n = snprintf(to, cap, "DNS:%s", e->name);
	size_t at = n < 0 ? cap : (size_t)n;

	for (uint32_t i = 0; i < e->address_count && at < cap; i++) {
		n = snprintf(to + at, cap - at, ",IP:%s", inet_addr_format(&e->addresses[i], text));
		at += n < 0 ? cap : (size_t)n;
	}
}

static bool fill_leaf(X509 *cert, const struct ca *ca, const struct ca_entry *e, EVP_PKEY *key)
{
	char alt_names[16 + CA_NAME_OCTETS + CA_ADDRESSES_MAX * (INET_TEXT_MAX + 4)];
	const struct extension extensions[] = {
		{ NID_basic_constraints, "critical,CA:FALSE" },
		{ NID_key_usage, "critical,digitalSignature" },
		{ NID_ext_key_usage, e->is_node ? "serverAuth,clientAuth" : "clientAuth" },
		{ NID_subject_key_identifier, "hash" },
		{ NID_authority_key_identifier, "keyid:always" },
		{ NID_subject_alt_name, e->is_node ? alt_names : NULL }, /* a person has none */
		{ 0 },
	};
	X509V3_CTX context;

	write_alt_names(e, alt_names, sizeof(alt_names));
	if (X509_set_version(cert, X509_VERSION_3) != 1 ||
	    !set_serial(X509_get_serialNumber(cert), e->serial) ||
	    !set_name(X509_get_subject_name(cert), e->name) ||
	    X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)) != 1 ||
	    !set_times(cert, e->from_s, e->until_s) || X509_set_pubkey(cert, key) != 1)
		return false;
	X509V3_set_ctx(&context, ca->cert, cert, NULL, NULL, 0);
	return add_extensions(cert, &context, extensions) &&
	       X509_sign(cert, ca->key, EVP_sha256()) > 0;
}

X509 *ca_cert_leaf(const struct ca *ca, const struct ca_entry *e, EVP_PKEY *key, struct diag *d)
{
	X509 *cert = X509_new();

	if (cert && fill_leaf(cert, ca, e, key))
		return cert;
	X509_free(cert);
	(void)ca_openssl_error(d, "make the certificate");
	return NULL;
}

/* --- revocations --------------------------------------------------------------------------------- */

static bool add_revoked(X509_CRL *crl, const struct ca_entry *e)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_INTEGER *serial = ASN1_INTEGER_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)e->revoked_s);
	bool good = r && serial && at && set_serial(serial, e->serial) &&
	            X509_REVOKED_set_serialNumber(r, serial) == 1 &&
	            X509_REVOKED_set_revocationDate(r, at) == 1 &&
	            X509_CRL_add0_revoked(crl, r) == 1;

	if (!good)
		X509_REVOKED_free(r); /* else the list's */
	ASN1_INTEGER_free(serial);
	ASN1_TIME_free(at);
	return good;
}

static bool add_crl_extensions(X509_CRL *crl, const struct ca *ca)
{
	X509V3_CTX context;
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	X509V3_set_ctx(&context, ca->cert, NULL, NULL, crl, 0);
	X509_EXTENSION *issuer =
	        X509V3_EXT_nconf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
	bool good = issuer && X509_CRL_add_ext(crl, issuer, -1) == 1 && number &&
	            ASN1_INTEGER_set_uint64(number, ca->index.crl_number) == 1 &&
	            X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;

	X509_EXTENSION_free(issuer);
	ASN1_INTEGER_free(number);
	return good;
}

static bool fill_crl(X509_CRL *crl, const struct ca *ca, int64_t now_s)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(now_s - DAY_S));
	ASN1_TIME *until =
	        ASN1_TIME_set(NULL, (time_t)(now_s + (int64_t)ca->index.crl_days * DAY_S));
	bool good = from && until && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	            X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert)) == 1 &&
	            X509_CRL_set1_lastUpdate(crl, from) == 1 &&
	            X509_CRL_set1_nextUpdate(crl, until) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(until);
	/* One that has ended is refused for that anyhow. */
	for (uint32_t i = 0; i < ca->index.count && good; i++) {
		const struct ca_entry *e = &ca->index.entries[i];

		if (e->revoked_s && e->until_s + DAY_S >= now_s)
			good = add_revoked(crl, e);
	}
	return good && add_crl_extensions(crl, ca) && X509_CRL_sort(crl) == 1 &&
	       X509_CRL_sign(crl, ca->key, EVP_sha256()) > 0;
}

X509_CRL *ca_crl_new(const struct ca *ca, int64_t now_s, struct diag *d)
{
	X509_CRL *crl = X509_CRL_new();

	if (crl && fill_crl(crl, ca, now_s))
		return crl;
	X509_CRL_free(crl);
	(void)ca_openssl_error(d, "make the list of revoked certificates");
	return NULL;
}
