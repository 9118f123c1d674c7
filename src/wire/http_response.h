/* SPDX-License-Identifier: Apache-2.0 */
/* The response to one HTTP/1 request, read as it comes in pieces of any size (RFC 9112).  What a server may
 * send without end is limited: the octets of its heads, their lines, the body.  The body itself is counted,
 * not kept.  Pure: no allocation; the reader is a plain value. */
#ifndef CANDOR_WIRE_HTTP_RESPONSE_H
#define CANDOR_WIRE_HTTP_RESPONSE_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX  65536u /* octets of status lines, headers, chunk sizes and trailers */
#define HTTP_LINES_MAX 256u   /* of a response with its interim ones and trailers */
#define HTTP_LINE_KEPT 128u   /* octets of a line that are looked at */

enum http_fault {
	HTTP_NO_FAULT,
	HTTP_FAULT_STATUS_LINE, /* does not begin as HTTP/1 does */
	HTTP_FAULT_HEADER,      /* a line that is no header */
	HTTP_FAULT_LENGTH,      /* Content-Length without meaning, or several that differ */
	HTTP_FAULT_CHUNK,
	HTTP_FAULT_HEAD_LONG, /* HTTP_HEAD_MAX */
	HTTP_FAULT_LINES,     /* HTTP_LINES_MAX */
	HTTP_FAULT_BODY_LONG, /* the limit of http_reader_init() */
	HTTP_FAULT_SWITCHED,  /* 101: nobody has asked for another protocol */
	HTTP_FAULT_CUT,       /* the connection ended before the response did */
	HTTP_FAULT_EMPTY,     /* the connection ended before the response began */
	HTTP_FAULTS,
};

enum http_progress {
	HTTP_MORE,
	HTTP_DONE,
	HTTP_BAD, /* see ``fault``; nothing more is to be fed */
};

enum http_place {
	HTTP_AT_STATUS,
	HTTP_AT_HEADER,
	HTTP_AT_BODY,  /* of a length that is known */
	HTTP_AT_REST,  /* until the connection ends */
	HTTP_AT_SIZE,  /* of a chunk */
	HTTP_AT_CHUNK, /* its data */
	HTTP_AT_CHUNK_END,
	HTTP_AT_TRAILER,
	HTTP_AT_END,
};

struct http_reader {
	/* what was found */
	uint16_t status;      /* 100-999 of the final response, once its head is complete; else 0 */
	uint8_t minor;        /* HTTP/1.minor of the same */
	uint8_t fault;        /* enum http_fault */
	uint32_t interim;     /* responses 1xx before it */
	uint64_t body_octets; /* so far, without the framing */
	/* the state */
	uint8_t place; /* enum http_place */
	bool is_head;  /* the request was HEAD: no body comes */
	bool has_length, is_chunked, has_coding, ends_with_cr;
	uint16_t found_status; /* of the head that is being read */
	uint16_t lines;
	uint32_t head_octets;
	uint32_t line_len; /* of the present line, which may be longer than what is kept */
	uint64_t left;     /* of the body or the chunk */
	uint64_t body_max;
	char line[HTTP_LINE_KEPT];
};

void http_reader_init(struct http_reader *r, bool is_head, uint64_t body_max);

/* Read the next octets; *ret_used (may be NULL): those that belong to the response. */
enum http_progress http_reader_feed(struct http_reader *r, const uint8_t *data, size_t len,
                                    size_t *ret_used);

/* The connection has ended: HTTP_DONE where that ends the response, too; else HTTP_BAD. */
enum http_progress http_reader_end(struct http_reader *r);

/* "the server sent no HTTP/1 status line", for a person; never NULL. */
const char *http_fault_text(enum http_fault fault);

#endif
