/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for tests, good and bad: a CA, what it issues, and what it revokes, as PEM texts. */
#ifndef CANDOR_TESTS_TLS_MAKER_H
#define CANDOR_TESTS_TLS_MAKER_H

#include "t.h"

#include "io/clock.h"
#include "io/tls.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#define MAKER_DAY_S 86400L

struct maker_ca {
	EVP_PKEY *key;
	X509 *cert;
	char *pem;
};

struct maker_wish {
	const char *name;      /* common name; NULL: none */
	const char *san;       /* "DNS:node1.example,IP:192.0.2.1" */
	const char *use;       /* extended key usage; NULL: none */
	long begins_s, ends_s; /* from now; both 0: a day ago, a year ahead */
	long serial;
	unsigned rsa_bits; /* 0: an elliptic curve */
};

struct maker_files { /* PEM texts, on the heap */
	char *cert, *key;
};

static inline time_t maker_now_s(void)
{
	return (time_t)(clock_system()->wall(clock_system()).ns / NS_PER_S);
}

static inline char *maker_text(BIO *b)
{
	char *data, *text;
	long len = BIO_get_mem_data(b, &data);

	text = calloc(1, (size_t)len + 1);
	assert_non_null(text);
	memcpy(text, data, (size_t)len);
	BIO_free(b);
	return text;
}

static inline void maker_extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_nconf_nid(NULL, &ctx, nid, value);

	assert_non_null(e);
	assert_true(X509_add_ext(cert, e, -1));
	X509_EXTENSION_free(e);
}

static inline X509 *maker_blank(const struct maker_wish *w, EVP_PKEY *key)
{
	X509 *cert = X509_new();
	bool is_default = w->begins_s == 0 && w->ends_s == 0;

	assert_non_null(cert);
	assert_true(X509_set_version(cert, X509_VERSION_3));
	assert_true(ASN1_INTEGER_set(X509_get_serialNumber(cert), w->serial ? w->serial : 1));
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert),
	                                is_default ? -MAKER_DAY_S : w->begins_s));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert),
	                                is_default ? 365 * MAKER_DAY_S : w->ends_s));
	assert_true(X509_set_pubkey(cert, key));
	if (w->name)
		assert_true(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN",
		                                       MBSTRING_UTF8,
		                                       (const unsigned char *)w->name, -1, -1, 0));
	return cert;
}

static inline char *maker_cert_pem(X509 *cert)
{
	BIO *b = BIO_new(BIO_s_mem());

	assert_true(PEM_write_bio_X509(b, cert));
	return maker_text(b);
}

static inline struct maker_ca maker_ca_new(const char *name)
{
	struct maker_wish w = { .name = name };
	struct maker_ca ca = { .key = EVP_EC_gen("P-256") };

	assert_non_null(ca.key);
	ca.cert = maker_blank(&w, ca.key);
	assert_true(X509_set_issuer_name(ca.cert, X509_get_subject_name(ca.cert)));
	maker_extend(ca.cert, ca.cert, NID_basic_constraints, "critical,CA:TRUE");
	maker_extend(ca.cert, ca.cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	maker_extend(ca.cert, ca.cert, NID_subject_key_identifier, "hash");
	assert_true(X509_sign(ca.cert, ca.key, EVP_sha256()));
	ca.pem = maker_cert_pem(ca.cert);
	return ca;
}

static inline void maker_ca_free(struct maker_ca *ca)
{
	X509_free(ca->cert);
	EVP_PKEY_free(ca->key);
	free(ca->pem);
}

static inline struct maker_files maker_issue(const struct maker_ca *ca, const struct maker_wish *w)
{
	EVP_PKEY *key = w->rsa_bits ? EVP_RSA_gen(w->rsa_bits) : EVP_EC_gen("P-256");
	BIO *b = BIO_new(BIO_s_mem());
	struct maker_files f;

	assert_non_null(key);
	X509 *cert = maker_blank(w, key);

	assert_true(X509_set_issuer_name(cert, X509_get_subject_name(ca->cert)));
	maker_extend(cert, ca->cert, NID_basic_constraints, "critical,CA:FALSE");
	if (w->use)
		maker_extend(cert, ca->cert, NID_ext_key_usage, w->use);
	if (w->san)
		maker_extend(cert, ca->cert, NID_subject_alt_name, w->san);
	assert_true(X509_sign(cert, ca->key, EVP_sha256()));
	assert_true(PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL));
	f.key = maker_text(b);
	f.cert = maker_cert_pem(cert);
	X509_free(cert);
	EVP_PKEY_free(key);
	return f;
}

static inline void maker_files_free(struct maker_files *f)
{
	free(f->cert);
	free(f->key);
}

/* A list of revoked certificates with one serial number (0: none), outdated after ``ends_s``. */
static inline char *maker_crl(const struct maker_ca *ca, long serial, long ends_s)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, maker_now_s() - MAKER_DAY_S);
	BIO *b = BIO_new(BIO_s_mem());

	assert_non_null(crl);
	assert_true(X509_CRL_set_version(crl, X509_CRL_VERSION_2));
	assert_true(X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->cert)));
	assert_true(X509_CRL_set1_lastUpdate(crl, at));
	if (serial) {
		X509_REVOKED *r = X509_REVOKED_new();
		ASN1_INTEGER *number = ASN1_INTEGER_new();

		assert_true(ASN1_INTEGER_set(number, serial));
		assert_true(X509_REVOKED_set_serialNumber(r, number));
		assert_true(X509_REVOKED_set_revocationDate(r, at));
		assert_true(X509_CRL_add0_revoked(crl, r));
		ASN1_INTEGER_free(number);
	}
	ASN1_TIME_free(at);
	at = ASN1_TIME_set(NULL, maker_now_s() + ends_s);
	assert_true(X509_CRL_set1_nextUpdate(crl, at));
	ASN1_TIME_free(at);
	assert_true(X509_CRL_sign(crl, ca->key, EVP_sha256()));
	assert_true(PEM_write_bio_X509_CRL(b, crl));
	X509_CRL_free(crl);
	return maker_text(b);
}

static inline struct tls_identity maker_identity(const struct maker_ca *ca,
                                                 const struct maker_files *f, const char *crl)
{
	return (struct tls_identity) {
		.ca = ca->pem,
		.ca_len = strlen(ca->pem),
		.cert = f->cert,
		.cert_len = strlen(f->cert),
		.key = f->key,
		.key_len = strlen(f->key),
		.crl = crl,
		.crl_len = crl ? strlen(crl) : 0,
	};
}

#endif
