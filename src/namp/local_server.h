/* SPDX-License-Identifier: Apache-2.0 */
/* The local socket of a node: object documents for programs on the same host.
 *
 * Provisional: the administration protocol (NAMP) replaces this framing and carries the same
 * documents.  One request is one line of JSON, {"verb": "get", "path": "sla/operation/10"}, for
 * lists with "after" and "limit" (object/request.h); its answer is one line: the document, or
 * {"error": {"code": 404, "text": "…"}} with the codes of HTTP.  Requests on one connection are
 * answered in order.
 *
 * Limits: request line, clients, unread answers, idle time; whoever exceeds one is closed.  Runs on
 * the event base of the control process; one thread. */
#ifndef CANDOR_NAMP_LOCAL_SERVER_H
#define CANDOR_NAMP_LOCAL_SERVER_H

#include "base/cleanup.h"
#include "base/diag.h"
#include "object/request.h"
#include <stdint.h>

#define LOCAL_REQUEST_MAX 4096u        /* octets of a request line */
#define LOCAL_ANSWER_MAX  (8u << 20)   /* octets of an answer line */
#define LOCAL_UNREAD_MAX  (256u << 10) /* answers waiting; more requests wait for the reader */
#define LOCAL_SOCKET_PATH "/run/candor/candord.sock"

struct event_base;
struct local_server;

struct local_server_cfg {
	uint32_t clients_max;    /* 0: 32 */
	uint32_t idle_timeout_s; /* without a complete request, or without reading; 0: 60 */
	object_handle handle;    /* its arena is dropped after the answer is written */
	void *ctx;
};

struct local_server_counters {
	uint64_t clients, clients_refused;   /* refused: too many at once */
	uint64_t requests, requests_refused; /* refused: answered with an error */
	uint64_t closed_oversize, closed_idle;
};

/* Serve the listening socket ``listen_fd`` (unix_listen(); the server owns and closes it, also on
 * failure).  The process ignores SIGPIPE from now on.  NULL: out of memory. */
struct local_server *local_server_new(struct event_base *base, int listen_fd,
                                      const struct local_server_cfg *cfg);
void local_server_free(struct local_server *s); /* closes every client */

const struct local_server_counters *local_server_counters(const struct local_server *s);

#endif
