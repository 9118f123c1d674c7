/* SPDX-License-Identifier: Apache-2.0 */
/* A bounded log of records on disk, for what must survive a crash in the order in which it came: the
 * message log and the audit log.
 *
 * A record is 1 to RECORD_MAX octets and gets the next number, from 1 on.  The log is a row of files
 * ("segments") NAME.FIRST in a state folder; when it would outgrow its bound the oldest segment goes,
 * and how many records went is what lies before the first number, so that it is as durable as the
 * records.  A segment is filled by appending alone.  Each has a random key of its own, and each record
 * a checksum under it (SipHash), so that neither a bad disk nor octets that a stranger had us store
 * can pass for a record.  The whole log is never in memory: one segment is, while it is read.
 *
 * After a crash the half-written end of the newest segment is cut off and nothing else.  Damage
 * anywhere costs the records that it touches; those around them are found again.
 *
 * One writer and one thread; a lock on the folder is its owner's business. */
#ifndef CANDOR_NAMP_RECORD_LOG_H
#define CANDOR_NAMP_RECORD_LOG_H

#include "base/cleanup.h"
#include "namp/record_segment.h"
#include "base/diag.h"
#include <stddef.h>
#include <stdint.h>

#define RECORD_LOG_BYTES_MIN (64u << 10)         /* smaller bounds are raised to this */
#define RECORD_LOG_BYTES_MAX (UINT64_C(1) << 30) /* larger ones lowered to this */

struct record_log;

struct record {
	uint64_t number;
	const uint8_t *data; /* valid until the next call on the log */
	size_t len;
};

struct record_log_cfg {
	int dir;            /* the state folder; stays the caller's, and open */
	const char *name;   /* of the log: 1 to 32 lower-case letters */
	uint64_t max_bytes; /* bound of all segments together */
	/* Called before the segment whose last record is ``last`` goes, which it does not when this
	 * is an error; the append that asked for the room then fails with it.  NULL: none. */
	int (*before_drop)(void *ctx, uint64_t last);
	void *ctx;
};

/* Open, or begin, the log.  0; -errno with ``d``. */
NODISCARD int record_log_open(const struct record_log_cfg *cfg, struct record_log **ret,
                              struct diag *d);
/* What was appended stays; synchronise first what must.  NULL is fine. */
void record_log_close(struct record_log *log);

/* Change the bound; applied when records are appended. */
void record_log_set_max(struct record_log *log, uint64_t max_bytes);

/* Append a record: it survives the death of this process from now on, and that of the host from
 * the next record_log_sync() on.  0; -EMSGSIZE: empty or too long; -ENOSPC, -EFBIG, -EDQUOT: no
 * room; -errno.  On failure the log is as it was. */
NODISCARD int record_log_append(struct record_log *log, const void *data, size_t len,
                                uint64_t *ret_number);

/* Make everything appended durable.  0 or -errno (then it is not known what is). */
NODISCARD int record_log_sync(struct record_log *log);

/* See to it that records of ``bytes`` octets together, ``count`` of them, find room on the disk
 * when they are appended next.  0, or as record_log_append(). */
NODISCARD int record_log_reserve(struct record_log *log, size_t bytes, unsigned count);

/* The next readable record with a number above ``after`` (0: the oldest) or below ``before``
 * (UINT64_MAX: the newest).  0; -ENOENT: there is none; -errno: cannot be read now. */
NODISCARD int record_log_next(struct record_log *log, uint64_t after, struct record *ret);
NODISCARD int record_log_previous(struct record_log *log, uint64_t before, struct record *ret);

struct record_log_state {
	uint64_t first, last; /* numbers that the log spans; first > last: no record */
	uint64_t dropped;     /* records that went because of the bound: first - 1 */
	uint64_t damaged;     /* records between first and last that cannot be read */
	uint64_t torn;        /* half-written ends cut off by record_log_open() */
	uint64_t bytes;       /* of all segments, on disk */
};

struct record_log_state record_log_state(const struct record_log *log);

#endif
