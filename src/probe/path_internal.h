/* SPDX-License-Identifier: Apache-2.0 */
/* Between the parts of a path operation: path_discover.c finds the hops, path_measure.c measures to them,
 * path_probe.c has the frame of a run. */
#ifndef CANDOR_PROBE_PATH_INTERNAL_H
#define CANDOR_PROBE_PATH_INTERNAL_H

#include "probe/echo_sample.h"
#include "probe/probe.h"
#include "sla/path.h"

#define PATH_WAIT_TIMER 0u
#define PATH_SEND_TIMER 1u

enum path_phase {
	PATH_IDLE,
	PATH_DISCOVERING,
	PATH_SENDING, /* to a hop */
	PATH_WAITING, /* for the last replies of a hop */
};

/* One echo request to the hop that is being measured. */
struct path_packet {
	struct echo_sample sample;
	int64_t rtt_ns; /* -1: none */
	bool is_sent, is_answered;
};

struct path_state {
	enum path_phase phase;
	struct probe_flow *trace; /* datagrams of the discovery */
	struct probe_flow *echo;  /* echo requests: of the discovery to the target, then to a hop */
	struct path_result path;
	uint32_t cookie; /* of the run: in the datagrams */
	uint8_t ttl;     /* being asked for, from 1 */
	bool was_silent; /* the hop before this one */
	bool is_second;  /* this hop was asked before */
	uint16_t asked;  /* sequence number of the discovery's echo request */
	uint16_t echo_id, sequence;
	int flow_error;
	/* measurement */
	uint8_t hop;                /* index into path.hops */
	uint16_t base;              /* sequence number before the first packet */
	uint32_t next;              /* packet to send, from 0 */
	uint32_t answered, highest; /* highest: 1 + the number of the last packet in order */
	mono_t first_at;
	bool verify_failed;
	struct sla_result worst; /* instrument and clock over all packets */
	size_t message_len;
	struct path_packet *packets; /* [packets_of()] */
	uint8_t *message;
};

/* Packets to each hop. */
uint32_t path_packets(const struct op_params *p);

/* The hop limit of the last hop that is looked for. */
uint8_t path_hops_max(const struct op_params *p);

/* path_discover.c */
void path_discover_begin(struct op *op, struct probe_io *io, mono_t now);
void path_discover_icmp(struct op *op, struct probe_io *io, struct probe_flow *flow,
                        const struct probe_icmp *icmp, mono_t now);
void path_discover_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet,
                         mono_t now);
void path_discover_silence(struct op *op, struct probe_io *io, mono_t now);

/* path_measure.c */
void path_measure_begin(struct op *op, struct probe_io *io, mono_t now);
void path_measure_reply(struct op *op, struct probe_io *io, const struct probe_packet *packet,
                        mono_t now);
void path_measure_due(struct op *op, struct probe_io *io, mono_t now);
void path_measure_silence(struct op *op, struct probe_io *io, mono_t now);

/* path_probe.c */
int path_open_echo(struct op *op, struct probe_io *io, const struct inet_addr *to);
/* Send an echo request with the next sequence number on ``st->echo``.  0 or -errno. */
int path_send_echo(struct op *op, struct probe_io *io, uint32_t token, mono_t now,
                   struct stamp *ret_user);
void path_finish(struct op *op, struct probe_io *io); /* with what there is */
/* Nothing can be measured: ``error`` of an open or a send. */
void path_fail(struct op *op, struct probe_io *io, enum sla_sense sense, const char *detail);

#endif
