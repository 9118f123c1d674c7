/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked objects and their routes as documents. */
#ifndef CANDOR_OBJECT_TRACK_OBJECT_H
#define CANDOR_OBJECT_TRACK_OBJECT_H

#include "config/track_conf.h"
#include "object/request.h"
#include "sla/route.h"
#include "sla/track.h"

/* An operation whose probes leave by the path that they test. */
struct track_pin_view {
	uint32_t operation, mark;
	bool is_ready;
	struct inet_addr gateway;
	const char *interface, *error; /* error: "" */
};

struct track_view {
	const struct track_conf *conf;
	const struct track *track;
	const char *cause;        /* of the last change; "": none yet */
	const char *pin_conflict; /* "": none */
	bool has_result;          /* of its operation: */
	uint8_t sense;
	int64_t rtt_ns;
	uint32_t pin_count;
	const struct track_pin_view *pins;
};

struct route_view {
	const struct route_conf *conf;
	struct route_path path;
	bool is_foreign;
	uint64_t installed, withdrawn, reinstalled;
	wall_t changed_at;
	const char *error; /* "": none */
};

struct tracking_view {
	const struct tracking_conf *conf;
	const struct track_set *set;
	uint32_t track_count, route_count;
	const struct track_view *tracks; /* by number, rising */
	const struct route_view *routes;
	mono_t now_mono;
	wall_t now;
};

/* Answer for "track", "track/#" and "route"; ``ctx`` is a struct tracking_view.  As object_handle. */
int tracking_request(void *ctx, const struct object_request *q, struct arena *a, struct doc **ret,
                     struct diag *d);

const char *name_of_track_kind(uint8_t kind); /* "ip_sla_state", … */
const char *name_of_track_pin(uint8_t pin);   /* "auto" "on" "off" */
const char *name_of_route_step(uint8_t step); /* route_step_name() */

#endif
