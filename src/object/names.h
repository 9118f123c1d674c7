/* SPDX-License-Identifier: Apache-2.0 */
/* Words of documents for the numbers of the model; values out of range give "unknown". */
#ifndef CANDOR_OBJECT_NAMES_H
#define CANDOR_OBJECT_NAMES_H

#include <stdint.h>

const char *name_of_type(uint8_t type);             /* "udp-jitter": the IOS token */
const char *name_of_control(uint8_t control);       /* "disable" "v1" "v2" "auto" */
const char *name_of_codec(uint8_t codec);           /* "none" "g711ulaw" "g711alaw" "g729a" */
const char *name_of_precision(uint8_t precision);   /* "milliseconds" "microseconds" */
const char *name_of_priority(uint8_t priority);     /* "normal" "high" */
const char *name_of_peer_clock(uint8_t trust);      /* "unknown" "assumed" */
const char *name_of_state(uint8_t state);           /* "pending" "inactive" "active" */
const char *name_of_start(uint8_t start);           /* "pending" "now" "after" "at" "random" */
const char *name_of_auth_mode(uint8_t mode);        /* "none" "sha256" "hmac-sha-256" */
const char *name_of_sense(uint8_t sense);           /* sla_sense_name() */
const char *name_of_missed_cause(uint8_t cause);    /* missed_cause_name() */
const char *name_of_oneway(uint8_t reason);         /* oneway_reason_name() */
const char *name_of_clock_source(uint8_t source);   /* clock_source_name() */
const char *name_of_stamp(uint8_t source);          /* stamp_source_name() */
const char *name_of_turnaround(uint8_t kind);       /* turnaround_name() */
const char *name_of_history_filter(uint8_t filter); /* "none" "all" "over_threshold" "failures" */
const char *name_of_permanent(uint8_t kind);        /* "udp-echo" "tcp-connect" */
const char *name_of_http_version(uint8_t version);  /* "1.0" "1.1" */
const char *name_of_enabled(uint8_t is_off);        /* "enable" "disable" */
const char *name_of_ftp_mode(uint8_t mode);         /* "passive" "active" */
const char *name_of_discovery(uint8_t discovery);   /* "udp" "icmp" */
const char *name_of_dns_type(uint8_t type);         /* "a" "aaaa" "ptr" … */
const char *name_of_dns_transport(uint8_t over);    /* "udp" "tcp" */

#endif
