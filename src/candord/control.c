/* SPDX-License-Identifier: Apache-2.0 */
/* The control process.  Configuration comes as an open file from the parent, what runs is kept in step
 * with the engine, and documents about all of it go to those who administer the node. */
#include "candord/control_state.h"

#include "base/log.h"
#include "candord/config_service.h"
#include "candord/parent_client.h"
#include "io/clock.h"
#include "io/process.h"
#include "io/resolver.h"
#include "io/sandbox.h"
#include "io/signals.h"
#include "io/unix_socket.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICKS_PER_CLOCK_LOOK  10 /* seconds between looks at who disciplines the clock */
#define TICKS_PER_MEMORY_LOOK 5
#define TICKS_PER_NAME_RETRY  60

mono_t control_mono(void)
{
	return clock_system()->mono(clock_system());
}

wall_t control_wall(void)
{
	return clock_system()->wall(clock_system());
}

wall_t control_read_wall(void *ctx)
{
	(void)ctx;
	return control_wall();
}

boot_t control_read_boot(void *ctx)
{
	(void)ctx;
	return clock_system()->boot(clock_system());
}

void control_end(struct control *c, int exit_code)
{
	c->exit_code = exit_code;
	(void)event_base_loopbreak(
	        c->base); /* fails only without a loop: then nothing is to be ended */
}

const char *control_node_name(const struct control *c)
{
	return c->config && c->config->hostname ? c->config->hostname : c->hostname;
}

static void on_engine(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	control_on_engine(arg);
}

static void on_parent(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	control_on_order(arg, fd);
}

static void on_sync_retry(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	control_sync_engine(arg);
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
	if (c->ticks % TICKS_PER_MEMORY_LOOK == 0)
		control_memory_look(c);
	if (!c->config->resolves_once)
		op_table_renew_names(&c->ops, control_mono());
	if (c->aged_count > 0 && config_service_aged_out(c->configs, c->aged, c->aged_count))
		c->aged_count = 0;
	op_table_roll_keys(&c->ops, control_wall());
	op_actions_check(&c->actions, control_mono());
	config_service_tick(c->configs);
	control_tracks_tick(c);
	control_messages_tick(c);
	control_export_flush(c);
	control_reactions_tick(c);
	control_outbound_tick(c);
	if (c->ticks % CONTROL_TICKS_PER_IDENTITY_LOOK == 0) {
		control_identity_look(c);
		control_namp_retry_ports(c);
		control_export_retry(c);
	}
	control_sync_engine(c);
}

static void on_signal(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	if (signals_read(fd) != 0)
		control_end(arg, CANDORD_EXIT_OK);
}

static struct event *watch(struct control *c, int fd, event_callback_fn callback)
{
	struct event *e = event_new(c->base, fd, EV_READ | EV_PERSIST, callback, c);

	if (!e || event_add(e, NULL) < 0)
		abort(); /* out of memory in the control plane */
	return e;
}

static int open_users(void)
{
	struct diag d;

	return parent_open_users(CONTROL_PARENT_REQUESTS, &d);
}

static int start(struct control *c)
{
	static const int stop_signals[] = { SIGTERM, SIGINT, 0 };
	static const struct timeval second = { .tv_sec = 1 };
	struct channel_fds fds = { PROCESS_FD_FIRST + CONTROL_FD_MEMORY,
		                   PROCESS_FD_FIRST + CONTROL_FD_WAKE_ENGINE,
		                   PROCESS_FD_FIRST + CONTROL_FD_WAKE_CONTROL };
	struct diag d = { 0 };
	int signal_fd = signals_block(stop_signals);
	int rc = channel_attach(&c->engine.channel, &fds, CHANNEL_CONTROL);

	if (signal_fd < 0 || rc < 0)
		return signal_fd < 0 ? signal_fd : rc;
	rc = unix_peer_uid(PROCESS_FD_FIRST + CONTROL_FD_PARENT, &c->starter_uid);
	if (rc < 0)
		return rc;
	c->base = namp_server_base_new();
	c->resolver = c->base ? resolver_new(c->base) : NULL;
	if (!c->resolver)
		return -ENOMEM;
	rc = control_tracks_start(c);
	if (rc == 0)
		rc = control_config_start(c);
	if (rc == 0)
		rc = control_messages_start(c);
	if (rc == 0)
		rc = control_export_start(c);
	if (rc == 0)
		rc = control_namp_start(c);
	if (rc < 0)
		return rc;
	c->tick = event_new(c->base, -1, EV_PERSIST, on_tick, c);
	c->sync_retry = evtimer_new(c->base, on_sync_retry, c);
	if (!c->tick || !c->sync_retry || event_add(c->tick, &second) < 0)
		return -ENOMEM;
	c->engine_event = watch(c, channel_wait_fd(&c->engine.channel), on_engine);
	c->parent_event = watch(c, PROCESS_FD_FIRST + CONTROL_FD_PARENT, on_parent);
	c->signal_event = watch(c, signal_fd, on_signal);
	unix_users_from(open_users);
	rc = sandbox_control(CONTROL_STATE_DIR, CONTROL_OUTPUTS, &d);
	if (rc < 0)
		log_err("control", "cannot confine itself: %s", d.text);
	return rc;
}

static void stop(struct control *c)
{
	struct event *events[] = { c->engine_event, c->parent_event, c->signal_event, c->tick,
		                   c->sync_retry };

	control_export_stop(c);
	control_namp_stop(c);
	control_outbound_stop(c);
	control_reactions_stop(c);
	control_tracks_stop(c);
	config_service_free(c->configs);
	control_messages_stop(c);
	resolver_free(c->resolver);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (events[i])
			event_free(events[i]);
	}
	op_table_fini(&c->ops);
	free(c->aged);
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
	control_engine_init(&c);
	control_outbound_init(&c);
	c.started_at = control_wall();
	c.clock_daemon = clock_system_detect();
	(void)gethostname(c.hostname, sizeof(c.hostname) - 1); /* empty when there is none */
	if (rc == 0)
		rc = start(&c);
	if (rc < 0) {
		log_err("control", "cannot start: %s", strerror(-rc));
		c.exit_code = CANDORD_EXIT_SYSTEM;
	} else {
		c.ops.resolver = c.resolver;
		c.ops.net_name = control_net_name;
		if (event_base_dispatch(c.base) < 0)
			c.exit_code = CANDORD_EXIT_SYSTEM;
	}
	stop(&c);
	return c.exit_code;
}
