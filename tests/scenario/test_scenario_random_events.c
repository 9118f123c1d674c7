/* SPDX-License-Identifier: Apache-2.0 */
/* Thousands of operations with random parameters on random paths, stopped at random moments: they
 * end exactly once, leave nothing behind, and their packets add up (model_run checks that). */
#include "model.h"

#include <errno.h>

#define SEQUENCES 10000

struct dice {
	uint64_t state;
};

static uint32_t roll(struct dice *d, uint32_t sides)
{
	return (uint32_t)(t_random(&d->state) % sides);
}

static const char *random_pattern(struct dice *d, char *to, uint32_t len)
{
	static const char kinds[] = "..........xxdcrs";
	uint32_t clean = roll(d, 3);

	for (uint32_t i = 0; i < len; i++)
		to[i] = clean == 0 ? '.' : kinds[roll(d, sizeof(kinds) - 1)];
	to[len] = '\0';
	return to;
}

static void random_model(struct model *m, struct dice *d, char text[4][64])
{
	struct op_params *p = &m->op.params;

	model_init(m, (enum sla_type)roll(d, SLA_TYPE_COUNT));
	m->random = t_random(&d->state) | 1;
	p->num_packets = 1 + roll(d, 40);
	p->interval_ms = 4 + roll(d, 60);
	p->timeout_ms = roll(d, 4) == 0 ? roll(d, 30) : 1 + roll(d, 3000);
	p->control_timeout_ms = 1 + roll(d, 1000);
	p->threshold_ms = roll(d, 60);
	p->precision = (uint8_t)roll(d, 2);
	p->peer_clock = (uint8_t)roll(d, 2);
	p->verify_data = roll(d, 2);
	p->codec = (uint8_t)roll(d, 4);
	p->control = (uint8_t)roll(d, 4);
	if (p->type != SLA_UDP_JITTER && p->control == SLA_CONTROL_V2)
		p->control = SLA_CONTROL_V1;
	for (int dir = SD; dir <= DS; dir++) {
		m->path[dir].delay_ns = US(roll(d, 40000));
		m->path[dir].extra_ns = US(roll(d, 400000));
		m->path[dir].pattern = random_pattern(d, text[dir], 50);
		m->path[dir].control = random_pattern(d, text[2 + dir], 8);
		for (char *c = text[2 + dir]; *c; c++) {
			if (*c == 's' || *c == 'c') /* the model's peer takes good requests only */
				*c = '.';
		}
	}
	m->responder.speaks_v1 = roll(d, 8) != 0;
	m->responder.speaks_v2 = roll(d, 3) != 0;
	m->responder.is_silent = roll(d, 2);
	m->responder.is_permanent = roll(d, 2);
	m->responder.copies_sequence = roll(d, 4) == 0;
	m->responder.is_synchronised = roll(d, 2);
	m->responder.clock_offset_ns = US(roll(d, 20000)) - MS(10);
	m->responder.residence_ns = US(roll(d, 3000));
	m->responder.refuse = roll(d, 10) == 0 ? (uint16_t)(1 + roll(d, 4)) : 0;
	m->grade.source = roll(d, 2) ? CLOCK_SOURCE_PTP : CLOCK_SOURCE_NONE;
	m->no_kernel_stamps = roll(d, 4) == 0;
	m->tx_lag_ns = US(roll(d, 2000));
	m->stamp_lag_ns = US(roll(d, 50000));
	m->hop_count = (uint8_t)roll(d, 6);
	for (unsigned i = 0; i < m->hop_count; i++)
		m->hops[i] = (struct model_hop) {
			.is_silent = roll(d, 6) == 0,
			.answers_late = roll(d, 8) == 0,
			.quotes_little = roll(d, 2),
			.no_echo = roll(d, 6) == 0,
			.refuses = roll(d, 20) == 0 ? (uint8_t)(1 + roll(d, 14)) : 0,
			.poses_as = roll(d, 20) == 0 ? (uint8_t)(1 + roll(d, 5)) : 0,
		};
	m->drops_datagrams = roll(d, 4) == 0;
	p->target_only = roll(d, 2);
	p->discovery = (uint8_t)roll(d, 2);
	p->hops_max = (uint8_t)roll(d, 8);
	m->tcp_error = roll(d, 4) == 0 ? -ECONNREFUSED : roll(d, 5) == 0;
	m->dns.rcode = roll(d, 4) == 0 ? 3 : 0;
	m->dns.is_silent = roll(d, 4) == 0;
	m->dns.wrong_first = roll(d, 2);
	m->dhcp.is_silent = roll(d, 6) == 0;
	m->dhcp.refuses = roll(d, 6) == 0;
	m->dhcp.never_acks = roll(d, 6) == 0;
	m->dhcp.two_offers = roll(d, 2);
	m->dhcp.ack_ns = MS(roll(d, 7000));
	m->open_error = roll(d, 30) == 0 ? -EADDRINUSE : 0;
	m->send_error = -ENOBUFS;
	m->send_errors = roll(d, 10) == 0 ? roll(d, 20) : 0;
	if (roll(d, 4) == 0) {
		m->hold_from_ns = MS(roll(d, 500));
		m->hold_until_ns = m->hold_from_ns + MS(roll(d, 500));
	}
	if (roll(d, 4) == 0)
		model_at(m, MS(roll(d, 1000)), EV_STEP, MS(roll(d, 4000)) - SEC(2));
	if (roll(d, 4) == 0)
		model_at(m, MS(roll(d, 1000)), EV_RESTART, 0);
}

static void check(const struct sla_result *r)
{
	static const struct jitter_result none = { .oneway_reason = ONEWAY_NOT_MEASURED };
	const struct jitter_result *j = sla_type_has_jitter(r->type) ? &r->jitter : &none;

	assert_true(r->rtt_ns >= 0 && r->sense != SENSE_OTHER);
	assert_true((r->sense == SENSE_OK || r->sense == SENSE_OVER_THRESHOLD) ==
	            (sla_type_has_jitter(r->type) ? j->received > 0
	             : r->type == SLA_MULTICAST_JITTER
	                     ? r->multicast.answered > 0
	                     : r->rtt_ns > 0 && r->sense != SENSE_SEQUENCE_ERROR));
	if (!sla_type_has_jitter(r->type))
		return;
	assert_true(j->rtt.n <= j->received);
	assert_true(j->oneway_sd.n == j->oneway_ds.n && j->oneway_sd.n <= j->rtt.n);
	assert_true(j->oneway_reason == ONEWAY_REPORTED || j->oneway_sd.n == 0);
	assert_true(j->sd.positive.n + j->sd.negative.n <= j->sd.samples);
	assert_true(j->sd.samples + 1 <= (j->rtt.n ? j->rtt.n : 1));
	assert_true(j->ds.samples + 1 <= (j->rtt.n ? j->rtt.n : 1));
	assert_true(j->rtt.min_ns >= 0 && j->oneway_sd.min_ns >= 0 && j->oneway_ds.min_ns >= 0);
}

static void ends_once_and_adds_up(void **state)
{
	struct dice d = { t_seed(20260301) };
	static struct model m;
	char text[4][64];

	(void)state;
	for (int i = 0; i < SEQUENCES; i++) {
		random_model(&m, &d, text);
		for (int run = 0; run < 2; run++)
			check(model_run(&m));
		model_fini(&m);
	}
}

static void stops_from_any_state(void **state)
{
	struct dice d = { t_seed(20260302) };
	static struct model m;
	char text[4][64];

	(void)state;
	for (int i = 0; i < SEQUENCES; i++) {
		random_model(&m, &d, text);
		model_start(&m);
		for (uint32_t steps = roll(&d, 120); steps > 0 && m.finished == 0; steps--)
			(void)model_step(&m);
		m.op.type->stop(&m.op, &m.io);
		model_assert_clean(&m);
		uint32_t finished = m.finished, sends = m.sends;

		while (model_step(&m)) /* what was under way reaches nobody */
			;
		assert_int_equal(m.finished, finished);
		assert_int_equal(m.sends, sends);
		if (i % 7 == 0)
			check(model_run(&m)); /* and it can start again */
		model_fini(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_once_and_adds_up),
		cmocka_unit_test(stops_from_any_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
