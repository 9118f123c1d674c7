/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding a jitter run by hand: packets 20 ms apart, all stamps relative to the first send. */
#ifndef CANDOR_TESTS_JITTER_HELP_H
#define CANDOR_TESTS_JITTER_HELP_H

#include "sla/jitter_run.h"
#include "t.h"

#define MS(n)     ((int64_t)(n)*NS_PER_MS)
#define US(n)     ((int64_t)(n)*NS_PER_US)
#define OFFSET_NS (INT64_C(1772368496) * NS_PER_S) /* wall - mono; mono starts at MONO0_NS */
#define MONO0_NS  MS(5000)
#define WALL0_NS  (OFFSET_NS + MONO0_NS)

struct fixture {
	struct jitter_run run;
	struct sla_result res;
	void *block;
	int64_t offset_ns; /* of the local clock now */
};

static inline struct stamp stamp_at(const struct fixture *f, int64_t at_ns,
                                    enum stamp_source source)
{
	return (struct stamp) { .at = { MONO0_NS + at_ns + f->offset_ns },
		                .read_at = { MONO0_NS + at_ns },
		                .offset_ns = f->offset_ns,
		                .err_ns = source == STAMP_USER ? US(50) : US(1),
		                .source = source };
}

static inline void begin(struct fixture *f, enum jitter_wire wire, uint32_t packets)
{
	struct jitter_config cfg = {
		.wire = wire,
		.packets = packets,
		.first_at = { MONO0_NS },
		.interval_ns = MS(20),
		.timeout_ns = MS(1000),
		.threshold_ns = MS(500),
		.peer_clock_assumed = true,
	};

	memset(f, 0, sizeof(*f));
	f->offset_ns = OFFSET_NS;
	f->block = malloc(jitter_run_size(packets, NULL));
	assert_non_null(f->block);
	jitter_run_init(&f->run, &cfg, f->block);
}

static inline void sent_at(struct fixture *f, uint32_t seq, int64_t at_ns)
{
	struct stamp user = stamp_at(f, at_ns - US(30), STAMP_USER);
	struct stamp kernel = stamp_at(f, at_ns, STAMP_KERNEL);

	jitter_run_sent(&f->run, seq, &user);
	jitter_run_stamp(&f->run, seq, &kernel);
}

/* A reply received at ``a``, which the responder got at ``r`` and sent at ``t`` by its clock, in
 * step with ours. */
static inline bool reply_at(struct fixture *f, uint32_t seq, int64_t r, int64_t t, int64_t a,
                            uint32_t count)
{
	struct jitter_reply reply = {
		.at = stamp_at(f, a, STAMP_KERNEL),
		.t2 = { WALL0_NS + r },
		.t3 = { WALL0_NS + t },
		.t2_ms = wall_to_ms_of_day((wall_t) { WALL0_NS + r }),
		.delta_ms = (uint16_t)((t - r) / NS_PER_MS),
		.count = count,
		.peer_err_ns = US(100),
	};

	return jitter_run_reply(&f->run, seq, &reply);
}

/* Packet ``seq`` on schedule, answered after 10 ms there and 5 ms back. */
static inline void plain(struct fixture *f, uint32_t seq, uint32_t count)
{
	int64_t o = MS(20) * (seq - 1);

	sent_at(f, seq, o);
	assert_true(reply_at(f, seq, o + MS(10), o + MS(10), o + MS(15), count));
}

static inline void lost(struct fixture *f, uint32_t seq)
{
	sent_at(f, seq, MS(20) * (seq - 1));
}

static inline const struct jitter_result *end(struct fixture *f)
{
	struct clock_grade grade = { .source = CLOCK_SOURCE_KERNEL, .err_ns = US(200) };

	jitter_run_finish(&f->run, &grade, &f->res);
	free(f->block);
	return &f->res.jitter;
}

static inline void assert_balance(const struct jitter_result *j)
{
	assert_int_equal(j->sent, j->received + j->loss_sd + j->loss_ds + j->missing + j->late +
	                                  j->corrupted);
}

#endif
