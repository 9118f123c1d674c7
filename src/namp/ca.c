/* SPDX-License-Identifier: Apache-2.0 */
/* A certificate authority: making it, issuing, revoking.  The index is durable before what it describes
 * leaves: a certificate that nobody can revoke cannot come to be. */
#include "namp/ca_internal.h"

#include "base/xalloc.h"
#include "io/state_dir.h"
#include "io/tls.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/file.h>

#define PUBLIC_MODE 0644

/* --- the folder ---------------------------------------------------------------------------------- */

static int lock(int dir, const char *path, struct diag *d)
{
	if (flock(dir, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return diag_set(d, errno == EWOULDBLOCK ? -EBUSY : -errno,
	                "another command works on the CA in '%s': try again", path);
}

static int write_file(int dir, const char *name, mode_t mode, const char *text, size_t len,
                      struct diag *d)
{
	const struct state_file_rights rights = { mode, (uid_t)-1, (gid_t)-1 };
	int rc = state_replace_as(dir, name, text, len, &rights);

	return rc < 0 ? diag_set(d, rc, "cannot write %s: %s", name, strerror(-rc)) : 0;
}

static int write_key(int dir, EVP_PKEY *key, const char *passphrase, struct diag *d)
{
	size_t len = 0;
	char *text = ca_pem_key(key, passphrase, &len, d);
	int rc = text ? write_file(dir, CA_KEY_FILE, 0600, text, len, d) : -EIO;

	if (text)
		OPENSSL_cleanse(text, len);
	free(text);
	return rc;
}

static int write_cert(int dir, X509 *cert, struct diag *d)
{
	size_t len = 0;
	CLEANUP(freep) char *text = ca_pem_cert(cert, &len, d);

	return text ? write_file(dir, CA_CERT_FILE, PUBLIC_MODE, text, len, d) : -EIO;
}

/* The list that the index says, with its number. */
static int write_crl(struct ca *ca, int64_t now_s, struct diag *d)
{
	X509_CRL *crl = ca_crl_new(ca, now_s, d);
	size_t len = 0;
	CLEANUP(freep) char *text = crl ? ca_pem_crl(crl, &len, d) : NULL;
	int rc = text ? write_file(ca->dir, CA_CRL_FILE, PUBLIC_MODE, text, len, d) : -EIO;

	if (rc < 0) {
		X509_CRL_free(crl);
		return rc;
	}
	X509_CRL_free(ca->crl);
	ca->crl = crl;
	return 0;
}

static int check_times(uint32_t days, uint32_t crl_days, struct diag *d)
{
	if (days < 1 || days > CA_DAYS_MAX || crl_days < 1 || crl_days > CA_DAYS_MAX)
		return diag_set(d, -EINVAL, "a validity is 1 to %u days", CA_DAYS_MAX);
	return 0;
}

/* The index comes last: without it there is no CA. */
static int fill_folder(struct ca *ca, const struct ca_new *n, int64_t now_s, struct diag *d)
{
	char name[CA_AUTHORITY_OCTETS], digits[CA_SERIAL_OCTETS];

	if (!ca_serial_new(digits))
		return ca_openssl_error(d, "draw random numbers");
	(void)snprintf(name, sizeof(name), "Candor CA %.8s", digits + 2);
	ca->key = ca_key_new(d);
	if (ca->key)
		ca->cert = ca_cert_authority(n->name ? n->name : name, ca->key, now_s, n->days, d);
	if (!ca->cert)
		return -EIO;
	int rc = state_remove(ca->dir, CA_INDEX_FILE);

	if (rc == 0)
		rc = write_key(ca->dir, ca->key, n->passphrase, d);
	if (rc == 0)
		rc = write_cert(ca->dir, ca->cert, d);
	if (rc == 0)
		rc = write_crl(ca, now_s, d);
	return rc < 0 ? rc : ca_index_write(ca->dir, &ca->index, d);
}

static int check_new(const struct ca_new *n, struct diag *d)
{
	size_t name = n->name ? strlen(n->name) : 1;
	size_t passphrase = n->passphrase ? strlen(n->passphrase) : CA_PASSPHRASE_MIN;

	if (name == 0 || name >= CA_AUTHORITY_OCTETS)
		return diag_set(d, -EINVAL, "the name of a CA has 1 to %u octets",
		                CA_AUTHORITY_OCTETS - 1);
	if (passphrase < CA_PASSPHRASE_MIN || passphrase > CA_PASSPHRASE_MAX)
		return diag_set(d, -EINVAL, "a passphrase has %u to %u octets", CA_PASSPHRASE_MIN,
		                CA_PASSPHRASE_MAX);
	return check_times(n->days, n->crl_days, d);
}

int ca_create(const struct ca_new *n, wall_t now, struct diag *d)
{
	int rc = check_new(n, d);

	if (rc < 0)
		return rc;
	struct ca *ca = xcalloc(1, sizeof(*ca));

	ca->index = (struct ca_index) { .crl_number = 1, .crl_days = n->crl_days };
	ca->dir = rc = state_dir_open(n->dir, (uid_t)-1, (gid_t)-1, d);
	if (rc >= 0)
		rc = lock(ca->dir, n->dir, d);
	if (rc >= 0 && !n->force && faccessat(ca->dir, CA_KEY_FILE, F_OK, 0) == 0)
		rc = diag_set(d, -EEXIST,
		              "there is a CA in '%s'; --force replaces it, and nobody will trust "
		              "what it has issued",
		              n->dir);
	if (rc >= 0)
		rc = fill_folder(ca, n, ca_seconds(now), d);
	ca_free(ca);
	return rc < 0 ? rc : 0;
}

static int read_folder(struct ca *ca, struct diag *d)
{
	int rc = ca_index_read(ca->dir, &ca->index, d);

	if (rc == 0)
		rc = ca_key_is_encrypted(ca->dir, &ca->key_is_encrypted, d);
	if (rc < 0)
		return rc;
	ca->cert = ca_cert_read(ca->dir, d);
	ca->crl = ca_crl_read(ca->dir);
	return ca->cert ? 0 : -EIO;
}

int ca_open(const char *dir, struct ca **ret, struct diag *d)
{
	struct ca *ca = xcalloc(1, sizeof(*ca));
	int rc = 0;

	ca->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ca->dir < 0)
		rc = diag_set(d, -errno, "cannot open the CA in '%s': %s", dir, strerror(errno));
	else if (faccessat(ca->dir, CA_INDEX_FILE, F_OK, 0) < 0)
		rc = diag_set(d, -ENOENT, "there is no CA in '%s': \"candor pki init\" makes one",
		              dir);
	if (rc == 0)
		rc = lock(ca->dir, dir, d);
	if (rc == 0)
		rc = read_folder(ca, d);
	if (rc < 0)
		ca_free(ca);
	else
		*ret = ca;
	return rc;
}

void ca_free(struct ca *ca)
{
	if (!ca)
		return;
	fd_closep(&ca->dir);
	X509_free(ca->cert);
	X509_CRL_free(ca->crl);
	EVP_PKEY_free(ca->key);
	ca_index_fini(&ca->index);
	free(ca);
}

int ca_unlock(struct ca *ca, const char *passphrase, struct diag *d)
{
	EVP_PKEY *key = NULL;
	int rc = ca_key_read(ca->dir, passphrase, &key, d);

	if (rc < 0)
		return rc;
	if (X509_check_private_key(ca->cert, key) != 1) {
		EVP_PKEY_free(key);
		return diag_set(d, -EINVAL, CA_KEY_FILE " is not the key of " CA_CERT_FILE);
	}
	EVP_PKEY_free(ca->key);
	ca->key = key;
	return 0;
}

/* --- what there is ------------------------------------------------------------------------------- */

static void fill_fingerprint(X509 *cert, char to[CA_FINGERPRINT_MAX])
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (X509_digest(cert, EVP_sha256(), digest, &len) != 1)
		len = 0;
	to[0] = '\0';
	for (unsigned i = 0; i < len && 2 * i + 2 < CA_FINGERPRINT_MAX; i++)
		(void)snprintf(to + (size_t)2 * i, 3, "%02x", digest[i]);
}

static uint64_t crl_number(const X509_CRL *crl)
{
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	uint64_t value = 0;

	if (number && ASN1_INTEGER_get_uint64(&value, number) != 1)
		value = 0;
	ASN1_INTEGER_free(number);
	return value;
}

void ca_view(const struct ca *ca, struct ca_view *ret)
{
	*ret = (struct ca_view) {
		.from_s = ca_time(X509_get0_notBefore(ca->cert)),
		.until_s = ca_time(X509_get0_notAfter(ca->cert)),
		.crl_number = ca->crl ? crl_number(ca->crl) : 0,
		.crl_until_s = ca->crl ? ca_time(X509_CRL_get0_nextUpdate(ca->crl)) : 0,
		.key_is_encrypted = ca->key_is_encrypted,
		.count = ca->index.count,
		.entries = ca->index.entries,
	};
	ret->crl_is_current = ret->crl_number == ca->index.crl_number;
	(void)X509_NAME_get_text_by_NID(X509_get_subject_name(ca->cert), NID_commonName, ret->name,
	                                sizeof(ret->name)); /* empty when it has none */
	fill_fingerprint(ca->cert, ret->sha256);
}

bool ca_name_is_valid(const char *name, bool is_node)
{
	return tls_name_is_good(name, strlen(name)) && isalnum((unsigned char)name[0]) &&
	       (!is_node || !strchr(name, '@'));
}

/* --- issuing ------------------------------------------------------------------------------------- */

static bool holds(const struct ca_entry *e, int64_t now_s)
{
	return !e->revoked_s && e->until_s > now_s;
}

static int check_leaf(const struct ca *ca, const struct ca_leaf *leaf, int64_t now_s,
                      struct diag *d)
{
	if (!ca_name_is_valid(leaf->name, leaf->is_node))
		return diag_set(
		        d, -EINVAL,
		        "\"%s\" is no name of a %s: 1 to %u letters, digits and \"%s\", the "
		        "first one a letter or digit",
		        leaf->name, leaf->is_node ? "node" : "person", CA_NAME_OCTETS - 1,
		        leaf->is_node ? "._-" : "._@-");
	if (leaf->address_count > CA_ADDRESSES_MAX || (leaf->address_count && !leaf->is_node))
		return diag_set(d, -EINVAL, "a node has at most %u addresses, a person none",
		                CA_ADDRESSES_MAX);
	if (ca_time(X509_get0_notAfter(ca->cert)) <= now_s)
		return diag_set(d, -EINVAL, "the CA itself has ended: make a new one");
	for (uint32_t i = 0; i < ca->index.count && !leaf->renew; i++) {
		const struct ca_entry *e = &ca->index.entries[i];

		if (strcasecmp(e->name, leaf->name) == 0 && holds(e, now_s))
			return diag_set(
			        d, -EEXIST,
			        "%s has a valid certificate already (serial %s): revoke it, or "
			        "issue another one with --renew",
			        e->name, e->serial);
	}
	return check_times(leaf->days, CA_CRL_DAYS, d);
}

static int fill_entry(const struct ca *ca, const struct ca_leaf *leaf, int64_t now_s,
                      struct ca_entry *ret, struct diag *d)
{
	int64_t until_s = now_s + (int64_t)leaf->days * DAY_S;
	int64_t ca_until_s = ca_time(X509_get0_notAfter(ca->cert));

	*ret = (struct ca_entry) {
		.is_node = leaf->is_node,
		.address_count = leaf->address_count,
		.from_s = now_s - DAY_S,
		.until_s = until_s < ca_until_s ? until_s : ca_until_s,
	};
	(void)snprintf(ret->name, sizeof(ret->name), "%s", leaf->name);
	for (uint32_t i = 0; i < leaf->address_count; i++)
		ret->addresses[i] = leaf->addresses[i];
	return ca_serial_new(ret->serial) ? 0 : ca_openssl_error(d, "draw random numbers");
}

static int fill_identity(const struct ca *ca, const struct ca_entry *e, struct ca_identity *to,
                         struct diag *d)
{
	EVP_PKEY *key = ca_key_new(d);
	X509 *cert = key ? ca_cert_leaf(ca, e, key, d) : NULL;

	if (cert) {
		to->text[CA_FILE_CERT] = ca_pem_cert(cert, &to->len[CA_FILE_CERT], d);
		to->text[CA_FILE_KEY] = ca_pem_key(key, NULL, &to->len[CA_FILE_KEY], d);
		to->text[CA_FILE_CA] = ca_pem_cert(ca->cert, &to->len[CA_FILE_CA], d);
		to->text[CA_FILE_CRL] = ca_pem_crl(ca->crl, &to->len[CA_FILE_CRL], d);
	}
	X509_free(cert);
	EVP_PKEY_free(key);
	for (size_t i = 0; i < CA_FILES; i++) {
		if (!to->text[i])
			return -EIO;
	}
	return 0;
}

/* A list that was lost, or whose command was interrupted. */
static int mend_crl(struct ca *ca, int64_t now_s, struct diag *d)
{
	if (ca->crl && crl_number(ca->crl) == ca->index.crl_number)
		return 0;
	return write_crl(ca, now_s, d);
}

int ca_issue(struct ca *ca, const struct ca_leaf *leaf, wall_t now, struct ca_identity *ret,
             struct ca_entry *ret_entry, struct diag *d)
{
	struct ca_identity identity = { 0 };
	struct ca_entry e;
	int rc = check_leaf(ca, leaf, ca_seconds(now), d);

	if (rc == 0)
		rc = mend_crl(ca, ca_seconds(now), d);
	if (rc == 0)
		rc = fill_entry(ca, leaf, ca_seconds(now), &e, d);
	if (rc == 0)
		rc = fill_identity(ca, &e, &identity, d);
	if (rc == 0) {
		ca_index_add(&ca->index, &e);
		rc = ca_index_write(ca->dir, &ca->index, d);
		ca->index.count -= rc < 0;
	}
	if (rc < 0) {
		ca_identity_fini(&identity);
		return rc;
	}
	*ret = identity;
	*ret_entry = e;
	return 0;
}

/* --- revoking ------------------------------------------------------------------------------------ */

static int sign_next_crl(struct ca *ca, int64_t now_s, struct diag *d)
{
	ca->index.crl_number++;
	int rc = ca_index_write(ca->dir, &ca->index, d);

	return rc < 0 ? rc : write_crl(ca, now_s, d);
}

int ca_revoke(struct ca *ca, const char *name_or_serial, wall_t now, uint32_t *ret_count,
              struct diag *d)
{
	uint32_t known = 0, count = 0;

	for (uint32_t i = 0; i < ca->index.count; i++) {
		struct ca_entry *e = &ca->index.entries[i];

		if (strcmp(e->name, name_or_serial) != 0 &&
		    strcasecmp(e->serial, name_or_serial) != 0)
			continue;
		known++;
		if (e->revoked_s)
			continue;
		e->revoked_s = ca_seconds(now);
		count++;
	}
	if (!known)
		return diag_set(d, -ENOENT, "no certificate was issued to \"%s\"", name_or_serial);
	if (!count)
		return diag_set(d, -EALREADY, "\"%s\" is revoked already", name_or_serial);
	int rc = sign_next_crl(ca, ca_seconds(now), d);

	if (rc == 0)
		*ret_count = count;
	return rc;
}

int ca_renew_crl(struct ca *ca, uint32_t days, wall_t now, struct diag *d)
{
	int rc = check_times(CA_DAYS_DEFAULT, days ? days : ca->index.crl_days, d);

	if (rc < 0)
		return rc;
	if (days)
		ca->index.crl_days = days;
	return sign_next_crl(ca, ca_seconds(now), d);
}
