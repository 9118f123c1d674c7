/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla N`: the table of operations, the sub-mode, and the checks of a whole operation. */
#include "config/conf_op.h"

#include "base/xalloc.h"
#include "config/conf_op_keys.h"
#include "config/op_conf.h"
#include "io/net_names.h"
#include "probe/probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- number -> operation --- */

static uint32_t slot_of(const struct conf_parser *p, uint32_t number)
{
	/* The high half of the product: numbers are often multiples of something. */
	uint64_t mixed = number * UINT64_C(0x9E3779B97F4A7C15);
	uint32_t at = (uint32_t)(mixed >> 32) & (p->op_slot_count - 1);

	while (p->op_slots[at] && p->ops[p->op_slots[at] - 1].conf.number != number)
		at = (at + 1) & (p->op_slot_count - 1);
	return at;
}

uint32_t conf_op_find(const struct conf_parser *p, uint32_t number)
{
	uint32_t entry = p->op_slot_count ? p->op_slots[slot_of(p, number)] : 0;

	return entry && !p->ops[entry - 1].is_removed ? entry - 1 : UINT32_MAX;
}

static void slots_grow(struct conf_parser *p)
{
	p->op_slot_count = p->op_slot_count ? 2 * p->op_slot_count : 64;
	free(p->op_slots);
	p->op_slots = xcalloc(p->op_slot_count, sizeof(*p->op_slots));
	for (uint32_t i = 0; i < p->op_count; i++)
		p->op_slots[slot_of(p, p->ops[i].conf.number)] = i + 1;
}

/* A fresh operation with this number; one that was removed is used again. */
static uint32_t op_add(struct conf_parser *p, uint32_t number)
{
	if (2 * (p->op_count + 1) > p->op_slot_count)
		slots_grow(p);
	uint32_t slot = slot_of(p, number);

	if (!p->op_slots[slot]) {
		if (p->op_count == p->op_cap) {
			p->op_cap = p->op_cap ? 2 * p->op_cap : 16;
			p->ops = xrealloc(p->ops, p->op_cap, sizeof(*p->ops));
		}
		p->op_slots[slot] = ++p->op_count;
	}
	uint32_t index = p->op_slots[slot] - 1;

	p->ops[index] = (struct op_build) {
		.conf = { .number = number, .line = p->line.number },
		.column = p->line.token[0].column,
	};
	return index;
}

/* --- the sub-mode --- */

static struct conf_match op_find(const struct conf_parser *p, uint32_t at)
{
	const struct op_build *op = &p->ops[p->op];
	struct conf_match types = conf_words_walk(conf_commands_op_type, &p->line, at);

	if (!op->type_line) {
		/* A setting in front of the type is ours to report. */
		if (types.found == CONF_FOUND_NOTHING && conf_op_is_sub_command(conf_word(p, at)))
			types.found = CONF_FOUND;
		return types;
	}
	struct conf_match m;
	const struct op_key_list *keys = p->sub_keys;

	m = conf_row_keys_find(keys->keys, keys->count, &p->line, at);
	if (m.found == CONF_FOUND_NOTHING && types.found == CONF_FOUND)
		return types;
	/* A setting of other types is ours to report too: it has no key here. */
	if (m.found == CONF_FOUND_NOTHING && conf_op_is_sub_command(conf_word(p, at)))
		m.found = CONF_FOUND;
	return m;
}

static bool is_number_forbidden(const struct op_build *op, const struct conf_row *row)
{
	return op->conf.params.codec != SLA_CODEC_NONE &&
	       row->offset == offsetof(struct op_params, request_size);
}

static bool is_raw_request(const struct conf_row_key *key)
{
	return key->row &&
	       key->row->offset == offsetof(struct op_params, text.at[OP_TEXT_RAW_REQUEST]);
}

static void sub_command(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = &p->ops[p->op];

	if (m->found != CONF_FOUND) {
		conf_row_keys_error(p, m, p->sub_keys->keys, p->sub_keys->count);
		op->has_failed = true;
	} else if (!m->key) {
		char list[200];

		conf_row_keys_list(p, m, p->sub_keys->keys, p->sub_keys->count, list, sizeof(list));
		conf_error(p, m->at, "'%s' does not apply to %s: expected %s", conf_word(p, m->at),
		           probe_types[op->conf.params.type]->name, list);
		op->has_failed = true;
	} else if (m->key->row && m->key->object(p) == &op->conf.params &&
	           is_number_forbidden(op, m->key->row)) {
		conf_error(p, m->at - 1, "'%s' does not go with codec: use codec-size",
		           m->key->words);
		op->has_failed = true;
	} else if (p->form == CONF_SET && is_raw_request(m->key)) {
		conf_raw_request(p, m->at);
	} else if (!conf_row_line(p, m)) {
		op->has_failed = true;
	}
}

static void op_run(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = &p->ops[p->op];
	uint32_t first = p->form == CONF_SET ? 0 : 1;
	char where[CONF_WHERE_MAX];

	if (op->type_line && m->command) {
		conf_error(p, first,
		           "operation %u already has its type%s, which cannot change: "
		           "delete it first with `no ip sla %u`",
		           op->conf.number, conf_where_text(p, op->type_line, where),
		           op->conf.number);
		op->has_failed = true;
	} else if (op->type_line) {
		sub_command(p, m);
	} else if (m->found != CONF_FOUND || !m->command) {
		char list[220];

		conf_words_list(m->command && m->among ? m->among : conf_commands_op_type, list,
		                sizeof(list));
		conf_error_expected(p, m->command ? m->at : first, list);
		op->has_failed = true;
		/* After a setting that came too early the type may still follow. */
		if (m->found != CONF_FOUND)
			conf_go_deaf(p, &conf_mode_global, op->column, true);
	} else if (p->form != CONF_SET) {
		conf_error(p, 0, "a type has no `no` form: use `no ip sla %u`", op->conf.number);
		op->has_failed = true;
	} else {
		conf_op_type_line(p, m);
		if (op->type_line)
			p->sub_keys = conf_op_key_list(p, op->conf.params.type, CW_SUB);
	}
}

static struct conf_offer op_offer(const struct conf_parser *p)
{
	if (!p->ops[p->op].type_line)
		return (struct conf_offer) { .commands = { conf_commands_op_type } };
	return (struct conf_offer) { .keys = p->sub_keys->keys, .key_count = p->sub_keys->count };
}

const char *conf_op_prompt(const struct conf_parser *p)
{
	static const char *const prompts[SLA_TYPE_COUNT] = {
		[SLA_ICMP_ECHO] = "config-ip-sla-echo",
		[SLA_UDP_ECHO] = "config-ip-sla-udp",
		[SLA_TCP_CONNECT] = "config-ip-sla-tcp",
		[SLA_UDP_JITTER] = "config-ip-sla-jitter",
		[SLA_HTTP] = "config-ip-sla-http",
		[SLA_FTP] = "config-ip-sla-ftp",
		[SLA_ICMP_JITTER] = "config-ip-sla-icmpjitter",
		[SLA_PATH_ECHO] = "config-ip-sla-pathEcho",
		[SLA_PATH_JITTER] = "config-ip-sla-pathJitter",
		[SLA_DNS] = "config-ip-sla-dns",
		[SLA_DHCP] = "config-ip-sla-dhcp",
		[SLA_MULTICAST_JITTER] = "config-ip-sla-multicast-jitter",
		[SLA_ETHERNET_ECHO] = "config-ip-sla-ethernet-echo",
		[SLA_ETHERNET_JITTER] = "config-ip-sla-ethernet-jitter",
	};
	const struct op_build *op = &p->ops[p->op];

	return op->type_line ? prompts[op->conf.params.type] : "config-ip-sla";
}

const struct conf_mode conf_mode_op = {
	.name = "operation",
	.has_own_texts = true,
	.parent = &conf_mode_global,
	.find = op_find,
	.run = op_run,
	.offer = op_offer,
};

void conf_op_enter(struct conf_parser *p, const struct conf_match *m)
{
	uint64_t number;
	uint32_t column = p->line.token[0].column;

	if (m->at < p->line.count &&
	    (conf_word(p, m->at)[0] < '0' || conf_word(p, m->at)[0] > '9')) {
		char list[200];

		conf_words_list(conf_commands_sla, list, sizeof(list));
		conf_error(p, m->at, "expected the number of an operation, %s, found '%.60s'", list,
		           conf_word(p, m->at));
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	if (!conf_take_number(p, m->at, "the number of an operation", 1, INT32_MAX, &number) ||
	    !conf_take_end(p, m->at + 1)) {
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	uint32_t found = conf_op_find(p, (uint32_t)number);

	if (p->form != CONF_SET) {
		if (found == UINT32_MAX)
			conf_error(p, m->at, "operation %" PRIu64 " is not defined above", number);
		else
			p->ops[found].is_removed = true;
		return;
	}
	if (found != UINT32_MAX && p->ops[found].schedule_line && !p->is_editing) {
		conf_error(p, m->at,
		           "Entry already running and cannot be modified: operation %" PRIu64
		           " is scheduled in line %u, put its lines in front of that",
		           number, p->ops[found].schedule_line);
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	if (found == UINT32_MAX && p->op_count == CONFIG_OPS_MAX) {
		conf_error(p, m->at, "expected at most %d operations", CONFIG_OPS_MAX);
		conf_go_deaf(p, &conf_mode_global, column, true);
		return;
	}
	p->op = found == UINT32_MAX ? op_add(p, (uint32_t)number) : found;
	p->mode = &conf_mode_op;
	if (p->ops[p->op].type_line)
		p->sub_keys = conf_op_key_list(p, p->ops[p->op].conf.params.type, CW_SUB);
}

/* --- the whole --- */

/* Names that the kernel or a file system is asked for. */
static bool check_names(struct conf_parser *p, const struct op_build *op)
{
	static const enum op_text names[] = { OP_TEXT_VRF, OP_TEXT_INTERFACE };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *name = op->conf.params.text.at[names[i]];

		if (!name || net_name_is_valid(name))
			continue;
		conf_error_place(p, (struct place) { op->type_line, op->type_column },
		                 "expected %s as %s, found '%.40s'", CONF_VRF_NAME,
		                 names[i] == OP_TEXT_VRF ? "vrf" : "source-interface", name);
		return false;
	}
	return true;
}

static void check_op(struct conf_parser *p, struct op_build *op)
{
	const struct op_params *params = &op->conf.params;
	struct place place = { op->type_line, op->type_column };
	struct diag d = { 0 };

	if (!op->type_line) {
		conf_error_place(p, (struct place) { op->conf.line, op->column },
		                 "operation %u has no type: expected a line such as "
		                 "`icmp-echo 192.0.2.1` below it",
		                 op->conf.number);
		return;
	}
	if (probe_types[params->type]->target <= TARGET_HOST_PORT && !op->conf.target) {
		conf_error_place(p, place, "operation %u has no destination address",
		                 op->conf.number);
		return;
	}
	if (probe_types[params->type]->target == TARGET_HOST_PORT && params->target_port == 0) {
		conf_error_place(p, place, "operation %u has no destination port", op->conf.number);
		return;
	}
	if (params->source.family != INET_NONE && params->target.family != INET_NONE &&
	    params->source.family != params->target.family)
		conf_error_place(p, place, "the source address is not of the target's family");
	else if (check_names(p, op) && probe_types[params->type]->check(params, &d))
		conf_error_place(p, place, "%s", d.text);
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = (*(const struct op_conf *const *)a)->number;
	uint32_t y = (*(const struct op_conf *const *)b)->number;

	return x < y ? -1 : x > y;
}

void conf_ops_finish(struct conf_parser *p)
{
	struct config *cfg = p->cfg;

	cfg->ops = xcalloc(p->op_count, sizeof(struct op_conf *));
	for (uint32_t i = 0; i < p->op_count; i++) {
		struct op_build *op = &p->ops[i];

		if (op->is_removed)
			continue;
		if (!op->has_failed)
			check_op(p, op);
		op->conf.tag = op->conf.tag ? op->conf.tag : "";
		op->conf.owner = op->conf.owner ? op->conf.owner : "";
		cfg->ops[cfg->op_count++] = op_conf_new(&op->conf);
	}
	qsort(cfg->ops, cfg->op_count, sizeof(struct op_conf *), by_number);
}
