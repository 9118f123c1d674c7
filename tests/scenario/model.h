/* SPDX-License-Identifier: Apache-2.0 */
/* A modelled network in virtual time: the probe_io of one operation, a path with a pattern of
 * accidents per direction, and a responder built on the codecs.  Nothing sleeps, nothing is random
 * unless a test says so; every number that comes out can be worked out by hand. */
#ifndef CANDOR_TESTS_SCENARIO_MODEL_H
#define CANDOR_TESTS_SCENARIO_MODEL_H

#include "model_stream.h"
#include "probe/probe.h"
#include "t.h"
#include "wire/ipsla.h"

#define MS(n)        ((int64_t)(n)*NS_PER_MS)
#define US(n)        ((int64_t)(n)*NS_PER_US)
#define SEC(n)       ((int64_t)(n)*NS_PER_S)
#define WALL0_S      INT64_C(1772368496) /* 2026-03-01 12:34:56 UTC, when virtual time is 0 */

#define MODEL_FLOWS  8
#define MODEL_EVENTS 4096

enum direction { SD, DS };

/* A path in one direction.  ``pattern`` says what happens to the n-th probe that enters it, beyond
 * its end nothing does: '.' passes, 'x' is lost, 'd' arrives twice, 'c' arrives with its last octet
 * changed, 'r' takes ``extra_ns`` longer, 's' arrives with a wrong T1. */
struct model_path {
	int64_t delay_ns, extra_ns;
	const char *pattern;
	const char *control;       /* the same for control messages */
	uint32_t probes, controls; /* that have entered */
};

struct model_responder {
	bool speaks_v1, speaks_v2;
	bool is_permanent;    /* answers on any port without control */
	bool copies_sequence; /* instead of counting */
	bool is_silent;       /* sends no ICMP error where nothing listens */
	bool is_synchronised; /* type 3: states ``clock_err_ns`` */
	int64_t clock_err_ns;
	int64_t residence_ns;
	int64_t clock_offset_ns; /* its clock minus true time */
	uint16_t refuse;         /* status for every control request */
	const char *secret;      /* v2: verifies and signs with it */
	bool spoils_digest;
	uint16_t substitute_port; /* v2 */
	/* state */
	uint16_t open_port;
	int64_t open_until_ns;
	enum ipsla_kind kind;
	uint32_t count;
	uint32_t requests_v1, requests_v2;
	uint32_t last_duration_ms;
	uint16_t last_command;
	uint16_t control_from, probe_from; /* source ports seen last */
	uint8_t probe_tos, control_tos;
};

/* What is wrong with the answers of the maintenance end point. */
struct model_cfm {
	bool has_no_times, other_level, other_transaction, other_station, other_vlan;
	uint8_t cut; /* octets off the end */
};

struct model_dns {
	bool is_silent, is_truncated;
	bool wrong_first; /* three messages before the reply that are none */
	uint8_t rcode;
};

struct model_dhcp {
	bool is_silent, refuses, never_acks, two_offers;
	int64_t ack_ns; /* from REQUEST to ACK; 0: 2 ms */
	/* state */
	bool is_leased;
	uint32_t discovers, requests, releases;
};

enum model_event_kind {
	EV_TO_PEER,
	EV_TO_US,
	EV_STAMP,
	EV_ERROR,
	EV_CONNECT,
	EV_SERVER, /* octets of a stream are at its server; none: it is its turn */
	EV_SECURED,
	EV_STREAM_DATA,
	EV_STREAM_END,
	EV_STREAM_FAILS,
	EV_ICMP,
	EV_STEP,
	EV_RESTART,
};

struct model_event {
	int64_t at_ns;
	uint64_t order;
	enum model_event_kind kind;
	uint32_t flow; /* number of the flow, which may be closed by then */
	uint32_t token;
	int64_t value; /* EV_STEP: ns; EV_ERROR and EV_CONNECT: -errno */
	struct stamp at;
	struct inet_addr from; /* EV_ICMP: with type, code, and in ``data`` what is quoted */
	uint8_t type, code;
	uint8_t *data;
	size_t len;
};

struct probe_flow {
	uint32_t number; /* 0: free */
	bool is_lingering;
	struct flow_spec spec;
	struct inet_endpoint local;
	struct model_server *server; /* of a stream */
	int64_t secured_ns;          /* end of its TLS handshake */
	uint8_t ttl;                 /* of set_ttl(); 0: more than there are hops */
};

/* Routers between us and the target: the n-th has the address 192.0.2.(100 + n), 1 ms further each. */
#define MODEL_HOPS 30
struct model_hop {
	bool is_silent;     /* says nothing when a hop limit ends at it */
	bool answers_late;  /* 1.5 s later */
	bool quotes_little; /* no payload */
	bool no_echo;       /* drops echo requests for itself */
	uint8_t refuses;    /* ICMP code + 1 of an unreachable for all that goes further */
	uint8_t poses_as;   /* answers with the address of this hop; 0: its own */
};

struct model {
	struct probe_io io;
	struct op op;
	int64_t now_ns;    /* true time; what the process sees as monotonic */
	int64_t offset_ns; /* wall minus monotonic */
	int64_t tx_lag_ns; /* from our reading to the kernel's stamp */
	bool no_kernel_stamps;
	int64_t stamp_lag_ns;                /* until the transmit stamp is fetched */
	int64_t hold_from_ns, hold_until_ns; /* the process does not run in between */
	struct clock_grade grade;
	struct model_path path[2];
	struct model_responder responder;
	struct model_dns dns;
	struct model_cfm cfm;
	int mac_error;
	struct model_dhcp dhcp;
	/* Who is at the far end; model_init() puts there who speaks the type's protocol. */
	void (*peer)(struct model *m, const struct probe_flow *f, const struct model_event *e);
	int open_error;              /* of the next open, -errno */
	int64_t port_taken_until_ns; /* asked-for ports are in use by somebody else */
	bool refuses_linger;
	uint32_t lingering; /* flows */
	int send_error;
	uint32_t send_errors; /* how many sends fail with it */
	uint8_t hop_count;
	struct model_hop hops[MODEL_HOPS];
	bool drops_datagrams; /* the target says nothing where nothing listens, but answers echoes */
	int tcp_error;        /* 0: accepts; 1: silence; -errno */

	struct model_server servers[MODEL_SERVERS];

	struct probe_flow flows[MODEL_FLOWS];
	uint32_t flow_numbers;
	struct {
		bool armed;
		mono_t due;
	} timers[PROBE_TIMERS];
	struct model_event events[MODEL_EVENTS];
	uint32_t event_count;
	uint64_t order;
	uint64_t random;
	uint32_t sends;
	uint32_t finished; /* runs */
	struct sla_result res;
};

/* An operation of ``type`` with its defaults towards 192.0.2.77:5000; both directions take 10 ms, a
 * v1 and v2 responder with a synchronised clock, ours synchronised too.  Change what you like, then
 * run. */
void model_init(struct model *m, enum sla_type type);
void model_fini(struct model *m);

void model_at(struct model *m, int64_t at_ns, enum model_event_kind kind, int64_t value);

/* One run from now on, until it is finished; checks that nothing is left behind. */
const struct sla_result *model_run(struct model *m);

/* The pieces: start a run, let the next thing happen (false: nothing left), and the checks. */
void model_start(struct model *m);
bool model_step(struct model *m);
void model_assert_clean(const struct model *m);

#endif
