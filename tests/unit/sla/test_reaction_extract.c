/* SPDX-License-Identifier: Apache-2.0 */
/* Which operations have which elements, and what a result says of each. */
#include "t.h"

#include "base/clocktypes.h"
#include "sla/reaction.h"

#include <stdlib.h>
#include <string.h>

static void expect(enum reaction_element element, const struct sla_result *r,
                   enum reaction_kind kind, int64_t value)
{
	struct reaction_sample s = reaction_extract(element, r);

	if (s.kind != kind || s.value != value) {
		print_error("%s: kind %d, value %lld\n", reaction_elements[element].name, s.kind,
		            (long long)s.value);
		fail();
	}
}

static void test_table(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REACT_ELEMENT_COUNT; i++) {
		const struct reaction_element_info *e = &reaction_elements[i];

		assert_non_null(e->name);
		assert_true(e->code > 0);
		assert_true(e->falling <= e->rising && e->rising <= e->max);
		assert_int_equal(e->unit == REACT_UNIT_FLAG, e->max == 0);
		for (unsigned k = 0; k < i; k++)
			assert_int_not_equal(e->code, reaction_elements[k].code);
	}
}

static void test_types(void **state)
{
	static const struct {
		uint8_t type, codec;
		enum reaction_element element;
		bool applies;
	} cases[] = {
		{ SLA_ICMP_ECHO, 0, REACT_VERIFY_ERROR, true },
		{ SLA_ICMP_ECHO, 0, REACT_CONNECTION_LOSS, false },
		{ SLA_PATH_ECHO, 0, REACT_VERIFY_ERROR, true },
		{ SLA_UDP_ECHO, 0, REACT_CONNECTION_LOSS, true },
		{ SLA_TCP_CONNECT, 0, REACT_CONNECTION_LOSS, true },
		{ SLA_TCP_CONNECT, 0, REACT_VERIFY_ERROR, false },
		{ SLA_HTTP, 0, REACT_PROTOCOL_SPECIFIC_ERROR, true },
		{ SLA_DNS, 0, REACT_PROTOCOL_SPECIFIC_ERROR, true },
		{ SLA_DHCP, 0, REACT_PROTOCOL_SPECIFIC_ERROR, false },
		{ SLA_UDP_JITTER, 0, REACT_MOS, false },
		{ SLA_UDP_JITTER, SLA_CODEC_G711ULAW, REACT_MOS, true },
		{ SLA_UDP_JITTER, 0, REACT_PACKET_LOSS_SD, true },
		{ SLA_UDP_JITTER, 0, REACT_PACKET_LOSS, false },
		{ SLA_ICMP_JITTER, 0, REACT_PACKET_LOSS, true },
		{ SLA_ICMP_JITTER, 0, REACT_PACKET_LOSS_SD, false },
		{ SLA_ICMP_JITTER, 0, REACT_CONNECTION_LOSS, false },
		{ SLA_UDP_JITTER, 0, REACT_RTT_PCT, true },
		{ SLA_UDP_JITTER, 0, REACT_MAX_LATENCY_SD_PCT, true },
		{ SLA_ICMP_JITTER, 0, REACT_JITTER_AVG_PCT, true },
		{ SLA_ICMP_JITTER, 0, REACT_MAX_LATENCY_DS_PCT, true },
		{ SLA_ICMP_ECHO, 0, REACT_RTT_PCT, false },
		{ SLA_PATH_JITTER, 0, REACT_JITTER_AVG_PCT, false },
		{ SLA_PATH_JITTER, 0, REACT_JITTER_AVG, true },
		{ SLA_PATH_JITTER, 0, REACT_JITTER_SD_AVG, false },
	};

	(void)state;
	for (unsigned i = 0; i < SLA_TYPE_COUNT; i++) {
		struct op_params p = { .type = (uint8_t)i };

		assert_true(reaction_applies(REACT_RTT, &p));
		assert_true(reaction_applies(REACT_TIMEOUT, &p));
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct op_params p = { .type = cases[i].type, .codec = cases[i].codec };

		if (reaction_applies(cases[i].element, &p) != cases[i].applies)
			fail_msg("type %u: %s", cases[i].type,
			         reaction_elements[cases[i].element].name);
	}
}

static void test_flags(void **state)
{
	static const struct {
		enum sla_sense sense;
		enum reaction_kind timeout, connection, verify, protocol;
	} cases[] = {
		{ SENSE_OK, REACT_GOOD, REACT_GOOD, REACT_GOOD, REACT_GOOD },
		{ SENSE_OVER_THRESHOLD, REACT_GOOD, REACT_GOOD, REACT_GOOD, REACT_GOOD },
		{ SENSE_TIMEOUT, REACT_BAD, REACT_NO_SAMPLE, REACT_NO_SAMPLE, REACT_NO_SAMPLE },
		{ SENSE_DNS_SERVER_TIMEOUT, REACT_BAD, REACT_NO_SAMPLE, REACT_NO_SAMPLE,
		  REACT_NO_SAMPLE },
		{ SENSE_DISCONNECTED, REACT_NO_SAMPLE, REACT_BAD, REACT_NO_SAMPLE,
		  REACT_NO_SAMPLE },
		{ SENSE_NOT_CONNECTED, REACT_NO_SAMPLE, REACT_BAD, REACT_NO_SAMPLE,
		  REACT_NO_SAMPLE },
		{ SENSE_VERIFY_ERROR, REACT_GOOD, REACT_GOOD, REACT_BAD, REACT_NO_SAMPLE },
		{ SENSE_HTTP_ERROR, REACT_GOOD, REACT_GOOD, REACT_NO_SAMPLE, REACT_BAD },
		{ SENSE_DNS_QUERY_ERROR, REACT_GOOD, REACT_GOOD, REACT_NO_SAMPLE, REACT_BAD },
		{ SENSE_BUSY, REACT_NO_SAMPLE, REACT_NO_SAMPLE, REACT_NO_SAMPLE, REACT_NO_SAMPLE },
		{ SENSE_DROPPED, REACT_NO_SAMPLE, REACT_NO_SAMPLE, REACT_NO_SAMPLE,
		  REACT_NO_SAMPLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sla_result r = { .type = SLA_UDP_ECHO, .sense = (uint8_t)cases[i].sense };

		expect(REACT_TIMEOUT, &r, cases[i].timeout, 0);
		expect(REACT_CONNECTION_LOSS, &r, cases[i].connection, 0);
		expect(REACT_VERIFY_ERROR, &r, cases[i].verify, 0);
		expect(REACT_PROTOCOL_SPECIFIC_ERROR, &r, cases[i].protocol, 0);
	}
}

static void test_rtt(void **state)
{
	struct sla_result r = { .type = SLA_ICMP_ECHO, .sense = SENSE_OK, .rtt_ns = 5999999 };

	(void)state;
	expect(REACT_RTT, &r, REACT_VALUE, 5); /* what `show` prints */
	r.precision = SLA_PRECISION_US;
	expect(REACT_RTT, &r, REACT_VALUE, 5999);
	r.sense = SENSE_OVER_THRESHOLD;
	expect(REACT_RTT, &r, REACT_VALUE, 5999);
	r.sense = SENSE_TIMEOUT;
	expect(REACT_RTT, &r, REACT_NO_SAMPLE, 0);
}

static void add(struct sum_stats *s, unsigned count, int64_t ms)
{
	while (count-- > 0)
		sum_stats_add(s, ms * NS_PER_MS);
}

static void test_jitter(void **state)
{
	static struct sla_result r = { .type = SLA_UDP_JITTER, .sense = SENSE_OK };
	struct jitter_result *j = &r.jitter;

	(void)state;
	expect(REACT_JITTER_AVG, &r, REACT_NO_SAMPLE, 0);
	expect(REACT_LATENCY_SD_AVG, &r, REACT_NO_SAMPLE, 0);
	expect(REACT_PACKET_MIA, &r, REACT_NO_SAMPLE, 0); /* nothing was sent */
	add(&j->rtt, 4, 20);
	add(&j->sd.positive, 2, 6);
	add(&j->sd.negative, 2, 2);
	add(&j->ds.positive, 1, 9);
	j->sd.samples = 8; /* the zeros among them are in no mean */
	j->ds.samples = 1;
	expect(REACT_JITTER_SD_AVG, &r, REACT_VALUE, 4);
	expect(REACT_JITTER_DS_AVG, &r, REACT_VALUE, 9);
	expect(REACT_JITTER_AVG, &r, REACT_VALUE, 5);
	expect(REACT_MAX_POSITIVE_SD, &r, REACT_VALUE, 6);
	expect(REACT_MAX_NEGATIVE_SD, &r, REACT_VALUE, 2);
	expect(REACT_MAX_POSITIVE_DS, &r, REACT_VALUE, 9);
	expect(REACT_MAX_NEGATIVE_DS, &r, REACT_VALUE, 0);
	add(&j->oneway_sd, 1, 8);
	add(&j->oneway_sd, 1, 11);
	add(&j->oneway_ds, 1, 12);
	expect(REACT_LATENCY_SD_AVG, &r, REACT_VALUE, 9);
	expect(REACT_LATENCY_DS_AVG, &r, REACT_VALUE, 12);
	expect(REACT_MAX_LATENCY_SD, &r, REACT_VALUE, 11);
	expect(REACT_MAX_LATENCY_DS, &r, REACT_VALUE, 12);
	j->sent = 10;
	j->loss_sd = 1;
	j->loss_ds = 2;
	j->missing = 3;
	j->late = 4;
	j->out_of_sequence = 5;
	j->over_threshold = 3;
	expect(REACT_PACKET_LOSS_SD, &r, REACT_VALUE, 1);
	expect(REACT_PACKET_LOSS_DS, &r, REACT_VALUE, 2);
	expect(REACT_PACKET_MIA, &r, REACT_VALUE, 3);
	expect(REACT_PACKET_LATE_ARRIVAL, &r, REACT_VALUE, 4);
	expect(REACT_PACKET_OUT_OF_SEQUENCE, &r, REACT_VALUE, 5);
	expect(REACT_OVER_THRESHOLD, &r, REACT_VALUE, 75);
	expect(REACT_MOS, &r, REACT_NO_SAMPLE, 0);
	expect(REACT_ICPIF, &r, REACT_NO_SAMPLE, 0);
	j->mos_centi = 434;
	expect(REACT_MOS, &r, REACT_VALUE, 434);
	expect(REACT_ICPIF, &r, REACT_VALUE, 0);
	/* Everything lost: a time-out, and a loss of ten packets all the same. */
	r.sense = SENSE_TIMEOUT;
	j->missing = 10;
	expect(REACT_PACKET_MIA, &r, REACT_VALUE, 10);
	expect(REACT_TIMEOUT, &r, REACT_BAD, 0);
}

/* The elements without the worst samples, their quantities and codes (CISCO-RTTMON-TC-MIB RttMonReactVar). */
static const struct {
	enum reaction_element element, whole;
	enum percentile_of of;
	bool is_max;
	uint8_t code;
} best[] = {
	{ REACT_RTT_PCT, REACT_RTT, PERCENTILE_RTT, false, 40 },
	{ REACT_MAX_LATENCY_SD_PCT, REACT_MAX_LATENCY_SD, PERCENTILE_ONEWAY_SD, true, 41 },
	{ REACT_MAX_LATENCY_DS_PCT, REACT_MAX_LATENCY_DS, PERCENTILE_ONEWAY_DS, true, 42 },
	{ REACT_LATENCY_SD_AVG_PCT, REACT_LATENCY_SD_AVG, PERCENTILE_ONEWAY_SD, false, 43 },
	{ REACT_LATENCY_DS_AVG_PCT, REACT_LATENCY_DS_AVG, PERCENTILE_ONEWAY_DS, false, 44 },
	{ REACT_JITTER_SD_AVG_PCT, REACT_JITTER_SD_AVG, PERCENTILE_JITTER_SD, false, 45 },
	{ REACT_JITTER_DS_AVG_PCT, REACT_JITTER_DS_AVG, PERCENTILE_JITTER_DS, false, 46 },
	{ REACT_JITTER_AVG_PCT, REACT_JITTER_AVG, PERCENTILE_JITTER_AVG, false, 47 },
};

static void check_percentiles(enum sla_type type)
{
	struct sla_result *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	r->type = (uint8_t)type;
	r->sense = SENSE_OK;
	for (size_t i = 0; i < sizeof(best) / sizeof(best[0]); i++)
		expect(best[i].element, r, REACT_NO_SAMPLE, 0);
	add(&r->jitter.rtt, 20, 20);
	add(&r->jitter.oneway_sd, 20, 8);
	add(&r->jitter.oneway_ds, 20, 12);
	r->jitter.sd.samples = r->jitter.ds.samples = 19; /* nothing but zeros yet */
	expect(REACT_JITTER_AVG_PCT, r, REACT_VALUE, 0);
	for (unsigned i = 0; i < PERCENTILE_COUNT; i++)
		r->jitter.percentile[i] = (struct percentile_figures) {
			.percent = 95,
			.n = 19,
			.avg_ns = (10 + i) * NS_PER_MS + 999999,
			.max_ns = (20 + i) * NS_PER_MS + 999999,
		};
	for (size_t i = 0; i < sizeof(best) / sizeof(best[0]); i++) {
		int64_t ms = (best[i].is_max ? 20 : 10) + (int64_t)best[i].of;

		r->precision = SLA_PRECISION_MS;
		expect(best[i].element, r, REACT_VALUE, ms);
		r->precision = SLA_PRECISION_US;
		expect(best[i].element, r, REACT_VALUE, ms * 1000 + 999);
	}
	r->sense = SENSE_TIMEOUT;
	expect(REACT_RTT_PCT, r, REACT_NO_SAMPLE, 0); /* as rtt */
	free(r);
}

static void test_percentiles(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(best) / sizeof(best[0]); i++) {
		const struct reaction_element_info *e = &reaction_elements[best[i].element],
		                                   *whole = &reaction_elements[best[i].whole];

		assert_int_equal(e->code, best[i].code);
		assert_int_equal(e->unit, REACT_UNIT_TIME);
		assert_int_equal(e->rising, whole->rising);
		assert_int_equal(e->falling, whole->falling);
		assert_memory_equal(e->name, whole->name, strlen(whole->name));
		assert_string_equal(e->name + strlen(whole->name), "Pct");
	}
	check_percentiles(SLA_UDP_JITTER);
	check_percentiles(SLA_ICMP_JITTER);
}

static void test_icmp_jitter(void **state)
{
	static struct sla_result r = { .type = SLA_ICMP_JITTER, .sense = SENSE_OK };

	(void)state;
	expect(REACT_PACKET_LOSS, &r, REACT_NO_SAMPLE, 0);
	r.icmp.jitter.sent = 10;
	r.icmp.lost = 4;
	r.icmp.loss_periods.length_max = 3;
	expect(REACT_PACKET_LOSS, &r, REACT_VALUE, 4);
	expect(REACT_SUCCESSIVE_PACKET_LOSS, &r, REACT_VALUE, 3);
}

static void test_path_jitter(void **state)
{
	static struct sla_result r = { .type = SLA_PATH_JITTER, .sense = SENSE_OK };

	(void)state;
	expect(REACT_JITTER_AVG, &r, REACT_NO_SAMPLE, 0);
	r.path.outcome = PATH_REACHED;
	r.path.hop_count = 2;
	r.path.hops[1].sent = 10;
	r.path.hops[1].out_of_sequence = 2;
	add(&r.path.hops[1].jitter, 2, 3);
	expect(REACT_JITTER_AVG, &r, REACT_VALUE, 3);
	expect(REACT_PACKET_OUT_OF_SEQUENCE, &r, REACT_VALUE, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),       cmocka_unit_test(test_types),
		cmocka_unit_test(test_flags),       cmocka_unit_test(test_rtt),
		cmocka_unit_test(test_jitter),      cmocka_unit_test(test_icmp_jitter),
		cmocka_unit_test(test_path_jitter), cmocka_unit_test(test_percentiles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
