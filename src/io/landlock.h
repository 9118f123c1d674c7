/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (landlock(7)): what a process may do with files, TCP ports and signals from now on.  Inside io/
 * only; see sandbox.h. */
#ifndef CANDOR_IO_LANDLOCK_H
#define CANDOR_IO_LANDLOCK_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stdint.h>

/* Lists end with NULL or 0, and may be NULL; paths that do not exist are left out. */
struct landlock_rules {
	bool reads_freely;           /* reading and starting programs is not restricted */
	const char *const *readable; /* else: files, and folders with all below */
	/* Folders in which files may be made, read, written, renamed and removed, by path and by descriptor
	 * (-1: none). */
	const char *const *writable;
	int writable_folder;
	bool confine_tcp;          /* no TCP port is bound (kernel 6.7), and connected only … */
	const uint16_t *tcp_ports; /* … these */
	bool confine_signals;      /* none to others (6.12) */
	bool confine_abstract;     /* no connection to others' abstract Unix sockets (6.12) */
};

/* The version of the kernel's interface; 0: it has none, or it was switched off at boot; -errno. */
NODISCARD int landlock_version(void);

/* Confine this thread and those that it makes later, for ever, as far as the kernel's version goes.  0, also without
 * Landlock in the kernel; -errno with ``d``.  Sets NO_NEW_PRIVS. */
NODISCARD int landlock_confine(const struct landlock_rules *r, struct diag *d);

#endif
