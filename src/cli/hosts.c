/* SPDX-License-Identifier: Apache-2.0 */
/* Several nodes at once. */
#include "cli/hosts.h"

#include "base/xalloc.h"
#include "cli/show_fetch.h"
#include "cli/target.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum stream { STREAM_OUT, STREAM_ERR, STREAMS };

struct said {
	char *text; /* terminated */
	size_t len, cap;
};

struct host_job {
	const struct cli_target *target;
	pid_t pid;       /* 0: not begun, or waited for */
	int fd[STREAMS]; /* of its pipes; -1: at the end */
	struct said said[STREAMS];
	int code;
	bool is_done;
};

/* --- the child ------------------------------------------------------------------------------- */

static int run_in_child(struct cli *cli, const struct host_job *job, const struct command *c,
                        struct pipe_chain *chain, const int fd[STREAMS])
{
	struct cli own = *cli;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	own.out = fdopen(fd[STREAM_OUT], "w");
	own.err = fdopen(fd[STREAM_ERR], "w");
	if (!own.out || !own.err)
		return CLI_SYSTEM;
	own.target = job->target;
	own.label = job->target->name;
	int code = cli_execute(&own, c, chain);

	if (fclose(own.out) != 0 || fclose(own.err) != 0)
		return CLI_SYSTEM;
	return code;
}

static int make_pipes(int read_end[STREAMS], int write_end[STREAMS])
{
	for (int i = 0; i < STREAMS; i++) {
		int both[2];

		if (pipe(both) < 0) {
			while (i-- > 0) {
				(void)close(read_end[i]);
				(void)close(write_end[i]);
			}
			return -errno;
		}
		read_end[i] = both[0];
		write_end[i] = both[1];
	}
	return 0;
}

/* A job that cannot begin has failed, and says why. */
static void fail_job(struct host_job *job, const char *why)
{
	struct said *s = &job->said[STREAM_ERR];

	free(s->text);
	*s = (struct said) { .text = xcalloc(1, 200), .cap = 200 };
	(void)snprintf(s->text, s->cap, "candor: %s: %s\n", job->target->name, why);
	s->len = strlen(s->text);
	job->code = CLI_SYSTEM;
	job->is_done = true;
}

static void begin(struct cli *cli, struct host_job *job, const struct command *c,
                  struct pipe_chain *chain)
{
	int write_end[STREAMS] = { -1, -1 };

	if (make_pipes(job->fd, write_end) < 0) {
		job->fd[STREAM_OUT] = job->fd[STREAM_ERR] = -1;
		fail_job(job, strerror(errno));
		return;
	}
	job->pid = fork();
	if (job->pid == 0) {
		for (int i = 0; i < STREAMS; i++)
			(void)close(job->fd[i]);
		_exit(run_in_child(cli, job, c, chain, write_end));
	}
	int error = errno;

	for (int i = 0; i < STREAMS; i++) {
		(void)close(write_end[i]);
		if (job->pid < 0)
			fd_closep(&job->fd[i]);
	}
	if (job->pid < 0) {
		job->pid = 0;
		fail_job(job, strerror(error));
	}
}

/* --- the parent ------------------------------------------------------------------------------ */

static void append(struct said *s, const char *data, size_t len)
{
	if (s->len + len + 1 > s->cap) {
		s->cap = 2 * (s->len + len + 1);
		s->text = xrealloc(s->text, s->cap, 1);
	}
	memcpy(s->text + s->len, data, len);
	s->len += len;
	s->text[s->len] = '\0';
}

static void finish(struct host_job *job)
{
	int status = 0;

	while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
		;
	job->pid = 0;
	job->is_done = true;
	job->code = WIFEXITED(status) ? WEXITSTATUS(status) : CLI_SYSTEM;
	if (!WIFEXITED(status) && job->said[STREAM_ERR].len == 0)
		fail_job(job, "the command was ended by a signal");
}

static void read_some(struct host_job *job, int stream)
{
	char data[16384];
	ssize_t n = read(job->fd[stream], data, sizeof(data));

	if (n > 0 && job->said[stream].len + (size_t)n <= HOSTS_OUTPUT_MAX) {
		append(&job->said[stream], data, (size_t)n);
		return;
	}
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n > 0) { /* whoever says that much is ill */
		(void)kill(job->pid, SIGKILL);
		fd_closep(&job->fd[STREAM_OUT]);
		fd_closep(&job->fd[STREAM_ERR]);
		finish(job);
		fail_job(job, "it says more than can be kept");
		return;
	}
	fd_closep(&job->fd[stream]);
	if (job->fd[STREAM_OUT] < 0 && job->fd[STREAM_ERR] < 0)
		finish(job);
}

/* Wait for any of the jobs that run; at least one does. */
static void wait_for_some(struct host_job *jobs, uint32_t count)
{
	struct pollfd polled[HOSTS_AT_ONCE * STREAMS];
	struct {
		struct host_job *job;
		int stream;
	} who[HOSTS_AT_ONCE * STREAMS];
	nfds_t n = 0;

	for (uint32_t i = 0; i < count; i++) {
		for (int s = 0; jobs[i].pid && s < STREAMS; s++) {
			if (jobs[i].fd[s] < 0)
				continue;
			polled[n] = (struct pollfd) { .fd = jobs[i].fd[s], .events = POLLIN };
			who[n].job = &jobs[i];
			who[n++].stream = s;
		}
	}
	if (poll(polled, n, -1) < 0)
		return; /* EINTR */
	for (nfds_t i = 0; i < n; i++) {
		if (polled[i].revents && who[i].job->fd[who[i].stream] >= 0)
			read_some(who[i].job, who[i].stream);
	}
}

static void print_job(struct cli *cli, const struct host_job *job, bool is_first)
{
	(void)fprintf(cli->out, "%s===== %s =====\n", is_first ? "" : "\n", job->target->name);
	if (job->said[STREAM_OUT].text)
		(void)fputs(job->said[STREAM_OUT].text, cli->out);
	(void)fflush(cli->out); /* errors belong below their host on a terminal */
	if (job->said[STREAM_ERR].text)
		(void)fputs(job->said[STREAM_ERR].text, cli->err);
}

/* The words of an error line without "candor: HOST: " and the end of line. */
static const char *error_text(struct arena *a, const struct host_job *job)
{
	const char *said = job->said[STREAM_ERR].text ? job->said[STREAM_ERR].text : "";
	const char *prefix = arena_printf(a, "candor: %s: ", job->target->name);

	if (strncmp(said, prefix, strlen(prefix)) == 0)
		said += strlen(prefix);
	return arena_strndup(a, said, strcspn(said, "\n"));
}

static int print_json(struct cli *cli, const struct host_job *jobs, uint32_t count)
{
	struct arena a = { 0 };
	struct doc *all = doc_new_map(&a);

	doc_add_int(&a, all, "schema", 1);
	doc_add_text(&a, all, "object", "hosts");
	struct doc *items = doc_add_list(&a, all, "items");

	for (uint32_t i = 0; i < count; i++) {
		struct doc *item = doc_add_map(&a, items, NULL), *document;
		const struct said *out = &jobs[i].said[STREAM_OUT];
		struct diag d;

		doc_add_text(&a, item, "host", jobs[i].target->name);
		doc_add_int(&a, item, "exit", jobs[i].code);
		if (out->len > 0 && doc_parse_json(&a, out->text, out->len, &document, &d) == 0)
			doc_add_doc(&a, item, "document", document);
		else
			doc_add_text(&a, item, "error", error_text(&a, &jobs[i]));
	}
	int code = doc_write_json(all, cli->out, 2) < 0 ? CLI_SYSTEM : CLI_GOOD;

	arena_free(&a);
	return code;
}

int hosts_run(struct cli *cli, const struct command *c, struct pipe_chain *chain)
{
	uint32_t count = cli->targets->count, begun = 0, printed = 0;
	struct host_job *jobs = xcalloc(count, sizeof(*jobs));
	int worst = CLI_GOOD;

	(void)fflush(cli->out);
	(void)fflush(cli->err); /* or children would say it again */
	while (printed < count) {
		uint32_t running = 0;

		for (uint32_t i = 0; i < begun; i++)
			running += jobs[i].pid != 0;
		for (; begun < count && running < HOSTS_AT_ONCE; begun++) {
			jobs[begun].target = &cli->targets->targets[begun];
			begin(cli, &jobs[begun], c, chain);
			running += jobs[begun].pid != 0;
		}
		if (running > 0)
			wait_for_some(jobs, begun);
		for (; printed < begun && jobs[printed].is_done; printed++) {
			if (jobs[printed].code > worst)
				worst = jobs[printed].code;
			if (!cli->json)
				print_job(cli, &jobs[printed], printed == 0);
		}
	}
	int code = cli->json ? print_json(cli, jobs, count) : CLI_GOOD;

	for (uint32_t i = 0; i < count; i++) {
		for (int s = 0; s < STREAMS; s++)
			free(jobs[i].said[s].text);
	}
	free(jobs);
	return show_flush(cli) > code || code > worst ? CLI_SYSTEM : worst;
}
