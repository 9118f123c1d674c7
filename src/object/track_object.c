/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of tracked objects and routes. */
#include "object/track_object.h"

#include "object/names.h"
#include "object/page.h"
#include "object/paths.h"
#include "object/result_object.h"
#include "object/rows.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *name_of_track_kind(uint8_t kind)
{
	static const char *const names[TRACK_KIND_COUNT] = {
		[TRACK_SLA_STATE] = "ip_sla_state",
		[TRACK_SLA_REACHABILITY] = "ip_sla_reachability",
		[TRACK_LIST_AND] = "list_and",
		[TRACK_LIST_OR] = "list_or",
		[TRACK_LIST_WEIGHT] = "list_weight",
		[TRACK_LIST_PERCENTAGE] = "list_percentage",
		[TRACK_INTERFACE_LINE] = "interface_line_protocol",
		[TRACK_INTERFACE_ROUTING] = "interface_routing",
		[TRACK_ROUTE] = "route_reachability",
		[TRACK_STUB] = "stub_object",
	};

	return kind < TRACK_KIND_COUNT ? names[kind] : "unknown";
}

const char *name_of_track_pin(uint8_t pin)
{
	static const char *const names[] = { "auto", "on", "off" };

	return pin < ARRAY_LEN(names) ? names[pin] : "unknown";
}

const char *name_of_route_step(uint8_t step)
{
	return route_step_name(step);
}

static const char *name_of_up(bool is_up)
{
	return is_up ? "up" : "down";
}

static void add_text(struct arena *a, struct doc *to, const char *key, const char *text)
{
	if (text && *text)
		doc_add_text(a, to, key, text);
	else
		doc_add_null(a, to, key);
}

static void add_prefix(struct arena *a, struct doc *to, const struct inet_prefix *prefix)
{
	char text[INET_TEXT_MAX];

	if (prefix->addr.family == INET_NONE)
		doc_add_null(a, to, "prefix");
	else
		doc_add_text(a, to, "prefix",
		             arena_printf(a, "%s/%u", inet_addr_format(&prefix->addr, text),
		                          prefix->length));
}

/* --- one object ------------------------------------------------------------------------------------ */

static const struct object_row conf_rows[] = {
	OBJECT_ROW(OT_U32, OU_S, "delay_up_s", struct track_conf, cfg.delay_up_s),
	OBJECT_ROW(OT_U32, OU_S, "delay_down_s", struct track_conf, cfg.delay_down_s),
	OBJECT_ROW(OT_U32, OU_S, "hold_down_s", struct track_conf, cfg.hold_down_s),
	OBJECT_ROW(OT_TEXT, OU_NONE, "interface", struct track_conf, interface),
	OBJECT_ROW(OT_TEXT, OU_NONE, "vrf", struct track_conf, vrf),
	OBJECT_ROW(OT_BOOL, OU_NONE, "dry_run", struct track_conf, is_dry_run),
	OBJECT_NAME_ROW("pin", struct track_conf, pin, name_of_track_pin),
	OBJECT_ROW(OT_TEXT, OU_NONE, "keepalived_file", struct track_conf, file.name),
	{ 0 },
};

/* What a list of objects shows. */
static void fill_row(const struct tracking_view *v, const struct track_view *t, struct arena *a,
                     struct doc *to)
{
	const struct track *o = t->track;
	char subject[TRACK_SUBJECT_MAX];

	doc_add_int(a, to, "number", o->cfg.number);
	doc_add_text(a, to, "kind", name_of_track_kind(o->cfg.kind));
	doc_add_text(a, to, "subject", track_conf_subject(t->conf, subject));
	doc_add_text(a, to, "state", name_of_up(o->is_up));
	doc_add_bool(a, to, "decided", o->is_settled);
	add_text(a, to, "pending", o->has_pending ? name_of_up(o->is_pending_up) : NULL);
	doc_add_int(a, to, "pending_s", track_pending_s(o, v->now_mono));
	doc_add_int(a, to, "changes", o->changes);
	doc_add_int(a, to, "changed_at_ns", o->changed_at.ns);
	add_text(a, to, "cause", t->cause);
	doc_add_int(a, to, "now_ns", v->now.ns);
}

static void fill_operation(const struct track_view *t, struct arena *a, struct doc *to)
{
	bool is_sla = track_kind_is_sla(t->track->cfg.kind);

	if (is_sla)
		doc_add_int(a, to, "operation", t->track->cfg.subject);
	else
		doc_add_null(a, to, "operation");
	if (is_sla) {
		uint8_t sense = t->has_result ? t->sense : SENSE_OTHER;

		doc_add_text(a, to, "sense", name_of_sense(sense));
		doc_add_int(a, to, "return_code", sense);
	} else {
		doc_add_null(a, to, "sense");
		doc_add_null(a, to, "return_code");
	}
	if (t->has_result)
		doc_add_int(a, to, "rtt_ns", t->rtt_ns);
	else
		doc_add_null(a, to, "rtt_ns");
}

static void fill_members(const struct tracking_view *v, const struct track *o, struct arena *a,
                         struct doc *to)
{
	struct doc *list = doc_add_list(a, to, "members");
	bool by_sum = o->cfg.kind == TRACK_LIST_WEIGHT || o->cfg.kind == TRACK_LIST_PERCENTAGE;

	for (uint32_t i = 0; i < o->cfg.member_count; i++) {
		const struct track_member *m = &o->cfg.members[i];
		const struct track *member = track_set_find(v->set, m->number);
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_int(a, row, "number", m->number);
		doc_add_bool(a, row, "negated", m->is_negated);
		doc_add_int(a, row, "weight", m->weight);
		doc_add_text(a, row, "state", name_of_up(member && member->is_up));
	}
	if (!by_sum) {
		doc_add_null(a, to, "sum");
		doc_add_null(a, to, "threshold_up");
		doc_add_null(a, to, "threshold_down");
		return;
	}
	doc_add_int(a, to, "sum", track_list_sum(v->set, o));
	doc_add_int(a, to, "threshold_up", o->cfg.threshold_up);
	doc_add_int(a, to, "threshold_down", o->cfg.threshold_down);
}

static void fill_pins(const struct track_view *t, struct arena *a, struct doc *to)
{
	struct doc *list = doc_add_list(a, to, "pins");

	for (uint32_t i = 0; i < t->pin_count; i++) {
		const struct track_pin_view *p = &t->pins[i];
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_int(a, row, "operation", p->operation);
		doc_add_int(a, row, "mark", p->mark);
		object_add_addr(a, row, "gateway", &p->gateway);
		add_text(a, row, "interface", p->interface);
		doc_add_bool(a, row, "ready", p->is_ready);
		add_text(a, row, "error", p->error);
	}
}

/* Who follows the object: lists and routes. */
static void fill_tracked_by(const struct tracking_view *v, uint32_t number, struct arena *a,
                            struct doc *to)
{
	struct doc *list = doc_add_list(a, to, "tracked_by");
	char text[ROUTE_TEXT_MAX];

	for (uint32_t i = 0; i < v->track_count; i++) {
		const struct track_cfg *c = &v->tracks[i].track->cfg;

		for (uint32_t k = 0; k < c->member_count; k++) {
			if (c->members[k].number != number)
				continue;
			struct doc *row = doc_add_map(a, list, NULL);

			doc_add_text(a, row, "kind", "track");
			doc_add_text(a, row, "name", arena_printf(a, "%u", c->number));
		}
	}
	for (uint32_t i = 0; i < v->route_count; i++) {
		if (v->routes[i].conf->track != number)
			continue;
		struct doc *row = doc_add_map(a, list, NULL);

		doc_add_text(a, row, "kind", "route");
		doc_add_text(a, row, "name", route_conf_text(v->routes[i].conf, text));
	}
}

static void fill_track(const struct tracking_view *v, const struct track_view *t, struct arena *a,
                       struct doc *to)
{
	uint8_t state = t->conf->cfg.default_state;

	fill_row(v, t, a, to);
	object_fill(conf_rows, t->conf, a, to);
	add_prefix(a, to, &t->conf->prefix);
	add_text(a, to, "default_state",
	         state == TRACK_VALUE_UNKNOWN ? NULL : name_of_up(state == TRACK_VALUE_UP));
	object_add_u64(a, to, "suppressed", t->track->suppressed);
	fill_operation(t, a, to);
	fill_members(v, t->track, a, to);
	fill_pins(t, a, to);
	add_text(a, to, "pin_conflict", t->pin_conflict);
	fill_tracked_by(v, t->conf->cfg.number, a, to);
}

/* --- one route ------------------------------------------------------------------------------------- */

static const struct object_row route_conf_rows[] = {
	OBJECT_ROW(OT_TEXT, OU_NONE, "vrf", struct route_conf, vrf),
	OBJECT_ROW(OT_ADDR, OU_NONE, "gateway", struct route_conf, gateway),
	OBJECT_ROW(OT_TEXT, OU_NONE, "interface", struct route_conf, interface),
	OBJECT_ROW(OT_BOOL, OU_NONE, "null", struct route_conf, is_null),
	OBJECT_ROW(OT_U8, OU_NONE, "distance", struct route_conf, distance),
	OBJECT_ROW(OT_TEXT, OU_NONE, "name", struct route_conf, name),
	OBJECT_ROW(OT_U32, OU_NONE, "tag", struct route_conf, tag),
	OBJECT_ROW(OT_BOOL, OU_NONE, "permanent", struct route_conf, permanent),
	OBJECT_ROW(OT_BOOL, OU_NONE, "withdraw_last", struct route_conf, withdraw_last),
	{ 0 },
};

static const struct object_row route_rows[] = {
	OBJECT_ROW(OT_BOOL, OU_NONE, "installed", struct route_view, path.is_present),
	OBJECT_ROW(OT_BOOL, OU_NONE, "dead", struct route_view, path.is_dead),
	OBJECT_ROW(OT_BOOL, OU_NONE, "dry_run", struct route_view, path.is_dry_run),
	OBJECT_NAME_ROW("step", struct route_view, path.step, name_of_route_step),
	OBJECT_ROW(OT_BOOL, OU_NONE, "foreign", struct route_view, is_foreign),
	OBJECT_ROW(OT_U64, OU_COUNT, "installs", struct route_view, installed),
	OBJECT_ROW(OT_U64, OU_COUNT, "withdrawals", struct route_view, withdrawn),
	OBJECT_ROW(OT_U64, OU_COUNT, "reinstalls", struct route_view, reinstalled),
	OBJECT_ROW(OT_WALL, OU_UNIX_NS, "changed_at_ns", struct route_view, changed_at),
	{ 0 },
};

static void fill_route(const struct tracking_view *v, const struct route_view *r, struct arena *a,
                       struct doc *to)
{
	const struct track *o = track_set_find(v->set, r->conf->track);

	add_prefix(a, to, &r->conf->prefix);
	object_fill(route_conf_rows, r->conf, a, to);
	if (r->conf->track)
		doc_add_int(a, to, "track", r->conf->track);
	else
		doc_add_null(a, to, "track");
	add_text(a, to, "track_state", r->conf->track ? name_of_up(o && o->is_up) : NULL);
	object_fill(route_rows, r, a, to);
	add_text(a, to, "error", r->error);
}

/* --- requests -------------------------------------------------------------------------------------- */

static void list_tracks(const struct tracking_view *v, const struct object_request *q,
                        struct arena *a, struct doc *to)
{
	struct object_page page = object_page_begin(q, a, to);
	uint64_t last = object_body_after(q);
	uint32_t i = 0;

	while (i < v->track_count && v->tracks[i].conf->cfg.number <= last)
		i++;
	for (; i < v->track_count; i++) {
		struct doc *row = doc_new_map(a);

		fill_row(v, &v->tracks[i], a, row);
		if (!object_page_add(&page, row))
			break;
		last = v->tracks[i].conf->cfg.number;
	}
	object_page_end(&page, i < v->track_count, last);
}

static void list_routes(const struct tracking_view *v, const struct object_request *q,
                        struct arena *a, struct doc *to)
{
	struct object_page page = object_page_begin(q, a, to);
	uint64_t i = object_body_after(q);

	for (; i < v->route_count; i++) {
		struct doc *row = doc_new_map(a);

		fill_route(v, &v->routes[i], a, row);
		if (!object_page_add(&page, row))
			break;
	}
	object_page_end(&page, i < v->route_count, i);
}

int tracking_request(void *ctx, const struct object_request *q, struct arena *a, struct doc **ret,
                     struct diag *d)
{
	const struct tracking_view *v = ctx;
	uint64_t number = 0;

	if (strcmp(q->path, "route") == 0) {
		*ret = object_new(a, "route");
		list_routes(v, q, a, *ret);
		return 0;
	}
	if (!object_path_number(q->path, &number)) {
		*ret = object_new(a, "track");
		list_tracks(v, q, a, *ret);
		return 0;
	}
	for (uint32_t i = 0; i < v->track_count; i++) {
		if (v->tracks[i].conf->cfg.number != number)
			continue;
		*ret = object_new(a, "track");
		fill_track(v, &v->tracks[i], a, *ret);
		return 0;
	}
	return diag_set(d, -ENOENT, "there is no tracked object %llu", (unsigned long long)number);
}
