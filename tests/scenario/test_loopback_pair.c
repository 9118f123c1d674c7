/* SPDX-License-Identifier: Apache-2.0 */
/* Our sender against our responder, over real sockets on the loopback, in one loop: every operation
 * with every version of control, signed and not, over IPv4 and IPv6. */
#include "base/sketch.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "probe/probe.h"
#include "probe/runner.h"

#include "responder/responder.h"
#include "netns.h"
#include "t.h"

#include <errno.h>

#define PATIENCE_S 20

struct pair {
	struct loop *loop;
	struct runner *runner;
	struct responder *responder;
	struct responder_cfg cfg;
	struct tmr deadline;
	bool is_late;
	uint32_t results;
	struct sla_result result;
};

static struct pair w;

static void on_result(void *ctx, const struct sla_result *r, const struct sketch *rtt)
{
	(void)ctx;
	assert_int_equal(rtt ? rtt->count : 0, r->jitter.rtt.n);
	w.results++;
	w.result = *r;
	loop_stop(w.loop);
}

static void on_state(void *ctx, const struct runner_state_event *e)
{
	(void)ctx;
	(void)e;
}

static void too_late(struct tmr *t, mono_t now)
{
	(void)t;
	(void)now;
	w.is_late = true;
	loop_stop(w.loop);
}

/* A port that nobody uses: below those that the kernel gives to senders, and never twice.  0: there is
 * no such address here. */
static uint16_t free_port(const char *address, enum sock_kind kind)
{
	static uint16_t next = 20000;
	struct sock_spec spec = { .kind = (uint8_t)kind };

	assert_int_equal(inet_addr_parse(address, &spec.local.addr), 0);
	spec.local.port = ++next;
	int fd = sock_open_here(&spec, NULL);

	if (fd < 0)
		return 0;
	(void)close(fd);
	return next;
}

static int setup(void **state)
{
	const struct runner_sink sink = { on_result, on_state, NULL };
	struct diag d = { 0 };

	(void)state;
	memset(&w, 0, sizeof(w));
	w.loop = loop_new(clock_system());
	assert_non_null(w.loop);
	w.deadline.fire = too_late;
	w.runner = runner_new(w.loop, clock_system(), sock_opener_direct(), &sink);
	w.responder = responder_new(w.loop, clock_system(), sock_opener_direct());
	assert_non_null(w.responder);
	responder_cfg_init(&w.cfg);
	w.cfg.enabled = true;
	w.cfg.experimental_v1_v6 = true;
	w.cfg.v1_port = free_port("0.0.0.0", SOCK_KIND_UDP);
	do
		w.cfg.v2_port = free_port("0.0.0.0", SOCK_KIND_TCP_LISTEN);
	while (w.cfg.v2_port == w.cfg.v1_port);
	if (responder_apply(w.responder, &w.cfg, &d) < 0)
		fail_msg("responder: %s", d.text);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	runner_free(w.runner);
	responder_free(w.responder);
	loop_free(w.loop);
	return 0;
}

static const struct sla_result *run(const struct op_params *p)
{
	const struct op_schedule unscheduled = { 0 };
	const struct op_id id = { 1, 1 };

	w.results = 0;
	w.is_late = false;
	assert_int_equal(runner_set(w.runner, &id, p, &unscheduled), 0);
	assert_int_equal(runner_run_once(w.runner, &id, NULL), 0);
	loop_arm(w.loop, &w.deadline,
	         mono_add_ns(clock_system()->mono(clock_system()), PATIENCE_S * NS_PER_S));
	if (w.results == 0)
		assert_int_equal(loop_run(w.loop), 0);
	loop_disarm(w.loop, &w.deadline);
	assert_false(w.is_late);
	return &w.result;
}

static struct op_params params_of(enum sla_type type, const char *target)
{
	struct op_params p = { 0 };

	conf_rows_init(probe_types[type]->rows, &p);
	p.type = (uint8_t)type;
	assert_int_equal(inet_addr_parse(target, &p.target), 0);
	p.control_port = w.cfg.v1_port; /* both versions are spoken on both ports */
	p.control_timeout_ms = 1000;
	p.timeout_ms = 2000;
	p.num_packets = 10;
	p.interval_ms = 10;
	p.verify_data = true;
	return p;
}

static void assert_good(const struct sla_result *r)
{
	if (r->jitter.skipped == 0) /* a busy host may skip packets, and then says so */
		assert_string_equal(r->detail, "");
	assert_int_equal(r->sense, SENSE_OK);
	assert_true(r->rtt_ns >= 0 && r->rtt_ns < NS_PER_S);
	if (r->type != SLA_UDP_JITTER)
		return;
	assert_int_equal(r->jitter.received, r->jitter.sent);
	assert_int_equal(r->jitter.sent + r->jitter.skipped, 10);
	assert_int_equal(r->jitter.corrupted + r->jitter.out_of_sequence, 0);
	assert_int_equal(r->instrument.tx_source, STAMP_KERNEL);
}

static void every_operation(void **state)
{
	static const char *const targets[] = { "127.0.0.1", "::1" };
	static const struct {
		enum sla_type type;
		enum sla_control control, used;
		enum sla_precision precision;
	} rows[] = {
		{ SLA_UDP_JITTER, SLA_CONTROL_V1, SLA_CONTROL_V1, SLA_PRECISION_MS },
		{ SLA_UDP_JITTER, SLA_CONTROL_V1, SLA_CONTROL_V1, SLA_PRECISION_US },
		{ SLA_UDP_JITTER, SLA_CONTROL_V2, SLA_CONTROL_V2, SLA_PRECISION_MS },
		{ SLA_UDP_JITTER, SLA_CONTROL_AUTO, SLA_CONTROL_V2, SLA_PRECISION_MS },
		{ SLA_UDP_ECHO, SLA_CONTROL_V1, SLA_CONTROL_V1, SLA_PRECISION_MS },
		{ SLA_UDP_ECHO, SLA_CONTROL_AUTO, SLA_CONTROL_V1, SLA_PRECISION_MS },
		{ SLA_TCP_CONNECT, SLA_CONTROL_V1, SLA_CONTROL_V1, SLA_PRECISION_MS },
	};

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		if (free_port(targets[t], SOCK_KIND_UDP) == 0) {
			print_message("no %s here\n", targets[t]);
			continue;
		}
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct op_params p = params_of(rows[i].type, targets[t]);

			p.target_port = free_port(targets[t], rows[i].type == SLA_TCP_CONNECT
			                                              ? SOCK_KIND_TCP_LISTEN
			                                              : SOCK_KIND_UDP);
			p.control = (uint8_t)rows[i].control;
			p.precision = (uint8_t)rows[i].precision;
			const struct sla_result *r = run(&p);

			assert_good(r);
			assert_int_equal(r->control, rows[i].used);
			assert_true(r->control_rtt_ns > 0);
		}
	}
}

static void with_keys(void **state)
{
	struct op_params p = params_of(SLA_UDP_JITTER, "127.0.0.1");
	struct diag d = { 0 };

	(void)state;
	w.cfg.has_keychain = true;
	w.cfg.keychain.count = 1;
	w.cfg.keychain.keys[0] =
	        (struct key) { .id = 7, .algorithm = KEY_ALGORITHM_SHA256, .secret_len = 6 };
	memcpy(w.cfg.keychain.keys[0].secret, "secret", 6);
	assert_int_equal(responder_apply(w.responder, &w.cfg, &d), 0);
	p.control = SLA_CONTROL_V2;
	p.auth_key_id = 7;
	p.auth_secret_len = 6;
	memcpy(p.auth_secret, "secret", 6);
	for (uint8_t mode = 1; mode <= 2; mode++) {
		p.target_port = free_port("127.0.0.1", SOCK_KIND_UDP);
		p.auth_mode = mode;
		assert_good(run(&p));
		assert_good(run(&p)); /* and again: no replay */
	}
	p.auth_secret[0] = 'S';
	const struct sla_result *r = run(&p);

	assert_int_equal(r->sense, SENSE_ENABLE_AUTH_FAIL);
	assert_string_equal(r->detail, "responder refused: authentication failed (status 2)");
	p.auth_mode = 0;
	assert_int_equal(run(&p)->sense, SENSE_ENABLE_AUTH_FAIL);
	p.control = SLA_CONTROL_V1;
	assert_int_equal(run(&p)->sense, SENSE_ENABLE_AUTH_FAIL);
}

static void a_port_that_is_taken(void **state)
{
	struct op_params p = params_of(SLA_UDP_JITTER, "127.0.0.1");

	(void)state;
	p.target_port = w.cfg.v2_port;
	const struct sla_result *r = run(&p);

	assert_int_equal(r->sense, SENSE_ENABLE_PORT_IN_USE);
	assert_string_equal(r->detail, "responder refused: port in use (status 4)");
	p.target_port = 80;
	assert_int_equal(run(&p)->sense, SENSE_ENABLE_FAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_operation, setup, teardown),
		cmocka_unit_test_setup_teardown(with_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(a_port_that_is_taken, setup, teardown),
	};

	if (!netns_enter()) /* ports of our own: other tests take some too */
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
