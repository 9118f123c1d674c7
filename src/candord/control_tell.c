/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told of an event: messages of syslog in the words of routers, alarms, webhooks and hooks. */
#include "candord/control_notify.h"
#include "candord/control_reactions.h"
#include "candord/control_state.h"
#include "export/event_doc.h"
#include "namp/message_service.h"
#include "object/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALARM_NAME_MAX 64
#define NUMBER_MAX     24

/* --- delivery ------------------------------------------------------------------------------------------------ */

static bool is_flag(const struct reaction_conf *conf)
{
	return reaction_elements[conf->element].unit == REACT_UNIT_FLAG;
}

/* The manuals of routers: flags to both, rtt of operations other than jitter as a trap alone, the rest as
 * messages alone. */
static bool is_for_trap_alone(const struct reaction_event_view *e)
{
	return e->row->conf.element == REACT_RTT &&
	       !sla_type_has_jitter(e->entry->conf->params.type);
}

static bool goes_to_syslog(const struct control *c, const struct reaction_event_view *e)
{
	return c->config->notify.delivery != REACTION_DELIVERY_STRICT || !is_for_trap_alone(e);
}

static bool goes_to_alarm(const struct control *c, const struct reaction_event_view *e)
{
	return c->config->notify.delivery != REACTION_DELIVERY_STRICT || is_flag(&e->row->conf) ||
	       is_for_trap_alone(e);
}

/* --- syslog -------------------------------------------------------------------------------------------------- */

/* UNVERIFIED: the wording for flags, and the mnemonic OPER_VERIFY. */
static const char *old_mnemonic(uint8_t element)
{
	switch (element) {
	case REACT_TIMEOUT:
		return "RTT-4-OPER_TIMEOUT";
	case REACT_CONNECTION_LOSS:
		return "RTT-4-OPER_CLOSS";
	case REACT_VERIFY_ERROR:
		return "RTT-4-OPER_VERIFY";
	default:
		return NULL;
	}
}

static void format_text(const struct reaction_event_view *e, char *to, size_t cap)
{
	static const char *const words[][2] = { { "exceeded", "below" },
		                                { "Occurred", "Cleared" } };
	const struct reaction_conf *conf = &e->row->conf;
	bool second = is_flag(conf) ? e->outcome.event == REACT_CLEARED : e->outcome.is_below;

	(void)snprintf(to, cap, "IP SLAs(%" PRIu32 "): Threshold %s for %s", conf->operation,
	               words[is_flag(conf)][second], reaction_elements[conf->element].name);
}

static void tell_syslog(struct control *c, const struct reaction_event_view *e)
{
	const struct reaction_conf *conf = &e->row->conf;
	const struct reaction_element_info *info = &reaction_elements[conf->element];
	const char *old = old_mnemonic(conf->element);
	char text[DIAG_TEXT_MAX], number[NUMBER_MAX], value[NUMBER_MAX], rising[NUMBER_MAX],
	        falling[NUMBER_MAX];
	const struct syslog_datum data[] = {
		{ "operation", number },
		{ "element", info->name },
		{ "state", reaction_event_state(conf, e->outcome) },
		{ "value", value },
		{ "unit", reaction_unit_name((enum reaction_unit)info->unit) },
		{ "rising", rising },
		{ "falling", falling },
		{ "type", name_of_type(e->entry->conf->params.type) },
		{ "target", e->entry->conf->target },
		{ "tag", e->entry->conf->tag },
		{ NULL, NULL },
	};

	(void)snprintf(number, sizeof(number), "%" PRIu32, conf->operation);
	(void)snprintf(value, sizeof(value), "%" PRId64, e->row->state.value);
	(void)snprintf(rising, sizeof(rising), "%u", conf->rising);
	(void)snprintf(falling, sizeof(falling), "%u", conf->falling);
	format_text(e, text, sizeof(text));
	control_syslog_data(c, SYSLOG_ERROR, "RTT-3-IPSLATHRESHOLD", text, "reaction", data);
	if (!old)
		return;
	(void)snprintf(text, sizeof(text), "condition %s, entry number = %" PRIu32,
	               e->outcome.event == REACT_RAISED ? "occurred" : "cleared", conf->operation);
	control_syslog_data(c, SYSLOG_WARNING, old, text, "reaction", data);
}

/* --- alarms -------------------------------------------------------------------------------------------------- */

/* ``severity`` NULL: it is over. */
static void send_alarm(struct control *c, const struct reaction_conf *conf, const char *severity,
                       const char *text)
{
	char name[ALARM_NAME_MAX];

	(void)snprintf(name, sizeof(name), "sla/%" PRIu32 "/%s", conf->operation,
	               reaction_elements[conf->element].name);
	const struct messages_alarm alarm = {
		.name = name,
		.severity = severity,
		.text = text,
		.operation = conf->operation,
		.peer_count = c->datagrams ? c->config->namp.peer_count : 0,
		.peers = c->config->namp.peers,
	};

	(void)messages_alarm(c->messages, &alarm); /* what is lost is counted, and said later */
}

static void tell_alarm(struct control *c, const struct reaction_event_view *e)
{
	const struct reaction_conf *conf = &e->row->conf;
	const char *severity = is_flag(conf) ? "major" : "minor";
	char text[DIAG_TEXT_MAX];

	format_text(e, text, sizeof(text));
	send_alarm(c, conf, e->outcome.event == REACT_RAISED ? severity : NULL, text);
}

void control_end_alarm(struct control *c, const struct reaction_conf *conf)
{
	char text[DIAG_TEXT_MAX];

	(void)snprintf(text, sizeof(text),
	               "IP SLAs(%" PRIu32 "): %s is not watched any more, or begins anew",
	               conf->operation, reaction_elements[conf->element].name);
	send_alarm(c, conf, NULL, text);
}

/* --- webhooks and hooks ---------------------------------------------------------------------------------------- */

static void send_doc(struct control *c, uint32_t webhook, const struct doc *d)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to)
		return;
	int rc = doc_write_json(d, to, 0);

	if (fclose(to) == 0 && rc == 0)
		control_outbound_event(c, webhook, text, len);
	free(text);
}

static void run(struct control *c, const char *hook, const char *const *environment)
{
	const struct hook_order order = { .hook = hook, .environment = environment };
	struct diag d = { 0 };

	if (control_run_hook(c, &order, &d) < 0)
		control_note_trouble(c, d.text);
}

static void tell_consumers(struct control *c, const struct reaction_event_view *e)
{
	const struct notify_conf *n = &c->config->notify;
	const struct event_head head = { control_node_name(c), e->serial, e->at };
	enum reaction_element element = (enum reaction_element)e->row->conf.element;
	uint32_t number = e->row->conf.operation;
	struct arena a = { 0 };

	for (uint32_t i = 0; i < n->webhook_count; i++) {
		if (event_list_has_reaction(&n->webhooks[i].events, number, element))
			send_doc(c, i, event_doc_reaction(&head, e->row, e->entry, e->outcome, &a));
	}
	for (uint32_t i = 0; i < n->hook_count; i++) {
		if (event_list_has_reaction(&n->hooks[i].events, number, element))
			run(c, n->hooks[i].name,
			    event_environment_reaction(&head, e->row, e->entry, e->outcome, &a));
	}
	arena_free(&a);
}

bool control_tell_reaction(struct control *c, const struct reaction_event_view *e)
{
	const struct notify_conf *n = &c->config->notify;
	bool is_alarm = goes_to_alarm(c, e);

	if (n->logging_traps && goes_to_syslog(c, e))
		tell_syslog(c, e);
	if (is_alarm)
		tell_alarm(c, e);
	if (n->reaction_alerts)
		tell_consumers(c, e);
	return is_alarm;
}

void control_tell_track(struct control *c, const struct track_event *e)
{
	const struct notify_conf *n = &c->config->notify;
	const struct event_head head = { control_node_name(c), ++c->event_serial, control_wall() };
	struct arena a = { 0 };

	for (uint32_t i = 0; i < n->webhook_count; i++) {
		if (event_list_has_track(&n->webhooks[i].events, e->number, e->is_up))
			send_doc(c, i,
			         event_doc_track(&head, e->number, e->is_up, e->what, e->text, &a));
	}
	for (uint32_t i = 0; i < n->hook_count; i++) {
		if (event_list_has_track(&n->hooks[i].events, e->number, e->is_up))
			run(c, n->hooks[i].name,
			    event_environment_track(&head, e->number, e->is_up, e->what, e->text,
			                            &a));
	}
	arena_free(&a);
}
