/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the head of an HTTP request.  What is taken lies within what was given, and no shorter
 * beginning of it is taken. */
#include "wire/http_request.h"

#include <errno.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_request r;
	const char *end = (const char *)data + size;
	int rc = http_request_decode(data, size, &r);

	if (rc < 0) {
		if (rc != -EAGAIN && rc != -EBADMSG)
			abort();
		return 0;
	}
	if (r.head_len > size || r.method + r.method_len > end || r.path + r.path_len > end ||
	    (r.query && r.query + r.query_len > end) || *r.path != '/' || r.minor > 1)
		abort();
	for (size_t len = 0; len < r.head_len; len++) {
		struct http_request shorter;

		if (http_request_decode(data, len, &shorter) != -EAGAIN)
			abort();
	}
	return 0;
}
