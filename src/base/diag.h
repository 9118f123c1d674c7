/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong, for a person: separate from the log, so that the shell, the file check and the
 * administration protocol all return the same sentence.  Libraries fill a diag and never log. */
#ifndef CANDOR_BASE_DIAG_H
#define CANDOR_BASE_DIAG_H

#include "base/cleanup.h"
#include <stdint.h>

#define DIAG_TEXT_MAX 320

struct diag {
	int code;              /* -errno, 0: nothing wrong */
	uint32_t line, column; /* from 1; 0: not about a place in a text */
	char text[DIAG_TEXT_MAX];
};

/* Fill ``d`` (may be NULL) with a sentence and return ``code``, so that a caller can write
 * ``return diag_set(d, -EINVAL, "…")``. */
int diag_set(struct diag *d, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
