/* SPDX-License-Identifier: Apache-2.0 */
/* `ipsla`: the blocks of IOS XR, read as the operations, schedules and ports that they mean, and stored in the
 * form of IOS.  Where the words differ, a table says which setting of ours each one is. */
#include "base/xalloc.h"
#include "config/conf_op.h"
#include "config/conf_op_keys.h"
#include "config/conf_schedule.h"
#include "probe/probe.h"
#include "sla/stats_conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define XR_KEYS_MAX 24

/* One setting: XR's words, and those of our row. */
struct xr_word {
	const char *words;
	const char *row;
};

static const struct xr_word type_words[] = {
	{ "datasize request", "request-data-size" },
	{ "frequency", "frequency" },
	{ "packet count", "num-packets" },
	{ "packet interval", "interval" },
	{ "source address", "source-ip" },
	{ "source port", "source-port" },
	{ "tag", "tag" },
	{ "timeout", "timeout" },
	{ "tos", "tos" },
	{ "verify-data", "verify-data" },
	{ "vrf", "vrf" },
	{ 0 },
};

static const struct xr_word hourly_words[] = {
	{ "buckets", "history hours-of-statistics-kept" },
	{ "distribution count", "history distributions-of-statistics-kept" },
	{ "distribution interval", "history statistics-distribution-interval" },
	{ 0 },
};

static const struct xr_word history_words[] = {
	{ "buckets", "history buckets-kept" },
	{ "filter", "history filter" },
	{ "lives", "history lives-kept" },
	{ 0 },
};

struct xr_list {
	uint32_t count;
	struct conf_row_key keys[XR_KEYS_MAX];
};

/* Of the type of the operation that is entered. */
struct xr_keys {
	struct xr_list type, hourly, history;
};

static const struct conf_mode mode_ipsla, mode_operation, mode_type, mode_hourly, mode_history,
        mode_schedule, mode_responder;

static struct op_build *op_of(const struct conf_parser *p)
{
	return &p->ops[p->op];
}

/* The key of IOS with these words, of either place; NULL: this type has none. */
static const struct conf_row_key *ios_key(struct conf_parser *p, uint8_t type, const char *words)
{
	static const enum conf_where places[] = { CW_SUB, CW_INLINE };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct op_key_list *l = conf_op_key_list(p, type, places[i]);

		for (uint32_t k = 0; k < l->count; k++) {
			if (strcmp(l->keys[k].words, words) == 0)
				return &l->keys[k];
		}
	}
	return NULL;
}

static void build_list(struct conf_parser *p, struct xr_list *l, const struct xr_word *words,
                       uint8_t type)
{
	l->count = 0;
	for (; words->words; words++) {
		const struct conf_row_key *key = ios_key(p, type, words->row);
		struct conf_row_key *to = &l->keys[l->count++];

		*to = (struct conf_row_key) { .unsupported =
			                              "this operation type does not take it" };
		if (key)
			*to = *key;
		to->words = words->words;
		to->is_ios = true;
		to->is_old = true;
	}
}

static void build_keys(struct conf_parser *p, uint8_t type)
{
	if (!p->xr_keys)
		p->xr_keys = xcalloc(1, sizeof(*p->xr_keys));
	build_list(p, &p->xr_keys->type, type_words, type);
	build_list(p, &p->xr_keys->hourly, hourly_words, type);
	build_list(p, &p->xr_keys->history, history_words, type);
}

static const struct xr_list *list_of(const struct conf_parser *p, const struct conf_mode *mode)
{
	if (mode == &mode_hourly)
		return &p->xr_keys->hourly;
	return mode == &mode_history ? &p->xr_keys->history : &p->xr_keys->type;
}

static struct conf_match find_in_list(const struct conf_parser *p, const struct conf_mode *mode,
                                      uint32_t at)
{
	const struct xr_list *l = list_of(p, mode);

	return conf_row_keys_find(l->keys, l->count, &p->line, at);
}

static void run_setting(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = op_of(p);

	if (m->found == CONF_FOUND && m->key) {
		op->has_failed |= !conf_row_line(p, m);
	} else if (m->found == CONF_FOUND && m->command && m->command->unsupported) {
		conf_error(p, m->at - 1, "'%s' is known, but not supported by this version: %s",
		           m->command->word, m->command->unsupported);
		op->has_failed = true;
		if (m->command->flags & CC_BLOCK)
			conf_go_deaf(p, p->mode, p->line.token[0].column, true);
	} else if (m->found == CONF_FOUND && m->command && m->command->run) {
		m->command->run(p, m);
	} else {
		const struct xr_list *l = list_of(p, p->mode);

		conf_row_keys_error(p, m, l->keys, l->count);
		op->has_failed = true;
	}
}

/* --- below `type …` ------------------------------------------------------------------------------- */

static void destination_address(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = op_of(p);
	char text[INET_TEXT_MAX];

	if (!conf_take_addr(p, m->at, &op->conf.params.target) || !conf_take_end(p, m->at + 1)) {
		op->has_failed = true;
		return;
	}
	op->conf.target =
	        arena_strdup(&p->cfg->arena, inet_addr_format(&op->conf.params.target, text));
}

static void destination_port(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = op_of(p);
	uint64_t port;

	if (!conf_take_number(p, m->at, "the target's port", 1, UINT16_MAX, &port) ||
	    !conf_take_end(p, m->at + 1))
		op->has_failed = true;
	else
		op->conf.params.target_port = (uint16_t)port;
}

static void control_disable(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = op_of(p);
	const struct conf_row_key *key = ios_key(p, op->conf.params.type, "control");

	if (!key || !key->row) {
		conf_error(p, m->at - 1, "this operation type has no control protocol");
		op->has_failed = true;
	} else if (conf_take_end(p, m->at)) {
		op->conf.params.control =
		        p->form == CONF_SET ? SLA_CONTROL_DISABLE : (uint8_t)key->row->initial;
	}
}

static void enter_hourly(struct conf_parser *p, const struct conf_match *m)
{
	if (conf_take_end(p, m->at))
		p->mode = &mode_hourly;
}

static void enter_history(struct conf_parser *p, const struct conf_match *m)
{
	if (conf_take_end(p, m->at))
		p->mode = &mode_history;
}

static const struct conf_command destination_words[] = {
	{ .word = "address", .run = destination_address },
	{ .word = "port", .run = destination_port },
	{ 0 },
};

static const struct conf_command control_words[] = {
	{ .word = "disable", .run = control_disable },
	{ 0 },
};

static const struct conf_command statistics_words[] = {
	{ .word = "hourly", .run = enter_hourly },
	{ .word = "interval",
	  .flags = CC_BLOCK,
	  .unsupported = "use `history enhanced` below `ip sla`" },
	{ 0 },
};

static const struct conf_command type_commands[] = {
	{ .word = "control", .next = control_words },
	{ .word = "destination", .next = destination_words },
	{ .word = "history", .run = enter_history },
	{ .word = "statistics", .next = statistics_words },
	{ .word = "lsr-path", .unsupported = "probes follow the route" },
	{ .word = "timestamp", .unsupported = "kernel time stamps are always used" },
	{ 0 },
};

static struct conf_match type_find(const struct conf_parser *p, uint32_t at)
{
	struct conf_match m = conf_words_walk(type_commands, &p->line, at);

	return m.found == CONF_FOUND_NOTHING ? find_in_list(p, &mode_type, at) : m;
}

static struct conf_match hourly_find(const struct conf_parser *p, uint32_t at)
{
	return find_in_list(p, &mode_hourly, at);
}

static struct conf_match history_find(const struct conf_parser *p, uint32_t at)
{
	return find_in_list(p, &mode_history, at);
}

/* --- below `operation N` ---------------------------------------------------------------------------- */

static void enter_type(struct conf_parser *p, const struct conf_match *m)
{
	struct op_build *op = op_of(p);
	const struct probe_type *type = probe_types[m->command->value];

	if (!conf_take_end(p, m->at))
		return;
	if (op->type_line && op->conf.params.type != (uint8_t)type->id) {
		conf_error(
		        p, m->at - 1,
		        "operation %u already has its type, which cannot change: delete it first "
		        "with `no ip sla %u`",
		        op->conf.number, op->conf.number);
		return;
	}
	if (!op->type_line) {
		conf_rows_init(type->rows, &op->conf.params);
		conf_rows_init(stats_conf_rows, &op->conf.stats);
		op->conf.params.type = (uint8_t)type->id;
		op->type_line = p->line.number;
		op->type_column = conf_line_column(&p->line, m->at - 1);
	}
	build_keys(p, op->conf.params.type);
	p->mode = &mode_type;
}

#define XR_TYPE(w, id)                                                 \
	{                                                              \
		.word = (w), .value = (uint8_t)(id), .run = enter_type \
	}

static const struct conf_command icmp_types[] = {
	XR_TYPE("echo", SLA_ICMP_ECHO),
	XR_TYPE("path-echo", SLA_PATH_ECHO),
	XR_TYPE("path-jitter", SLA_PATH_JITTER),
	{ 0 },
};

static const struct conf_command udp_types[] = {
	XR_TYPE("echo", SLA_UDP_ECHO),
	XR_TYPE("jitter", SLA_UDP_JITTER),
	{ 0 },
};

static const struct conf_command xr_types[] = {
	{ .word = "icmp", .next = icmp_types },
	{ .word = "udp", .next = udp_types },
	{ .word = "mpls",
	  .flags = CC_BLOCK,
	  .unsupported = "this operation type needs hardware or protocols of a router" },
	{ 0 },
};

static const struct conf_command operation_commands[] = {
	{ .word = "type", .next = xr_types },
	{ 0 },
};

static struct conf_match operation_find(const struct conf_parser *p, uint32_t at)
{
	return conf_words_walk(operation_commands, &p->line, at);
}

/* A type that is refused is the error of its operation: nothing more is said of that. */
static void operation_run(struct conf_parser *p, const struct conf_match *m)
{
	if (m->found != CONF_FOUND || !m->command) {
		char list[200];

		conf_words_list(m->among ? m->among : operation_commands, list, sizeof(list));
		conf_error_expected(p, m->at, list);
		op_of(p)->has_failed = true;
	} else if (m->command->unsupported) {
		conf_error(p, m->at - 1, "'%s' is known, but not supported by this version: %s",
		           m->command->word, m->command->unsupported);
		op_of(p)->has_failed = true;
		conf_go_deaf(p, &mode_operation, p->line.token[0].column, true);
	} else {
		m->command->run(p, m);
	}
}

/* --- schedule --------------------------------------------------------------------------------------- */

static struct op_schedule *schedule_of(const struct conf_parser *p)
{
	return &op_of(p)->conf.schedule;
}

static void xr_life(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t used = conf_schedule_take_life(p, m->at, schedule_of(p));

	if (used > 0 && conf_take_end(p, m->at + used))
		conf_schedule_check_recurring(p, m->at, schedule_of(p));
}

static void xr_start(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t used = conf_schedule_take_start(p, m->at, schedule_of(p));

	if (used > 0)
		(void)!conf_take_end(p, m->at + used);
}

static void xr_ageout(struct conf_parser *p, const struct conf_match *m)
{
	uint32_t used = conf_schedule_take_ageout(p, m->at, schedule_of(p));

	if (used > 0 && conf_take_end(p, m->at + used))
		conf_schedule_check_recurring(p, m->at, schedule_of(p));
}

static void xr_recurring(struct conf_parser *p, const struct conf_match *m)
{
	if (!conf_take_end(p, m->at))
		return;
	schedule_of(p)->recurring = p->form == CONF_SET;
	conf_schedule_check_recurring(p, m->at - 1, schedule_of(p));
}

static const struct conf_command schedule_commands[] = {
	{ .word = "ageout", .run = xr_ageout },
	{ .word = "life", .run = xr_life },
	{ .word = "recurring", .run = xr_recurring },
	{ .word = "start-time", .run = xr_start },
	{ 0 },
};

/* --- below `ipsla` ----------------------------------------------------------------------------------- */

static void enter_operation(struct conf_parser *p, const struct conf_match *m)
{
	const uint32_t column = p->line.token[0].column;

	conf_op_enter(p, m);
	if (!p->mode->is_deaf && p->form == CONF_SET)
		p->mode = &mode_operation;
	else if (p->mode->is_deaf)
		conf_go_deaf(p, &mode_ipsla, column, true);
}

static void enter_schedule(struct conf_parser *p, const struct conf_match *m)
{
	uint64_t number;

	if (!conf_take_number(p, m->at, "the number of an operation", 1, INT32_MAX, &number))
		return;
	uint32_t index = conf_op_find(p, (uint32_t)number);

	if (index == UINT32_MAX || !p->ops[index].type_line) {
		conf_error(p, m->at, "operation %" PRIu64 " is not defined above this line",
		           number);
		conf_go_deaf(p, &mode_ipsla, p->line.token[0].column, true);
		return;
	}
	struct op_build *op = &p->ops[index];

	p->op = index;
	/* XR keeps thresholds with reactions, and so has no such check. */
	if (op->conf.params.threshold_ms > op->conf.params.timeout_ms)
		op->conf.params.threshold_ms = op->conf.params.timeout_ms;
	if (!op->has_failed)
		(void)conf_schedule_check_times(p, conf_place(p, m->at), &op->conf.params,
		                                op->conf.params.frequency_s);
	if (!op->schedule_line)
		op->conf.schedule =
		        (struct op_schedule) { .scheduled = true, .life_s = CONF_LIFE_DEFAULT_S };
	op->schedule_line = p->line.number;
	p->mode = &mode_schedule;
}

static void enter_responder(struct conf_parser *p, const struct conf_match *m)
{
	if (!conf_take_end(p, m->at))
		return;
	p->cfg->responder.enabled = true;
	p->mode = &mode_responder;
}

static const struct conf_command schedule_words[] = {
	{ .word = "operation", .run = enter_schedule },
	{ 0 },
};

#define REACTIONS "use `ip sla reaction-configuration`, which has other words"

static const struct conf_command ipsla_commands[] = {
	{ .word = "operation", .flags = CC_NO, .run = enter_operation },
	{ .word = "schedule", .next = schedule_words },
	{ .word = "responder", .run = enter_responder },
	{ .word = "low-memory", .flags = CC_NO, .run = conf_low_memory },
	{ .word = "key-chain", .flags = CC_NO, .run = conf_sla_keychain },
	{ .word = "reaction", .flags = CC_BLOCK, .unsupported = REACTIONS },
	{ .word = "hw-timestamp", .unsupported = "kernel time stamps are always used" },
	{ .word = "mpls",
	  .flags = CC_BLOCK,
	  .unsupported = "this operation type needs hardware or protocols of a router" },
	{ .word = "server", .flags = CC_BLOCK, .unsupported = "TWAMP comes with a later version" },
	{ 0 },
};

/* type udp ipv4 address A port P */
static void responder_port(struct conf_parser *p, const struct conf_match *m)
{
	static const struct conf_command as_ios = { .word = "udp-echo",
		                                    .value = PERMANENT_UDP_ECHO };
	const char *word = conf_word(p, m->at);
	struct conf_match ios = *m;

	if (!word || !conf_word_abbreviates(word, "address")) {
		conf_error_expected(p, m->at, "address");
		return;
	}
	ios.command = &as_ios;
	/* `address` is what IOS calls `ipaddress`. */
	p->line.token[m->at].text = "ipaddress";
	conf_responder_permanent(p, &ios);
}

static const struct conf_command port_families[] = {
	{ .word = "ipv4", .run = responder_port },
	{ 0 },
};

static const struct conf_command port_types[] = {
	{ .word = "udp", .next = port_families },
	{ 0 },
};

static const struct conf_command responder_commands[] = {
	{ .word = "type", .next = port_types },
	{ .word = "twamp", .flags = CC_BLOCK, .unsupported = "TWAMP comes with a later version" },
	{ .word = "twamp-light",
	  .flags = CC_BLOCK,
	  .unsupported = "TWAMP comes with a later version" },
	{ 0 },
};

static const struct conf_mode mode_ipsla = {
	.name = "ipsla",
	.prompt = "config-ipsla",
	.parent = &conf_mode_global,
	.commands = ipsla_commands,
};

static const struct conf_mode mode_operation = {
	.name = "operation of IOS XR",
	.prompt = "config-ipsla-op",
	.parent = &mode_ipsla,
	.find = operation_find,
	.run = operation_run,
};

static const struct conf_mode mode_type = {
	.name = "type of IOS XR",
	.prompt = "config-ipsla-type",
	.parent = &mode_operation,
	.find = type_find,
	.run = run_setting,
};

static const struct conf_mode mode_hourly = {
	.name = "statistics of IOS XR",
	.prompt = "config-ipsla-op-stats",
	.parent = &mode_type,
	.find = hourly_find,
	.run = run_setting,
};

static const struct conf_mode mode_history = {
	.name = "history of IOS XR",
	.prompt = "config-ipsla-op-hist",
	.parent = &mode_type,
	.find = history_find,
	.run = run_setting,
};

static const struct conf_mode mode_schedule = {
	.name = "schedule of IOS XR",
	.prompt = "config-ipsla-sched",
	.parent = &mode_ipsla,
	.commands = schedule_commands,
};

static const struct conf_mode mode_responder = {
	.name = "responder of IOS XR",
	.prompt = "config-ipsla-resp",
	.parent = &mode_ipsla,
	.commands = responder_commands,
};

void conf_xr_enter(struct conf_parser *p, const struct conf_match *m)
{
	if (conf_take_end(p, m->at))
		p->mode = &mode_ipsla;
}
