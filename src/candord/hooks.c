/* SPDX-License-Identifier: Apache-2.0 */
/* Commands: a bounded queue of them, a few at a time, each killed with its children at its time limit. */
#include "candord/hooks.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/hook_exec.h"
#include "candord/outbound.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/process.h"
#include "io/sandbox.h"
#include "io/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNNING_MAX      4
#define QUEUE_MAX        64
#define ORDERS_PER_TURN  16
#define STATUS_PERIOD_NS NS_PER_S

struct hooks;

/* A command that runs. */
struct running {
	struct hooks *hooks;
	pid_t pid; /* 0: this place is free */
	mono_t started;
	bool was_killed;
	struct loop_fd output;
	struct tmr limit;
	struct hook_ran ran; /* as it will be told */
};

struct hooks {
	const char *folder;
	struct loop *loop;
	struct signals signals;
	struct loop_fd control;
	struct tmr status_timer;
	struct hook_status status, told;
	struct running running[RUNNING_MAX];
	struct hook_run *queue[QUEUE_MAX]; /* heap; the oldest first */
	struct hook_run order;
};

/* Control reads as fast as it can; what it does not take is lost, and its counters are told again. */
static void tell(struct hooks *h, const void *record, size_t len)
{
	(void)!send(h->control.fd, record, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void refuse(struct hooks *h, const struct hook_run *run, const struct diag *d)
{
	struct hook_ran ran = { .type = OUTBOUND_RAN, .end = HOOK_REFUSED };

	h->status.refused++;
	memcpy(ran.hook, run->hook, sizeof(ran.hook));
	ran.len = (uint32_t)strlen(d->text);
	memcpy(ran.text, d->text, ran.len);
	tell(h, &ran, sizeof(ran));
}

/* --- a command that runs --------------------------------------------------------------------------------- */

static void read_output(struct running *r)
{
	char octets[512];
	ssize_t n;

	while ((n = read(r->output.fd, octets, sizeof(octets))) > 0) {
		size_t room = sizeof(r->ran.text) - r->ran.len;
		size_t taken = (size_t)n < room ? (size_t)n : room;

		/* What does not fit is read all the same, so that the command does not wait. */
		memcpy(r->ran.text + r->ran.len, octets, taken);
		r->ran.len += (uint32_t)taken;
	}
	if (n == 0 || errno != EAGAIN) {
		loop_remove(r->hooks->loop, &r->output);
		fd_closep(&r->output.fd);
	}
}

static void on_output(struct loop_fd *lf, uint32_t events, mono_t now)
{
	(void)events, (void)now;
	read_output(container_of(lf, struct running, output));
}

static void on_limit(struct tmr *t, mono_t now)
{
	struct running *r = container_of(t, struct running, limit);

	(void)now;
	r->was_killed = true;
	(void)kill(-r->pid, SIGKILL); /* its end is heard of as any other */
}

static void run_next(struct hooks *h);

static void on_end(struct running *r, int status, mono_t now)
{
	struct hooks *h = r->hooks;

	(void)kill(-r->pid, SIGKILL); /* nothing that it started outlives it */
	loop_disarm(h->loop, &r->limit);
	if (r->output.fd >= 0)
		read_output(r);
	if (r->output.fd >= 0) {
		loop_remove(h->loop, &r->output);
		fd_closep(&r->output.fd);
	}
	r->ran.duration_ns = mono_diff_ns(now, r->started);
	r->ran.value = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	r->ran.end = r->was_killed ? HOOK_KILLED : WIFEXITED(status) ? HOOK_EXITED : HOOK_SIGNALED;
	h->status.killed += r->was_killed;
	h->status.succeeded += r->ran.end == HOOK_EXITED && r->ran.value == 0;
	h->status.failed += !r->was_killed && (r->ran.end != HOOK_EXITED || r->ran.value != 0);
	h->status.running--;
	r->pid = 0;
	tell(h, &r->ran, sizeof(r->ran));
	run_next(h);
}

static struct running *free_place(struct hooks *h)
{
	for (unsigned i = 0; i < RUNNING_MAX; i++) {
		if (h->running[i].pid == 0)
			return &h->running[i];
	}
	return NULL;
}

/* The texts of an order as vectors. */
static void split(struct hook_run *run, char **argv, char **envp)
{
	char *at = run->text;

	for (uint32_t i = 0; i < run->argument_count; i++, at += strlen(at) + 1)
		argv[i] = at;
	argv[run->argument_count] = NULL;
	for (uint32_t i = 0; i < run->environment_count; i++, at += strlen(at) + 1)
		envp[i] = at;
	envp[run->environment_count] = NULL;
}

static int start(struct hooks *h, struct running *r, struct hook_run *run, struct diag *d)
{
	char *argv[HOOK_CONF_WORDS_MAX + HOOK_ARGUMENTS_MAX + 2];
	char *envp[HOOK_ENVIRONMENT_MAX + 4];
	int output = -1;
	CLEANUP(fd_closep) int folder = hook_folder_open(h->folder, d);

	if (folder < 0)
		return folder;
	split(run, argv, envp);
	int rc = hook_start(folder, argv, envp, &r->pid, &output, d);

	if (rc < 0)
		return rc;
	r->hooks = h;
	r->started = loop_now(h->loop);
	r->was_killed = false;
	r->ran = (struct hook_ran) { .type = OUTBOUND_RAN };
	memcpy(r->ran.hook, run->hook, sizeof(r->ran.hook));
	r->output = (struct loop_fd) { output, on_output };
	r->limit.fire = on_limit;
	loop_arm(h->loop, &r->limit, mono_add_ns(r->started, (int64_t)run->timeout_s * NS_PER_S));
	if (loop_add(h->loop, &r->output, EPOLLIN) < 0)
		fd_closep(&r->output.fd); /* its output is lost, no more */
	h->status.started++;
	h->status.running++;
	return 0;
}

static void run_next(struct hooks *h)
{
	while (h->status.queued > 0) {
		struct running *r = free_place(h);
		struct hook_run *run = h->queue[0];
		struct diag d = { 0 };

		if (!r)
			return;
		h->status.queued--;
		memmove(&h->queue[0], &h->queue[1], h->status.queued * sizeof(h->queue[0]));
		if (start(h, r, run, &d) < 0) {
			r->pid = 0;
			refuse(h, run, &d);
		}
		free(run);
	}
}

/* --- orders ---------------------------------------------------------------------------------------------- */

static bool is_sane(const struct hook_run *run, size_t len)
{
	uint32_t texts = 0;

	if (len < offsetof(struct hook_run, text) || run->type != OUTBOUND_RUN ||
	    run->len > sizeof(run->text) || len != offsetof(struct hook_run, text) + run->len ||
	    run->argument_count < 1 ||
	    run->argument_count > HOOK_CONF_WORDS_MAX + HOOK_ARGUMENTS_MAX + 1 ||
	    run->environment_count > HOOK_ENVIRONMENT_MAX + 3 || run->timeout_s < 1 ||
	    !memchr(run->hook, '\0', sizeof(run->hook)))
		return false;
	for (uint32_t i = 0; i < run->len; i++)
		texts += run->text[i] == '\0';
	return run->len > 0 && run->text[run->len - 1] == '\0' &&
	       texts == run->argument_count + run->environment_count;
}

static void take(struct hooks *h, size_t len)
{
	if (h->status.queued == QUEUE_MAX) {
		h->status.dropped++;
		return;
	}
	struct hook_run *run = xcalloc(1, sizeof(*run));

	memcpy(run, &h->order, len);
	h->queue[h->status.queued++] = run;
	run_next(h);
}

static void on_control(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct hooks *h = container_of(lf, struct hooks, control);

	(void)events, (void)now;
	for (unsigned i = 0; i < ORDERS_PER_TURN; i++) {
		ssize_t n = recv(lf->fd, &h->order, sizeof(h->order), MSG_DONTWAIT | MSG_TRUNC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			loop_stop(h->loop); /* the order to end */
			return;
		}
		if (!is_sane(&h->order, (size_t)n)) {
			log_err("hooks", "an order of control makes no sense");
			loop_stop(h->loop);
			return;
		}
		take(h, (size_t)n);
	}
}

static bool is_news(const struct hook_status *a, const struct hook_status *b)
{
	return a->started != b->started || a->succeeded != b->succeeded || a->failed != b->failed ||
	       a->killed != b->killed || a->refused != b->refused || a->dropped != b->dropped ||
	       a->queued != b->queued || a->running != b->running;
}

static void on_status(struct tmr *t, mono_t now)
{
	struct hooks *h = container_of(t, struct hooks, status_timer);

	if (is_news(&h->status, &h->told)) {
		tell(h, &h->status, sizeof(h->status));
		h->told = h->status;
	}
	loop_arm(h->loop, t, mono_add_ns(now, STATUS_PERIOD_NS));
}

static void on_signal(struct signals *s, int signo, mono_t now)
{
	struct hooks *h = container_of(s, struct hooks, signals);

	if (signo != SIGCHLD) {
		loop_stop(h->loop);
		return;
	}
	for (int status, pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
		for (unsigned i = 0; i < RUNNING_MAX; i++) {
			if (h->running[i].pid == pid)
				on_end(&h->running[i], status, now);
		}
	}
}

static int begin(struct hooks *h)
{
	static const int watched[] = { SIGTERM, SIGINT, SIGCHLD, 0 };
	struct diag d = { 0 };
	int rc;

	h->loop = loop_new(clock_system());
	if (!h->loop)
		return -errno;
	rc = signals_init(&h->signals, h->loop, watched, on_signal);
	h->control = (struct loop_fd) { PROCESS_FD_FIRST, on_control };
	if (rc == 0)
		rc = loop_add(h->loop, &h->control, EPOLLIN);
	if (rc < 0)
		return rc;
	h->status.type = OUTBOUND_HOOK_STATUS;
	h->status_timer.fire = on_status;
	loop_arm(h->loop, &h->status_timer, loop_now(h->loop));
	rc = sandbox_hooks(&d);
	if (rc < 0)
		log_err("hooks", "cannot confine itself: %s", d.text);
	return rc;
}

int hooks_main(const struct candord_options *options)
{
	static struct hooks h; /* zeroed; large, and there is one */
	int rc = process_enter("hooks", 1);

	h.folder = options->hooks_path;
	if (rc == 0)
		rc = begin(&h);
	if (rc == 0)
		rc = loop_run(h.loop);
	if (rc < 0)
		log_err("hooks", "cannot go on: %s", strerror(-rc));
	for (unsigned i = 0; i < RUNNING_MAX; i++) {
		if (h.running[i].pid > 0)
			(void)kill(-h.running[i].pid, SIGKILL);
	}
	return rc < 0 ? CANDORD_EXIT_SYSTEM : CANDORD_EXIT_OK;
}
