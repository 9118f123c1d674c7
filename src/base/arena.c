/* SPDX-License-Identifier: Apache-2.0 */
/* A chain of blocks, newest first; small requests are cut from the newest. */
#include "base/arena.h"

#include "base/xalloc.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK_BYTES 16384

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	alignas(max_align_t) uint8_t data[];
};

void *arena_alloc(struct arena *a, size_t size)
{
	size_t aligned = (size + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
	struct arena_block *b = a->blocks;

	if (!b || b->cap - b->used < aligned) {
		size_t cap = aligned > ARENA_BLOCK_BYTES ? aligned : ARENA_BLOCK_BYTES;

		b = xcalloc(1, sizeof(*b) + cap);
		b->cap = cap;
		b->next = a->blocks;
		a->blocks = b;
	}
	b->used += aligned;
	a->used_bytes += aligned;
	return b->data + b->used - aligned;
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *copy = arena_alloc(a, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int need = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (need < 0)
		return arena_strdup(a, "");
	char *text = arena_alloc(a, (size_t)need + 1);

	va_start(args, fmt);
	(void)vsnprintf(text, (size_t)need + 1, fmt, args); /* sized just above */
	va_end(args);
	return text;
}

void arena_free(struct arena *a)
{
	for (struct arena_block *b = a->blocks, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct arena) { 0 };
}
