/* SPDX-License-Identifier: Apache-2.0 */
/* The words for each return code: text as `show ip sla` prints it, name as documents carry it. */
#include "sla/sense.h"

#include <stddef.h>

struct sense_words {
	const char *text, *name;
};

static const struct sense_words words[] = {
	[SENSE_OTHER] = { "Unknown", "unknown" },
	[SENSE_OK] = { "OK", "ok" },
	[SENSE_DISCONNECTED] = { "Disconnected", "disconnected" },
	[SENSE_OVER_THRESHOLD] = { "Over threshold", "over_threshold" },
	[SENSE_TIMEOUT] = { "Timeout", "timeout" },
	[SENSE_BUSY] = { "Busy", "busy" },
	[SENSE_NOT_CONNECTED] = { "No connection", "not_connected" },
	[SENSE_DROPPED] = { "Dropped", "dropped" },
	[SENSE_SEQUENCE_ERROR] = { "Sequence error", "sequence_error" },
	[SENSE_VERIFY_ERROR] = { "Verify error", "verify_error" },
	[SENSE_APPLICATION_SPECIFIC] = { "Application specific", "application_specific" },
	[SENSE_DNS_SERVER_TIMEOUT] = { "DNS server timeout", "dns_server_timeout" },
	[SENSE_TCP_CONNECT_TIMEOUT] = { "TCP connect timeout", "tcp_connect_timeout" },
	[SENSE_HTTP_TRANSACTION_TIMEOUT] = { "HTTP transaction timeout",
	                                     "http_transaction_timeout" },
	[SENSE_DNS_QUERY_ERROR] = { "DNS query error", "dns_query_error" },
	[SENSE_HTTP_ERROR] = { "HTTP error", "http_error" },
	[SENSE_ERROR] = { "Socket connect error", "error" },
	[SENSE_ENABLE_OK] = { "Enable OK", "enable_ok" },
	[SENSE_ENABLE_NO_CONNECT] = { "Enable no connect", "enable_no_connect" },
	[SENSE_ENABLE_VERSION_FAIL] = { "Enable version fail", "enable_version_fail" },
	[SENSE_ENABLE_INTERNAL_ERROR] = { "Enable internal error", "enable_internal_error" },
	[SENSE_ENABLE_ABORT] = { "Enable abort", "enable_abort" },
	[SENSE_ENABLE_FAIL] = { "Enable fail", "enable_fail" },
	[SENSE_ENABLE_AUTH_FAIL] = { "Authentication failure", "enable_auth_fail" },
	[SENSE_ENABLE_FORMAT_ERROR] = { "Enable format error", "enable_format_error" },
	[SENSE_ENABLE_PORT_IN_USE] = { "Enable port in use", "enable_port_in_use" },
};

static const struct sense_words *find(enum sla_sense sense)
{
	size_t at = (size_t)sense;

	if (at >= sizeof(words) / sizeof(words[0]) || !words[at].text)
		at = SENSE_OTHER;
	return &words[at];
}

const char *sla_sense_text(enum sla_sense sense)
{
	return find(sense)->text;
}

const char *sla_sense_name(enum sla_sense sense)
{
	return find(sense)->name;
}
