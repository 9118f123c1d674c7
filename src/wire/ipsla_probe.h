/* SPDX-License-Identifier: Apache-2.0 */
/* IP SLA probes, the datagrams that are measured: type 1 (udp-echo), type 2 (udp-jitter in ms),
 * type 3 (NTP stamps; under v1 control with 16-bit sequence numbers, under v2 (RFC 6812 section 4)
 * with 32-bit ones).  A probe is its header, then fill.  The sender builds one buffer, fill
 * included, and writes a new header over it for each packet; the responder changes its own fields
 * in place.  A probe never changes its length. */
#ifndef CANDOR_WIRE_IPSLA_PROBE_H
#define CANDOR_WIRE_IPSLA_PROBE_H

#include "base/clocktypes.h"
#include "wire/ipsla.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define IPSLA_FILL_DEFAULT UINT32_C(0xABCDABCD)

enum ipsla_probe_type {
	IPSLA_PROBE_ECHO = 1,
	IPSLA_PROBE_MS = 2,
	IPSLA_PROBE_NTP = 3,
};

#define IPSLA_PROBE_ECHO_OCTETS  4u     /* header of type 1, its least size */
#define IPSLA_PROBE_MS_OCTETS    16u    /* type 2 */
#define IPSLA_PROBE_NTP16_OCTETS 56u    /* type 3 in a v1 session */
#define IPSLA_PROBE_NTP32_OCTETS 60u    /* type 3 in a v2 session */
#define IPSLA_PROBE_MAX          17512u /* largest request-data-size of any type */

/* Repeat the four octets of ``pattern`` over ``len`` octets, from its most significant one on. */
void ipsla_fill(uint8_t *buf, size_t len, uint32_t pattern);
bool ipsla_fill_matches(const uint8_t *buf, size_t len, uint32_t pattern);

/* Type 1: "00 01 00 00"; what follows is fill.  The reply must equal the request in full. */
NODISCARD ssize_t ipsla_probe_echo_encode(uint8_t *buf, size_t cap);

struct ipsla_probe_ms {
	uint16_t residence_ms;       /* responder: T3 - T2 */
	uint32_t t1_ms, t2_ms;       /* ms since 00:00 UTC; t2: responder */
	uint16_t sequence;           /* sender's, from 1 */
	uint16_t responder_sequence; /* probes received in this session */
};

/* Type 2 header: 16 octets, or -ENOBUFS. */
NODISCARD ssize_t ipsla_probe_ms_encode(const struct ipsla_probe_ms *p, uint8_t *buf, size_t cap);
/* 0; -EBADMSG: shorter, or another type.  Times of day are as received: a peer whose clock is not
 * set may send any. */
NODISCARD int ipsla_probe_ms_decode(const uint8_t *buf, size_t len, struct ipsla_probe_ms *ret);

/* Which tail a type 3 probe has: the control version that opened its session decides. */
enum ipsla_tail {
	IPSLA_TAIL_16, /* v1: header of 56 octets */
	IPSLA_TAIL_32, /* v2: header of 60 octets */
};

struct ipsla_probe_ntp {
	uint16_t priority;                        /* v1 sender: packet priority; v2: reserved, 0 */
	uint64_t t1, t2, t3;                      /* NTP 64 bit; t2 and t3: responder */
	uint64_t t4;                              /* 0 on the wire both ways */
	uint64_t sender_offset, responder_offset; /* see ipsla_offset_to_ns */
	uint32_t sequence, responder_sequence;    /* IPSLA_TAIL_16 carries their low 16 bits */
};

NODISCARD ssize_t ipsla_probe_ntp_encode(const struct ipsla_probe_ntp *p, enum ipsla_tail tail,
                                         uint8_t *buf, size_t cap); /* 56, 60 or -ENOBUFS */
NODISCARD int ipsla_probe_ntp_decode(const uint8_t *buf, size_t len, enum ipsla_tail tail,
                                     struct ipsla_probe_ntp *ret); /* 0 or -EBADMSG */

/* The clock offset fields of type 3: a magnitude, seconds as 32.32; all ones: not synchronised. */
#define IPSLA_OFFSET_UNKNOWN UINT64_MAX
uint64_t ipsla_offset_from_ns(uint64_t magnitude_ns); /* saturates below 2^31 s */
/* Magnitude in ns, rounded up; false: unknown.  A top bit that is set reads as a minus. */
bool ipsla_offset_to_ns(uint64_t field, int64_t *ret_magnitude_ns);

/* What a responder thinks of a probe in a session of ``kind``. */
enum ipsla_probe_verdict {
	IPSLA_PROBE_OK,
	IPSLA_PROBE_SHORT,  /* less than the header of its type */
	IPSLA_PROBE_TYPE,   /* a type that this kind of session does not take */
	IPSLA_PROBE_FILLED, /* responder fields are not zero: a reply, not a probe (loop guard) */
};

/* UDP_ECHO takes anything of 4 octets or more; UDP_JITTER types 2 and 3 (16-bit tail);
 * UDP_MEASUREMENT type 3 (32-bit tail); the other kinds nothing. */
enum ipsla_probe_verdict ipsla_probe_judge(const uint8_t *buf, size_t len, enum ipsla_kind kind);

/* What the responder writes.  A type 2 probe gets t2 and t3 - t2 in whole ms (0 .. 65535). */
struct ipsla_reflection {
	wall_t t2, t3;         /* received; about to be sent */
	uint64_t clock_offset; /* type 3: ipsla_offset_from_ns or IPSLA_OFFSET_UNKNOWN */
	uint32_t sequence;     /* probes received in this session, this one included */
};

/* Turn a probe that ipsla_probe_judge passed into its reply: responder fields only, in place, same
 * length.  IPSLA_KIND_UDP_ECHO changes nothing.  0; -EBADMSG: it would not have passed. */
NODISCARD int ipsla_probe_reflect(uint8_t *buf, size_t len, enum ipsla_kind kind,
                                  const struct ipsla_reflection *r);

/* A reply where there is no session that counts (permanent ports): the sender's sequence number, to
 * be put into ipsla_reflection.sequence.  0 for a probe without one. */
uint32_t ipsla_probe_sequence(const uint8_t *buf, size_t len, enum ipsla_kind kind);

#endif
