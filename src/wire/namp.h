/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of NAMP/1 (docs/namp.md section 3) between octets and values.  Bodies stay encoded:
 * object/doc_cbor.h makes documents of them.  Extensions that are not known are kept as they came
 * and written again.  Pure. */
#ifndef CANDOR_WIRE_NAMP_H
#define CANDOR_WIRE_NAMP_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NAMP_PORT         167u
#define NAMP_VERSION      1 /* major */
#define NAMP_MINOR        0
#define NAMP_ALPN         "namp/1"
#define NAMP_MESSAGE_MAX  (1u << 20) /* octets, behind the length of a frame */
#define NAMP_HELLO_MAX    4096u      /* the same, of a peer that is let in by it */
#define NAMP_FRAME_HEAD   4u
#define NAMP_SUBJECT_MAX  512u
#define NAMP_SEALED_MAX   1024u /* of a message in a datagram */
#define NAMP_DATAGRAM_MAX 1232u

enum namp_kind {
	NAMP_HELLO,
	NAMP_REQUEST,
	NAMP_REPLY,
	NAMP_EVENT,
	NAMP_ACK,
	NAMP_REPORT,
	NAMP_BYE,
};

enum namp_verb {
	NAMP_GET = 1,
	NAMP_LIST,
	NAMP_SET,
	NAMP_DELETE,
	NAMP_RUN,
	NAMP_WATCH,
	NAMP_UNWATCH,
};

enum namp_flag {
	NAMP_FLAG_ACKNOWLEDGE = 1,
	NAMP_FLAG_CRITICAL = 2,
};

/* A run of octets in somebody else's buffer; NULL: not there. */
struct namp_slice {
	const uint8_t *data;
	size_t len;
};

struct namp_message {
	uint8_t kind;  /* enum namp_kind */
	uint16_t code; /* verb or code; 0: none */
	uint64_t id;   /* 0: none */
	uint64_t flags;
	struct namp_slice subject;    /* UTF-8, not terminated */
	struct namp_slice body;       /* encoding of a map */
	struct namp_slice extensions; /* keys above 5 with their values, as they came */
	uint32_t extension_count;
};

/* Read one message of ``len`` octets; slices point into ``buf``.  0; -EBADMSG: malformed, or members
 * missing or not allowed for the kind; -EMSGSIZE: longer than NAMP_MESSAGE_MAX; *ret is then
 * untouched. */
NODISCARD int namp_decode(const uint8_t *buf, size_t len, struct namp_message *ret);

/* Write one message; the caller vouches for body and extensions (each in deterministic encoding).
 * Its length, or -ENOBUFS. */
NODISCARD ssize_t namp_encode(const struct namp_message *m, uint8_t *buf, size_t cap);

/* Octets that namp_encode() takes at most beside subject, body and extensions. */
#define NAMP_OVERHEAD_MAX 64u

#endif
