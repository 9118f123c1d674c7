/* SPDX-License-Identifier: Apache-2.0 */
/* Control and the engine: records in, orders out. */
#include "candord/control_state.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "io/clock.h"
#include "io/net_names.h"
#include "io/notify.h"
#include "responder/port_policy.h"

#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#define RECORDS_PER_TURN 256

/* The ring to the engine was full. */
static const struct timeval sync_retry_after = { .tv_usec = 5000 };

/* --- what the engine says ------------------------------------------------------------------------ */

static void took_result(struct control *c, struct op_slot *s)
{
	control_publish_result(c, &s->entry);
	control_export_result(c, &s->entry);
	control_note_sense(c, s);
	control_reactions_take(c, s);
	control_tracks_operation(c, s->entry.id.number);
}

static void on_result(void *ctx, const struct sla_result *result, const struct sketch *rtt)
{
	struct control *c = ctx;
	struct op_slot *s = op_table_find(&c->ops, result->id.number);

	c->results_received++;
	if (!s || !op_entry_take_result(&s->entry, result, rtt, control_mono()))
		return; /* of an older generation */
	op_actions_take_result(&c->actions, s);
	took_result(c, s);
}

/* Whoever hears of results hears of runs that did not begin. */
void control_take_missed(struct control *c, const struct runner_missed *missed)
{
	struct op_slot *s = op_table_find(&c->ops, missed->id.number);

	if (s && op_entry_take_missed(&s->entry, missed, control_mono()))
		took_result(c, s);
}

static void on_missed(void *ctx, const struct runner_missed *missed)
{
	control_take_missed(ctx, missed);
}

/* Its configuration goes with the next tick, together with that of others. */
static void note_aged_out(struct control *c, uint32_t number)
{
	if (c->aged_count == c->aged_room) {
		c->aged_room = c->aged_room ? 2 * c->aged_room : 16;
		c->aged = xrealloc(c->aged, c->aged_room, sizeof(c->aged[0]));
	}
	c->aged[c->aged_count++] = number;
}

static void on_state(void *ctx, const struct runner_state_event *event)
{
	struct control *c = ctx;
	struct op_slot *s = op_table_find(&c->ops, event->id.number);

	if (!s)
		return;
	enum sla_state old_state = s->entry.state;
	wall_t old_start = s->entry.next_start;

	if (!op_entry_take_state(&s->entry, event, control_mono()))
		return;
	op_actions_take_state(&c->actions, s);
	control_export_state(c, &s->entry, old_state);
	/* Waiting for a trigger or another schedule: it begins afresh, as in the table of rttMonCtrlOperState. */
	if (old_state == SLA_STATE_ACTIVE && s->entry.state == SLA_STATE_PENDING &&
	    s->entry.next_start.ns == 0)
		op_entry_reset(&s->entry, control_wall());
	if (old_state == SLA_STATE_ACTIVE && s->entry.state != SLA_STATE_ACTIVE)
		control_reactions_forget(c, event->id.number);
	if (event->removed) {
		log_info("control", "operation %u aged out", event->id.number);
		note_aged_out(c, event->id.number);
		op_table_drop(&c->ops, event->id.number);
		op_actions_check(&c->actions, control_mono());
		control_publish_removed(c, event->id.number);
	} else if (s->entry.state != old_state || s->entry.next_start.ns != old_start.ns) {
		control_publish_operation(c, &s->entry);
	}
	control_tracks_operation(c, event->id.number);
}

static void on_probe(void *ctx, const struct control_probe *answer)
{
	struct control *c = ctx;

	op_actions_take_probe(&c->actions, answer);
}

/* --- what the engine is told --------------------------------------------------------------------- */

static int send_clock(struct control *c)
{
	struct engine_clock_set set = { c->config->clock, c->clock_daemon };

	return channel_send(&c->engine.channel, ENGINE_CLOCK_SET, &set, sizeof(set));
}

uint16_t control_net_name(const char *name)
{
	struct diag d = { 0 };
	uint16_t number = 0;
	bool is_new = false;

	if (!name || !*name)
		return 0;
	int rc = net_name_number(name, &number, &is_new);

	if (rc < 0) {
		log_err("control", "more than %d names of VRFs and interfaces: '%s' cannot be used",
		        NET_NAMES_MAX, name);
		return NET_NAMES_MAX + 1; /* no socket is opened rather than one somewhere else */
	}
	if (is_new && parent_net_name(CONTROL_PARENT_REQUESTS, number, name, &d) < 0)
		log_err("control", "'%s' cannot be used as VRF or interface: %s", name, d.text);
	return number;
}

static int send_responder(struct control *c)
{
	struct responder_cfg *cfg = xcalloc(1, sizeof(*cfg));

	*cfg = c->config->responder;
	for (uint32_t i = 0; i < cfg->permanent_count; i++)
		cfg->permanent[i].vrf = control_net_name(cfg->permanent[i].vrf_name);
	int rc = reserved_ports_read(cfg);

	if (rc < 0)
		log_warn("control", "cannot read the kernel's reserved ports, going on without: %s",
		         strerror(-rc));
	rc = channel_send(&c->engine.channel, ENGINE_RESPONDER_SET, cfg, sizeof(*cfg));

	explicit_bzero(cfg, sizeof(*cfg)); /* it may hold keys */
	free(cfg);
	return rc;
}

static int send_all(struct control *c)
{
	if (c->clock_is_dirty) {
		int rc = send_clock(c);

		if (rc < 0)
			return rc;
		c->clock_is_dirty = false;
	}
	if (c->egress_is_dirty) {
		int rc = channel_send(&c->engine.channel, ENGINE_EGRESS_SET, &c->config->egress,
		                      sizeof(c->config->egress));

		if (rc < 0)
			return rc;
		c->egress_is_dirty = false;
	}
	if (c->responder_is_dirty) {
		int rc = send_responder(c);

		if (rc < 0)
			return rc;
		c->responder_is_dirty = false;
	}
	int rc = op_table_sync(&c->ops, &c->engine.channel, control_wall());

	return rc < 0 ? rc : op_actions_sync(&c->actions, &c->engine.channel);
}

/* A broken channel is the end of this process. */
int control_look_at_engine(struct control *c)
{
	int rc = engine_link_snapshot(&c->engine);

	if (rc == -EBADMSG)
		control_end(c, CANDORD_EXIT_SYSTEM);
	else if (rc == 0)
		control_note_losses(c);
	return rc;
}

/* All is sent and the engine has acted on it: tell the service manager, once. */
static void announce(struct control *c)
{
	if (c->is_announced || !c->engine.is_ready || control_look_at_engine(c) < 0)
		return;
	c->is_announced = true;
	control_note_start(c);
	(void)!notify_ready(); /* nobody may be asking */
	log_info("control", "ready: %u operations, responder %s", c->ops.count,
	         c->config->responder.enabled ? "on" : "off");
}

void control_sync_engine(struct control *c)
{
	if (!c->config)
		return;
	int rc = send_all(c);

	if (rc == -ENOSPC) {
		(void)event_add(c->sync_retry, &sync_retry_after); /* else the next tick does it */
	} else if (rc < 0) {
		log_err("control", "the channel to the engine is broken: %s", strerror(-rc));
		control_end(c, CANDORD_EXIT_SYSTEM);
	} else {
		announce(c);
	}
}

void control_on_engine(struct control *c)
{
	if (engine_link_drain(&c->engine, RECORDS_PER_TURN) < 0)
		control_end(c, CANDORD_EXIT_SYSTEM);
	else if (!c->is_announced)
		control_sync_engine(c);
	control_export_flush(c);
}

void control_engine_init(struct control *c)
{
	c->engine.on_result = on_result;
	c->engine.on_state = on_state;
	c->engine.on_probe = on_probe;
	c->engine.on_missed = on_missed;
	c->engine.ctx = c;
	c->actions.table = &c->ops;
	c->actions.finish = control_finish_action;
	c->actions.ctx = c;
}
