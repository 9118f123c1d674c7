/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing operations, member by member: a structure has padding, whose octets mean nothing. */
#include "sla/operation.h"

#include <string.h>

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
	       a->data_pattern == b->data_pattern;
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
	       a->ageout_s == b->ageout_s && a->recurring == b->recurring;
}
