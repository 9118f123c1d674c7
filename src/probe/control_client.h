/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a responder to open a port, before every run: the sender's half of the IP SLA control
 * protocol, version 1 (UDP 1967) and version 2 (RFC 6812, UDP 1167).  Embedded in the state of each
 * operation type that needs it; uses one flow and the timer CONTROL_TIMER while it is at work, and
 * holds neither once a step says GRANTED or FAILED. */
#ifndef CANDOR_PROBE_CONTROL_CLIENT_H
#define CANDOR_PROBE_CONTROL_CLIENT_H

#include "probe/probe.h"
#include "wire/ipsla.h"
#include "wire/ipsla_v2.h"
#include <stdbool.h>
#include <stdint.h>

#define CONTROL_TIMER 3u

enum control_step {
	CONTROL_WAITING,
	CONTROL_GRANTED, /* version, local, target_port and rtt_ns are there */
	CONTROL_FAILED,  /* sense and detail say why */
};

struct control_ask {
	enum ipsla_kind kind;
	struct inet_addr responder; /* whom to ask; family none: the target itself */
	uint16_t source_port;       /* to send from; 0: ephemeral */
	uint32_t duration_ms;       /* how long the port is wanted */
};

struct control_client {
	/* Kept from run to run. */
	uint32_t sequence; /* of the last request */
	bool has_sequence; /* it was drawn at random once */
	uint8_t known;     /* `control version auto`: enum sla_control that worked; 0: none yet */

	/* Of this exchange. */
	struct control_ask ask;
	struct probe_flow *flow; /* NULL: not at work */
	struct inet_endpoint peer;
	uint32_t tries, tries_max;
	mono_t sent_at;
	int error;       /* last error that the network reported, -errno */
	bool saw_forged; /* an answer did not verify */
	uint8_t random[IPSLA_V2_RANDOM_OCTETS];

	/* Outcome. */
	uint8_t version;            /* enum sla_control: V1 or V2 */
	struct inet_endpoint local; /* that the request was sent from */
	uint16_t target_port;       /* to probe: the asked one, or what a v2 responder chose */
	int64_t rtt_ns;             /* of the exchange */
	enum sla_sense sense;
	char detail[SLA_DETAIL_MAX];
};

/* Begin; op->params.control is not DISABLE.  FAILED when not even a flow could be had. */
enum control_step control_start(struct control_client *c, struct op *op, struct probe_io *io,
                                const struct control_ask *ask, mono_t now);

/* The events of the flow c->flow and of CONTROL_TIMER. */
enum control_step control_on_packet(struct control_client *c, struct op *op, struct probe_io *io,
                                    const struct probe_packet *packet, mono_t now);
enum control_step control_on_error(struct control_client *c, struct op *op, struct probe_io *io,
                                   int error, mono_t now);
enum control_step control_on_timer(struct control_client *c, struct op *op, struct probe_io *io,
                                   mono_t now);

/* End from any state without an outcome. */
void control_stop(struct control_client *c, struct op *op, struct probe_io *io);

/* For types that RFC 6812 does not know: 0, or -EINVAL where their control is version 2. */
int control_check_v1_only(const struct op_params *p, const char *type, struct diag *d);

/* What the exchange was, into the result of its run; nothing where control is disabled. */
void control_outcome(const struct control_client *c, const struct op_params *p,
                     struct sla_result *res);

/* What the return code of a refusal is: RttResponseSense enable* (CISCO-RTTMON-TC-MIB). */
enum sla_sense control_status_sense(uint16_t status);

#endif
