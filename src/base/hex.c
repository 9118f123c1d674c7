/* SPDX-License-Identifier: Apache-2.0 */
/* Octets written as hexadecimal digits. */
#include "base/hex.h"

#include <errno.h>
#include <limits.h>

/* -1: is none. */
static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

int hex_parse(const char *text, size_t len, uint8_t *to, size_t cap)
{
	if (len % 2 || len / 2 > cap || len / 2 > INT_MAX)
		return -EINVAL;
	for (size_t i = 0; i < len / 2; i++) {
		int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		to[i] = (uint8_t)(high * 16 + low);
	}
	return (int)(len / 2);
}
