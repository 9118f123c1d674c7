/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical text of a configuration: the newest spelling, keywords in full, one order. */
#include "config/conf_print.h"

#include "config/conf_endpoints.h"
#include "config/conf_op.h"
#include "config/conf_op_keys.h"
#include "config/conf_rows.h"
#include "config/conf_schedule.h"
#include "config/conf_time.h"
#include "probe/probe.h"

#include <errno.h>
#include <string.h>

/* Of two names of one setting the one that fits: traffic-class for IPv6, else the first. */
static bool is_other_name(const struct conf_row *rows, const struct conf_row *row,
                          const struct op_params *params)
{
	if (row->offset == offsetof(struct op_params, tos) && params->target.family == INET_V6) {
		for (const struct conf_row *r = rows; r->kind != CK_NONE; r++) {
			if (strcmp(r->keyword, "traffic-class") == 0)
				return r != row;
		}
	}
	return conf_row_is_alias(rows, row);
}

/* `codec` and what it changes stand together, in IOS's own words. */
static void print_codec(const struct op_params *params, FILE *to, bool all)
{
	struct codec_shape shape = conf_codec_shape(params->codec);

	if (params->num_packets != shape.num_packets || all)
		(void)fprintf(to, " codec-numpackets %u", params->num_packets);
	if (params->interval_ms != shape.interval_ms || all)
		(void)fprintf(to, " codec-interval %u", params->interval_ms);
	if (params->request_size != shape.size_bytes || all)
		(void)fprintf(to, " codec-size %u", params->request_size);
}

static bool belongs_to_codec(const struct conf_row *row)
{
	return row->offset == offsetof(struct op_params, num_packets) ||
	       row->offset == offsetof(struct op_params, interval_ms) ||
	       row->offset == offsetof(struct op_params, request_size);
}

static void print_inline(const struct op_conf *op, const struct conf_row *rows, FILE *to, bool all)
{
	const struct op_params *params = &op->params;
	char text[CONF_ROW_TEXT_MAX];

	for (const struct conf_row *row = rows; row->kind != CK_NONE; row++) {
		bool is_codec = row->offset == offsetof(struct op_params, codec);

		if (!(row->where & CW_INLINE) || is_other_name(rows, row, params))
			continue;
		if (params->codec != SLA_CODEC_NONE && belongs_to_codec(row))
			continue;
		if (params->codec == SLA_CODEC_NONE &&
		    (is_codec || row->offset == offsetof(struct op_params, advantage_factor)))
			continue;
		bool is_initial = conf_row_format(row, params, text, sizeof(text));

		if (is_initial && (!all || !*text))
			continue;
		(void)fprintf(to, " %s%s%s", row->keyword, *text ? " " : "", text);
		if (is_codec)
			print_codec(params, to, all);
	}
}

static void print_sub(const struct op_conf *op, const struct conf_row *rows, const void *object,
                      FILE *to, bool all)
{
	char text[CONF_ROW_TEXT_MAX];

	for (const struct conf_row *row = rows; row->kind != CK_NONE; row++) {
		bool is_inline = row->where & CW_INLINE;

		if (!(row->where & CW_SUB) || is_inline || is_other_name(rows, row, &op->params))
			continue;
		if (rows == stats_conf_rows &&
		    !(stats_conf_row_use(row) & probe_types[op->params.type]->stats))
			continue;
		if (object == &op->params && op->params.codec != SLA_CODEC_NONE &&
		    belongs_to_codec(row))
			continue;
		if (object == &op->params &&
		    row->offset == offsetof(struct op_params, text.at[OP_TEXT_RAW_REQUEST]))
			continue; /* it is a block of its own */
		bool is_initial = conf_row_format(row, object, text, sizeof(text));

		if (is_initial && !all)
			continue;
		if (*text)
			(void)fprintf(to, " %s %s\n", row->keyword, text);
		else if (!is_initial)
			(void)fprintf(to, " %s\n", row->keyword);
		else if (row->kind != CK_CUSTOM || row->reset)
			(void)fprintf(to, " no %s\n", row->keyword);
	}
}

void conf_op_print(const struct op_conf *op, FILE *to, bool all, bool secrets)
{
	const struct probe_type *type = probe_types[op->params.type];
	char words[PROBE_NAME_MAX];

	(void)fprintf(to, "ip sla %u\n", op->number);
	if (!op->target)
		return; /* a draft: the type is not entered yet */
	(void)fprintf(to, " %s", probe_type_words(type, op->params.method, words));
	if (type->target == TARGET_URL && secrets)
		(void)fprintf(to, " %s", op->params.text.at[OP_TEXT_URL]);
	else if (type->target != TARGET_NONE)
		(void)fprintf(to, " %s", op->target);
	if (type->target == TARGET_HOST_PORT)
		(void)fprintf(to, " %u", op->params.target_port);
	print_inline(op, type->rows, to, all);
	(void)fputc('\n', to);
	conf_raw_request_print(op, to);
	print_sub(op, type->rows, &op->params, to, all);
	print_sub(op, conf_op_common_rows, op, to, all);
	print_sub(op, stats_conf_rows, &op->stats, to, all);
}

static void print_hms(uint32_t second_of_day, FILE *to)
{
	(void)fprintf(to, "%02u:%02u:%02u", second_of_day / 3600, second_of_day / 60 % 60,
	              second_of_day % 60);
}

static void print_start(const struct op_schedule *s, FILE *to, bool all)
{
	switch ((enum sla_start)s->start) {
	case SLA_START_PENDING:
		if (all)
			(void)fputs(" start-time pending", to);
		break;
	case SLA_START_NOW:
		(void)fputs(" start-time now", to);
		break;
	case SLA_START_AFTER:
		(void)fputs(" start-time after ", to);
		print_hms(s->start_s, to);
		break;
	case SLA_START_AT:
		(void)fputs(" start-time ", to);
		print_hms(s->start_s, to);
		if (s->start_month)
			(void)fprintf(to, " %s %u", conf_month_name(s->start_month), s->start_day);
		break;
	case SLA_START_RANDOM:
		(void)fprintf(to, " start-time random %u", s->random_ms);
		break;
	}
}

void conf_schedule_print_when(const struct op_schedule *s, FILE *to, bool all)
{
	if (s->life_s == SLA_LIFE_FOREVER)
		(void)fputs(" life forever", to);
	else if (s->life_s != CONF_LIFE_DEFAULT_S || all)
		(void)fprintf(to, " life %u", s->life_s);
	print_start(s, to, all);
	if (s->ageout_s != 0 || all)
		(void)fprintf(to, " ageout %u", s->ageout_s);
}

void conf_schedule_print(const struct op_conf *op, FILE *to, bool all)
{
	const struct op_schedule *s = &op->schedule;

	if (!s->scheduled || s->group)
		return;
	(void)fprintf(to, "ip sla schedule %u", op->number);
	conf_schedule_print_when(s, to, all);
	if (s->recurring)
		(void)fputs(" recurring", to);
	(void)fputc('\n', to);
}

void config_print_op(const struct op_conf *op, FILE *to, bool all, bool secrets)
{
	conf_op_print(op, to, all, secrets);
	conf_schedule_print(op, to, all);
}

int config_print(const struct config *c, FILE *to, bool all, bool secrets)
{
	if (c->hostname)
		(void)fprintf(to, "hostname %s\n", c->hostname);
	conf_clock_print(&c->clock, to, all);
	for (uint32_t i = 0; i < c->keychain_count; i++)
		conf_keychain_print(&c->keychains[i], to, all, secrets);
	for (uint32_t i = 0; i < c->access_list_count; i++)
		conf_acl_print(&c->access_lists[i], to);
	conf_namp_print(&c->namp, to, all, secrets);
	conf_export_print(&c->exports, to, all);
	if (c->sla_keychain)
		(void)fprintf(to, "ip sla key-chain %s\n", c->sla_keychain);
	conf_egress_print(c, to, all);
	conf_logging_print(&c->notify, to, all);
	conf_hooks_print(&c->notify, to, all);
	conf_reaction_settings_print(&c->notify, to, all);
	conf_misc_print(c, to, all);
	conf_responder_print(c, to, all);
	conf_endpoints_print(c, to);
	for (uint32_t i = 0; i < c->op_count; i++) {
		config_print_op(c->ops[i], to, all, secrets);
		conf_reactions_print(c, c->ops[i]->number, to, all);
	}
	for (uint32_t i = 0; i < c->group_count; i++)
		conf_group_print(&c->groups[i], to, all);
	conf_tracking_print(&c->tracking, to, all);
	return fflush(to) == 0 && !ferror(to) ? 0 : -EIO;
}
