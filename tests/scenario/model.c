/* SPDX-License-Identifier: Apache-2.0 */
/* The modelled network: events in order of time, the probe_io over them. */
#include "model.h"

#include "base/sketch.h"

#include "model_servers.h"

#include <errno.h>

#define RUN_LIMIT_NS SEC(3600)

static struct model *model_of(struct probe_io *io)
{
	return container_of(io, struct model, io);
}

/* --- events --- */

struct model_event *model_post(struct model *m, int64_t at_ns, enum model_event_kind kind,
                               const uint8_t *data, size_t len)
{
	assert_true(m->event_count < MODEL_EVENTS);
	struct model_event *e = &m->events[m->event_count++];

	memset(e, 0, sizeof(*e));
	e->at_ns = at_ns;
	e->order = m->order++;
	e->kind = kind;
	if (len > 0) {
		e->data = malloc(len);
		assert_non_null(e->data);
		memcpy(e->data, data, len);
		e->len = len;
	}
	return e;
}

void model_at(struct model *m, int64_t at_ns, enum model_event_kind kind, int64_t value)
{
	model_post(m, at_ns, kind, NULL, 0)->value = value;
}

static struct probe_flow *flow_numbered(struct model *m, uint32_t number)
{
	for (unsigned i = 0; i < MODEL_FLOWS; i++) {
		if (number != 0 && m->flows[i].number == number)
			return &m->flows[i];
	}
	return NULL;
}

struct stamp model_stamp(const struct model *m, int64_t at_ns, enum stamp_source source)
{
	return (struct stamp) {
		.at = { at_ns + m->offset_ns },
		.read_at = { m->now_ns },
		.offset_ns = m->offset_ns,
		.err_ns = source == STAMP_USER ? US(50) : US(1),
		.source = source,
	};
}

/* What the path does to one message that enters it. */
void model_enter_path(struct model *m, enum direction d, bool is_control, int64_t at_ns,
                      struct model_event like, const uint8_t *data, size_t len)
{
	struct model_path *path = &m->path[d];
	uint32_t n = is_control ? path->controls++ : path->probes++;
	const char *pattern = is_control ? path->control : path->pattern;
	char what = pattern && n < strlen(pattern) ? pattern[n] : '.';
	int64_t arrives = at_ns + path->delay_ns + (what == 'r' ? path->extra_ns : 0);
	uint8_t copy[2048];

	assert_true(len <= sizeof(copy));
	memcpy(copy, data, len);
	if (what == 'x')
		return;
	if (what == 'c')
		copy[len - 1] ^= 0x40;
	if (what == 's')
		copy[7] ^= 0x01;
	for (int times = what == 'd' ? 2 : 1; times > 0; times--) {
		struct model_event *e =
		        model_post(m, arrives, d == SD ? EV_TO_PEER : EV_TO_US, copy, len);

		e->flow = like.flow;
		e->token = like.token;
	}
}

/* --- probe_io --- */

static int io_open(struct probe_io *io, struct op *op, const struct flow_spec *spec,
                   struct probe_flow **ret)
{
	struct model *m = model_of(io);
	struct probe_flow *f = NULL;

	assert_ptr_equal(op, &m->op);
	if (m->open_error) {
		int rc = m->open_error;

		m->open_error = 0;
		return rc;
	}
	if (spec->local.port != 0 && m->now_ns < m->port_taken_until_ns)
		return -EADDRINUSE;
	for (unsigned i = 0; i < MODEL_FLOWS && !f; i++) {
		if (m->flows[i].number == 0)
			f = &m->flows[i];
	}
	if (!f)
		return -EMFILE;
	f->number = ++m->flow_numbers;
	f->spec = *spec;
	f->ttl = 0;
	f->local = spec->local;
	if (f->local.addr.family == INET_NONE)
		assert_int_equal(inet_addr_parse("192.0.2.1", &f->local.addr), 0);
	if (f->local.port == 0)
		f->local.port = (uint16_t)(40000 + f->number);
	f->server = NULL;
	f->secured_ns = 0;
	if (spec->kind == FLOW_STREAM || spec->kind == FLOW_LISTEN)
		model_stream_open(m, f);
	if (spec->kind == FLOW_TCP && m->tcp_error <= 0) {
		struct model_event *e =
		        model_post(m, m->now_ns + m->path[SD].delay_ns + m->path[DS].delay_ns,
		                   EV_CONNECT, NULL, 0);

		e->flow = f->number;
		e->value = m->tcp_error;
	}
	*ret = f;
	return 0;
}

static const char *io_why(struct probe_io *io)
{
	(void)io;
	return "the model says no";
}

static void io_close(struct probe_io *io, struct probe_flow *flow)
{
	(void)io;
	assert_true(flow->number != 0);
	model_of(io)->lingering -= flow->is_lingering;
	flow->is_lingering = false;
	flow->number = 0;
}

static int io_linger(struct probe_io *io, struct probe_flow *flow)
{
	struct model *m = model_of(io);

	assert_true(flow->number != 0);
	if (m->refuses_linger)
		return -ENFILE;
	flow->is_lingering = true;
	m->lingering++;
	return 0;
}

static struct inet_endpoint io_local(struct probe_io *io, const struct probe_flow *flow)
{
	(void)io;
	assert_true(flow->number != 0);
	return flow->local;
}

static struct inet_addr hop_address(unsigned hop)
{
	struct inet_addr a = { .family = INET_V4, .bytes = { 192, 0, 2, (uint8_t)(100 + hop) } };

	return a;
}

static void say_icmp(struct model *m, const struct probe_flow *flow, int64_t at_ns,
                     struct inet_addr from, const uint8_t type_code[2], const uint8_t *data,
                     size_t len)
{
	if (!flow->spec.want_icmp)
		return;
	struct model_event *e = model_post(m, at_ns, EV_ICMP, data, len < 64 ? len : 64);

	e->flow = flow->number;
	e->from = from;
	e->type = type_code[0];
	e->code = type_code[1];
}

/* What the routers do to a datagram: true when it gets no further. */
static bool stops_at_router(struct model *m, const struct probe_flow *flow, int64_t at_ns,
                            const uint8_t *data, size_t len)
{
	static const uint8_t exceeded[2] = { 11, 0 };

	for (unsigned n = 1; n <= m->hop_count; n++) {
		const struct model_hop *hop = &m->hops[n - 1];
		const struct inet_addr own = hop_address(n);
		const struct inet_addr from = hop->poses_as ? hop_address(hop->poses_as) : own;
		int64_t back_ns = at_ns + 2 * MS(n) + (hop->answers_late ? MS(1500) : 0);
		const uint8_t refusal[2] = { 3, (uint8_t)(hop->refuses - 1) };

		if (inet_addr_equal(&flow->spec.peer.addr, &own))
			return hop->no_echo;
		if (flow->ttl == n && hop->is_silent)
			return true;
		if (flow->ttl == n) {
			say_icmp(m, flow, back_ns, from, exceeded, data,
			         hop->quotes_little && flow->spec.kind == FLOW_UDP ? 0 : len);
			return true;
		}
		if (hop->refuses) {
			say_icmp(m, flow, back_ns, from, refusal, data, len);
			return true;
		}
	}
	return false;
}

static int io_send(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len,
                   uint32_t token, struct stamp *ret_user)
{
	struct model *m = model_of(io);
	int64_t out_ns = m->now_ns + m->tx_lag_ns;
	bool is_control = flow->spec.no_stamps;

	assert_true(flow->number != 0);
	m->sends++;
	if (m->send_error && m->send_errors > 0) {
		m->send_errors--;
		return m->send_error;
	}
	*ret_user = model_stamp(m, m->now_ns, STAMP_USER);
	if (!is_control && !m->no_kernel_stamps) {
		struct model_event *e = model_post(m, out_ns + m->stamp_lag_ns, EV_STAMP, NULL, 0);

		e->flow = flow->number;
		e->token = token;
		e->at = model_stamp(m, out_ns, STAMP_KERNEL);
	}
	struct model_event like = { .flow = flow->number };

	if (stops_at_router(m, flow, out_ns, data, len))
		return 0;
	if (is_control)
		m->responder.control_tos = flow->spec.tos;
	else
		m->responder.probe_tos = flow->spec.tos;
	model_enter_path(m, SD, is_control, out_ns, like, data, len);
	return 0;
}

static int io_write(struct probe_io *io, struct probe_flow *flow, const uint8_t *data, size_t len)
{
	assert_true(flow->number != 0);
	return model_stream_write(model_of(io), flow, data, len);
}

static int io_secure(struct probe_io *io, struct probe_flow *flow, const char *name, bool verify)
{
	assert_true(flow->number != 0);
	return model_stream_secure(model_of(io), flow, name, verify);
}

static int io_mac(struct probe_io *io, const struct probe_flow *flow, uint8_t *to)
{
	assert_true(flow->number != 0);
	assert_int_equal(flow->spec.kind, FLOW_PACKET);
	memcpy(to, "\x02\x00\x5e\x00\x53\x01", 6);
	return model_of(io)->mac_error;
}

static int io_set_ttl(struct probe_io *io, struct probe_flow *flow, uint8_t ttl)
{
	(void)io;
	assert_true(flow->number != 0);
	flow->ttl = ttl;
	return 0;
}

static struct stamp io_read_clock(struct probe_io *io)
{
	struct model *m = model_of(io);

	return model_stamp(m, m->now_ns, STAMP_USER);
}

static struct clock_grade io_grade(struct probe_io *io)
{
	return model_of(io)->grade;
}

static void io_arm(struct probe_io *io, struct op *op, unsigned timer, mono_t due)
{
	struct model *m = model_of(io);

	(void)op;
	assert_true(timer < PROBE_TIMERS);
	m->timers[timer].armed = true;
	m->timers[timer].due = due;
}

static void io_disarm(struct probe_io *io, struct op *op, unsigned timer)
{
	(void)op;
	assert_true(timer < PROBE_TIMERS);
	model_of(io)->timers[timer].armed = false;
}

static uint32_t io_random(struct probe_io *io)
{
	return (uint32_t)t_random(&model_of(io)->random);
}

static uint32_t io_drops(struct probe_io *io, const struct probe_flow *flow)
{
	(void)io;
	assert_true(flow->number != 0);
	return 0;
}

static void io_finish(struct probe_io *io, struct op *op, const struct sla_result *result,
                      const struct sketch *rtt)
{
	struct model *m = model_of(io);

	(void)op;
	m->finished++;
	m->res = *result;
	const struct sum_stats *rtts = sla_result_rtts(result);

	assert_int_equal(rtt ? rtt->count : 0, rtts ? rtts->n : 0);
	model_assert_clean(m);
}

static const struct probe_io_ops ops = {
	.open = io_open,
	.why = io_why,
	.close = io_close,
	.linger = io_linger,
	.local = io_local,
	.send = io_send,
	.write = io_write,
	.secure = io_secure,
	.set_ttl = io_set_ttl,
	.mac = io_mac,
	.read_clock = io_read_clock,
	.grade = io_grade,
	.arm = io_arm,
	.disarm = io_disarm,
	.random = io_random,
	.drops = io_drops,
	.finish = io_finish,
};

/* --- running --- */

void model_init(struct model *m, enum sla_type type)
{
	const struct probe_type *t = probe_types[type];
	struct op_params *p = &m->op.params;

	memset(m, 0, sizeof(*m));
	m->io.ops = &ops;
	m->offset_ns = SEC(WALL0_S);
	m->random = 88172645463325252u;
	m->grade = (struct clock_grade) { .source = CLOCK_SOURCE_KERNEL, .err_ns = US(100) };
	m->path[SD].delay_ns = MS(10);
	m->path[DS].delay_ns = MS(10);
	m->responder = (struct model_responder) { .speaks_v1 = true,
		                                  .speaks_v2 = true,
		                                  .is_synchronised = true,
		                                  .clock_err_ns = US(200) };
	m->peer = type == SLA_DNS            ? model_dns_receive
	          : type == SLA_DHCP         ? model_dhcp_receive
	          : t->target == TARGET_NONE ? model_cfm_receive
	                                     : model_peer_receive;
	conf_rows_init(t->rows, p);
	if (type == SLA_DNS)
		p->text.at[OP_TEXT_NAME] = "www.example.com";
	p->type = (uint8_t)type;
	assert_int_equal(inet_addr_parse("192.0.2.77", &p->target), 0);
	if (type == SLA_MULTICAST_JITTER) {
		assert_int_equal(inet_addr_parse("239.1.1.1", &p->target), 0);
		p->text.at[OP_TEXT_ENDPOINTS] = "192.0.2.77";
	}
	if (t->target == TARGET_NONE) {
		p->mpid = 5;
		p->vlan = 34;
		p->level = 3;
		p->text.at[OP_TEXT_DOMAIN] = "D";
		p->text.at[OP_TEXT_INTERFACE] = "lan";
		p->text.at[OP_TEXT_REMOTE_MAC] = "0200.5e00.5302";
		m->op.params.target = (struct inet_addr) { 0 };
	}
	if (t->target == TARGET_HOST_PORT)
		p->target_port = 5000;
	m->op.type = t;
	m->op.id = (struct op_id) { 10, 1 };
}

static void drop_events(struct model *m)
{
	for (uint32_t i = 0; i < m->event_count; i++)
		free(m->events[i].data);
	m->event_count = 0;
}

void model_fini(struct model *m)
{
	drop_events(m);
	if (m->op.type->forget && m->op.state) {
		m->op.type->forget(&m->op, &m->io);
		assert_int_equal(m->lingering, 0);
		model_assert_clean(m);
	}
	free(m->op.state);
	m->op.state = NULL;
}

void model_assert_clean(const struct model *m)
{
	unsigned armed = 0;

	for (unsigned i = 0; i < MODEL_FLOWS; i++)
		assert_true(m->flows[i].number == 0 || m->flows[i].is_lingering);
	for (unsigned i = 0; i < PROBE_TIMERS; i++)
		armed += m->timers[i].armed;
	assert_int_equal(armed, m->lingering);
}

static void to_us(struct model *m, struct probe_flow *f, const struct model_event *e)
{
	struct probe_packet packet = {
		.data = e->data,
		.len = e->len,
		.at = model_stamp(m, e->at_ns, STAMP_KERNEL),
		.from = f->spec.peer,
	};

	if (inet_addr_is_group(&packet.from.addr)) /* its members answer for themselves */
		assert_int_equal(inet_addr_parse("192.0.2.77", &packet.from.addr), 0);
	m->op.type->on_packet(&m->op, &m->io, f, &packet, (mono_t) { m->now_ns });
}

static void happen(struct model *m, const struct model_event *e)
{
	struct probe_flow *f = flow_numbered(m, e->flow);
	mono_t now = { m->now_ns };

	switch (e->kind) {
	case EV_TO_PEER:
		if (f)
			m->peer(m, f, e);
		break;
	case EV_TO_US:
		if (f)
			to_us(m, f, e);
		break;
	case EV_STAMP: {
		struct stamp at = e->at;

		at.offset_ns = m->offset_ns; /* as read when it is fetched */
		if (f)
			m->op.type->on_sent(&m->op, &m->io, e->token, &at);
		break;
	}
	case EV_ERROR:
		if (f)
			m->op.type->on_error(&m->op, &m->io, f, (int)e->value, now);
		break;
	case EV_ICMP:
		if (f) {
			const struct probe_icmp icmp = {
				.from = e->from,
				.type = e->type,
				.code = e->code,
				.at = model_stamp(m, e->at_ns, STAMP_KERNEL),
				.data = e->data,
				.len = e->len,
			};

			m->op.type->on_icmp(&m->op, &m->io, f, &icmp, now);
		}
		break;
	case EV_CONNECT:
		if (f) {
			struct probe_connect c = { .error = (int)e->value,
				                   .rtt_ns = m->path[SD].delay_ns +
				                             m->path[DS].delay_ns,
				                   .source = STAMP_KERNEL,
				                   .err_ns = US(1) };

			m->op.type->on_connect(&m->op, &m->io, f, &c, now);
		}
		break;
	case EV_SERVER:
	case EV_SECURED:
	case EV_STREAM_DATA:
	case EV_STREAM_END:
	case EV_STREAM_FAILS:
		if (f)
			model_stream_happen(m, f, e);
		break;
	case EV_STEP:
		m->offset_ns += e->value;
		break;
	case EV_RESTART:
		m->responder.open_port = 0;
		m->responder.count = 0;
		break;
	}
}

/* The process sees nothing while it is held up. */
static int64_t seen_at(const struct model *m, int64_t at_ns, bool is_ours)
{
	return is_ours && at_ns >= m->hold_from_ns && at_ns < m->hold_until_ns ? m->hold_until_ns
	                                                                       : at_ns;
}

static bool is_ours(const struct model_event *e)
{
	return e->kind != EV_TO_PEER && e->kind != EV_SERVER && e->kind != EV_STEP &&
	       e->kind != EV_RESTART;
}

bool model_step(struct model *m)
{
	struct model_event *next = NULL;
	int64_t next_ns = INT64_MAX;
	unsigned timer = PROBE_TIMERS;

	for (uint32_t i = 0; i < m->event_count; i++) {
		struct model_event *e = &m->events[i];
		int64_t at_ns = seen_at(m, e->at_ns, is_ours(e));

		if (at_ns < next_ns || (next && at_ns == next_ns && e->order < next->order)) {
			next = e;
			next_ns = at_ns;
		}
	}
	for (unsigned i = 0; i < PROBE_TIMERS; i++) {
		int64_t at_ns = seen_at(m, m->timers[i].due.ns, true);

		if (m->timers[i].armed && at_ns < next_ns) {
			timer = i;
			next_ns = at_ns;
		}
	}
	if (next_ns == INT64_MAX)
		return false;
	m->now_ns = next_ns > m->now_ns ? next_ns : m->now_ns;
	if (timer < PROBE_TIMERS) {
		m->timers[timer].armed = false;
		m->op.type->on_timer(&m->op, &m->io, timer, (mono_t) { m->now_ns });
		return true;
	}
	struct model_event e = *next;

	*next = m->events[--m->event_count];
	happen(m, &e);
	free(e.data);
	return true;
}

void model_start(struct model *m)
{
	if (!m->op.state) {
		m->op.state = calloc(1, m->op.type->state_size(&m->op.params));
		assert_non_null(m->op.state);
	}
	m->op.type->start(&m->op, &m->io, (mono_t) { m->now_ns });
}

const struct sla_result *model_run(struct model *m)
{
	uint32_t before = m->finished;
	int64_t limit_ns = m->now_ns + RUN_LIMIT_NS;

	model_start(m);
	while (m->finished == before && m->now_ns < limit_ns && model_step(m))
		;
	assert_int_equal(m->finished, before + 1);
	model_assert_clean(m);
	if (m->res.type == SLA_UDP_JITTER) {
		const struct jitter_result *j = &m->res.jitter;

		assert_int_equal(j->sent, j->received + j->loss_sd + j->loss_ds + j->missing +
		                                  j->late + j->corrupted);
	}
	return &m->res;
}
