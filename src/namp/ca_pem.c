/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a CA: PEM text (RFC 7468), a private key as PKCS #8, encrypted on demand. */
#include "namp/ca_internal.h"

#include "base/xalloc.h"
#include "io/state_dir.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#define KEY_ITERATIONS 600000 /* PBKDF2 with HMAC-SHA-256: about a quarter of a second */
#define SALT_OCTETS    16
#define ENCRYPTED_HEAD "-----BEGIN ENCRYPTED PRIVATE KEY-----"

/* --- writing ------------------------------------------------------------------------------------- */

/* The text of a memory BIO, which is freed. */
static char *take_text(BIO *bio, bool good, size_t *ret_len, const char *what, struct diag *d)
{
	char *data = NULL, *text = NULL;
	long len = bio ? BIO_get_mem_data(bio, &data) : 0;

	if (good && len > 0) {
		text = xcalloc(1, (size_t)len + 1);
		memcpy(text, data, (size_t)len);
		*ret_len = (size_t)len;
	} else {
		(void)ca_openssl_error(d, what);
	}
	if (data)
		explicit_bzero(data, (size_t)len); /* it may be a key */
	BIO_free(bio);
	return text;
}

char *ca_pem_cert(X509 *cert, size_t *ret_len, struct diag *d)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool good = bio && PEM_write_bio_X509(bio, cert) == 1;

	return take_text(bio, good, ret_len, "write a certificate", d);
}

char *ca_pem_crl(X509_CRL *crl, size_t *ret_len, struct diag *d)
{
	BIO *bio = BIO_new(BIO_s_mem());
	bool good = bio && PEM_write_bio_X509_CRL(bio, crl) == 1;

	return take_text(bio, good, ret_len, "write a list of revoked certificates", d);
}

/* OpenSSL's own function would stop at 2048 iterations. */
static bool write_encrypted(BIO *bio, const EVP_PKEY *key, const char *passphrase)
{
	PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
	X509_ALGOR *how = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), KEY_ITERATIONS, NULL, SALT_OCTETS,
	                                    NULL, NID_hmacWithSHA256);
	X509_SIG *sealed = plain && how
	                           ? PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), plain, how)
	                           : NULL;
	bool good = sealed && PEM_write_bio_PKCS8(bio, sealed) == 1;

	if (!sealed)
		X509_ALGOR_free(how); /* else a part of it */
	X509_SIG_free(sealed);
	PKCS8_PRIV_KEY_INFO_free(plain);
	return good;
}

char *ca_pem_key(EVP_PKEY *key, const char *passphrase, size_t *ret_len, struct diag *d)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	bool good = bio && (passphrase ? write_encrypted(bio, key, passphrase)
	                               : PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0,
	                                                               NULL, NULL) == 1);

	return take_text(bio, good, ret_len, "write a private key", d);
}

/* --- reading ------------------------------------------------------------------------------------- */

static BIO *open_file(int dir, const char *name, size_t max, char **ret_text, size_t *ret_len,
                      struct diag *d)
{
	int rc = state_read(dir, name, max, ret_text, ret_len);
	BIO *bio = rc == 0 ? BIO_new_mem_buf(*ret_text, (int)*ret_len) : NULL;

	if (!bio)
		(void)diag_set(d, rc ? rc : -ENOMEM, "cannot read %s: %s", name,
		               strerror(rc ? -rc : ENOMEM));
	return bio;
}

X509 *ca_cert_read(int dir, struct diag *d)
{
	CLEANUP(freep) char *text = NULL;
	size_t len;
	BIO *bio = open_file(dir, CA_CERT_FILE, CA_TEXT_MAX, &text, &len, d);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;

	if (bio && !cert)
		(void)ca_openssl_error(d, "read " CA_CERT_FILE);
	BIO_free(bio);
	return cert;
}

X509_CRL *ca_crl_read(int dir)
{
	CLEANUP(freep) char *text = NULL;
	struct diag d;
	size_t len;
	BIO *bio = open_file(dir, CA_CRL_FILE, CA_CRL_MAX, &text, &len, &d);
	X509_CRL *crl = bio ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return crl;
}

int ca_key_is_encrypted(int dir, bool *ret, struct diag *d)
{
	char *text = NULL;
	size_t len;
	int rc = state_read(dir, CA_KEY_FILE, CA_TEXT_MAX, &text, &len);

	if (rc < 0)
		return diag_set(d, rc, "cannot read " CA_KEY_FILE ": %s", strerror(-rc));
	*ret = strncmp(text, ENCRYPTED_HEAD, strlen(ENCRYPTED_HEAD)) == 0;
	explicit_bzero(text, len);
	free(text);
	return 0;
}

/* Never asks on the terminal, as OpenSSL would. */
static int give_passphrase(char *to, int cap, int writing, void *passphrase)
{
	size_t len = passphrase ? strlen(passphrase) : 0;

	(void)writing;
	if (len == 0 || len > (size_t)cap)
		return -1;
	/* NOLINTNEXTLINE(bugprone-not-null-terminated-result): the length goes along */
	memcpy(to, passphrase, len);
	return (int)len;
}

int ca_key_read(int dir, const char *passphrase, EVP_PKEY **ret, struct diag *d)
{
	char *text = NULL;
	size_t len = 0;
	bool is_encrypted = false;
	int rc = ca_key_is_encrypted(dir, &is_encrypted, d);

	if (rc < 0)
		return rc;
	if (is_encrypted && !passphrase)
		return diag_set(d, -EACCES,
		                "the key of the CA is encrypted: --passphrase-file is needed");
	BIO *bio = open_file(dir, CA_KEY_FILE, CA_TEXT_MAX, &text, &len, d);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase,
	                                              (void *)(uintptr_t)passphrase)
	                    : NULL;

	BIO_free(bio);
	if (text)
		explicit_bzero(text, len);
	free(text);
	if (key) {
		*ret = key;
		return 0;
	}
	if (!bio)
		return -EIO;
	if (is_encrypted) {
		ERR_clear_error();
		return diag_set(d, -EACCES, "the passphrase of the CA's key is wrong");
	}
	return ca_openssl_error(d, "read " CA_KEY_FILE);
}
