/* SPDX-License-Identifier: Apache-2.0 */
/* Static routes that follow tracked objects: what sla/route.h decides is carried out by the parent, one path at a
 * time, and the kernel is looked at again until there is nothing more to do. */
#include "candord/control_tracks.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX 4
#define RECENT_MAX 5 /* installations of a route between two forgivings */

/* --- taking over a configuration ------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_same(const struct route_conf *a, const struct route_conf *b)
{
	return route_conf_same_prefix(a, b) && a->distance == b->distance &&
	       a->is_null == b->is_null && inet_addr_equal(&a->gateway, &b->gateway) &&
	       same_text(a->interface, b->interface);
}

/* The old configuration is still there: its routes are compared with the new ones. */
void routes_apply(struct control_tracks *t)
{
	const struct tracking_conf *conf = tracks_conf(t);
	struct route_state *old = t->routes;
	uint32_t old_count = t->route_count;

	t->route_count = conf->route_count;
	t->routes = xcalloc(t->route_count ? t->route_count : 1, sizeof(*t->routes));
	for (uint32_t i = 0; i < t->route_count; i++) {
		struct route_state *r = &t->routes[i];

		for (uint32_t k = 0; k < old_count; k++) {
			if (is_same(old[k].conf, &conf->routes[i]))
				*r = old[k];
		}
		r->conf = &conf->routes[i];
		r->place = place_of(t, r->conf->vrf);
		if (!r->place)
			(void)snprintf(r->error, sizeof(r->error), "there are too many VRFs");
	}
	free(old);
}

/* --- what is there --------------------------------------------------------------------------------- */

static uint32_t index_of(const struct place *p, const char *name)
{
	const struct route_interface *i = name ? place_interface(p, name) : NULL;

	return i ? i->index : 0;
}

static bool hop_fits(const struct route_state *r, const struct route_hop *hop)
{
	return inet_addr_equal(&hop->gateway, &r->conf->gateway) &&
	       (!r->conf->interface || hop->interface == index_of(r->place, r->conf->interface));
}

/* Is the path in our route ``e``?  *ret_dead: but not used. */
static bool is_in(const struct route_state *r, const struct route_entry *e, bool *ret_dead)
{
	*ret_dead = false;
	if (r->conf->is_null)
		return e->kind == ROUTE_BLACKHOLE;
	for (uint8_t i = 0; i < e->hop_count; i++) {
		if (hop_fits(r, &e->hops[i])) {
			*ret_dead = e->hops[i].is_dead;
			return true;
		}
	}
	return false;
}

static const struct route_entry *entry_of(const struct route_state *r)
{
	return place_find(r->place, r->place->table, &r->conf->prefix, r->conf->distance);
}

static void see(struct control_tracks *t, struct route_state *r)
{
	const struct track *object = track_set_find(&t->set, r->conf->track);
	const struct track_conf *conf = tracking_find(tracks_conf(t), r->conf->track);
	const struct route_entry *e = entry_of(r);
	bool was_present = r->path.is_present, is_dead = false;

	r->path = (struct route_path) {
		.distance = r->conf->distance,
		.has_track = r->conf->track != 0,
		.is_settled = !object || object->is_settled,
		.is_up = object && object->is_up,
		.withdraw_last = r->conf->withdraw_last,
		.is_dry_run = conf && conf->is_dry_run,
		.is_present = e && is_in(r, e, &is_dead),
	};
	r->path.is_dead = is_dead;
	if (was_present && !r->path.is_present)
		r->is_lost = true;
}

void routes_seed(struct control_tracks *t)
{
	places_look(t);
	for (uint32_t i = 0; i < t->route_count; i++) {
		struct route_state *r = &t->routes[i];

		if (!r->place || !r->place->is_known)
			continue;
		see(t, r);
		if (r->path.is_present && r->conf->track)
			track_set_seed(&t->set, r->conf->track, true);
	}
}

/* --- changing -------------------------------------------------------------------------------------- */

/* The route of this distance with every path of it that is present, but for ``without``, and with ``with`` (NULL:
 * none). */
static struct route_entry build(const struct control_tracks *t, uint32_t first, uint32_t count,
                                const struct route_state *of, const struct route_state *with)
{
	const struct route_state *without = with ? NULL : of;
	struct route_entry e = { .prefix = of->conf->prefix,
		                 .table = of->place->table,
		                 .metric = of->conf->distance };

	for (uint32_t i = first; i < first + count; i++) {
		const struct route_state *r = &t->routes[i];
		bool is_part = r == with || (r->path.is_present && r != without);

		if (r->conf->distance != of->conf->distance || !is_part)
			continue;
		if (r->conf->is_null) {
			e.kind = ROUTE_BLACKHOLE;
			e.hop_count = 0;
			return e;
		}
		if (e.hop_count < ROUTE_HOPS_MAX)
			e.hops[e.hop_count++] = (struct route_hop) {
				.gateway = r->conf->gateway,
				.interface = index_of(r->place, r->conf->interface),
			};
	}
	return e;
}

static int check_path(const struct route_state *r, struct diag *d)
{
	if (r->conf->interface && index_of(r->place, r->conf->interface) == 0)
		return diag_set(d, -ENODEV, "there is no interface '%s'", r->conf->interface);
	return 0;
}

static int install(struct control_tracks *t, uint32_t first, uint32_t count, struct route_state *r,
                   struct diag *d)
{
	struct route_entry e = build(t, first, count, r, r);
	int rc = check_path(r, d);

	if (rc < 0)
		return rc;
	return entry_of(r) ? parent_route_replace(CONTROL_PARENT_REQUESTS, r->place->number, &e, d)
	                   : parent_route_add(CONTROL_PARENT_REQUESTS, r->place->number, &e, d);
}

static int withdraw(struct control_tracks *t, uint32_t first, uint32_t count, struct route_state *r,
                    struct diag *d)
{
	struct route_entry e = build(t, first, count, r, NULL);
	int rc;

	if (e.hop_count > 0)
		return parent_route_replace(CONTROL_PARENT_REQUESTS, r->place->number, &e, d);
	e = *entry_of(r);
	rc = parent_route_delete(CONTROL_PARENT_REQUESTS, r->place->number, &e, d);
	return rc == -ESRCH ? 0 : rc; /* somebody was faster */
}

static const char *reason_of(const struct control_tracks *t, const struct route_state *r,
                             char to[TRACK_CAUSE_MAX + 32])
{
	(void)snprintf(to, TRACK_CAUSE_MAX + 32, "backup");
	for (uint32_t i = 0; r->conf->track && i < t->set.count; i++) {
		if (t->set.tracks[i].cfg.number == r->conf->track)
			(void)snprintf(to, TRACK_CAUSE_MAX + 32, "track %u is %s: %s",
			               r->conf->track, t->set.tracks[i].is_up ? "up" : "down",
			               t->more[i].cause);
	}
	return to;
}

/* A step, once for as long as it stands. */
static void say_step(struct control_tracks *t, struct route_state *r, const char *what)
{
	char text[ROUTE_TEXT_MAX], why[TRACK_CAUSE_MAX + 32];

	if (r->noted == r->path.step)
		return;
	r->noted = r->path.step;
	tracks_say(t, "route", "%s: %s (%s)", route_conf_text(r->conf, text), what,
	           reason_of(t, r, why));
}

static void note_success(struct control_tracks *t, struct route_state *r)
{
	bool is_install = r->path.step == ROUTE_STEP_INSTALL;

	r->error[0] = '\0';
	r->is_foreign = false;
	r->path.is_present = is_install;
	r->changed_at = control_wall();
	r->installed += is_install;
	r->withdrawn += !is_install;
	r->reinstalled += is_install && r->is_lost;
	if (is_install)
		r->recent++;
	r->noted = ROUTE_STEP_NONE;
	say_step(t, r,
	         !is_install  ? "withdrawn"
	         : r->is_lost ? "installed again, it had been removed"
	                      : "installed");
	r->is_lost = false;
	r->noted = ROUTE_STEP_NONE;
	r->place->is_stale = true;
}

static void note_failure(struct control_tracks *t, struct route_state *r, int rc,
                         const struct diag *d)
{
	char text[ROUTE_TEXT_MAX];

	t->route_errors++;
	r->is_foreign = rc == -EEXIST;
	if (strcmp(r->error, d->text) != 0)
		tracks_say(t, "route", "%s: %s%s", route_conf_text(r->conf, text), d->text,
		           r->is_foreign ? ": a route of somebody else has this prefix and metric, "
		                           "and is left alone"
		                         : "");
	(void)snprintf(r->error, sizeof(r->error), "%s", d->text);
}

/* True: the kernel has changed. */
static bool carry_out(struct control_tracks *t, uint32_t first, uint32_t count,
                      struct route_state *r)
{
	bool is_install = r->path.step == ROUTE_STEP_INSTALL;
	struct diag d = { 0 };
	int rc;

	if (r->path.is_dry_run) {
		say_step(t, r,
		         is_install ? "dry-run, would be installed"
		                    : "dry-run, would be withdrawn");
		return false;
	}
	if (is_install && r->recent >= RECENT_MAX)
		return false; /* somebody takes it away again and again */
	rc = is_install ? install(t, first, count, r, &d) : withdraw(t, first, count, r, &d);
	if (rc < 0) {
		note_failure(t, r, rc, &d);
		return false;
	}
	note_success(t, r);
	return true;
}

/* All paths of one destination. */
static bool run_group(struct control_tracks *t, uint32_t first, uint32_t count)
{
	struct route_path paths[64];
	uint32_t n = count < ARRAY_LEN(paths) ? count : ARRAY_LEN(paths);
	const struct place *p = t->routes[first].place;
	bool has_changed = false;

	if (!p || !p->is_known)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		see(t, &t->routes[first + i]);
		paths[i] = t->routes[first + i].path;
	}
	(void)route_decide(paths, n, place_has_path(p, &t->routes[first].conf->prefix, true));
	for (uint32_t i = 0; i < n; i++) {
		struct route_state *r = &t->routes[first + i];

		r->path.step = paths[i].step;
		if (r->path.step == ROUTE_STEP_INSTALL || r->path.step == ROUTE_STEP_WITHDRAW)
			has_changed |= carry_out(t, first, n, r);
		else if (r->path.step == ROUTE_STEP_HOLD)
			say_step(t, r, "stays, it is the last path");
		else
			r->noted = r->path.step;
	}
	return has_changed;
}

/* --- what is in the kernel and not in the configuration -------------------------------------------- */

static bool is_configured(const struct control_tracks *t, const struct place *p,
                          const struct route_entry *e)
{
	bool has_prefix = false, has_present = false;

	for (uint32_t i = 0; i < t->route_count; i++) {
		const struct route_state *r = &t->routes[i];
		bool is_dead;

		if (r->place != p || r->conf->prefix.length != e->prefix.length ||
		    !inet_addr_equal(&r->conf->prefix.addr, &e->prefix.addr))
			continue;
		if (r->conf->distance == e->metric && is_in(r, e, &is_dead))
			return true;
		has_prefix = true;
		has_present |= r->path.is_present;
	}
	/* Another path to the prefix is on its way: until then this one serves. */
	return has_prefix && !has_present;
}

static bool clean_up(struct control_tracks *t, struct place *p)
{
	bool has_changed = false;

	for (uint32_t i = 0; p->is_known && i < p->route_count; i++) {
		const struct route_entry e = p->routes[i];
		char text[INET_TEXT_MAX];
		struct diag d = { 0 };

		if (e.protocol != ROUTE_PROTOCOL || e.table != p->table || is_configured(t, p, &e))
			continue;
		if (parent_route_delete(CONTROL_PARENT_REQUESTS, p->number, &e, &d) < 0)
			continue; /* at the next look */
		tracks_say(t, "route", "%s/%u metric %u: withdrawn, it is not configured any more",
		           inet_addr_format(&e.prefix.addr, text), e.prefix.length, e.metric);
		has_changed = p->is_stale = true;
	}
	return has_changed;
}

/* --- all of them ----------------------------------------------------------------------------------- */

static uint32_t group_size(const struct control_tracks *t, uint32_t first)
{
	uint32_t n = 1;

	while (first + n < t->route_count &&
	       route_conf_same_prefix(t->routes[first].conf, t->routes[first + n].conf))
		n++;
	return n;
}

void routes_run(struct control_tracks *t)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		bool has_changed = false;

		places_look(t);
		for (uint32_t i = 0, n; i < t->route_count; i += n) {
			n = group_size(t, i);
			has_changed |= run_group(t, i, n);
		}
		for (uint32_t i = 0; i < t->place_count; i++)
			has_changed |= clean_up(t, &t->places[i]);
		if (!has_changed)
			break;
	}
	pins_run(t);
}
