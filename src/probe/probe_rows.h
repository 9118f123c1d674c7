/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that several operation types share, one macro a row, so that keyword, range and default
 * stand in one place.  Each expands to a row over struct op_params. */
#ifndef CANDOR_PROBE_PROBE_ROWS_H
#define CANDOR_PROBE_PROBE_ROWS_H

#include "base/conf_row.h"
#include "sla/operation.h"
#include <stddef.h>

extern const char *const probe_control_names[];    /* by enum sla_control */
extern const char *const probe_codec_names[];      /* by enum sla_codec */
extern const char *const probe_precision_names[];  /* by enum sla_precision */
extern const char *const probe_peer_clock_names[]; /* by enum sla_peer_clock */

extern const char *const probe_http_version_names[];  /* by op_params.http_version */
extern const char *const probe_enabled_names[];       /* by no_cache, tls_no_verify */
extern const char *const probe_ftp_mode_names[];      /* by ftp_active */
extern const char *const probe_dns_type_names[];      /* by enum sla_dns_type */
extern const char *const probe_dns_transport_names[]; /* by enum sla_dns_transport */

#define PARAM(field) offsetof(struct op_params, field)

#define ROW_SOURCE_IP                                                                  \
	{                                                                              \
		.keyword = "source-ip", .kind = CK_ADDR, .where = CW_INLINE,           \
		.offset = PARAM(source), .help = "Send from this address of the host", \
		.source = "IOS; rttMonEchoAdminSourceAddress"                          \
	}

#define ROW_SOURCE_PORT                                                        \
	{                                                                      \
		.keyword = "source-port", .kind = CK_PORT, .where = CW_INLINE, \
		.offset = PARAM(source_port), .min = 1, .max = 65535,          \
		.help = "Send from this port instead of an ephemeral one",     \
		.source = "IOS; rttMonEchoAdminSourcePort"                     \
	}

/* `control enable` is read as the default. */
#define ROW_CONTROL                                                                                \
	{                                                                                          \
		.keyword = "control", .kind = CK_ENUM, .where = CW_INLINE,                         \
		.offset = PARAM(control), .initial = SLA_CONTROL_V1, .names = probe_control_names, \
		.help = "Ask the responder to open the port, in which protocol version",           \
		.source = "IOS enable|disable; versions: Candor; rttMonEchoAdminControlEnable"     \
	}

/* Another name of the same setting, where IOS keeps the others of the control protocol. */
#define ROW_CONTROL_VERSION                                                                        \
	{                                                                                          \
		.keyword = "control version", .kind = CK_ENUM, .where = CW_SUB,                    \
		.offset = PARAM(control), .initial = SLA_CONTROL_V1, .names = probe_control_names, \
		.help = "As `control` on the operation's own line", .source = "Candor"             \
	}

#define ROW_CONTROL_PORT                                                                        \
	{                                                                                       \
		.keyword = "control port", .kind = CK_PORT, .where = CW_SUB,                    \
		.offset = PARAM(control_port), .min = 1, .max = 65535,                          \
		.help = "Where the responder takes control requests (1967, in version 2 1167)", \
		.source = "Candor"                                                              \
	}

#define ROW_CONTROL_RETRY                                                         \
	{                                                                         \
		.keyword = "control retry", .kind = CK_U8, .where = CW_SUB,       \
		.offset = PARAM(control_retry), .min = 1, .max = 5, .initial = 3, \
		.help = "How often an unanswered control request is sent again",  \
		.source = "IOS; rttMonEchoAdminControlRetry"                      \
	}

#define ROW_CONTROL_TIMEOUT                                                                   \
	{                                                                                     \
		.keyword = "control timeout", .kind = CK_U32, .unit = U_MS, .where = CW_SUB,  \
		.offset = PARAM(control_timeout_ms), .min = 1, .max = 10000, .initial = 5000, \
		.help = "Wait for the answer to each control request",                        \
		.source = "IOS; rttMonEchoAdminControlTimeout"                                \
	}

#define ROW_FREQUENCY                                                                 \
	{                                                                             \
		.keyword = "frequency", .kind = CK_U32, .unit = U_S, .where = CW_SUB, \
		.offset = PARAM(frequency_s), .min = 1, .max = 604800, .initial = 60, \
		.help = "From the start of one run to the start of the next",         \
		.source = "IOS; rttMonCtrlAdminFrequency"                             \
	}

#define ROW_TIMEOUT                                                                       \
	{                                                                                 \
		.keyword = "timeout", .kind = CK_U32, .unit = U_MS, .where = CW_SUB,      \
		.offset = PARAM(timeout_ms), .min = 0, .max = 604800000, .initial = 5000, \
		.help = "A reply that takes longer does not count as one",                \
		.source = "IOS; rttMonCtrlAdminTimeout"                                   \
	}

#define ROW_THRESHOLD                                                                        \
	{                                                                                    \
		.keyword = "threshold", .kind = CK_U32, .unit = U_MS, .where = CW_SUB,       \
		.offset = PARAM(threshold_ms), .min = 0, .max = 2147483647, .initial = 5000, \
		.help = "A longer round trip is 'over threshold'",                           \
		.source = "rttMonCtrlAdminThreshold (IOS lets 60000 pass)"                   \
	}

#define ROW_TOS                                                                                   \
	{                                                                                         \
		.keyword = "tos", .kind = CK_U8, .where = CW_SUB, .offset = PARAM(tos), .min = 0, \
		.max = 255, .help = "Type of service octet of the probes",                        \
		.source = "IOS; rttMonEchoAdminTOS"                                               \
	}

#define ROW_TRAFFIC_CLASS                                                                         \
	{                                                                                         \
		.keyword = "traffic-class", .kind = CK_U8, .where = CW_SUB, .offset = PARAM(tos), \
		.min = 0, .max = 255, .help = "Traffic class of the probes (IPv6)",               \
		.source = "IOS"                                                                   \
	}

#define ROW_REQUEST_SIZE(least, most, usual)                                                      \
	{                                                                                         \
		.keyword = "request-data-size", .kind = CK_U32, .unit = U_BYTES, .where = CW_SUB, \
		.offset = PARAM(request_size), .min = (least), .max = (most), .initial = (usual), \
		.help = "Payload of each probe",                                                  \
		.source = "IOS; rttMonEchoAdminPktDataRequestSize"                                \
	}

#define ROW_VERIFY_DATA                                                                        \
	{                                                                                      \
		.keyword = "verify-data", .kind = CK_FLAG, .where = CW_SUB,                    \
		.offset = PARAM(verify_data), .help = "Compare each reply with what was sent", \
		.source = "IOS; rttMonCtrlAdminVerifyData"                                     \
	}

#define ROW_DATA_PATTERN                                                                      \
	{                                                                                     \
		.keyword = "data-pattern", .kind = CK_HEX32, .where = CW_SUB,                 \
		.offset = PARAM(data_pattern), .max = 0xFFFFFFFF, .initial = 0xABCDABCD,      \
		.help = "Four octets that fill the payload, again and again", .source = "IOS" \
	}

#define ROW_PRECISION                                                                   \
	{                                                                               \
		.keyword = "precision", .kind = CK_ENUM, .where = CW_SUB,               \
		.offset = PARAM(precision), .initial = SLA_PRECISION_MS,                \
		.names = probe_precision_names,                                         \
		.help = "Resolution of the responder's stamps under control version 1", \
		.source = "IOS"                                                         \
	}

#define ROW_PERCENTILE(word, of, what)                                                          \
	{                                                                                       \
		.keyword = "percentile " word, .kind = CK_U8, .unit = U_PCT, .where = CW_SUB,   \
		.offset = PARAM(percentile) + (of), .min = 90, .max = 100, .initial = 100,      \
		.help = "How much of the samples of " what " counts, the worst being left out", \
		.source = "IOS"                                                                 \
	}

#define ROWS_PERCENTILE                                                           \
	ROW_PERCENTILE("rtt", PERCENTILE_RTT, "the round trip"),                  \
	        ROW_PERCENTILE("owsd", PERCENTILE_ONEWAY_SD, "the way there"),    \
	        ROW_PERCENTILE("owds", PERCENTILE_ONEWAY_DS, "the way back"),     \
	        ROW_PERCENTILE("jittersd", PERCENTILE_JITTER_SD, "jitter there"), \
	        ROW_PERCENTILE("jitterds", PERCENTILE_JITTER_DS, "jitter back"),  \
	        ROW_PERCENTILE("jitteravg", PERCENTILE_JITTER_AVG, "jitter both ways")

#define ROWS_CLOCK_TOLERANCE                                                                   \
	{ .keyword = "clock-tolerance ntp oneway absolute",                                    \
	  .kind = CK_U32,                                                                      \
	  .unit = U_US,                                                                        \
	  .where = CW_SUB,                                                                     \
	  .offset = PARAM(tolerance_us),                                                       \
	  .min = 0,                                                                            \
	  .max = 100000,                                                                       \
	  .help = "Most error of both clocks together at which one-way times count",           \
	  .source = "IOS" },                                                                   \
	{                                                                                      \
		.keyword = "clock-tolerance ntp oneway percent", .kind = CK_U8, .unit = U_PCT, \
		.where = CW_SUB, .offset = PARAM(tolerance_percent), .min = 0, .max = 100,     \
		.help = "The same, of the one-way time that is measured", .source = "IOS"      \
	}

#define ROW_PEER_CLOCK                                                                       \
	{                                                                                    \
		.keyword = "peer-clock", .kind = CK_ENUM, .where = CW_SUB,                   \
		.offset = PARAM(peer_clock), .initial = SLA_PEER_CLOCK_UNKNOWN,              \
		.names = probe_peer_clock_names,                                             \
		.help = "Whether the clock of a responder that says nothing of it is right", \
		.source = "Candor"                                                           \
	}

/* Where an operation is: every type of IP has these three. */
#define ROW_VRF                                                                      \
	{                                                                            \
		.keyword = "vrf", .kind = CK_WORD, .where = CW_SUB,                  \
		.offset = PARAM(text.at[OP_TEXT_VRF]), .min = 1, .max = 32,          \
		.help = "Measure in this VRF: its device, or the network namespace", \
		.source = "IOS; rttMonEchoAdminVrfName"                              \
	}

#define ROW_SOURCE_INTERFACE                                                         \
	{                                                                            \
		.keyword = "source-interface", .kind = CK_WORD, .where = CW_INLINE,  \
		.offset = PARAM(text.at[OP_TEXT_INTERFACE]), .min = 1, .max = 15,    \
		.help = "Leave by this interface, with its address", .source = "IOS" \
	}

#define ROW_MARK                                                                                   \
	{                                                                                          \
		.keyword = "mark", .kind = CK_U32, .where = CW_SUB, .offset = PARAM(mark),         \
		.min = 0, .max = UINT32_MAX,                                                       \
		.help = "Mark of all packets, for `ip rule … fwmark`; 0: none", .source = "Candor" \
	}

#define ROW_FLOW_LABEL                                                      \
	{                                                                   \
		.keyword = "flow-label", .kind = CK_U32, .where = CW_SUB,   \
		.offset = PARAM(flow_label), .min = 0, .max = 1048575,      \
		.help = "Flow label of the probes (IPv6); 0: the kernel's", \
		.source = "IOS; RFC 8200 section 6"                         \
	}

#define ROW_NO_FRAGMENTS                                                                          \
	{                                                                                         \
		.keyword = "df-bit", .kind = CK_FLAG, .where = CW_SUB,                            \
		.offset = PARAM(no_fragments), .help = "Send probes that must not be fragmented", \
		.source = "IOS XE"                                                                \
	}

extern const char *const probe_priority_names[]; /* by enum sla_priority */

#define ROW_PACKET_PRIORITY                                                                \
	{                                                                                  \
		.keyword = "operation-packet priority", .kind = CK_ENUM, .where = CW_SUB,  \
		.offset = PARAM(packet_priority), .initial = SLA_PRIORITY_NORMAL,          \
		.names = probe_priority_names,                                             \
		.help = "How the probes stand in the queues of this host", .source = "IOS" \
	}

#define ROW_NAME_SERVER                                                        \
	{                                                                      \
		.keyword = "name-server", .kind = CK_ADDR, .where = CW_INLINE, \
		.offset = PARAM(name_server),                                  \
		.help = "Ask this name server instead of the host's first",    \
		.source = "IOS; rttMonEchoAdminNameServer"                     \
	}

#define ROW_NUM_PACKETS                                                                       \
	{                                                                                     \
		.keyword = "num-packets", .kind = CK_U32, .unit = U_PKTS, .where = CW_INLINE, \
		.offset = PARAM(num_packets), .min = 1, .max = 60000, .initial = 10,          \
		.help = "Packets in one run", .source = "IOS; rttMonEchoAdminNumPackets"      \
	}

#define ROW_INTERVAL_MAX_MS 60000u
#define ROW_INTERVAL                                                                               \
	{                                                                                          \
		.keyword = "interval", .kind = CK_U32, .unit = U_MS, .where = CW_INLINE,           \
		.offset = PARAM(interval_ms), .min = 4, .max = ROW_INTERVAL_MAX_MS, .initial = 20, \
		.help = "From one packet to the next", .source = "IOS; rttMonEchoAdminInterval"    \
	}

#define ROWS_END                \
	{                       \
		.kind = CK_NONE \
	}

#endif
