/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: URLs.  The input is the text; every part lies in it, and what is unescaped has no line ends. */
#include "wire/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at(const struct url_part *part, const char *text, size_t len)
{
	char to[256];

	if (!part->at)
		return;
	if (part->at < text || part->at + part->len > text + len)
		abort();
	int n = url_unescape(part, to, sizeof(to));

	if (n >= 0 && (strlen(to) != (size_t)n || strpbrk(to, "\r\n")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[1024], host[300];
	struct url u;

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (url_parse(text, &u) < 0)
		return 0;
	if (u.port == 0 || u.host.len == 0 || u.host.len > URL_HOST_MAX)
		abort();
	look_at(&u.user, text, size);
	look_at(&u.password, text, size);
	look_at(&u.host, text, size);
	look_at(&u.path, text, size);
	int n = url_host_header(&u, host, sizeof(host));

	if (n < 0 || (size_t)n >= sizeof(host))
		abort();
	return 0;
}
