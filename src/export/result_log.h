/* SPDX-License-Identifier: Apache-2.0 */
/* A log of results for other programs: one JSON document a line (NDJSON; docs/json.md, "Log of results").
 * It goes to a file in the state folder, which is turned over before it outgrows its size, and to an open
 * descriptor such as standard output; either, both or none.
 *
 * Lines wait in memory until result_log_flush(), which writes as many whole lines as the disk or the reader
 * takes at once; a slow reader is never waited for.  What finds no room meanwhile is counted, and a line
 * says how many were lost as soon as there is room again.  A line that is cut by a full disk is taken
 * back; one that is cut by the end of the process is taken back when the log is opened next.  Lines are not
 * synchronised to the disk: what a power cut takes is the system's. */
#ifndef CANDOR_EXPORT_RESULT_LOG_H
#define CANDOR_EXPORT_RESULT_LOG_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "object/doc.h"
#include <stdint.h>

#define RESULT_LOG_NAME        "results.ndjson" /* earlier ones: results.ndjson.1 and so on */
#define RESULT_LOG_PENDING_MAX (4u << 20)       /* octets that wait, of each of the two */

struct result_log;

struct result_log_counters {
	uint64_t lines, bytes; /* written */
	uint64_t lost;         /* lines that found no room */
	uint64_t turned;       /* files */
	uint64_t torn;         /* cut lines taken back from the file */
	uint64_t errors;       /* of the disk, or of the reader */
};

struct result_log_view {
	bool is_open;
	char error[80]; /* why it is not; "" when it is, or nobody wants it */
	uint64_t file_bytes, pending_bytes;
	struct result_log_counters counters;
};

enum result_log_target {
	RESULT_LOG_FILE,
	RESULT_LOG_STREAM,
	RESULT_LOG_TARGETS,
};

/* ``dir``: the state folder, which stays the caller's.  Never NULL. */
struct result_log *result_log_new(int dir);
void result_log_free(struct result_log *log); /* writes what can be written at once; NULL is fine */

/* Whether, how large and how many; a file that is written goes on. */
void result_log_set_file(struct result_log *log, bool enabled, uint64_t max_bytes, unsigned files);

/* Write to ``fd`` too, which the log owns from now on.  Writing to it must not block. */
void result_log_set_stream(struct result_log *log, int fd);

/* Whether anybody wants lines: ask before making a document. */
bool result_log_is_wanted(const struct result_log *log);

/* Append one document as a line. */
void result_log_add(struct result_log *log, const struct doc *line);

/* Write what waits.  ``agent`` and ``now`` are for the line that says what was lost.  0, or the first -errno of
 * the two (-EAGAIN of a slow reader is none): it is tried again with the next call. */
NODISCARD int result_log_flush(struct result_log *log, const char *agent, wall_t now);

void result_log_view(const struct result_log *log, enum result_log_target which,
                     struct result_log_view *ret);

#endif
