/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel has: interfaces, our routes and rules, and routes of others where they concern us.  Changes make a
 * view stale; it is read anew as a whole, since the kernel does not tell of every route that it drops. */
#include "candord/control_tracks.h"

#include "base/log.h"
#include "base/xalloc.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS_MAX 3 /* at routes that change while they are read */

static bool same_prefix(const struct inet_prefix *a, const struct inet_prefix *b)
{
	return a->length == b->length && inet_addr_equal(&a->addr, &b->addr);
}

/* --- what concerns us ------------------------------------------------------------------------------ */

static bool concerns(const struct place *p, const struct inet_prefix *prefix)
{
	const struct tracking_conf *conf = tracks_conf(p->tracks);

	for (uint32_t i = 0; i < conf->route_count; i++) {
		if (same_prefix(&conf->routes[i].prefix, prefix))
			return true;
	}
	for (uint32_t i = 0; i < conf->track_count; i++) {
		if (conf->tracks[i].cfg.kind == TRACK_ROUTE &&
		    same_prefix(&conf->tracks[i].prefix, prefix))
			return true;
	}
	return false;
}

static bool is_wanted(void *ctx, const struct route_entry *r)
{
	const struct place *p = ctx;

	if (r->protocol == ROUTE_PROTOCOL)
		return true;
	return r->table == p->table && concerns(p, &r->prefix);
}

/* --- looking --------------------------------------------------------------------------------------- */

static void grow(void **list, uint32_t count, uint32_t *cap, size_t size)
{
	if (count < *cap)
		return;
	*cap = *cap ? 2 * *cap : 16;
	*list = xrealloc(*list, *cap, size);
}

static void on_interface(void *ctx, const struct route_interface *i)
{
	struct place *p = ctx;

	grow((void **)&p->interfaces, p->interface_count, &p->interface_cap, sizeof(*i));
	p->interfaces[p->interface_count++] = *i;
	if (i->vrf_table && strcmp(i->name, p->vrf) == 0)
		p->table = i->vrf_table;
}

static void on_route(void *ctx, const struct route_entry *r)
{
	struct place *p = ctx;

	if (!is_wanted(p, r))
		return;
	grow((void **)&p->routes, p->route_count, &p->route_cap, sizeof(*r));
	p->routes[p->route_count++] = *r;
}

static void on_rule(void *ctx, const struct route_rule *r)
{
	struct place *p = ctx;

	if (r->protocol != ROUTE_PROTOCOL)
		return;
	grow((void **)&p->rules, p->rule_count, &p->rule_cap, sizeof(*r));
	p->rules[p->rule_count++] = *r;
}

static int look_once(struct place *p)
{
	const struct route_sink sink = { on_interface, NULL, on_route, on_rule, p };

	p->interface_count = p->route_count = p->rule_count = 0;
	p->table = ROUTE_TABLE_MAIN; /* of a namespace; a VRF device says otherwise */
	return route_look(p->look, &sink);
}

static void look(struct place *p)
{
	int rc = -EINTR;

	if (p->look < 0)
		return;
	p->is_stale = false;
	for (unsigned i = 0; rc == -EINTR && i < LOOKS_MAX; i++)
		rc = look_once(p);
	p->is_known = rc == 0;
	if (rc < 0) {
		(void)snprintf(p->error, sizeof(p->error), "cannot look at the routes: %s",
		               strerror(-rc));
		p->is_stale = true;
	}
}

void places_look(struct control_tracks *t)
{
	for (uint32_t i = 0; i < t->place_count; i++) {
		if (t->places[i].is_stale)
			look(&t->places[i]);
	}
}

/* --- life ------------------------------------------------------------------------------------------ */

static void on_heard(evutil_socket_t fd, short what, void *arg)
{
	struct place *p = arg;
	int rc = route_heard(fd, is_wanted, p);

	(void)what;
	if (rc == 0)
		return;
	if (rc < 0)
		log_err("route", "the kernel tells nothing more of routes: %s", strerror(-rc));
	if (rc < 0 && p->heard)
		(void)event_del(p->heard); /* from now on once a tick */
	p->is_stale = true;
	tracks_look_later(p->tracks);
}

static void close_sockets(struct place *p)
{
	if (p->heard)
		event_free(p->heard);
	p->heard = NULL;
	fd_closep(&p->look);
	fd_closep(&p->monitor);
}

static void open_sockets(struct place *p)
{
	struct diag d = { 0 };

	close_sockets(p);
	p->look = parent_open_routes(CONTROL_PARENT_REQUESTS, p->number, false, &d);
	if (p->look >= 0)
		p->monitor = parent_open_routes(CONTROL_PARENT_REQUESTS, p->number, true, &d);
	if (p->look < 0 || p->monitor < 0) {
		if (strcmp(p->error, d.text) != 0)
			log_err("route", "%s", d.text);
		(void)snprintf(p->error, sizeof(p->error), "%s", d.text);
		close_sockets(p);
		p->is_known = false;
		return;
	}
	p->error[0] = '\0';
	p->is_stale = true;
	p->heard = event_new(p->tracks->c->base, p->monitor, EV_READ | EV_PERSIST, on_heard, p);
	if (!p->heard || event_add(p->heard, NULL) < 0)
		abort(); /* out of memory in the control plane */
}

struct place *place_of(struct control_tracks *t, const char *vrf)
{
	const char *name = vrf ? vrf : "";
	struct place *p = NULL;

	for (uint32_t i = 0; i < t->place_count && !p; i++) {
		if (strcmp(t->places[i].vrf, name) == 0)
			p = &t->places[i];
	}
	if (!p) {
		if (t->place_count == TRACK_PLACES_MAX)
			return NULL;
		p = &t->places[t->place_count++];
		*p = (struct place) { .tracks = t, .look = -1, .monitor = -1 };
		(void)snprintf(p->vrf, sizeof(p->vrf), "%s", name);
		p->number = control_net_name(name);
	}
	if (p->look < 0)
		open_sockets(p);
	return p;
}

void places_renew(struct control_tracks *t)
{
	for (uint32_t i = 0; i < t->place_count; i++) {
		struct place *p = &t->places[i];

		if (p->look < 0 || p->vrf[0])
			open_sockets(p);
		p->is_stale = true;
	}
}

void places_close(struct control_tracks *t)
{
	for (uint32_t i = 0; i < t->place_count; i++) {
		struct place *p = &t->places[i];

		close_sockets(p);
		free(p->interfaces);
		free(p->routes);
		free(p->rules);
	}
	t->place_count = 0;
}

/* --- questions ------------------------------------------------------------------------------------- */

const struct route_interface *place_interface(const struct place *p, const char *name)
{
	for (uint32_t i = 0; i < p->interface_count; i++) {
		if (strcmp(p->interfaces[i].name, name) == 0)
			return &p->interfaces[i];
	}
	return NULL;
}

const struct route_entry *place_find(const struct place *p, uint32_t table,
                                     const struct inet_prefix *prefix, uint32_t metric)
{
	for (uint32_t i = 0; i < p->route_count; i++) {
		const struct route_entry *r = &p->routes[i];

		if (r->protocol == ROUTE_PROTOCOL && r->table == table && r->metric == metric &&
		    same_prefix(&r->prefix, prefix))
			return r;
	}
	return NULL;
}

static bool is_usable(const struct route_entry *r)
{
	for (uint8_t i = 0; i < r->hop_count; i++) {
		if (!r->hops[i].is_dead)
			return true;
	}
	return false;
}

bool place_has_path(const struct place *p, const struct inet_prefix *prefix, bool foreign)
{
	for (uint32_t i = 0; i < p->route_count; i++) {
		const struct route_entry *r = &p->routes[i];

		if (r->table == p->table && same_prefix(&r->prefix, prefix) && is_usable(r) &&
		    !(foreign && r->protocol == ROUTE_PROTOCOL))
			return true;
	}
	return false;
}
