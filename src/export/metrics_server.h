/* SPDX-License-Identifier: Apache-2.0 */
/* The page /metrics over HTTP/1.1: a small server of its own on the event base of its owner, since all it
 * has to know is GET.  A page is written section by section as the client takes it, so that a large one
 * costs neither memory nor a turn of the loop; who is slow holds up nobody but himself.  One thread.
 *
 * Limits: METRICS_CONNECTIONS_MAX connections, METRICS_HEAD_MAX octets of a request, METRICS_REQUEST_S to
 * send it, METRICS_WRITE_S without taking anything, METRICS_IDLE_S between two requests.  Each has its
 * counter. */
#ifndef CANDOR_EXPORT_METRICS_SERVER_H
#define CANDOR_EXPORT_METRICS_SERVER_H

#include "base/cleanup.h"
#include "base/inet.h"
#include "export/metric_text.h"
#include <stdbool.h>
#include <stdint.h>

#define METRICS_CONNECTIONS_MAX 16u
#define METRICS_HEAD_MAX        8192u
#define METRICS_REQUEST_S       10
#define METRICS_WRITE_S         30
#define METRICS_IDLE_S          180 /* more than the longest usual interval of scrapes */
#define METRICS_SECTIONS_MAX    8u

struct event_base;
struct metrics_server;

/* A part of the page. */
struct metric_section {
	/* Append what comes next, about METRIC_CHUNK octets; ``*at`` is 0 at first and then what the last call
	 * left there.  True: there is more. */
	bool (*write)(void *ctx, uint64_t *at, struct metric_text *t);
	void *ctx;
};

struct metrics_server_cfg {
	const struct metric_section *sections;                    /* copied */
	unsigned section_count;                                   /* at most METRICS_SECTIONS_MAX */
	bool (*permits)(void *ctx, const struct inet_addr *from); /* NULL: everybody */
	void *ctx;
};

struct metrics_server_counters {
	uint64_t accepted, refused_address, refused_full; /* connections */
	uint64_t pages;                                   /* of metrics, begun */
	uint64_t bad_requests;                            /* answered with 400 or more */
	uint64_t timeouts;                                /* of requests and of slow readers */
	uint64_t aborted; /* pages that the client did not take whole */
};

/* Never NULL. */
struct metrics_server *metrics_server_new(struct event_base *base,
                                          const struct metrics_server_cfg *cfg);
void metrics_server_free(struct metrics_server *s); /* NULL is fine */

/* Serve the listening socket, which the server owns from now on (also on failure), in place of the one before;
 * -1: none.  Connections stay.  0 or -ENOMEM. */
NODISCARD int metrics_server_listen(struct metrics_server *s, int fd);

/* Connections of addresses that are not permitted any more are closed. */
void metrics_server_recheck(struct metrics_server *s);

unsigned metrics_server_connections(const struct metrics_server *s);
const struct metrics_server_counters *metrics_server_counters(const struct metrics_server *s);

#endif
