/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a command as a small pattern, followed word by word for completion:
 *
 *   word            a keyword, written as it stands
 *   WORD <1-5> A.B.C.D …   an argument: begins with a capital letter or with <
 *   [a b]           may be left out; several in a row come in any order
 *   {a | b}         one of them
 *
 * and `=help;` behind a word says what it is.  Patterns are ours: a bad one aborts. */
#ifndef CANDOR_CONFIG_CONF_USAGE_H
#define CANDOR_CONFIG_CONF_USAGE_H

#include "config/conf_lex.h"

struct conf_words;

/* Put into ``to`` what may follow the words of ``line`` from ``at`` on, when those fit ``usage`` (NULL:
 * there are no arguments). */
void conf_usage_offer(const char *usage, const struct conf_line *line, uint32_t at, bool is_own,
                      struct conf_words *to);

#endif
