/* SPDX-License-Identifier: Apache-2.0 */
/* FTP's control connection, from the client's side (RFC 959, RFC 2428): replies as they come in pieces, and the
 * commands that name a port.  Pure: no allocation; the reader is a plain value. */
#ifndef CANDOR_WIRE_FTP_H
#define CANDOR_WIRE_FTP_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FTP_LINE_KEPT 160u   /* octets of a reply's last line that are kept */
#define FTP_REPLY_MAX 16384u /* octets of one reply, of all its lines */

enum ftp_progress {
	FTP_MORE,
	FTP_REPLY, /* one is complete: ``code`` and ``text`` */
	FTP_BAD,   /* what came is no reply, or has no end */
};

struct ftp_reader {
	/* the reply that is complete */
	uint16_t code;            /* 100-599 */
	char text[FTP_LINE_KEPT]; /* of its last line, behind the code; printable, terminated */
	/* the state */
	bool is_bad, is_long; /* is_long: a reply of several lines, until "NNN " */
	uint16_t first_code;
	uint32_t octets, line_len;
	char line[FTP_LINE_KEPT];
};

void ftp_reader_init(struct ftp_reader *r);

/* Read up to the end of the next reply; *ret_used: the octets taken. */
enum ftp_progress ftp_reader_feed(struct ftp_reader *r, const uint8_t *data, size_t len,
                                  size_t *ret_used);

/* The port in a reply 229 "(|||6446|)" and in one 227 "(h1,h2,h3,h4,p1,p2)", whose address is left alone: the server
 * may not send us elsewhere.  0 or -EBADMSG. */
NODISCARD int ftp_epsv_port(const char *text, uint16_t *ret);
NODISCARD int ftp_pasv_port(const char *text, uint16_t *ret);

/* The command that tells where we listen: PORT for IPv4, EPRT for IPv6.  ``to`` holds FTP_PORT_MAX; returns ``to``. */
#define FTP_PORT_MAX 96
char *ftp_port_command(const struct inet_endpoint *at, char *to);

#endif
