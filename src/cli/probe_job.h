/* SPDX-License-Identifier: Apache-2.0 */
/* One-shot measurement: what to do, what came of it, and how it is told. */
#ifndef CANDOR_CLI_PROBE_JOB_H
#define CANDOR_CLI_PROBE_JOB_H

#include "base/sketch.h"
#include "cli/cli.h"
#include "object/doc.h"
#include "object/node.h"
#include "sla/operation.h"
#include "sla/result.h"

struct clock;
struct config;
struct probe_type;
struct given_options;
struct own_option;

/* What to measure, complete and checked. */
struct probe_job {
	const struct probe_type *type;
	uint8_t method;     /* index into the type's methods */
	const char *target; /* as typed; lives as long as the command line */
	const char *port;   /* as typed, or NULL */
	struct op_params params;
	struct config *config; /* holds the texts of ``params`` */
	uint64_t count;        /* runs; 0: until interrupted */
	int64_t period_ns;     /* start to start */
	bool has_frequency;    /* asked for: a run that overruns it misses the next */
	struct clock *clock;
};

/* What all runs together gave. */
struct probe_tally {
	uint64_t runs, good;  /* finished; with return code OK and, for udp-jitter, without loss */
	uint64_t answered;    /* runs in which anything came back */
	uint64_t missed_busy; /* raster points skipped: the previous run was still on */
	uint64_t by_sense[NODE_SENSES];
	struct sum_stats rtt; /* single packet: of the runs; udp-jitter: of all packets */
	struct sketch spread; /* RTT of all packets */
	uint64_t unfitted;
	struct sla_result all; /* sums, extremes and the weakest of everything, as one result */
	uint64_t open_errors;  /* sockets that the system refused */
	bool interrupted;
};

void probe_tally_init(struct probe_tally *t);
void probe_tally_fini(struct probe_tally *t);
void probe_tally_add(struct probe_tally *t, const struct sla_result *r, const struct sketch *rtt);
enum cli_exit probe_tally_exit(const struct probe_tally *t);

/* "summary" of the probe document. */
void probe_tally_fill(const struct probe_tally *t, struct arena *a, struct doc *to);

/* Fill the job from the command line; probe_job_fini() in any case.  CLI_GOOD, or an exit code with
 * the reason on cli->err. */
int probe_job_read(struct cli *cli, const struct probe_type *type, const struct given_options *o,
                   struct probe_job *ret);
void probe_job_fini(struct probe_job *job);

/* --key-chain-file, or --key-id, --key-string-file and --auth-mode, into ``params``. */
int probe_keys_read(struct cli *cli, const struct given_options *o, struct clock *clock,
                    struct op_params *params);

/* Measure.  Results go to ``report`` as they come.  CLI_GOOD and *tally complete, or an exit code
 * with the reason on cli->err. */
struct probe_report;
int probe_run(struct cli *cli, const struct probe_job *job, struct probe_report *report,
              struct probe_tally *tally);

/* How a measurement is told: text or one JSON document on cli->out, a live line on cli->err. */
struct probe_report *probe_report_new(struct cli *cli, const struct probe_job *job);
void probe_report_free(struct probe_report *r);
void probe_report_begin(struct probe_report *r, wall_t now);
void probe_report_result(struct probe_report *r, const struct sla_result *result);
void probe_report_live(struct probe_report *r, uint64_t run, uint64_t sent, uint64_t received);
bool probe_report_is_live(const struct probe_report *r);
int probe_report_end(struct probe_report *r, const struct probe_tally *tally);

/* The summary in words, from its document. */
void render_probe_summary(const struct doc *summary, FILE *to);

#endif
