/* SPDX-License-Identifier: Apache-2.0 */
/* The parent process.  It parses nothing that comes from outside: fixed-size requests of engine and control,
 * signals, and the death of a child are all it knows. */
#include "candord/parent.h"

#include "base/log.h"
#include "candord/control.h"
#include "candord/engine.h"
#include "candord/parent_requests.h"
#include "io/broker.h"
#include "io/channel.h"
#include "io/clock.h"
#include "io/fd_pass.h"
#include "io/lockstep.h"
#include "io/loop.h"
#include "io/notify.h"
#include "io/process.h"
#include "io/sandbox.h"
#include "io/signals.h"
#include "io/standard_output.h"
#include "io/state_dir.h"
#include "io/unix_socket.h"
#include "responder/sctp_process.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STOP_WAIT_NS (5 * NS_PER_S) /* for a child to end by itself */

/* A process that waits, with the user that it is to have, until the configuration needs it: by then this one has
 * no right to choose. */
struct helper {
	pid_t pid;  /* 0: not running */
	int gate;   /* -1: it has begun */
	int client; /* control's end of the connection to it, until control has it */
};

static const char *const helper_roles[OUTBOUND_PROCESSES] = { "courier", "hooks" };

struct parent {
	const struct candord_options *options;
	struct loop *loop;
	struct signals signals;
	struct broker broker;
	struct loop_fd engine_asks;
	struct parent_requests requests; /* of control */
	struct loop_fd control_asks;
	int control_fd;        /* orders to control */
	pid_t engine, control; /* 0: not running */
	struct helper helpers[OUTBOUND_PROCESSES];
	pid_t sctp; /* the newest; an older one ends with its channel */
	struct tmr stop_timer;
	bool is_listening;                 /* the local socket is ours to remove */
	bool is_stopping, is_ordered_stop; /* ordered: by a signal to us, not by a death */
	int exit_code;
};

/* Hand the configuration file to control.  Only the parent may be able to read it, and its path is no
 * child's business. */
static void order_configuration(struct parent *p)
{
	CLEANUP(fd_closep)
	int file = open(p->options->config_path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct config_order order = { .error = file < 0 ? -errno : 0 };

	if (file >= 0)
		order.order = parent_requests_order(&p->requests, file);
	int rc = fd_pass_send(p->control_fd, &order, sizeof(order), file);

	if (rc < 0)
		log_err("broker", "cannot hand the configuration to control: %s", strerror(-rc));
}

static void close_helpers(struct parent *p)
{
	for (unsigned i = 0; i < OUTBOUND_PROCESSES; i++) {
		fd_closep(&p->helpers[i].gate);
		fd_closep(&p->helpers[i].client);
	}
}

/* The helper with this process number, or NULL. */
static struct helper *find_helper(struct parent *p, pid_t pid)
{
	for (unsigned i = 0; i < OUTBOUND_PROCESSES; i++) {
		if (p->helpers[i].pid == pid)
			return &p->helpers[i];
	}
	return NULL;
}

static bool has_children(const struct parent *p)
{
	bool has_helpers = false;

	for (unsigned i = 0; i < OUTBOUND_PROCESSES; i++)
		has_helpers |= p->helpers[i].pid != 0;
	return p->engine != 0 || p->control != 0 || has_helpers;
}

/* Children of another user cannot be signalled without CAP_KILL, which is not kept: they end when the
 * connection to their parent ends. */
static void begin_stop(struct parent *p, mono_t now)
{
	if (p->is_stopping)
		return;
	p->is_stopping = true;
	loop_remove(p->loop, &p->engine_asks);
	loop_remove(p->loop, &p->control_asks);
	fd_closep(&p->broker.fd);
	fd_closep(&p->requests.fd);
	fd_closep(&p->control_fd);
	close_helpers(p);
	loop_arm(p->loop, &p->stop_timer, mono_add_ns(now, STOP_WAIT_NS));
}

/* What hangs is killed by the kernel when this process ends, where it is of the same user, or else by the
 * service manager. */
static void on_stop_timer(struct tmr *t, mono_t now)
{
	struct parent *p = container_of(t, struct parent, stop_timer);

	(void)now;
	log_warn("broker", "a process does not end, leaving it to the service manager");
	p->exit_code = CANDORD_EXIT_SYSTEM;
	loop_stop(p->loop);
}

/* A child that ends by itself takes the rest along: its exit code says why, a signal is an error. */
static void on_child(struct parent *p, pid_t pid, int status, mono_t now)
{
	const char *name = pid == p->engine ? "engine" : "control";
	struct helper *helper = find_helper(p, pid);

	if (pid == p->engine)
		p->engine = 0;
	else if (pid == p->control)
		p->control = 0;
	else if (helper)
		name = helper_roles[helper - p->helpers];
	else if (pid == p->sctp && status != 0)
		name = "sctp";
	else
		return; /* an SCTP process that is not wanted any more */
	if (helper)
		helper->pid = 0;
	if (!p->is_stopping) {
		if (WIFSIGNALED(status))
			log_err("broker", "%s was ended by signal %d, ending all", name,
			        WTERMSIG(status));
		else if (WEXITSTATUS(status) != CANDORD_EXIT_CONFIG)
			log_err("broker", "%s ended with status %d, ending all", name,
			        WEXITSTATUS(status));
		p->exit_code = WIFEXITED(status) && WEXITSTATUS(status) == CANDORD_EXIT_CONFIG
		                       ? CANDORD_EXIT_CONFIG
		                       : CANDORD_EXIT_SYSTEM;
		begin_stop(p, now);
	}
	if (!has_children(p))
		loop_stop(p->loop);
}

static void on_signal(struct signals *s, int signo, mono_t now)
{
	struct parent *p = container_of(s, struct parent, signals);

	switch (signo) {
	case SIGCHLD:
		for (int status, pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
			on_child(p, pid, status, now);
		break;
	case SIGHUP:
		if (p->is_stopping)
			break;
		(void)!notify_reloading(); /* nobody may be asking */
		order_configuration(p);
		break;
	default:
		p->is_ordered_stop |= !p->is_stopping;
		begin_stop(p, now);
	}
}

/* The end of a child comes as SIGCHLD; until then it is not heard any more. */
static void end_requests(struct parent *p, struct loop_fd *lf, const char *whose, int rc)
{
	loop_remove(p->loop, lf);
	if (rc != -EPIPE)
		log_err("broker", "the requests of %s make no sense: %s", whose, strerror(-rc));
}

static void on_engine_asks(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct parent *p = container_of(lf, struct parent, engine_asks);
	int rc = broker_serve(&p->broker);

	(void)events, (void)now;
	if (rc < 0)
		end_requests(p, lf, "the engine", rc);
}

static void on_reload(struct parent_requests *r)
{
	order_configuration(container_of(r, struct parent, requests));
}

static int on_start(struct parent_requests *r, enum outbound_process which, struct diag *d)
{
	struct parent *p = container_of(r, struct parent, requests);
	struct helper *h = &p->helpers[which];

	if (h->client < 0)
		return diag_set(d, -EALREADY, "the %s process has begun already",
		                helper_roles[which]);
	process_release(&h->gate);
	return fd_steal(&h->client);
}

static void on_control_asks(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct parent *p = container_of(lf, struct parent, control_asks);
	int rc = parent_requests_serve(&p->requests);

	(void)events, (void)now;
	if (rc < 0)
		end_requests(p, lf, "control", rc);
}

/* Whom the children become where we have the right to choose (root, or the unit's capabilities); else
 * they stay who we are.  In a user namespace that maps root alone there is nobody to become. */
static int find_ids(const char *user, struct process_ids *ret)
{
	struct diag d = { 0 };

	*ret = (struct process_ids) { .change = false };
	if (!process_may_change_ids())
		return 0;
	if (process_ids_find(user, ret, &d) < 0) {
		log_warn("broker", "%s; using nobody", d.text);
		int rc = process_ids_find("nobody", ret, &d);

		if (rc < 0) {
			log_err("broker", "%s", d.text);
			return rc;
		}
	}
	if (!process_ids_exist(ret)) {
		log_warn("broker",
		         "this user namespace knows no user %u, staying the same user "
		         "without capabilities",
		         ret->uid);
		ret->change = false;
	}
	return 0;
}

/* The folder of what must survive, control's own; one daemon at a time uses it. */
static int open_state(const char *path, const struct process_ids *control)
{
	struct diag d = { 0 };
	CLEANUP(fd_closep)
	int dir = state_dir_open(path, control->change ? control->uid : (uid_t)-1,
	                         control->change ? control->gid : (gid_t)-1, &d);

	if (dir < 0) {
		log_err("broker", "%s; --state chooses another place", d.text);
		return dir;
	}
	if (flock(dir, LOCK_EX | LOCK_NB) < 0) {
		int rc = -errno;

		log_err("broker",
		        "another candord uses the state folder '%s'; --state chooses another",
		        path);
		return rc;
	}
	return fd_steal(&dir);
}

static int blocking_pair(int *ret_a, int *ret_b)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	*ret_a = fds[0];
	*ret_b = fds[1];
	return 0;
}

static int spawn(const char *role, const struct process_ids *ids, char **argv, const int *fds,
                 unsigned fd_count, pid_t *ret_pid)
{
	struct process_spec spec = {
		.role = role, .arguments = argv + 1, .fds = fds, .fd_count = fd_count, .ids = *ids
	};
	struct diag d = { 0 };
	int rc = process_spawn(&spec, &d, ret_pid);

	if (rc < 0)
		log_err("broker", "cannot start %s: %s", role, d.text);
	return rc;
}

/* It stays this user: the right to become another was given up before the first request.  It has no
 * capability and confines itself before it reads a packet. */
static int start_sctp(struct broker *b, uint16_t encaps_port, uint16_t port, struct diag *d)
{
	struct parent *p = container_of(b, struct parent, broker);
	const struct process_ids same = { .change = false };
	int fd = -1;
	int rc = sctp_process_spawn(encaps_port, port, &same, d, &p->sctp, &fd);

	return rc < 0 ? rc : fd;
}

/* Both connections to control, and its ends in ``fds``. */
static int connect_control(struct parent *p, int fds[CONTROL_FD_COUNT])
{
	int rc = lockstep_pair(&p->control_fd, &fds[CONTROL_FD_PARENT]);

	return rc < 0 ? rc : lockstep_pair(&p->requests.fd, &fds[CONTROL_FD_REQUESTS]);
}

/* The folder "track" beside the local socket: files there tell other programs of tracked objects.  Without it
 * nothing else is missing: control gets what cannot hold files. */
static int open_outputs(const char *socket_path, const struct process_ids *control)
{
	const char *slash = strrchr(socket_path, '/');
	char path[PATH_MAX];
	struct diag d = { 0 };
	int dir = -1;

	if (snprintf(path, sizeof(path), "%.*strack", slash ? (int)(slash - socket_path + 1) : 0,
	             socket_path) < PATH_MAX)
		dir = state_dir_open(path, control->change ? control->uid : (uid_t)-1,
		                     control->change ? control->gid : (gid_t)-1, &d);
	if (dir >= 0)
		return dir;
	log_warn("broker", "no files for other programs: %s", d.text);
	dir = open("/dev/null", O_RDONLY | O_CLOEXEC);
	return dir < 0 ? -errno : dir;
}

static int start_control(struct parent *p, char **argv, const struct channel_fds *channel,
                         int listener)
{
	struct process_ids ids;
	int rc = find_ids(p->options->user, &ids);

	if (rc < 0)
		return rc;
	CLEANUP(fd_closep) int state = open_state(p->options->state_path, &ids);

	if (state < 0)
		return state;
	CLEANUP(fd_closep) int outputs = open_outputs(p->options->socket_path, &ids);

	if (outputs < 0)
		return outputs;
	int fds[CONTROL_FD_COUNT] = {
		[CONTROL_FD_MEMORY] = channel->memory,
		[CONTROL_FD_WAKE_ENGINE] = channel->wake_engine,
		[CONTROL_FD_WAKE_CONTROL] = channel->wake_control,
		[CONTROL_FD_PARENT] = -1,
		[CONTROL_FD_LISTEN] = listener,
		[CONTROL_FD_STATE] = state,
		[CONTROL_FD_REQUESTS] = -1,
		[CONTROL_FD_OUTPUTS] = outputs,
	};

	rc = connect_control(p, fds);
	if (rc == 0)
		rc = spawn("control", &ids, argv, fds, CONTROL_FD_COUNT, &p->control);
	fd_closep(&fds[CONTROL_FD_PARENT]);
	fd_closep(&fds[CONTROL_FD_REQUESTS]);
	return rc;
}

static int start_engine(struct parent *p, char **argv, const struct channel_fds *channel)
{
	CLEANUP(fd_closep) int asking = -1;
	struct process_ids ids;
	int rc = find_ids(p->options->engine_user, &ids);

	if (rc == 0)
		rc = lockstep_pair(&p->broker.fd, &asking);
	if (rc < 0)
		return rc;
	const int fds[ENGINE_FD_COUNT] = { channel->memory, channel->wake_engine,
		                           channel->wake_control, asking };

	p->broker.start_sctp = start_sctp;
	rc = spawn("engine", &ids, argv, fds, ENGINE_FD_COUNT, &p->engine);
	p->broker.engine_pid = p->engine;
	return rc;
}

/* What begins later, if at all. */
static int reserve_helper(struct parent *p, enum outbound_process which, const char *user,
                          char **argv)
{
	struct helper *h = &p->helpers[which];
	CLEANUP(fd_closep) int end = -1, gate = -1;
	struct process_spec spec = { .role = helper_roles[which],
		                     .arguments = argv + 1,
		                     .fd_count = 1,
		                     .is_reserve = true };
	struct diag d = { 0 };
	int rc = find_ids(user, &spec.ids);

	if (rc == 0)
		rc = lockstep_pair(&h->client, &end);
	if (rc == 0)
		rc = blocking_pair(&h->gate, &gate);
	if (rc < 0)
		return rc;
	spec.fds = &end;
	spec.gate = gate;
	rc = process_spawn(&spec, &d, &h->pid);
	if (rc < 0)
		log_err("broker", "cannot start %s: %s", spec.role, d.text);
	return rc;
}

static int start_children(struct parent *p, char **argv)
{
	struct channel_fds channel;
	struct diag d = { 0 };
	CLEANUP(fd_closep) int listener = unix_listen(p->options->socket_path, 0660, &d);

	if (listener < 0) {
		log_err("broker", "%s; --socket chooses another place", d.text);
		return listener;
	}
	p->is_listening = true;
	int rc = channel_create(&channel);

	if (rc < 0)
		return rc;
	rc = start_control(p, argv, &channel, listener);
	if (rc == 0)
		rc = start_engine(p, argv, &channel);
	channel_fds_close(&channel);
	if (rc == 0)
		rc = reserve_helper(p, OUTBOUND_COURIER, p->options->courier_user, argv);
	if (rc == 0)
		rc = reserve_helper(p, OUTBOUND_HOOKS, p->options->hooks_user, argv);
	return rc;
}

/* The few capabilities that requests may need (CAP_SYS_ADMIN: to enter the network namespace of a VRF); which of them there are depends on who started us. */
static int keep_capabilities(void)
{
	static const int wanted[] = { CAP_NET_RAW,  CAP_NET_BIND_SERVICE, CAP_NET_ADMIN,
		                      CAP_SYS_NICE, CAP_SYS_ADMIN,        -1 };
	struct process_ids same = { .change = false };
	struct diag d = { 0 };
	int rc = process_keep(wanted, &same, &d, NULL);

	if (rc < 0)
		log_err("broker", "%s", d.text);
	return rc;
}

/* The folder of ``path``, without links; "" where it cannot be found. */
static void folder_of(const char *path, char to[PATH_MAX])
{
	char *slash = realpath(path, to) ? strrchr(to, '/') : NULL;

	if (!slash)
		to[0] = '\0'; /* is none: nothing is allowed there */
	else
		slash[slash == to] = '\0';
}

/* What it may change from now on: where `commit` saves the configuration, and the socket that goes at the
 * end. */
static int confine(const struct parent *p)
{
	static char config[PATH_MAX], socket[PATH_MAX];
	const char *const folders[] = { config, socket, NULL };
	struct diag d = { 0 };

	folder_of(p->options->config_path, config);
	folder_of(p->options->socket_path, socket);
	int rc = sandbox_broker(folders, &d);

	if (rc < 0)
		log_err("broker", "cannot confine itself: %s", d.text);
	return rc;
}

static int run(struct parent *p, char **argv)
{
	static const int watched[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD, 0 };

	p->loop = loop_new(clock_system());
	if (!p->loop)
		return -errno;
	int rc = signals_init(&p->signals, p->loop, watched, on_signal);

	if (rc == 0)
		rc = start_children(p, argv);
	if (rc == 0)
		rc = keep_capabilities();
	if (rc == 0)
		rc = confine(p);
	if (rc < 0)
		return rc;
	p->engine_asks = (struct loop_fd) { p->broker.fd, on_engine_asks };
	p->control_asks = (struct loop_fd) { p->requests.fd, on_control_asks };
	rc = loop_add(p->loop, &p->engine_asks, EPOLLIN);
	if (rc == 0)
		rc = loop_add(p->loop, &p->control_asks, EPOLLIN);
	if (rc < 0)
		return rc;
	order_configuration(p);
	return loop_run(p->loop);
}

/* A missing file is said before anything else is touched. */
static bool has_configuration(const char *path)
{
	CLEANUP(fd_closep) int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (file < 0)
		log_err("broker", "cannot open the configuration '%s': %s", path, strerror(errno));
	return file >= 0;
}

int parent_main(const struct candord_options *options, char **argv)
{
	struct parent p = { .options = options,
		            .broker.fd = -1,
		            .control_fd = -1,
		            .helpers = { { .gate = -1, .client = -1 },
		                         { .gate = -1, .client = -1 } },
		            .requests = { .fd = -1,
		                          .reload = on_reload,
		                          .start = on_start,
		                          .config_path = options->config_path,
		                          .identity_path = options->identity_path },
		            .stop_timer = { .fire = on_stop_timer } };

	if (!has_configuration(options->config_path))
		return CANDORD_EXIT_CONFIG;
	int rc = options->result_log_stdout ? standard_output_unblock() : 0;

	if (rc == 0)
		rc = run(&p, argv);
	if (rc < 0) {
		log_err("broker", "cannot run: %s", strerror(-rc));
		p.exit_code = CANDORD_EXIT_SYSTEM;
	}
	if (p.is_ordered_stop)
		parent_routes_stop(&p.requests.routes);
	if (p.is_listening)
		(void)unlink(options->socket_path); /* it may be gone already */
	fd_closep(&p.broker.fd);
	fd_closep(&p.requests.fd);
	fd_closep(&p.control_fd);
	close_helpers(&p);
	if (p.loop)
		loop_free(p.loop);
	return p.exit_code;
}
