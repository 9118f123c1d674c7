/* SPDX-License-Identifier: Apache-2.0 */
/* Text on a terminal page by page, " --More-- " between. */
#ifndef CANDOR_CLI_SHELL_PAGER_H
#define CANDOR_CLI_SHELL_PAGER_H

#include <stddef.h>
#include <stdio.h>

/* Columns and rows of the terminal; 80 and 24 when it does not say. */
size_t pager_columns(int fd);
size_t pager_rows(int fd);

/* Print ``text``; ``rows`` on a page (0: all at once), ``columns`` wide.  Keys are read from ``in``:
 * a space is the next page, Enter the next line, q or Ctrl-C the end. */
void pager_print(FILE *in, FILE *out, const char *text, size_t len, size_t rows, size_t columns);

#endif
