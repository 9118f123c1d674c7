/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to what is to be measured.  The options of an operation become the lines of
 * `ip sla 1`, so that ranges, words and sentences are those of a configuration file. */
#include "cli/probe_job.h"

#include "base/clocktypes.h"
#include "cli/oneshot.h"
#include "cli/resolve_name.h"
#include "cli/row_options.h"
#include "config/config.h"
#include "io/net_names.h"
#include "probe/probe.h"
#include "probe/url_target.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define PERIOD_DEFAULT_NS NS_PER_S
#define TYPE_LINE         2
#define SUB_LINES_FIRST   3 /* the first line of the text that holds an option of the sub-mode */
#define OPTION_LINES_MAX  128

/* The text, and where each option stands in it. */
struct line_text {
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

static int write_text(const struct probe_job *job, const struct given_options *o,
                      struct line_text *ret)
{
	char name[PROBE_NAME_MAX];
	FILE *to = open_memstream(&ret->text, &ret->len);
	bool has_codec = is_given(o, "codec");

	if (!to)
		return -ENOMEM;
	(void)fputs("ip sla 1\n", to);
	long line_at = ftell(to);

	(void)fprintf(to, " %s%s%s%s%s", probe_type_words(job->type, job->method, name),
	              *job->target ? " " : "", job->target, job->port ? " " : "",
	              job->port ? job->port : "");
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
static const struct given_option *option_at(const struct line_text *text, const struct diag *d)
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

static int report_errors(struct cli *cli, const struct line_text *text,
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

/* Numbers for the names of VRF and interface, which this process looks up itself. */
static int take_names(struct cli *cli, struct op_params *p)
{
	const char *vrf = p->text.at[OP_TEXT_VRF], *device = p->text.at[OP_TEXT_INTERFACE];
	int rc = vrf ? net_name_number(vrf, &p->vrf, NULL) : 0;

	if (rc == 0 && device)
		rc = net_name_number(device, &p->source_device, NULL);
	return rc < 0 ? cli_usage_error(cli, "not a name of a VRF or an interface") : CLI_GOOD;
}

static int parse_params(struct cli *cli, const struct given_options *o, struct probe_job *job)
{
	struct line_text text = { 0 };
	struct config *config = NULL;
	struct config_errors errors = { 0 };
	int code = CLI_GOOD;

	if (write_text(job, o, &text) < 0) {
		(void)fputs("candor: out of memory\n", cli->err);
		code = CLI_SYSTEM;
	} else if (config_parse(text.text, text.len, &config, &errors) < 0) {
		code = report_errors(cli, &text, &errors);
	} else {
		job->config = config; /* it holds the texts */
		job->params = config->ops[0]->params;
		if (job->type->target == TARGET_URL)
			job->target = config->ops[0]->target; /* without a password */
		url_target_prepare(&job->params);
		job->params.hops_max = config->ops[0]->stats.hops;
		code = take_names(cli, &job->params);
	}
	config_errors_fini(&errors);
	free(text.text);
	return code;
}

/* Words of the type line behind the type's name: the method, what is measured, and the port. */
static unsigned words_wanted(const struct probe_type *type, const struct probe_job *job)
{
	return (type->target == TARGET_NONE ? 0u : 1u) +
	       (type->target == TARGET_HOST_PORT && !job->port);
}

/* The longest method that the words begin with. */
static bool take_method(const struct probe_type *type, const struct given_options *o,
                        struct probe_job *job, uint32_t *ret_at)
{
	for (uint8_t i = 0; type->methods[i]; i++) {
		char words[PROBE_NAME_MAX] = "";
		uint32_t at = 0;
		bool is_prefix = true;

		while (at < o->words_count && is_prefix && strcmp(words, type->methods[i]) != 0) {
			size_t len = strlen(words);

			(void)snprintf(words + len, sizeof(words) - len, "%s%s", at ? " " : "",
			               o->words[at]);
			at++;
			is_prefix = strncmp(words, type->methods[i], strlen(words)) == 0;
		}
		if (is_prefix && strcmp(words, type->methods[i]) == 0) {
			job->method = i;
			*ret_at = at;
			return true;
		}
	}
	return false;
}

/* What follows the type on the command line: [METHOD] TARGET and, for types that have one, PORT or
 * --port. */
static int take_words(struct cli *cli, const struct probe_type *type, const struct given_options *o,
                      struct probe_job *job)
{
	uint32_t at = 0;

	job->port = row_options_own(o, "port");
	job->target = "";
	if (job->port && type->target != TARGET_HOST_PORT)
		return cli_usage_error(cli, "%s has no port", type->name);
	if (type->methods && !take_method(type, o, job, &at))
		return cli_usage_error(cli, "usage: candor probe %s", type->usage);
	if (o->words_count - at > words_wanted(type, job))
		return cli_usage_error(cli, "unexpected \"%s\"", o->words[o->words_count - 1]);
	/* They become words of a configuration line. */
	for (uint32_t i = at; i < o->words_count; i++) {
		for (const char *p = o->words[i]; *p || p == o->words[i]; p++) {
			if ((unsigned char)*p <= ' ' || *p == 0x7f)
				return cli_usage_error(cli, "\"%s\" is no name", o->words[i]);
		}
	}
	if (type->target != TARGET_NONE) {
		if (at == o->words_count)
			return cli_usage_error(cli, "probe %s needs a target: a name or an address",
			                       type->name);
		job->target = o->words[at++];
	}
	if (at < o->words_count)
		job->port = o->words[at];
	if (type->target == TARGET_HOST_PORT && !job->port)
		return cli_usage_error(cli, "probe %s needs --port N", type->name);
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
	int code = take_words(cli, type, o, &job);

	if (code == CLI_GOOD)
		code = parse_params(cli, o, &job);
	if (code == CLI_GOOD)
		code = row_options_number(cli, o, "count", 0, 1000000000, &job.count);
	if (code == CLI_GOOD)
		code = oneshot_clock_read(cli, o, &job.clock);
	if (code == CLI_GOOD)
		code = probe_keys_read(cli, o, job.clock, &job.params);
	if (code == CLI_GOOD && type->target <= TARGET_HOST_PORT)
		code = resolve_target(cli, o, &job);
	/* A router's 60 seconds are for watching over days; a person waits for this. */
	job.has_frequency = is_given(o, "frequency");
	job.period_ns = job.has_frequency ? job.params.frequency_s * NS_PER_S : PERIOD_DEFAULT_NS;
	*ret = job;
	return code;
}

void probe_job_fini(struct probe_job *job)
{
	config_free(job->config);
	job->config = NULL;
}
