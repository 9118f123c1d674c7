/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: FTP replies.  The first octet is the size of the pieces; whole and in pieces must come to the same. */
#include "wire/ftp.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every reply in the input, up to garbage; a sum of what was read. */
static uint32_t read_all(const uint8_t *data, size_t size, size_t step)
{
	struct ftp_reader r;
	uint32_t sum = 0;
	size_t end = 0, at = 0;
	uint16_t port;

	ftp_reader_init(&r);
	while (at < size) {
		size_t used;

		if (at == end)
			end = size - at < step ? size : at + step;
		enum ftp_progress p = ftp_reader_feed(&r, data + at, end - at, &used);

		if (used > end - at || used == 0)
			abort();
		at += used;
		if (p == FTP_BAD)
			return sum * 31 + 1;
		if (p == FTP_MORE)
			continue;
		if (r.code < 100 || r.code > 599 || strlen(r.text) >= FTP_LINE_KEPT)
			abort();
		sum = sum * 31 + r.code;
		for (const char *c = r.text; *c; c++) {
			if (*c < ' ' || *c > '~')
				abort();
			sum = sum * 31 + (uint8_t)*c;
		}
		if ((ftp_epsv_port(r.text, &port) == 0 && port == 0) ||
		    (ftp_pasv_port(r.text, &port) == 0 && port == 0))
			abort();
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (read_all(data + 1, size - 1, size) != read_all(data + 1, size - 1, data[0] + 1u))
		abort();
	return 0;
}
