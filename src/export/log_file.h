/* SPDX-License-Identifier: Apache-2.0 */
/* A file of lines in a folder, turned over before it outgrows its size: NAME is written, NAME.1 is the one
 * before, and so on.  It holds whole lines, whatever became of the process or the disk while one was
 * written.  One thread and one writer. */
#ifndef CANDOR_EXPORT_LOG_FILE_H
#define CANDOR_EXPORT_LOG_FILE_H

#include "base/cleanup.h"
#include <stdint.h>
#include <sys/types.h>

struct log_file {
	int dir; /* not ours */
	const char *name;
	uint64_t max_bytes; /* of one file; a longer line gets one of its own */
	unsigned files;     /* that are kept, at least 1 */
	int fd;             /* -1: not open */
	uint64_t size;
	uint64_t turned, torn; /* files, and half-written lines taken back */
};

void log_file_init(struct log_file *f, int dir, const char *name);
void log_file_close(struct log_file *f);

/* Write lines (each ends in a newline), opening the file when it is not.  *ret_len is how many octets were
 * written, always whole lines.  0: all of them; -errno: the rest may be tried again. */
NODISCARD int log_file_write(struct log_file *f, const char *lines, size_t len, size_t *ret_len);

#endif
