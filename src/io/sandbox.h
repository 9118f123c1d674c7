/* SPDX-License-Identifier: Apache-2.0 */
/* Confinement of the processes that read what strangers send, by the kernel: a filter of system calls
 * (seccomp) for all of their threads, and rules for files, ports and signals (Landlock).  What is refused
 * fails with EPERM (by the filter; making threads: ENOSYS) or EACCES (by Landlock).  For ever.
 *
 * A kernel without Landlock leaves it out: sandbox_describe() says so.  Anything else that cannot be installed
 * is an error, and the process must not go on. */
#ifndef CANDOR_IO_SANDBOX_H
#define CANDOR_IO_SANDBOX_H

#include "base/cleanup.h"
#include "base/diag.h"

/* The engine, and whoever speaks a protocol for it: descriptors, sockets of IPv4 and IPv6, timers and
 * memory, and nothing else.  No file, program, process, identity, executable memory.  Before it: start
 * every thread, and let libraries read their files (tzset(3), one use of libcrypto).  0, or -errno with
 * ``d``. */
NODISCARD int sandbox_engine(struct diag *d);

/* No file from now on, for this thread and those that it makes: before threads, where sandbox_engine() comes later
 * than they. */
NODISCARD int sandbox_no_files(struct diag *d);

/* Control: besides Unix sockets, files beneath the state folder and that of outputs, and reading what name resolution, local time
 * and the kernel's own figures need.  TCP connections to port 53 only, no port is bound.  Both stay the
 * caller's.  Libraries are made to read their files here.  0, or -errno with ``d``. */
NODISCARD int sandbox_control(int state_folder, int outputs_folder, struct diag *d);

/* The broker, after it has started the others: it reads and starts programs as before, but changes files in ``folders``
 * (paths, ended by NULL) alone and signals nobody (kernel 6.12), whoever's user it is.  Of what
 * CAP_SYS_ADMIN allows it may enter network namespaces alone.  0, or -errno with ``d``. */
NODISCARD int sandbox_broker(const char *const *folders, struct diag *d);

/* The courier: a client of the network that reads what name resolution needs.  No file is changed, no port
 * bound.  0, or -errno with ``d``. */
NODISCARD int sandbox_courier(struct diag *d);

/* The hooks process, and every command that it starts: nobody else is traced, signalled (kernel 6.12) or
 * reached by an abstract socket, nothing of the kernel is changed.  Files are the business of the rights of its
 * user.  0, or -errno with ``d``. */
NODISCARD int sandbox_hooks(struct diag *d);

/* "seccomp, landlock 7": what this kernel has of it, for people. */
const char *sandbox_describe(void);

#endif
