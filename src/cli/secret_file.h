/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets in files: nobody else may read them, and they are never overwritten unasked. */
#ifndef CANDOR_CLI_SECRET_FILE_H
#define CANDOR_CLI_SECRET_FILE_H

#include "cli/cli.h"
#include <stddef.h>

/* The first line of a private file, without its end and with a NUL, 1 to ``cap`` - 1 octets.  ``what`` says what it
 * should hold: "a key string".  CLI_GOOD, or an exit code with the reason on cli->err. */
NODISCARD int secret_file_read(struct cli *cli, const char *path, const char *what, char *to,
                               size_t cap, size_t *ret_len);

/* Make a file of mode 0600 with this text; one that is there is replaced only by ``force``. */
NODISCARD int secret_file_write(struct cli *cli, const char *path, const char *text, bool force);

#endif
