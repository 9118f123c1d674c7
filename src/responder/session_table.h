/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions of the responder and the sources that own them.  Everything is allocated at creation
 * (memory is touched only as it is used); lookup is one keyed hash.  Several sessions may share one
 * key (source address, local address, local port, protocol): they are told apart by the source port
 * of their probes.  Time is CLOCK_BOOTTIME and comes in as an argument: a session is dead from its
 * expiry on, swept or not.  One thread.
 *
 * Fairness: a source (/32 or /64) holds at most max_per_source sessions.  With ``reserve_half`` the
 * unprotected sources share one half of the table.  Above three quarters of what a request may use,
 * the oldest session that never saw a probe makes room; an unprotected request never displaces a
 * protected session. */
#ifndef CANDOR_RESPONDER_SESSION_TABLE_H
#define CANDOR_RESPONDER_SESSION_TABLE_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/inet.h"
#include "base/siphash.h"
#include "base/token_bucket.h"
#include <stdbool.h>
#include <stdint.h>

#define SESSION_TABLE_MAX    65536u /* sessions of one table */
#define SESSION_SOURCES_IDLE 4096u  /* sources without a session that are remembered */
#define SESSION_SAME_KEY_MAX 16u    /* sessions of one key; one more ends the oldest of them */

enum session_proto {
	SESSION_UDP,
	SESSION_TCP,
};

struct session_key {
	struct inet_addr source, local;
	uint16_t port;
	uint8_t proto; /* enum session_proto */
};

/* A place in a list. */
struct session_link {
	struct session_link *prev, *next;
};

/* One /32 or /64. */
struct session_source {
	struct session_source *hash_next;
	struct session_link idle;     /* in the list of idle ones, while it has no session */
	struct session_link sessions; /* head: its sessions, newest first */
	struct inet_addr prefix;
	uint32_t count;
	struct token_bucket probes, control;
};

struct session {
	struct session_key key;
	uint16_t source_port;  /* of the probes; 0: learned from the first one */
	uint16_t control_port; /* that the opening request came from */
	uint16_t stated_port;  /* v2: measurement source port that can be believed, else 0 */
	uint16_t wanted_port;  /* as requested: another than key.port when it was chosen for him */
	uint16_t command;      /* v1 command; v2: 2 */
	uint8_t version;       /* of the control protocol: 1 or 2 */
	uint8_t kind;          /* enum ipsla_kind */
	bool is_protected;
	uint32_t sequence;   /* of the last control request */
	uint32_t repeats;    /* answers given to that same request, beyond the first */
	uint32_t session_id; /* v2 */
	uint8_t digest[32];  /* v2, authenticated: of the last request */
	boot_t opened_at, expires_at;
	uint32_t received; /* probes since the last control request */
	uint64_t probes;   /* in all */
	struct token_bucket rate, echo;
	/* private to the table */
	struct session_source *owner;
	struct session *hash_next;
	struct session_link by_source, by_age, probeless;
};

enum session_end {
	SESSION_END_EXPIRED,
	SESSION_END_EVICTED,
	SESSION_END_CLOSED,
};

struct session_limits {
	uint32_t max; /* <= SESSION_TABLE_MAX */
	uint32_t max_per_source;
	bool reserve_half;
};

/* Told before a session is forgotten; it must not open or close sessions. */
typedef void session_ended_fn(void *ctx, const struct session *s, enum session_end why);

struct session_table;

struct session_table *session_table_new(const struct siphash_key *seed, session_ended_fn *ended,
                                        void *ctx); /* never NULL */
void session_table_free(struct session_table *t);   /* sessions are not reported as ended */

/* New limits; when there are more sessions than the table may hold now, the oldest end. */
void session_table_limit(struct session_table *t, const struct session_limits *limits);

/* The entry of this source: made when it is new (the idle one longest unheard of gives way). */
struct session_source *session_source(struct session_table *t, const struct inet_addr *addr);

/* Would session_open succeed?  0; -EDQUOT: the source has its share; -ENOSPC: full. */
NODISCARD int session_room(const struct session_table *t, const struct session_source *source,
                           bool is_protected);

/* A new session, after session_room said 0 (others may be evicted for it).  The caller fills what
 * is not its key, protection and times. */
struct session *session_open(struct session_table *t, struct session_source *source,
                             const struct session_key *key, bool is_protected, boot_t now,
                             int64_t duration_ns);

/* Start again with a new duration: counters at 0, source port to be learned anew. */
void session_rearm(struct session_table *t, struct session *s, boot_t now, int64_t duration_ns);

void session_close(struct session_table *t, struct session *s, enum session_end why);

/* Live sessions of a key, newest first: for (s = session_first(…); s; s = session_next(…)). */
struct session *session_first(const struct session_table *t, const struct session_key *key,
                              boot_t now);
struct session *session_next(const struct session *s, boot_t now);

/* Live sessions of a source, newest first. */
struct session *session_of_source(const struct session_source *source, boot_t now);
struct session *session_of_source_next(const struct session *s, boot_t now);

/* A probe of this session came from ``source_port``: locks the port, counts. */
void session_probed(struct session_table *t, struct session *s, uint16_t source_port);

/* End what has expired.  Returns false when no session is left, else when the next one expires. */
bool session_sweep(struct session_table *t, boot_t now, boot_t *ret_next);

uint32_t session_count(const struct session_table *t);

/* All sessions, oldest first, dead ones included until they are swept. */
struct session *session_oldest(const struct session_table *t);
struct session *session_younger(const struct session_table *t, const struct session *s);

#endif
