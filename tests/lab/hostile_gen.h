/* SPDX-License-Identifier: Apache-2.0 */
/* Bad datagrams for an IP SLA responder, from a seed: valid control requests and probes, mutations of
 * them, and noise.  Pure. */
#ifndef CANDOR_LAB_HOSTILE_GEN_H
#define CANDOR_LAB_HOSTILE_GEN_H

#include "base/inet.h"

#define HOSTILE_MAX 1500 /* octets of one datagram */

struct hostile_gen {
	uint64_t random; /* state; from the seed, not 0 */
	struct inet_addr target;
	uint16_t v1_port, v2_port; /* the responder's control ports */
	uint16_t session_port;     /* valid requests ask for this one, and probes go there */
};

/* The next datagram as sent from ``source``, into ``buf`` (HOSTILE_MAX), with the port it goes to.
 * Returns its length; ``*ret_is_valid``: nothing was changed in it. */
size_t hostile_next(struct hostile_gen *g, const struct inet_addr *source, uint8_t *buf,
                    uint16_t *ret_port, bool *ret_is_valid);

#endif
