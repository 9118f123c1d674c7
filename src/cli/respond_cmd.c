/* SPDX-License-Identifier: Apache-2.0 */
/* candor respond [options]: the responder in the foreground, for trying.  Its options become
 * configuration text, so that they mean what they mean in a file. */
#include "base/log.h"
#include "cli/oneshot.h"
#include "cli/row_options.h"
#include "cli/show.h"
#include "cli/show_fetch.h"
#include "config/config.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/signals.h"
#include "io/udp_socket.h"
#include "object/node_object.h"
#include "object/result_object.h"
#include "responder/port_policy.h"
#include "responder/responder.h"
#include "responder/responder_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const struct own_option respond_own_options[] = {
	{ "udp-echo", "PORT", "Answer on this port without a control message" },
	{ "tcp-connect", "PORT", "Accept on this port without a control message" },
	{ "access", "PREFIX", "Answer these sources only; may be repeated" },
	{ "key-chain-file", "FILE", "Require signed control messages: a `key chain` block" },
	{ "port-v1", "N", "Short for --control-port-v1" },
	{ "port-v2", "N", "Short for --control-port-v2" },
	{ "trust-clock", "ERR", "The local clock is right within ERR, e.g. 100us" },
	{ "clock", "SPEC", "A clock for trials: offset=+5ms,error=10us,synchronised=yes" },
	{ "json", NULL, "The counters at the end as a JSON document" },
	{ "help", NULL, "This text" },
	{ "h", NULL, "This text" },
	{ 0 },
};

#define SESSIONS_SHOWN 64u

struct respond {
	struct cli *cli;
	struct config *config;
	struct clock *clock;
	struct loop *loop;
	struct responder *responder;
	struct signals signals;
	struct tmr tick;
	bool is_live;
};

/* --- configuration --------------------------------------------------------------------------- */

/* A row that the command line knows by a shorter name, too. */
static const char *keyword_of(const struct given_option *option)
{
	if (option->row)
		return option->row->keyword;
	if (strcmp(option->name, "port-v1") == 0)
		return "control-port-v1";
	return strcmp(option->name, "port-v2") == 0 ? "control-port-v2" : NULL;
}

static void write_text(const struct given_options *o, FILE *to)
{
	(void)fputs("ip sla responder\n", to);
	for (uint32_t i = 0; i < o->count; i++) {
		const char *name = o->options[i].name;

		if (strcmp(name, "udp-echo") == 0 || strcmp(name, "tcp-connect") == 0)
			(void)fprintf(to, "ip sla responder %s port %s\n", name,
			              o->options[i].value);
	}
	(void)fputs("ip sla responder settings\n", to);
	for (uint32_t i = 0; i < o->count; i++) {
		const struct given_option *option = &o->options[i];
		const char *keyword = keyword_of(option);

		if (keyword)
			(void)fprintf(to, " %s%s%s\n", keyword, option->value ? " " : "",
			              option->value ? option->value : "");
	}
}

static int parse_text(struct cli *cli, const struct given_options *o, struct config **ret)
{
	CLEANUP(freep) char *text = NULL;
	size_t len = 0;
	struct config_errors errors = { 0 };
	FILE *to = open_memstream(&text, &len);

	if (to)
		write_text(o, to);
	if (!to || fclose(to) != 0) {
		(void)fputs("candor: out of memory\n", cli->err);
		return CLI_SYSTEM;
	}
	int code = config_parse(text, len, ret, &errors) < 0 ? CLI_USAGE : CLI_GOOD;

	for (uint32_t i = 0; code != CLI_GOOD && i < errors.count; i++)
		(void)cli_usage_error(cli, "%s", errors.errors[i].text);
	config_errors_fini(&errors);
	return code;
}

static int take_access(struct cli *cli, const struct given_options *o, struct responder_cfg *cfg)
{
	for (uint32_t i = 0; i < o->count; i++) {
		struct access_rule rule = { .permit = true };

		if (strcmp(o->options[i].name, "access") != 0)
			continue;
		if (inet_prefix_parse(o->options[i].value, &rule.prefix) < 0)
			return cli_usage_error(cli,
			                       "--access: expected a prefix such as 192.0.2.0/24, "
			                       "found \"%s\"",
			                       o->options[i].value);
		if (cfg->rule_count == RESPONDER_ACCESS_RULES_MAX)
			return cli_usage_error(cli, "--access: at most %d prefixes",
			                       RESPONDER_ACCESS_RULES_MAX);
		cfg->rules[cfg->rule_count++] = rule;
		cfg->has_access_list = true;
	}
	return CLI_GOOD;
}

static int take_keys(struct cli *cli, const struct given_options *o, struct responder_cfg *cfg)
{
	const char *path = row_options_own(o, "key-chain-file");

	if (!path)
		return CLI_GOOD;
	cfg->has_keychain = true;
	return key_chain_file_read(cli, path, &cfg->keychain);
}

static int take_reserved_ports(struct cli *cli, struct responder_cfg *cfg)
{
	int rc = reserved_ports_read(cfg);

	if (rc == 0)
		return CLI_GOOD;
	(void)fprintf(cli->err, "candor: cannot read the kernel's reserved ports: %s\n",
	              strerror(-rc));
	return CLI_SYSTEM;
}

/* --- running --------------------------------------------------------------------------------- */

static void show_progress(const struct respond *r)
{
	struct responder_status s;

	responder_status(r->responder, &s);
	(void)fprintf(r->cli->err,
	              "\r\033[K%u session%s, %" PRIu64 " control messages, %" PRIu64
	              " probes answered, %" PRIu64 " octets",
	              s.sessions, s.sessions == 1 ? "" : "s", s.counters.control_requests,
	              s.counters.probes_answered, s.counters.bytes_out);
	(void)fflush(r->cli->err); /* only a courtesy to the eye */
}

static void on_tick(struct tmr *t, mono_t now)
{
	struct respond *r = container_of(t, struct respond, tick);

	show_progress(r);
	loop_arm(r->loop, t, mono_add_ns(now, NS_PER_S));
}

static void on_signal(struct signals *s, int signo, mono_t now)
{
	(void)signo;
	(void)now;
	loop_stop(container_of(s, struct respond, signals)->loop);
}

static struct doc *status_doc(const struct respond *r, struct arena *a)
{
	struct responder_status status;
	struct responder_session_view sessions[SESSIONS_SHOWN];
	struct doc *d = object_new(a, "responder");
	struct node_view node = {
		.now = r->clock->wall(r->clock),
		.clock = r->clock->grade(r->clock),
		.config = r->config,
		.responder = &status,
	};

	responder_status(r->responder, &status);
	responder_fill(&node, a, d);
	struct doc *open = doc_add_list(a, d, "open_sessions");
	uint32_t count = responder_sessions(r->responder, 0, SESSIONS_SHOWN, sessions);

	for (uint32_t i = 0; i < count; i++)
		session_fill(&sessions[i], a, doc_add_map(a, open, NULL));
	return d;
}

static int tell_end(const struct respond *r)
{
	struct arena a = { 0 };
	const struct doc *d = status_doc(r, &a);

	if (r->is_live)
		(void)fputs("\r\033[K", r->cli->err);
	if (!r->cli->json)
		render_responder(d, r->cli->out);
	else if (doc_write_json(d, r->cli->out, 2) < 0)
		(void)fflush(r->cli->out); /* show_flush() says why */
	arena_free(&a);
	return show_flush(r->cli);
}

static int serve(struct respond *r)
{
	static const int ends[] = { SIGINT, SIGTERM, 0 };
	const struct responder_cfg *cfg = &r->config->responder;
	struct diag d = { 0 };
	int error = signals_init(&r->signals, r->loop, ends, on_signal);

	if (error == 0)
		error = responder_apply(r->responder, cfg, &d);
	if (error < 0) {
		(void)fprintf(r->cli->err, "candor: %s\n", d.text[0] ? d.text : strerror(-error));
		return CLI_SYSTEM;
	}
	(void)fprintf(r->cli->err, "answering on control ports %u and %u; interrupt to end\n",
	              cfg->v1_port, cfg->v2_port);
	if (r->is_live)
		loop_arm(r->loop, &r->tick, mono_add_ns(r->clock->mono(r->clock), NS_PER_S));
	error = loop_run(r->loop);
	if (error == 0)
		return tell_end(r);
	(void)fprintf(r->cli->err, "candor: cannot go on: %s\n", strerror(-error));
	return CLI_SYSTEM;
}

static int run(struct respond *r)
{
	const char *term = getenv("TERM");
	int fd = fileno(r->cli->err), code = CLI_SYSTEM;

	r->is_live = fd >= 0 && isatty(fd) && term && strcmp(term, "dumb") != 0;
	r->loop = loop_new(r->clock);
	if (r->loop)
		r->responder = responder_new(r->loop, r->clock, sock_opener_direct());
	if (r->responder)
		code = serve(r);
	else
		(void)fprintf(r->cli->err, "candor: cannot start: %s\n", strerror(errno));
	signals_fini(&r->signals);
	responder_free(r->responder);
	loop_free(r->loop);
	return code;
}

static void print_help(FILE *to)
{
	(void)fputs("usage: candor respond [options]\n"
	            "\n"
	            "Answer IP SLA operations in the foreground until interrupted.\n"
	            "\n"
	            "Options (ranges and defaults in parentheses):\n",
	            to);
	row_options_help(responder_rows, respond_own_options, to);
}

int respond_command(struct cli *cli)
{
	struct given_options o;
	struct respond r = {
		.cli = cli,
		.tick.fire = on_tick,
		.signals.lf.fd = -1,
	};
	int code = row_options_read(cli, responder_rows, respond_own_options, &o);

	if (code != CLI_GOOD)
		return code;
	cli->json |= row_options_own(&o, "json") != NULL;
	log_init("candor", LOG_LEVEL_WARN);
	if (row_options_own(&o, "help") || row_options_own(&o, "h")) {
		print_help(cli->out);
		row_options_fini(&o);
		return CLI_GOOD;
	}
	if (o.words_count > 0)
		code = cli_usage_error(cli, "unexpected \"%s\"", o.words[0]);
	if (code == CLI_GOOD)
		code = parse_text(cli, &o, &r.config);
	if (code == CLI_GOOD)
		code = take_access(cli, &o, &r.config->responder);
	if (code == CLI_GOOD)
		code = take_keys(cli, &o, &r.config->responder);
	if (code == CLI_GOOD)
		code = take_reserved_ports(cli, &r.config->responder);
	if (code == CLI_GOOD)
		code = oneshot_clock_read(cli, &o, &r.clock);
	if (code == CLI_GOOD)
		code = run(&r);
	config_free(r.config);
	row_options_fini(&o);
	return code;
}
