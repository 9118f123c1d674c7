/* SPDX-License-Identifier: Apache-2.0 */
/* The control process from within: its state, and what its files (control*.c) do for each other. */
#ifndef CANDOR_CANDORD_CONTROL_STATE_H
#define CANDOR_CANDORD_CONTROL_STATE_H

#include "candord/control.h"
#include "candord/control_outbound.h"
#include "candord/control_reactions.h"
#include "candord/engine_link.h"
#include "candord/op_actions.h"
#include "candord/op_table.h"
#include "candord/parent_client.h"
#include "io/process.h"
#include "namp/datagrams.h"
#include "namp/namp_object.h"
#include "namp/server.h"
#include "object/request.h"

#define CONTROL_PARENT_REQUESTS (PROCESS_FD_FIRST + CONTROL_FD_REQUESTS) /* parent_client.h */
#define CONTROL_STATE_DIR       (PROCESS_FD_FIRST + CONTROL_FD_STATE)    /* io/state_dir.h */
#define CONTROL_OUTPUTS         (PROCESS_FD_FIRST + CONTROL_FD_OUTPUTS)  /* likewise */

struct control_tracks;
struct audit;
struct config_change;
struct config_service;
struct control_export;
struct event;
struct event_base;
struct messages;

#define CONTROL_LOCAL_PREFIX            "local:" /* of names on the Unix socket */
#define CONTROL_PROVIDERS_MAX           16       /* parts of the object tree */

#define CONTROL_TICKS_PER_IDENTITY_LOOK 5u

struct identity_text {
	char *text; /* NULL: not read */
	size_t len;
};

/* Ports and identity of the administration protocol. */
struct control_namp {
	struct namp_listener tcp, udp;
	struct namp_identity identity;
	struct identity_text files[IDENTITY_FILES];    /* as they were read last */
	struct identity_text in_force[IDENTITY_FILES]; /* as they last held together */
	uint64_t doubt_ends; /* tick: what was read last does not hold together; 0: it does */
};

struct control {
	const struct candord_options *options;
	struct event_base *base;
	struct event *engine_event, *parent_event, *signal_event, *tick, *sync_retry;
	struct engine_link engine;
	struct resolver *resolver;
	struct namp_server *server;
	struct control_namp namp;
	struct op_table ops;
	struct op_actions actions;
	struct reactions reactions;
	struct outbound outbound;
	uint64_t event_serial; /* of the last event that was told */
	struct control_tracks *tracks;
	struct config *config; /* running; NULL until the first one is applied */
	struct config_service *configs;
	struct datagrams *datagrams; /* NULL: not configured */
	char datagrams_name[256];    /* of the node, as they know it */
	struct messages *messages;
	struct control_export *exports;
	struct audit *audit;
	bool messages_fail, audit_fails; /* the disk does not take them, which was said */
	uint64_t results_lost_noted;
	uint64_t memory_available_bytes; /* 0: not known */
	uint32_t aged_count, aged_room;
	uint32_t *aged; /* operations that aged out, still in the configuration */
	enum clock_source clock_daemon;
	bool responder_is_dirty, clock_is_dirty, egress_is_dirty, is_announced;
	uint64_t ticks;
	uint64_t reloads, reloads_refused, results_received;
	uint64_t reload_tickets[16]; /* of requests that wait for the file to be read */
	unsigned reloads_waiting;
	wall_t started_at, config_changed_at;
	uint32_t starter_uid; /* who started candord: its parent process */
	char hostname[256];
	int exit_code;
};

/* control.c */
mono_t control_mono(void);
wall_t control_wall(void);
wall_t control_read_wall(void *ctx); /* as callbacks of the services; ``ctx`` is not looked at */
boot_t control_read_boot(void *ctx);
void control_end(struct control *c, int exit_code); /* leave the loop */
const char *control_node_name(const struct control *c);

/* control_engine.c: what the engine says and is told */
void control_engine_init(struct control *c);
void control_on_engine(struct control *c); /* its records wait */
/* Bring what it says of itself up to date.  0, or -errno: what it said last stays. */
int control_look_at_engine(struct control *c);
/* The number of a VRF's or interface's name (io/net_names.h), which the parent then knows; none: 0. */
uint16_t control_net_name(const char *name);
void control_take_missed(struct control *c, const struct runner_missed *missed);
void control_sync_engine(struct control *c); /* tell it what it lacks, now or soon */

/* control_config.c: the running configuration */
void control_on_order(struct control *c, int parent_fd); /* of the parent: load it */
int control_config_start(struct control *c);             /* 0 or -errno */

/* control_memory.c: `ip sla low-memory` */
void control_memory_look(struct control *c);
void control_memory_note_held(struct control *c); /* after operations came */
/* control_requests.c: the object tree.  Handlers as object_handle. */
int control_handle(void *ctx, const struct object_request *request, struct arena *a,
                   struct doc **ret, struct diag *d); /* of a peer: audited */
/* Of the node itself, or checked already. */
int control_dispatch(struct control *c, const struct object_request *request, struct arena *a,
                     struct doc **ret, struct diag *d);
/* Answer a request whose handler returned -EINPROGRESS. */
void control_finish(struct control *c, uint64_t ticket, int error, const struct doc *doc,
                    const struct diag *d);
void control_finish_action(void *ctx, const struct op_wait *wait, int error,
                           const struct diag *d); /* of struct op_actions */
void control_node_view(struct control *c, struct node_view *ret);

/* control_tracks.c: tracked objects, and the routes that follow them */
int control_tracks_start(struct control *c); /* 0 or -errno */
void control_tracks_stop(struct control *c);
/* ``c->config`` is a new one; the ``old`` one (NULL: there was none) is still there. */
void control_tracks_apply(struct control *c, const struct config *old);
void control_tracks_operation(struct control *c, uint32_t number); /* its result or state is new */
void control_tracks_tick(struct control *c);                       /* once a second */
int control_tracks_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d);
void control_publish_track(struct control *c, uint32_t number);

/* control_namp.c: the server, its ports, identity and roles */
int control_namp_start(struct control *c); /* 0 or -errno */
void control_namp_stop(struct control *c);
void control_namp_apply(struct control *c, const struct config_diff *diff, bool is_first);
const struct namp_conf *control_namp_conf(const struct control *c); /* running, never NULL */
/* An address that the host has got meanwhile, a port that another program has left. */
void control_namp_retry_ports(struct control *c);
int control_namp_handle(void *ctx, const struct object_request *request, struct arena *a,
                        struct doc **ret, struct diag *d);

int control_namp_bind(struct namp_listener *l, bool is_udp); /* a socket, or -1 and why in ``l`` */

/* control_identity.c: certificate, revocations and pre-shared keys */
void control_identity_renew(struct control *c);
void control_identity_look(struct control *c); /* every CONTROL_TICKS_PER_IDENTITY_LOOK */
void control_identity_forget(struct control *c);
bool control_key_is_valid(void *ctx, const char *name); /* of struct namp_server_cfg */

/* control_datagrams.c: sealed messages between nodes */
void control_datagrams_apply(struct control *c, bool has_new_port);
void control_datagrams_retry_port(struct control *c);
int control_datagrams_send(void *ctx, const char *peer, const struct doc *body,
                           struct diag *d); /* of struct messages_cfg */

/* control_messages.c: audit and message log */
int control_messages_start(struct control *c); /* 0 or -errno */
void control_messages_apply(struct control *c);
void control_messages_tick(struct control *c); /* once a second */
void control_messages_stop(struct control *c);
void control_session_began(void *ctx, const struct object_caller *caller);
void control_session_ended(void *ctx, const struct object_caller *caller, unsigned code);
void control_note_start(struct control *c);
void control_note_trouble(struct control *c, const char *text);
void control_note_losses(struct control *c);
void control_note_sense(struct control *c, struct op_slot *s); /* a run has ended */
void control_note_change(struct control *c, const struct config_change *change);

/* Trouble with ``what`` that comes and goes is said once, and when it is over. */
void control_say_once(bool *is_said, int rc, const char *what);

/* control_export.c: the metrics page and the log of results */
int control_export_start(struct control *c); /* 0 or -errno; before confinement */
void control_export_stop(struct control *c);
void control_export_apply(struct control *c, const struct config_diff *diff, bool is_first);
void control_export_retry(struct control *c); /* a port that could not be opened */
void control_export_result(struct control *c, const struct op_entry *e);
/* It had another state before. */
void control_export_state(struct control *c, const struct op_entry *e, enum sla_state before);
void control_export_flush(struct control *c); /* lines that wait */
int control_export_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d);

/* control_watch.c: telling those who watch */
int control_watch(void *ctx, const struct object_caller *caller, const char *path, uint64_t id,
                  bool initial, struct diag *d); /* of struct namp_server_cfg */
void control_publish_change(struct control *c, const struct config_change *change);
void control_publish_result(struct control *c, const struct op_entry *e);
void control_publish_operation(struct control *c, const struct op_entry *e);
void control_publish_removed(struct control *c, uint32_t number);
void control_publish_operations(struct control *c, const struct config_diff *diff);

#endif
