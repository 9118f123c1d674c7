/* SPDX-License-Identifier: Apache-2.0 */
/* `logging …`: where messages go; and the settings that all reactions share. */
#include "config/conf_notify.h"
#include "config/conf_print.h"

#include <string.h>

#define HOST_OCTETS_MAX 253

const char *const logging_transport_names[] = { "udp", "tcp", "tls", NULL };

const char *const logging_facility_names[] = { "kern",   "user",   "mail",   "daemon", "auth",
	                                       "syslog", "lpr",    "news",   "uucp",   "cron",
	                                       "sys10",  "sys11",  "sys12",  "sys13",  "sys14",
	                                       "sys15",  "local0", "local1", "local2", "local3",
	                                       "local4", "local5", "local6", "local7", NULL };

const char *const logging_level_names[] = { "emergencies",   "alerts",    "critical",
	                                    "errors",        "warnings",  "notifications",
	                                    "informational", "debugging", NULL };

const char *const reaction_delivery_names[] = { "everywhere", "strict", NULL };
const char *const reaction_mos_names[] = { "generic", "inverted", NULL };

uint16_t logging_default_port(enum logging_transport transport)
{
	static const uint16_t ports[LOGGING_TRANSPORT_COUNT] = { 514, 601, 6514 };

	return ports[transport];
}

/* --- logging host A [transport {udp | tcp | tls} [port P]] ------------------------------------------- */

static bool take_host(struct conf_parser *p, uint32_t at, const char **ret)
{
	const char *word = conf_word(p, at);
	struct inet_addr addr;
	char text[INET_TEXT_MAX];

	if (!word || strlen(word) > HOST_OCTETS_MAX) {
		conf_error_expected(p, at, "the name or address of a host");
		return false;
	}
	*ret = word;
	if (inet_addr_parse(word, &addr) == 0)
		*ret = inet_addr_format(&addr, text);
	*ret = arena_strdup(&p->cfg->arena, *ret);
	return true;
}

static bool take_transport(struct conf_parser *p, uint32_t at, struct logging_host *ret)
{
	int transport = LOGGING_UDP;
	uint64_t port;

	if (conf_word(p, at)) {
		if (!conf_word_abbreviates(conf_word(p, at), "transport")) {
			conf_error_expected(p, at, "transport or the end of the line");
			return false;
		}
		if (!conf_take_choice(p, at + 1, logging_transport_names, true, &transport))
			return false;
		at += 2;
	}
	port = logging_default_port((enum logging_transport)transport);
	if (conf_word(p, at)) {
		if (!conf_word_abbreviates(conf_word(p, at), "port")) {
			conf_error_expected(p, at, "port or the end of the line");
			return false;
		}
		if (!conf_take_number(p, at + 1, "a port", 1, UINT16_MAX, &port))
			return false;
		at += 2;
	}
	ret->transport = (uint8_t)transport;
	ret->port = (uint16_t)port;
	return conf_take_end(p, at);
}

static bool same_host(const struct logging_host *a, const struct logging_host *b)
{
	return strcmp(a->host, b->host) == 0 && a->transport == b->transport && a->port == b->port;
}

static void remove_hosts(struct conf_parser *p, uint32_t at, const struct logging_host *gone,
                         bool is_any)
{
	struct notify_conf *n = &p->cfg->notify;
	uint32_t left = 0;

	for (uint32_t i = 0; i < n->host_count; i++) {
		const struct logging_host *h = &n->hosts[i];

		if (is_any ? strcmp(h->host, gone->host) != 0 : !same_host(h, gone))
			n->hosts[left++] = *h;
	}
	if (left == n->host_count)
		conf_error(p, at, "no messages go to '%s' so", gone->host);
	n->host_count = left;
}

void conf_logging_host(struct conf_parser *p, const struct conf_match *m)
{
	struct notify_conf *n = &p->cfg->notify;
	struct logging_host host;

	if (!take_host(p, m->at, &host.host) || !take_transport(p, m->at + 1, &host))
		return;
	if (p->form != CONF_SET) {
		remove_hosts(p, m->at, &host, !conf_word(p, m->at + 1));
		return;
	}
	for (uint32_t i = 0; i < n->host_count; i++) {
		if (same_host(&n->hosts[i], &host))
			return;
	}
	if (n->host_count == LOGGING_HOSTS_MAX) {
		conf_error(p, m->at, "expected at most %u hosts", LOGGING_HOSTS_MAX);
		return;
	}
	if (!n->hosts)
		n->hosts = arena_alloc(&p->cfg->arena, LOGGING_HOSTS_MAX * sizeof(*n->hosts));
	n->hosts[n->host_count++] = host;
}

void conf_logging_trap(struct conf_parser *p, const struct conf_match *m)
{
	const char *word = conf_word(p, m->at);
	uint64_t number;
	int level = NOTIFY_LEVEL_DEFAULT;

	if (p->form == CONF_SET && word) {
		if (conf_number_parse(word, &number) && number <= 7)
			level = (int)number;
		else if (!conf_take_choice(p, m->at, logging_level_names, true, &level))
			return;
		if (!conf_take_end(p, m->at + 1))
			return;
	}
	p->cfg->notify.level = (uint8_t)level;
}

void conf_logging_facility(struct conf_parser *p, const struct conf_match *m)
{
	int facility = NOTIFY_FACILITY_DEFAULT;

	if (p->form == CONF_SET &&
	    (!conf_take_choice(p, m->at, logging_facility_names, true, &facility) ||
	     !conf_take_end(p, m->at + 1)))
		return;
	p->cfg->notify.facility = (uint8_t)facility;
}

/* --- switches, which stand alone on their line -------------------------------------------------------- */

void conf_notify_switch(struct conf_parser *p, const struct conf_match *m)
{
	struct notify_conf *n = &p->cfg->notify;
	bool *const switches[] = {
		[NOTIFY_JOURNAL] = &n->journal,
		[NOTIFY_TRAPS] = &n->logging_traps,
		[NOTIFY_ALERTS] = &n->reaction_alerts,
	};

	if (conf_take_end(p, m->at))
		*switches[m->command->value] = p->form == CONF_SET;
}

static void take_setting(struct conf_parser *p, const struct conf_match *m,
                         const char *const *names, uint8_t *ret)
{
	int choice = 0;

	if (p->form == CONF_SET &&
	    (!conf_take_choice(p, m->at, names, false, &choice) || !conf_take_end(p, m->at + 1)))
		return;
	*ret = (uint8_t)choice;
}

void conf_reaction_delivery(struct conf_parser *p, const struct conf_match *m)
{
	take_setting(p, m, reaction_delivery_names, &p->cfg->notify.delivery);
}

void conf_reaction_mos(struct conf_parser *p, const struct conf_match *m)
{
	take_setting(p, m, reaction_mos_names, &p->cfg->notify.mos);
}

/* --- the whole, and printing --------------------------------------------------------------------------- */

void conf_notify_init(struct notify_conf *n)
{
	*n = (struct notify_conf) { .level = NOTIFY_LEVEL_DEFAULT,
		                    .facility = NOTIFY_FACILITY_DEFAULT };
}

void conf_logging_print(const struct notify_conf *n, FILE *to, bool all)
{
	if (n->level != NOTIFY_LEVEL_DEFAULT || all)
		(void)fprintf(to, "logging trap %s\n", logging_level_names[n->level]);
	if (n->facility != NOTIFY_FACILITY_DEFAULT || all)
		(void)fprintf(to, "logging facility %s\n", logging_facility_names[n->facility]);
	for (uint32_t i = 0; i < n->host_count; i++) {
		const struct logging_host *h = &n->hosts[i];
		enum logging_transport transport = (enum logging_transport)h->transport;

		(void)fprintf(to, "logging host %s", h->host);
		if (transport != LOGGING_UDP || h->port != logging_default_port(transport) || all)
			(void)fprintf(to, " transport %s", logging_transport_names[transport]);
		if (h->port != logging_default_port(transport) || all)
			(void)fprintf(to, " port %u", h->port);
		(void)fputc('\n', to);
	}
	if (n->journal || all)
		(void)fprintf(to, "%slogging journal\n", n->journal ? "" : "no ");
}

void conf_reaction_settings_print(const struct notify_conf *n, FILE *to, bool all)
{
	if (n->logging_traps || all)
		(void)fprintf(to, "%sip sla logging traps\n", n->logging_traps ? "" : "no ");
	if (n->reaction_alerts || all)
		(void)fprintf(to, "%sip sla enable reaction-alerts\n",
		              n->reaction_alerts ? "" : "no ");
	if (n->delivery != REACTION_DELIVERY_EVERYWHERE || all)
		(void)fprintf(to, "ip sla reaction-delivery %s\n",
		              reaction_delivery_names[n->delivery]);
	if (n->mos != REACT_MOS_GENERIC || all)
		(void)fprintf(to, "ip sla reaction-mos %s\n", reaction_mos_names[n->mos]);
}
