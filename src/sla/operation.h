/* SPDX-License-Identifier: Apache-2.0 */
/* What an IP SLA operation is: its type, its parameters and how it is scheduled, as plain values
 * that cross process borders (its texts packed behind them).  Names of people (target text, tag, owner) stay in the
 * configuration; the engine needs numbers only.  Ranges and defaults live in the config rows of
 * each type (probe/), not here.  Source of names: CISCO-RTTMON-MIB, IOS `ip sla`. */
#ifndef CANDOR_SLA_OPERATION_H
#define CANDOR_SLA_OPERATION_H

#include "base/cleanup.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Operation types.  The number indexes probe_types[] (probe/probe.h). */
enum sla_type {
	SLA_UDP_JITTER,
	SLA_UDP_ECHO,
	SLA_TCP_CONNECT,
	SLA_ICMP_ECHO,
	SLA_DNS,
	SLA_DHCP,
	SLA_HTTP,
	SLA_FTP,
	SLA_ICMP_JITTER,
	SLA_PATH_ECHO,
	SLA_PATH_JITTER,
	SLA_MULTICAST_JITTER,
	SLA_ETHERNET_ECHO,
	SLA_ETHERNET_JITTER,
	SLA_TYPE_COUNT,
};

/* Who asks the responder to open the port, and in which protocol version. */
enum sla_control {
	SLA_CONTROL_DISABLE, /* permanent port or plain server: no control exchange */
	SLA_CONTROL_V1,      /* UDP 1967: what routers speak; the default */
	SLA_CONTROL_V2,      /* RFC 6812, UDP 1167 */
	SLA_CONTROL_AUTO,    /* v2 first, then v1; the answer is remembered for the operation */
};

enum sla_codec {
	SLA_CODEC_NONE,
	SLA_CODEC_G711ULAW,
	SLA_CODEC_G711ALAW,
	SLA_CODEC_G729A,
};

enum sla_precision {
	SLA_PRECISION_MS, /* type 2 under v1 control */
	SLA_PRECISION_US, /* type 3 */
};

/* What a type 2 sender may believe of a responder's clock, which the packets do not tell. */
enum sla_peer_clock {
	SLA_PEER_CLOCK_UNKNOWN, /* no one-way values */
	SLA_PEER_CLOCK_ASSUMED, /* the operator vouches for it */
};

/* What a dns operation asks for.  An address as the name is always asked for its PTR record. */
enum sla_dns_type {
	SLA_DNS_A,
	SLA_DNS_AAAA,
	SLA_DNS_PTR,
	SLA_DNS_MX,
	SLA_DNS_NS,
	SLA_DNS_SOA,
	SLA_DNS_TXT,
	SLA_DNS_SRV,
	SLA_DNS_CNAME,
	SLA_DNS_ANY,
};

enum sla_dns_transport {
	SLA_DNS_UDP, /* and TCP when the reply is truncated */
	SLA_DNS_TCP,
};

/* What path operations look for hops with. */
enum sla_discovery {
	SLA_DISCOVERY_UDP,  /* datagrams; echo requests where nobody answers these */
	SLA_DISCOVERY_ICMP, /* echo requests alone */
};

/* `operation-packet priority`: how the packets stand among other traffic of this host. */
enum sla_priority {
	SLA_PRIORITY_NORMAL,
	SLA_PRIORITY_HIGH,
};

/* Quantities that `percentile` is about. */
enum percentile_of {
	PERCENTILE_RTT,
	PERCENTILE_ONEWAY_SD,
	PERCENTILE_ONEWAY_DS,
	PERCENTILE_JITTER_SD,
	PERCENTILE_JITTER_DS,
	PERCENTILE_JITTER_AVG, /* both ways together */
	PERCENTILE_COUNT,
};

/* An operation is (number, generation): the generation is new at creation and whenever type or
 * target change, so that a reused number never mixes two histories. */
struct op_id {
	uint32_t number; /* 1 .. 2147483647 */
	uint64_t generation;
};

/* Settings that are texts; which of them a type has, its rows say. */
enum op_text {
	OP_TEXT_NAME,        /* dns: what is asked for; multicast-jitter: its endpoint list */
	OP_TEXT_URL,         /* http, ftp */
	OP_TEXT_PROXY,       /* http: URL of the proxy */
	OP_TEXT_RAW_REQUEST, /* http raw: the request as it is sent */
	OP_TEXT_ENDPOINTS,   /* multicast-jitter: addresses of the members, separated by commas */
	OP_TEXT_CIRCUIT_ID,  /* dhcp: option 82, hexadecimal */
	OP_TEXT_REMOTE_ID,
	OP_TEXT_DOMAIN,     /* ethernet: name of the maintenance domain */
	OP_TEXT_REMOTE_MAC, /* ethernet: hardware address of the peer */
	OP_TEXT_VRF,        /* and the interface to leave by: where sockets are opened */
	OP_TEXT_INTERFACE,
	OP_TEXT_COUNT,
};

/* All texts of an operation, packed, with their terminators (op_texts_pack). */
#define OP_TEXTS_MAX 8192u

/* NULL: not set, which is the same as empty.  They belong to whoever holds the parameters: the arena
 * of the configuration in control, a block of the runner in the engine. */
struct op_texts {
	const char *at[OP_TEXT_COUNT];
};

struct op_params {
	uint8_t type;       /* enum sla_type */
	uint8_t method;     /* index into the type's methods */
	uint8_t control;    /* enum sla_control */
	uint8_t codec;      /* enum sla_codec */
	uint8_t precision;  /* enum sla_precision */
	uint8_t peer_clock; /* enum sla_peer_clock */
	uint8_t tos;        /* whole IPv4 TOS octet or IPv6 traffic class; marks probes only */
	bool verify_data;
	uint8_t advantage_factor;    /* 0-20, voice score */
	uint8_t control_retry;       /* resends of the control request */
	uint16_t auth_key_id;        /* v2 key to sign with; with auth_mode */
	uint8_t auth_mode;           /* 0 none, 1 SHA256, 2 HMAC-SHA-256 (RFC 6812 section 3.1.2) */
	uint8_t auth_secret_len;     /* 0-48 octets */
	uint8_t auth_secret[48];     /* of the key chain's sending key; never logged */
	struct inet_addr target;     /* family none: the name did not resolve */
	struct inet_addr source;     /* family none: the route decides */
	uint16_t target_port;        /* 0 for icmp-echo */
	uint16_t source_port;        /* 0: ephemeral */
	uint16_t control_port;       /* 0: 1967 or 1167 by version */
	uint32_t frequency_s;        /* start to start */
	uint32_t timeout_ms;         /* wait for each reply */
	uint32_t threshold_ms;       /* over-threshold classification */
	uint32_t control_timeout_ms; /* per control attempt */
	uint32_t num_packets;        /* udp-jitter: packets in one run, 1-60000 */
	uint32_t interval_ms;        /* udp-jitter: spacing */
	uint32_t request_size;       /* request-data-size: payload octets (see each type) */
	uint32_t data_pattern;       /* repeated, most significant octet first */
	bool ssm;                    /* multicast-jitter: the group is source-specific */
	uint8_t tree_init;           /* multicast-jitter: packets sent before the first */
	uint8_t dns_type;            /* enum sla_dns_type */
	uint8_t dns_transport;       /* enum sla_dns_transport */
	uint8_t discovery;           /* enum sla_discovery */
	uint8_t hops_max;            /* path operations: 1-30; 0: the most */
	bool target_only;            /* path-jitter: measure to the last hop alone */
	uint16_t mpid; /* ethernet: number of the remote maintenance end point, 1-8191 */
	uint16_t vlan; /* ethernet: 1-4094, with ``tos`` as priority; 0: untagged */
	uint8_t level; /* ethernet: of the maintenance domain, 0-7 */
	bool untagged; /* ethernet: `port` was said */
	/* Where packets leave, and how; whoever opens flows looks after these, not the types. */
	uint16_t vrf;            /* number of its name (io/net_names.h); 0: where we are */
	uint16_t source_device;  /* the same of the interface to leave by; 0: the route decides */
	uint32_t mark;           /* of every packet, for routing by mark; 0: none */
	uint32_t flow_label;     /* IPv6, of the probes: 1-1048575; 0: the kernel's choice */
	uint8_t packet_priority; /* enum sla_priority, of the probes */
	bool no_fragments;       /* probes with DF */
	/* What is asked of servers. */
	struct inet_addr name_server; /* family none: control fills in the host's first one */
	uint8_t http_version;         /* 0: 1.0, 1: 1.1 */
	uint8_t no_cache;             /* 1: the response must not come from a cache */
	uint8_t tls_no_verify;        /* 1: any certificate will do */
	uint8_t ftp_active;           /* 1: the server opens the data connection */
	bool ignore_status;           /* any status of HTTP is a good answer */
	uint8_t percentile
	        [PERCENTILE_COUNT]; /* 90-100: how much of the samples counts, in percent */
	uint8_t tolerance_percent;  /* clock-tolerance, of a one-way time; 0: not asked for */
	uint32_t tolerance_us;      /* the same, absolute; 0: not asked for */
	struct op_texts text;
};

/* The texts as one block: each with its terminator, in the order of enum op_text.  ``to`` holds
 * OP_TEXTS_MAX; returns the octets written, or -EMSGSIZE. */
NODISCARD int op_texts_pack(const struct op_texts *t, char *to);

/* The reverse: *ret points into ``from``.  0, or -EBADMSG when it is not exactly one block. */
NODISCARD int op_texts_unpack(const char *from, size_t len, struct op_texts *ret);
bool op_texts_equal(const struct op_texts *a, const struct op_texts *b);

/* `ip sla schedule N`. */
enum sla_start {
	SLA_START_PENDING, /* wait for a trigger or a new schedule line */
	SLA_START_NOW,
	SLA_START_AFTER,  /* start_s: seconds from now */
	SLA_START_AT,     /* start_s: seconds of the day UTC offset by day/month when given */
	SLA_START_RANDOM, /* start_ms: once, uniform in 0 .. start_ms */
};

#define SLA_LIFE_FOREVER UINT32_C(2147483647)

struct op_schedule {
	bool scheduled;       /* an `ip sla schedule` line exists */
	uint8_t start;        /* enum sla_start */
	uint8_t start_day;    /* SLA_START_AT: 1-31, 0: today or tomorrow */
	uint8_t start_month;  /* 1-12, 0: not given */
	uint32_t start_s;     /* SLA_START_AFTER: delay; SLA_START_AT: local second of the day */
	uint32_t random_ms;   /* SLA_START_RANDOM: 500-10000 */
	uint32_t life_s;      /* 0 .. 2147483646, or SLA_LIFE_FOREVER */
	uint32_t ageout_s;    /* 0: never */
	bool recurring;       /* every day at the start time */
	uint32_t group;       /* `ip sla group schedule`; 0: by itself, and then the rest is 0 */
	uint32_t offset_ms;   /* of its first run from the start of the group */
	uint32_t frequency_s; /* instead of the operation's own; 0: that */
	uint32_t frequency_max_s; /* random scheduler: gaps from frequency_s to this; 0: a raster */
};

/* Equal but for type, target and key: those depend on the time or on name resolution, or make it
 * another operation. */
bool op_settings_equal(const struct op_params *a, const struct op_params *b);
bool op_params_equal(const struct op_params *a, const struct op_params *b); /* in everything */
bool op_schedule_equal(const struct op_schedule *a, const struct op_schedule *b);

/* rttMonCtrlOperState. */
enum sla_state {
	SLA_STATE_PENDING,
	SLA_STATE_INACTIVE,
	SLA_STATE_ACTIVE,
};

#endif
