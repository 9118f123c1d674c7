/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the NAMP client share.  client.c: messages; client_connect.c: how to get there;
 * client_events.c: events that wait. */
#ifndef CANDOR_NAMP_CLIENT_INTERNAL_H
#define CANDOR_NAMP_CLIENT_INTERNAL_H

#include "base/arena.h"
#include "base/clocktypes.h"
#include "io/stream.h"
#include "namp/client.h"
#include "namp/frame.h"

#define CLIENT_EVENTS_MAX  256u
#define CLIENT_WATCHES_MAX 16u

struct client_event { /* an event message as it came */
	struct client_event *next;
	uint64_t watch;
	size_t len;
	uint8_t octets[];
};

struct client_missed {  /* dropped here, since nobody took them */
	uint64_t watch; /* 0: free */
	int64_t count, from_ns, to_ns;
};

struct client_events {
	struct client_event *first, **last; /* last: NULL while empty */
	uint32_t count;
	struct client_missed missed[CLIENT_WATCHES_MAX];
};

struct namp_client {
	struct stream stream;
	struct tls_context *tls;
	uint32_t timeout_ms;
	uint64_t last_id;
	bool is_broken;
	struct frame_buffer in, out;
	struct client_events events;
	struct arena memory; /* of the hello */
	struct doc *hello;
	char where[128]; /* for people: "candord", "192.0.2.1" */
};

/* --- client.c --- */
/* The document that the node sends, without anything that a terminal would obey.  0 or -EBADMSG. */
NODISCARD int client_read_document(const struct namp_slice *body, struct arena *a,
                                   struct doc **ret);

/* --- client_connect.c --- */
/* A connected stream, TLS done.  0, or -errno with ``d``. */
NODISCARD int client_connect(struct namp_client *c, const struct namp_target *target,
                             mono_t deadline, struct diag *d);

/* --- client_events.c --- */
void client_events_put(struct client_events *e, const struct namp_slice *octets, uint64_t watch);
bool client_events_take(struct client_events *e, struct arena *a, struct namp_event *ret);
bool client_events_any(const struct client_events *e);
void client_events_fini(struct client_events *e);

#endif
