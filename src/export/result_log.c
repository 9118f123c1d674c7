/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of results to a file that is turned over, and to a stream. */
#include "export/result_log.h"

#include "base/xalloc.h"
#include "export/log_file.h"
#include "io/standard_output.h"
#include "object/log_object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Lines that wait for one of the two. */
struct sink {
	bool is_wanted;
	char *pending;
	size_t len, cap;
	uint64_t unsaid; /* lines lost that no line has told of */
	int error;       /* of the last write; 0: none */
	struct result_log_counters counters;
};

struct result_log {
	struct sink sinks[RESULT_LOG_TARGETS];
	struct log_file file;
	int stream; /* -1: none */
};

struct result_log *result_log_new(int dir)
{
	struct result_log *log = xcalloc(1, sizeof(*log));

	log_file_init(&log->file, dir, RESULT_LOG_NAME);
	log->stream = -1;
	return log;
}

void result_log_set_file(struct result_log *log, bool enabled, uint64_t max_bytes, unsigned files)
{
	struct sink *s = &log->sinks[RESULT_LOG_FILE];

	log->file.max_bytes = max_bytes;
	log->file.files = files;
	s->is_wanted = enabled;
	if (enabled)
		return;
	log_file_close(&log->file);
	s->len = 0;
	s->error = 0;
}

void result_log_set_stream(struct result_log *log, int fd)
{
	fd_closep(&log->stream);
	log->stream = fd;
	log->sinks[RESULT_LOG_STREAM].is_wanted = fd >= 0;
}

bool result_log_is_wanted(const struct result_log *log)
{
	return log->sinks[RESULT_LOG_FILE].is_wanted || log->sinks[RESULT_LOG_STREAM].is_wanted;
}

/* --- lines that wait --------------------------------------------------------------------------- */

static bool take(struct sink *s, const char *line, size_t len)
{
	if (s->len + len > RESULT_LOG_PENDING_MAX)
		return false;
	if (s->cap - s->len < len) {
		size_t cap = s->cap ? s->cap : 65536;

		while (cap - s->len < len)
			cap *= 2;
		s->pending = xrealloc(s->pending, cap, 1);
		s->cap = cap;
	}
	memcpy(s->pending + s->len, line, len);
	s->len += len;
	return true;
}

static void add_to(struct sink *s, const char *line, size_t len)
{
	/* Lines behind a gap wait until the gap is told of. */
	if (!s->is_wanted || (s->unsaid == 0 && take(s, line, len)))
		return;
	s->counters.lost++;
	s->unsaid++;
}

/* The document with its line end, on the heap. */
static char *line_of(const struct doc *d, size_t *ret_len)
{
	char *text = NULL;
	FILE *to = open_memstream(&text, ret_len);

	if (!to)
		abort(); /* out of memory in the control plane */
	int rc = doc_write_json(d, to, 0);

	(void)fputc('\n', to);
	if (fclose(to) != 0 || rc < 0)
		abort();
	return text;
}

void result_log_add(struct result_log *log, const struct doc *line)
{
	size_t len;
	CLEANUP(freep) char *text = line_of(line, &len);

	for (unsigned i = 0; i < RESULT_LOG_TARGETS; i++)
		add_to(&log->sinks[i], text, len);
}

/* There is room again: a line says what is missing before it. */
static void tell_lost(struct sink *s, const char *agent, wall_t now)
{
	struct arena a = { 0 };
	size_t len;

	if (s->unsaid == 0 || s->len > RESULT_LOG_PENDING_MAX / 2)
		return;
	CLEANUP(freep) char *text = line_of(log_lost_doc(agent, s->unsaid, now, &a), &len);

	if (take(s, text, len))
		s->unsaid = 0;
	arena_free(&a);
}

static uint64_t count_lines(const char *text, size_t len)
{
	uint64_t n = 0;

	for (const char *end = text + len; (text = memchr(text, '\n', (size_t)(end - text)));
	     text++)
		n++;
	return n;
}

/* ``len`` octets were written. */
static void forget(struct sink *s, size_t len)
{
	s->counters.lines += count_lines(s->pending, len);
	s->counters.bytes += len;
	memmove(s->pending, s->pending + len, s->len - len);
	s->len -= len;
}

/* --- writing ----------------------------------------------------------------------------------- */

/* Whole lines alone are written or none. */
static int flush_file(struct result_log *log)
{
	struct sink *s = &log->sinks[RESULT_LOG_FILE];
	size_t done = 0;
	int rc = log_file_write(&log->file, s->pending, s->len, &done);

	forget(s, done);
	s->counters.turned = log->file.turned;
	s->counters.torn = log->file.torn;
	return rc;
}

/* As much as the reader takes; the rest of a line follows with the next call. */
static int flush_stream(struct result_log *log)
{
	struct sink *s = &log->sinks[RESULT_LOG_STREAM];
	size_t done = 0;
	ssize_t n = 1;

	while (done < s->len && n > 0) {
		n = standard_output_write(log->stream, s->pending + done, s->len - done);
		if (n > 0)
			done += (size_t)n;
	}
	forget(s, done);
	return n < 0 && n != -EAGAIN ? (int)n : 0;
}

int result_log_flush(struct result_log *log, const char *agent, wall_t now)
{
	int (*const flushes[])(struct result_log *) = {
		[RESULT_LOG_FILE] = flush_file,
		[RESULT_LOG_STREAM] = flush_stream,
	};
	int rc = 0;

	for (unsigned i = 0; i < RESULT_LOG_TARGETS; i++) {
		struct sink *s = &log->sinks[i];

		if (!s->is_wanted)
			continue;
		tell_lost(s, agent, now);
		s->error = s->len > 0 ? flushes[i](log) : s->error;
		s->counters.errors += s->error < 0;
		rc = rc < 0 ? rc : s->error;
	}
	return rc;
}

void result_log_free(struct result_log *log)
{
	if (!log)
		return;
	(void)!result_log_flush(log, "", (wall_t) { 0 }); /* as far as it goes */
	for (unsigned i = 0; i < RESULT_LOG_TARGETS; i++)
		free(log->sinks[i].pending);
	log_file_close(&log->file);
	fd_closep(&log->stream);
	free(log);
}

void result_log_view(const struct result_log *log, enum result_log_target which,
                     struct result_log_view *ret)
{
	const struct sink *s = &log->sinks[which];

	*ret = (struct result_log_view) {
		.is_open = s->is_wanted && s->error == 0,
		.file_bytes = which == RESULT_LOG_FILE ? log->file.size : 0,
		.pending_bytes = s->len,
		.counters = s->counters,
	};
	if (s->error < 0)
		(void)snprintf(ret->error, sizeof(ret->error), "%s", strerror(-s->error));
}
