/* SPDX-License-Identifier: Apache-2.0 */
/* Ports that may be opened. */
#include "responder/port_policy.h"

#include "wire/ipsla.h"

#include <errno.h>
#include <string.h>

bool port_is_allowed(const struct responder_cfg *cfg, uint16_t port)
{
	if (port < 1024 || port < cfg->ports.first || port > cfg->ports.last)
		return false;
	for (uint32_t i = 0; i < cfg->excluded_count; i++) {
		if (port >= cfg->excluded[i].first && port <= cfg->excluded[i].last)
			return false;
	}
	return true;
}

bool port_is_control(const struct responder_cfg *cfg, uint16_t port)
{
	return port == IPSLA_V1_PORT || port == IPSLA_V2_PORT || port == cfg->v1_port ||
	       port == cfg->v2_port;
}

/* A decimal of 1 .. 65535 at the start of ``text``: how many octets it takes, 0 when there is none.
 */
static size_t take_port(const char *text, size_t len, uint16_t *ret)
{
	uint32_t value = 0;
	size_t n = 0;

	while (n < len && text[n] >= '0' && text[n] <= '9') {
		value = value * 10 + (uint32_t)(text[n++] - '0');
		if (value > UINT16_MAX)
			return 0;
	}
	if (value == 0)
		return 0;
	*ret = (uint16_t)value;
	return n;
}

int port_range_parse(const char *text, size_t len, struct port_range *ret)
{
	struct port_range range;
	size_t n = take_port(text, len, &range.first);

	if (n == 0)
		return -EINVAL;
	range.last = range.first;
	if (n < len) {
		if (text[n] != '-')
			return -EINVAL;
		size_t rest = take_port(text + n + 1, len - n - 1, &range.last);

		if (rest == 0 || n + 1 + rest != len || range.last < range.first)
			return -EINVAL;
	}
	*ret = range;
	return 0;
}

int reserved_ports_parse(const char *text, struct port_range *ranges, uint32_t cap)
{
	size_t left = strcspn(text, "\n");
	uint32_t count = 0;

	if (text[left] == '\n' && text[left + 1] != '\0')
		return -EINVAL;
	while (left > 0) {
		const char *comma = memchr(text, ',', left);
		size_t len = comma ? (size_t)(comma - text) : left;
		struct port_range range;

		if (port_range_parse(text, len, &range) < 0 || (comma && len + 1 == left))
			return -EINVAL;
		if (count == cap)
			return -ENOSPC;
		ranges[count++] = range;
		len += comma ? 1 : 0;
		text += len;
		left -= len;
	}
	return (int)count;
}
