/* SPDX-License-Identifier: Apache-2.0 */
/* URLs in configurations: the one setting beside keys that can hold a secret. */
#include "config/conf_url.h"

#include "wire/url.h"

#include <string.h>

#define URL_MAX 2048

static bool is_hidden(const struct url_part *password)
{
	return password->len == sizeof(CONFIG_HIDDEN_KEY) - 1 &&
	       memcmp(password->at, CONFIG_HIDDEN_KEY, password->len) == 0;
}

bool conf_url_take(struct conf_parser *p, struct op_build *op, uint32_t at)
{
	struct url url;
	const char *text;

	if (!conf_take_name(p, at, "a URL", URL_MAX, &text))
		return false;
	op->conf.params.text.at[OP_TEXT_URL] = text;
	op->conf.target = text;
	if (url_parse(text, &url) < 0 || !url.password.at)
		return true;
	if (is_hidden(&url.password)) {
		conf_error(p, at,
		           "the password was hidden when this text was printed: expected it");
		return false;
	}
	conf_note_secret(p);
	op->conf.target = arena_printf(&p->cfg->arena, "%.*s" CONFIG_HIDDEN_KEY "%s",
	                               (int)(url.password.at - text), text,
	                               url.password.at + url.password.len);
	return true;
}

size_t conf_url_password_at(const char *line, size_t len, size_t *ret_octets)
{
	static const char begin[] = "://";
	const char *url = memmem(line, len, begin, sizeof(begin) - 1);
	const char *end = line + len;

	*ret_octets = 0;
	if (!url)
		return len;
	url += sizeof(begin) - 1;
	size_t authority = 0;

	while (url + authority < end && !strchr("/?# \t", url[authority]))
		authority++;
	const char *at_sign = memrchr(url, '@', authority);
	const char *colon = at_sign ? memchr(url, ':', (size_t)(at_sign - url)) : NULL;

	if (!colon || at_sign == colon + 1)
		return len;
	*ret_octets = (size_t)(at_sign - colon - 1);
	return (size_t)(colon + 1 - line);
}
