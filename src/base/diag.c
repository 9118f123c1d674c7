/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics for people. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>

int diag_set(struct diag *d, int code, const char *fmt, ...)
{
	va_list args;

	if (!d)
		return code;
	d->code = code;
	va_start(args, fmt);
	(void)vsnprintf(d->text, sizeof(d->text), fmt, args); /* a cut sentence is still useful */
	va_end(args);
	return code;
}
