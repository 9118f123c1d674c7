/* SPDX-License-Identifier: Apache-2.0 */
/* Control-plane allocation that does not fail. */
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *or_abort(void *p)
{
	if (!p) {
		(void)fputs("<2>out of memory\n", stderr);
		abort();
	}
	return p;
}

void *xcalloc(size_t count, size_t size)
{
	return or_abort(calloc(count ? count : 1, size ? size : 1));
}

void *xrealloc(void *old, size_t count, size_t size)
{
	return or_abort(reallocarray(old, count ? count : 1, size ? size : 1));
}

void *try_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void *try_realloc(void *old, size_t size)
{
	return realloc(old, size);
}

char *try_strndup(const char *text, size_t max)
{
	return strndup(text, max);
}
