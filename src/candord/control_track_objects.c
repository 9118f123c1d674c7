/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked objects and routes for those who ask. */
#include "candord/control_tracks.h"
#include "namp/server.h"
#include "object/track_object.h"

#include <stdio.h>

static struct track_pin_view view_pin(const struct control_tracks *t, const struct op_slot *s)
{
	const struct pin *p = pins_find(t, s->pin_mark);

	return (struct track_pin_view) {
		.operation = s->entry.id.number,
		.mark = s->pin_mark,
		.is_ready = p && p->is_ready,
		.gateway = p ? p->gateway : (struct inet_addr) { 0 },
		.interface = p ? p->interface : NULL,
		.error = p ? p->error : "",
	};
}

static void view_pins(const struct control_tracks *t, struct arena *a, struct track_view *to)
{
	const struct op_table *ops = &t->c->ops;
	struct track_pin_view *pins;
	uint32_t n = 0;

	for (uint32_t i = 0; i < ops->count; i++)
		n += ops->slots[i]->pin_mark != 0;
	pins = arena_alloc(a, (n ? n : 1) * sizeof(*pins));
	for (uint32_t i = 0; i < ops->count && to->pin_count < n; i++) {
		const struct op_slot *s = ops->slots[i];

		if (s->pin_mark && tracking_uses_operation(tracks_conf(t), to->conf->cfg.number,
		                                           s->entry.id.number))
			pins[to->pin_count++] = view_pin(t, s);
	}
	to->pins = pins;
}

static struct track_view view_track(const struct control_tracks *t, uint32_t at, struct arena *a)
{
	const struct track *o = &t->set.tracks[at];
	const struct track_more *m = &t->more[at];
	const struct op_slot *s =
	        track_kind_is_sla(o->cfg.kind) ? op_table_find(&t->c->ops, o->cfg.subject) : NULL;
	struct track_view v = {
		.conf = m->conf, .track = o, .cause = m->cause, .pin_conflict = m->pin_conflict
	};
	struct sla_result result;

	if (s && op_entry_latest(&s->entry, &result)) {
		v.has_result = true;
		v.sense = result.sense;
		v.rtt_ns = result.rtt_ns;
	}
	view_pins(t, a, &v);
	return v;
}

static struct route_view view_route(const struct route_state *r)
{
	return (struct route_view) {
		.conf = r->conf,
		.path = r->path,
		.is_foreign = r->is_foreign,
		.installed = r->installed,
		.withdrawn = r->withdrawn,
		.reinstalled = r->reinstalled,
		.changed_at = r->changed_at,
		.error = *r->error  ? r->error
		         : r->place ? r->place->error
		                    : "",
	};
}

static void view_all(const struct control_tracks *t, struct arena *a, struct tracking_view *ret)
{
	struct track_view *tracks =
	        arena_alloc(a, (t->set.count ? t->set.count : 1) * sizeof(*tracks));
	struct route_view *routes =
	        arena_alloc(a, (t->route_count ? t->route_count : 1) * sizeof(*routes));

	for (uint32_t i = 0; i < t->set.count; i++)
		tracks[i] = view_track(t, i, a);
	for (uint32_t i = 0; i < t->route_count; i++)
		routes[i] = view_route(&t->routes[i]);
	*ret = (struct tracking_view) {
		.conf = tracks_conf(t),
		.set = &t->set,
		.track_count = t->set.count,
		.route_count = t->route_count,
		.tracks = tracks,
		.routes = routes,
		.now_mono = control_mono(),
		.now = control_wall(),
	};
}

int control_tracks_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d)
{
	const struct control *c = ctx;
	struct tracking_view view;

	view_all(c->tracks, a, &view);
	return tracking_request(&view, request, a, ret, d);
}

/* Those who watch the object are told; nobody: no document is made. */
void control_publish_track(struct control *c, uint32_t number)
{
	struct object_request q = { .verb = OBJECT_GET };
	struct arena a = { 0 };
	struct doc *doc = NULL;
	struct diag d = { 0 };
	char path[32];

	(void)snprintf(path, sizeof(path), "track/%u", number);
	if (!c->server || !namp_server_is_watched(c->server, path))
		return;
	q.path = path;
	if (control_tracks_handle(c, &q, &a, &doc, &d) == 0)
		namp_server_publish(c->server, path, control_wall(), doc);
	arena_free(&a);
}
