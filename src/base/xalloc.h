/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation for the control plane: out of memory ends the process, with a line that says so.
 * Whatever a peer can make us allocate uses the try_ kind and checks. */
#ifndef CANDOR_BASE_XALLOC_H
#define CANDOR_BASE_XALLOC_H

#include <stddef.h>

/* Zeroed; never NULL. */
void *xcalloc(size_t count, size_t size) __attribute__((returns_nonnull));
/* Never NULL; aborts on overflow. */
void *xrealloc(void *old, size_t count, size_t size) __attribute__((returns_nonnull));

/* Plain: NULL when there is no memory.  Free with free(3). */
void *try_calloc(size_t count, size_t size);
void *try_realloc(void *old, size_t size);
char *try_strndup(const char *text, size_t max);

#endif
