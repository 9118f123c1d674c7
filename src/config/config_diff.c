/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing two configurations, one merge over the sorted operations. */
#include "config/config_diff.h"

#include "base/inet.h"
#include "base/xalloc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_identity(const struct op_conf *a, const struct op_conf *b)
{
	return a->params.type == b->params.type && strcmp(a->target, b->target) == 0 &&
	       a->params.target_port == b->params.target_port &&
	       inet_addr_equal(&a->params.target, &b->params.target) &&
	       same_text(a->params.text.at[OP_TEXT_VRF], b->params.text.at[OP_TEXT_VRF]);
}

static bool same_lifetime(const struct key_lifetime *a, const struct key_lifetime *b)
{
	return a->limited == b->limited && a->from.ns == b->from.ns && a->to.ns == b->to.ns;
}

static bool same_chain(const struct keychain *a, const struct keychain *b)
{
	if (!a || !b)
		return a == b;
	if (strcmp(a->name, b->name) != 0 || a->count != b->count)
		return false;
	for (uint8_t i = 0; i < a->count; i++) {
		const struct key *x = &a->keys[i], *y = &b->keys[i];

		if (x->id != y->id || x->algorithm != y->algorithm ||
		    x->secret_len != y->secret_len ||
		    memcmp(x->secret, y->secret, x->secret_len) != 0 ||
		    !same_lifetime(&x->accept, &y->accept) || !same_lifetime(&x->send, &y->send))
			return false;
	}
	return true;
}

/* Only versions that sign look at keys. */
static bool same_keys(const struct config *from, const struct op_conf *a, const struct config *to,
                      const struct op_conf *b)
{
	if (b->params.control != SLA_CONTROL_V2 && b->params.control != SLA_CONTROL_AUTO)
		return true;
	return same_chain(config_op_keychain(from, a), config_op_keychain(to, b));
}

/* An enum op_change, or -1: nothing changed. */
static int op_compare(const struct config *from, const struct op_conf *a, const struct config *to,
                      const struct op_conf *b)
{
	if (!same_identity(a, b))
		return OP_CHANGE_IDENTITY;
	if (!op_settings_equal(&a->params, &b->params) || !same_keys(from, a, to, b))
		return OP_CHANGE_PARAMS;
	if (!op_schedule_equal(&a->schedule, &b->schedule))
		return OP_CHANGE_SCHEDULE;
	if (strcmp(a->tag, b->tag) != 0 || strcmp(a->owner, b->owner) != 0 ||
	    !same_text(a->keychain, b->keychain) || !stats_conf_equal(&a->stats, &b->stats))
		return OP_CHANGE_LABEL;
	return -1;
}

static void add(struct config_diff *d, int change, uint32_t number, const struct op_conf *from,
                const struct op_conf *to)
{
	assert(from || to);
	if (change < 0)
		return;
	if ((d->op_count & (d->op_count - 1)) == 0)
		d->ops = xrealloc(d->ops, d->op_count ? 2 * (size_t)d->op_count : 1,
		                  sizeof(*d->ops));
	d->ops[d->op_count++] = (struct op_diff) {
		.change = (uint8_t)change,
		.number = number,
		.from = from,
		.to = to,
	};
}

static void diff_ops(struct config_diff *d, const struct config *from, const struct config *to)
{
	static const struct config nothing;
	uint32_t i = 0, k = 0;

	if (!from)
		from = &nothing;
	while (i < from->op_count || k < to->op_count) {
		const struct op_conf *a = i < from->op_count ? from->ops[i] : NULL;
		const struct op_conf *b = k < to->op_count ? to->ops[k] : NULL;

		if (a && b && a->number == b->number) {
			add(d, op_compare(from, a, to, b), a->number, a, b);
			i++;
			k++;
		} else if (a && (!b || a->number < b->number)) {
			add(d, OP_CHANGE_REMOVED, a->number, a, NULL);
			i++;
		} else if (b) {
			add(d, OP_CHANGE_ADDED, b->number, NULL, b);
			k++;
		}
	}
}

static bool same_range(const struct port_range *a, const struct port_range *b)
{
	return a->first == b->first && a->last == b->last;
}

static bool same_binding(const struct responder_cfg *a, const struct responder_cfg *b)
{
	if (a->enabled != b->enabled || a->control_tcp != b->control_tcp ||
	    a->control_sctp != b->control_sctp || a->v1_port != b->v1_port ||
	    a->v2_port != b->v2_port || a->sctp_encaps_port != b->sctp_encaps_port ||
	    a->permanent_count != b->permanent_count)
		return false;
	for (uint32_t i = 0; i < a->permanent_count; i++) {
		const struct permanent_port *x = &a->permanent[i], *y = &b->permanent[i];

		if (strcmp(x->vrf_name, y->vrf_name) != 0)
			return false;
		if (x->kind != y->kind || x->port != y->port ||
		    !inet_addr_equal(&x->addr, &y->addr))
			return false;
	}
	return true;
}

static bool same_rules(const struct access_rule *a, const struct access_rule *b, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (a[i].permit != b[i].permit || a[i].any != b[i].any ||
		    a[i].prefix.length != b[i].prefix.length ||
		    !inet_addr_equal(&a[i].prefix.addr, &b[i].prefix.addr))
			return false;
	}
	return true;
}

static bool same_egress(const struct config *a, const struct config *b)
{
	return same_text(a->egress_acl, b->egress_acl) &&
	       same_text(a->egress_acl6, b->egress_acl6) &&
	       a->egress.rule_count == b->egress.rule_count &&
	       same_rules(a->egress.rules, b->egress.rules, a->egress.rule_count);
}

static bool same_lists(const struct responder_cfg *a, const struct responder_cfg *b)
{
	if (a->excluded_count != b->excluded_count || a->nat_count != b->nat_count ||
	    a->has_access_list != b->has_access_list || a->rule_count != b->rule_count)
		return false;
	for (uint32_t i = 0; i < a->excluded_count; i++) {
		if (!same_range(&a->excluded[i], &b->excluded[i]))
			return false;
	}
	for (uint32_t i = 0; i < a->nat_count; i++) {
		if (!inet_addr_equal(&a->nat[i], &b->nat[i]))
			return false;
	}
	return same_rules(a->rules, b->rules, a->rule_count);
}

static bool same_limits(const struct responder_cfg *a, const struct responder_cfg *b)
{
	return a->allocate_port == b->allocate_port && a->substitute_port == b->substitute_port &&
	       a->require_auth == b->require_auth && a->replay_check == b->replay_check &&
	       a->experimental_v1_v6 == b->experimental_v1_v6 &&
	       a->whole_v6_response == b->whole_v6_response && same_range(&a->ports, &b->ports) &&
	       a->max_sessions == b->max_sessions &&
	       a->max_sessions_per_source == b->max_sessions_per_source &&
	       a->max_duration_s == b->max_duration_s && a->packets_per_s == b->packets_per_s &&
	       a->replay_window_s == b->replay_window_s && a->has_keychain == b->has_keychain &&
	       same_chain(a->has_keychain ? &a->keychain : NULL,
	                  b->has_keychain ? &b->keychain : NULL);
}

static bool same_namp_binding(const struct namp_conf *a, const struct namp_conf *b)
{
	return a->tcp == b->tcp && a->udp == b->udp && a->tcp_port == b->tcp_port &&
	       a->udp_port == b->udp_port && inet_addr_equal(&a->address, &b->address);
}

static bool same_limits_of_namp(const struct namp_limits *a, const struct namp_limits *b)
{
	return a->sessions == b->sessions && a->sessions_per_name == b->sessions_per_name &&
	       a->greeting == b->greeting && a->greeting_per_address == b->greeting_per_address &&
	       a->handshake_timeout_s == b->handshake_timeout_s &&
	       a->idle_timeout_s == b->idle_timeout_s && a->log_kib == b->log_kib;
}

static bool same_people(const struct namp_conf *a, const struct namp_conf *b)
{
	if (a->default_role != b->default_role || a->user_count != b->user_count ||
	    a->psk_count != b->psk_count)
		return false;
	for (uint32_t i = 0; i < a->user_count; i++) {
		if (a->users[i].role != b->users[i].role ||
		    strcmp(a->users[i].name, b->users[i].name) != 0)
			return false;
	}
	for (uint32_t i = 0; i < a->psk_count; i++) {
		const struct namp_psk *x = &a->psks[i], *y = &b->psks[i];

		if (strcmp(x->name, y->name) != 0 || strcmp(x->client, y->client) != 0 ||
		    x->secret_len != y->secret_len ||
		    memcmp(x->secret, y->secret, x->secret_len) != 0)
			return false;
	}
	return true;
}

static bool same_peers(const struct namp_conf *a, const struct namp_conf *b)
{
	if (a->peer_count != b->peer_count)
		return false;
	for (uint32_t i = 0; i < a->peer_count; i++) {
		const struct namp_peer *x = &a->peers[i], *y = &b->peers[i];

		if (strcmp(x->name, y->name) != 0 || x->port != y->port ||
		    x->is_inform != y->is_inform || !inet_addr_equal(&x->addr, &y->addr))
			return false;
	}
	return true;
}

static const struct keychain *namp_chain(const struct config *c)
{
	return c->namp.keychain ? config_find_keychain(c, c->namp.keychain) : NULL;
}

static bool same_reactions(const struct config *a, const struct config *b)
{
	if (a->reaction_count != b->reaction_count || a->trigger_count != b->trigger_count)
		return false;
	for (uint32_t i = 0; i < a->reaction_count; i++) {
		if (!reaction_conf_equal(&a->reactions[i], &b->reactions[i]))
			return false;
	}
	for (uint32_t i = 0; i < a->trigger_count; i++) {
		if (a->triggers[i].operation != b->triggers[i].operation ||
		    a->triggers[i].target != b->triggers[i].target)
			return false;
	}
	return true;
}

/* Of webhooks that are the same otherwise. */
static bool same_webhook_keys(const struct config *a, const struct config *b)
{
	for (uint32_t i = 0; i < a->notify.webhook_count; i++) {
		const char *name = a->notify.webhooks[i].keychain;

		if (name &&
		    !same_chain(config_find_keychain(a, name), config_find_keychain(b, name)))
			return false;
	}
	return true;
}

static bool same_metrics(const struct metrics_conf *a, const struct metrics_conf *b)
{
	return a->enabled == b->enabled && a->port == b->port &&
	       inet_addr_equal(&a->address, &b->address) &&
	       a->max_operations == b->max_operations &&
	       same_text(a->access_list, b->access_list) && a->rules.count == b->rules.count &&
	       same_rules(a->rules.rules, b->rules.rules, a->rules.count);
}

static bool same_result_log(const struct result_log_conf *a, const struct result_log_conf *b)
{
	return a->enabled == b->enabled && a->max_mb == b->max_mb && a->files == b->files;
}

void config_diff_init(struct config_diff *ret, const struct config *from, const struct config *to)
{
	*ret = (struct config_diff) { 0 };
	diff_ops(ret, from, to);
	ret->responder_ports = !from || !same_binding(&from->responder, &to->responder);
	ret->responder = ret->responder_ports || !same_lists(&from->responder, &to->responder) ||
	                 !same_limits(&from->responder, &to->responder);
	ret->clock = !from || from->clock.source != to->clock.source ||
	             from->clock.trust_operator != to->clock.trust_operator ||
	             from->clock.operator_err_ns != to->clock.operator_err_ns ||
	             from->clock.grade_limit_ns != to->clock.grade_limit_ns;
	ret->namp_ports = !from || !same_namp_binding(&from->namp, &to->namp);
	ret->namp = ret->namp_ports || !same_people(&from->namp, &to->namp) ||
	            !same_peers(&from->namp, &to->namp) ||
	            !same_limits_of_namp(&from->namp.limits, &to->namp.limits) ||
	            !same_chain(namp_chain(from), namp_chain(to));
	ret->egress = !from || !same_egress(from, to);
	ret->reactions = !from || !same_reactions(from, to);
	ret->notify = !from || !notify_conf_equal(&from->notify, &to->notify) ||
	              !same_webhook_keys(from, to);
	ret->metrics = !from || !same_metrics(&from->exports.metrics, &to->exports.metrics);
	ret->result_log =
	        !from || !same_result_log(&from->exports.result_log, &to->exports.result_log);
	ret->hostname = !from || !same_text(from->hostname, to->hostname);
}

void config_diff_fini(struct config_diff *d)
{
	free(d->ops);
	*d = (struct config_diff) { 0 };
}

bool config_diff_is_empty(const struct config_diff *d)
{
	return d->op_count == 0 && !d->responder && !d->egress && !d->reactions && !d->notify &&
	       !d->clock && !d->hostname && !d->namp && !d->metrics && !d->result_log;
}
