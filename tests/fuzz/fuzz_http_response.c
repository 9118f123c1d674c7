/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: HTTP responses.  The first octet: bit 0 HEAD, the others the size of the pieces; whole and in pieces
 * must come to the same. */
#include "wire/http_response.h"

#include <stdlib.h>
#include <string.h>

#define BODY_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct http_reader *r, enum http_progress p)
{
	if ((p == HTTP_BAD) != (r->fault != HTTP_NO_FAULT))
		abort();
	if (r->body_octets > BODY_MAX || r->head_octets > HTTP_HEAD_MAX + 1)
		abort();
	if (p == HTTP_DONE && (r->status < 200 || r->status > 999))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_reader whole, pieces;
	size_t used = 0, at = 0;

	if (size == 0)
		return 0;
	bool is_head = data[0] & 1;
	size_t step = (data[0] >> 1) + 1u;

	data++;
	size--;
	http_reader_init(&whole, is_head, BODY_MAX);
	enum http_progress p = http_reader_feed(&whole, data, size, &used);

	check(&whole, p);
	if (used > size)
		abort();
	http_reader_init(&pieces, is_head, BODY_MAX);
	enum http_progress q = HTTP_MORE;

	while (at < size && q == HTTP_MORE) {
		size_t n = size - at < step ? size - at : step;

		q = http_reader_feed(&pieces, data + at, n, NULL);
		at += n;
	}
	check(&pieces, q);
	if (q != p || whole.status != pieces.status || whole.fault != pieces.fault)
		abort();
	if (p == HTTP_DONE && whole.body_octets != pieces.body_octets)
		abort();
	q = http_reader_end(&pieces);
	if (q == HTTP_MORE || (p == HTTP_BAD && q != HTTP_BAD))
		abort();
	(void)http_fault_text((enum http_fault)pieces.fault);
	return 0;
}
