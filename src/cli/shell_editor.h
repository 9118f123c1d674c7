/* SPDX-License-Identifier: Apache-2.0 */
/* Lines from a terminal: libedit with `?`, Tab, Ctrl-C and Ctrl-Z as IOS has them.  Lines that are
 * pasted faster than they are taken wait in a queue, so that they can be sent together. */
#ifndef CANDOR_CLI_SHELL_EDITOR_H
#define CANDOR_CLI_SHELL_EDITOR_H

#include "cli/shell_history.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct editor;

struct editor_hooks {
	const char *(*prompt)(void *ctx);
	/* `?` behind the first ``cursor`` octets of ``line``: print what helps. */
	void (*help)(void *ctx, const char *line, size_t cursor);
	/* Tab there: what to insert, into ``insert``; false: nothing, and whatever helps is
	 * printed. */
	bool (*complete)(void *ctx, const char *line, size_t cursor, char *insert, size_t cap);
	void *ctx;
};

enum editor_event {
	EDITOR_LINE,
	EDITOR_INTERRUPT, /* Ctrl-C: the line is not wanted */
	EDITOR_LEAVE,     /* Ctrl-Z: the line, then out of configuration */
	EDITOR_END,       /* Ctrl-D on an empty line, or the terminal has gone */
};

/* NULL: the terminal cannot do this.  Everything is kept by reference. */
struct editor *editor_new(FILE *in, FILE *out, const struct editor_hooks *hooks,
                          struct history_file *kept);
void editor_free(struct editor *e); /* NULL is fine */

/* The next line, without its end; valid until the next call. */
enum editor_event editor_read(struct editor *e, const char **ret_line);

/* Whether the terminal has gone, so that nothing will ever be typed again. */
bool editor_is_gone(const struct editor *e);

/* A question, answered by a line: into ``to``, without its end; "" for Ctrl-D. */
void editor_ask(struct editor *e, const char *question, char *to, size_t cap);

/* The next line that waits already, or NULL; taken by editor_take(). */
const char *editor_waiting(struct editor *e);
void editor_take(struct editor *e);

#endif
