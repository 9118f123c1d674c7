/* SPDX-License-Identifier: Apache-2.0 */
/* Two configuration texts side by side for people: what changed, in its surroundings, without keys. */
#ifndef CANDOR_CONFIG_TEXT_DIFF_H
#define CANDOR_CONFIG_TEXT_DIFF_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT_DIFF_CONTEXT 3 /* lines around a change */

/* Write the unified difference (POSIX diff -u without its first two lines) of two canonical texts; nothing when they
 * are the same.  The head of a hunk names the block that it begins in.  Keys are compared as they are and shown as
 * <hidden>, with "(changed)" where one took the place of another.  Time grows with the length of the texts
 * (times its logarithm), whatever changed.  0 or -EIO. */
NODISCARD int text_diff_write(const char *from, size_t from_len, const char *to, size_t to_len,
                              FILE *out);

/* True when there is a key in it; canonical texts only. */
bool text_has_keys(const char *text, size_t len);

/* The text with <hidden> in place of every key (heap); canonical texts only. */
char *text_hide_keys(const char *text, size_t len, size_t *ret_len);

#endif
