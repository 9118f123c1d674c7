/* SPDX-License-Identifier: Apache-2.0 */
/* The runner on the loopback: real sockets, kernel stamps, real time.  Every wait is for an event
 * and has a deadline. */
#include "probe/runner.h"

#include "base/sketch.h"

#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "probe/probe.h"
#include "t.h"
#include "wire/ipsla_probe.h"

#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MS(n)      ((int64_t)(n)*NS_PER_MS)
#define RESULTS    16
#define PATIENCE_S 10

/* What a test waits for, and all that came. */
struct world {
	struct loop *loop;
	struct runner *runner;
	struct tmr deadline;
	bool is_late;
	uint32_t wanted_results, wanted_states;
	uint32_t results, states;
	struct sla_result result[RESULTS];
	struct runner_state_event state[RESULTS];
	uint64_t missed_busy;
	/* the peer */
	struct loop_fd peer;
	struct dgram_batch *batch;
	uint16_t port;
	bool is_mute;
	uint32_t count;
};

static struct world w;

static void on_result(void *ctx, const struct sla_result *r, const struct sketch *rtt)
{
	(void)ctx;
	assert_int_equal(rtt ? rtt->count : 0, r->jitter.rtt.n);
	assert_true(w.results < RESULTS);
	w.result[w.results++] = *r;
	if (w.results >= w.wanted_results && w.states >= w.wanted_states)
		loop_stop(w.loop);
}

static void on_state(void *ctx, const struct runner_state_event *e)
{
	(void)ctx;
	assert_true(w.states < RESULTS);
	w.state[w.states++] = *e;
	if (w.results >= w.wanted_results && w.states >= w.wanted_states)
		loop_stop(w.loop);
}

static void on_missed(void *ctx, const struct runner_missed *m)
{
	(void)ctx;
	assert_int_equal(m->cause, MISSED_BUSY);
	assert_true(m->first_at.ns > 0);
	w.missed_busy += m->count;
}

static void too_late(struct tmr *t, mono_t now)
{
	(void)t;
	(void)now;
	w.is_late = true;
	loop_stop(w.loop);
}

/* Reflects probes of type 2, returns anything else as it came. */
static void peer_ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct dgram *g;
	int n = dgram_receive(lf->fd, w.batch, clock_system(), &g);

	(void)events;
	(void)now;
	for (int i = 0; i < n; i++) {
		struct dgram *one = &g[i];
		const struct ipsla_reflection r = { .t2 = g[i].at.at,
			                            .t3 = g[i].at.at,
			                            .sequence = ++w.count };

		if (w.is_mute)
			continue;
		if (g[i].len > 1 && g[i].data[1] != IPSLA_PROBE_ECHO)
			assert_int_equal(
			        ipsla_probe_reflect(g[i].data, g[i].len, IPSLA_KIND_UDP_JITTER, &r),
			        0);
		assert_int_equal(dgram_reply(lf->fd, &one, 1), 1);
	}
}

static struct inet_addr loopback(void)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse("127.0.0.1", &a), 0);
	return a;
}

static int open_local(enum sock_kind kind, uint16_t *ret_port)
{
	struct sock_spec spec = { .kind = (uint8_t)kind,
		                  .rx_stamps = kind == SOCK_KIND_UDP,
		                  .local = { loopback(), 0 } };
	struct inet_endpoint local;
	int fd = sock_open_here(&spec, NULL);

	assert_true(fd >= 0);
	assert_int_equal(sock_local(fd, &local), 0);
	*ret_port = local.port;
	return fd;
}

static int setup(void **state)
{
	const struct runner_sink sink = { on_result, on_state, on_missed, NULL };

	(void)state;
	memset(&w, 0, sizeof(w));
	w.loop = loop_new(clock_system());
	assert_non_null(w.loop);
	w.runner = runner_new(w.loop, clock_system(), sock_opener_direct(), &sink);
	w.deadline.fire = too_late;
	w.batch = dgram_batch_new(2048);
	w.peer.fd = open_local(SOCK_KIND_UDP, &w.port);
	w.peer.ready = peer_ready;
	assert_int_equal(loop_add(w.loop, &w.peer, EPOLLIN), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	runner_free(w.runner);
	loop_remove(w.loop, &w.peer);
	fd_closep(&w.peer.fd);
	dgram_batch_free(w.batch);
	loop_free(w.loop);
	return 0;
}

/* Until so many more results and states have come. */
static void wait_for(uint32_t results, uint32_t states)
{
	w.wanted_results = w.results + results;
	w.wanted_states = w.states + states;
	w.is_late = false;
	loop_arm(w.loop, &w.deadline,
	         mono_add_ns(clock_system()->mono(clock_system()), PATIENCE_S * NS_PER_S));
	assert_int_equal(loop_run(w.loop), 0);
	loop_disarm(w.loop, &w.deadline);
	assert_false(w.is_late);
}

static struct op_params params_of(enum sla_type type)
{
	struct op_params p = { 0 };

	conf_rows_init(probe_types[type]->rows, &p);
	p.type = (uint8_t)type;
	p.target = loopback();
	p.target_port = w.port;
	p.control = SLA_CONTROL_DISABLE;
	p.timeout_ms = 2000;
	return p;
}

static const struct op_schedule unscheduled = { 0 };

static void set(uint32_t number, const struct op_params *p, const struct op_schedule *s)
{
	const struct op_id id = { number, 1 };

	assert_int_equal(runner_set(w.runner, &id, p, s), 0);
}

static int run_now(uint32_t number, uint64_t generation)
{
	const struct op_id id = { number, generation };

	return runner_run_once(w.runner, &id, NULL);
}

static int act(uint32_t number, enum runner_action action, uint64_t serial)
{
	const struct op_id id = { number, 1 };

	return runner_act(w.runner, &id, action, serial);
}

static const struct sla_result *run_once(const struct op_params *p)
{
	uint32_t at = w.results;

	set(1, p, &unscheduled);
	assert_int_equal(run_now(1, 1), 0);
	if (w.results == at)
		wait_for(1, 0);
	return &w.result[at];
}

static void udp_echo_on_the_loopback(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);

	(void)state;
	p.verify_data = true;
	const struct sla_result *r = run_once(&p);

	assert_string_equal(r->detail, "");
	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(r->run, 1);
	assert_int_equal(r->id.number, 1);
	assert_true(r->rtt_ns > 0 && r->rtt_ns < MS(1000));
	assert_true(r->duration_ns >= r->rtt_ns);
	assert_int_equal(r->instrument.tx_source, STAMP_KERNEL);
	assert_int_equal(r->instrument.rx_source, STAMP_KERNEL);
	assert_int_equal(runner_counters(w.runner)->packets_sent, 1);
	assert_int_equal(runner_counters(w.runner)->stamps_missing, 0);
}

static void udp_jitter_on_the_loopback(void **state)
{
	struct op_params p = params_of(SLA_UDP_JITTER);

	(void)state;
	p.num_packets = 50;
	p.interval_ms = 4;
	p.precision = SLA_PRECISION_US;
	const struct sla_result *r = run_once(&p);
	const struct jitter_result *j = &r->jitter;

	assert_int_equal(r->sense, SENSE_OK);
	assert_int_equal(j->sent + j->skipped, 50);
	assert_int_equal(j->received, j->sent);
	assert_int_equal(j->loss_sd + j->loss_ds + j->missing + j->late, 0);
	assert_int_equal(j->out_of_sequence + j->duplicates, 0);
	assert_true(j->rtt.n > 0 && j->rtt.min_ns > 0);
	assert_int_equal(r->instrument.tx_source, STAMP_KERNEL);
	assert_int_equal(r->instrument.foreign_packets, 0);
	assert_true(r->duration_ns >= MS(49 * 4));
	assert_int_equal(runner_counters(w.runner)->stamps_missing, 0);
}

static void nobody_listens(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	int fd = open_local(SOCK_KIND_UDP, &p.target_port);

	(void)state;
	fd_closep(&fd);
	const struct sla_result *r = run_once(&p);

	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_non_null(strstr(r->detail, "nothing listens"));
	p.type = SLA_UDP_JITTER;
	p.num_packets = 3;
	p.interval_ms = 10;
	p.request_size = 32;
	r = run_once(&p);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_int_equal(r->jitter.sent + r->jitter.skipped, 3); /* a busy host skips */
	assert_true(r->jitter.sent > 0);
}

/* What the server of ``listener`` reads from the next connection: 0, or -errno. */
static int end_of_next_connection(int listener)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	uint8_t octet;

	assert_int_equal(poll(&p, 1, PATIENCE_S * 1000), 1);
	CLEANUP(fd_closep) int fd = accept(listener, NULL, NULL);

	assert_true(fd >= 0);
	return (int)(read(fd, &octet, 1) < 0 ? -errno : 0);
}

static uint16_t a_free_port(void)
{
	uint16_t port;

	(void)close(open_local(SOCK_KIND_TCP_LISTEN, &port));
	return port;
}

static void tcp_on_the_loopback(void **state)
{
	struct op_params p = params_of(SLA_TCP_CONNECT);
	int fd = open_local(SOCK_KIND_TCP_LISTEN, &p.target_port);
	const struct sla_result *r = run_once(&p);

	(void)state;
	assert_string_equal(r->detail, "");
	assert_int_equal(r->sense, SENSE_OK);
	assert_true(r->rtt_ns > 0 && r->rtt_ns < MS(1000));
	assert_int_equal(end_of_next_connection(fd), 0); /* an orderly end */
	/* A fixed port serves run after run: it ends by a reset. */
	p.source_port = a_free_port();
	for (int i = 0; i < 3; i++) {
		assert_int_equal(run_once(&p)->sense, SENSE_OK);
		assert_int_equal(end_of_next_connection(fd), -ECONNRESET);
	}
	p.source_port = 0;
	fd_closep(&fd);
	r = run_once(&p);
	assert_int_equal(r->sense, SENSE_ERROR);
	assert_i64_equal(r->rtt_ns, 0);
	assert_non_null(strstr(r->detail, "refused the connection"));
}

/* Allowed or not: then the sentence says what to do. */
static void icmp_on_the_loopback(void **state)
{
	struct op_params p = params_of(SLA_ICMP_ECHO);

	(void)state;
	p.target_port = 0;
	p.verify_data = true;
	const struct sla_result *r = run_once(&p);

	if (r->sense == SENSE_ERROR) {
		assert_non_null(strstr(r->detail, "ping_group_range"));
		skip();
	}
	assert_int_equal(r->sense, SENSE_OK);
	assert_true(r->rtt_ns > 0);
}

static void the_control_exchange_fails_clearly(void **state)
{
	struct op_params p = params_of(SLA_UDP_JITTER);
	int fd = open_local(SOCK_KIND_UDP, &p.control_port);
	char want[128];

	(void)state;
	fd_closep(&fd);
	p.control = SLA_CONTROL_V1;
	const struct sla_result *r = run_once(&p);

	(void)snprintf(want, sizeof(want),
	               "no responder listens on 127.0.0.1:%u (port unreachable)", p.control_port);
	assert_int_equal(r->sense, SENSE_NOT_CONNECTED);
	assert_string_equal(r->detail, want);
}

static void runs_by_schedule_and_counts_what_it_missed(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	const struct op_schedule s = { .scheduled = true, .start = SLA_START_NOW, .life_s = 4 };

	(void)state;
	w.is_mute = true; /* each run lasts 1.5 s: every second one is missed */
	p.frequency_s = 1;
	p.timeout_ms = 1500;
	set(7, &p, &s);
	assert_int_equal(w.state[0].state, SLA_STATE_PENDING);
	wait_for(2, 4);
	assert_int_equal(w.state[1].state, SLA_STATE_ACTIVE);
	assert_int_equal(w.state[1].life_left_s, 4);
	assert_int_equal(w.state[2].missed_busy, 1);
	assert_int_equal(w.state[3].missed_busy, 2);
	assert_int_equal(w.state[4].state, SLA_STATE_INACTIVE);
	assert_int_equal(w.results, 2);
	assert_int_equal(w.result[1].run, 2);
	assert_int_equal(w.result[1].sense, SENSE_TIMEOUT);
	assert_i64_near(wall_diff_ns(w.result[1].started_at, w.result[0].started_at), MS(2000),
	                MS(500));
	assert_int_equal(runner_counters(w.runner)->runs_missed_busy, 2);
	assert_int_equal(w.missed_busy, 2);
	/* Whoever lost one of them is told all of it again. */
	uint32_t told = w.states;

	runner_tell_states(w.runner);
	assert_int_equal(w.states, told + 1);
	assert_int_equal(w.state[told].state, SLA_STATE_INACTIVE);
	assert_int_equal(w.state[told].missed_busy, 2);
	assert_int_equal(runner_counters(w.runner)->runs_missed_busy, 2);
}

static void setting_again_changes_only_what_changed(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	struct op_schedule s = { .scheduled = true, .start = SLA_START_PENDING };
	const struct op_id newer = { 5, 2 };

	(void)state;
	w.is_mute = true;
	set(5, &p, &s);
	assert_int_equal(run_now(5, 1), 0);
	assert_int_equal(run_now(5, 1), -EBUSY);
	set(5, &p, &s); /* the same: the run goes on */
	assert_int_equal(run_now(5, 1), -EBUSY);
	s.ageout_s = 100;
	set(5, &p, &s); /* another schedule: the run goes on */
	assert_int_equal(run_now(5, 1), -EBUSY);
	assert_int_equal(runner_remove(w.runner, 5), 0);
	p.timeout_ms = 50;
	set(5, &p, &s);
	assert_int_equal(run_now(5, 1), 0);
	wait_for(1, 0);
	assert_int_equal(w.result[0].run, 1);
	assert_int_equal(runner_set(w.runner, &newer, &p, &s), 0);
	assert_int_equal(run_now(5, 2), 0);
	wait_for(1, 0);
	assert_int_equal(w.result[1].run, 1);
	assert_int_equal(w.result[1].id.generation, 2);
	p.request_size = 3;
	assert_int_equal(runner_set(w.runner, &newer, &p, &s), -EINVAL);
	assert_int_equal(run_now(5, 2), 0);
	assert_int_equal(runner_remove(w.runner, 5), 0);
	assert_int_equal(runner_remove(w.runner, 5), -ENOENT);
	assert_int_equal(run_now(5, 2), -ENOENT);
	assert_int_equal(runner_counters(w.runner)->runs_started, 4);
	assert_int_equal(runner_counters(w.runner)->runs_finished, 2);
}

/* What a run has measured is not thrown away by a reload: it ends as it began, then the newest
 * settings hold. */
static void a_run_ends_as_it_began(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);

	(void)state;
	w.is_mute = true;
	p.timeout_ms = 300;
	set(5, &p, &unscheduled);
	assert_int_equal(run_now(5, 1), 0);
	p.timeout_ms = 1;
	set(5, &p, &unscheduled);
	p.timeout_ms = 20;
	set(5, &p, &unscheduled); /* the newest wins */
	assert_int_equal(run_now(5, 1), -EBUSY);
	wait_for(1, 0);
	assert_int_equal(w.result[0].sense, SENSE_TIMEOUT);
	assert_in_range(w.result[0].duration_ns, MS(300), MS(2000));
	wait_for(0, 1); /* the new settings are in force: the schedule says so */
	assert_int_equal(run_now(5, 1), 0);
	wait_for(1, 0);
	assert_int_equal(w.result[1].run, 2);
	assert_in_range(w.result[1].duration_ns, MS(20), MS(250));
}

static void a_key_rolls_over_without_a_stir(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	const struct op_schedule s = { .scheduled = true, .start = SLA_START_NOW, .life_s = 30 };

	(void)state;
	set(5, &p, &s);
	wait_for(1, 1);
	uint32_t states = w.states;

	p.auth_mode = 2;
	p.auth_key_id = 7;
	p.auth_secret_len = 3;
	memcpy(p.auth_secret, "new", 3);
	set(5, &p, &s);
	assert_int_equal(w.states, states); /* same schedule, not begun anew */
	assert_int_equal(run_now(5, 1), 0);
	wait_for(1, 0);
	assert_int_equal(w.result[1].run, 2);
}

static const struct runner_state_event *last_state(void)
{
	assert_true(w.states > 0);
	return &w.state[w.states - 1];
}

/* Only what is pending is begun by a trigger, only what is active is released. */
static void a_trigger_begins_what_is_pending(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	const struct op_schedule s = { .scheduled = true, .life_s = 30 };

	(void)state;
	w.is_mute = true;
	set(5, &p, &s);
	assert_int_equal(act(5, RUNNER_RELEASE, 1), 0);
	assert_int_equal(last_state()->state, SLA_STATE_PENDING);
	assert_int_equal(act(5, RUNNER_TRIGGER, 2), 0);
	assert_int_equal(last_state()->state, SLA_STATE_ACTIVE);
	assert_int_equal(last_state()->act_serial, 2);
	assert_int_equal(run_now(5, 1), -EBUSY); /* its first run is on */
	assert_int_equal(act(5, RUNNER_TRIGGER, 3), 0);
	assert_int_equal(run_now(5, 1), -EBUSY); /* and goes on */
	p.tos = 4;
	set(5, &p, &s); /* new settings leave it active */
	assert_int_equal(act(5, RUNNER_RELEASE, 4), 0);
	assert_int_equal(last_state()->state, SLA_STATE_PENDING);
	assert_int_equal(last_state()->next_start.ns, 0);
	assert_int_equal(w.results, 0);
	assert_int_equal(act(5, RUNNER_STOP, 5), 0);
	assert_int_equal(act(5, RUNNER_TRIGGER, 6), 0);
	assert_int_equal(last_state()->state, SLA_STATE_INACTIVE);
	assert_int_equal(act(5, RUNNER_RELEASE, 7), 0);
	assert_int_equal(last_state()->state, SLA_STATE_INACTIVE);
	set(5, &p, &unscheduled);
	assert_int_equal(act(5, RUNNER_TRIGGER, 8), -EINVAL);
}

static void what_was_triggered_or_released_stays_so(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	struct op_schedule s = { .scheduled = true, .life_s = 30 };

	(void)state;
	w.is_mute = true;
	p.timeout_ms = 5;
	set(5, &p, &s);
	assert_int_equal(act(5, RUNNER_TRIGGER, 1), 0);
	wait_for(1, 0);
	p.tos = 4;
	set(5, &p, &s);
	wait_for(1, 0);
	assert_int_equal(last_state()->state, SLA_STATE_ACTIVE);
	s.start = SLA_START_NOW;
	set(6, &p, &s);
	wait_for(1, 0);
	assert_int_equal(act(6, RUNNER_RELEASE, 2), 0);
	p.tos = 8;
	set(6, &p, &s);
	assert_int_equal(last_state()->state, SLA_STATE_PENDING);
	assert_int_equal(last_state()->next_start.ns, 0);
}

static void an_orderly_stop_lets_the_run_end(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	const struct op_schedule s = { .scheduled = true, .start = SLA_START_NOW, .life_s = 30 };

	(void)state;
	w.is_mute = true;
	p.timeout_ms = 100;
	set(5, &p, &s);
	wait_for(0, 1);
	assert_int_equal(act(5, RUNNER_ORDERLY_STOP, 1), 0);
	assert_int_equal(last_state()->state, SLA_STATE_INACTIVE);
	wait_for(1, 0);
	assert_int_equal(w.result[0].sense, SENSE_TIMEOUT);
}

static void many_operations_at_once(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	const struct op_schedule s = { .scheduled = true, .start = SLA_START_NOW, .life_s = 30 };

	(void)state;
	for (uint32_t n = 1; n <= 12; n++) {
		w.states = 0;
		set(n, &p, &s);
	}
	w.states = 0;
	wait_for(12, 12);
	for (uint32_t i = 0; i < w.results; i++)
		assert_int_equal(w.result[i].sense, SENSE_OK);
	/* Spread by place, 3 ms apart. */
	assert_int_equal(w.result[0].id.number, 1);
	assert_int_equal(w.result[11].id.number, 12);
}

/* Packets on the wire stop and start with the orders, and each order is confirmed by its number. */
static void a_person_starts_and_stops(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	const struct op_schedule s = { .scheduled = true,
		                       .start = SLA_START_PENDING,
		                       .life_s = SLA_LIFE_FOREVER };
	uint64_t sent;

	(void)state;
	p.frequency_s = 1;
	set(1, &p, &s);
	assert_int_equal(act(2, RUNNER_START, 1), -ENOENT);
	assert_int_equal(act(1, RUNNER_START, 7), 0);
	assert_int_equal(last_state()->state, SLA_STATE_ACTIVE);
	assert_true(last_state()->act_serial == 7);
	wait_for(2, 0);
	assert_int_equal(act(1, RUNNER_START, 8), 0); /* goes on */
	assert_int_equal(last_state()->state, SLA_STATE_ACTIVE);
	wait_for(1, 0);
	assert_int_equal(act(1, RUNNER_STOP, 9), 0);
	assert_int_equal(last_state()->state, SLA_STATE_INACTIVE);
	assert_true(last_state()->act_serial == 9);
	sent = runner_counters(w.runner)->packets_sent;
	p.threshold_ms++;
	set(1, &p, &s); /* the same schedule: it stays stopped */
	assert_int_equal(last_state()->state, SLA_STATE_INACTIVE);
	assert_true(last_state()->act_serial == 9);
	loop_arm(w.loop, &w.deadline, mono_add_ns(clock_system()->mono(clock_system()), MS(1500)));
	assert_int_equal(loop_run(w.loop), 0); /* nothing wakes it but the end of this time */
	assert_true(w.is_late && runner_counters(w.runner)->packets_sent == sent);
	assert_int_equal(act(1, RUNNER_RESTART, 10), 0);
	assert_int_equal(last_state()->state, SLA_STATE_ACTIVE);
	wait_for(1, 0);
	assert_true(runner_counters(w.runner)->packets_sent == sent + 1);
}

/* Stop and restart abandon the run that is on; what waited for its end holds at once. */
static void a_stop_ends_the_run(void **state)
{
	struct op_params p = params_of(SLA_UDP_ECHO);
	struct op_schedule s = { .scheduled = true,
		                 .start = SLA_START_NOW,
		                 .life_s = SLA_LIFE_FOREVER };

	(void)state;
	w.is_mute = true;
	set(1, &p, &s);
	wait_for(0, 1); /* active */
	assert_int_equal(run_now(1, 1), -EBUSY);
	p.tos = 8;
	s.ageout_s = 1;
	set(1, &p, &s); /* waits */
	assert_int_equal(act(1, RUNNER_STOP, 1), 0);
	assert_int_equal(last_state()->state, SLA_STATE_INACTIVE);
	assert_int_equal(w.results, 0);
	wait_for(0, 1); /* the new schedule's age-out: stopped is not active */
	assert_true(last_state()->removed);
	assert_int_equal(act(1, RUNNER_START, 2), 0); /* too late */
	assert_true(last_state()->removed);
}

/* Another schedule ends a stop, and an operation without one takes no order but a single run. */
static void a_stop_lasts_as_long_as_the_schedule(void **state)
{
	const struct op_params p = params_of(SLA_UDP_ECHO);
	struct op_schedule s = { .scheduled = true,
		                 .start = SLA_START_NOW,
		                 .life_s = SLA_LIFE_FOREVER };
	const struct op_id id = { 1, 1 };
	uint64_t run = 0;

	(void)state;
	set(1, &p, &s);
	assert_int_equal(act(1, RUNNER_STOP, 1), 0);
	s.life_s = 3600;
	set(1, &p, &s);
	wait_for(1, 0);
	assert_int_equal(last_state()->state, SLA_STATE_ACTIVE);
	set(1, &p, &unscheduled);
	assert_int_equal(last_state()->state, SLA_STATE_PENDING);
	assert_int_equal(act(1, RUNNER_START, 2), -EINVAL);
	assert_int_equal(act(1, RUNNER_STOP, 2), -EINVAL);
	assert_int_equal(runner_run_once(w.runner, &id, &run), 0);
	if (w.results == 1)
		wait_for(1, 0);
	assert_true(run == 2 && w.result[1].run == 2);
	assert_int_equal(run_now(1, 2), -ENOENT); /* another generation */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(udp_echo_on_the_loopback, setup, teardown),
		cmocka_unit_test_setup_teardown(udp_jitter_on_the_loopback, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_listens, setup, teardown),
		cmocka_unit_test_setup_teardown(tcp_on_the_loopback, setup, teardown),
		cmocka_unit_test_setup_teardown(icmp_on_the_loopback, setup, teardown),
		cmocka_unit_test_setup_teardown(the_control_exchange_fails_clearly, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(runs_by_schedule_and_counts_what_it_missed, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(setting_again_changes_only_what_changed, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_run_ends_as_it_began, setup, teardown),
		cmocka_unit_test_setup_teardown(a_person_starts_and_stops, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_ends_the_run, setup, teardown),
		cmocka_unit_test_setup_teardown(a_stop_lasts_as_long_as_the_schedule, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(a_key_rolls_over_without_a_stir, setup, teardown),
		cmocka_unit_test_setup_teardown(a_trigger_begins_what_is_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(what_was_triggered_or_released_stays_so, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(an_orderly_stop_lets_the_run_end, setup, teardown),
		cmocka_unit_test_setup_teardown(many_operations_at_once, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
