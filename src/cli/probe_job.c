/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to what is to be measured.  The options of an operation become the lines of
 * `ip sla 1`, so that ranges, words and sentences are those of a configuration file. */
#include "cli/probe_job.h"

#include "base/clocktypes.h"
#include "cli/oneshot.h"
#include "cli/resolve_name.h"
#include "cli/row_options.h"
#include "config/config.h"
#include "probe/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PERIOD_DEFAULT_NS NS_PER_S
#define TYPE_LINE         2
#define SUB_LINES_FIRST   3 /* the first line of the text that holds an option of the sub-mode */
#define OPTION_LINES_MAX  128

/* The text, and where each option stands in it. */
struct op_text {
	char *text;
	size_t len;
	const struct given_option *lines[OPTION_LINES_MAX];
	uint32_t lines_count;
	/* On the type line: which option begins at which column. */
	const struct given_option *inlines[OPTION_LINES_MAX];
	uint32_t columns[OPTION_LINES_MAX], inlines_count;
};

static bool is_given(const struct given_options *o, const char *name)
{
	for (uint32_t i = 0; i < o->count; i++) {
		if (strcmp(o->options[i].name, name) == 0)
			return true;
	}
	return false;
}

/* The words of the configuration for an option; NULL: it is none of an operation.  Beside a codec
 * IOS has words of its own for packets, spacing and size: here either will do. */
static const char *words_of(const struct given_option *option, bool has_codec)
{
	static const struct {
		const char *plain, *codec;
	} twins[] = {
		{ "num-packets", "codec-numpackets" },
		{ "interval", "codec-interval" },
		{ "request-data-size", "codec-size" },
	};

	for (size_t i = 0; i < ARRAY_LEN(twins); i++) {
		if (strcmp(option->name, twins[i].codec) == 0)
			return twins[i].codec;
		if (has_codec && strcmp(option->name, twins[i].plain) == 0)
			return twins[i].codec;
	}
	return option->row ? option->row->keyword : NULL;
}

static bool is_inline(const struct given_option *option, const char *words)
{
	return strncmp(words, "codec-", 6) == 0 || (option->row->where & CW_INLINE);
}

static void write_option(FILE *to, const struct given_option *option, const char *words)
{
	(void)fprintf(to, " %s%s%s", words, option->value ? " " : "",
	              option->value ? option->value : "");
}

static int write_text(const struct probe_type *type, const char *target, const char *port,
                      const struct given_options *o, struct op_text *ret)
{
	FILE *to = open_memstream(&ret->text, &ret->len);
	bool has_codec = is_given(o, "codec");

	if (!to)
		return -ENOMEM;
	(void)fputs("ip sla 1\n", to);
	long line_at = ftell(to);

	(void)fprintf(to, " %s %s%s%s", type->name, target, port ? " " : "", port ? port : "");
	for (uint32_t i = 0; i < o->count && ret->inlines_count < OPTION_LINES_MAX; i++) {
		const char *words = words_of(&o->options[i], has_codec);

		if (!words || !is_inline(&o->options[i], words))
			continue;
		ret->inlines[ret->inlines_count] = &o->options[i];
		ret->columns[ret->inlines_count++] = (uint32_t)(ftell(to) - line_at) + 1;
		write_option(to, &o->options[i], words);
	}
	(void)fputc('\n', to);
	for (uint32_t i = 0; i < o->count && ret->lines_count < OPTION_LINES_MAX; i++) {
		const char *words = words_of(&o->options[i], has_codec);

		if (!words || is_inline(&o->options[i], words))
			continue;
		ret->lines[ret->lines_count++] = &o->options[i];
		write_option(to, &o->options[i], words);
		(void)fputc('\n', to);
	}
	return fclose(to) == 0 ? 0 : -ENOMEM;
}

/* The option that an error is about; NULL: about the target or its port. */
static const struct given_option *option_at(const struct op_text *text, const struct diag *d)
{
	const struct given_option *found = NULL;

	if (d->line >= SUB_LINES_FIRST)
		return d->line - SUB_LINES_FIRST < text->lines_count
		               ? text->lines[d->line - SUB_LINES_FIRST]
		               : NULL;
	for (uint32_t i = 0; d->line == TYPE_LINE && i < text->inlines_count; i++) {
		if (text->columns[i] <= d->column)
			found = text->inlines[i];
	}
	return found;
}

static int report_errors(struct cli *cli, const struct op_text *text,
                         const struct config_errors *errors)
{
	for (uint32_t i = 0; i < errors->count; i++) {
		const struct diag *d = &errors->errors[i];
		const struct given_option *option = option_at(text, d);

		if (option)
			(void)cli_usage_error(cli, "--%s: %s", option->name, d->text);
		else
			(void)cli_usage_error(cli, "%s", d->text);
	}
	return CLI_USAGE;
}

static int parse_params(struct cli *cli, const struct probe_type *type, const char *target,
                        const char *port, const struct given_options *o, struct op_params *ret)
{
	struct op_text text = { 0 };
	struct config *config = NULL;
	struct config_errors errors = { 0 };
	int code = CLI_GOOD;

	if (write_text(type, target, port, o, &text) < 0) {
		(void)fputs("candor: out of memory\n", cli->err);
		code = CLI_SYSTEM;
	} else if (config_parse(text.text, text.len, &config, &errors) < 0) {
		code = report_errors(cli, &text, &errors);
	} else {
		*ret = config->ops[0].params;
	}
	config_errors_fini(&errors);
	config_free(config);
	free(text.text);
	return code;
}

/* TARGET and, for types that have one, PORT or --port. */
static int take_words(struct cli *cli, const struct probe_type *type, const struct given_options *o,
                      const char **ret_target, const char **ret_port)
{
	const char *port = row_options_own(o, "port");

	if (o->words_count == 0)
		return cli_usage_error(cli, "probe %s needs a target: a name or an address",
		                       type->name);
	if (o->words_count > (type->needs_port && !port ? 2u : 1u))
		return cli_usage_error(cli, "unexpected \"%s\"", o->words[o->words_count - 1]);
	if (port && !type->needs_port)
		return cli_usage_error(cli, "%s has no port", type->name);
	if (o->words_count == 2)
		port = o->words[1];
	if (type->needs_port && !port)
		return cli_usage_error(cli, "probe %s needs --port N", type->name);
	/* They become words of a configuration line. */
	for (uint32_t i = 0; i < o->words_count; i++) {
		for (const char *p = o->words[i]; *p || p == o->words[i]; p++) {
			if ((unsigned char)*p <= ' ' || *p == 0x7f)
				return cli_usage_error(cli, "\"%s\" is no name", o->words[i]);
		}
	}
	*ret_target = o->words[0];
	*ret_port = port;
	return CLI_GOOD;
}

static int resolve_target(struct cli *cli, const struct given_options *o, struct probe_job *job)
{
	enum inet_family family = row_options_own(o, "4")   ? INET_V4
	                          : row_options_own(o, "6") ? INET_V6
	                                                    : job->params.source.family;
	struct diag d;

	if (job->params.target.family != INET_NONE) {
		if (family != INET_NONE && family != job->params.target.family)
			return cli_usage_error(cli, "%s is not an IPv%d address", job->target,
			                       (int)family);
		return CLI_GOOD;
	}
	if (resolve_name(job->target, family, &job->params.target, &d) == 0)
		return CLI_GOOD;
	(void)fprintf(cli->err, "candor: %s\n", d.text);
	return CLI_SYSTEM;
}

int probe_job_read(struct cli *cli, const struct probe_type *type, const struct given_options *o,
                   struct probe_job *ret)
{
	struct probe_job job = { .type = type, .count = 1 };
	const char *port = NULL;
	int code = take_words(cli, type, o, &job.target, &port);

	if (code == CLI_GOOD)
		code = parse_params(cli, type, job.target, port, o, &job.params);
	if (code == CLI_GOOD)
		code = row_options_number(cli, o, "count", 0, 1000000000, &job.count);
	if (code == CLI_GOOD)
		code = oneshot_clock_read(cli, o, &job.clock);
	if (code == CLI_GOOD)
		code = probe_keys_read(cli, o, job.clock, &job.params);
	if (code == CLI_GOOD)
		code = resolve_target(cli, o, &job);
	/* A router's 60 seconds are for watching over days; a person waits for this. */
	job.has_frequency = is_given(o, "frequency");
	job.period_ns = job.has_frequency ? job.params.frequency_s * NS_PER_S : PERIOD_DEFAULT_NS;
	*ret = job;
	return code;
}
