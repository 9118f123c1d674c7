/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a script, from whatever descriptor: what is there already can be had without waiting for
 * the rest, so that a program may also converse. */
#ifndef CANDOR_CLI_SHELL_SCRIPT_H
#define CANDOR_CLI_SHELL_SCRIPT_H

#include "cli/shell_line.h"

#define SCRIPT_OCTETS (64u << 10)

struct script {
	int fd;
	bool is_at_end;
	size_t at, len;
	char data[SCRIPT_OCTETS];
	char line[SHELL_LINE_MAX];
};

/* The next line without its end; valid until the next call.  0; -ENODATA: there is none; -E2BIG: it is
 * longer than SHELL_LINE_MAX; or -errno of reading. */
NODISCARD int script_read(struct script *s, const char **ret);

/* The next line if it need not be waited for, else NULL; script_take() takes it. */
const char *script_waiting(struct script *s);
void script_take(struct script *s);

#endif
