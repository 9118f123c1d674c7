/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and words of a configuration text, each with its place.  A word is a run of anything but
 * blanks; a line whose first word begins with `!` is a comment and has no words.  Pure. */
#ifndef CANDOR_CONFIG_CONF_LEX_H
#define CANDOR_CONFIG_CONF_LEX_H

#include "base/cleanup.h"
#include "base/diag.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONF_LINE_MAX   1024 /* octets of one line */
#define CONF_TOKENS_MAX (CONF_LINE_MAX / 2 + 1)

struct conf_token {
	const char *text; /* NUL-terminated, in the line's own buffer */
	uint32_t column;  /* from 1, counted in octets */
};

struct conf_line {
	uint32_t number;     /* from 1 */
	uint32_t end_column; /* just behind the last word */
	uint32_t count;
	bool has_trailing_blank;
	struct conf_token token[CONF_TOKENS_MAX];
	char raw[CONF_LINE_MAX + 1];   /* as written, trailing blanks cut */
	char split[CONF_LINE_MAX + 1]; /* the same with a NUL behind each word */
};

struct conf_reader {
	const char *at, *end;
	uint32_t number; /* of the line read last */
};

enum conf_read {
	CONF_READ_END,
	CONF_READ_LINE,
	CONF_READ_BAD, /* not text: ``d`` has the place and the reason; go on with the next line */
};

void conf_reader_init(struct conf_reader *r, const char *text, size_t len);

/* The next line, comments and empty ones included (they have no words). */
NODISCARD enum conf_read conf_reader_next(struct conf_reader *r, struct conf_line *ret,
                                          struct diag *d);

/* The line as written from word ``at`` on, trailing blanks cut; "" behind the last word. */
const char *conf_line_rest(const struct conf_line *line, uint32_t at);

/* Column of word ``at``, or of the end of the line. */
uint32_t conf_line_column(const struct conf_line *line, uint32_t at);

#endif
