/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line an event on standard error with the level prefix that the journal reads
 * (sd-daemon(3)).  Fragments in lower case, no full stop, quoted user text; the context says who.
 * Only programs and io/ log; base, wire, sla and config return a diag.  Thread safe (one write). */
#ifndef CANDOR_BASE_LOG_H
#define CANDOR_BASE_LOG_H

#include "base/cleanup.h"
#include <stdbool.h>

enum log_level {
	LOG_LEVEL_ERR = 3,   /* the operator must act */
	LOG_LEVEL_WARN = 4,  /* degraded, and how we went on */
	LOG_LEVEL_INFO = 6,  /* a change of state */
	LOG_LEVEL_DEBUG = 7, /* anything */
};

void log_init(const char *program, enum log_level max); /* program: prefix of each line, kept */
void log_line(enum log_level level, const char *context, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* ``context`` may be NULL: who this is about, e.g. "op 10 udp-jitter". */
#define log_err(context, ...)   log_line(LOG_LEVEL_ERR, (context), __VA_ARGS__)
#define log_warn(context, ...)  log_line(LOG_LEVEL_WARN, (context), __VA_ARGS__)
#define log_info(context, ...)  log_line(LOG_LEVEL_INFO, (context), __VA_ARGS__)
#define log_debug(context, ...) log_line(LOG_LEVEL_DEBUG, (context), __VA_ARGS__)

#endif
