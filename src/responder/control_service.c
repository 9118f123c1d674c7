/* SPDX-License-Identifier: Apache-2.0 */
/* From a control message to an answer: what both versions share, and each version's own. */
#include "responder/control_service.h"

#include "responder/auth_check.h"
#include "responder/port_policy.h"
#include "responder/session_grant.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"
#include "wire/ipsla_v2_auth.h"

#include <assert.h>
#include <string.h>

static void drop(struct responder_core *c, struct control_answer *ret, enum responder_drop why)
{
	c->counters.drops[why]++;
	ret->len = 0;
	ret->drop = why;
}

/* An encoded answer of ``len`` octets leaves. */
static void answer(struct responder_core *c, const struct control_message *m, uint16_t status,
                   ssize_t len, struct control_answer *ret)
{
	assert(len > 0 && (size_t)len <= m->len);
	uint16_t counted = status < RESPONDER_STATUS_COUNT ? status : IPSLA_STATUS_FAIL;

	ret->len = (size_t)len;
	ret->status = status;
	c->counters.control_by_status[counted]++;
	c->counters.bytes_out += (uint64_t)len;
	responder_recent_add(c->recent, &m->from.addr, m->wall, (uint8_t)counted);
	if (status)
		responder_recent_add(c->recent_errors, &m->from.addr, m->wall, (uint8_t)counted);
}

/* --- version 1 -------------------------------------------------------------------------------- */

static void answer_v1(struct responder_core *c, const struct control_message *m, uint16_t status,
                      struct control_answer *ret)
{
	enum ipsla_v1_form form = c->cfg.whole_v6_response && m->from.addr.family == INET_V6
	                                  ? IPSLA_V1_FORM_WHOLE
	                                  : IPSLA_V1_FORM_NORMAL;

	answer(c, m, status,
	       ipsla_v1_response_encode(m->data, m->len, status, form, ret->octets,
	                                sizeof(ret->octets)),
	       ret);
}

static void handle_v1(struct responder_core *c, const struct control_message *m,
                      struct session_source *source, struct control_answer *ret)
{
	struct ipsla_v1_request r;
	enum ipsla_verdict verdict =
	        ipsla_v1_request_decode(m->data, m->len, (enum inet_family)m->from.addr.family, &r);

	if (verdict == IPSLA_DROP)
		return drop(c, ret, DROP_CONTROL_SHORT);
	if (!token_bucket_take(&source->control, m->now, CONTROL_PER_S, CONTROL_PER_S))
		return drop(c, ret, DROP_CONTROL_RATE);
	c->counters.control_requests++;
	c->counters.control_by_version[IPSLA_V1]++;
	if (!auth_v1_passes(&c->cfg, &r))
		return answer_v1(c, m, IPSLA_STATUS_AUTH, ret);
	if (verdict == IPSLA_ANSWER)
		return answer_v1(c, m, r.status, ret);
	if (ipsla_v1_command_is_unverified(r.command) && !c->cfg.experimental_v1_v6)
		return answer_v1(c, m, IPSLA_STATUS_FORMAT, ret);

	const struct session_request q = {
		.source = m->from.addr,
		.to = m->to,
		.target = r.target,
		.control_port = m->from.port,
		.version = IPSLA_V1,
		.command = r.command,
		.kind = ipsla_v1_command_kind(r.command),
		.port = r.port,
		.duration_ms = r.duration_ms,
		.sequence = r.sequence,
		.is_protected = c->cfg.has_access_list,
	};
	struct session *s = NULL;
	enum grant grant = session_grant(c, source, &q, m->now, &s);

	if (grant == GRANT_SILENCE)
		return drop(c, ret, DROP_CONTROL_LOOP);
	answer_v1(c, m, grant_status(grant), ret);
}

/* --- version 2 -------------------------------------------------------------------------------- */

/* A version 2 request on its way through the checks. */
struct v2_case {
	struct ipsla_v2_request r;
	const struct key *key; /* answers are signed with it; NULL: not signed */
};

static void answer_v2(struct responder_core *c, const struct control_message *m,
                      const struct v2_case *v, const struct ipsla_v2_answer *a,
                      struct control_answer *ret)
{
	uint16_t status = a->status.csld ? a->status.csld : a->status.header;
	struct ipsla_v2_answer stamped = *a;

	if (v->r.timestamp)
		stamped.timestamp = wall_to_ntp64(m->wall);
	ssize_t len = ipsla_v2_response_encode(m->data, m->len, &v->r, &stamped, ret->octets,
	                                       sizeof(ret->octets));

	assert(len > 0);
	if (v->key &&
	    ipsla_v2_sign(ret->octets, (size_t)len, v->key->secret, v->key->secret_len) < 0)
		return drop(c, ret, DROP_SEND_FAILED); /* the library refused: never unsigned */
	answer(c, m, status, len, ret);
}

static void refuse_v2(struct responder_core *c, const struct control_message *m,
                      const struct v2_case *v, struct ipsla_v2_status status,
                      struct control_answer *ret)
{
	const struct ipsla_v2_answer a = { .status = status };

	answer_v2(c, m, v, &a, ret);
}

/* The exact request that this session answered last; then it is a retry, not a replay. */
static bool is_retry(const struct session *s, const struct ipsla_v2_request *r)
{
	return s && s->sequence == r->sequence &&
	       memcmp(s->digest, r->digest, sizeof(s->digest)) == 0;
}

/* The measurement source port that the request states can be believed when the message still
 * carries the addresses that the packet has: no NAT in between. */
static uint16_t believable_port(const struct control_message *m, const struct ipsla_v2_request *r)
{
	bool direct = inet_addr_same_host(&r->control_source, &m->from.addr) &&
	              inet_addr_same_host(&r->source, &m->from.addr);

	return direct ? r->source_port : 0;
}

static void serve_v2(struct responder_core *c, const struct control_message *m,
                     struct session_source *source, const struct v2_case *v,
                     struct control_answer *ret)
{
	const struct ipsla_v2_request *r = &v->r;
	const struct session_request q = {
		.source = m->from.addr,
		.to = m->to,
		.target = r->target,
		.control_port = m->from.port,
		.stated_port = believable_port(m, r),
		.version = IPSLA_V2,
		.command = 2,
		.kind = IPSLA_KIND_UDP_MEASUREMENT,
		.port = r->target_port,
		.duration_ms = r->duration_ms,
		.sequence = r->sequence,
		.session_id = r->session_id,
		.is_protected = v->key || c->cfg.has_access_list,
	};
	struct session *s = v->key ? session_same(c, source, &q, m->now) : NULL;

	if (v->key && !is_retry(s, r) && auth_v2_is_replay(&c->cfg, c->replay, r, m->wall)) {
		struct v2_case unsigned_case = *v;

		unsigned_case.key = NULL;
		c->counters.refused_replay++;
		return refuse_v2(c, m, &unsigned_case, ipsla_v2_refuse_auth(r), ret);
	}
	bool is_repeat = is_retry(s, r);
	enum grant grant = session_grant(c, source, &q, m->now, &s);

	if (grant == GRANT_SILENCE)
		return drop(c, ret, DROP_CONTROL_LOOP);
	if (grant != GRANT_OK)
		return refuse_v2(c, m, v, ipsla_v2_refuse_udp(r, grant_status(grant)), ret);
	if (v->key) {
		memcpy(s->digest, r->digest, sizeof(s->digest));
		if (!is_repeat)
			auth_v2_remember(c->replay, r);
	}
	const struct ipsla_v2_answer a = {
		.target_port = s->key.port == r->target_port ? 0 : s->key.port,
	};

	answer_v2(c, m, v, &a, ret);
}

static void handle_v2(struct responder_core *c, const struct control_message *m,
                      struct session_source *source, struct control_answer *ret)
{
	struct v2_case v = { .key = NULL };
	enum ipsla_verdict verdict = ipsla_v2_request_decode(
	        m->data, m->len, (enum inet_family)m->from.addr.family, &v.r);

	if (verdict == IPSLA_DROP)
		return drop(c, ret, DROP_CONTROL_SHORT);
	if (!token_bucket_take(&source->control, m->now, CONTROL_PER_S, CONTROL_PER_S))
		return drop(c, ret, DROP_CONTROL_RATE);
	c->counters.control_requests++;
	c->counters.control_by_version[IPSLA_V2]++;
	if (v.r.has_auth &&
	    auth_v2_check(&c->cfg, m->data, m->len, &v.r, m->wall, &v.key) == AUTH_REFUSED)
		return refuse_v2(c, m, &v, ipsla_v2_refuse_auth(&v.r), ret);
	if (verdict == IPSLA_ANSWER)
		return refuse_v2(c, m, &v, v.r.refusal, ret);
	serve_v2(c, m, source, &v, ret);
}

/* --- both ------------------------------------------------------------------------------------- */

void control_service_handle(struct responder_core *c, const struct control_message *m,
                            struct control_answer *ret)
{
	uint8_t version = ipsla_version(m->data, m->len);

	c->counters.bytes_in += m->len;
	c->counters.control_tcp += m->transport == CONTROL_TCP;
	c->counters.control_sctp += m->transport == CONTROL_SCTP;
	if (!version)
		return drop(c, ret, DROP_CONTROL_VERSION);
	if (m->transport == CONTROL_UDP &&
	    (m->from.port == 0 || port_is_control(&c->cfg, m->from.port)))
		return drop(c, ret, DROP_CONTROL_LOOP);
	if (ipsla_is_response_shaped(m->data, m->len))
		return drop(c, ret, DROP_CONTROL_LOOP);
	if (!responder_core_permits(c, &m->from.addr))
		return drop(c, ret, DROP_CONTROL_ACCESS);

	struct session_source *source = session_source(c->sessions, &m->from.addr);

	if (version == IPSLA_V1)
		handle_v1(c, m, source, ret);
	else
		handle_v2(c, m, source, ret);
}
