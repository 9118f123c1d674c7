/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of one probe.  Pure: first reflect_admit decides (and counts, and locks the source
 * port), then, right before the send, reflect_write turns the probe into its reply in place.
 *
 * No loops.  A probe whose responder fields are filled is a reply and is dropped.  What is echoed
 * verbatim cannot be told from its own reply, so each sender of echoes (a session, or an endpoint
 * towards a permanent port) has a budget of ECHO_BURST answers that refills at ECHO_PER_S: two
 * responders that echo to each other fall silent after that many round trips.  Permanent ports
 * never answer a port that we serve ourselves, nor one below 1024. */
#ifndef CANDOR_RESPONDER_REFLECT_H
#define CANDOR_RESPONDER_REFLECT_H

#include "responder/responder_core.h"
#include "wire/ipsla_probe.h"

#define ECHO_BURST 256u
#define ECHO_PER_S 1u
#define ECHO_LOOPS 4096u /* places for echo budgets of permanent ports */

/* The echo budget of one endpoint towards one permanent port.  A place is shared by endpoints that
 * hash alike: the newer one takes it over. */
struct echo_loop {
	uint64_t who; /* keyed hash of both endpoints */
	struct token_bucket budget;
};

struct probe {
	uint8_t *data;
	size_t len;
	bool truncated;
	bool is_permanent; /* the port answers without a session too */
	struct inet_endpoint from;
	struct inet_endpoint local; /* where it came to */
};

/* How to answer an admitted probe. */
struct reflect_plan {
	uint8_t kind; /* enum ipsla_kind */
	uint32_t sequence;
};

/* True: answer it as *ret says.  False: silence, and the drop is counted. */
bool reflect_admit(struct responder_core *c, const struct probe *p, boot_t now,
                   struct reflect_plan *ret);

/* A TCP connection that was accepted on ``local``: true: close it in order; false: reset it, and the
 * drop is counted. */
bool reflect_admit_tcp(struct responder_core *c, const struct inet_endpoint *from,
                       const struct inet_endpoint *local, bool is_permanent, boot_t now);

/* ``t2``: when the kernel received it; ``t3``: now.  False: it was not what was admitted (a bug). */
bool reflect_write(const struct responder_core *c, uint8_t *data, size_t len,
                   const struct reflect_plan *plan, wall_t t2, wall_t t3);

#endif
