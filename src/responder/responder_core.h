/* SPDX-License-Identifier: Apache-2.0 */
/* What the control service and the reflector share: configuration, sessions, counters, and the door
 * to the ports.  No sockets and no clock in here: ports are opened through struct port_host, which
 * the daemon implements with sockets and tests with a table.  One thread. */
#ifndef CANDOR_RESPONDER_RESPONDER_CORE_H
#define CANDOR_RESPONDER_RESPONDER_CORE_H

#include "responder/replay_cache.h"
#include "responder/responder.h"
#include "responder/session_table.h"

/* Whoever opens ports for sessions.  An open port is counted: each open() needs its close(). */
struct port_host {
	/* 0; -EADDRINUSE: another program has it; -EADDRNOTAVAIL: ``local`` is no address of this
	 * host; other -errno. */
	int (*open)(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
	            uint16_t port);
	void (*close)(struct port_host *h, enum session_proto proto, const struct inet_addr *local,
	              uint16_t port);
	/* For open() with a group as ``local``: our address on the interface where it is to be joined, and who
	 * will send. */
	struct inet_addr via, source;
};

struct responder_core {
	struct responder_cfg cfg;
	struct responder_counters counters;
	struct responder_recent recent[RESPONDER_RECENT];        /* newest first */
	struct responder_recent recent_errors[RESPONDER_RECENT]; /* likewise */
	int64_t clock_err_ns; /* own clock's stated error; -1: not synchronised */
	struct port_host *host;
	struct session_table *sessions;
	struct replay_cache *replay;
	struct siphash_key seed;
	uint64_t draws;   /* random numbers drawn from the seed */
	uint32_t *serves; /* [65536]: how many UDP sessions and permanent ports use this port */
	struct echo_loop *echo_loops; /* see reflect.c */
};

/* ``seed`` is 16 octets nobody can guess.  Not enabled until responder_core_apply. */
void responder_core_init(struct responder_core *c, struct port_host *host,
                         const struct siphash_key *seed);
void responder_core_fini(struct responder_core *c); /* closes every session and its port */

/* Take over a configuration (with values inside the ranges of responder_rows).  Sessions that it
 * would not grant any more are closed, longer ones than it allows are cut. */
void responder_core_apply(struct responder_core *c, const struct responder_cfg *cfg, boot_t now);

/* Uniform in 0 .. below - 1; below >= 1. */
uint32_t responder_core_random(struct responder_core *c, uint32_t below);

bool responder_core_permits(const struct responder_core *c, const struct inet_addr *source);

/* Do we serve this UDP port now: control, permanent, or of a session? */
bool responder_core_serves(const struct responder_core *c, uint16_t port);

/* The same host: scopes are not compared where one of the two does not say. */
bool inet_addr_same_host(const struct inet_addr *a, const struct inet_addr *b);

/* Put ``addr`` first in a list of recent ones (it is listed once). */
void responder_recent_add(struct responder_recent list[RESPONDER_RECENT],
                          const struct inet_addr *addr, wall_t at, uint8_t status);

#endif
