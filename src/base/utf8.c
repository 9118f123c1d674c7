/* SPDX-License-Identifier: Apache-2.0 */
/* The table of well-formed sequences, RFC 3629 section 4. */
#include "base/utf8.h"

#include "base/cleanup.h"

#include <string.h>

size_t utf8_length(const char *text, size_t left)
{
	static const struct {
		unsigned char first, last, second_min, second_max;
		size_t len;
	} forms[] = {
		{ 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	const unsigned char *s = (const unsigned char *)text;

	for (size_t i = 0; left > 0 && i < ARRAY_LEN(forms); i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (forms[i].len > left)
			return 0;
		if (forms[i].len > 1 && (s[1] < forms[i].second_min || s[1] > forms[i].second_max))
			return 0;
		for (size_t k = 2; k < forms[i].len; k++) {
			if (s[k] < 0x80 || s[k] > 0xbf)
				return 0;
		}
		return forms[i].len;
	}
	return 0;
}

/* Whether the character of ``len`` octets is one for terminals to obey, not to show. */
static bool is_control(const char *text, size_t len)
{
	unsigned char c = (unsigned char)text[0];

	return c < 0x20 || c == 0x7f || (len == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0);
}

bool utf8_is_plain(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_length(text + i, len - i);
		if (n == 0 || is_control(text + i, n))
			return false;
	}
	return true;
}

void utf8_make_plain(char *text, const char *kept)
{
	for (size_t n; *text; text += n) {
		n = utf8_length(text, strnlen(text, 4));
		if (n == 0 || (is_control(text, n) && !strchr(kept, *text))) {
			n = n ? n : 1;
			memset(text, '?', n);
		}
	}
}

void utf8_copy_plain(char *to, size_t cap, const char *from)
{
	size_t used = 0, n;

	for (; *from; from += n, used += n) {
		n = utf8_length(from, strnlen(from, 4));
		n = n ? n : 1;
		if (used + n >= cap)
			break;
		memcpy(to + used, from, n);
	}
	to[used] = '\0';
	utf8_make_plain(to, "");
}
