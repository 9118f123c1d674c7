/* SPDX-License-Identifier: Apache-2.0 */
/* One request to the kernel and its answers.  Inside io/ only. */
#ifndef CANDOR_IO_ROUTE_TALK_H
#define CANDOR_IO_ROUTE_TALK_H

#include "base/cleanup.h"
#include <stdint.h>

#define ROUTE_REASON_MAX 160

struct nlmsghdr;

struct route_talk {
	void (*on_message)(void *ctx, const struct nlmsghdr *h); /* NULL: none are expected */
	void *ctx;
	char *reason; /* of an error, ROUTE_REASON_MAX; NULL: not wanted */
	uint32_t sequence;
};

/* Send ``request`` and take its answers to the end.  0, or the -errno of the kernel or of the socket. */
NODISCARD int route_talk(int fd, struct nlmsghdr *request, struct route_talk *t);

#endif
