/* SPDX-License-Identifier: Apache-2.0 */
/* One write(2) a line, so that lines of several processes do not mix. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_LINE_MAX 1024

static const char *log_program = "candor";
static enum log_level log_max = LOG_LEVEL_INFO;
static bool log_to_terminal; /* the prefix is for the journal: a person does not want to see it */

void log_init(const char *program, enum log_level max)
{
	log_program = program;
	log_max = max;
	log_to_terminal = isatty(STDERR_FILENO); /* now: a confined process may not ask */
}

void log_line(enum log_level level, const char *context, const char *fmt, ...)
{
	char line[LOG_LINE_MAX];
	va_list args;

	if (level > log_max)
		return;
	int prefix = log_to_terminal ? 0 : snprintf(line, sizeof(line), "<%d>", (int)level);
	int n = prefix + snprintf(line + prefix, sizeof(line) - (size_t)prefix, "%s: %s%s",
	                          log_program, context ? context : "", context ? ": " : "");

	if (n < 0 || (size_t)n >= sizeof(line) - 1)
		return;
	va_start(args, fmt);
	int body = vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, fmt, args);
	va_end(args);
	if (body < 0)
		return;
	size_t len = strnlen(line, sizeof(line) - 2);

	line[len++] = '\n';
	(void)!write(STDERR_FILENO, line, len); /* a log has no second place to go to */
}
