/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a certificate authority; inside namp/ca*.c only. */
#ifndef CANDOR_NAMP_CA_INTERNAL_H
#define CANDOR_NAMP_CA_INTERNAL_H

#include "namp/ca.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

#define CA_CERT_FILE  "ca.pem"
#define CA_KEY_FILE   "ca.key"
#define CA_CRL_FILE   "crl.pem"
#define CA_INDEX_FILE "index.jsonl"

#define CA_TEXT_MAX   65536u      /* octets of a certificate or key */
#define CA_CRL_MAX    (32u << 20) /* octets */
#define CA_INDEX_MAX  (64u << 20)
#define DAY_S         86400

/* index.jsonl: a head, and a line a certificate. */
struct ca_index {
	uint64_t crl_number;
	uint32_t crl_days;
	uint32_t count, cap;
	struct ca_entry *entries;
};

struct ca {
	int dir;
	X509 *cert;
	EVP_PKEY *key; /* NULL: locked */
	X509_CRL *crl; /* NULL: lost */
	bool key_is_encrypted;
	struct ca_index index;
};

static inline int64_t ca_seconds(wall_t now)
{
	return now.ns / NS_PER_S;
}

/* The sentence and the reason that OpenSSL gives; -EIO. */
int ca_openssl_error(struct diag *d, const char *what);

/* ca_index.c.  -EBADMSG with the line in ``d``. */
NODISCARD int ca_index_read(int dir, struct ca_index *ret, struct diag *d);
NODISCARD int ca_index_write(int dir, const struct ca_index *index, struct diag *d);
void ca_index_add(struct ca_index *index, const struct ca_entry *e);
void ca_index_fini(struct ca_index *index);

/* ca_cert.c: objects of OpenSSL, NULL with ``d``. */
EVP_PKEY *ca_key_new(struct diag *d);
X509 *ca_cert_authority(const char *name, EVP_PKEY *key, int64_t now_s, uint32_t days,
                        struct diag *d);
/* Serial number and times are those of ``e``. */
X509 *ca_cert_leaf(const struct ca *ca, const struct ca_entry *e, EVP_PKEY *key, struct diag *d);
X509_CRL *ca_crl_new(const struct ca *ca, int64_t now_s, struct diag *d);
bool ca_serial_new(char to[CA_SERIAL_OCTETS]);
int64_t ca_time(const ASN1_TIME *t); /* Unix time; 0 for none */

/* ca_pem.c: text on the heap with its length, or NULL with ``d``. */
char *ca_pem_cert(X509 *cert, size_t *ret_len, struct diag *d);
char *ca_pem_crl(X509_CRL *crl, size_t *ret_len, struct diag *d);
char *ca_pem_key(EVP_PKEY *key, const char *passphrase, size_t *ret_len, struct diag *d);
X509 *ca_cert_read(int dir, struct diag *d);
X509_CRL *ca_crl_read(int dir); /* NULL: none there, or none that can be read */
/* 0; -EACCES: the passphrase. */
NODISCARD int ca_key_read(int dir, const char *passphrase, EVP_PKEY **ret, struct diag *d);
NODISCARD int ca_key_is_encrypted(int dir, bool *ret, struct diag *d);

#endif
