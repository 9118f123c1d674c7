/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told of what happens, and how: `logging …`, `webhook NAME`, `hook NAME`, and the settings of
 * reactions that are not those of one operation. */
#ifndef CANDOR_CONFIG_NOTIFY_CONF_H
#define CANDOR_CONFIG_NOTIFY_CONF_H

#include "base/inet.h"
#include "sla/reaction.h"
#include <stdbool.h>
#include <stdint.h>

#define LOGGING_HOSTS_MAX    16u
#define WEBHOOKS_MAX         64u
#define HOOKS_MAX            64u
#define EVENTS_MAX           64u /* of one webhook or hook */
#define HOOK_CONF_WORDS_MAX  16u /* arguments in a `command` line */
#define HOOK_FILE_OCTETS_MAX 64u /* bare name of a command, with its terminator */
#define WEBHOOK_URL_MAX      1024u

enum logging_transport {
	LOGGING_UDP, /* RFC 5426 */
	LOGGING_TCP, /* RFC 6587, octet counting */
	LOGGING_TLS, /* RFC 5425 */
	LOGGING_TRANSPORT_COUNT,
};

extern const char *const logging_transport_names[]; /* "udp", "tcp", "tls"; NULL-terminated */

struct logging_host {
	const char *host;  /* a name as written, or an address in its usual form */
	uint8_t transport; /* enum logging_transport */
	uint16_t port;
};

uint16_t logging_default_port(enum logging_transport transport); /* 514, 601, 6514 */

extern const char *const logging_facility_names[]; /* by number of RFC 5424 section 6.2.1 */
extern const char *const logging_level_names[];    /* by severity; words of IOS */

enum event_kind {
	EVENT_IPSLA, /* a reaction */
	EVENT_TRACK, /* a tracked object changed */
};

enum event_state {
	EVENT_STATE_ANY,
	EVENT_STATE_DOWN,
	EVENT_STATE_UP,
};

/* Which events a webhook or hook is for. */
struct event_filter {
	uint8_t kind;    /* enum event_kind */
	uint8_t element; /* EVENT_IPSLA: enum reaction_element; REACT_ELEMENT_COUNT: any */
	uint8_t state;   /* EVENT_TRACK: enum event_state */
	uint32_t number; /* of the operation or object; 0: all */
};

struct event_list {
	uint32_t count;
	struct event_filter *events; /* EVENTS_MAX of them, or NULL when there is none */
};

bool event_filter_equal(const struct event_filter *a, const struct event_filter *b);

/* Whether one of the filters lets it pass.  ``element``, ``state``: as the kind has it. */
bool event_list_has_reaction(const struct event_list *l, uint32_t number,
                             enum reaction_element element);
bool event_list_has_track(const struct event_list *l, uint32_t number, bool is_up);

struct webhook_conf {
	const char *name;
	const char *url;      /* https://… */
	const char *keychain; /* that signs the body; NULL: none */
	uint32_t timeout_s;   /* of one attempt */
	uint32_t retries;     /* further attempts of one delivery */
	struct event_list events;
};

struct hook_conf {
	const char *name;
	const char *file; /* bare name in the folder of hooks */
	uint32_t argument_count;
	const char *arguments[HOOK_CONF_WORDS_MAX];
	uint32_t timeout_s;
	struct event_list events;
};

enum reaction_delivery {
	REACTION_DELIVERY_EVERYWHERE, /* every reaction to syslog and as an alarm */
	REACTION_DELIVERY_STRICT,     /* to those that the manuals of routers name */
};

extern const char *const reaction_delivery_names[]; /* "everywhere", "strict" */
extern const char *const reaction_mos_names[];      /* "generic", "inverted" */

struct notify_conf {
	bool logging_traps;   /* `ip sla logging traps`: reactions go to syslog */
	bool reaction_alerts; /* `ip sla enable reaction-alerts`: to webhooks and hooks */
	bool journal;         /* `logging journal` */
	uint8_t level;        /* `logging trap`: messages of this severity and graver ones */
	uint8_t facility;     /* `logging facility` */
	uint8_t delivery;     /* enum reaction_delivery */
	uint8_t mos;          /* enum reaction_mos */
	uint32_t host_count, webhook_count, hook_count;
	struct logging_host *hosts;
	struct webhook_conf *webhooks;
	struct hook_conf *hooks;
};

const struct hook_conf *notify_find_hook(const struct notify_conf *n,
                                         const char *name); /* or NULL */

bool notify_conf_equal(const struct notify_conf *a, const struct notify_conf *b);

#endif
