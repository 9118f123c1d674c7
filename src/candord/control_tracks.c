/* SPDX-License-Identifier: Apache-2.0 */
/* Tracked objects in the control process: what results, interfaces and routes mean to them, and what follows from a
 * change: the log, routes, files of other programs. */
#include "candord/control_tracks.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/control_notify.h"
#include "io/state_dir.h"
#include "object/names.h"

#include <errno.h>
#include <event2/event.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_AFTER_US       20000 /* a change in the kernel: others follow mostly */
#define STEPS_MAX           4096  /* changes in one turn: a list of opposites may swing for ever */
#define TICKS_PER_LOOK      5
#define TICKS_PER_FORGIVING 10
#define START_SOON_NS       (60 * NS_PER_S)

static const struct tracking_conf nothing;

const struct tracking_conf *tracks_conf(const struct control_tracks *t)
{
	return t->c->config ? &t->c->config->tracking : &nothing;
}

void tracks_say(struct control_tracks *t, const char *context, const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_info(context, "%s", text);
	control_note_trouble(t->c, text);
}

/* --- what is seen ---------------------------------------------------------------------------------- */

/* An operation that is scheduled and has not run yet decides nothing: its first result is on the way. */
static bool is_awaited(const struct op_entry *e)
{
	const struct op_schedule *s = &e->conf->schedule;

	if (e->has_result || !s->scheduled || s->start == SLA_START_PENDING)
		return false;
	if (e->state == SLA_STATE_ACTIVE)
		return true;
	return e->state == SLA_STATE_PENDING &&
	       (e->next_start.ns == 0 ||
	        wall_diff_ns(e->next_start, control_wall()) < START_SOON_NS);
}

/* A run that did not begin says nothing of the path. */
static bool is_missed(const struct op_entry *e)
{
	struct sla_result r;

	return (e->last_sense == SENSE_BUSY || e->last_sense == SENSE_DROPPED) &&
	       op_entry_latest(e, &r) && r.missed;
}

static void see_operation(struct control_tracks *t, const struct track_cfg *cfg)
{
	const struct op_slot *s = op_table_find(&t->c->ops, cfg->subject);
	const struct op_entry *e = s ? &s->entry : NULL;
	enum track_value value = TRACK_VALUE_UNKNOWN;

	if (e && (is_awaited(e) || (e->has_result && is_missed(e))))
		return;
	if (e && e->has_result && e->state == SLA_STATE_ACTIVE)
		value = track_value_of_sense((enum track_kind)cfg->kind,
		                             (enum sla_sense)e->last_sense);
	track_set_see(&t->set, cfg->number, value);
}

static void see_interface(struct control_tracks *t, const struct track_conf *conf)
{
	const struct place *p = place_of(t, NULL);
	const struct route_interface *i;
	bool is_up;

	if (!p || !p->is_known)
		return;
	i = place_interface(p, conf->interface);
	is_up = i && i->is_up;
	if (conf->cfg.kind == TRACK_INTERFACE_ROUTING)
		is_up = is_up && (conf->prefix.addr.family == INET_V6 ? i->has_v6 : i->has_v4);
	track_set_see(&t->set, conf->cfg.number, is_up ? TRACK_VALUE_UP : TRACK_VALUE_DOWN);
}

static void see_route(struct control_tracks *t, const struct track_conf *conf)
{
	const struct place *p = place_of(t, conf->vrf);

	if (p && p->is_known)
		track_set_see(&t->set, conf->cfg.number,
		              place_has_path(p, &conf->prefix, false) ? TRACK_VALUE_UP
		                                                      : TRACK_VALUE_DOWN);
}

static void see_all(struct control_tracks *t)
{
	for (uint32_t i = 0; i < t->set.count; i++) {
		const struct track_conf *conf = t->more[i].conf;

		switch ((enum track_kind)conf->cfg.kind) {
		case TRACK_SLA_STATE:
		case TRACK_SLA_REACHABILITY:
			see_operation(t, &conf->cfg);
			break;
		case TRACK_INTERFACE_LINE:
		case TRACK_INTERFACE_ROUTING:
			see_interface(t, conf);
			break;
		case TRACK_ROUTE:
			see_route(t, conf);
			break;
		case TRACK_LIST_AND:
		case TRACK_LIST_OR:
		case TRACK_LIST_WEIGHT:
		case TRACK_LIST_PERCENTAGE:
		case TRACK_STUB:
		case TRACK_KIND_COUNT:
			break;
		}
	}
}

/* --- changes --------------------------------------------------------------------------------------- */

static void describe_operation(const struct control_tracks *t, uint32_t number, char *to)
{
	const struct op_slot *s = op_table_find(&t->c->ops, number);
	const struct op_entry *e = s ? &s->entry : NULL;

	if (!e)
		(void)snprintf(to, TRACK_CAUSE_MAX, "operation %u is not there", number);
	else if (!e->has_result || e->state != SLA_STATE_ACTIVE)
		(void)snprintf(to, TRACK_CAUSE_MAX, "operation %u is not running", number);
	else
		(void)snprintf(to, TRACK_CAUSE_MAX, "operation %u returned %s in run %llu", number,
		               name_of_sense(e->last_sense),
		               (unsigned long long)op_entry_last_run(e));
}

/* What an object was decided by. */
static void describe(const struct control_tracks *t, const struct track *o,
                     const struct track_conf *conf, char *to)
{
	char prefix[INET_TEXT_MAX];
	uint32_t up = 0;

	switch ((enum track_kind)o->cfg.kind) {
	case TRACK_SLA_STATE:
	case TRACK_SLA_REACHABILITY:
		describe_operation(t, o->cfg.subject, to);
		return;
	case TRACK_LIST_AND:
	case TRACK_LIST_OR:
		for (uint32_t i = 0; i < o->cfg.member_count; i++) {
			const struct track *m = track_set_find(&t->set, o->cfg.members[i].number);

			up += (m && m->is_up) != o->cfg.members[i].is_negated;
		}
		(void)snprintf(to, TRACK_CAUSE_MAX, "%u of %u objects", up, o->cfg.member_count);
		return;
	case TRACK_LIST_WEIGHT:
	case TRACK_LIST_PERCENTAGE:
		(void)snprintf(to, TRACK_CAUSE_MAX, "%s %d%s",
		               o->cfg.kind == TRACK_LIST_WEIGHT ? "weight" : "share",
		               track_list_sum(&t->set, o),
		               o->cfg.kind == TRACK_LIST_WEIGHT ? "" : " percent");
		return;
	case TRACK_INTERFACE_LINE:
	case TRACK_INTERFACE_ROUTING:
		(void)snprintf(to, TRACK_CAUSE_MAX, "interface %s is %s", conf->interface,
		               o->is_up ? "up" : "down or has no address");
		return;
	case TRACK_ROUTE:
		(void)snprintf(to, TRACK_CAUSE_MAX, "%s route to %s/%u",
		               o->is_up ? "there is a" : "there is no",
		               inet_addr_format(&conf->prefix.addr, prefix), conf->prefix.length);
		return;
	case TRACK_STUB:
	case TRACK_KIND_COUNT:
		(void)snprintf(to, TRACK_CAUSE_MAX, "its default state");
	}
}

/* The file that keepalived tracks. */
static void write_file(const struct track *o, struct track_more *m)
{
	const struct track_file *f = &m->conf->file;
	char text[16];
	int n, rc;

	if (!f->name || m->conf->is_dry_run || (m->has_written && m->written_up == o->is_up))
		return;
	n = snprintf(text, sizeof(text), "%d\n", o->is_up ? f->up : f->down);
	rc = state_replace(CONTROL_OUTPUTS, f->name, text, (size_t)n);
	if (rc < 0)
		log_err("track", "%u: cannot write its file '%s': %s", o->cfg.number, f->name,
		        strerror(-rc));
	m->has_written = rc == 0;
	m->written_up = o->is_up;
}

static const char *state_name(bool is_up)
{
	return is_up ? "Up" : "Down";
}

static void on_change(struct control_tracks *t, const struct track_change *change)
{
	const struct track *o = track_set_find(&t->set, change->number);
	struct track_more *m = &t->more[o - t->set.tracks];
	char subject[TRACK_SUBJECT_MAX], delayed[48] = "", text[DIAG_TEXT_MAX];

	t->changes++;
	describe(t, o, m->conf, m->cause);
	if (change->delayed_ns > 0)
		(void)snprintf(delayed, sizeof(delayed), ", %lld ms later",
		               (long long)(change->delayed_ns / NS_PER_MS));
	(void)snprintf(text, sizeof(text), "%u %s %s -> %s (%s%s%s)", change->number,
	               track_conf_subject(m->conf, subject), state_name(!change->is_up),
	               state_name(change->is_up), m->cause, delayed,
	               m->conf->is_dry_run ? ", dry-run" : "");
	log_info("track", "%s", text);
	control_syslog(t->c, SYSLOG_INFORMATIONAL, "TRACK-6-STATE", text);
	if (!m->conf->is_dry_run)
		control_tell_track(t->c, &(struct track_event) { change->number, change->is_up,
		                                                 subject, m->cause });
	control_publish_track(t->c, change->number);
}

static void arm(struct control_tracks *t)
{
	mono_t at;

	if (!track_set_next(&t->set, &at)) {
		(void)event_del(t->timer); /* it may not be armed */
		return;
	}
	int64_t left_ns = mono_diff_ns(at, control_mono());
	const struct timeval after = { .tv_sec = left_ns > 0 ? left_ns / NS_PER_S : 0,
		                       .tv_usec = left_ns > 0 ? left_ns % NS_PER_S / 1000 + 1 : 0 };

	(void)event_add(t->timer, &after); /* a tick comes anyhow */
}

/* Every change that is due, then all that follows from them. */
static void settle(struct control_tracks *t)
{
	struct track_change change;
	unsigned steps = 0;

	while (steps < STEPS_MAX &&
	       track_set_step(&t->set, control_mono(), control_wall(), &change)) {
		steps++;
		on_change(t, &change);
	}
	routes_run(t);
	for (uint32_t i = 0; i < t->set.count; i++) {
		if (t->set.tracks[i].is_settled)
			write_file(&t->set.tracks[i], &t->more[i]);
	}
	arm(t);
}

static void look_and_settle(struct control_tracks *t)
{
	places_look(t);
	see_all(t);
	settle(t);
}

void tracks_look_later(struct control_tracks *t)
{
	static const struct timeval after = { .tv_usec = LOOK_AFTER_US };

	if (!evtimer_pending(t->later, NULL))
		(void)event_add(t->later, &after); /* a tick comes anyhow */
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	look_and_settle(arg);
}

/* --- configuration --------------------------------------------------------------------------------- */

static void apply_objects(struct control_tracks *t)
{
	const struct tracking_conf *conf = tracks_conf(t);
	struct track_cfg *cfgs = xcalloc(conf->track_count ? conf->track_count : 1, sizeof(*cfgs));
	struct track_more *more = xcalloc(conf->track_count ? conf->track_count : 1, sizeof(*more));

	for (uint32_t i = 0; i < conf->track_count; i++) {
		const struct track *old = track_set_find(&t->set, conf->tracks[i].cfg.number);

		cfgs[i] = conf->tracks[i].cfg;
		if (old)
			memcpy(more[i].cause, t->more[old - t->set.tracks].cause,
			       sizeof(more[i].cause));
		more[i].conf =
		        &conf->tracks[i]; /* files are written anew: their names may be others */
	}
	track_set_apply(&t->set, cfgs, conf->track_count, control_wall());
	free(t->more);
	free(cfgs);
	t->more = more;
}

/* Files that the new configuration does not have. */
static void remove_files(const struct tracking_conf *old, const struct tracking_conf *new)
{
	for (uint32_t i = 0; i < old->track_count; i++) {
		const char *name = old->tracks[i].file.name;
		bool is_there = name == NULL;

		for (uint32_t k = 0; k < new->track_count && !is_there; k++)
			is_there = new->tracks[k].file.name &&strcmp(new->tracks[k].file.name,
			                                             name) == 0;
		if (!is_there)
			(void)!state_remove(CONTROL_OUTPUTS, name); /* nobody writes it any more */
	}
}

void control_tracks_apply(struct control *c, const struct config *old)
{
	struct control_tracks *t = c->tracks;
	const struct tracking_conf *conf = tracks_conf(t);
	struct diag d = { 0 };

	if (old)
		remove_files(&old->tracking, conf);
	/* What an earlier life left is looked at even if nothing is configured any more. */
	if (!t->is_adopted || conf->track_count > 0 || conf->route_count > 0)
		(void)place_of(t, NULL);
	for (uint32_t i = 0; i < t->place_count; i++)
		t->places[i].is_stale = true; /* other prefixes may concern us */
	apply_objects(t);
	routes_apply(t);
	if (!t->is_adopted)
		routes_seed(t);
	places_look(t);
	pins_apply(t);
	if (t->place_count > 0 &&
	    parent_routes_on_stop(CONTROL_PARENT_REQUESTS, conf->withdraw_on_stop, &d) < 0)
		log_err("track", "%s", d.text);
	t->is_adopted = true;
	look_and_settle(t);
	if (conf->track_count == 0 && conf->route_count == 0)
		places_close(t); /* nothing in the kernel concerns us any more */
}

/* --- what happens ---------------------------------------------------------------------------------- */

void control_tracks_operation(struct control *c, uint32_t number)
{
	struct control_tracks *t = c->tracks;
	bool concerns = false;

	for (uint32_t i = 0; i < t->set.count; i++) {
		const struct track_cfg *cfg = &t->set.tracks[i].cfg;

		if (!track_kind_is_sla(cfg->kind) || cfg->subject != number)
			continue;
		see_operation(t, cfg);
		concerns = true;
	}
	if (concerns)
		settle(t);
}

void control_tracks_tick(struct control *c)
{
	struct control_tracks *t = c->tracks;

	if (t->set.count == 0 && t->route_count == 0 && t->pin_count == 0)
		return;
	if (c->ticks % TICKS_PER_LOOK == 0)
		places_renew(t);
	for (uint32_t i = 0; c->ticks % TICKS_PER_FORGIVING == 0 && i < t->route_count; i++)
		t->routes[i].recent = 0;
	look_and_settle(t);
}

int control_tracks_start(struct control *c)
{
	struct control_tracks *t = xcalloc(1, sizeof(*t));

	t->c = c;
	t->timer = evtimer_new(c->base, on_timer, t);
	t->later = evtimer_new(c->base, on_timer, t);
	c->tracks = t;
	return t->timer && t->later ? 0 : -ENOMEM;
}

void control_tracks_stop(struct control *c)
{
	struct control_tracks *t = c->tracks;

	if (!t)
		return;
	places_close(t);
	if (t->timer)
		event_free(t->timer);
	if (t->later)
		event_free(t->later);
	track_set_fini(&t->set);
	free(t->more);
	free(t->routes);
	free(t->pins);
	free(t);
}
