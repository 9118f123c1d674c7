/* SPDX-License-Identifier: Apache-2.0 */
/* IP SLA control protocol version 2 (RFC 6812, UDP 1167): Command-Header, authentication CSLD, UDP
 * measurement CSLD.  The long form (172 octets) carries random number and digest, the short form
 * (124) does not and is for mode 0 alone.  Pure functions; signing is in ipsla_v2_auth.h. */
#ifndef CANDOR_WIRE_IPSLA_V2_H
#define CANDOR_WIRE_IPSLA_V2_H

#include "base/inet.h"
#include "wire/ipsla.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IPSLA_V2_HEADER_OCTETS 20u
#define IPSLA_V2_SHORT_OCTETS  124u
#define IPSLA_V2_LONG_OCTETS   172u
#define IPSLA_V2_AUTH_AT       20u /* the authentication CSLD is always first */
#define IPSLA_V2_DIGEST_AT     48u /* long form */
#define IPSLA_V2_DIGEST_OCTETS 32u
#define IPSLA_V2_RANDOM_OCTETS 16u

enum ipsla_v2_mode {
	IPSLA_V2_MODE_NONE = 0,
	IPSLA_V2_MODE_SHA256 = 1,
	IPSLA_V2_MODE_HMAC_SHA256 = 2,
};

/* RFC 6812 contradicts itself: the field's text says 1 = Responder, its registry 1 = Sender.  We
 * send 1 and accept both (UNVERIFIED:). */
enum ipsla_v2_role {
	IPSLA_V2_ROLE_SENDER = 1,
	IPSLA_V2_ROLE_RESPONDER = 2,
};

/* Where a status other than 0 goes.  At most one CSLD of an answer carries one. */
struct ipsla_v2_status {
	uint16_t header;
	uint16_t csld;    /* enum ipsla_status */
	uint16_t csld_at; /* offset of that CSLD in the message; 0: none */
};

struct ipsla_v2_request {
	uint32_t sequence;
	uint32_t total_length; /* from the header; decode only */
	uint64_t timestamp;    /* NTP 64 bit, 0: not used */
	bool is_long;          /* random number and digest are present */
	uint8_t mode;          /* enum ipsla_v2_mode */
	uint16_t key_id;
	uint8_t random[IPSLA_V2_RANDOM_OCTETS];
	uint8_t digest[IPSLA_V2_DIGEST_OCTETS];
	uint8_t role;                                    /* enum ipsla_v2_role */
	uint32_t session_id;                             /* the originator's, 0: unspecified */
	struct inet_addr control_source, control_target; /* informational behind a NAT */
	struct inet_addr source, target; /* of the measurement; all four one family */
	uint16_t control_source_port;    /* 0: take it from the packet */
	uint16_t source_port;            /* of the measurement */
	uint16_t target_port;            /* 0: the responder may choose */
	uint32_t duration_ms;            /* 1 .. after IPSLA_OK */
	bool has_auth;                   /* decode: the authentication CSLD was understood */
	uint16_t udp_at;                 /* decode: offset of the UDP CSLD (32 or 80), 0: none */
	struct ipsla_v2_status refusal;  /* decode: after IPSLA_ANSWER, what to refuse with */
};

/* Judge a request that arrived over ``family`` (INET_NONE: do not compare).  Everything of it that
 * needs no state: structure, lengths, known commands, modes, address type, role, zero address
 * tails, a duration of 1 or more.  For IPSLA_OK and IPSLA_ANSWER *ret is filled as far as it was
 * understood.
 *
 * Authenticate before you tell a stranger what was wrong: when has_auth, check it with
 * ipsla_v2_request_verify in both cases, and where that fails refuse with ipsla_v2_refuse_auth.
 * Messages above IPSLA_MESSAGE_MAX are dropped. */
enum ipsla_verdict ipsla_v2_request_decode(const uint8_t *buf, size_t len, enum inet_family family,
                                           struct ipsla_v2_request *ret);

/* Refusals by the responder's own rules, at the right places of this request. */
struct ipsla_v2_status ipsla_v2_refuse_auth(const struct ipsla_v2_request *r); /* 2, CSLD 2 */
/* FAIL, FORMAT: in header and UDP CSLD; PORT_IN_USE: CSLD 4 under header 1. */
struct ipsla_v2_status ipsla_v2_refuse_udp(const struct ipsla_v2_request *r, uint16_t status);

/* 124 or 172 octets, digest as given (zero, then ipsla_v2_sign).  -EINVAL: mode without is_long,
 * mixed or missing families; -ENOBUFS. */
NODISCARD ssize_t ipsla_v2_request_encode(const struct ipsla_v2_request *r, uint8_t *buf,
                                          size_t cap);

struct ipsla_v2_answer {
	struct ipsla_v2_status status; /* all zero: success */
	uint64_t timestamp;            /* replaces the request's where that is not 0; 0: leave it */
	uint32_t session_id;           /* 0: leave the originator's */
	uint16_t target_port;          /* 0: leave */
};

/* The answer to the request whose octets are ``request`` and whose decoded form is ``r``: the same
 * octets (r->total_length of them) with only statuses, timestamp, session id, port and digest
 * changed. In a mode other than 0 the digest is left all zero: sign it (ipsla_v2_sign) only when
 * the request verified.  -ENOBUFS; -EBADMSG: len is below r->total_length. */
NODISCARD ssize_t ipsla_v2_response_encode(const uint8_t *request, size_t len,
                                           const struct ipsla_v2_request *r,
                                           const struct ipsla_v2_answer *a, uint8_t *buf,
                                           size_t cap);

struct ipsla_v2_response {
	uint32_t sequence;
	uint32_t total_length;
	uint64_t timestamp;
	uint16_t header_status, auth_status, udp_status; /* 0 where the CSLD is not there */
	bool has_auth;                                   /* the next five are meaningful */
	bool is_long;
	uint8_t mode;
	uint16_t key_id;
	uint8_t random[IPSLA_V2_RANDOM_OCTETS];
	bool has_udp; /* the next two are meaningful */
	uint32_t session_id;
	uint16_t target_port;
};

/* Read an answer.  A success must be complete; of a refusal the header will do.  0 or -EBADMSG. */
NODISCARD int ipsla_v2_response_decode(const uint8_t *buf, size_t len,
                                       struct ipsla_v2_response *ret);

/* The most telling of the three: UDP CSLD, authentication CSLD, header; 0: success. */
uint16_t ipsla_v2_response_status(const struct ipsla_v2_response *r);

#endif
