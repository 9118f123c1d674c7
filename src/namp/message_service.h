/* SPDX-License-Identifier: Apache-2.0 */
/* Administration messages (docs/namp.md section 8): notices, maintenance windows, alarms, and what the
 * node says of itself.  They are kept in a bounded log on disk in the order of arrival; alarms that
 * stand and windows are kept in tables, which survive the log's own rotation.
 *
 * Owned by the control process; one thread.  Knows neither sockets nor operations: measured values, the
 * way to peers and watchers are callbacks. */
#ifndef CANDOR_NAMP_MESSAGE_SERVICE_H
#define CANDOR_NAMP_MESSAGE_SERVICE_H

#include "base/clocktypes.h"
#include "config/namp_conf.h"
#include "object/request.h"
#include "wire/namp.h"

#define MESSAGE_ALARMS_MAX  1024u
#define MESSAGE_WINDOWS_MAX 256u
#define MESSAGE_LOG_NAME    "messages" /* of its files in the state folder */

struct messages;

struct messages_cfg {
	int state_dir;         /* stays the caller's, and open */
	uint32_t log_kib;      /* bound of the log; 0: 4096 */
	const char *node_name; /* copied; see messages_set_name() */
	/* All of these but ``now`` may be NULL. */
	wall_t (*now)(void *ctx);
	/* Add what operation ``number`` measured last to the map ``to``: number, generation, at_ns,
	 * sense, rtt_ns, loss_ppm, state.  False: there is nothing. */
	bool (*measure)(void *ctx, uint32_t number, struct arena *a, struct doc *to);
	/* Send an event with the subject "message" and this body to a configured peer.  0: queued;
	 * -ENOENT: no such peer; -EDQUOT: too many wait; else as object_handle, with ``d``. */
	int (*send)(void *ctx, const char *peer, const struct doc *body, struct diag *d);
	/* Tell watchers: "message/N" with the logged message, "alarm" and "maintenance" with the row as
	 * it is now (its member state says "cleared" or "over" when it goes). */
	void (*publish)(void *ctx, const char *path, wall_t at, const struct doc *object);
	void *ctx;
};

/* Open the log and rebuild the tables.  0; -errno with ``d``. */
NODISCARD int messages_new(const struct messages_cfg *cfg, struct messages **ret, struct diag *d);
void messages_free(struct messages *m); /* synchronises; NULL is fine */

void messages_set_name(struct messages *m, const char *node_name);
void messages_set_log_kib(struct messages *m, uint32_t log_kib);

/* The provider of "message", "alarm" and "maintenance": an object_handle with a struct messages as
 * ``ctx``. */
int messages_handle(void *ctx, const struct object_request *request, struct arena *a,
                    struct doc **ret, struct diag *d);

/* Something that the node itself has to say. */
struct messages_note {
	const char *type;   /* "measurement", "config" or "node" */
	const char *text;   /* cut to MESSAGE_TEXT_MAX; what is no text for people is replaced */
	const char *action; /* config: "commit", "confirm", "rollback"; else NULL */
	const char *by;     /* who; NULL: "candord" */
	uint32_t operation; /* that it is about, with what was measured; 0: the node */
};

/* Log it.  It survives this process at once and the host from messages_flush() on, so that many at
 * a time do not hold up anybody.  0; -ENOSPC and the like: counted, and said in the log when there is
 * room again. */
int messages_log_node(struct messages *m, const struct messages_note *note);

/* An alarm of the node itself. */
struct messages_alarm {
	const char *name;     /* 1 to 63 octets of [A-Za-z0-9-_.:/] */
	const char *severity; /* "critical", "major", "minor", "warning"; NULL: it is over */
	const char *text;
	uint32_t operation;  /* that it is about; 0: the node */
	uint32_t peer_count; /* who is told of it besides */
	const struct namp_peer *peers;
};

/* Raise or clear it, log it, and send it to the peers; durable as messages_log_node().  0 or -errno: lost, and
 * counted. */
int messages_alarm(struct messages *m, const struct messages_alarm *alarm);

/* Once a second: what messages_log_node() wrote becomes durable.  0 or -errno: the disk does not take it. */
int messages_flush(struct messages *m);

/* An event with the subject "message" that came from an authenticated peer. */
struct messages_received {
	const char *from; /* the peer's name */
	wall_t at;
	struct namp_slice body; /* encoded; kept with every member that is not known here */
	struct namp_slice extensions;
	uint32_t extension_count;
};

/* Log it and act on it; durable on return.  The code of the acknowledgement: 200; 507: no room; 422: not a
 * message of section 8.  The caller has seen to it that one (sender, boot, id) comes once. */
unsigned messages_receive(struct messages *m, const struct messages_received *received);

/* Whether operation ``number`` of ``from`` (NULL: of this node) is inside a maintenance window at ``at``;
 * the windows still in the table are known, at most MESSAGE_WINDOWS_MAX. */
bool messages_in_maintenance(const struct messages *m, const char *from, uint32_t number,
                             wall_t at);

struct messages_counters {
	uint64_t logged, received, refused_received;
	uint64_t unsent; /* alarms that could not be queued for a peer */
	uint64_t lost;   /* of the node's own: there was no room, or the disk failed */
	uint32_t alarms, windows;
};

struct messages_counters messages_counters(const struct messages *m);

#endif
