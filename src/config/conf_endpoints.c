/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint lists. */
#include "config/conf_endpoints.h"

#include "base/cursor.h"
#include "config/conf_op.h"

#include <string.h>

static struct endpoint_list_conf *find(const struct config *cfg, const char *name)
{
	for (uint32_t i = 0; i < cfg->endpoint_list_count; i++) {
		if (strcmp(cfg->endpoint_lists[i].name, name) == 0)
			return &cfg->endpoint_lists[i];
	}
	return NULL;
}

/* --- below the list -------------------------------------------------------------------------- */

static uint32_t number_of(const struct inet_addr *a)
{
	struct rd r = rd_init(a->bytes, 4);

	return rd_be32(&r);
}

static bool is_member(const struct inet_addr *a)
{
	return a->family == INET_V4 && !inet_addr_is_group(a) && !inet_addr_is_unspecified(a);
}

static uint32_t place_of(const struct endpoint_list_conf *l, const struct inet_addr *a)
{
	uint32_t at = 0;

	while (at < l->count && !inet_addr_equal(&l->addrs[at], a))
		at++;
	return at;
}

/* Add or take away the addresses from ``first`` to ``last``.  False: reported. */
static bool change(struct conf_parser *p, uint32_t at, const struct inet_addr *first, uint32_t last)
{
	struct endpoint_list_conf *l = &p->cfg->endpoint_lists[p->endpoint_list];
	struct inet_addr a = *first;

	for (uint64_t n = number_of(first); n <= last; n++) {
		put_be32(a.bytes, (uint32_t)n);
		uint32_t index = place_of(l, &a);

		if (p->form != CONF_SET && index < l->count) {
			l->count--;
			memmove(&l->addrs[index], &l->addrs[index + 1],
			        (l->count - index) * sizeof(a));
		} else if (p->form == CONF_SET && index == l->count) {
			if (l->count == SLA_RECEIVERS_MAX) {
				conf_error(p, at, "expected at most %u endpoints",
				           SLA_RECEIVERS_MAX);
				return false;
			}
			l->addrs[l->count++] = a;
		}
	}
	return true;
}

/* "A" or "A-B". */
static bool take_range(struct conf_parser *p, uint32_t at, char *text)
{
	char *dash = strchr(text, '-');
	struct inet_addr first, last;

	if (dash)
		*dash = '\0';
	if (inet_addr_parse(text, &first) < 0 ||
	    inet_addr_parse(dash ? dash + 1 : text, &last) < 0 || !is_member(&first) ||
	    !is_member(&last) || number_of(&first) > number_of(&last) ||
	    number_of(&last) - number_of(&first) >= SLA_RECEIVERS_MAX) {
		conf_error_expected(p, at, "IPv4 addresses such as 192.0.2.1,192.0.2.5-192.0.2.9");
		return false;
	}
	return change(p, at, &first, number_of(&last));
}

static void endpoints_line(struct conf_parser *p, const struct conf_match *m)
{
	struct endpoint_list_conf *l = &p->cfg->endpoint_lists[p->endpoint_list];
	const char *list;
	uint64_t port;

	if (!conf_take_name(p, m->at, "addresses", 512, &list))
		return;
	if (!conf_word(p, m->at + 1) || !conf_word_abbreviates(conf_word(p, m->at + 1), "port")) {
		conf_error_expected(p, m->at + 1, "port");
		return;
	}
	if (!conf_take_number(p, m->at + 2, "the port of the endpoints", 1, UINT16_MAX, &port) ||
	    !conf_take_end(p, m->at + 3))
		return;
	if (p->form == CONF_SET && l->count > 0 && l->port != port) {
		conf_error(p, m->at + 2, "the endpoints above have port %u: a list has one port",
		           l->port);
		return;
	}
	char *save = NULL, *copy = arena_strdup(&p->cfg->arena, list);

	for (char *one = strtok_r(copy, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		if (!take_range(p, m->at, one))
			return;
	}
	l->port = (uint16_t)port;
}

static void description_line(struct conf_parser *p, const struct conf_match *m)
{
	(void)p, (void)m; /* for readers of the file: not kept */
}

static const struct conf_command list_words[] = {
	{ .word = "description",
	  .flags = CC_NO,
	  .run = description_line,
	  .usage = "LINE",
	  .help = "Comment, not kept" },
	{ .word = "ip-address",
	  .flags = CC_NO,
	  .run = endpoints_line,
	  .usage = "WORD=Addresses such as 192.0.2.1,192.0.2.5-192.0.2.9; "
	           "port=Where they listen; <1-65535>",
	  .help = "Members of the group" },
	{ 0 },
};

static const struct conf_mode mode_endpoints = {
	.name = "endpoint list",
	.prompt = "config-epl",
	.parent = &conf_mode_global,
	.commands = list_words,
};

/* --- the list -------------------------------------------------------------------------------- */

static void enter(struct conf_parser *p, const struct conf_match *m)
{
	struct config *cfg = p->cfg;
	uint32_t column = p->line.token[0].column;
	const char *name;

	if (!conf_take_name(p, m->at, "the name of the list", CONF_NAME_MAX, &name) ||
	    !conf_take_end(p, m->at + 1)) {
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	struct endpoint_list_conf *l = find(cfg, name);

	if (p->form != CONF_SET) {
		if (!l) {
			conf_error(p, m->at, "there is no endpoint list '%s' above", name);
			return;
		}
		cfg->endpoint_list_count--;
		memmove(l, l + 1,
		        (size_t)(cfg->endpoint_lists + cfg->endpoint_list_count - l) * sizeof(*l));
		return;
	}
	if (!l && cfg->endpoint_list_count == CONFIG_ENDPOINT_LISTS_MAX) {
		conf_error(p, m->at, "expected at most %u endpoint lists",
		           CONFIG_ENDPOINT_LISTS_MAX);
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	if (!l) {
		if (!cfg->endpoint_lists)
			cfg->endpoint_lists =
			        arena_alloc(&cfg->arena, CONFIG_ENDPOINT_LISTS_MAX * sizeof(*l));
		l = &cfg->endpoint_lists[cfg->endpoint_list_count++];
		*l = (struct endpoint_list_conf) { .name = name };
	}
	p->endpoint_list = (uint32_t)(l - cfg->endpoint_lists);
	p->mode = &mode_endpoints;
}

static const struct conf_command type_words[] = {
	{ .word = "ip",
	  .flags = CC_NO,
	  .run = enter,
	  .usage = "WORD=Name of the list;",
	  .help = "Addresses" },
	{ 0 },
};

const struct conf_command conf_commands_endpoints[] = {
	{ .word = "type", .next = type_words, .help = "What the endpoints are" },
	{ 0 },
};

/* --- the whole ------------------------------------------------------------------------------- */

static const char *members(struct arena *a, const struct endpoint_list_conf *l)
{
	char text[SLA_RECEIVERS_MAX * INET_TEXT_MAX] = "", one[INET_TEXT_MAX];
	size_t used = 0;

	for (uint32_t i = 0; i < l->count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i ? "," : "",
		                         inet_addr_format(&l->addrs[i], one));
	return arena_strdup(a, text);
}

void conf_endpoints_finish(struct conf_parser *p)
{
	for (uint32_t i = 0; i < p->op_count; i++) {
		struct op_build *op = &p->ops[i];
		struct op_params *params = &op->conf.params;
		const struct place place = { op->type_line, op->type_column };
		const char *name = params->text.at[OP_TEXT_NAME];

		if (op->is_removed || op->has_failed || !op->type_line ||
		    params->type != SLA_MULTICAST_JITTER || !name)
			continue;
		const struct endpoint_list_conf *l = find(p->cfg, name);

		if (!l || l->count == 0) {
			conf_error_place(p, place,
			                 l ? "endpoint list '%s' is empty"
			                   : "there is no endpoint list '%s'",
			                 name);
			op->has_failed = true;
		} else if (l->port != params->target_port) {
			/* UNVERIFIED: what the port of a list is for beside that of the operation. */
			conf_error_place(p, place,
			                 "the endpoints of '%s' listen on port %u, not on %u", name,
			                 l->port, params->target_port);
			op->has_failed = true;
		} else {
			params->text.at[OP_TEXT_ENDPOINTS] = members(&p->cfg->arena, l);
		}
	}
}

void conf_endpoints_print(const struct config *c, FILE *to)
{
	for (uint32_t i = 0; i < c->endpoint_list_count; i++) {
		const struct endpoint_list_conf *l = &c->endpoint_lists[i];
		char one[INET_TEXT_MAX];

		(void)fprintf(to, "ip sla endpoint-list type ip %s\n", l->name);
		for (uint32_t k = 0; k < l->count; k++)
			(void)fprintf(to, " ip-address %s port %u\n",
			              inet_addr_format(&l->addrs[k], one), l->port);
	}
}
