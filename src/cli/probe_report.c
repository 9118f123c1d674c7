/* SPDX-License-Identifier: Apache-2.0 */
/* A measurement as it is told while it runs and at its end. */
#include "cli/probe_job.h"

#include "base/xalloc.h"
#include "cli/format.h"
#include "cli/show.h"
#include "cli/show_fetch.h"
#include "object/names.h"
#include "object/result_object.h"
#include "probe/probe.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct probe_report {
	struct cli *cli;
	const struct probe_job *job;
	struct json_writer json;
	bool is_live, has_live_line, has_colour;
};

static bool is_terminal(FILE *f)
{
	const char *term = getenv("TERM");
	int fd = fileno(f);

	return fd >= 0 && isatty(fd) && term && strcmp(term, "dumb") != 0;
}

struct probe_report *probe_report_new(struct cli *cli, const struct probe_job *job)
{
	struct probe_report *r = xcalloc(1, sizeof(*r));

	r->cli = cli;
	r->job = job;
	r->json = (struct json_writer) { .to = cli->out, .indent = 2 };
	r->is_live = is_terminal(cli->err);
	r->has_colour = is_terminal(cli->out) && !getenv("NO_COLOR");
	return r;
}

void probe_report_free(struct probe_report *r)
{
	free(r);
}

bool probe_report_is_live(const struct probe_report *r)
{
	return r->is_live;
}

static void clear_live_line(struct probe_report *r)
{
	if (!r->has_live_line)
		return;
	(void)fputs("\r\033[K", r->cli->err);
	(void)fflush(r->cli->err); /* only a courtesy to the eye */
	r->has_live_line = false;
}

void probe_report_live(struct probe_report *r, uint64_t run, uint64_t sent, uint64_t received)
{
	char of[24] = "";

	if (!r->is_live)
		return;
	clear_live_line(r);
	if (r->job->count > 1)
		(void)snprintf(of, sizeof(of), "/%" PRIu64, r->job->count);
	(void)fprintf(r->cli->err,
	              "run %" PRIu64 "%s: %" PRIu64 " sent, %" PRIu64 " answered, %" PRIu64
	              " open or lost",
	              run, of, sent, received, sent > received ? sent - received : 0);
	(void)fflush(r->cli->err); /* only a courtesy to the eye */
	r->has_live_line = true;
}

/* --- beginning ------------------------------------------------------------------------------- */

static struct doc *head_doc(const struct probe_report *r, struct arena *a, wall_t now)
{
	struct doc *d = object_new(a, "probe");

	doc_add_text(a, d, "type", r->job->type->name);
	doc_add_text(a, d, "target", r->job->target);
	object_add_addr(a, d, "address", &r->job->params.target);
	doc_add_int(a, d, "started_at_ns", now.ns);
	doc_add_int(a, d, "period_ns", r->job->period_ns);
	object_fill(op_params_rows, &r->job->params, a, doc_add_map(a, d, "parameters"));
	return d;
}

/* "udp-echo to peer.example (192.0.2.1) port 7" */
static void print_title(const struct probe_report *r)
{
	const struct op_params *p = &r->job->params;
	char address[INET_TEXT_MAX], size[48] = "";

	(void)inet_addr_format(&p->target, address);
	if (sla_type_has_jitter(p->type) || p->type == SLA_MULTICAST_JITTER ||
	    p->type == SLA_PATH_JITTER)
		(void)snprintf(size, sizeof(size), ": %u packets, every %u ms", p->num_packets,
		               p->interval_ms);
	(void)fprintf(r->cli->out, "%s to %s", r->job->type->name, r->job->target);
	if (p->target.family != INET_NONE && strcmp(address, r->job->target) != 0)
		(void)fprintf(r->cli->out, " (%s)", address);
	if (p->target_port)
		(void)fprintf(r->cli->out, " port %u", p->target_port);
	(void)fprintf(r->cli->out, "%s\n", size);
}

void probe_report_begin(struct probe_report *r, wall_t now)
{
	struct arena a = { 0 };

	if (r->cli->json) {
		json_open(&r->json, NULL, '{');
		struct doc *head = head_doc(r, &a, now);

		for (const struct doc_member *m = doc_first(head); m; m = m->next)
			json_doc(&r->json, m->key, &m->value);
		json_open(&r->json, "runs", '[');
	} else {
		print_title(r);
	}
	(void)fflush(r->cli->out); /* show_flush() at the end finds an error in the stream */
	arena_free(&a);
}

/* --- each run -------------------------------------------------------------------------------- */

static const char *colour_of(const struct probe_report *r, const struct doc *result)
{
	if (!r->has_colour)
		return "";
	switch (doc_int(result, "return_code", SENSE_OTHER)) {
	case SENSE_OK:
		return "\033[32m";
	case SENSE_OVER_THRESHOLD:
		return "\033[33m";
	default:
		return "\033[31m";
	}
}

static void print_jitter_run(const struct doc *jitter, FILE *to)
{
	const struct doc *rtt = doc_get(jitter, "rtt"), *p = doc_get(jitter, "packets");
	char least[FORMAT_SPAN_MAX], avg[FORMAT_SPAN_MAX], most[FORMAT_SPAN_MAX];

	if (doc_int(p, "sent", 0) == 0)
		return; /* refused before the first packet */
	if (doc_int(rtt, "n", 0) > 0)
		(void)fprintf(to, "  rtt %s / %s / %s",
		              format_duration(doc_int(rtt, "min_ns", 0), least),
		              format_duration(doc_int(rtt, "avg_ns", 0), avg),
		              format_duration(doc_int(rtt, "max_ns", 0), most));
	(void)fprintf(to, "  lost %" PRId64 " out, %" PRId64 " back, %" PRId64 " unknown",
	              doc_int(p, "lost_sd", 0), doc_int(p, "lost_ds", 0), doc_int(p, "missing", 0));
}

static void print_run(const struct probe_report *r, const struct doc *result)
{
	const struct doc *jitter = doc_get(result, "jitter"), *rtt = doc_get(result, "rtt_ns");
	const char *detail = doc_text(result, "detail", ""), *colour = colour_of(r, result);
	FILE *to = r->cli->out;
	char span[FORMAT_SPAN_MAX];

	(void)fprintf(to, "run %" PRId64 ": %s%s%s", doc_int(result, "run", 0), colour,
	              render_return_code(result), *colour ? "\033[0m" : "");
	if (jitter && jitter->kind == DOC_MAP)
		print_jitter_run(jitter, to);
	else if (rtt && rtt->kind == DOC_INT)
		(void)fprintf(to, "  %s", format_duration(rtt->integer, span));
	(void)fputc('\n', to);
	render_result_parts(result, to);
	if (*detail)
		(void)fprintf(to, "  %s\n", detail);
}

void probe_report_result(struct probe_report *r, const struct sla_result *result)
{
	struct arena a = { 0 };
	struct doc *d = doc_new_map(&a);

	clear_live_line(r);
	object_fill(result_rows, result, &a, d);
	if (r->cli->json)
		json_doc(&r->json, NULL, d);
	else
		print_run(r, d);
	(void)fflush(r->cli->out); /* show_flush() at the end finds an error in the stream */
	arena_free(&a);
}

/* --- the end --------------------------------------------------------------------------------- */

int probe_report_end(struct probe_report *r, const struct probe_tally *tally)
{
	struct arena a = { 0 };
	struct doc *summary = doc_new_map(&a);

	clear_live_line(r);
	probe_tally_fill(tally, &a, summary);
	if (r->cli->json) {
		json_close(&r->json, ']');
		json_doc(&r->json, "summary", summary);
		json_close(&r->json, '}');
		(void)fputc('\n', r->cli->out);
	} else {
		render_probe_summary(summary, r->cli->out);
	}
	arena_free(&a);
	return show_flush(r->cli);
}
