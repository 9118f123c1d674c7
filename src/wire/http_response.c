/* SPDX-License-Identifier: Apache-2.0 */
/* Reading HTTP/1 responses.
 *
 * A line ends with LF, with or without CR before it (RFC 9112 section 2.2).  How the body is framed
 * follows section 6.3: none, chunked, a length, or until the end of the connection. */
#include "wire/http_response.h"

#include <string.h>
#include <strings.h>

const char *http_fault_text(enum http_fault fault)
{
	static const char *const texts[HTTP_FAULTS] = {
		[HTTP_NO_FAULT] = "no fault",
		[HTTP_FAULT_STATUS_LINE] = "the server sent no HTTP/1 status line",
		[HTTP_FAULT_HEADER] = "the server sent a line that is no header",
		[HTTP_FAULT_LENGTH] = "the server sent a Content-Length without meaning",
		[HTTP_FAULT_CHUNK] = "the server sent a broken chunk",
		[HTTP_FAULT_HEAD_LONG] = "the server's headers have no end (64 KiB are read)",
		[HTTP_FAULT_LINES] = "the server sent more than 256 header lines",
		[HTTP_FAULT_BODY_LONG] = "the server's response is too long",
		[HTTP_FAULT_SWITCHED] = "the server switched to another protocol, unasked",
		[HTTP_FAULT_CUT] = "the server closed in the middle of its response",
		[HTTP_FAULT_EMPTY] = "the server closed without a response",
	};

	return fault < HTTP_FAULTS ? texts[fault] : texts[HTTP_NO_FAULT];
}

void http_reader_init(struct http_reader *r, bool is_head, uint64_t body_max)
{
	memset(r, 0, sizeof(*r));
	r->is_head = is_head;
	r->body_max = body_max;
}

static bool refuse(struct http_reader *r, enum http_fault fault)
{
	r->fault = (uint8_t)fault;
	return false;
}

/* --- lines ----------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* tchar (RFC 9110 section 5.6.2) */
static bool is_token_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

/* "HTTP/1.1 200 OK" */
static bool take_status_line(struct http_reader *r)
{
	const char *l = r->line;

	if (r->line_len < 12 || memcmp(l, "HTTP/1.", 7) != 0 || !is_digit(l[7]) || l[8] != ' ' ||
	    l[9] < '1' || !is_digit(l[9]) || !is_digit(l[10]) || !is_digit(l[11]) ||
	    (r->line_len > 12 && l[12] != ' '))
		return refuse(r, HTTP_FAULT_STATUS_LINE);
	r->minor = (uint8_t)(l[7] - '0');
	r->found_status = (uint16_t)((l[9] - '0') * 100 + (l[10] - '0') * 10 + (l[11] - '0'));
	r->has_length = r->is_chunked = r->has_coding = false;
	r->left = 0;
	r->place = HTTP_AT_HEADER;
	return true;
}

/* One number of a Content-Length; *at goes behind it. */
static bool take_length(struct http_reader *r, const char **at)
{
	uint64_t value = 0;

	if (!is_digit(**at))
		return refuse(r, HTTP_FAULT_LENGTH);
	for (; is_digit(**at); (*at)++) {
		unsigned digit = (unsigned)(**at - '0');

		if (value > (UINT64_MAX - digit) / 10)
			return refuse(r, HTTP_FAULT_LENGTH);
		value = value * 10 + digit;
	}
	if (r->has_length && value != r->left)
		return refuse(r, HTTP_FAULT_LENGTH);
	r->has_length = true;
	r->left = value;
	return true;
}

/* The same number several times is one (RFC 9110 section 8.6). */
static bool take_content_length(struct http_reader *r, const char *value)
{
	for (;;) {
		value += strspn(value, " \t");
		if (!take_length(r, &value))
			return false;
		value += strspn(value, " \t");
		if (*value == '\0')
			return true;
		if (*value++ != ',')
			return refuse(r, HTTP_FAULT_LENGTH);
	}
}

/* The last coding decides whether the body is chunked. */
static void take_transfer_encoding(struct http_reader *r, const char *value)
{
	static const char chunked[] = "chunked";
	const char *last = strrchr(value, ',');
	size_t len;

	last = last ? last + 1 : value;
	last += strspn(last, " \t");
	len = strcspn(last, " \t");
	r->has_coding = true;
	r->is_chunked = len == sizeof(chunked) - 1 && strncasecmp(last, chunked, len) == 0;
}

static bool has_name(const char *line, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(line, name, len) == 0;
}

static bool take_header(struct http_reader *r)
{
	size_t len = 0;

	while (is_token_letter(r->line[len]))
		len++;
	/* A name that is longer than what is kept is none that matters. */
	bool is_long = r->line_len >= HTTP_LINE_KEPT;

	if (is_long && len == HTTP_LINE_KEPT - 1)
		return true;
	if (len == 0 || r->line[len] != ':')
		return refuse(r, HTTP_FAULT_HEADER);
	bool is_length = has_name(r->line, len, "content-length");
	bool is_coding = has_name(r->line, len, "transfer-encoding");

	if ((is_length || is_coding) && is_long)
		return refuse(r, is_length ? HTTP_FAULT_LENGTH : HTTP_FAULT_HEADER);
	if (is_length)
		return take_content_length(r, r->line + len + 1);
	if (is_coding)
		take_transfer_encoding(r, r->line + len + 1);
	return true;
}

static bool take_size(struct http_reader *r)
{
	uint64_t size = 0;
	size_t digits = 0;

	for (;; digits++) {
		char c = r->line[digits];
		unsigned digit = is_digit(c)            ? (unsigned)(c - '0')
		                 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
		                 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
		                                        : 16;

		if (digit == 16)
			break;
		if (size >> 60)
			return refuse(r, HTTP_FAULT_CHUNK);
		size = size * 16 + digit;
	}
	char next = r->line[digits];

	if (digits == 0 || (next != '\0' && next != ';' && next != ' ' && next != '\t'))
		return refuse(r, HTTP_FAULT_CHUNK);
	r->left = size;
	r->place = size > 0 ? HTTP_AT_CHUNK : HTTP_AT_TRAILER;
	return true;
}

/* The empty line behind the headers. */
static bool end_head(struct http_reader *r)
{
	uint16_t status = r->found_status;

	if (status == 101)
		return refuse(r, HTTP_FAULT_SWITCHED);
	if (status < 200) {
		r->interim++;
		r->place = HTTP_AT_STATUS;
		return true;
	}
	r->status = status;
	if (r->is_head || status == 204 || status == 304)
		r->place = HTTP_AT_END;
	else if (r->is_chunked)
		r->place = HTTP_AT_SIZE;
	else if (r->has_coding || !r->has_length)
		r->place = HTTP_AT_REST;
	else
		r->place = r->left > 0 ? HTTP_AT_BODY : HTTP_AT_END;
	return true;
}

/* The line that is kept is complete. */
static bool take_line(struct http_reader *r)
{
	bool is_empty = r->line_len == 0;

	if (++r->lines > HTTP_LINES_MAX)
		return refuse(r, HTTP_FAULT_LINES);
	switch ((enum http_place)r->place) {
	case HTTP_AT_STATUS:
		return take_status_line(r);
	case HTTP_AT_HEADER:
		return is_empty ? end_head(r) : take_header(r);
	case HTTP_AT_SIZE:
		r->lines--; /* chunks are limited by the octets of their framing */
		return take_size(r);
	case HTTP_AT_CHUNK_END:
		r->lines--;
		r->place = HTTP_AT_SIZE;
		return is_empty || refuse(r, HTTP_FAULT_CHUNK);
	case HTTP_AT_TRAILER:
		if (is_empty)
			r->place = HTTP_AT_END;
		return is_empty || take_header(r);
	case HTTP_AT_BODY:
	case HTTP_AT_REST:
	case HTTP_AT_CHUNK:
	case HTTP_AT_END:
		break;
	}
	return false;
}

static enum http_fault fault_of_octet(const struct http_reader *r)
{
	if (r->place == HTTP_AT_STATUS)
		return HTTP_FAULT_STATUS_LINE;
	return r->place == HTTP_AT_HEADER || r->place == HTTP_AT_TRAILER ? HTTP_FAULT_HEADER
	                                                                 : HTTP_FAULT_CHUNK;
}

/* What cannot become a status line any more is refused at once: a server of another protocol may wait for us. */
static bool begins_well(const struct http_reader *r)
{
	static const char begin[] = "HTTP/1.";
	size_t len = r->line_len < sizeof(begin) - 1 ? r->line_len : sizeof(begin) - 1;

	return r->place != HTTP_AT_STATUS || memcmp(r->line, begin, len) == 0;
}

static bool take_octet(struct http_reader *r, uint8_t c)
{
	if (++r->head_octets > HTTP_HEAD_MAX)
		return refuse(r, HTTP_FAULT_HEAD_LONG);
	if (c == '\n') {
		r->line[r->line_len < HTTP_LINE_KEPT ? r->line_len : HTTP_LINE_KEPT - 1] = '\0';
		r->ends_with_cr = false;
		bool is_good = take_line(r);

		r->line_len = 0;
		return is_good;
	}
	if (r->ends_with_cr || c == '\0')
		return refuse(r, fault_of_octet(r));
	if (c == '\r') {
		r->ends_with_cr = true;
		return true;
	}
	if (r->line_len < HTTP_LINE_KEPT)
		r->line[r->line_len] = (char)c;
	r->line_len++;
	return begins_well(r) || refuse(r, HTTP_FAULT_STATUS_LINE);
}

/* --- the body -------------------------------------------------------------------------------- */

/* How many of ``len`` octets are body; false: too many. */
static bool take_body(struct http_reader *r, size_t len, size_t *ret_taken)
{
	size_t n = r->place == HTTP_AT_REST || r->left > len ? len : (size_t)r->left;

	if (n > r->body_max - r->body_octets)
		return refuse(r, HTTP_FAULT_BODY_LONG);
	r->body_octets += n;
	*ret_taken = n;
	if (r->place == HTTP_AT_REST)
		return true;
	r->left -= n;
	if (r->left == 0)
		r->place = r->place == HTTP_AT_CHUNK ? HTTP_AT_CHUNK_END : HTTP_AT_END;
	return true;
}

enum http_progress http_reader_feed(struct http_reader *r, const uint8_t *data, size_t len,
                                    size_t *ret_used)
{
	size_t at = 0;

	while (r->fault == HTTP_NO_FAULT && r->place != HTTP_AT_END && at < len) {
		size_t taken = 1;
		bool is_body = r->place == HTTP_AT_BODY || r->place == HTTP_AT_REST ||
		               r->place == HTTP_AT_CHUNK;

		if (is_body ? take_body(r, len - at, &taken) : take_octet(r, data[at]))
			at += taken;
	}
	if (ret_used)
		*ret_used = at;
	if (r->fault != HTTP_NO_FAULT)
		return HTTP_BAD;
	return r->place == HTTP_AT_END ? HTTP_DONE : HTTP_MORE;
}

enum http_progress http_reader_end(struct http_reader *r)
{
	if (r->fault != HTTP_NO_FAULT)
		return HTTP_BAD;
	if (r->place == HTTP_AT_REST || r->place == HTTP_AT_END) {
		r->place = HTTP_AT_END;
		return HTTP_DONE;
	}
	(void)refuse(r, r->head_octets == 0 ? HTTP_FAULT_EMPTY : HTTP_FAULT_CUT);
	return HTTP_BAD;
}
