/* SPDX-License-Identifier: Apache-2.0 */
/* Starting one command of the folder of hooks, safely.  Hooks process only. */
#ifndef CANDOR_CANDORD_HOOK_EXEC_H
#define CANDOR_CANDORD_HOOK_EXEC_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <sys/types.h>

/* The folder ``path``, which must be root's and changed by nobody else.  Its descriptor, or -errno with
 * ``d``. */
NODISCARD int hook_folder_open(const char *path, struct diag *d);

/* Start ``argv[0]`` (a bare name) of that folder, in a process group of its own, with ``envp`` alone as its
 * environment, /dev/null as its input, and a pipe for what it writes: *ret_output (not blocking).  The file must be
 * a regular one of root that nobody else may change, and executable; it is looked at and started by one
 * descriptor, so that it cannot be exchanged in between.  0, or -errno with ``d``. */
NODISCARD int hook_start(int folder, char *const *argv, char *const *envp, pid_t *ret_pid,
                         int *ret_output, struct diag *d);

#endif
