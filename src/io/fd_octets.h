/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes of files, pipes and memory: interrupted calls are begun again, short ones
 * gone on with.  For blocking descriptors; safe in signal handlers. */
#ifndef CANDOR_IO_FD_OCTETS_H
#define CANDOR_IO_FD_OCTETS_H

#include "base/cleanup.h"
#include <stddef.h>

/* Write all ``len`` octets.  0 or -errno, then some may have been written. */
NODISCARD int fd_write(int fd, const void *data, size_t len);
/* The same from octet ``at`` of the file on; its position stays. */
NODISCARD int fd_write_at(int fd, const void *data, size_t len, size_t at);

/* Read to the end, ``cap`` octets at most: *ret_len below ``cap`` means that the end was met.  0 or -errno. */
NODISCARD int fd_read(int fd, void *to, size_t cap, size_t *ret_len);
/* The same from the beginning of the file; its position stays. */
NODISCARD int fd_read_from_start(int fd, void *to, size_t cap, size_t *ret_len);

#endif
