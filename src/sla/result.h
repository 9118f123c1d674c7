/* SPDX-License-Identifier: Apache-2.0 */
/* The result of one run of one operation: what was measured, what the instrument itself did wrong
 * meanwhile, and how far each figure can be believed.  Plain values, no pointers: it crosses from
 * the engine to the control process as it is.  All times in ns unless named otherwise; all sums
 * exact integers.  Definitions: CISCO-RTTMON-MIB rttMonLatestRttOper, rttMonLatestJitterOper. */
#ifndef CANDOR_SLA_RESULT_H
#define CANDOR_SLA_RESULT_H

#include "base/clocktypes.h"
#include "base/inet.h"
#include "sla/operation.h"
#include "sla/path.h"
#include "sla/sum_stats.h"
#include "sla/sense.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One direction of jitter: magnitudes per sign; a zero difference counts in ``samples`` alone. */
struct jitter_direction {
	struct sum_stats positive, negative;
	uint64_t samples;
	int64_t interarrival_ns; /* RFC 1889 section 6.3.1 estimate at the end of the run */
};

/* Runs of consecutive lost packets in one direction (or of unknown direction). */
struct loss_periods {
	uint32_t periods;
	uint32_t length_min, length_max;             /* packets in one period; 0 when none */
	uint32_t inter_length_min, inter_length_max; /* received packets between two periods */
};

/* Why one-way values are missing. */
enum oneway_reason {
	ONEWAY_REPORTED,
	ONEWAY_LOCAL_CLOCK_UNSYNCHRONISED,
	ONEWAY_PEER_CLOCK_UNSYNCHRONISED,
	ONEWAY_PEER_CLOCK_UNKNOWN, /* type 2 without `peer-clock assumed` */
	ONEWAY_CLOCK_STEPPED,      /* during the run */
	ONEWAY_BELOW_GRADE,        /* the error bound is above the configured one */
	ONEWAY_CLOCKS_DISAGREE,    /* every value was impossible: one of them is wrong */
	ONEWAY_NOT_MEASURED,       /* the operation has no one-way figures */
};

const char *oneway_reason_name(enum oneway_reason reason); /* snake_case */

/* Who says that the local clock is right. */
enum clock_source {
	CLOCK_SOURCE_NONE,   /* nobody: unsynchronised */
	CLOCK_SOURCE_KERNEL, /* adjtimex */
	CLOCK_SOURCE_CHRONY,
	CLOCK_SOURCE_PTP,
	CLOCK_SOURCE_OPERATOR, /* `clock trust operator` */
};

const char *clock_source_name(
        enum clock_source source); /* "none" "kernel" "chrony" "ptp" "operator" */

/* How far the local wall clock can be believed. */
struct clock_grade {
	uint8_t source;   /* enum clock_source; NONE: not synchronised */
	bool stepped;     /* a step was seen during the run */
	int64_t err_ns;   /* bound of its offset from UTC; meaningless when source is NONE */
	int64_t limit_ns; /* one-way values need a bound at or below this; 0: any bound will do */
};

/* Turnaround of the responder in the round-trip time. */
enum turnaround {
	TURNAROUND_NONE,     /* nothing to subtract: the protocol has no responder (tcp-connect) */
	TURNAROUND_INCLUDED, /* udp-echo, icmp-echo: the protocol does not carry it */
	TURNAROUND_MS,       /* type 2: whole milliseconds subtracted, 1 ms in the error bound */
	TURNAROUND_SUBTRACTED, /* type 3 and v2: in full */
};

const char *turnaround_name(enum turnaround t); /* "none" "included" "subtracted_ms" "subtracted" */

/* The instrument's own error during the run. */
struct instrument {
	uint8_t tx_source, rx_source; /* enum stamp_source: the weakest used */
	uint8_t turnaround;           /* enum turnaround */
	uint32_t timer_misses; /* sends later than half an interval (1 ms for single packets) */
	int64_t send_lateness_max_ns; /* actual minus planned send instant */
	int64_t send_lateness_sum_ns;
	int64_t rtt_err_ns;      /* bound of the error of each RTT value */
	uint32_t rx_queue_drops; /* datagrams that the kernel threw away for want of room */
	uint32_t
	        clock_step_samples; /* replies dropped from the figures because the clock stepped */
	uint32_t implausible_samples; /* negative RTT, one-way above RTT: dropped, counted */
	uint32_t foreign_packets;     /* datagrams on our port that answer nothing we sent */
	/* Single-packet operations: replies to runs before this one that came after their timeout, since the
	 * last result.  Each is a sequence error of the statistics. */
	uint32_t late_replies;
};

/* One quantity of a run without its worst samples. */
struct percentile_figures {
	uint8_t percent;        /* of the samples that count */
	uint32_t n;             /* how many these are */
	int64_t avg_ns, max_ns; /* 0 when none */
};

/* Jitter operations only (type SLA_UDP_JITTER); zero elsewhere.  Every packet sent is in exactly one
 * of: sent = received + loss_sd + loss_ds + missing + late + corrupted.  ``received`` came in time
 * and intact; rtt.n may be smaller by the samples that the instrument had to drop. */
struct jitter_result {
	struct sum_stats rtt;
	struct sum_stats oneway_sd, oneway_ds;
	struct jitter_direction sd, ds;
	uint32_t sent, received;
	uint32_t loss_sd, loss_ds;
	uint32_t missing; /* direction unknown: MIB PacketMIA, CLI Tail Drop */
	uint32_t late;    /* came after the timeout */
	uint32_t out_of_sequence;
	uint32_t duplicates;
	uint32_t corrupted;      /* verify-data: content changed */
	uint32_t skipped;        /* could not be sent; not in ``sent`` */
	bool copied_sequence;    /* every responder count equals our number though replies are lost:
	                          * true losses towards us, or a responder that copies */
	uint32_t over_threshold; /* packets with RTT above the threshold */
	struct loss_periods loss_periods_sd, loss_periods_ds;
	uint8_t icpif;             /* 0-93; 0 without codec */
	uint16_t mos_centi;        /* MOS x 100: 0, or 100-500 */
	uint8_t codec;             /* enum sla_codec */
	uint8_t oneway_reason;     /* enum oneway_reason */
	int64_t oneway_err_ns;     /* bound when reported: both clocks and stamps */
	int64_t peer_clock_err_ns; /* as the peer states it; -1 unknown */
	struct percentile_figures percentile[PERCENTILE_COUNT];
};

/* http; -1: the run did not get so far, or the step is none of it.  MIB: rttMonLatestHTTPOperTable. */
struct http_result {
	int64_t dns_ns; /* of the queries for the server's name */
	int64_t tcp_ns; /* SYN to SYN/ACK */
	int64_t tls_ns; /* handshake, and the way through a proxy to it */
	int64_t first_byte_ns; /* from the beginning of the connection to the first octet of the response */
	int64_t transaction_ns; /* request to the end of the response */
	int64_t total_ns;       /* start of the run to the end of the response */
	uint64_t body_octets;   /* of the response, without headers and framing */
	uint64_t status;        /* 0: no response */
};

#define HTTP_RESULT_NOTHING                                                    \
	{                                                                      \
		.dns_ns = -1, .tcp_ns = -1, .tls_ns = -1, .first_byte_ns = -1, \
		.transaction_ns = -1, .total_ns = -1                           \
	}

/* ftp; -1: the run did not get so far, or the step is none of it. */
struct ftp_result {
	int64_t dns_ns;
	int64_t connect_ns;  /* of the control connection, SYN to SYN/ACK */
	int64_t login_ns;    /* from there to the answer to the password */
	int64_t transfer_ns; /* from there to the end of the file and the word that it is whole */
	int64_t total_ns;    /* start of the run to that */
	uint64_t octets;     /* of the file */
};

#define FTP_RESULT_NOTHING                                                                        \
	{                                                                                         \
		.dns_ns = -1, .connect_ns = -1, .login_ns = -1, .transfer_ns = -1, .total_ns = -1 \
	}

/* Why runs that were due did not begin. */
enum missed_cause {
	MISSED_NONE,       /* the entry is a run */
	MISSED_BUSY,       /* the run before was still on */
	MISSED_LATE,       /* the process was held up */
	MISSED_LOW_MEMORY, /* `ip sla low-memory` */
};

const char *missed_cause_name(enum missed_cause cause); /* snake_case; "none" */

#define SLA_DNS_ANSWER_MAX 128

/* dns alone. */
struct dns_result {
	int64_t query_rtt_ns; /* query to reply, whatever the reply says; 0: none came */
	int64_t connect_ns;   /* TCP: its handshake; 0: none */
	bool has_reply;       /* else what follows says nothing */
	bool authoritative;
	bool recursion_available;
	bool truncated;    /* over UDP: asked again over TCP */
	uint8_t transport; /* enum sla_dns_transport, of the reply */
	uint16_t rcode;
	uint16_t answers;                /* records in the answer section */
	uint32_t ttl_s;                  /* of the first answer */
	char answer[SLA_DNS_ANSWER_MAX]; /* the first to the question, as text; empty: none */
};

/* dhcp alone. */
struct dhcp_result {
	int64_t offer_ns; /* DISCOVER to OFFER; 0: none came */
	int64_t ack_ns;   /* DISCOVER to ACK; 0: none came in time */
	struct inet_addr address, server;
	uint32_t lease_s; /* 0xffffffff: for ever */
	uint32_t offers;
	bool has_lease; /* for the moment of the run */
	bool released;  /* RELEASE went out */
};

/* icmp-jitter: what it has beside the figures of all jitter operations. */
struct icmp_jitter_result {
	struct jitter_result jitter; /* loss has no direction: ``missing`` */
	uint32_t lost;
	uint32_t unprocessed; /* replies that went into no figure */
	uint32_t out_of_sequence_sd, out_of_sequence_ds, out_of_sequence_both;
	uint32_t success_min,
	        success_max; /* shortest and longest run of packets that came back in time */
	struct loss_periods loss_periods;
};

#define SLA_RECEIVERS_MAX 20u

/* One member of a group.  All but ``sense`` is zero when its responder was not to be had. */
struct multicast_receiver {
	struct inet_addr addr;
	uint8_t sense;         /* enum sla_sense, of this receiver */
	uint8_t oneway_reason; /* enum oneway_reason: why delays are missing */
	uint32_t received, loss_sd, loss_ds, missing, late, out_of_sequence;
	int64_t rtt_ns;                                   /* average; 0: no reply */
	int64_t delay_min_ns, delay_avg_ns, delay_max_ns; /* SD, when reported */
	int64_t jitter_avg_ns; /* SD, of the differences that are not 0 */
};

/* multicast-jitter alone. */
struct multicast_result {
	uint32_t sent, skipped;
	uint8_t count, answered; /* receivers; those of whom a reply came */
	struct multicast_receiver receivers[SLA_RECEIVERS_MAX];
};

#define SLA_DETAIL_MAX 192

struct sla_result {
	struct op_id id;
	uint8_t type;         /* enum sla_type */
	uint8_t sense;        /* enum sla_sense */
	uint8_t precision;    /* enum sla_precision: unit a router would print */
	uint8_t control;      /* enum sla_control as used in this run (v1, v2, disable) */
	uint8_t missed_cause; /* enum missed_cause: not NONE is an entry for runs that did not begin */
	uint32_t missed;      /* of these: how many, from started_at on; then nothing is measured */
	uint64_t run;        /* counts runs of this generation, from 1; the last one where missed */
	wall_t started_at;   /* wall clock at the start of the run */
	int64_t rtt_ns;      /* single packet: its RTT; jitter: floor average; 0 when none */
	int64_t duration_ns; /* start to completion */
	int64_t control_rtt_ns; /* of the control exchange; 0: none */
	struct inet_addr target;
	uint16_t target_port; /* as measured: a v2 responder may have substituted it */
	struct clock_grade clock;
	struct instrument instrument;
	char detail[SLA_DETAIL_MAX]; /* what happened, for a person; empty when all is well */
	union {                      /* by type; nothing for those of a single packet */
		struct jitter_result jitter;
		struct icmp_jitter_result icmp; /* begins as ``jitter`` does */
		struct path_result path;
		struct dns_result dns;
		struct dhcp_result dhcp;
		struct http_result http;
		struct ftp_result ftp;
		struct multicast_result multicast;
	};
};

#define SLA_RESULT_HEAD offsetof(struct sla_result, jitter) /* octets that every result has */

/* Octets of a result that mean something: it is stored and sent cut off there.  A multiple of its
 * alignment. */
size_t sla_result_size(const struct sla_result *r);

/* The same, but its id, to be kept in few octets: most of a result is zeroes, and a row of these becomes
 * two octets.  ``to`` holds SLA_RESULT_PACKED_MAX; returns how many it took. */
#define SLA_RESULT_PACKED_MAX (2 * sizeof(struct sla_result))
size_t sla_result_pack(const struct sla_result *r, uint8_t *to);

/* The reverse, of what sla_result_pack() made. */
void sla_result_unpack(const uint8_t *from, size_t len, struct op_id id, struct sla_result *ret);

/* The round trips of a run that measures more than one, towards its target; NULL: rtt_ns is all there is. */
const struct sum_stats *sla_result_rtts(const struct sla_result *r);

/* Whether the results of a type (enum sla_type) have a ``jitter`` part. */
bool sla_type_has_jitter(uint8_t type);

#endif
