/* SPDX-License-Identifier: Apache-2.0 */
/* Words of documents. */
#include "object/names.h"

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "probe/probe.h"
#include "probe/probe_rows.h"
#include "responder/responder_cfg.h"
#include "sla/operation.h"
#include "sla/result.h"
#include "sla/sense.h"

static const char unknown[] = "unknown";

#define PICK(table, value) ((value) < ARRAY_LEN(table) ? (table)[value] : unknown)

const char *name_of_type(uint8_t type)
{
	return type < SLA_TYPE_COUNT ? probe_types[type]->name : unknown;
}

const char *name_of_control(uint8_t control)
{
	static const char *const names[] = {
		[SLA_CONTROL_DISABLE] = "disable",
		[SLA_CONTROL_V1] = "v1",
		[SLA_CONTROL_V2] = "v2",
		[SLA_CONTROL_AUTO] = "auto",
	};

	return PICK(names, control);
}

const char *name_of_codec(uint8_t codec)
{
	static const char *const names[] = {
		[SLA_CODEC_NONE] = "none",
		[SLA_CODEC_G711ULAW] = "g711ulaw",
		[SLA_CODEC_G711ALAW] = "g711alaw",
		[SLA_CODEC_G729A] = "g729a",
	};

	return PICK(names, codec);
}

const char *name_of_precision(uint8_t precision)
{
	return precision == SLA_PRECISION_US ? "microseconds" : "milliseconds";
}

const char *name_of_priority(uint8_t priority)
{
	return priority == SLA_PRIORITY_HIGH ? "high" : "normal";
}

const char *name_of_peer_clock(uint8_t trust)
{
	return trust == SLA_PEER_CLOCK_ASSUMED ? "assumed" : unknown;
}

const char *name_of_state(uint8_t state)
{
	static const char *const names[] = {
		[SLA_STATE_PENDING] = "pending",
		[SLA_STATE_INACTIVE] = "inactive",
		[SLA_STATE_ACTIVE] = "active",
	};

	return PICK(names, state);
}

const char *name_of_start(uint8_t start)
{
	static const char *const names[] = {
		[SLA_START_PENDING] = "pending", [SLA_START_NOW] = "now",
		[SLA_START_AFTER] = "after",     [SLA_START_AT] = "at",
		[SLA_START_RANDOM] = "random",
	};

	return PICK(names, start);
}

const char *name_of_auth_mode(uint8_t mode)
{
	static const char *const names[] = {
		[KEY_ALGORITHM_NONE] = "none",
		[KEY_ALGORITHM_SHA256] = "sha256",
		[KEY_ALGORITHM_HMAC_SHA256] = "hmac-sha-256",
	};

	return PICK(names, mode);
}

const char *name_of_sense(uint8_t sense)
{
	return sla_sense_name((enum sla_sense)sense);
}

const char *name_of_missed_cause(uint8_t cause)
{
	return missed_cause_name((enum missed_cause)cause);
}

const char *name_of_oneway(uint8_t reason)
{
	return oneway_reason_name((enum oneway_reason)reason);
}

const char *name_of_clock_source(uint8_t source)
{
	return clock_source_name((enum clock_source)source);
}

const char *name_of_stamp(uint8_t source)
{
	return stamp_source_name((enum stamp_source)source);
}

const char *name_of_turnaround(uint8_t kind)
{
	return turnaround_name((enum turnaround)kind);
}

const char *name_of_history_filter(uint8_t filter)
{
	static const char *const names[] = {
		[HISTORY_FILTER_NONE] = "none",
		[HISTORY_FILTER_ALL] = "all",
		[HISTORY_FILTER_OVER_THRESHOLD] = "over_threshold",
		[HISTORY_FILTER_FAILURES] = "failures",
	};

	return PICK(names, filter);
}

const char *name_of_http_version(uint8_t version)
{
	return version <= 1 ? probe_http_version_names[version] : unknown;
}

const char *name_of_enabled(uint8_t is_off)
{
	return is_off <= 1 ? probe_enabled_names[is_off] : unknown;
}

const char *name_of_ftp_mode(uint8_t mode)
{
	return mode <= 1 ? probe_ftp_mode_names[mode] : unknown;
}

const char *name_of_discovery(uint8_t discovery)
{
	return discovery == SLA_DISCOVERY_ICMP ? "icmp" : "udp";
}

const char *name_of_dns_type(uint8_t type)
{
	return type <= SLA_DNS_ANY ? probe_dns_type_names[type] : unknown;
}

const char *name_of_dns_transport(uint8_t over)
{
	return over <= SLA_DNS_TCP ? probe_dns_transport_names[over] : unknown;
}

const char *name_of_permanent(uint8_t kind)
{
	return kind == PERMANENT_TCP_CONNECT ? "tcp-connect" : "udp-echo";
}
