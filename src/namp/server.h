/* SPDX-License-Identifier: Apache-2.0 */
/* The serving side of NAMP streams (docs/namp.md sections 4, 7, 12): accepts connections on the Unix
 * socket and on TCP with TLS, keeps sessions within their limits, hands requests to the object tree
 * and carries answers and watched changes back.  On the event base of its owner; one thread.
 *
 * Established sessions have a higher event priority than handshakes and connections without a
 * hello, so that strangers cannot delay an administrator; the base must have at least two
 * priorities (namp_server_base_new()). */
#ifndef CANDOR_NAMP_SERVER_H
#define CANDOR_NAMP_SERVER_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "io/tls.h"
#include "object/request.h"
#include <stdint.h>

#define NAMP_SOCKET_PATH "/run/candor/candord.sock"

struct event_base;
struct namp_server;

struct namp_server_cfg {
	const char *software;  /* "candor 0.1.0" */
	const char *node_name; /* kept by reference; see namp_server_set_name() */
	struct namp_limits limits;
	uint32_t writing_timeout_s; /* a peer must read something within; 0: 30 */
	object_handle handle;       /* requests other than watch */
	/* The role of an authenticated name; called at the greeting and by namp_server_recheck(). */
	enum admin_role (*role_of)(void *ctx, const char *name, bool is_local, uint32_t uid);
	/* Whether ``path`` can be watched by this role; fills ``initial`` events by calling
	 * namp_server_publish_to().  0 or as object_handle. */
	int (*watch)(void *ctx, const struct object_caller *caller, const char *path, uint64_t id,
	             bool initial, struct diag *d);
	void (*session_began)(void *ctx, const struct object_caller *caller); /* may be NULL */
	void (*session_ended)(void *ctx, const struct object_caller *caller, unsigned code);
	void *ctx;
};

struct namp_server_counters {
	uint64_t accepted, refused_greeting, refused_greeting_address; /* connections */
	uint64_t handshake_timeouts, greeting_timeouts;
	uint64_t handshake_failures[TLS_FAILURES];
	uint64_t sessions, refused_sessions, refused_sessions_name, evicted;
	uint64_t malformed, oversize, bad_version, unexpected_kind;
	uint64_t requests, requests_refused; /* refused: answered with 400 or more */
	uint64_t closed_idle, closed_slow, closed_revoked, closed_by_administrator;
	uint64_t events_sent, events_missed;
};

/* An event base with the priorities and dispatch limits that sessions need, or NULL. */
struct event_base *namp_server_base_new(void);

/* The process ignores SIGPIPE from now on.  NULL: out of memory. */
struct namp_server *namp_server_new(struct event_base *base, const struct namp_server_cfg *cfg);
void namp_server_free(struct namp_server *s); /* bye 503 where it can be sent at once, then close */

void namp_server_set_name(struct namp_server *s, const char *node_name);
void namp_server_set_limits(struct namp_server *s, const struct namp_limits *limits);

/* Serve the listening Unix socket, or TCP socket, which the server owns from now on (also on
 * failure).  0 or -ENOMEM. */
NODISCARD int namp_server_listen_local(struct namp_server *s, int fd);
NODISCARD int namp_server_listen_tls(struct namp_server *s, int fd);
void namp_server_stop_tls(struct namp_server *s); /* closes the TCP listeners; sessions stay */

/* The context for handshakes from now on (taken over; NULL: TLS connections are closed at once).
 * Then namp_server_recheck(): sessions whose certificate, key or role is no longer good get bye 403;
 * a role that merely changed holds from the next request on. */
void namp_server_set_tls(struct namp_server *s, struct tls_context *tls);
void namp_server_recheck(struct namp_server *s);

/* Answer a request whose handler returned -EINPROGRESS, by its ticket; ``error`` 0 or -errno as
 * object_handle.  False: the session has gone meanwhile. */
bool namp_server_finish(struct namp_server *s, uint64_t ticket, int error, const struct doc *doc,
                        const struct diag *d);

/* --- watches --- */

/* Whether anybody watches ``path`` or a path above it: ask before making a document. */
bool namp_server_is_watched(const struct namp_server *s, const char *path);
/* Tell all who watch; ``object`` NULL: it is gone (410). */
void namp_server_publish(struct namp_server *s, const char *path, wall_t at,
                         const struct doc *object);
/* The same to the one watch ``id`` of ``session``, for initial events. */
void namp_server_publish_to(struct namp_server *s, uint64_t session, uint64_t id, const char *path,
                            wall_t at, const struct doc *object);

/* --- looking and closing --- */

struct namp_session_view {
	struct object_caller caller;
	bool is_local, used_key, is_greeted;
	wall_t since;
	mono_t last_message;
	uint64_t requests, events_missed;
	uint32_t watches;
	char software[48]; /* of the peer's hello, cleaned */
	uint16_t minor;
};

const struct namp_server_counters *namp_server_counters(const struct namp_server *s);
uint32_t namp_server_session_count(const struct namp_server *s);
/* Sessions with a number above ``after``, rising: how many were filled, at most ``max``. */
uint32_t namp_server_sessions(const struct namp_server *s, uint64_t after, uint32_t max,
                              struct namp_session_view *ret);
/* bye 403 to one session.  0 or -ENOENT. */
NODISCARD int namp_server_close_session(struct namp_server *s, uint64_t session);

#endif
