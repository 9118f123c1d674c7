/* SPDX-License-Identifier: Apache-2.0 */
/* The responder of the modelled network: control of both versions, reflection, echo, ICMP. */
#include "model_peer.h"

#include "wire/icmp_echo.h"
#include "wire/icmp_timestamp.h"
#include "wire/ipsla_probe.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2_auth.h"

#include <errno.h>

static wall_t peer_wall(const struct model *m, int64_t at_ns)
{
	return (wall_t) { SEC(WALL0_S) + at_ns + m->responder.clock_offset_ns };
}

static void answer(struct model *m, const struct model_event *e, bool is_control,
                   const uint8_t *data, size_t len)
{
	int64_t at_ns = e->at_ns + (is_control ? 0 : m->responder.residence_ns);
	struct model_event like = { .flow = e->flow };

	model_enter_path(m, DS, is_control, at_ns, like, data, len);
}

static void refuse_by_icmp(struct model *m, const struct model_event *e)
{
	const struct probe_flow *f = NULL;

	if (m->responder.is_silent || m->drops_datagrams)
		return;
	for (unsigned i = 0; i < MODEL_FLOWS; i++) {
		if (m->flows[i].number == e->flow)
			f = &m->flows[i];
	}
	if (f && f->spec.want_icmp) {
		struct model_event *icmp = model_post(m, e->at_ns + m->path[DS].delay_ns, EV_ICMP,
		                                      e->data, e->len < 64 ? e->len : 64);

		icmp->flow = e->flow;
		icmp->from = f->spec.peer.addr;
		icmp->type = icmp->code = 3;
		return;
	}
	struct model_event *error =
	        model_post(m, e->at_ns + m->path[DS].delay_ns, EV_ERROR, NULL, 0);

	error->flow = e->flow;
	error->value = -ECONNREFUSED;
}

static void open_session(struct model *m, const struct model_event *e, enum ipsla_kind kind,
                         uint16_t port, uint32_t duration_ms)
{
	struct model_responder *r = &m->responder;

	r->last_duration_ms = duration_ms;
	if (r->refuse)
		return;
	r->open_port = port;
	r->open_until_ns = e->at_ns + MS(duration_ms);
	r->kind = kind;
	r->count = 0;
}

static void control_v1(struct model *m, const struct model_event *e)
{
	struct ipsla_v1_request r;
	uint8_t reply[IPSLA_V1_RESPONSE_MAX];

	m->responder.requests_v1++;
	assert_int_equal(ipsla_v1_request_decode(e->data, e->len, INET_NONE, &r), IPSLA_OK);
	m->responder.last_command = r.command;
	open_session(m, e, ipsla_v1_command_kind(r.command), r.port, r.duration_ms);
	ssize_t len = ipsla_v1_response_encode(e->data, e->len, m->responder.refuse,
	                                       IPSLA_V1_FORM_NORMAL, reply, sizeof(reply));

	assert_true(len > 0);
	answer(m, e, true, reply, (size_t)len);
}

static void control_v2(struct model *m, const struct model_event *e)
{
	struct model_responder *peer = &m->responder;
	struct ipsla_v2_answer a = { .target_port = peer->substitute_port };
	struct ipsla_v2_request r;
	uint8_t reply[IPSLA_V2_LONG_OCTETS];
	bool is_good = true;

	peer->requests_v2++;
	assert_int_equal(ipsla_v2_request_decode(e->data, e->len, INET_NONE, &r), IPSLA_OK);
	if (peer->secret)
		is_good = r.is_long &&
		          ipsla_v2_request_verify(e->data, e->len, (const uint8_t *)peer->secret,
		                                  strlen(peer->secret)) == 0;
	if (!is_good)
		a.status = ipsla_v2_refuse_auth(&r);
	else if (peer->refuse)
		a.status = ipsla_v2_refuse_udp(&r, peer->refuse);
	else
		open_session(m, e, IPSLA_KIND_UDP_MEASUREMENT,
		             a.target_port ? a.target_port : r.target_port, r.duration_ms);
	ssize_t len = ipsla_v2_response_encode(e->data, e->len, &r, &a, reply, sizeof(reply));

	assert_true(len > 0);
	if (peer->secret && is_good)
		assert_int_equal(ipsla_v2_sign(reply, (size_t)len, (const uint8_t *)peer->secret,
		                               strlen(peer->secret)),
		                 0);
	if (peer->spoils_digest)
		reply[IPSLA_V2_DIGEST_AT] ^= 1;
	answer(m, e, true, reply, (size_t)len);
}

static void probe(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	struct model_responder *r = &m->responder;
	bool is_open = r->open_port == f->spec.peer.port && e->at_ns <= r->open_until_ns;
	enum ipsla_kind kind = is_open ? r->kind : IPSLA_KIND_UDP_JITTER;

	if (!is_open && !r->is_permanent) {
		refuse_by_icmp(m, e);
		return;
	}
	if (e->len >= 2 && e->data[1] == IPSLA_PROBE_ECHO)
		kind = IPSLA_KIND_UDP_ECHO;
	r->count++;
	struct ipsla_reflection reflection = {
		.t2 = peer_wall(m, e->at_ns),
		.t3 = peer_wall(m, e->at_ns + r->residence_ns),
		.clock_offset = r->is_synchronised ? ipsla_offset_from_ns((uint64_t)r->clock_err_ns)
		                                   : IPSLA_OFFSET_UNKNOWN,
		.sequence =
		        r->copies_sequence ? ipsla_probe_sequence(e->data, e->len, kind) : r->count,
	};

	if (ipsla_probe_judge(e->data, e->len, kind) != IPSLA_PROBE_OK)
		return; /* damaged on the way: as a responder would */
	assert_int_equal(ipsla_probe_reflect(e->data, e->len, kind, &reflection), 0);
	answer(m, e, false, e->data, e->len);
}

static void icmp(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	enum inet_family family = (enum inet_family)f->spec.peer.addr.family;
	uint8_t reply[2048];
	struct icmp_echo echo;

	if (icmp_echo_decode(e->data, e->len, family, &echo) < 0)
		return; /* damaged on the way */
	assert_false(echo.is_reply);
	assert_int_equal(echo.id, f->local.port);
	echo.is_reply = true;
	ssize_t len = icmp_echo_encode(&echo, 0xABCDABCD, reply, sizeof(reply));

	assert_true(len > 0);
	answer(m, e, false, reply, (size_t)len);
}

static void timestamp(struct model *m, const struct model_event *e)
{
	struct model_responder *r = &m->responder;
	uint32_t flag = r->is_synchronised ? 0 : ICMP_TIMESTAMP_NONSTANDARD;
	uint8_t reply[ICMP_TIMESTAMP_OCTETS];
	struct icmp_timestamp t;

	if (icmp_timestamp_decode(e->data, e->len, &t) < 0)
		return; /* damaged on the way */
	assert_false(t.is_reply);
	assert_int_equal(t.id, t.sequence);
	t.is_reply = true;
	t.receive = wall_to_ms_of_day(peer_wall(m, e->at_ns)) | flag;
	t.transmit = wall_to_ms_of_day(peer_wall(m, e->at_ns + r->residence_ns)) | flag;
	ssize_t len = icmp_timestamp_encode(&t, reply, sizeof(reply));

	assert_true(len > 0);
	answer(m, e, false, reply, (size_t)len);
}

void model_peer_receive(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	if (f->spec.kind == FLOW_ICMP_TIMESTAMP) {
		timestamp(m, e);
		return;
	}
	if (f->spec.kind == FLOW_ICMP) {
		icmp(m, f, e);
		return;
	}
	if (!f->spec.no_stamps) {
		m->responder.probe_from = f->local.port;
		probe(m, f, e);
		return;
	}
	m->responder.control_from = f->local.port;
	uint8_t version = ipsla_version(e->data, e->len);

	if (version == IPSLA_V1 && m->responder.speaks_v1)
		control_v1(m, e);
	else if (version == IPSLA_V2 && m->responder.speaks_v2)
		control_v2(m, e);
	else
		refuse_by_icmp(m, e);
}
