/* SPDX-License-Identifier: Apache-2.0 */
/* Landlock (landlock(7)): what a process may do with files, TCP ports and signals from now on.  Inside io/
 * only; see sandbox.h. */
#ifndef CANDOR_IO_LANDLOCK_H
#define CANDOR_IO_LANDLOCK_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stdint.h>

struct landlock_rules {
	int writable_folder; /* files in it may be made, read, written, renamed, removed; -1: none */
	const char *const
	        *readable; /* files, and folders with all below; ended by NULL; NULL: none.  What
	                                does not exist is left out */
	bool confine_tcp;  /* no TCP port is bound, and connected only to … (kernel 6.7) */
	const uint16_t *tcp_ports; /* … these; ended by 0; NULL: none */
	bool confine_signals;      /* none to others (6.12) */
	bool confine_abstract;     /* no connection to others' abstract Unix sockets (6.12) */
};

/* The version of the kernel's interface; 0: it has none, or it was switched off at boot; -errno. */
NODISCARD int landlock_version(void);

/* Confine this thread and those that it makes later, for ever, as far as the kernel's version goes.  0, also without
 * Landlock in the kernel; -errno with ``d``.  Sets NO_NEW_PRIVS. */
NODISCARD int landlock_confine(const struct landlock_rules *r, struct diag *d);

#endif
