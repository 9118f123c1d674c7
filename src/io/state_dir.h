/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that must survive a crash, in the state folder of a daemon: replaced as a whole or not
 * at all.  The folder is an open descriptor, since who writes may not open paths. */
#ifndef CANDOR_IO_STATE_DIR_H
#define CANDOR_IO_STATE_DIR_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stddef.h>
#include <sys/types.h>

/* Make the folder (0700, with what is missing above it 0755) and open it.  ``owner`` not (uid_t)-1: give it to that
 * user.  The descriptor, or -errno with ``d``. */
NODISCARD int state_dir_open(const char *path, uid_t owner, gid_t group, struct diag *d);

/* The file's octets with a NUL behind them, on the heap.  0, -ENOENT, -EFBIG (above ``max``), -errno. */
NODISCARD int state_read(int dir, const char *name, size_t max, char **ret, size_t *ret_len);

/* Write NAME.new, fdatasync, rename over NAME, fsync the folder: after a crash at any point NAME is the old
 * or the new one, whole.  Mode 0600.  0 or -errno. */
NODISCARD int state_replace(int dir, const char *name, const void *data, size_t len);

/* Remove it durably.  0 also when there is none; -errno. */
NODISCARD int state_remove(int dir, const char *name);

#endif
