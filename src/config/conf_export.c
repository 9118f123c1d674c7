/* SPDX-License-Identifier: Apache-2.0 */
/* `metrics …` and `result-log …`: what goes to other systems.  All words are ours. */
#include "config/conf_parser.h"
#include "config/conf_print.h"

#include <stdio.h>
#include <string.h>

#define METRICS_PORT_MIN 1024

void conf_export_init(struct export_conf *e)
{
	*e = (struct export_conf) {
		.metrics = { .max_operations = METRICS_OPERATIONS },
		.result_log = { .max_mb = RESULT_LOG_MB, .files = RESULT_LOG_FILES },
	};
}

static bool take_keyword(struct conf_parser *p, uint32_t at, const char *keyword)
{
	if (conf_word(p, at) && conf_word_is(conf_word(p, at), keyword))
		return true;
	conf_error_expected(p, at, keyword);
	return false;
}

/* metrics listen ADDRESS port PORT [access-list NAME] */
static void metrics_listen(struct conf_parser *p, const struct conf_match *m)
{
	struct metrics_conf *to = &p->cfg->exports.metrics;
	struct name_ref acl = { 0 };
	struct inet_addr address;
	uint32_t at = m->at;
	uint64_t port;

	if (p->form != CONF_SET) {
		to->enabled = false;
		p->metrics_acl = acl;
		return;
	}
	if (!conf_take_addr(p, at, &address) || !take_keyword(p, at + 1, "port") ||
	    !conf_take_number(p, at + 2, "a port", METRICS_PORT_MIN, UINT16_MAX, &port))
		return;
	at += 3;
	if (conf_word(p, at)) {
		acl.place = conf_place(p, at + 1);
		if (!take_keyword(p, at, "access-list") ||
		    !conf_take_name(p, at + 1, "the name of an access list", CONF_NAME_MAX,
		                    &acl.name))
			return;
		at += 2;
	}
	if (!conf_take_end(p, at))
		return;
	to->enabled = true;
	to->address = address;
	to->port = (uint16_t)port;
	p->metrics_acl = acl;
}

static void metrics_max_operations(struct conf_parser *p, const struct conf_match *m)
{
	uint64_t max = METRICS_OPERATIONS;

	if (p->form == CONF_SET && (!conf_take_number(p, m->at, "a number of operations", 1,
	                                              METRICS_OPERATIONS_MAX, &max) ||
	                            !conf_take_end(p, m->at + 1)))
		return;
	p->cfg->exports.metrics.max_operations = (uint32_t)max;
}

/* result-log file [max-size MB] [files N], options in any order */
static void result_log_file(struct conf_parser *p, const struct conf_match *m)
{
	struct result_log_conf log = { true, RESULT_LOG_MB, RESULT_LOG_FILES };
	uint32_t at = m->at;
	uint64_t value;

	for (; p->form == CONF_SET && conf_word(p, at); at += 2) {
		if (conf_word_is(conf_word(p, at), "max-size")) {
			if (!conf_take_number(p, at + 1, "a number of megabytes", 1,
			                      RESULT_LOG_MB_MAX, &value))
				return;
			log.max_mb = (uint32_t)value;
		} else if (conf_word_is(conf_word(p, at), "files")) {
			if (!conf_take_number(p, at + 1, "a number of files", 1,
			                      RESULT_LOG_FILES_MAX, &value))
				return;
			log.files = (uint32_t)value;
		} else {
			conf_error_expected(p, at, "max-size or files");
			return;
		}
	}
	log.enabled = p->form == CONF_SET;
	p->cfg->exports.result_log = log;
}

const struct conf_command conf_commands_metrics[] = {
	{ .word = "listen",
	  .flags = CC_OWN | CC_NO,
	  .run = metrics_listen,
	  .usage = "{A.B.C.D | X:X:X:X::X} port <1024-65535> "
	           "[access-list WORD=Name of the list of those who may ask;]",
	  .help = "Serve the page /metrics over HTTP" },
	{ .word = "max-operations",
	  .flags = CC_OWN | CC_NO,
	  .run = metrics_max_operations,
	  .usage = "<1-1000000>=Operations;",
	  .help = "The most operations on the page" },
	{ 0 },
};

const struct conf_command conf_commands_result_log[] = {
	{ .word = "file",
	  .flags = CC_OWN | CC_NO,
	  .run = result_log_file,
	  .usage = "[max-size <1-10240>=Megabytes of one file;] [files <1-100>=Files kept;]",
	  .help = "A line of JSON for every result, in the state folder" },
	{ 0 },
};

/* --- the whole --- */

void conf_export_finish(struct conf_parser *p)
{
	struct metrics_conf *to = &p->cfg->exports.metrics;
	const struct name_ref *ref = &p->metrics_acl;

	to->access_list = ref->name;
	to->rules = (struct access_list) { 0 };
	if (!ref->name)
		return;
	for (uint32_t i = 0; i < p->cfg->access_list_count; i++) {
		const struct access_list_conf *l = &p->cfg->access_lists[i];

		if (strcmp(l->name, ref->name) != 0)
			continue;
		to->rules = (struct access_list) { l->name, l->count, l->rules };
		if (l->family != to->address.family)
			conf_error_place(p, ref->place,
			                 "access list '%s' is of the other address family",
			                 ref->name);
		return;
	}
	conf_error_place(p, ref->place, "access list '%s' is not defined", ref->name);
}

void conf_export_print(const struct export_conf *e, FILE *to, bool all)
{
	const struct metrics_conf *m = &e->metrics;
	const struct result_log_conf *log = &e->result_log;
	char address[INET_TEXT_MAX];

	if (m->enabled) {
		(void)fprintf(to, "metrics listen %s port %u",
		              inet_addr_format(&m->address, address), m->port);
		if (m->access_list)
			(void)fprintf(to, " access-list %s", m->access_list);
		(void)fputc('\n', to);
	} else if (all) {
		(void)fputs("no metrics listen\n", to);
	}
	if (m->max_operations != METRICS_OPERATIONS || all)
		(void)fprintf(to, "metrics max-operations %u\n", m->max_operations);
	if (!log->enabled) {
		if (all)
			(void)fputs("no result-log file\n", to);
		return;
	}
	(void)fputs("result-log file", to);
	if (log->max_mb != RESULT_LOG_MB || all)
		(void)fprintf(to, " max-size %u", log->max_mb);
	if (log->files != RESULT_LOG_FILES || all)
		(void)fprintf(to, " files %u", log->files);
	(void)fputc('\n', to);
}
