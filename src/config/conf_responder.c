/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla responder`: switching it on, permanent ports, and the block of settings. */
#include "base/inet.h"
#include "config/conf_parser.h"
#include "config/conf_print.h"
#include "config/conf_rows.h"
#include "responder/responder_rows.h"

#include <stdio.h>
#include <string.h>

#define KEYS_MAX 64

void conf_responder_enable(struct conf_parser *p, const struct conf_match *m)
{
	if (conf_take_end(p, m->at))
		p->cfg->responder.enabled = p->form == CONF_SET;
}

/* --- permanent ports --- */

static bool same_port(const struct permanent_port *a, const struct permanent_port *b)
{
	return a->kind == b->kind && a->port == b->port && inet_addr_equal(&a->addr, &b->addr) &&
	       strcmp(a->vrf_name, b->vrf_name) == 0;
}

static uint32_t permanent_find(const struct responder_cfg *cfg, const struct permanent_port *port)
{
	for (uint32_t i = 0; i < cfg->permanent_count; i++) {
		if (same_port(&cfg->permanent[i], port))
			return i;
	}
	return UINT32_MAX;
}

static bool take_vrf(struct conf_parser *p, uint32_t at, struct permanent_port *ret)
{
	const char *name;

	if (!conf_take_name(p, at, "the name of a VRF", NET_NAME_MAX - 1, &name))
		return false;
	if (!net_name_is_valid(name)) {
		conf_error_expected(p, at, CONF_VRF_NAME);
		return false;
	}
	(void)snprintf(ret->vrf_name, sizeof(ret->vrf_name), "%s", name);
	return true;
}

/* [ipaddress ADDRESS] port PORT [vrf NAME] */
static bool take_permanent(struct conf_parser *p, uint32_t at, struct permanent_port *ret)
{
	static const char *const words[] = { "ipaddress", "port", "vrf", NULL };
	uint64_t number = 0;
	int word;

	while (at < p->line.count) {
		if (!conf_take_choice(p, at, words, true, &word))
			return false;
		bool good = word == 0 ? conf_take_addr(p, at + 1, &ret->addr)
		            : word == 1
		                    ? conf_take_number(p, at + 1, "a port", 1, UINT16_MAX, &number)
		                    : take_vrf(p, at + 1, ret);

		if (!good)
			return false;
		at += 2;
	}
	if (number == 0) {
		conf_error_expected(p, at, "port and its number");
		return false;
	}
	if (inet_addr_is_unspecified(&ret->addr) && ret->addr.family == INET_V4)
		ret->addr = (struct inet_addr) { 0 };
	ret->port = (uint16_t)number;
	return true;
}

void conf_responder_permanent(struct conf_parser *p, const struct conf_match *m)
{
	struct responder_cfg *cfg = &p->cfg->responder;
	struct permanent_port port = { .kind = m->command->value };

	if (!take_permanent(p, m->at, &port))
		return;
	uint32_t index = permanent_find(cfg, &port);

	if (p->form != CONF_SET) {
		if (index == UINT32_MAX) {
			conf_error(p, m->at, "there is no such permanent port above");
			return;
		}
		uint32_t behind = --cfg->permanent_count - index;

		memmove(&cfg->permanent[index], &cfg->permanent[index + 1], behind * sizeof(port));
		memmove(&p->permanent_at[index], &p->permanent_at[index + 1],
		        behind * sizeof(p->permanent_at[0]));
	} else if (index == UINT32_MAX) {
		if (cfg->permanent_count == RESPONDER_PERMANENT_MAX) {
			conf_error(p, m->at, "expected at most %d permanent ports",
			           RESPONDER_PERMANENT_MAX);
			return;
		}
		p->permanent_at[cfg->permanent_count] = conf_place(p, m->at);
		cfg->permanent[cfg->permanent_count++] = port;
	}
}

/* --- ip sla responder settings --- */

static void *settings_object(struct conf_parser *p)
{
	return &p->cfg->responder;
}

struct settings_keys {
	uint32_t count;
	struct conf_row_key keys[KEYS_MAX];
};

/* Built at first use; the same for every parser. */
static const struct settings_keys *settings_keys(void)
{
	static struct settings_keys k;

	if (k.count > 0)
		return &k;
	for (const struct conf_row *row = responder_rows;
	     row->kind != CK_NONE && k.count < KEYS_MAX; row++)
		k.keys[k.count++] = (struct conf_row_key) {
			.words = row->keyword,
			.row = row,
			.object = settings_object,
		};
	return &k;
}

/* access-group NAME | access-group ipv6 NAME */
static void access_group(struct conf_parser *p, const struct conf_match *m)
{
	bool is_ipv6 = m->command->value != 0;
	struct name_ref *to = is_ipv6 ? &p->responder_acl6 : &p->responder_acl;
	struct name_ref ref = { .place = conf_place(p, m->at) };

	if (p->form != CONF_SET) {
		*to = (struct name_ref) { 0 };
		return;
	}
	if (conf_take_name(p, m->at, "the name of an access list", CONF_NAME_MAX, &ref.name) &&
	    conf_take_end(p, m->at + 1))
		*to = ref;
}

static const struct conf_command access_group_words[] = {
	{ .word = "ipv6",
	  .flags = CC_OWN | CC_NO,
	  .value = 1,
	  .run = access_group,
	  .usage = "WORD=Name of the list;",
	  .help = "Access list of IPv6 sources" },
	{ 0 },
};

static const struct conf_command settings_commands[] = {
	{ .word = "access-group",
	  .flags = CC_OWN | CC_NO,
	  .next = access_group_words,
	  .run = access_group,
	  .usage = "WORD=Name of the list;",
	  .help = "Access list of IPv4 sources" },
	{ 0 },
};

static struct conf_match settings_find(const struct conf_parser *p, uint32_t at)
{
	struct conf_match m = conf_words_walk(settings_commands, &p->line, at);

	if (m.found == CONF_FOUND_NOTHING)
		m = conf_row_keys_find(settings_keys()->keys, settings_keys()->count, &p->line, at);
	return m;
}

static void settings_run(struct conf_parser *p, const struct conf_match *m)
{
	if (m->command)
		m->command->run(p, m);
	else if (m->found != CONF_FOUND)
		conf_row_keys_error(p, m, settings_keys()->keys, settings_keys()->count);
	else
		(void)conf_row_line(p, m); /* reports its own error */
}

static struct conf_offer settings_offer(const struct conf_parser *p)
{
	(void)p;
	return (struct conf_offer) {
		.commands = { settings_commands },
		.keys = settings_keys()->keys,
		.key_count = settings_keys()->count,
	};
}

static const struct conf_mode mode_settings = {
	.name = "responder settings",
	.prompt = "config-ip-sla-responder",
	.parent = &conf_mode_global,
	.find = settings_find,
	.run = settings_run,
	.offer = settings_offer,
};

void conf_responder_settings(struct conf_parser *p, const struct conf_match *m)
{
	if (!conf_take_end(p, m->at))
		conf_go_deaf(p, &conf_mode_global, p->line.token[0].column, true);
	else
		p->mode = &mode_settings;
}

/* --- the whole --- */

/* Copy the rules of one list behind those that are there. */
static const char *resolve_list(struct conf_parser *p, const struct name_ref *ref, uint8_t family)
{
	struct responder_cfg *to = &p->cfg->responder;
	const struct access_list_conf *l =
	        ref->name ? config_find_access_list(p->cfg, ref->name) : NULL;

	if (!ref->name)
		return NULL;
	if (!l || l->family != family) {
		conf_error_place(p, ref->place, "access list '%s' %s", ref->name,
		                 l ? "is of the other address family" : "is not defined");
		return ref->name;
	}
	if (to->rule_count + l->count > RESPONDER_ACCESS_RULES_MAX) {
		conf_error_place(p, ref->place,
		                 "the access lists of the responder have more than %d lines",
		                 RESPONDER_ACCESS_RULES_MAX);
		return ref->name;
	}
	if (l->count > 0)
		memcpy(&to->rules[to->rule_count], l->rules, l->count * sizeof(*l->rules));
	to->rule_count += l->count;
	to->has_access_list = true;
	return ref->name;
}

static void resolve_keychain(struct conf_parser *p)
{
	struct config *cfg = p->cfg;
	const struct name_ref *ref = &p->sla_keychain;

	if (!ref->name)
		return;
	const struct keychain *chain = config_find_keychain(cfg, ref->name);

	cfg->sla_keychain = ref->name;

	if (!chain) {
		conf_error_place(p, ref->place, "key chain '%s' is not defined", ref->name);
		return;
	}
	cfg->responder.has_keychain = true;
	cfg->responder.keychain = *chain;
}

static void check_op_keychains(struct conf_parser *p)
{
	for (uint32_t i = 0; i < p->op_count; i++) {
		const struct op_build *op = &p->ops[i];

		if (op->conf.keychain && !op->is_removed && !op->has_failed &&
		    !config_find_keychain(p->cfg, op->conf.keychain))
			conf_error_place(p, (struct place) { op->conf.line, op->column },
			                 "key chain '%s' of operation %u is not defined",
			                 op->conf.keychain, op->conf.number);
	}
}

/* The control services have these ports already. */
static void check_permanent_ports(struct conf_parser *p)
{
	const struct responder_cfg *cfg = &p->cfg->responder;

	for (uint32_t i = 0; cfg->enabled && i < cfg->permanent_count; i++) {
		const struct permanent_port *port = &cfg->permanent[i];
		bool is_taken = port->kind == PERMANENT_UDP_ECHO
		                        ? port->port == cfg->v1_port || port->port == cfg->v2_port
		                        : cfg->control_tcp && port->port == cfg->v2_port;

		if (is_taken)
			conf_error_place(p, p->permanent_at[i],
			                 "port %u is a control port of the responder: expected "
			                 "another one",
			                 port->port);
	}
}

void conf_responder_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	check_permanent_ports(p);
	resolve_keychain(p);
	check_op_keychains(p);
	cfg->responder_acl = resolve_list(p, &p->responder_acl, INET_V4);
	cfg->responder_acl6 = resolve_list(p, &p->responder_acl6, INET_V6);
}

/* --- printing --- */

static void print_settings(const struct config *c, FILE *to, bool all)
{
	char text[CONF_ROW_TEXT_MAX];
	bool has_head = all;

	if (all)
		(void)fputs("ip sla responder settings\n", to);
	for (const struct conf_row *row = responder_rows; row->kind != CK_NONE; row++) {
		bool is_initial = conf_row_format(row, &c->responder, text, sizeof(text));

		if (is_initial && !all)
			continue;
		if (!has_head)
			(void)fputs("ip sla responder settings\n", to);
		has_head = true;
		if (*text)
			(void)fprintf(to, " %s %s\n", row->keyword, text);
		else if (row->kind != CK_CUSTOM || row->reset)
			(void)fprintf(to, " %s%s\n", is_initial ? "no " : "", row->keyword);
	}
	if (!has_head && (c->responder_acl || c->responder_acl6))
		(void)fputs("ip sla responder settings\n", to);
	if (c->responder_acl)
		(void)fprintf(to, " access-group %s\n", c->responder_acl);
	else if (all)
		(void)fputs(" no access-group\n", to);
	if (c->responder_acl6)
		(void)fprintf(to, " access-group ipv6 %s\n", c->responder_acl6);
	else if (all)
		(void)fputs(" no access-group ipv6\n", to);
}

void conf_responder_print(const struct config *c, FILE *to, bool all)
{
	const struct responder_cfg *r = &c->responder;

	if (r->enabled || all)
		(void)fprintf(to, "%sip sla responder\n", r->enabled ? "" : "no ");
	for (uint32_t i = 0; i < r->permanent_count; i++) {
		char addr[INET_TEXT_MAX];

		(void)fprintf(to, "ip sla responder %s",
		              r->permanent[i].kind == PERMANENT_UDP_ECHO ? "udp-echo"
		                                                         : "tcp-connect");
		if (r->permanent[i].addr.family != INET_NONE)
			(void)fprintf(to, " ipaddress %s",
			              inet_addr_format(&r->permanent[i].addr, addr));
		(void)fprintf(to, " port %u", r->permanent[i].port);
		if (r->permanent[i].vrf_name[0])
			(void)fprintf(to, " vrf %s", r->permanent[i].vrf_name);
		(void)fputc('\n', to);
	}
	print_settings(c, to, all);
}
