/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the NAMP server share: a session and its states (docs/namp.md section 4.2).
 * server.c: the whole; server_accept.c: connections and their limits; server_session.c: octets,
 * states and time of one session; server_greeting.c: hello; server_request.c: requests and
 * answers; server_watch.c: changes.
 *
 * A session is freed only at the end of its own turn, by its timer, or while another connection is
 * accepted: never below a handler of the application. */
#ifndef CANDOR_NAMP_SERVER_INTERNAL_H
#define CANDOR_NAMP_SERVER_INTERNAL_H

#include "io/stream.h"
#include "namp/codes.h"
#include "namp/frame.h"
#include "namp/server.h"

#include <event2/event.h>
#include <event2/event_struct.h>

#define SESSION_BUCKETS     1024u
#define NAMP_WATCHES_MAX    16u           /* of a session */
#define ANSWERS_WAITING_MAX (256u << 10)  /* octets; then no further requests are read */
#define EVENTS_WAITING_MAX  (128u << 10)  /* octets; then changes are dropped */
#define INITIAL_WAITING_MAX (1024u << 10) /* octets; of what is there when a watch begins */
#define INPUT_AHEAD_MAX     (64u << 10)   /* octets read while a request is under way */
#define CLOSING_NS          (2 * NS_PER_S)
#define READ_CHUNK          16384u /* one TLS record */
#define READS_PER_TURN      4u
#define REQUESTS_PER_TURN   32u
#define TICKET_SERIAL_BITS  20 /* of a ticket; above them the session's number */

/* Of the event base. */
enum { PRIORITY_OWNER, PRIORITY_SESSION, PRIORITY_STRANGER, PRIORITIES };

enum session_state { SESSION_HANDSHAKE, SESSION_GREETING, SESSION_OPEN, SESSION_CLOSING };

struct session;

struct session_list {
	struct session *first, *last;
	uint32_t count;
};

struct watch {
	struct session *session;
	struct watch *next, *prev; /* of the server */
	uint64_t id;
	uint64_t missed;
	wall_t missed_from, missed_to;
	size_t path_len;
	char path[];
};

struct session {
	struct namp_server *server;
	struct session_list *list; /* that it is in */
	struct session *next, *prev;
	struct session *bucket_next;
	struct stream stream;
	struct event readable, writable, timer;
	struct event more;           /* it asks for more than its share: behind the strangers */
	bool is_reading, is_writing; /* events added */
	mono_t timer_due;            /* 0: not armed */
	enum session_state state;
	uint64_t number; /* from 1, once open */
	mono_t began, last_message, stalled_since, closing_since;
	wall_t since;

	bool is_local, has_ended, is_broken, is_shut; /* ended: the peer sends no more */
	bool in_turn;                                 /* its own turn will settle it */
	bool in_handler;
	uint16_t end_code;  /* why it is being closed; 0: it is not */
	uint16_t late_code; /* end it so when the handler is back */
	const char *late_text;
	size_t drained; /* octets discarded while closing */
	uint32_t tls_generation;
	uint32_t uid;
	struct inet_addr addr;
	struct frame_buffer in, out;
	size_t held_bytes; /* that will be written before ``out`` */

	uint64_t flight_ticket, flight_id;     /* the request that is under way; 0: none */
	uint32_t watch_count, watches_missing; /* missing: of them, with something to be stated */
	uint32_t request_serial;
	uint64_t requests, events_missed;
	uint16_t minor;
	enum admin_role role;
	char name[TLS_NAME_MAX];
	char origin[INET_ENDPOINT_TEXT_MAX];
	char software[48];
};

struct listener {
	struct listener *next;
	struct namp_server *server;
	int fd;
	bool is_local;
	struct event *readable, *retry; /* retry: descriptors had run out */
};

struct namp_server {
	struct namp_server_cfg cfg;
	struct event_base *base;
	struct listener *listeners;
	struct tls_context *tls;
	uint32_t tls_generation;
	struct session_list strangers, local_strangers; /* before hello, oldest first */
	struct session_list members;                    /* open, by rising number */
	struct session_list leaving;                    /* were open */
	struct session *buckets[SESSION_BUCKETS];
	struct watch *watches;
	uint64_t last_number;
	struct namp_server_counters counters;
	uint8_t scratch[READ_CHUNK];
};

/* --- server.c --- */
mono_t server_now(void);
wall_t server_wall(void);
void session_move(struct session *s, struct session_list *to); /* NULL: out of every list */
struct session *session_find(const struct namp_server *n, uint64_t number);
struct object_caller session_caller(const struct session *s);
bool session_proof_holds(const struct session *s);     /* certificate or key, as of now */
enum admin_role session_role(const struct session *s); /* as of now */

/* --- server_accept.c --- */
NODISCARD int listener_add(struct namp_server *n, int fd, bool is_local);
void listener_drop(struct listener **slot);

/* --- server_session.c --- */
struct session *session_new(struct namp_server *n, int fd, bool is_local); /* NULL: no memory */
void session_free(struct session *s); /* at once, whatever waits */
/* Do what can be done now; frees it when it has come to its end. */
void session_turn(struct session *s);
/* Have its turn come soon: it is new, or something was queued for it. */
void session_wake(struct session *s);
/* Say bye and close when all is written; while its handler runs: when that has answered.  The first
 * reason counts. */
void session_end(struct session *s, unsigned code, const char *text);
void session_enter_handler(struct session *s); /* the application is called … */
void session_leave_handler(struct session *s); /* … and has answered */
void session_flush(struct session *s);         /* write what can be written now */
void session_admit(struct session *s);         /* it has greeted: a member from now on */
/* Queue one message; without memory the session is broken.  -EMSGSIZE: too long, nothing queued. */
NODISCARD int session_put(struct session *s, const struct namp_message *m);

/* --- server_greeting.c --- */
void session_greet(struct session *s, const struct namp_message *hello);

/* --- server_request.c --- */
void session_request(struct session *s, const struct namp_message *request);
void session_answer(struct session *s, uint64_t id, int error, const struct doc *doc,
                    const struct diag *d);

/* --- server_watch.c --- */
/* Begin: 0, or as object_handle. */
NODISCARD int watch_begin(struct session *s, const struct object_request *q, uint64_t id,
                          struct diag *d);
NODISCARD int watch_end(struct session *s, uint64_t id, struct diag *d);
void watch_end_all(struct session *s);
void watch_state_missed(struct session *s); /* room again: say what was missed */

#endif
