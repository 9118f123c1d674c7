/* SPDX-License-Identifier: Apache-2.0 */
/* The identity folder of a node or person, as candord and candor read it. */
#include "namp/ca_internal.h"

#include "io/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char *const names[CA_FILES] = {
	[CA_FILE_CA] = "ca.pem",
	[CA_FILE_CERT] = "cert.pem",
	[CA_FILE_KEY] = "key.pem",
	[CA_FILE_CRL] = "crl.pem",
};

void ca_identity_fini(struct ca_identity *i)
{
	for (size_t n = 0; n < CA_FILES; n++) {
		if (i->text[n])
			OPENSSL_cleanse(i->text[n], i->len[n]);
		free(i->text[n]);
	}
	*i = (struct ca_identity) { 0 };
}

bool ca_identity_exists(const char *dir)
{
	CLEANUP(fd_closep) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t n = 0; fd >= 0 && n < CA_FILES; n++) {
		if (faccessat(fd, names[n], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

/* Whose key it is must be able to come to it. */
static int open_to_group(int dir, const char *path, gid_t group, struct diag *d)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return -errno;
	if (st.st_gid == group && (st.st_mode & S_IXGRP))
		return 0;
	if (fchown(dir, (uid_t)-1, group) < 0 || fchmod(dir, (st.st_mode & 07777) | 0050) < 0)
		return diag_set(d, -errno, "cannot open '%s' to group %u: %s", path, group,
		                strerror(errno));
	return 0;
}

static int write_one(int dir, const struct ca_identity *i, enum ca_file which, gid_t group,
                     bool force)
{
	struct state_file_rights rights = { 0644, (uid_t)-1, group };

	if (which == CA_FILE_KEY)
		rights.mode = group == (gid_t)-1 ? 0600 : 0640;
	return force ? state_replace_as(dir, names[which], i->text[which], i->len[which], &rights)
	             : state_create_as(dir, names[which], i->text[which], i->len[which], &rights);
}

int ca_identity_write(const struct ca_identity *i, const char *dir, gid_t group, bool force,
                      struct diag *d)
{
	CLEANUP(fd_closep) int fd = state_dir_open(dir, (uid_t)-1, (gid_t)-1, d);
	int rc = fd;

	if (rc >= 0 && group != (gid_t)-1)
		rc = open_to_group(fd, dir, group, d);
	/* The key first: who reads them meanwhile finds a pair that does not fit, and waits. */
	static const enum ca_file order[] = { CA_FILE_KEY, CA_FILE_CERT, CA_FILE_CA, CA_FILE_CRL };

	for (size_t n = 0; n < CA_FILES && rc >= 0; n++) {
		rc = write_one(fd, i, order[n], group, force);
		if (rc == -EEXIST)
			rc = diag_set(d, rc, "'%s/%s' is there: --force replaces it", dir,
			              names[order[n]]);
		else if (rc < 0)
			rc = diag_set(d, rc, "cannot write '%s/%s': %s", dir, names[order[n]],
			              strerror(-rc));
	}
	return rc < 0 ? rc : 0;
}
