/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and printing settings that a table of conf_row describes. */
#ifndef CANDOR_CONFIG_CONF_ROWS_H
#define CANDOR_CONFIG_CONF_ROWS_H

#include "base/conf_row.h"
#include "config/conf_parser.h"

/* A keyword that may stand in one place of one kind of object: of a row, of IOS, or both. */
struct conf_row_key {
	const char *words;                      /* in full, one space between words */
	const struct conf_row *row;             /* NULL: known of IOS, not supported */
	void *(*object)(struct conf_parser *p); /* where the row's offset counts from */
	const char *unsupported;                /* row NULL: why */
	bool is_ios; /* may be abbreviated, and takes part in ambiguity */
	bool is_old; /* an old spelling: read, not offered */
};

/* Which of ``keys`` (``count``) the words from ``at`` on mean. */
struct conf_match conf_row_keys_find(const struct conf_row_key *keys, uint32_t count,
                                     const struct conf_line *line, uint32_t at);

/* The keywords that were expected where ``m`` stopped, separated by commas, cut to ``cap``. */
void conf_row_keys_list(const struct conf_parser *p, const struct conf_match *m,
                        const struct conf_row_key *keys, uint32_t count, char *to, size_t cap);

/* Report what ``m`` (not FOUND) says, for keywords of ``keys``. */
void conf_row_keys_error(struct conf_parser *p, const struct conf_match *m,
                         const struct conf_row_key *keys, uint32_t count);

/* Take the argument of ``row`` from word ``at`` on into ``object``.  True with the number of words
 * used; false when an error was reported (``object`` is then unchanged). */
NODISCARD bool conf_row_take(struct conf_parser *p, const struct conf_row *row, void *object,
                             uint32_t at, uint32_t *ret_used);

/* Back to the initial value; false: this row knows none (and the error was reported at ``at``). */
NODISCARD bool conf_row_reset(struct conf_parser *p, const struct conf_row *row, void *object,
                              uint32_t at);

/* A whole line of a sub-mode: ``m`` is of FOUND; handles `no`, `default` and surplus words. */
bool conf_row_line(struct conf_parser *p, const struct conf_match *m);

#define CONF_ROW_TEXT_MAX 4096

/* The argument of ``row`` in ``object`` as text ("" when there is none to print), and whether it
 * stands at its initial value. */
bool conf_row_format(const struct conf_row *row, const void *object, char *to, size_t cap);

/* True when an earlier row of ``rows`` describes the same field: another name of one setting. */
bool conf_row_is_alias(const struct conf_row *rows, const struct conf_row *row);

#endif
