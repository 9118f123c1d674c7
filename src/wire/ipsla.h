/* SPDX-License-Identifier: Apache-2.0 */
/* What both versions of the IP SLA control protocol share: ports, status codes, what is measured,
 * how long a message is, and whether a datagram looks like an answer (loop guard). */
#ifndef CANDOR_WIRE_IPSLA_H
#define CANDOR_WIRE_IPSLA_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IPSLA_V1_PORT 1967 /* seen on the wire */
#define IPSLA_V2_PORT 1167 /* RFC 6812 section 3 */
#define IPSLA_V1      1
#define IPSLA_V2      2

/* RFC 6812 section 3.1.2, "Status"; v1 uses very likely the same numbers (UNVERIFIED:). */
enum ipsla_status {
	IPSLA_STATUS_OK = 0,
	IPSLA_STATUS_FAIL = 1,
	IPSLA_STATUS_AUTH = 2,
	IPSLA_STATUS_FORMAT = 3,
	IPSLA_STATUS_PORT_IN_USE = 4,
};

/* What a control message asks the responder to serve. */
enum ipsla_kind {
	IPSLA_KIND_NONE,            /* unknown command */
	IPSLA_KIND_UDP_ECHO,        /* v1: return what comes */
	IPSLA_KIND_TCP_CONNECT,     /* v1: accept, then close */
	IPSLA_KIND_UDP_JITTER,      /* v1: probes of type 2, and type 3 with 16-bit sequences */
	IPSLA_KIND_UDP_MEASUREMENT, /* v2: probes of type 3 with 32-bit sequences */
};

/* What a responder does with a control message. */
enum ipsla_verdict {
	IPSLA_OK,     /* well formed: go on with what needs state */
	IPSLA_ANSWER, /* refuse it with the status found in the decoded message */
	IPSLA_DROP,   /* say nothing; count it */
};

/* The version octet: 1, 2, or 0 for an empty buffer or any other version. */
uint8_t ipsla_version(const uint8_t *buf, size_t len);

/* Length of the control message that starts at ``buf``, from its own header, for stream transports.
 * 0; -EAGAIN: more octets are needed to tell (at most 12); -EBADMSG: no version of ours, or a
 * length outside 8 .. IPSLA_MESSAGE_MAX.  *ret_len says nothing about how many octets have
 * arrived. */
#define IPSLA_MESSAGE_MAX 1024u
NODISCARD int ipsla_message_length(const uint8_t *buf, size_t len, size_t *ret_len);

/* True when a datagram that arrived on a control port is shaped as a response: a non-zero status in
 * the header or in the first TLV/CSLD, or (v1) a length of 8, 24 or 40.  A responder drops those,
 * or two of them could talk for ever. */
bool ipsla_is_response_shaped(const uint8_t *buf, size_t len);

#endif
