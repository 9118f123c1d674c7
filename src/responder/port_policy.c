/* SPDX-License-Identifier: Apache-2.0 */
/* Ports that may be opened. */
#include "responder/port_policy.h"

#include "wire/ipsla.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_in_ranges(uint16_t port, const struct port_range *ranges, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (port >= ranges[i].first && port <= ranges[i].last)
			return true;
	}
	return false;
}

bool port_is_allowed(const struct responder_cfg *cfg, uint16_t port)
{
	if (port < 1024 || port < cfg->ports.first || port > cfg->ports.last)
		return false;
	return !is_in_ranges(port, cfg->excluded, cfg->excluded_count) &&
	       !is_in_ranges(port, cfg->reserved, cfg->reserved_count);
}

bool port_is_control(const struct responder_cfg *cfg, uint16_t port)
{
	return port == IPSLA_V1_PORT || port == IPSLA_V2_PORT || port == cfg->v1_port ||
	       port == cfg->v2_port;
}

/* A decimal of 1 .. 65535 at the start of ``text``: how many octets it takes, 0: there is none. */
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

static void cover(struct port_range *to, const struct port_range *range)
{
	if (range->first < to->first)
		to->first = range->first;
	if (range->last > to->last)
		to->last = range->last;
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
		if (count < cap)
			ranges[count++] = range;
		else
			cover(&ranges[cap - 1], &range);
		len += comma ? 1 : 0;
		text += len;
		left -= len;
	}
	return (int)count;
}

int reserved_ports_read(struct responder_cfg *cfg)
{
	struct port_range ranges[RESPONDER_RESERVED_PORTS_MAX];
	CLEANUP(freep) char *text = NULL;
	size_t size = 0;
	FILE *f = fopen("/proc/sys/net/ipv4/ip_local_reserved_ports", "re");

	if (!f && errno != ENOENT)
		return -errno;
	if (!f) {
		cfg->reserved_count = 0;
		return 0;
	}
	ssize_t len = getline(&text, &size, f);
	int count = len < 0 ? -EIO : reserved_ports_parse(text, ranges, ARRAY_LEN(ranges));

	(void)fclose(f); /* nothing was written */
	if (count < 0)
		return count;
	memcpy(cfg->reserved, ranges, (size_t)count * sizeof(ranges[0]));
	cfg->reserved_count = (uint32_t)count;
	return 0;
}
