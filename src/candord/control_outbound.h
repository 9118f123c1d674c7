/* SPDX-License-Identifier: Apache-2.0 */
/* Control and the processes that speak to the world for it: they are begun when the configuration first needs them,
 * and told what to bring or run.  Control process only. */
#ifndef CANDOR_CANDORD_CONTROL_OUTBOUND_H
#define CANDOR_CANDORD_CONTROL_OUTBOUND_H

#include "candord/outbound.h"
#include "object/doc.h"
#include "object/request.h"

struct control;
struct event;

/* Connection to one of them. */
struct outbound_link {
	int fd; /* -1: not begun */
	struct event *event;
	bool was_begun, is_dirty; /* dirty: the configuration has to be sent (again) */
	uint64_t told, lost;      /* records that it took, and that it did not take in time */
};

struct outbound {
	struct outbound_link courier, hooks;
	struct courier_status status; /* of the courier, as it said last */
	struct hook_status hook_status;
	uint64_t unknown_hooks; /* orders of hooks that are not configured */
};

void control_outbound_init(struct control *c);
void control_outbound_apply(struct control *c); /* another configuration runs */
void control_outbound_tick(struct control *c);  /* once a second */
void control_outbound_stop(struct control *c);

/* A message for every configured destination: RFC 5424, of which the part from ``body_at`` on is for people. */
void control_outbound_message(struct control *c, enum syslog_severity severity, const char *text,
                              size_t len, size_t body_at);

/* JSON for webhook number ``index`` of the configuration. */
void control_outbound_event(struct control *c, uint32_t index, const char *text, size_t len);

/* The provider of "notification". */
int control_outbound_handle(void *ctx, const struct object_request *request, struct arena *a,
                            struct doc **ret, struct diag *d);

#endif
