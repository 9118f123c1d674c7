/* SPDX-License-Identifier: Apache-2.0 */
/* A small certificate authority in a folder, for the certificates of NAMP (docs/namp.md section 4.3) and for
 * nothing else: ca.pem, ca.key, crl.pem, and index.jsonl, which says what was issued and revoked (a line
 * of JSON a certificate).  ECDSA P-256 throughout.  Certificates are valid from one day before they are
 * made.  Times are those of the caller's clock.  Errors are -errno with ``d``. */
#ifndef CANDOR_NAMP_CA_H
#define CANDOR_NAMP_CA_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CA_NAME_OCTETS      64u /* with the NUL: a peer's name */
#define CA_SERIAL_OCTETS    33u /* 32 hexadecimal digits and the NUL */
#define CA_ADDRESSES_MAX    16u
#define CA_DAYS_MAX         36500u
#define CA_DAYS_DEFAULT     3650u
#define CA_NODE_DAYS        730u
#define CA_PERSON_DAYS      365u
#define CA_CRL_DAYS         365u
#define CA_PASSPHRASE_MIN   8u
#define CA_PASSPHRASE_MAX   1023u
#define CA_FINGERPRINT_MAX  65u /* SHA-256 in hexadecimal, with the NUL */
#define CA_AUTHORITY_OCTETS 65u /* its common name, with the NUL */

/* One certificate that was issued. */
struct ca_entry {
	char serial[CA_SERIAL_OCTETS];
	char name[CA_NAME_OCTETS];
	bool is_node; /* else a person */
	uint32_t address_count;
	struct inet_addr addresses[CA_ADDRESSES_MAX];
	int64_t from_s, until_s; /* Unix time */
	int64_t revoked_s;       /* 0: it is not */
};

struct ca_new {
	const char *dir;
	const char *name;       /* common name; NULL: "Candor CA" and random digits */
	const char *passphrase; /* encrypts ca.key; NULL: it is not */
	uint32_t days, crl_days;
	bool force; /* replace a CA that is there */
};

/* Make a CA.  0; -EEXIST: there is one. */
NODISCARD int ca_create(const struct ca_new *n, wall_t now, struct diag *d);

struct ca;

/* Open the folder, for this process alone.  0; -ENOENT: no CA there; -EBUSY. */
NODISCARD int ca_open(const char *dir, struct ca **ret, struct diag *d);
void ca_free(struct ca *ca); /* NULL is fine */

/* Read the key, which issuing, revoking and renewing need.  ``passphrase`` NULL: none.  0; -EACCES: a
 * passphrase is needed, or is wrong. */
NODISCARD int ca_unlock(struct ca *ca, const char *passphrase, struct diag *d);

struct ca_view {
	char name[CA_AUTHORITY_OCTETS];
	char sha256[CA_FINGERPRINT_MAX];
	int64_t from_s, until_s;
	uint64_t crl_number;
	int64_t crl_until_s;
	bool crl_is_current; /* false: a command was interrupted, ca_renew_crl() mends it */
	bool key_is_encrypted;
	uint32_t count;
	const struct ca_entry *entries; /* as they were issued; until the next change */
};
void ca_view(const struct ca *ca, struct ca_view *ret);

/* 1 to 63 letters, digits and "._@-", the first one a letter or digit; a node's without "@". */
bool ca_name_is_valid(const char *name, bool is_node);

struct ca_leaf {
	const char *name;
	bool is_node;
	bool renew; /* although the name has a valid certificate, which stays valid */
	uint32_t days;
	uint32_t address_count;
	const struct inet_addr *addresses; /* node: besides its name */
};

/* What an identity folder holds, as PEM text on the heap. */
enum ca_file { CA_FILE_CA, CA_FILE_CERT, CA_FILE_KEY, CA_FILE_CRL, CA_FILES };
struct ca_identity {
	char *text[CA_FILES];
	size_t len[CA_FILES];
};
void ca_identity_fini(struct ca_identity *i); /* the key is wiped */

/* A new key and its certificate, entered into the index.  Its end is at most that of the CA.  0; -EEXIST: the name has a
 * valid certificate; -EINVAL: the name, or the CA has ended. */
NODISCARD int ca_issue(struct ca *ca, const struct ca_leaf *leaf, wall_t now,
                       struct ca_identity *ret, struct ca_entry *ret_entry, struct diag *d);

/* Write the identity folder; key.pem 0600, or 0640 and of ``group`` when that is not (gid_t)-1.  0;
 * -EEXIST: one of the files is there, and not ``force``. */
NODISCARD int ca_identity_write(const struct ca_identity *i, const char *dir, gid_t group,
                                bool force, struct diag *d);

/* Whether ca_identity_write() would find one of its files there. */
bool ca_identity_exists(const char *dir);

/* Revoke all certificates of a name, or the one of a serial number, and sign a new CRL.  0; -ENOENT: none was issued
 * to that name; -EALREADY. */
NODISCARD int ca_revoke(struct ca *ca, const char *name_or_serial, wall_t now, uint32_t *ret_count,
                        struct diag *d);

/* Sign the CRL anew, valid for so many days (0: as before). */
NODISCARD int ca_renew_crl(struct ca *ca, uint32_t days, wall_t now, struct diag *d);

#endif
