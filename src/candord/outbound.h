/* SPDX-License-Identifier: Apache-2.0 */
/* What control says to the processes that speak to the world for it (courier, hooks), and what they say back: one
 * record a message over a SOCK_SEQPACKET pair, plain values of one build of one binary.  The reader checks type and
 * length; texts end within their arrays. */
#ifndef CANDOR_CANDORD_OUTBOUND_H
#define CANDOR_CANDORD_OUTBOUND_H

#include "candord/control_notify.h"
#include "config/notify_conf.h"
#include "sla/egress.h"
#include "sla/keychain.h"
#include <stdint.h>

#define OUTBOUND_TEXT_MAX  16384u /* octets of a message or a body */
#define OUTBOUND_ERROR_MAX 128u
#define COURIER_HOST_MAX   254u
#define COURIER_JOURNAL \
	LOGGING_HOSTS_MAX /* index of the journal among the destinations of messages */
#define COURIER_DESTINATIONS (LOGGING_HOSTS_MAX + 1 + WEBHOOKS_MAX)
#define COURIER_WEBHOOK(i)   (LOGGING_HOSTS_MAX + 1 + (i))
#define HOOK_OUTPUT_MAX      1024u
#define HOOK_NAME_MAX        64u

enum outbound_type {
	/* Control to courier. */
	OUTBOUND_CONFIGURE = 1, /* struct courier_conf */
	OUTBOUND_MESSAGE,       /* struct courier_message, cut off where its text ends */
	OUTBOUND_EVENT,         /* struct courier_event, likewise */
	/* Courier to control. */
	OUTBOUND_STATUS, /* struct courier_status */
	/* Control to hooks. */
	OUTBOUND_RUN, /* struct hook_run, cut off where its texts end */
	/* Hooks to control. */
	OUTBOUND_RAN,         /* struct hook_ran */
	OUTBOUND_HOOK_STATUS, /* struct hook_status */
};

struct courier_host {
	char host[COURIER_HOST_MAX];
	uint16_t port;
	uint8_t transport; /* enum logging_transport */
};

struct courier_webhook {
	char name[HOOK_NAME_MAX];
	char url[WEBHOOK_URL_MAX];
	uint32_t timeout_s, retries;
	uint8_t key_len; /* 0: not signed */
	uint8_t key[KEYCHAIN_SECRET_MAX];
};

struct courier_conf {
	uint32_t type; /* OUTBOUND_CONFIGURE */
	uint32_t host_count, webhook_count;
	bool journal;
	struct courier_host hosts[LOGGING_HOSTS_MAX];
	struct courier_webhook webhooks[WEBHOOKS_MAX];
	struct egress_policy egress;
};

/* A message of syslog for every configured destination. */
struct courier_message {
	uint32_t type;
	uint8_t severity, facility;
	uint16_t body_at; /* where in the text that begins which people read */
	uint32_t len;
	char text[OUTBOUND_TEXT_MAX]; /* RFC 5424, without a terminator */
};

/* An event for one webhook. */
struct courier_event {
	uint32_t type;
	uint32_t webhook; /* index in the last configuration */
	uint32_t len;
	char text[OUTBOUND_TEXT_MAX]; /* JSON */
};

/* What became of a destination's messages; all counters rise from 0 when it is configured. */
struct courier_counters {
	uint64_t sent, failed, retried, dropped; /* failed: given up; dropped: the queue was full */
	uint32_t queued;
	bool is_connected;
	char error[OUTBOUND_ERROR_MAX]; /* the last one; empty: none since the last success */
};

struct courier_status {
	uint32_t type;
	struct courier_counters destinations[COURIER_DESTINATIONS];
};

/* A command: argv[0] (the bare name) and what follows, then the environment, each with its terminator. */
struct hook_run {
	uint32_t type;
	char hook[HOOK_NAME_MAX];
	uint32_t timeout_s;
	uint32_t argument_count, environment_count;
	uint32_t len;
	char text[HOOK_ORDER_MAX];
};

enum hook_end {
	HOOK_EXITED,   /* value: exit code */
	HOOK_SIGNALED, /* value: signal */
	HOOK_KILLED,   /* at its time limit */
	HOOK_REFUSED,  /* it was not started: why is in the text */
	HOOK_ENDS,
};

struct hook_ran {
	uint32_t type;
	uint8_t end; /* enum hook_end */
	int32_t value;
	uint32_t len;
	int64_t duration_ns;
	char hook[HOOK_NAME_MAX];
	char text[HOOK_OUTPUT_MAX]; /* what it wrote, cut off */
};

struct hook_status {
	uint32_t type;
	uint64_t started, succeeded, failed, killed, refused, dropped;
	uint32_t queued, running;
};

#endif
