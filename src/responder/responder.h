/* SPDX-License-Identifier: Apache-2.0 */
/* The responder: control services on 1967 and 1167, a table of sessions, and reflectors that answer
 * the probes of live sessions and of permanent ports.  One thread, on the loop that it was created
 * on. Wire rules and limits: RFC 6812; wire-level decisions in docs/design.md. */
#ifndef CANDOR_RESPONDER_RESPONDER_H
#define CANDOR_RESPONDER_RESPONDER_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "responder/responder_cfg.h"
#include <stdint.h>

struct clock;
struct loop;
struct responder;
struct sock_opener;

/* Why a datagram or request got no (good) answer.  Every value is a counter that `show ip sla
 * responder` prints; names by responder_drop_name(). */
enum responder_drop {
	DROP_CONTROL_VERSION, /* version octet neither 1 nor 2 */
	DROP_CONTROL_SHORT,   /* shorter than its version's minimum, or than its own length field */
	DROP_CONTROL_LOOP,    /* from a control port, or shaped as a response */
	DROP_CONTROL_ACCESS,  /* access list */
	DROP_CONTROL_RATE,    /* too many control requests of one source */
	DROP_PROBE_NO_SESSION,  /* no live session of this source on this port */
	DROP_PROBE_SOURCE_PORT, /* session locked to another source port */
	DROP_PROBE_SHORT,
	DROP_PROBE_TYPE, /* unknown type, or not one that the session allows */
	DROP_PROBE_LOOP, /* responder fields filled, or from a port that must not be answered */
	DROP_PROBE_RATE_SESSION,
	DROP_PROBE_RATE_SOURCE,
	DROP_PROBE_TRUNCATED, /* longer than we take */
	DROP_PROBE_ACCESS,    /* access list, at a permanent port */
	DROP_SEND_FAILED,     /* the kernel refused the answer */
	DROP_STREAM_LIMIT,    /* too many TCP or SCTP control connections */
	DROP_STREAM_FORMAT,   /* a stream whose framing broke: closed */
	DROP_COUNT,
};

const char *responder_drop_name(enum responder_drop drop); /* snake_case */

#define RESPONDER_STATUS_COUNT 5 /* 0 success .. 4 port in use */
#define RESPONDER_RECENT       5

struct responder_recent {
	struct inet_addr addr; /* family none: unused */
	wall_t at;
	uint8_t status;
};

struct responder_counters {
	uint64_t control_requests;      /* that reached validation */
	uint64_t control_by_version[3]; /* [1], [2] */
	uint64_t control_by_status[RESPONDER_STATUS_COUNT];
	uint64_t control_tcp, control_sctp;
	uint64_t probes_answered, bytes_in, bytes_out;
	uint64_t sessions_opened, sessions_expired, sessions_evicted, sessions_rearmed;
	uint64_t refused_table_full, refused_source_limit, refused_port, refused_replay;
	uint64_t tcp_accepted;
	int64_t t3_late_max_ns; /* largest time from a T3 reading to the end of its send */
	uint64_t drops[DROP_COUNT];
};

/* One live session, as shown. */
struct responder_session_view {
	struct inet_addr source, local;
	uint16_t port, source_port; /* source_port 0: not locked yet */
	uint8_t version, command;   /* v1 command 2-8; v2: 2 */
	bool protected_source;      /* authenticated or access-listed */
	uint32_t session_id;        /* v2 */
	uint64_t probes;
	int64_t age_ns, left_ns;
};

struct responder_status {
	bool enabled;
	struct responder_counters counters;
	struct responder_recent recent[RESPONDER_RECENT],
	        recent_errors[RESPONDER_RECENT]; /* newest first */
	uint32_t sessions, sessions_max;
	uint32_t ports_open;
};

/* NULL: out of memory. */
struct responder *responder_new(struct loop *loop, struct clock *clock, struct sock_opener *opener);
void responder_free(struct responder *r);

/* Take over a configuration.  Sessions stay open as long as the new one allows them; sockets that
 * did not change are kept.  A port that cannot be opened: -errno with ``d`` saying which and what
 * to do; the other parts run. */
NODISCARD int responder_apply(struct responder *r, const struct responder_cfg *cfg, struct diag *d);

/* Serve the SCTP process behind ``fd`` (of sctp_process_spawn(); taken in any case; -1: none any
 * more).  Before responder_apply() with control_sctp where the kernel has no SCTP. */
NODISCARD int responder_take_sctp(struct responder *r, int fd);

void responder_status(const struct responder *r, struct responder_status *ret);

/* Up to ``cap`` sessions beginning at the ``first``-th; returns how many were written. */
uint32_t responder_sessions(const struct responder *r, uint32_t first, uint32_t cap,
                            struct responder_session_view *ret);

#endif
