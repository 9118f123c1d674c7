/* SPDX-License-Identifier: Apache-2.0 */
/* Probes of a tracked route leave by the path that they test, also while the route is withdrawn, or it could never
 * come back: their packets bear a mark, a rule sends what bears it to a table of its own, and that table has the path and,
 * behind it, a stop, so that nothing leaves by another way. */
#include "candord/control_tracks.h"

#include "base/xalloc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* --- which operation has which path ---------------------------------------------------------------- */

/* The one path of the routes that look at operation ``op``, itself or through lists; *ret_paths: how many there
 * are. */
static const struct route_state *path_of(const struct control_tracks *t, uint32_t op,
                                         uint32_t *ret_paths)
{
	const struct tracking_conf *conf = tracks_conf(t);
	const struct route_state *found = NULL;

	*ret_paths = 0;
	for (uint32_t i = 0; i < t->route_count; i++) {
		const struct route_state *r = &t->routes[i];

		if (!r->conf->track || !tracking_uses_operation(conf, r->conf->track, op))
			continue;
		if (found && inet_addr_equal(&found->conf->gateway, &r->conf->gateway) &&
		    same_text(found->conf->interface, r->conf->interface) &&
		    found->place == r->place)
			continue;
		found = r;
		++*ret_paths;
	}
	return found;
}

/* What `pin` says of the objects that look at the operation; the strongest word. */
static enum track_pin wish_of(const struct control_tracks *t, uint32_t op)
{
	const struct tracking_conf *conf = tracks_conf(t);
	enum track_pin wish = TRACK_PIN_AUTO;

	for (uint32_t i = 0; i < conf->track_count; i++) {
		const struct track_conf *c = &conf->tracks[i];

		if (c->pin == TRACK_PIN_AUTO || !tracking_uses_operation(conf, c->cfg.number, op))
			continue;
		if (c->pin == TRACK_PIN_OFF)
			return TRACK_PIN_OFF;
		wish = TRACK_PIN_ON;
	}
	return wish;
}

/* Why the operation cannot be pinned to ``r``; NULL: it can. */
static const char *obstacle(const struct op_slot *s, const struct route_state *r, uint32_t paths)
{
	const struct op_params *p = &s->entry.conf->params;
	const char *vrf = p->text.at[OP_TEXT_VRF];
	uint8_t family = p->target.family != INET_NONE ? p->target.family : s->resolved.family;

	if (paths == 0)
		return "no route follows it";
	if (paths > 1)
		return "its routes have several next hops";
	if (!r->place || r->conf->is_null)
		return "its route has no next hop";
	if (family != INET_NONE && family != r->conf->prefix.addr.family)
		return "its target is of another address family";
	if (!same_text(vrf, r->conf->vrf))
		return "it measures in another VRF than its route";
	if (r->place->is_known && r->place->vrf[0] && r->place->table != ROUTE_TABLE_MAIN)
		return "routes of a VRF device cannot be chosen by mark";
	if (p->mark)
		return "it has a mark of its own";
	return NULL;
}

/* --- tables ---------------------------------------------------------------------------------------- */

static struct inet_prefix everything(uint8_t family)
{
	return (struct inet_prefix) { .addr.family = family };
}

static uint32_t interface_of(const struct pin *p)
{
	const struct route_interface *i =
	        p->interface ? place_interface(p->place, p->interface) : NULL;

	return i ? i->index : 0;
}

/* The kernel's table has this path already: of an earlier life. */
static bool is_adoptable(const struct route_entry *e, const struct pin *p)
{
	return route_is_pin_table(e->table) && e->protocol == ROUTE_PROTOCOL && e->hop_count == 1 &&
	       e->prefix.addr.family == p->family &&
	       inet_addr_equal(&e->hops[0].gateway, &p->gateway) &&
	       (!p->interface || e->hops[0].interface == interface_of(p));
}

const struct pin *pins_find(const struct control_tracks *t, uint32_t mark)
{
	for (uint32_t i = 0; i < t->pin_count; i++) {
		if (t->pins[i].mark == mark)
			return &t->pins[i];
	}
	return NULL;
}

static bool is_used(const struct pin *pins, uint32_t count, uint32_t mark)
{
	for (uint32_t i = 0; i < count; i++) {
		if (pins[i].mark == mark)
			return true;
	}
	return false;
}

/* A mark for the path: that of an earlier life, of the old configuration, or a free one.  0: all are given. */
static uint32_t mark_for(const struct control_tracks *t, const struct pin *pins, uint32_t count,
                         const struct pin *p)
{
	const struct place *place = p->place;

	for (uint32_t i = 0; i < place->route_count; i++) {
		if (is_adoptable(&place->routes[i], p) &&
		    !is_used(pins, count, place->routes[i].table))
			return place->routes[i].table;
	}
	for (uint32_t mark = ROUTE_PIN_FIRST; mark < ROUTE_PIN_FIRST + ROUTE_PIN_COUNT; mark++) {
		if (!is_used(pins, count, mark) && !pins_find(t, mark))
			return mark;
	}
	return 0;
}

static bool is_same_pin(const struct pin *p, const struct route_state *r)
{
	return p->place == r->place && p->family == r->conf->prefix.addr.family &&
	       inet_addr_equal(&p->gateway, &r->conf->gateway) &&
	       same_text(p->interface, r->conf->interface);
}

/* The mark of the route's path, which gets a pin if it has none. */
static uint32_t pin_for(const struct control_tracks *t, struct pin *pins, uint32_t *count,
                        const struct route_state *r)
{
	for (uint32_t i = 0; i < *count; i++) {
		if (is_same_pin(&pins[i], r))
			return pins[i].mark;
	}
	struct pin p = { .place = r->place,
		         .gateway = r->conf->gateway,
		         .interface = r->conf->interface,
		         .family = r->conf->prefix.addr.family };

	/* The old configuration is still there. */
	for (uint32_t i = 0; i < t->pin_count && !p.mark; i++) {
		if (is_same_pin(&t->pins[i], r))
			p.mark = t->pins[i].mark;
	}
	if (!p.mark)
		p.mark = mark_for(t, pins, *count, &p);
	if (p.mark)
		pins[(*count)++] = p;
	return p.mark;
}

static void note_conflict(struct control_tracks *t, uint32_t op, const char *why)
{
	for (uint32_t i = 0; i < t->set.count; i++) {
		struct track_more *m = &t->more[i];

		if (m->conf->pin == TRACK_PIN_ON &&
		    tracking_uses_operation(tracks_conf(t), m->conf->cfg.number, op))
			(void)snprintf(m->pin_conflict, sizeof(m->pin_conflict),
			               "operation %u is not pinned: %s", op, why);
	}
}

void pins_apply(struct control_tracks *t)
{
	struct op_table *ops = &t->c->ops;
	struct pin *pins = xcalloc(t->route_count ? t->route_count : 1, sizeof(*pins));
	uint32_t count = 0;

	for (uint32_t i = 0; i < t->set.count; i++)
		t->more[i].pin_conflict[0] = '\0';
	for (uint32_t i = 0; i < ops->count; i++) {
		struct op_slot *s = ops->slots[i];
		uint32_t number = s->entry.id.number, paths, mark = 0;
		const struct route_state *r = path_of(t, number, &paths);
		enum track_pin wish =
		        paths || s->pin_mark || t->set.count ? wish_of(t, number) : TRACK_PIN_OFF;
		const char *why = wish == TRACK_PIN_OFF ? "" : obstacle(s, r, paths);

		if (!why)
			mark = pin_for(t, pins, &count, r);
		else if (*why)
			note_conflict(t, number, why);
		op_table_pin(ops, s, mark);
	}
	free(t->pins);
	t->pins = pins;
	t->pin_count = count;
	for (uint32_t i = 0; i < t->set.count; i++) {
		const struct track_more *m = &t->more[i];

		if (m->pin_conflict[0])
			tracks_say(t, "track", "%u: %s", m->conf->cfg.number, m->pin_conflict);
	}
}

/* --- the kernel ------------------------------------------------------------------------------------ */

static bool has_rule(const struct place *p, uint8_t family, uint32_t mark)
{
	for (uint32_t i = 0; i < p->rule_count; i++) {
		const struct route_rule *r = &p->rules[i];

		if (r->family == family && r->mark == mark && r->table == mark &&
		    r->priority == ROUTE_PIN_RULE_PRIORITY)
			return true;
	}
	return false;
}

static int make_stop(const struct pin *p, struct diag *d)
{
	const struct inet_prefix all = everything(p->family);
	const struct route_entry stop = { .prefix = all,
		                          .table = p->mark,
		                          .metric = ROUTE_PIN_STOP_METRIC,
		                          .kind = ROUTE_UNREACHABLE };

	if (place_find(p->place, p->mark, &all, ROUTE_PIN_STOP_METRIC))
		return 0;
	p->place->is_stale = true;
	return parent_route_add(CONTROL_PARENT_REQUESTS, p->place->number, &stop, d);
}

static int make_path(const struct pin *p, struct diag *d)
{
	const struct inet_prefix all = everything(p->family);
	struct route_entry path = { .prefix = all,
		                    .table = p->mark,
		                    .metric = ROUTE_PIN_METRIC,
		                    .hop_count = 1,
		                    .hops = { { p->gateway, interface_of(p), false } } };
	const struct route_entry *e = place_find(p->place, p->mark, &all, ROUTE_PIN_METRIC);

	if (e && is_adoptable(e, p))
		return 0;
	if (p->interface && interface_of(p) == 0)
		return diag_set(d, -ENODEV, "there is no interface '%s'", p->interface);
	p->place->is_stale = true;
	return e ? parent_route_replace(CONTROL_PARENT_REQUESTS, p->place->number, &path, d)
	         : parent_route_add(CONTROL_PARENT_REQUESTS, p->place->number, &path, d);
}

static int make_rule(const struct pin *p, struct diag *d)
{
	if (has_rule(p->place, p->family, p->mark))
		return 0;
	p->place->is_stale = true;
	return parent_pin_rule(CONTROL_PARENT_REQUESTS, p->place->number,
	                       (enum inet_family)p->family, p->mark, true, d);
}

/* The stop comes first, and the rule last: no probe leaves by another way. */
static void make(struct control_tracks *t, struct pin *p)
{
	struct diag d = { 0 };
	char text[INET_TEXT_MAX];
	int rc, path_rc;

	if (!p->place->is_known)
		return;
	rc = make_stop(p, &d);
	path_rc = rc < 0 ? rc : make_path(p, &d);
	if (rc == 0) {
		struct diag of_rule = { 0 };

		rc = make_rule(p, &of_rule);
		d = rc < 0 ? of_rule : d;
	}
	p->is_ready = rc == 0;
	if (rc == 0 && path_rc == 0) {
		p->error[0] = '\0';
		return;
	}
	t->pin_errors++;
	if (strcmp(p->error, d.text) != 0)
		tracks_say(t, "track", "probes by %s%s%s have no path: %s",
		           p->gateway.family ? inet_addr_format(&p->gateway, text) : "",
		           p->interface ? " on " : "", p->interface ? p->interface : "", d.text);
	(void)snprintf(p->error, sizeof(p->error), "%s", d.text);
}

/* Rules and tables that nobody uses any more; what cannot be deleted is tried again at the next look. */
static void clean_up(const struct control_tracks *t, struct place *p)
{
	struct diag d = { 0 };

	for (uint32_t i = 0; p->is_known && i < p->rule_count; i++) {
		const struct route_rule *r = &p->rules[i];
		const struct pin *pin = pins_find(t, r->mark);

		if (r->priority != ROUTE_PIN_RULE_PRIORITY || !route_is_pin_table(r->mark) ||
		    (pin && pin->place == p && pin->family == r->family))
			continue;
		p->is_stale |=
		        parent_pin_rule(CONTROL_PARENT_REQUESTS, p->number,
		                        (enum inet_family)r->family, r->mark, false, &d) == 0;
	}
	for (uint32_t i = 0; p->is_known && i < p->route_count; i++) {
		const struct route_entry *e = &p->routes[i];
		const struct pin *pin = pins_find(t, e->table);

		if (e->protocol != ROUTE_PROTOCOL || !route_is_pin_table(e->table) ||
		    (pin && pin->place == p && pin->family == e->prefix.addr.family))
			continue;
		p->is_stale |= parent_route_delete(CONTROL_PARENT_REQUESTS, p->number, e, &d) == 0;
	}
}

void pins_run(struct control_tracks *t)
{
	places_look(t);
	for (uint32_t i = 0; i < t->pin_count; i++)
		make(t, &t->pins[i]);
	for (uint32_t i = 0; i < t->place_count; i++)
		clean_up(t, &t->places[i]);
	places_look(t);
}
