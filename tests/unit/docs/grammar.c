/* SPDX-License-Identifier: Apache-2.0 */
/* Every keyword that the configuration knows of, one a line: what test_compatibility.py compares
 * docs/compatibility.md with.
 *
 *   WHERE <tab> KEYWORDS <tab> supported | refused | foreign
 *
 * WHERE: "global" (with the words that lead there), "settings", "namp", "track", "webhook" and "hook" (below these), "type" (what may stand first below `ip sla N`),
 * "operation" (the types themselves), "element" (behind `react`), "code" (number and words of a return code),
 * or the name of an operation type.  Foreign: no part of IP SLA at all. */
#include "config/conf_namp.h"
#include "config/conf_notify.h"
#include "config/conf_op.h"
#include "config/conf_op_keys.h"
#include "config/conf_parser.h"
#include "config/conf_track.h"
#include "probe/probe.h"
#include "responder/responder_rows.h"
#include "sla/reaction.h"
#include "sla/sense.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_commands(const char *where, const char *before, const struct conf_command *table)
{
	for (const struct conf_command *c = table; c->word; c++) {
		char words[200];
		bool is_foreign = c->unsupported && strstr(c->unsupported, "no part of IP SLA");

		(void)snprintf(words, sizeof(words), "%s%s%s", before, *before ? " " : "", c->word);
		if (c->unsupported || c->run)
			(void)printf("%s\t%s\t%s\n", where, words,
			             is_foreign       ? "foreign"
			             : c->unsupported ? "refused"
			                              : "supported");
		/* `ip sla monitor` and `rtr` lead to words that stand elsewhere already. */
		if (c->next && strcmp(c->word, "monitor") != 0 && strcmp(c->word, "rtr") != 0)
			print_commands(where, words, c->next);
	}
}

static void print_rows(const char *where, const struct conf_row *rows)
{
	for (; rows->kind != CK_NONE; rows++)
		(void)printf("%s\t%s\tsupported\n", where, rows->keyword);
}

static void print_keys(struct conf_parser *p, uint8_t type, enum conf_where where)
{
	const struct op_key_list *list = conf_op_key_list(p, type, where);

	for (uint32_t i = 0; i < list->count; i++)
		(void)printf("%s\t%s\t%s\n", probe_types[type]->name, list->keys[i].words,
		             list->keys[i].row ? "supported" : "refused");
}

static void print_results(void)
{
	for (unsigned i = 0; i < REACT_ELEMENT_COUNT; i++)
		(void)printf("element\t%s\tsupported\n", reaction_elements[i].name);
	for (unsigned i = SENSE_OTHER; i <= SENSE_ENABLE_PORT_IN_USE; i++) {
		if (i <= SENSE_ERROR || i >= SENSE_ENABLE_OK)
			(void)printf("code\t%u %s\tsupported\n", i,
			             sla_sense_text((enum sla_sense)i));
	}
}

int main(void)
{
	struct conf_parser p = { 0 };

	print_commands("global", "", conf_commands_global);
	print_commands("type", "", conf_commands_op_type);
	print_rows("settings", responder_rows);
	print_commands("namp", "", conf_commands_namp);
	print_commands("track", "", conf_commands_track);
	print_rows("namp", conf_namp_limit_rows);
	print_commands("webhook", "", conf_commands_webhook);
	print_rows("webhook", conf_webhook_rows);
	print_commands("hook", "", conf_commands_hook);
	print_rows("hook", conf_hook_rows);
	print_results();
	for (unsigned type = 0; type < SLA_TYPE_COUNT; type++) {
		(void)printf("operation\t%s\tsupported\n", probe_types[type]->name);
		print_keys(&p, (uint8_t)type, CW_INLINE);
		print_keys(&p, (uint8_t)type, CW_SUB);
	}
	free(p.op_keys);
	return fflush(stdout) == 0 ? 0 : 1;
}
