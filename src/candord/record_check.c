/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold before a record of the other process is used. */
#include "candord/record_check.h"

#include "base/cleanup.h"
#include "responder/session_table.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* A bool that is neither 0 nor 1 has no meaning in C, so it is looked at as an octet. */
static bool is_truth(const bool *b)
{
	uint8_t octet;

	static_assert(sizeof(*b) == sizeof(octet), "a bool is an octet");
	memcpy(&octet, b, sizeof(octet));
	return octet <= 1;
}

static bool are_truths(const bool *const *b, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_truth(b[i]))
			return false;
	}
	return true;
}

/* Two of these can be added, and divided by their count. */
static bool is_sum(const struct sum_stats *s)
{
	return s->n <= UINT32_MAX && s->sum_ns <= SUM_STATS_LIMIT_NS &&
	       s->sum_ns >= -SUM_STATS_LIMIT_NS;
}

bool record_text_is_sane(const char *text, size_t cap)
{
	size_t len = strnlen(text, cap);

	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	}
	return len < cap;
}

static bool is_jitter(const struct jitter_result *j)
{
	const struct sum_stats *const sums[] = {
		&j->rtt,         &j->oneway_sd,   &j->oneway_ds,   &j->sd.positive,
		&j->sd.negative, &j->ds.positive, &j->ds.negative,
	};

	for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
		if (!is_sum(sums[i]))
			return false;
	}
	return is_truth(&j->copied_sequence);
}

static bool is_dns(const struct dns_result *d)
{
	const bool *const truths[] = { &d->has_reply, &d->authoritative, &d->recursion_available,
		                       &d->truncated };

	return are_truths(truths, ARRAY_LEN(truths)) && d->transport <= SLA_DNS_TCP &&
	       record_text_is_sane(d->answer, sizeof(d->answer));
}

static bool is_dhcp(const struct dhcp_result *d)
{
	return is_truth(&d->has_lease) && is_truth(&d->released) &&
	       inet_addr_is_clean(&d->address) && inet_addr_is_clean(&d->server);
}

static bool is_http(const struct http_result *h)
{
	return h->status <= 999;
}

static bool is_path(const struct path_result *p)
{
	if (p->hop_count > PATH_HOPS_MAX)
		return false;
	for (unsigned i = 0; i < p->hop_count; i++) {
		if (!is_sum(&p->hops[i].rtt) || !is_sum(&p->hops[i].jitter))
			return false;
	}
	return true;
}

static bool is_multicast(const struct multicast_result *m)
{
	if (m->count > SLA_RECEIVERS_MAX)
		return false;
	for (unsigned i = 0; i < m->count; i++) {
		if (!inet_addr_is_clean(&m->receivers[i].addr))
			return false;
	}
	return true;
}

static bool has_path(uint8_t type)
{
	return type == SLA_PATH_ECHO || type == SLA_PATH_JITTER;
}

bool record_result_is_sane(const struct sla_result *r)
{
	return r->type < SLA_TYPE_COUNT && is_truth(&r->clock.stepped) &&
	       (!sla_type_has_jitter(r->type) || is_jitter(&r->jitter)) &&
	       (r->type != SLA_DNS || is_dns(&r->dns)) &&
	       (r->type != SLA_DHCP || is_dhcp(&r->dhcp)) &&
	       (r->type != SLA_HTTP || is_http(&r->http)) &&
	       (!has_path(r->type) || is_path(&r->path)) &&
	       (r->type != SLA_MULTICAST_JITTER || is_multicast(&r->multicast)) &&
	       record_text_is_sane(r->detail, sizeof(r->detail));
}

bool record_state_is_sane(const struct runner_state_event *e)
{
	return e->state <= SLA_STATE_ACTIVE && is_truth(&e->removed);
}

bool record_missed_is_sane(const struct runner_missed *m)
{
	return (m->cause == MISSED_BUSY || m->cause == MISSED_LATE) && m->count > 0;
}

bool record_status_is_sane(const struct responder_status *s)
{
	return is_truth(&s->enabled);
}

bool record_sessions_are_sane(const struct responder_session_view *s, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (!is_truth(&s[i].protected_source))
			return false;
	}
	return true;
}

bool record_snapshot_end_is_sane(const struct control_snapshot_end *e)
{
	return is_truth(&e->is_realtime) && is_truth(&e->clock.stepped);
}

bool record_probe_is_sane(const struct control_probe *p)
{
	return p->error == 0 || p->error == -EBUSY || p->error == -ENOENT;
}

bool record_op_act_is_sane(const struct engine_op_act *a)
{
	return a->action < RUNNER_ACTIONS;
}

bool record_op_set_is_sane(const struct engine_op_set *s)
{
	const bool *const truths[] = { &s->params.verify_data, &s->params.ignore_status,
		                       &s->params.ssm,         &s->params.no_fragments,
		                       &s->params.target_only, &s->params.untagged,
		                       &s->schedule.scheduled, &s->schedule.recurring };

	return are_truths(truths, ARRAY_LEN(truths)) &&
	       s->params.auth_secret_len <= sizeof(s->params.auth_secret) &&
	       s->params.dns_type <= SLA_DNS_ANY && s->params.dns_transport <= SLA_DNS_TCP &&
	       s->params.discovery <= SLA_DISCOVERY_ICMP && s->params.hops_max <= PATH_HOPS_MAX &&
	       s->schedule.start <= SLA_START_RANDOM &&
	       (s->schedule.frequency_max_s == 0 ||
	        (s->schedule.frequency_s > 0 &&
	         s->schedule.frequency_max_s >= s->schedule.frequency_s));
}

static bool is_keychain(const struct keychain *c)
{
	if (c->count > KEYCHAIN_KEYS_MAX)
		return false;
	for (unsigned i = 0; i < c->count; i++) {
		const struct key *k = &c->keys[i];

		if (k->secret_len > KEYCHAIN_SECRET_MAX || !is_truth(&k->accept.limited) ||
		    !is_truth(&k->send.limited))
			return false;
	}
	return true;
}

static bool are_rules(const struct access_rule *rules, uint32_t count, uint32_t max)
{
	if (count > max)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (!is_truth(&rules[i].permit) || !is_truth(&rules[i].any) ||
		    rules[i].prefix.length > 8 * inet_addr_octets(&rules[i].prefix.addr))
			return false;
	}
	return true;
}

bool record_egress_is_sane(const struct egress_policy *p)
{
	return is_truth(&p->has_list) && are_rules(p->rules, p->rule_count, EGRESS_RULES_MAX);
}

bool record_responder_cfg_is_sane(const struct responder_cfg *c)
{
	const bool *const truths[] = {
		&c->enabled,         &c->control_tcp,        &c->control_sctp,
		&c->allocate_port,   &c->substitute_port,    &c->require_auth,
		&c->replay_check,    &c->experimental_v1_v6, &c->whole_v6_response,
		&c->has_access_list, &c->has_keychain,
	};

	return are_truths(truths, ARRAY_LEN(truths)) && c->ports.first <= c->ports.last &&
	       c->max_sessions >= 1 && c->max_sessions <= SESSION_TABLE_MAX &&
	       c->excluded_count <= RESPONDER_EXCLUDED_PORTS_MAX &&
	       c->nat_count <= RESPONDER_NAT_ADDRESSES_MAX &&
	       c->permanent_count <= RESPONDER_PERMANENT_MAX &&
	       are_rules(c->rules, c->rule_count, RESPONDER_ACCESS_RULES_MAX) &&
	       is_keychain(&c->keychain);
}

bool record_clock_set_is_sane(const struct engine_clock_set *s)
{
	return is_truth(&s->policy.trust_operator) && s->daemon <= CLOCK_SOURCE_OPERATOR;
}
