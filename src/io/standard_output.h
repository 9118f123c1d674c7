/* SPDX-License-Identifier: Apache-2.0 */
/* Standard output for lines that must not wait for their reader: a pipe, a socket of the service manager, a
 * terminal or a file. */
#ifndef CANDOR_IO_STANDARD_OUTPUT_H
#define CANDOR_IO_STANDARD_OUTPUT_H

#include "base/cleanup.h"
#include <stddef.h>
#include <sys/types.h>

/* Writing to the standard output of this process and of those that it starts never blocks from now on; where
 * it can be helped, others that share it notice nothing.  To be called while there are rights.  0 or
 * -errno. */
NODISCARD int standard_output_unblock(void);

/* A descriptor for standard_output_write(), or -errno. */
NODISCARD int standard_output_open(void);

/* Octets taken, or -errno (-EAGAIN: none now; -EPIPE: nobody reads any more, never a signal where SIGPIPE is
 * ignored). */
NODISCARD ssize_t standard_output_write(int fd, const void *data, size_t len);

#endif
