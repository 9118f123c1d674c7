/* SPDX-License-Identifier: Apache-2.0 */
/* FTP replies: "NNN text", or "NNN-text" with more lines until "NNN text" (RFC 959 section 4.2). */
#include "wire/ftp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void ftp_reader_init(struct ftp_reader *r)
{
	memset(r, 0, sizeof(*r));
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The code that a line begins with; 0: with none. */
static uint16_t code_of(const char *line, uint32_t len)
{
	if (len < 3 || line[0] < '1' || line[0] > '5' || !is_digit(line[1]) || !is_digit(line[2]))
		return 0;
	return (uint16_t)((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

/* What a server says may be shown to people. */
static void keep_text(struct ftp_reader *r)
{
	uint32_t len = r->line_len < FTP_LINE_KEPT ? r->line_len : FTP_LINE_KEPT - 1;
	size_t n = 0;

	for (uint32_t i = 4; i < len; i++)
		r->text[n++] = r->line[i] >= ' ' && r->line[i] <= '~' ? r->line[i] : '?';
	r->text[n] = '\0';
}

/* A whole line, without its end. */
static enum ftp_progress take_line(struct ftp_reader *r)
{
	uint16_t code = code_of(r->line, r->line_len);
	char after = r->line_len > 3 ? r->line[3] : ' ';

	if (!r->is_long) {
		if (code == 0 || (after != ' ' && after != '-'))
			return FTP_BAD;
		r->first_code = code;
		r->is_long = after == '-';
	} else if (code == r->first_code && after == ' ') {
		r->is_long = false;
	}
	if (r->is_long)
		return FTP_MORE;
	r->code = code;
	r->octets = 0;
	keep_text(r);
	return FTP_REPLY;
}

static enum ftp_progress take_octet(struct ftp_reader *r, uint8_t c)
{
	if (++r->octets > FTP_REPLY_MAX || c == '\0')
		return FTP_BAD;
	if (c != '\n') {
		if (r->line_len < FTP_LINE_KEPT)
			r->line[r->line_len] = (char)c;
		r->line_len++;
		/* What does not begin as a reply does is seen before its line ends. */
		return r->is_long || r->line_len != 3 || code_of(r->line, 3) ? FTP_MORE : FTP_BAD;
	}
	if (r->line_len > 0 && r->line_len <= FTP_LINE_KEPT && r->line[r->line_len - 1] == '\r')
		r->line_len--;
	enum ftp_progress p = take_line(r);

	r->line_len = 0;
	return p;
}

enum ftp_progress ftp_reader_feed(struct ftp_reader *r, const uint8_t *data, size_t len,
                                  size_t *ret_used)
{
	enum ftp_progress p = r->is_bad ? FTP_BAD : FTP_MORE;
	size_t at = 0;

	while (p == FTP_MORE && at < len)
		p = take_octet(r, data[at++]);
	r->is_bad = p == FTP_BAD;
	*ret_used = at;
	return p;
}

/* A number of at most ``max``; *at goes behind it. */
static bool take_number(const char **at, uint32_t max, uint32_t *ret)
{
	uint32_t value = 0;

	if (!is_digit(**at))
		return false;
	for (; is_digit(**at); (*at)++) {
		value = value * 10 + (uint32_t)(**at - '0');
		if (value > max)
			return false;
	}
	*ret = value;
	return true;
}

int ftp_epsv_port(const char *text, uint16_t *ret)
{
	const char *at = strchr(text, '(');
	uint32_t port;

	/* RFC 2428 section 3: any delimiter from 33 to 126, "|" as a rule. */
	if (!at || at[1] < 33 || at[1] > 126 || is_digit(at[1]) || at[2] != at[1] || at[3] != at[1])
		return -EBADMSG;
	char delimiter = at[1];

	at += 4;
	if (!take_number(&at, UINT16_MAX, &port) || port == 0 || at[0] != delimiter || at[1] != ')')
		return -EBADMSG;
	*ret = (uint16_t)port;
	return 0;
}

int ftp_pasv_port(const char *text, uint16_t *ret)
{
	uint32_t n[6] = { 0 };
	const char *at = text;

	/* Some servers leave the parentheses out (RFC 1123 section 4.1.2.6). */
	while (*at && !is_digit(*at))
		at++;
	for (size_t i = 0; i < ARRAY_LEN(n); i++) {
		if (!take_number(&at, 255, &n[i]) || (i < 5 && *at++ != ','))
			return -EBADMSG;
	}
	uint32_t port = n[4] * 256 + n[5];

	if (port == 0)
		return -EBADMSG;
	*ret = (uint16_t)port;
	return 0;
}

char *ftp_port_command(const struct inet_endpoint *at, char *to)
{
	const uint8_t *b = at->addr.bytes;
	char text[INET_TEXT_MAX];

	if (at->addr.family == INET_V4) {
		(void)snprintf(to, FTP_PORT_MAX, "PORT %u,%u,%u,%u,%u,%u\r\n", b[0], b[1], b[2],
		               b[3], at->port >> 8, at->port & 0xffu);
	} else {
		inet_addr_format(&at->addr, text);
		text[strcspn(text, "%")] = '\0'; /* a scope means nothing to the other side */
		(void)snprintf(to, FTP_PORT_MAX, "EPRT |2|%s|%u|\r\n", text, at->port);
	}
	return to;
}
