/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that must survive a crash, in the state folder of a daemon: replaced as a whole or not
 * at all.  The folder is an open descriptor, since who writes may not open paths.  A name is one of the
 * folder's own: 1 to 251 octets without a slash, and not beginning with a dot (else -EINVAL); NAME.new
 * is used on the way and belongs to NAME. */
#ifndef CANDOR_IO_STATE_DIR_H
#define CANDOR_IO_STATE_DIR_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stddef.h>
#include <sys/types.h>

/* Make the folder (0700, with what is missing above it 0755) and open it.  ``owner`` not (uid_t)-1: it
 * is or becomes that user's; a folder that is somebody else's already is taken over only while it is
 * empty.  One that others may change is refused.  The descriptor, or -errno with ``d``. */
NODISCARD int state_dir_open(const char *path, uid_t owner, gid_t group, struct diag *d);

/* The file's octets with a NUL behind them, on the heap.  0, -ENOENT, -EFBIG (above ``max``), -EINVAL (not
 * a regular file), -errno. */
NODISCARD int state_read(int dir, const char *name, size_t max, char **ret, size_t *ret_len);

/* Write NAME.new, fsync, rename over NAME, fsync the folder: after a crash at any point NAME is the old
 * or the new one, whole, and after a return of 0 it is the new one.  Mode 0600.  0; -errno: NAME is the old one,
 * or, when only the last step failed, the new one which may not be durable yet.  One writer of a name at a
 * time. */
NODISCARD int state_replace(int dir, const char *name, const void *data, size_t len);

/* The same with another mode, and with this owner where that is permitted ((uid_t)-1: who writes). */
struct state_file_rights {
	mode_t mode;
	uid_t owner;
	gid_t group; /* (gid_t)-1: that of the writer, without the mode's rights for the group when it was to
	                be another */
};
NODISCARD int state_replace_as(int dir, const char *name, const void *data, size_t len,
                               const struct state_file_rights *rights);

/* The same for a file that must not be there yet: -EEXIST, and nothing is changed. */
NODISCARD int state_create_as(int dir, const char *name, const void *data, size_t len,
                              const struct state_file_rights *rights);

/* Remove it durably.  0 also when there is none; -errno. */
NODISCARD int state_remove(int dir, const char *name);

#endif
