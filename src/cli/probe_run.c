/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of a one-shot measurement: the runner of the daemon on a loop of its own. */
#include "cli/probe_job.h"

#include "io/clock.h"
#include "io/loop.h"
#include "io/rt_sched.h"
#include "io/signals.h"
#include "io/udp_socket.h"
#include "probe/probe.h"
#include "probe/runner.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#define OPERATION   1u /* its number, and its generation */
#define LIVE_EVERY  (200 * NS_PER_MS)
#define TIMERS_ROOM 64u

struct run {
	const struct probe_job *job;
	struct probe_report *report;
	struct probe_tally *tally;
	struct loop *loop;
	struct runner *runner;
	struct signals signals;
	struct tmr next, live;
	mono_t due; /* raster point of the run in progress or to come */
	int error;
};

static void show_progress(struct run *r)
{
	const struct runner_counters *c = runner_counters(r->runner);

	probe_report_live(r->report, r->tally->runs + 1, c->packets_sent, c->packets_received);
}

static void on_live(struct tmr *t, mono_t now)
{
	struct run *r = container_of(t, struct run, live);

	show_progress(r);
	loop_arm(r->loop, t, mono_add_ns(now, LIVE_EVERY));
}

static void on_next(struct tmr *t, mono_t now)
{
	struct run *r = container_of(t, struct run, next);
	const struct op_id id = { OPERATION, OPERATION };
	int error = runner_run_once(r->runner, &id, NULL);

	(void)now;
	if (error == 0)
		return;
	r->error = error;
	loop_stop(r->loop);
}

/* The next raster point that is still to come; those that the run overran are missed ones.  Without a
 * frequency there is no raster to miss: a run that took longer is followed at once. */
static void arm_next(struct run *r)
{
	mono_t now = r->job->clock->mono(r->job->clock);

	r->due = mono_add_ns(r->due, r->job->period_ns);
	int64_t behind_ns = mono_diff_ns(now, r->due);

	if (behind_ns > 0 && !r->job->has_frequency) {
		r->due = now;
	} else if (behind_ns > 0) {
		int64_t missed = behind_ns / r->job->period_ns + 1;

		r->tally->missed_busy += (uint64_t)missed;
		r->due = mono_add_ns(r->due, missed * r->job->period_ns);
	}
	loop_arm(r->loop, &r->next, r->due);
}

static void on_result(void *ctx, const struct sla_result *result, const struct sketch *rtt)
{
	struct run *r = ctx;

	probe_tally_add(r->tally, result, rtt);
	probe_report_result(r->report, result);
	if (r->tally->interrupted || (r->job->count > 0 && r->tally->runs >= r->job->count))
		loop_stop(r->loop);
	else
		arm_next(r);
}

static void on_state(void *ctx, const struct runner_state_event *event)
{
	(void)ctx; /* nothing is scheduled: every run is asked for */
	(void)event;
}

static void on_signal(struct signals *s, int signo, mono_t now)
{
	struct run *r = container_of(s, struct run, signals);

	(void)signo;
	(void)now;
	/* The first time what was measured is kept, the second time means at once. */
	bool is_second = r->tally->interrupted;

	r->tally->interrupted = true;
	if (is_second || !runner_cut(r->runner, OPERATION))
		loop_stop(r->loop);
}

static int measure(struct run *r)
{
	static const int ends[] = { SIGINT, SIGTERM, 0 };
	const struct op_id id = { OPERATION, OPERATION };
	const struct op_schedule unscheduled = { 0 };
	const struct runner_sink sink = { .result = on_result, .state = on_state, .ctx = r };
	struct clock *clock = r->job->clock;
	int error = loop_reserve_timers(r->loop, TIMERS_ROOM);

	/* Better spacing where it is permitted; the result says how late each packet was. */
	(void)!rt_sched_set(0, NULL);
	r->runner = runner_new(r->loop, clock, sock_opener_direct(), &sink);
	if (!r->runner)
		return -ENOMEM;
	if (error == 0)
		error = signals_init(&r->signals, r->loop, ends, on_signal);
	if (error < 0)
		return error;
	/* Reading the trust anchors takes longer than many a run; one that needs them says what failed. */
	if (r->job->type->target == TARGET_URL)
		(void)!runner_prepare_tls(r->runner, NULL);
	error = runner_set(r->runner, &id, &r->job->params, &unscheduled);
	if (error == 0) {
		r->due = clock->mono(clock);
		loop_arm(r->loop, &r->next, r->due);
		if (probe_report_is_live(r->report))
			loop_arm(r->loop, &r->live, mono_add_ns(r->due, LIVE_EVERY));
		error = loop_run(r->loop);
	}
	signals_fini(&r->signals);
	return error;
}

int probe_run(struct cli *cli, const struct probe_job *job, struct probe_report *report,
              struct probe_tally *tally)
{
	struct run r = {
		.job = job,
		.report = report,
		.tally = tally,
		.next.fire = on_next,
		.live.fire = on_live,
		.signals.lf.fd = -1,
	};

	r.loop = loop_new(job->clock);
	int error = r.loop ? measure(&r) : -errno;

	if (error == 0)
		error = r.error;
	if (r.runner) {
		tally->open_errors = runner_counters(r.runner)->open_errors;
		runner_free(r.runner);
	}
	loop_free(r.loop);
	if (error == 0)
		return CLI_GOOD;
	(void)fprintf(cli->err, "candor: cannot measure: %s\n", strerror(-error));
	return CLI_SYSTEM;
}
