/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing operations, member by member: a structure has padding, whose octets mean nothing. */
#include "sla/operation.h"

#include <errno.h>
#include <string.h>

static const char *text_or_empty(const struct op_texts *t, unsigned at)
{
	return t->at[at] ? t->at[at] : "";
}

int op_texts_pack(const struct op_texts *t, char *to)
{
	size_t used = 0;

	for (unsigned i = 0; i < OP_TEXT_COUNT; i++) {
		size_t len = strlen(text_or_empty(t, i)) + 1;

		if (len > OP_TEXTS_MAX - used)
			return -EMSGSIZE;
		memcpy(to + used, text_or_empty(t, i), len);
		used += len;
	}
	return (int)used;
}

int op_texts_unpack(const char *from, size_t len, struct op_texts *ret)
{
	struct op_texts t = { { NULL } };

	for (unsigned i = 0; i < OP_TEXT_COUNT; i++) {
		size_t one = strnlen(from, len);

		if (one == len)
			return -EBADMSG;
		t.at[i] = one ? from : NULL;
		from += one + 1;
		len -= one + 1;
	}
	if (len != 0)
		return -EBADMSG;
	*ret = t;
	return 0;
}

bool op_texts_equal(const struct op_texts *a, const struct op_texts *b)
{
	for (unsigned i = 0; i < OP_TEXT_COUNT; i++) {
		if (strcmp(text_or_empty(a, i), text_or_empty(b, i)) != 0)
			return false;
	}
	return true;
}

bool op_settings_equal(const struct op_params *a, const struct op_params *b)
{
	return a->control == b->control && a->codec == b->codec && a->precision == b->precision &&
	       a->peer_clock == b->peer_clock && a->tos == b->tos &&
	       a->verify_data == b->verify_data && a->advantage_factor == b->advantage_factor &&
	       a->control_retry == b->control_retry && inet_addr_equal(&a->source, &b->source) &&
	       a->source_port == b->source_port && a->control_port == b->control_port &&
	       a->frequency_s == b->frequency_s && a->timeout_ms == b->timeout_ms &&
	       a->threshold_ms == b->threshold_ms &&
	       a->control_timeout_ms == b->control_timeout_ms && a->num_packets == b->num_packets &&
	       a->interval_ms == b->interval_ms && a->request_size == b->request_size &&
	       a->data_pattern == b->data_pattern && a->method == b->method && a->vrf == b->vrf &&
	       a->source_device == b->source_device && a->mark == b->mark &&
	       a->tolerance_percent == b->tolerance_percent && a->tolerance_us == b->tolerance_us &&
	       memcmp(a->percentile, b->percentile, sizeof(a->percentile)) == 0 &&
	       a->flow_label == b->flow_label && a->packet_priority == b->packet_priority &&
	       a->no_fragments == b->no_fragments && a->discovery == b->discovery &&
	       a->hops_max == b->hops_max && a->target_only == b->target_only &&
	       a->dns_type == b->dns_type && a->dns_transport == b->dns_transport &&
	       inet_addr_equal(&a->name_server, &b->name_server) &&
	       a->http_version == b->http_version && a->no_cache == b->no_cache &&
	       a->tls_no_verify == b->tls_no_verify && a->ftp_active == b->ftp_active &&
	       a->ignore_status == b->ignore_status && a->ssm == b->ssm &&
	       a->tree_init == b->tree_init && a->mpid == b->mpid && a->vlan == b->vlan &&
	       a->level == b->level && a->untagged == b->untagged &&
	       op_texts_equal(&a->text, &b->text);
}

bool op_params_equal(const struct op_params *a, const struct op_params *b)
{
	return op_settings_equal(a, b) && a->type == b->type &&
	       inet_addr_equal(&a->target, &b->target) && a->target_port == b->target_port &&
	       a->auth_key_id == b->auth_key_id && a->auth_mode == b->auth_mode &&
	       a->auth_secret_len == b->auth_secret_len &&
	       memcmp(a->auth_secret, b->auth_secret, a->auth_secret_len) == 0;
}

bool op_schedule_equal(const struct op_schedule *a, const struct op_schedule *b)
{
	return a->scheduled == b->scheduled && a->start == b->start &&
	       a->start_day == b->start_day && a->start_month == b->start_month &&
	       a->start_s == b->start_s && a->random_ms == b->random_ms && a->life_s == b->life_s &&
	       a->ageout_s == b->ageout_s && a->recurring == b->recurring && a->group == b->group &&
	       a->offset_ms == b->offset_ms && a->frequency_s == b->frequency_s &&
	       a->frequency_max_s == b->frequency_max_s;
}
