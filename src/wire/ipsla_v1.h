/* SPDX-License-Identifier: Apache-2.0 */
/* IP SLA control protocol version 1 (UDP 1967), as seen on the wire: an 8-octet header, a command
 * TLV and an authentication TLV.  Pure functions; the layouts stand in ipsla_v1.c. */
#ifndef CANDOR_WIRE_IPSLA_V1_H
#define CANDOR_WIRE_IPSLA_V1_H

#include "base/inet.h"
#include "wire/ipsla.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IPSLA_V1_REQUEST_MAX  68u /* IPv6 with the authentication TLV */
#define IPSLA_V1_RESPONSE_MAX 68u /* IPv6 in the "whole echo" form; else 40 */
#define IPSLA_V1_AUTH_OCTETS  24u

enum ipsla_v1_command {
	IPSLA_V1_UDP_ECHO = 2,
	IPSLA_V1_TCP_CONNECT = 3,
	IPSLA_V1_UDP_JITTER = 4,
	IPSLA_V1_UDP_ECHO_V6 = 6, /* UNVERIFIED: by analogy, see ipsla_v1_command_is_unverified */
	IPSLA_V1_TCP_CONNECT_V6 = 7, /* UNVERIFIED: likewise */
	IPSLA_V1_UDP_JITTER_V6 = 8,
};

struct ipsla_v1_request {
	uint8_t sequence;
	uint16_t command;        /* enum ipsla_v1_command, or anything after IPSLA_ANSWER */
	struct inet_addr target; /* the address that probes go to; may be unspecified */
	uint16_t port;           /* 1 .. 65535 after IPSLA_OK */
	uint32_t duration_ms;    /* 1 .. ; 16 bits wide on the wire for IPv4 */
	bool has_auth;
	uint8_t auth[IPSLA_V1_AUTH_OCTETS]; /* all zero without a key chain */
	uint16_t status;                    /* after IPSLA_ANSWER: what to refuse with */
};

/* Kind and family of a command; IPSLA_KIND_NONE / INET_NONE when it is unknown. */
enum ipsla_kind ipsla_v1_command_kind(uint16_t command);
enum inet_family ipsla_v1_command_family(uint16_t command);
/* The command for a kind and a family; 0 when there is none. */
uint16_t ipsla_v1_command_for(enum ipsla_kind kind, enum inet_family family);
/* 6 and 7: never seen on a wire; a responder serves them only when told to, else status 3. */
bool ipsla_v1_command_is_unverified(uint16_t command);

/* Judge a request that arrived over ``family`` (INET_NONE: do not compare).  Octets beyond the
 * length in the header are ignored.  Fills *ret for IPSLA_OK and IPSLA_ANSWER, where only sequence,
 * command and status are to be relied on in the latter.  The status area is not looked at: ask
 * ipsla_is_response_shaped first. */
enum ipsla_verdict ipsla_v1_request_decode(const uint8_t *buf, size_t len, enum inet_family family,
                                           struct ipsla_v1_request *ret);

/* 52 or 68 octets (24 or 40 without has_auth).  -EINVAL: no such command, or the target's family is
 * another; -ENOBUFS.  IPv4 durations above 65535 ms are sent as 65535. */
NODISCARD ssize_t ipsla_v1_request_encode(const struct ipsla_v1_request *r, uint8_t *buf,
                                          size_t cap);

enum ipsla_v1_form {
	IPSLA_V1_FORM_NORMAL, /* header and command TLV: 24 or 40 octets */
	IPSLA_V1_FORM_WHOLE,  /* success returns the whole request (some senders want it) */
};

/* The answer to the request in ``request`` (not dropped by decode).  A refused request whose
 * command TLV is not of 8 .. 32 octets is answered by the 8-octet header alone.  A non-zero status
 * goes into both halves of both status areas: where v1 keeps it is not known, and every reading
 * sees it there. Never longer than the request.  -ENOBUFS; -EBADMSG when decode would have dropped
 * it. */
NODISCARD ssize_t ipsla_v1_response_encode(const uint8_t *request, size_t len, uint16_t status,
                                           enum ipsla_v1_form form, uint8_t *buf, size_t cap);

struct ipsla_v1_response {
	uint8_t sequence;
	uint16_t status; /* 0, 1 .. 4; anything else on the wire reads as IPSLA_STATUS_FAIL */
};

/* Judge an answer by version, sequence and status areas alone: lengths of 8, 24, 40 and 68 all
 * exist, and a header may claim fewer octets than came.  0 or -EBADMSG. */
NODISCARD int ipsla_v1_response_decode(const uint8_t *buf, size_t len,
                                       struct ipsla_v1_response *ret);

#endif
