/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration says of tracked objects and of the routes that follow them.  Texts live in the arena of
 * the configuration. */
#ifndef CANDOR_CONFIG_TRACK_CONF_H
#define CANDOR_CONFIG_TRACK_CONF_H

#include "base/inet.h"
#include "sla/track.h"

#define CONFIG_TRACKS_MAX       1000
#define CONFIG_ROUTES_MAX       4096
#define CONFIG_INTERFACE_OCTETS 15 /* IFNAMSIZ - 1 */
#define CONFIG_VRF_OCTETS       32
#define CONFIG_FILE_NAME_OCTETS 63
#define ROUTE_NAME_OCTETS       50
#define ROUTE_DISTANCE_DEFAULT  1

/* `pin`: whether probes leave by the path that they test. */
enum track_pin {
	TRACK_PIN_AUTO, /* when the object serves exactly one next hop */
	TRACK_PIN_ON,   /* and when it does not, that is said */
	TRACK_PIN_OFF,
};

/* `output keepalived`: a number in a file that keepalived(8) reads as a track_file. */
struct track_file {
	const char *name; /* without a folder; NULL: none */
	int16_t up, down; /* what is written, -254 .. 254 */
};

struct track_conf {
	struct track_cfg cfg;      /* its members are in the arena */
	const char *interface;     /* TRACK_INTERFACE_*; else NULL */
	struct inet_prefix prefix; /* TRACK_ROUTE */
	const char *vrf;           /* TRACK_ROUTE: where it is looked for; NULL: where we are */
	uint8_t pin;               /* enum track_pin */
	bool is_dry_run;           /* everything is decided and logged, nothing is done */
	struct track_file file;
	uint32_t line;
};

/* One static route that is ours: it follows a track, or it is the backup of one that does. */
struct route_conf {
	struct inet_prefix prefix;
	struct inet_addr gateway; /* family none: straight onto the interface */
	const char *interface;    /* NULL: as the kernel finds the gateway */
	const char *vrf;          /* NULL: where we are */
	const char *name;         /* NULL: none */
	uint32_t track;           /* 0: none, a backup */
	uint32_t tag;             /* IOS's; kept and shown */
	uint8_t distance;         /* 1-255; the metric of the kernel */
	bool is_null;             /* Null0: packets are dropped */
	bool permanent;           /* IOS's: not withdrawn when its interface goes; kept and shown */
	bool withdraw_last;       /* ours: withdrawn even if no path is left */
	uint32_t line;
};

/* `track timer …`: IOS's polling intervals.  Changes come by themselves here: it is kept and shown. */
enum track_timer {
	TRACK_TIMER_INTERFACE,
	TRACK_TIMER_IP_ROUTE,
	TRACK_TIMER_IP_SLA,
	TRACK_TIMER_IPV6_ROUTE,
	TRACK_TIMER_LIST,
	TRACK_TIMER_STUB,
	TRACK_TIMER_COUNT,
};

extern const uint32_t track_timer_defaults_ms[TRACK_TIMER_COUNT];
const char *track_timer_words(enum track_timer timer); /* "ip sla" */

struct tracking_conf {
	uint32_t track_count;
	const struct track_conf *tracks; /* by number, rising */
	uint32_t route_count;
	const struct route_conf *routes; /* by family, VRF, prefix, distance, then as written */
	bool withdraw_on_stop;           /* `track routes on-stop withdraw` */
	uint32_t timers_ms[TRACK_TIMER_COUNT];
};

/* The object, or NULL. */
const struct track_conf *tracking_find(const struct tracking_conf *t, uint32_t number);

#define TRACK_SUBJECT_MAX 160
#define ROUTE_TEXT_MAX    240

/* "ip sla 10 reachability"; ``to`` holds TRACK_SUBJECT_MAX.  Returns ``to``. */
char *track_conf_subject(const struct track_conf *c, char *to);

/* "192.0.2.0/24 via 198.51.100.1 on eth0", for people; ``to`` holds ROUTE_TEXT_MAX. */
char *route_conf_text(const struct route_conf *r, char *to);

/* Same family, VRF and prefix: paths of one destination. */
bool route_conf_same_prefix(const struct route_conf *a, const struct route_conf *b);

/* Whether ``track`` looks at operation ``op``, itself or through the objects of its list. */
bool tracking_uses_operation(const struct tracking_conf *t, uint32_t track, uint32_t op);

#endif
