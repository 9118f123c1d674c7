/* SPDX-License-Identifier: Apache-2.0 */
/* Tracking in the control process: objects, the kernel's routes as they are, our routes as they should be, and
 * the tables by which pinned probes leave.  Shared by control_tracks.c (objects), control_places.c (the kernel),
 * control_routes.c, control_pins.c and control_track_objects.c (documents) alone. */
#ifndef CANDOR_CANDORD_CONTROL_TRACKS_H
#define CANDOR_CANDORD_CONTROL_TRACKS_H

#include "candord/control_state.h"
#include "io/net_names.h"
#include "io/route_netlink.h"
#include "sla/route.h"
#include "sla/track.h"

#define TRACK_PLACES_MAX 16u
#define TRACK_CAUSE_MAX  160

/* A VRF, or where we are: what the kernel has there. */
struct place {
	struct control_tracks *tracks;
	char vrf[NET_NAME_MAX]; /* "": where we are */
	uint16_t number;        /* of the VRF's name, for the parent */
	uint32_t table;         /* 0: not known yet */
	int look, monitor;      /* -1: not open */
	struct event *heard;
	bool is_known; /* it was looked at */
	bool is_stale; /* something has changed since */
	uint32_t interface_count, interface_cap;
	struct route_interface *interfaces;
	uint32_t route_count, route_cap;
	struct route_entry *routes; /* ours, and those of others to prefixes that concern us */
	uint32_t rule_count, rule_cap;
	struct route_rule *rules;  /* ours */
	char error[DIAG_TEXT_MAX]; /* why nothing is known; "" */
};

/* One route of the configuration. */
struct route_state {
	const struct route_conf *conf;
	struct place *place; /* NULL: there are too many VRFs */
	struct route_path path;
	bool is_foreign; /* somebody else has its prefix and metric */
	bool is_lost;    /* it was there, and we did not take it away */
	uint8_t noted;   /* enum route_step that was last said in the log */
	uint32_t recent; /* installations of late: somebody may be fighting us */
	uint64_t installed, withdrawn, reinstalled;
	wall_t changed_at;
	char error[DIAG_TEXT_MAX]; /* why it could not be installed; "" */
};

/* The path of probes, with its table. */
struct pin {
	uint32_t mark; /* and table */
	struct place *place;
	struct inet_addr gateway; /* family none: onto the interface */
	const char *interface;    /* of the configuration; NULL */
	uint8_t family;
	bool is_ready; /* rule and tables are there, perhaps without a usable path */
	char error[DIAG_TEXT_MAX];
};

/* What an object has beside its state. */
struct track_more {
	const struct track_conf *conf;
	char cause[TRACK_CAUSE_MAX]; /* of the last change */
	bool has_written;            /* its file has: */
	bool written_up;
	char pin_conflict[DIAG_TEXT_MAX]; /* why `pin` cannot be done; "" */
};

struct control_tracks {
	struct control *c;
	struct track_set set;
	struct track_more *more; /* as the set has its objects */
	struct event *timer;     /* the next delayed change */
	struct event *later;     /* a look at the kernel, after its changes */
	bool is_adopted;         /* what an earlier life left was looked at */
	uint32_t place_count;
	struct place places[TRACK_PLACES_MAX];
	uint32_t route_count;
	struct route_state *routes; /* as the configuration has them */
	uint32_t pin_count;
	struct pin *pins;
	uint64_t changes, route_errors, pin_errors;
};

/* control_places.c */
/* The place of a VRF (NULL: where we are), opened; NULL: there are too many. */
struct place *place_of(struct control_tracks *t, const char *vrf);
void places_look(struct control_tracks *t); /* at those that are stale */
/* All of them are stale, and those of VRFs opened anew: a namespace may have come, gone, or been made again. */
void places_renew(struct control_tracks *t);
void places_close(struct control_tracks *t);
/* By name; NULL: there is none. */
const struct route_interface *place_interface(const struct place *p, const char *name);
/* Our route with this prefix and metric in this table, or NULL. */
const struct route_entry *place_find(const struct place *p, uint32_t table,
                                     const struct inet_prefix *prefix, uint32_t metric);
/* A usable route to the prefix; ``foreign``: of others alone. */
bool place_has_path(const struct place *p, const struct inet_prefix *prefix, bool foreign);

/* control_routes.c */
void routes_apply(struct control_tracks *t); /* the configuration is a new one */
void routes_seed(struct control_tracks *t);  /* objects of routes that an earlier life left */
void routes_run(struct control_tracks *t);   /* decide, and carry it out */

/* control_pins.c */
void pins_apply(struct control_tracks *t);
void pins_run(struct control_tracks *t); /* make what is missing, take away what is not wanted */
const struct pin *pins_find(const struct control_tracks *t, uint32_t mark); /* or NULL */

/* control_tracks.c */
const struct tracking_conf *tracks_conf(const struct control_tracks *t);
void tracks_look_later(struct control_tracks *t);
/* In the log and in the message log. */
void tracks_say(struct control_tracks *t, const char *context, const char *fmt, ...)
        PRINTF_LIKE(3, 4);

#endif
