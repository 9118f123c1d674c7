/* SPDX-License-Identifier: Apache-2.0 */
/* The control process.  Configuration comes as an open file from the parent, what runs is kept in step
 * with the engine, and documents about all of it go to the local socket. */
#include "candord/control.h"

#include "base/log.h"
#include "base/xalloc.h"
#include "candord/engine_link.h"
#include "candord/op_table.h"
#include "candord/parent_client.h"
#include "io/clock.h"
#include "io/fd_pass.h"
#include "io/notify.h"
#include "io/process.h"
#include "io/resolver.h"
#include "io/signals.h"
#include "namp/local_server.h"
#include "object/tree.h"
#include "responder/port_policy.h"

#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORDS_PER_TURN     256
#define TICKS_PER_CLOCK_LOOK 10 /* seconds between looks at who disciplines the clock */
#define TICKS_PER_NAME_RETRY 60
#define SYNC_RETRY_US        5000 /* the ring to the engine was full */

struct control {
	const struct candord_options *options;
	struct event_base *base;
	struct event *engine_event, *parent_event, *signal_event, *tick, *sync_retry;
	struct engine_link engine;
	struct resolver *resolver;
	struct local_server *server;
	struct op_table ops;
	struct config *config; /* running; NULL until the first one is applied */
	enum clock_source clock_daemon;
	bool responder_is_dirty, clock_is_dirty, is_announced;
	uint64_t ticks;
	uint64_t reloads, reloads_refused, results_received;
	wall_t started_at, config_changed_at;
	char hostname[256];
	int exit_code;
};

static mono_t now_mono(void)
{
	return clock_system()->mono(clock_system());
}

static wall_t now_wall(void)
{
	return clock_system()->wall(clock_system());
}

static void end(struct control *c, int exit_code)
{
	c->exit_code = exit_code;
	(void)event_base_loopbreak(
	        c->base); /* fails only without a loop: then nothing is to be ended */
}

/* --- what the engine says ------------------------------------------------------------------------ */

static void on_result(void *ctx, const struct sla_result *result, const struct sketch *rtt)
{
	struct control *c = ctx;
	struct op_slot *s = op_table_find(&c->ops, result->id.number);

	c->results_received++;
	if (s) /* one of an older generation is ignored by the entry */
		(void)op_entry_take_result(&s->entry, result, rtt);
}

static void on_state(void *ctx, const struct runner_state_event *event)
{
	struct control *c = ctx;
	struct op_slot *s = op_table_find(&c->ops, event->id.number);

	if (!s || !op_entry_take_state(&s->entry, event, now_mono()))
		return;
	if (event->removed) {
		log_info("control", "operation %u aged out", event->id.number);
		op_table_drop(&c->ops, event->id.number);
	}
}

/* --- what the engine is told --------------------------------------------------------------------- */

static int send_clock(struct control *c)
{
	struct engine_clock_set set = { c->config->clock, c->clock_daemon };

	return channel_send(&c->engine.channel, ENGINE_CLOCK_SET, &set, sizeof(set));
}

static int send_responder(struct control *c)
{
	struct responder_cfg *cfg = xcalloc(1, sizeof(*cfg));

	*cfg = c->config->responder;
	int rc = reserved_ports_read(cfg);

	if (rc < 0)
		log_warn("control", "cannot read the kernel's reserved ports, going on without: %s",
		         strerror(-rc));
	rc = channel_send(&c->engine.channel, ENGINE_RESPONDER_SET, cfg, sizeof(*cfg));

	explicit_bzero(cfg, sizeof(*cfg)); /* it may hold keys */
	free(cfg);
	return rc;
}

static int send_all(struct control *c)
{
	if (c->clock_is_dirty) {
		int rc = send_clock(c);

		if (rc < 0)
			return rc;
		c->clock_is_dirty = false;
	}
	if (c->responder_is_dirty) {
		int rc = send_responder(c);

		if (rc < 0)
			return rc;
		c->responder_is_dirty = false;
	}
	return op_table_sync(&c->ops, &c->engine.channel, now_wall());
}

/* What the engine says of itself now.  0; -errno: what it said last stays, and a broken channel is the
 * end of this process. */
static int look_at_engine(struct control *c)
{
	int rc = engine_link_snapshot(&c->engine);

	if (rc == -EBADMSG)
		end(c, CANDORD_EXIT_SYSTEM);
	return rc;
}

/* All is sent and the engine has acted on it: tell the service manager, once. */
static void announce(struct control *c)
{
	if (c->is_announced || !c->engine.is_ready || look_at_engine(c) < 0)
		return;
	c->is_announced = true;
	(void)!notify_ready(); /* nobody may be asking */
	log_info("control", "ready: %u operations, responder %s", c->ops.count,
	         c->config->responder.enabled ? "on" : "off");
}

static void sync_engine(struct control *c)
{
	static const struct timeval soon = { .tv_usec = SYNC_RETRY_US };

	if (!c->config)
		return;
	int rc = send_all(c);

	if (rc == -ENOSPC) {
		(void)event_add(c->sync_retry, &soon); /* else the next tick does it */
	} else if (rc < 0) {
		log_err("control", "the channel to the engine is broken: %s", strerror(-rc));
		end(c, CANDORD_EXIT_SYSTEM);
	} else {
		announce(c);
	}
}

/* --- configuration ------------------------------------------------------------------------------- */

static void log_difference(const struct config_diff *diff)
{
	uint32_t n[OP_CHANGE_REMOVED + 1] = { 0 };

	for (uint32_t i = 0; i < diff->op_count; i++)
		n[diff->ops[i].change]++;
	log_info("control",
	         "configuration: %u operations added, %u removed, %u changed, responder %s",
	         n[OP_CHANGE_ADDED], n[OP_CHANGE_REMOVED],
	         n[OP_CHANGE_LABEL] + n[OP_CHANGE_SCHEDULE] + n[OP_CHANGE_PARAMS] +
	                 n[OP_CHANGE_IDENTITY],
	         diff->responder ? "changed" : "as before");
}

static void apply(struct control *c, struct config *config)
{
	struct config *old = c->config;
	struct config_diff diff;

	config_diff_init(&diff, old, config);
	c->clock_is_dirty |= diff.clock || !old;
	c->responder_is_dirty |= diff.responder || !old;
	c->config = config;
	op_table_apply(&c->ops, config, &diff, now_mono(), now_wall());
	clock_system_set_policy(&config->clock);
	c->config_changed_at = now_wall();
	log_difference(&diff);
	config_diff_fini(&diff);
	config_free(old);
	sync_engine(c);
}

/* Read the open file and apply it; a bad one changes nothing. */
static void load(struct control *c, int fd, uint32_t order)
{
	struct config_errors errors = { 0 };
	struct config *config;
	int rc = config_load_fd(fd, &config, &errors);

	if (rc == 0) {
		struct diag d = { 0 };

		c->reloads += c->config != NULL;
		apply(c, config);
		if (parent_config_taken(PROCESS_FD_FIRST + CONTROL_FD_REQUESTS, order, &d) < 0)
			log_warn("control", "the configuration cannot be saved from here: %s",
			         d.text);
		return;
	}
	config_errors_print(&errors, c->options->config_path, stderr);
	config_errors_fini(&errors);
	if (!c->config) {
		end(c, CANDORD_EXIT_CONFIG);
		return;
	}
	c->reloads_refused++;
	log_err("control", "configuration not changed: '%s' has errors", c->options->config_path);
}

static void on_parent(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;
	struct config_order order;
	CLEANUP(fd_closep) int file = -1;
	ssize_t n = fd_pass_receive(fd, &order, sizeof(order), &file);

	(void)what;
	if (n == -EAGAIN)
		return;
	if (n != (ssize_t)sizeof(order)) {
		end(c, n == 0 ? CANDORD_EXIT_OK : CANDORD_EXIT_SYSTEM); /* 0: the order to stop */
		return;
	}
	if (order.error == 0 && file >= 0) {
		bool is_reload = c->is_announced;

		load(c, file, order.order);
		if (is_reload)
			(void)!notify_ready(); /* the end of a reload */
		return;
	}
	log_err("control", "cannot open '%s': %s", c->options->config_path, strerror(-order.error));
	if (!c->config)
		end(c, CANDORD_EXIT_CONFIG);
	else
		c->reloads_refused++;
}

/* --- requests ------------------------------------------------------------------------------------ */

static bool is_about_engine(const char *path)
{
	return strncmp(path, "sla/", 4) != 0 && strncmp(path, "config", 6) != 0;
}

/* The provider of what is measured and answered. */
static int on_node(void *ctx, const struct object_request *request, struct arena *a,
                   struct doc **ret, struct diag *d)
{
	struct control *c = ctx;

	if (is_about_engine(request->path) && look_at_engine(c) < 0)
		log_warn("control", "the engine is slow to answer, showing what it last said");
	const struct local_server_counters *server = local_server_counters(c->server);
	struct node_view view = {
		.hostname = c->config && c->config->hostname ? c->config->hostname : c->hostname,
		.now = now_wall(),
		.started_at = c->started_at,
		.now_mono = now_mono(),
		.config_changed_at = c->config_changed_at,
		.clock = c->engine.end.clock,
		.config = c->config,
		.op_count = c->ops.count,
		.op_max = CONFIG_OPS_MAX,
		.ops = c->ops.entries,
		.responder = c->engine.has_snapshot ? &c->engine.responder : NULL,
		.session_count = c->engine.session_count,
		.sessions = c->engine.sessions,
		.runner = c->engine.has_snapshot ? &c->engine.end.runner : NULL,
		.counters = {
			.results_received = c->results_received,
			.results_lost = c->engine.end.results_lost,
			.reloads = c->reloads,
			.reloads_refused = c->reloads_refused,
			.requests = server->requests,
			.requests_refused = server->requests_refused,
		},
	};

	return node_request(&view, request, a, ret, d);
}

static int on_request(void *ctx, const struct object_request *request, struct arena *a,
                      struct doc **ret, struct diag *d)
{
	const struct object_provider providers[] = { { "", on_node, ctx } };

	return object_dispatch(providers, ARRAY_LEN(providers), request, a, ret, d);
}

/* --- events -------------------------------------------------------------------------------------- */

static void on_engine(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;

	(void)fd, (void)what;
	if (engine_link_drain(&c->engine, RECORDS_PER_TURN) < 0)
		end(c, CANDORD_EXIT_SYSTEM);
	else if (!c->is_announced)
		sync_engine(c);
}

static void on_sync_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	sync_engine(arg);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct control *c = arg;

	(void)fd, (void)what;
	c->ticks++;
	if (!c->config)
		return;
	if (c->ticks % TICKS_PER_CLOCK_LOOK == 0) {
		enum clock_source daemon = clock_system_detect();

		c->clock_is_dirty |= daemon != c->clock_daemon;
		c->clock_daemon = daemon;
	}
	if (c->ticks % TICKS_PER_NAME_RETRY == 0)
		op_table_retry_names(&c->ops);
	op_table_roll_keys(&c->ops, now_wall());
	sync_engine(c);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	if (signals_read(fd) != 0)
		end(arg, CANDORD_EXIT_OK);
}

static struct event *watch(struct control *c, int fd, event_callback_fn callback)
{
	struct event *e = event_new(c->base, fd, EV_READ | EV_PERSIST, callback, c);

	if (!e || event_add(e, NULL) < 0)
		abort(); /* out of memory in the control plane */
	return e;
}

static int start(struct control *c)
{
	static const int stop_signals[] = { SIGTERM, SIGINT, 0 };
	static const struct timeval second = { .tv_sec = 1 };
	struct channel_fds fds = { PROCESS_FD_FIRST + CONTROL_FD_MEMORY,
		                   PROCESS_FD_FIRST + CONTROL_FD_WAKE_ENGINE,
		                   PROCESS_FD_FIRST + CONTROL_FD_WAKE_CONTROL };
	struct local_server_cfg server = { .handle = on_request, .ctx = c };
	int signal_fd = signals_block(stop_signals);
	int rc = channel_attach(&c->engine.channel, &fds, CHANNEL_CONTROL);

	if (signal_fd < 0 || rc < 0)
		return signal_fd < 0 ? signal_fd : rc;
	c->base = event_base_new();
	c->resolver = c->base ? resolver_new(c->base) : NULL;
	if (!c->resolver)
		return -ENOMEM;
	c->server = local_server_new(c->base, PROCESS_FD_FIRST + CONTROL_FD_LISTEN, &server);
	c->tick = event_new(c->base, -1, EV_PERSIST, on_tick, c);
	c->sync_retry = evtimer_new(c->base, on_sync_retry, c);
	if (!c->server || !c->tick || !c->sync_retry || event_add(c->tick, &second) < 0)
		return -ENOMEM;
	c->engine_event = watch(c, channel_wait_fd(&c->engine.channel), on_engine);
	c->parent_event = watch(c, PROCESS_FD_FIRST + CONTROL_FD_PARENT, on_parent);
	c->signal_event = watch(c, signal_fd, on_signal);
	return 0;
}

static void stop(struct control *c)
{
	struct event *events[] = { c->engine_event, c->parent_event, c->signal_event, c->tick,
		                   c->sync_retry };

	local_server_free(c->server);
	resolver_free(c->resolver);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (events[i])
			event_free(events[i]);
	}
	op_table_fini(&c->ops);
	engine_link_fini(&c->engine);
	config_free(c->config);
	if (c->base)
		event_base_free(c->base);
}

int control_main(const struct candord_options *options)
{
	static struct control c; /* zeroed; large, and there is one */
	int rc = process_enter("control", CONTROL_FD_COUNT);

	c.options = options;
	c.engine.on_result = on_result;
	c.engine.on_state = on_state;
	c.engine.ctx = &c;
	c.started_at = now_wall();
	c.clock_daemon = clock_system_detect();
	(void)gethostname(c.hostname, sizeof(c.hostname) - 1); /* empty when there is none */
	if (rc == 0)
		rc = start(&c);
	if (rc < 0) {
		log_err("control", "cannot start: %s", strerror(-rc));
		c.exit_code = CANDORD_EXIT_SYSTEM;
	} else {
		c.ops.resolver = c.resolver;
		if (event_base_dispatch(c.base) < 0)
			c.exit_code = CANDORD_EXIT_SYSTEM;
	}
	stop(&c);
	return c.exit_code;
}
