/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal of `candor top`: its own screen, keys one by one, and everything as it was before
 * whichever way the program ends (but for SIGKILL).  One at a time in a process. */
#ifndef CANDOR_CLI_TOP_TERMINAL_H
#define CANDOR_CLI_TOP_TERMINAL_H

#include "base/diag.h"
#include "cli/top_grid.h"

#include <stddef.h>

struct top_terminal {
	int in_fd, out_fd;
	int signal_fd; /* of SIGWINCH and of the signals that end a program */
	bool is_utf8;
	enum top_colours colours;
	bool is_shown;         /* our screen is */
	struct top_grid drawn; /* what it shows; no cells: unknown */
	char keys[64];         /* octets that are no whole key yet */
	size_t key_octets;
};

/* Whether both are terminals that can move the cursor. */
bool top_terminal_is_one(int in_fd, int out_fd);

/* Block the signals (before any thread starts), show our screen.  0 or -errno with ``d``. */
NODISCARD int top_terminal_init(struct top_terminal *t, int in_fd, int out_fd, struct diag *d);
void top_terminal_fini(struct top_terminal *t);

/* Back to the other screen and stop the process, as ^Z does; our screen again when it goes on. */
void top_terminal_suspend(struct top_terminal *t);

/* Columns and lines; 80 x 24 where the terminal does not say. */
void top_terminal_size(const struct top_terminal *t, unsigned *ret_width, unsigned *ret_height);

/* Show it; what stands there already is not sent.  0 or -errno: the terminal has gone. */
NODISCARD int top_terminal_show(struct top_terminal *t, struct top_grid *take);
void top_terminal_forget(struct top_terminal *t); /* the next one is sent whole */

/* Read what was typed.  0 or -errno: the terminal has gone. */
NODISCARD int top_terminal_read(struct top_terminal *t);
/* The next key; false: none, or the rest of it is still on its way (top_terminal_is_within_key()). */
bool top_terminal_key(struct top_terminal *t, bool is_all, uint32_t *ret_key);
bool top_terminal_is_within_key(const struct top_terminal *t);

#endif
