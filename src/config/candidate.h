/* SPDX-License-Identifier: Apache-2.0 */
/* A candidate configuration: a base and the lines that a person entered since.  A line is read as it
 * comes, at a cost that does not depend on the size of the base; the base is read once, at the start,
 * and everything is checked as a whole at the end. */
#ifndef CANDOR_CONFIG_CANDIDATE_H
#define CANDOR_CONFIG_CANDIDATE_H

#include "base/diag.h"
#include "config/conf_complete.h"
#include "config/config.h"

#define CANDIDATE_LINES_MAX 100000u

struct candidate;

/* ``base`` is the canonical text with its secrets, which is copied.  0, or -EINVAL with ``errors``. */
NODISCARD int candidate_new(const char *base, size_t len, struct candidate **ret,
                            struct config_errors *errors);
void candidate_free(struct candidate *c); /* NULL is fine; no key stays in memory */

/* One line as it is typed, `no` and `default` forms, `exit` and `end` included.  0; -EINVAL with the
 * sentence and its column in ``d``: then nothing has changed; -ENOSPC above CANDIDATE_LINES_MAX. */
NODISCARD int candidate_line(struct candidate *c, const char *line, struct diag *d);

const char *candidate_mode(const struct candidate *c);    /* for the prompt: "config-ip-sla-echo" */
uint32_t candidate_operation(const struct candidate *c);  /* whose sub-mode it is, or 0 */
uint32_t candidate_line_count(const struct candidate *c); /* that were entered and taken */
const char *candidate_lines(const struct candidate *c);   /* those, each with its newline */
void candidate_complete(const struct candidate *c, const char *line, struct arena *a,
                        struct conf_words *ret);

/* The canonical text as it would be, with secrets (heap: wipe and free it); what is not complete yet stands in
 * it as far as it goes.  0 or -EIO. */
NODISCARD int candidate_text(const struct candidate *c, char **ret, size_t *ret_len);

/* Check the whole.  0 with the configuration (config_free) and its canonical text with secrets (heap), or -EINVAL
 * with the errors; their lines count those entered, 0: in the base. */
NODISCARD int candidate_check(const struct candidate *c, struct config **ret, char **ret_text,
                              size_t *ret_len, struct config_errors *errors);

/* True when ``line`` begins with the type of an operation, supported or not. */
bool candidate_is_type_line(const char *line);

/* Wipe and free a text that may hold keys; NULL is fine. */
void candidate_text_free(char *text, size_t len);

#endif
