/* SPDX-License-Identifier: Apache-2.0 */
/* Ownership that ends with the scope, and the names by which it leaves. */
#ifndef CANDOR_BASE_CLEANUP_H
#define CANDOR_BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(fn)            __attribute__((cleanup(fn)))
#define NODISCARD              __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

static inline void fd_closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* gone even when it fails */
	*fd = -1;
}

/* The descriptor, which the caller now owns; ``*fd`` no longer does. */
static inline int fd_steal(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

static inline void freep(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}

#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))
#define ARRAY_LEN(a)                    (sizeof(a) / sizeof((a)[0]))

#endif
