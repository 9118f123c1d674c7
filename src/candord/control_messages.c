/* SPDX-License-Identifier: Apache-2.0 */
/* What is written down: the audit log of changes, and the message log with what the node has to say of
 * itself (docs/namp.md sections 8 and 10). */
#include "candord/control_state.h"

#include "base/log.h"
#include "candord/config_service.h"
#include "io/clock.h"
#include "namp/audit.h"
#include "namp/codes.h"
#include "namp/message_service.h"
#include "object/names.h"
#include "object/node_object.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- callbacks of the message service -------------------------------------------------------------- */

static bool measure(void *ctx, uint32_t number, struct arena *a, struct doc *to)
{
	const struct control *c = ctx;
	const struct op_slot *s = op_table_find(&c->ops, number);

	if (!s || !s->entry.has_result)
		return false;
	operation_measured_fill(&s->entry, a, to);
	return true;
}

static void publish(void *ctx, const char *path, wall_t at, const struct doc *object)
{
	struct control *c = ctx;

	namp_server_publish(c->server, path, at, object);
}

/* --- what the node has to say ---------------------------------------------------------------------- */

static void note(struct control *c, const struct messages_note *n)
{
	/* What is lost is counted, and said in the log when there is room again. */
	(void)messages_log_node(c->messages, n);
}

void control_note_start(struct control *c)
{
	note(c, &(struct messages_note) { .type = "node",
	                                  .text = "candord " CANDOR_VERSION " has started" });
}

void control_note_sense(struct control *c, struct op_slot *s)
{
	const struct op_entry *e = &s->entry;
	uint8_t before = s->noted_sense;
	char text[DIAG_TEXT_MAX];

	if (e->last_sense == before)
		return;
	s->noted_sense = e->last_sense;
	(void)snprintf(text, sizeof(text), "operation %" PRIu32 " (%s %s): %s, was %s",
	               e->id.number, name_of_type(e->conf->params.type), e->conf->target,
	               name_of_sense(e->last_sense), name_of_sense(before));
	note(c, &(struct messages_note) {
	                .type = "measurement", .text = text, .operation = e->id.number });
}

void control_note_change(struct control *c, const struct config_change *change)
{
	/* An edit changes nothing yet; a file that is read again is what a commit is. */
	const char *action = strcmp(change->change, "reload") == 0 ? "commit" : change->change;

	if (strcmp(change->change, "edit") != 0)
		note(c, &(struct messages_note) { .type = "config",
		                                  .action = action,
		                                  .by = change->who,
		                                  .text = change->text });
}

void control_note_trouble(struct control *c, const char *text)
{
	note(c, &(struct messages_note) { .type = "node", .text = text });
}

void control_note_losses(struct control *c)
{
	uint64_t lost = c->engine.end.results_lost;
	char text[DIAG_TEXT_MAX];

	if (lost == c->results_lost_noted)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64 " results were lost between the processes",
	               lost - c->results_lost_noted);
	c->results_lost_noted = lost;
	note(c, &(struct messages_note) { .type = "node", .text = text });
}

/* --- sessions -------------------------------------------------------------------------------------- */

/* Those of certificates and keys: every program on the host that looks at something has a local one. */
static bool is_audited(const struct object_caller *caller)
{
	return strncmp(caller->name, CONTROL_LOCAL_PREFIX, strlen(CONTROL_LOCAL_PREFIX)) != 0;
}

void control_session_began(void *ctx, const struct object_caller *caller)
{
	struct control *c = ctx;

	if (is_audited(caller))
		audit_session(c->audit, caller, true, NAMP_OK);
}

void control_session_ended(void *ctx, const struct object_caller *caller, unsigned code)
{
	struct control *c = ctx;

	config_service_session_ended(c->configs, caller->session);
	if (is_audited(caller))
		audit_session(c->audit, caller, false, code);
}

/* --- life ------------------------------------------------------------------------------------------ */

int control_messages_start(struct control *c)
{
	const struct audit_cfg audit = { .state_dir = CONTROL_STATE_DIR,
		                         .now = control_read_wall,
		                         .boot = control_read_boot,
		                         .ctx = c };
	const struct messages_cfg messages = {
		.state_dir = CONTROL_STATE_DIR,
		.node_name = c->hostname,
		.now = control_read_wall,
		.measure = measure,
		.send = control_datagrams_send,
		.publish = publish,
		.ctx = c,
	};
	struct diag d = { 0 };
	int rc = audit_new(&audit, &c->audit, &d);

	if (rc == 0)
		rc = messages_new(&messages, &c->messages, &d);
	if (rc < 0)
		log_err("control", "%s", d.text);
	return rc;
}

void control_messages_apply(struct control *c)
{
	messages_set_name(c->messages, control_node_name(c));
	messages_set_log_kib(c->messages, c->config->namp.limits.log_kib);
	audit_set_log_kib(c->audit, c->config->namp.limits.log_kib);
}

void control_say_once(bool *is_said, int rc, const char *what)
{
	if (rc < 0 && !*is_said)
		log_err("control", "cannot write the %s: %s", what, strerror(-rc));
	else if (rc == 0 && *is_said)
		log_info("control", "the %s is written again", what);
	*is_said = rc < 0;
}

void control_messages_tick(struct control *c)
{
	control_say_once(&c->messages_fail, messages_flush(c->messages), "message log");
	control_say_once(&c->audit_fails, audit_flush(c->audit), "audit log");
}

void control_messages_stop(struct control *c)
{
	messages_free(c->messages);
	audit_free(c->audit);
}
