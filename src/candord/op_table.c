/* SPDX-License-Identifier: Apache-2.0 */
/* Operations in control: reload, names, keys, and the way to the engine. */
#include "candord/op_table.h"

#include "base/xalloc.h"
#include "candord/messages.h"
#include "io/channel.h"
#include "io/resolver.h"
#include "probe/probe.h"
#include "probe/url_target.h"
#include "sla/keychain.h"
#include "sla/sense.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RENEWALS_AT_ONCE 32u /* lookups begun in one second */

/* A lookup on its way; the operation may be gone or another when the answer comes. */
struct pending_name {
	struct op_table *table;
	struct op_id id;
	bool is_renewal;
};

static void mark_dirty(struct op_table *t, struct op_slot *s)
{
	if (!s->is_dirty) {
		s->is_dirty = true;
		t->dirty_count++;
	}
}

/* Unique over restarts: the wall clock at creation, pushed on where two would be equal. */
static uint64_t new_generation(struct op_table *t, wall_t now_wall)
{
	uint64_t generation = now_wall.ns > 0 ? (uint64_t)now_wall.ns : 1;

	if (generation <= t->last_generation)
		generation = t->last_generation + 1;
	t->last_generation = generation;
	return generation;
}

struct op_slot *op_table_find(const struct op_table *t, uint32_t number)
{
	uint32_t low = 0, high = t->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (t->slots[mid]->entry.id.number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->count && t->slots[low]->entry.id.number == number ? t->slots[low] : NULL;
}

static void on_name(void *ctx, const struct inet_addr *addr, const char *error)
{
	struct pending_name *p = ctx;
	struct op_slot *s = op_table_find(p->table, p->id.number);

	(void)error; /* the runs say so: "target does not resolve" */
	if (s && s->entry.id.generation == p->id.generation) {
		bool is_new = addr && !inet_addr_equal(addr, &s->resolved);

		if (p->is_renewal)
			s->is_renewing = false;
		else
			s->is_resolving = false;
		if (addr)
			s->resolved = *addr;
		if (is_new || !p->is_renewal)
			mark_dirty(p->table, s);
	}
	free(p);
}

static void resolve(struct op_table *t, struct op_slot *s)
{
	const struct op_conf *conf = s->entry.conf;

	if (conf->params.target.family != INET_NONE || s->is_resolving ||
	    probe_types[conf->params.type]->target > TARGET_HOST_PORT)
		return;
	struct pending_name *p = xcalloc(1, sizeof(*p));

	*p = (struct pending_name) { t, s->entry.id, false };
	s->is_resolving = true;
	resolver_lookup(t->resolver, conf->target, conf->params.source.family, on_name, p);
}

static void renew(struct op_table *t, struct op_slot *s, mono_t now)
{
	const struct op_conf *conf = s->entry.conf;
	struct pending_name *p = xcalloc(1, sizeof(*p));

	*p = (struct pending_name) { t, s->entry.id, true };
	s->is_renewing = true;
	s->resolved_at = now;
	resolver_renew(t->resolver, conf->target, conf->params.source.family, &s->resolved, on_name,
	               p);
}

void op_table_renew_names(struct op_table *t, mono_t now)
{
	uint32_t asked = 0;

	for (uint32_t i = 0; i < t->count && asked < RENEWALS_AT_ONCE; i++) {
		struct op_slot *s = t->slots[i];

		if (s->resolved.family == INET_NONE || s->is_resolving || s->is_renewing)
			continue;
		if (s->resolved_at.ns == 0)
			s->resolved_at = now;
		if (mono_diff_ns(now, s->resolved_at) < OP_NAME_RENEW_S * NS_PER_S)
			continue;
		renew(t, s, now);
		asked++;
	}
}

void op_table_retry_names(struct op_table *t)
{
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->slots[i]->resolved.family == INET_NONE)
			resolve(t, t->slots[i]);
	}
}

static const struct key *sending_key(const struct op_table *t, const struct op_slot *s,
                                     wall_t now_wall)
{
	const struct keychain *chain = config_op_keychain(t->config, s->entry.conf);

	return chain ? keychain_send(chain, now_wall) : NULL;
}

void op_table_roll_keys(struct op_table *t, wall_t now_wall)
{
	if (t->config->keychain_count == 0)
		return;
	for (uint32_t i = 0; i < t->count; i++) {
		struct op_slot *s = t->slots[i];
		const struct key *key = sending_key(t, s, now_wall);

		if ((key != NULL) != s->has_sent_key || (key && key->id != s->sent_key_id))
			mark_dirty(t, s);
	}
}

static struct op_slot *new_slot(struct op_table *t, const struct op_conf *conf, mono_t now,
                                wall_t now_wall)
{
	struct op_slot *s = xcalloc(1, sizeof(*s));
	struct op_id id = { conf->number, new_generation(t, now_wall) };

	s->noted_sense = SENSE_OK; /* what the first run is expected to be */
	s->is_held = t->is_low_memory;
	t->held_count += s->is_held;
	op_entry_init(&s->entry, conf, id, now);
	return s;
}

static void free_slot(struct op_slot *s)
{
	op_entry_fini(&s->entry);
	free(s);
}

/* What the difference says of one operation of the new configuration; NULL: nothing changed. */
static const struct op_diff *next_diff(const struct config_diff *diff, uint32_t *at,
                                       uint32_t number)
{
	while (*at < diff->op_count && diff->ops[*at].number < number)
		(*at)++;
	return *at < diff->op_count && diff->ops[*at].number == number ? &diff->ops[*at] : NULL;
}

static void forget(struct op_table *t, struct op_slot *s)
{
	t->dirty_count -= s->is_dirty;
	t->act_count -= s->has_act;
	t->held_count -= s->is_held;
	free_slot(s);
}

/* One order with the outcome of two. */
static enum runner_action act_of_both(enum runner_action first, enum runner_action second)
{
	bool stops = first == RUNNER_STOP || first == RUNNER_ORDERLY_STOP;

	switch (second) {
	case RUNNER_START:
		return RUNNER_RESTART; /* behind a stop it begins a new life, as a restart does */
	case RUNNER_TRIGGER:
		return first == RUNNER_RELEASE ? RUNNER_RESTART : first;
	case RUNNER_RELEASE:
		return stops ? first : second;
	case RUNNER_STOP:
	case RUNNER_RESTART:
	case RUNNER_ORDERLY_STOP:
	case RUNNER_ACTIONS:
		break;
	}
	return second;
}

void op_table_pin(struct op_table *t, struct op_slot *s, uint32_t mark)
{
	if (s->pin_mark == mark)
		return;
	s->pin_mark = mark;
	if (s->entry.conf->params.mark == 0)
		mark_dirty(t, s);
}

uint64_t op_table_act(struct op_table *t, struct op_slot *s, enum runner_action action)
{
	s->act = s->has_act ? act_of_both(s->act, action) : action;
	t->act_count += !s->has_act;
	s->has_act = true;
	s->act_serial = ++t->last_act;
	return s->act_serial;
}

static void act_is_over(struct op_table *t, struct op_slot *s)
{
	t->act_count -= s->has_act;
	s->has_act = false;
}

/* Nothing will confirm it. */
static void take_back_act(struct op_table *t, struct op_slot *s)
{
	act_is_over(t, s);
	s->act_serial = 0;
}

/* The slot of ``conf`` in the new configuration, made from its ``old`` one (NULL: there was none). */
static struct op_slot *renew_slot(struct op_table *t, struct op_slot *old,
                                  const struct op_conf *conf, const struct op_diff *diff,
                                  mono_t now, wall_t now_wall)
{
	struct op_slot *s = old;

	if (old && diff && diff->change == OP_CHANGE_IDENTITY) {
		forget(t, old);
		s = NULL;
	}
	if (!s)
		s = new_slot(t, conf, now, now_wall);
	else if (s->has_act && !op_schedule_equal(&s->entry.conf->schedule, &conf->schedule))
		take_back_act(t, s);
	s->entry.conf = conf;
	if (s != old || (diff && diff->change >= OP_CHANGE_SCHEDULE))
		mark_dirty(t, s);
	return s;
}

static void forget_removed(struct op_table *t, struct op_slot *s)
{
	t->removed[t->removed_count++] = s->entry.id.number;
	forget(t, s);
}

void op_table_apply(struct op_table *t, const struct config *config, const struct config_diff *diff,
                    mono_t now, wall_t now_wall)
{
	uint32_t old_count = t->count, old_at = 0, diff_at = 0;
	struct op_slot **old = t->slots;

	t->config = config;
	t->slots = xcalloc(config->op_count, sizeof(struct op_slot *));
	t->entries = xrealloc(t->entries, config->op_count, sizeof(struct op_entry *));
	t->removed = xrealloc(t->removed, t->removed_count + old_count, sizeof(uint32_t));
	t->count = 0;
	for (uint32_t i = 0; i < config->op_count; i++) {
		const struct op_conf *conf = config->ops[i];
		const struct op_diff *change = next_diff(diff, &diff_at, conf->number);
		struct op_slot *was = NULL;

		while (old_at < old_count && old[old_at]->entry.id.number < conf->number)
			forget_removed(t, old[old_at++]);
		if (old_at < old_count && old[old_at]->entry.id.number == conf->number)
			was = old[old_at++];
		if (!was && !change)
			continue; /* it aged out, and nobody has touched it since */
		t->slots[t->count] = renew_slot(t, was, conf, change, now, now_wall);
		t->entries[t->count] = &t->slots[t->count]->entry;
		t->count++;
	}
	while (old_at < old_count)
		forget_removed(t, old[old_at++]);
	free(old);
	op_table_retry_names(t);
}

void op_table_release(struct op_table *t)
{
	for (uint32_t i = 0; i < t->count && t->held_count > 0; i++) {
		t->held_count -= t->slots[i]->is_held;
		t->slots[i]->is_held = false;
	}
}

static int send_slot(struct op_table *t, struct op_slot *s, struct channel *channel,
                     wall_t now_wall)
{
	const struct op_conf *conf = s->entry.conf;
	const struct key *key = sending_key(t, s, now_wall);
	struct engine_op_set set = {
		.id = s->entry.id,
		.params = conf->params,
		.schedule = conf->schedule,
	};
	char texts[OP_TEXTS_MAX];
	int texts_len = op_texts_pack(&conf->params.text, texts);

	assert(texts_len > 0); /* the grammar keeps them short */
	url_target_prepare(&set.params);
	set.params.text = (struct op_texts) { { NULL } };

	if (set.params.target.family == INET_NONE)
		set.params.target = s->resolved;
	set.params.hops_max = conf->stats.hops;
	set.params.vrf = t->net_name(conf->params.text.at[OP_TEXT_VRF]);
	if (set.params.mark == 0)
		set.params.mark = s->pin_mark;
	set.params.source_device = t->net_name(conf->params.text.at[OP_TEXT_INTERFACE]);
	if (key) {
		set.params.auth_key_id = key->id;
		set.params.auth_mode = key->algorithm;
		set.params.auth_secret_len = key->secret_len;
		memcpy(set.params.auth_secret, key->secret, key->secret_len);
	}
	const struct ring_part parts[] = { { &set, sizeof(set) }, { texts, (size_t)texts_len } };
	int rc = channel_sendv(channel, ENGINE_OP_SET, parts, ARRAY_LEN(parts));

	explicit_bzero(&set, sizeof(set)); /* it held a secret */
	if (rc < 0)
		return rc;
	s->has_sent_key = key != NULL;
	s->sent_key_id = key ? key->id : 0;
	s->is_dirty = false;
	t->dirty_count--;
	return 0;
}

static int send_act(struct op_table *t, struct op_slot *s, struct channel *channel)
{
	const struct engine_op_act act = { s->entry.id, s->act_serial, (uint32_t)s->act };
	int rc = channel_send(channel, ENGINE_OP_ACT, &act, sizeof(act));

	if (rc == 0)
		act_is_over(t, s);
	return rc;
}

/* What the engine lacks of one operation.  Before the first answer of the resolver there is nothing to
 * run against, and before the operation is there no order to take. */
static int sync_slot(struct op_table *t, struct op_slot *s, struct channel *channel,
                     wall_t now_wall)
{
	int rc = 0;

	if (s->is_held)
		return 0;
	if (s->is_dirty && !s->is_resolving)
		rc = send_slot(t, s, channel, now_wall);
	if (rc == 0 && s->has_act && !s->is_dirty)
		rc = send_act(t, s, channel);
	return rc;
}

int op_table_sync(struct op_table *t, struct channel *channel, wall_t now_wall)
{
	while (t->removed_count > 0) {
		uint32_t number = t->removed[t->removed_count - 1];
		int rc = channel_send(channel, ENGINE_OP_REMOVE, &number, sizeof(number));

		if (rc < 0)
			return rc;
		t->removed_count--;
	}
	for (uint32_t i = 0; i < t->count && t->dirty_count + t->act_count > 0; i++) {
		int rc = sync_slot(t, t->slots[i], channel, now_wall);

		if (rc < 0)
			return rc;
	}
	return 0;
}

void op_table_drop(struct op_table *t, uint32_t number)
{
	struct op_slot *s = op_table_find(t, number);
	uint32_t at = 0;

	if (!s)
		return;
	t->removed = xrealloc(t->removed, t->removed_count + 1, sizeof(uint32_t));
	t->removed[t->removed_count++] = number;
	while (t->slots[at] != s)
		at++;
	t->count--;
	memmove(&t->slots[at], &t->slots[at + 1], (t->count - at) * sizeof(t->slots[0]));
	memmove(&t->entries[at], &t->entries[at + 1], (t->count - at) * sizeof(t->entries[0]));
	forget(t, s);
}

void op_table_fini(struct op_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		free_slot(t->slots[i]);
	free(t->slots);
	free(t->entries);
	free(t->removed);
	*t = (struct op_table) { 0 };
}
