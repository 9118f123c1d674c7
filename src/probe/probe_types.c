/* SPDX-License-Identifier: Apache-2.0 */
/* The operation types there are, and the names their shared settings take. */
#include "probe/probe.h"

#include "probe/dhcp_probe.h"
#include "probe/dns_probe.h"
#include "probe/ethernet.h"
#include "probe/ftp_probe.h"
#include "probe/http_probe.h"
#include "probe/icmp_echo_probe.h"
#include "probe/icmp_jitter.h"
#include "probe/path_types.h"
#include "probe/multicast_jitter.h"
#include "probe/probe_rows.h"
#include "probe/tcp_connect.h"
#include "probe/udp_echo.h"
#include "probe/udp_jitter.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct probe_type *const probe_types[SLA_TYPE_COUNT] = {
	[SLA_UDP_JITTER] = &udp_jitter_type,
	[SLA_UDP_ECHO] = &udp_echo_type,
	[SLA_TCP_CONNECT] = &tcp_connect_type,
	[SLA_ICMP_ECHO] = &icmp_echo_type,
	[SLA_DNS] = &dns_type,
	[SLA_DHCP] = &dhcp_type,
	[SLA_HTTP] = &http_type,
	[SLA_FTP] = &ftp_type,
	[SLA_ICMP_JITTER] = &icmp_jitter_type,
	[SLA_PATH_ECHO] = &path_echo_type,
	[SLA_PATH_JITTER] = &path_jitter_type,
	[SLA_MULTICAST_JITTER] = &multicast_jitter_type,
	[SLA_ETHERNET_ECHO] = &ethernet_echo_type,
	[SLA_ETHERNET_JITTER] = &ethernet_jitter_type,
};

const char *const probe_control_names[] = { "disable", "v1", "v2", "auto", NULL };
const char *const probe_codec_names[] = { "none", "g711ulaw", "g711alaw", "g729a", NULL };
const char *const probe_precision_names[] = { "milliseconds", "microseconds", NULL };
const char *const probe_peer_clock_names[] = { "unknown", "assumed", NULL };
const char *const probe_priority_names[] = { "normal", "high", NULL };

const char *probe_type_words(const struct probe_type *type, uint8_t method, char *to)
{
	const char *word = type->methods ? type->methods[method] : "";

	(void)snprintf(to, PROBE_NAME_MAX, "%s%s%s", type->words ? type->words : type->name,
	               *word ? " " : "", word);
	return to;
}

void probe_no_connect(struct op *op, struct probe_io *io, struct probe_flow *flow,
                      const struct probe_connect *connect, mono_t now)
{
	(void)op, (void)io, (void)flow, (void)connect, (void)now;
}

const struct probe_type *probe_type_of_words(const char *first, const char *second)
{
	char words[PROBE_NAME_MAX];

	if (!second)
		return NULL;
	(void)snprintf(words, sizeof(words), "%s %s", first, second);
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++) {
		if (probe_types[i]->words && strcasecmp(probe_types[i]->words, words) == 0)
			return probe_types[i];
	}
	return NULL;
}

const struct probe_type *probe_type_find(const char *name)
{
	const struct probe_type *found = NULL;
	size_t len = strlen(name);

	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++) {
		const struct probe_type *t = probe_types[i];

		if (strcasecmp(t->name, name) == 0)
			return t;
		if (len == 0 || strncasecmp(t->name, name, len) != 0)
			continue;
		if (found)
			return NULL;
		found = t;
	}
	return found;
}
