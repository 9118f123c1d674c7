/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation type is to the rest of the program, and all that it may know of the world.
 *
 * A type is one const table row in its own file.  Its state machine never touches a socket or a
 * clock: it gets ``struct probe_io`` (open a flow, send, arm a timer, report) and ``now``.  The
 * runner (probe/runner.h) gives real sockets, tests give a modelled network in virtual time.
 *
 * Life of a run: the runner calls start(); the type opens flows, sends and arms timers; events come
 * back by on_sent, on_packet, on_connect, on_stream, on_icmp, on_error and on_timer; the type calls io->ops->finish()
 * exactly once, from any of them.  stop() ends a run from any state without a result.  After
 * finish() or stop() the type holds no flow and no armed timer, but for flows that linger for a late
 * reply (io->ops->linger), each with a timer that ends it: they end at the next start() and with forget(), too.
 * One thread; nothing here allocates per packet. */
#ifndef CANDOR_PROBE_PROBE_H
#define CANDOR_PROBE_PROBE_H

#include "base/clocktypes.h"
#include "base/conf_row.h"
#include "base/diag.h"
#include "base/inet.h"
#include "base/tmr.h"
#include "sla/operation.h"
#include "sla/result.h"
#include "sla/stats_conf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct op;
struct probe_io;
struct sketch;
struct probe_flow; /* one conversation: owned by the io, valid from open to close */

enum flow_kind {
	FLOW_UDP,            /* datagrams with one peer */
	FLOW_TCP,            /* one connection attempt: on_connect, then close */
	FLOW_ICMP,           /* ICMP or ICMPv6 echo messages with one peer */
	FLOW_ICMP_TIMESTAMP, /* ICMP timestamp messages with one peer: all replies of that one come */
	FLOW_PACKET, /* whole Ethernet frames of flow_spec.ethertype on op_params.source_device */
	FLOW_STREAM, /* a TCP connection: on_connect, then octets by write() and on_stream */
	FLOW_LISTEN, /* waits at ``local`` for one TCP connection from peer.addr, of any port; then as
	              * FLOW_STREAM */
};

struct flow_spec {
	enum flow_kind kind;
	struct inet_endpoint local; /* family none: any; port 0: ephemeral */
	struct inet_endpoint peer;
	uint8_t tos;
	uint8_t ttl;    /* 0: the default of 255 */
	bool no_stamps; /* control exchange: times do not matter */
	bool any_peer;  /* FLOW_UDP: take datagrams from everywhere; send to ``peer`` */
	bool want_icmp; /* FLOW_UDP, FLOW_ICMP: on_icmp for ICMP errors that our datagrams provoke */
	bool obeys_egress; /* FLOW_STREAM: -EACCES where the egress prefix list does not permit ``peer`` */
	bool may_secure; /* FLOW_STREAM: secure() may be called; what it needs is made ready now */
	bool broadcast;  /* FLOW_UDP: ``peer`` is or may be a broadcast address */
	uint16_t ethertype; /* FLOW_PACKET: 0x8902 */
};

/* One datagram received.  ``data`` is valid during the callback only. */
struct probe_packet {
	const uint8_t *data; /* UDP payload; the ICMP message from its type octet on; the frame */
	size_t len;
	struct stamp at;
	struct inet_endpoint from;
	uint8_t tos, ttl; /* as received; 0 when not known */
	uint16_t vlan;    /* FLOW_PACKET: VLAN of a tag that the kernel took off; 0: none */
};

/* An ICMP error that a datagram of ours provoked (RFC 792, RFC 4443). */
struct probe_icmp {
	struct inet_addr from; /* who sent it: a router on the way, or the target */
	uint8_t type, code;    /* as on the wire, of the flow's family */
	struct stamp at;
	/* As much of our payload (FLOW_ICMP: of our message) as it quotes, 64 octets at most; nothing when the
	 * router keeps to the 8 octets of RFC 792 and the flow is UDP.  During the callback only. */
	const uint8_t *data;
	size_t len;
};

/* What happened on a FLOW_STREAM after on_connect. */
enum stream_event {
	STREAM_SECURED, /* secure() is complete */
	STREAM_DATA,
	STREAM_END,    /* the peer will send no more */
	STREAM_FAILED, /* broken, or TLS failed; nothing more comes */
};

struct probe_stream {
	enum stream_event event;
	const uint8_t *data; /* STREAM_DATA; during the callback only */
	size_t len;
	int error;       /* STREAM_FAILED: -errno; -EPROTO: TLS */
	const char *why; /* STREAM_FAILED: a sentence for a person; during the callback only */
};

/* Outcome of a FLOW_TCP or FLOW_STREAM attempt. */
struct probe_connect {
	int error;                /* 0, or -errno (ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, …) */
	int64_t rtt_ns;           /* SYN to SYN/ACK, when error == 0; else time to the failure */
	enum stamp_source source; /* STAMP_KERNEL: the kernel's own figure (TCP_INFO) */
	int64_t err_ns;
};

/* Every function may be called from any callback of the type.  Errors are -errno. */
struct probe_io_ops {
	/* Open a flow for ``op``, with its vrf, source_device and mark, and all but control exchanges with its
	 * flow label, priority and DF; sends nothing but FLOW_TCP's SYN. */
	int (*open)(struct probe_io *io, struct op *op, const struct flow_spec *spec,
	            struct probe_flow **ret);
	/* Why the last open() failed, as a sentence for a person; "" when it did not. */
	const char *(*why)(struct probe_io *io);
	void (*close)(struct probe_io *io, struct probe_flow *flow);
	/* Before a finish() with SENSE_TIMEOUT: the flow stays open behind it, until close(), for the reply that
	 * may yet come.  0; -ENFILE: PROBE_LINGER_MAX flows do so already, close it. */
	int (*linger)(struct probe_io *io, struct probe_flow *flow);
	/* Local endpoint of an open flow (the port that the kernel chose; for FLOW_ICMP port is the
	 * echo identifier). */
	struct inet_endpoint (*local)(struct probe_io *io, const struct probe_flow *flow);
	/* FLOW_PACKET: hardware address of its interface, 6 octets.  0 or -errno. */
	int (*mac)(struct probe_io *io, const struct probe_flow *flow, uint8_t *to);
	/* Send one datagram.  ``token`` comes back in on_sent with the kernel's transmit stamp,
	 * which may be before this call returns or never.  *ret_user is the user-space reading
	 * taken just before the system call.  -ECONNREFUSED and the like report an earlier ICMP
	 * error (not with want_icmp). */
	int (*send)(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len,
	            uint32_t token, struct stamp *ret_user);
	/* Hop limit of the datagrams from now on.  0 or -errno. */
	int (*set_ttl)(struct probe_io *io, struct probe_flow *flow, uint8_t ttl);
	/* FLOW_STREAM, after on_connect: send octets, as fast as the connection takes them.  0; -ENOBUFS: too much
	 * waits already; or -errno. */
	int (*write)(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len);
	/* FLOW_STREAM with may_secure: begin TLS as its client, with ``name`` as the server's.  ``verify``: the
	 * certificate must be valid for it under the trust anchors of the host.  What is written from now
	 * on goes out secured, once that is done.  0 or -errno. */
	int (*secure)(struct probe_io *io, struct probe_flow *flow, const char *name, bool verify);
	/* A reading of both clocks now, as a user stamp: what goes into a packet as T1. */
	struct stamp (*read_clock)(struct probe_io *io);
	struct clock_grade (*grade)(struct probe_io *io); /* of the local clock, now */
	void (*arm)(struct probe_io *io, struct op *op, unsigned timer, mono_t due);
	void (*disarm)(struct probe_io *io, struct op *op, unsigned timer);
	uint32_t (*random)(
	        struct probe_io *io); /* unpredictable, for sequence numbers and nonces */
	/* Datagrams that the kernel dropped on this flow for want of room, since open. */
	uint32_t (*drops)(struct probe_io *io, const struct probe_flow *flow);
	/* The run is complete; ``result`` is copied.  id, run, started_at and duration are filled
	 * in by the runner.  ``rtt``: the round-trip times of all packets of the run, looked at
	 * during the call; NULL where result->rtt_ns is the only one. */
	void (*finish)(struct probe_io *io, struct op *op, const struct sla_result *result,
	               const struct sketch *rtt);
};

struct probe_io {
	const struct probe_io_ops *ops;
};

#define PROBE_TIMERS     4
#define PROBE_LINGER_MAX 1024u /* flows of all operations of an io */

/* One operation as the runner holds it; ``state`` is the type's own block of state_size() octets,
 * zeroed at creation and kept from run to run. */
struct op {
	struct op_id id;
	struct op_params params;
	const struct probe_type *type;
	void *state;
};

/* What an operation is pointed at. */
enum probe_target {
	TARGET_HOST,      /* an address or a name, which control resolves */
	TARGET_HOST_PORT, /* and a port behind it */
	TARGET_URL,  /* into OP_TEXT_URL; the type resolves the host itself: that is measured */
	TARGET_NAME, /* any word, into OP_TEXT_NAME */
	TARGET_NONE, /* options alone */
};

struct probe_type {
	const char *name;  /* IOS token: "udp-jitter" */
	const char *words; /* as the configuration spells it: "ethernet echo"; NULL: the name */
	const char *usage; /* of the type line, for help: "udp-jitter TARGET PORT [options]" */
	enum sla_type id;
	enum probe_target target;    /* what follows the name on the type line */
	const char *const *methods;  /* words behind the name (op_params.method is the index), with
	                              * NULL at the end; NULL: none */
	const struct conf_row *rows; /* of struct op_params: options and sub-commands it accepts */
	unsigned stats;              /* bits of enum stats_use: what is kept of its runs */

	size_t (*state_size)(const struct op_params *p);
	/* Rules beyond the ranges of the rows, e.g. sizes by precision.  0 or -EINVAL. */
	int (*check)(const struct op_params *p, struct diag *d);
	void (*start)(struct op *op, struct probe_io *io, mono_t now);
	void (*on_sent)(struct op *op, struct probe_io *io, uint32_t token, const struct stamp *at);
	void (*on_packet)(struct op *op, struct probe_io *io, struct probe_flow *flow,
	                  const struct probe_packet *packet, mono_t now);
	void (*on_connect)(struct op *op, struct probe_io *io, struct probe_flow *flow,
	                   const struct probe_connect *connect, mono_t now);
	/* NULL in types that ask for neither. */
	void (*on_icmp)(struct op *op, struct probe_io *io, struct probe_flow *flow,
	                const struct probe_icmp *icmp, mono_t now);
	void (*on_stream)(struct op *op, struct probe_io *io, struct probe_flow *flow,
	                  const struct probe_stream *stream, mono_t now);
	/* An asynchronous error of a flow (-errno), such as ECONNREFUSED from an ICMP error. */
	void (*on_error)(struct op *op, struct probe_io *io, struct probe_flow *flow, int error,
	                 mono_t now);
	void (*on_timer)(struct op *op, struct probe_io *io, unsigned timer, mono_t now);
	void (*stop)(struct op *op, struct probe_io *io);
	/* Between two runs, before the operation goes: close what lingers.  NULL: nothing ever does. */
	void (*forget)(struct op *op, struct probe_io *io);
	/* End a run early but keep what was measured: send nothing more, wait a moment for what is
	 * under way, then finish().  False: there is nothing to keep, the run goes on as it was.
	 * NULL: a type of one packet. */
	bool (*cut)(struct op *op, struct probe_io *io, mono_t now);
};

/* Indexed by enum sla_type; every entry is there. */
extern const struct probe_type *const probe_types[SLA_TYPE_COUNT];

/* Words that name the type with its method: "http secure get".  ``to`` holds PROBE_NAME_MAX. */
#define PROBE_NAME_MAX 48
const char *probe_type_words(const struct probe_type *type, uint8_t method, char *to);

/* on_connect of the types that open no FLOW_TCP. */
void probe_no_connect(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_connect *connect, mono_t now);

/* The type that is spelt in two words, "ethernet" and "echo", or NULL.  ``second`` may be NULL. */
const struct probe_type *probe_type_of_words(const char *first, const char *second);

/* The type with this name or an unambiguous abbreviation of it, or NULL. */
const struct probe_type *probe_type_find(const char *name);

#endif
