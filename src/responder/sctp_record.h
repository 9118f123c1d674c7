/* SPDX-License-Identifier: Apache-2.0 */
/* What the SCTP process and the engine say to each other: one record a control message, over a
 * SOCK_SEQPACKET socketpair.  Requests go to the engine, answers come back with the same
 * association.  Neither side trusts the other: a record that is not exactly as long as it says ends
 * the channel. */
#ifndef CANDOR_RESPONDER_SCTP_RECORD_H
#define CANDOR_RESPONDER_SCTP_RECORD_H

#include "base/inet.h"
#include "wire/ipsla.h"
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SCTP_RECORD_MAGIC 0x43534352u /* "CSCR": changes with the layout */

struct sctp_record {
	uint32_t magic;
	uint32_t association; /* the process's own number, returned as it is */
	uint32_t scope_id;
	uint8_t family; /* of the peer: enum inet_family */
	uint8_t zero;
	uint16_t port; /* of the peer */
	uint8_t address[16];
	uint32_t len; /* of the message */
	uint8_t octets[IPSLA_MESSAGE_MAX];
};

#define SCTP_RECORD_HEAD offsetof(struct sctp_record, octets)

static_assert(SCTP_RECORD_HEAD == 36, "no padding");

/* Is this what came in ``n`` octets a record? */
static inline bool sctp_record_is_good(const struct sctp_record *r, size_t n)
{
	return n > SCTP_RECORD_HEAD && r->magic == SCTP_RECORD_MAGIC && r->zero == 0 &&
	       (r->family == INET_V4 || r->family == INET_V6) && r->len == n - SCTP_RECORD_HEAD;
}

#endif
