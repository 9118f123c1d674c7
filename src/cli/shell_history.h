/* SPDX-License-Identifier: Apache-2.0 */
/* The lines typed: kept in a private file, never those that hold a secret. */
#ifndef CANDOR_CLI_SHELL_HISTORY_H
#define CANDOR_CLI_SHELL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HISTORY_LINES_MAX 1000u

struct history_file {
	char *path; /* NULL: nothing is kept beyond the session */
	uint32_t count;
	char **lines;        /* oldest first, at most HISTORY_LINES_MAX */
	uint32_t of_session; /* how many of them, the last, were typed since history_open() */
};

/* Whether the line may hold a secret: key-string, secret, psk, abbreviated or not. */
bool history_is_secret(const char *line);

/* Where the file belongs: $XDG_STATE_HOME/candor/history, or below ~/.local/state.  NULL when there
 * is no home; else for the caller to free. */
char *history_default_path(void);

/* Read the file (created with its folders, for its owner only) and take ``path``, which may be NULL
 * or no file that can be used: then lines live as long as the session. */
void history_open(struct history_file *h, char *path);
void history_close(struct history_file *h);

/* Remember a line, unless it is empty, secret, or the same as the last one.  True: it was. */
bool history_add(struct history_file *h, const char *line);

#endif
