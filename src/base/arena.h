/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of one generation of something (a configuration, a document), dropped as a whole. */
#ifndef CANDOR_BASE_ARENA_H
#define CANDOR_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

/* All zeroes is an empty arena. */
struct arena {
	struct arena_block *blocks;
	size_t used_bytes; /* handed out, for limits and accounting */
};

/* Zeroed, aligned for any type; never NULL (aborts when out of memory). */
void *arena_alloc(struct arena *a, size_t size);
char *arena_strdup(struct arena *a, const char *text);
char *arena_strndup(struct arena *a, const char *text, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...)
        __attribute__((format(printf, 2, 3), nonnull(2)));
void arena_free(struct arena *a); /* everything; the arena is empty and usable again */

#endif
