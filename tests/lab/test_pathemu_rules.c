/* SPDX-License-Identifier: Apache-2.0 */
/* The path emulator's decisions: exact where they are asked to be exact, repeatable everywhere. */
#include "t.h"

#include "base/clocktypes.h"
#include "pathemu_words.h"

#include <errno.h>
#include <netinet/in.h>

static const struct frame_info udp = { .kind = FRAME_IP,
	                               .proto = IPPROTO_UDP,
	                               .has_ports = true,
	                               .sport = 40000,
	                               .dport = 5000,
	                               .len = 100,
	                               .payload_len = 58 };

static void apply(struct path_settings *p, const char *line)
{
	struct diag d = { 0 };

	if (path_settings_apply(p, line, &d) < 0)
		fail_msg("'%s': %s", line, d.text);
}

static struct verdict decide(struct path_settings *p, unsigned d, const struct frame_info *info,
                             int64_t now_ns)
{
	struct verdict v;

	rules_decide(&p->rules[d], &p->state[d], info, now_ns, &v);
	return v;
}

static void test_no_rules_pass_everything_at_once(void **state)
{
	struct path_settings p;

	(void)state;
	path_settings_init(&p, 7);
	for (int64_t i = 1; i <= 100; i++) {
		struct verdict v = decide(&p, 0, &udp, i * NS_PER_MS);

		assert_int_equal(v.drop, DROP_NONE);
		assert_i64_equal((int64_t)v.index, i);
		assert_i64_equal(v.due_ns, i * NS_PER_MS);
		assert_false(v.dup || v.corrupt || v.hold);
	}
}

static void test_list_counts_only_matching_frames(void **state)
{
	struct frame_info control = udp, other = { .kind = FRAME_OTHER };
	struct path_settings p;
	unsigned lost = 0;

	(void)state;
	control.dport = 1967;
	path_settings_init(&p, 7);
	apply(&p, "ab match udp,!udp/1967");
	apply(&p, "ab loss list 2,4-5");
	for (unsigned i = 1; i <= 6; i++) {
		assert_int_equal(decide(&p, 0, &control, 0).drop, DROP_NONE);
		assert_int_equal(decide(&p, 0, &other, 0).drop, DROP_NONE);
		lost |= (decide(&p, 0, &udp, 0).drop == DROP_LOSS) ? 1U << i : 0;
		assert_int_equal(decide(&p, 1, &udp, 0).drop, DROP_NONE);
	}
	assert_int_equal(lost, 1U << 2 | 1U << 4 | 1U << 5);
	apply(&p, "reset");
	assert_int_equal(decide(&p, 0, &udp, 0).drop, DROP_NONE);
	assert_int_equal(decide(&p, 0, &udp, 0).drop, DROP_LOSS);
}

static void test_every(void **state)
{
	struct path_settings p;

	(void)state;
	path_settings_init(&p, 7);
	apply(&p, "both dup every 3 from 2");
	for (unsigned i = 1; i <= 20; i++)
		assert_int_equal(decide(&p, 1, &udp, 0).dup, i % 3 == 2);
}

static void test_rate_of_loss_and_seed(void **state)
{
	struct path_settings p, q, other;
	unsigned lost = 0, differ = 0;

	(void)state;
	path_settings_init(&p, 7);
	path_settings_init(&q, 7);
	path_settings_init(&other, 8);
	apply(&p, "ab loss 10%");
	q.rules[0] = other.rules[0] = p.rules[0];
	for (unsigned i = 0; i < 20000; i++) {
		enum drop_reason d = decide(&p, 0, &udp, 0).drop;

		lost += d == DROP_LOSS;
		assert_int_equal(decide(&q, 0, &udp, 0).drop, d);
		differ += decide(&other, 0, &udp, 0).drop != d;
	}
	assert_i64_near(lost, 2000, 170); /* 4 standard deviations */
	assert_true(differ > 1000);
}

static void test_burst_loss_comes_in_bursts(void **state)
{
	struct path_settings p;
	unsigned lost = 0, runs = 0;
	bool was = false;

	(void)state;
	path_settings_init(&p, 7);
	apply(&p, "ab loss burst 2% 20%");
	for (unsigned i = 0; i < 50000; i++) {
		bool is = decide(&p, 0, &udp, 0).drop == DROP_BURST;

		lost += is;
		runs += is && !was;
		was = is;
	}
	assert_i64_near(lost, 50000 * 2 / 22, 700); /* stationary share of the bad state */
	assert_i64_near(lost * 10 / runs, 50, 6);   /* mean length 1 / 20 % */
}

static void test_delay_keeps_order_unless_told(void **state)
{
	struct path_settings p;
	int64_t last = 0, overtaken = 0, sum = 0;

	(void)state;
	path_settings_init(&p, 7);
	apply(&p, "ab delay 10ms");
	apply(&p, "ab jitter 5ms");
	for (int64_t i = 0; i < 1000; i++) {
		struct verdict v = decide(&p, 0, &udp, i * NS_PER_MS);

		assert_true(v.due_ns > last);
		last = v.due_ns;
	}
	apply(&p, "ab order free");
	for (int64_t i = 2000; i < 12000; i++) {
		struct verdict v = decide(&p, 0, &udp, i * NS_PER_MS);
		int64_t delay_ns = v.due_ns - i * NS_PER_MS;

		assert_true(delay_ns >= 5 * NS_PER_MS && delay_ns <= 15 * NS_PER_MS);
		sum += delay_ns;
		overtaken += v.due_ns < last;
		last = v.due_ns;
	}
	assert_true(overtaken > 1000);
	assert_i64_near(sum / 10000, 10 * NS_PER_MS, 150 * NS_PER_US);
}

static void test_jitter_shapes(void **state)
{
	struct path_settings p;
	double sum = 0, sum2 = 0;
	int64_t max = 0;

	(void)state;
	path_settings_init(&p, 7);
	apply(&p, "ab delay 100ms");
	apply(&p, "ab order free");
	apply(&p, "ab jitter 3ms normal");
	for (unsigned i = 0; i < 20000; i++) {
		double ms = (double)(decide(&p, 0, &udp, 0).due_ns - 100 * NS_PER_MS) / 1e6;

		sum += ms;
		sum2 += ms * ms;
	}
	assert_true(sum / 20000 > -0.1 && sum / 20000 < 0.1);
	assert_true(sum2 / 20000 > 8.6 && sum2 / 20000 < 9.4);
	apply(&p, "ab jitter 3ms pareto");
	for (unsigned i = 0; i < 20000; i++) {
		int64_t extra = decide(&p, 0, &udp, 0).due_ns - 100 * NS_PER_MS;

		assert_true(extra >= 0 && extra <= 60 * NS_PER_MS);
		max = extra > max ? extra : max;
	}
	assert_true(max > 30 * NS_PER_MS);
}

static void test_rate_serialises_and_drops(void **state)
{
	struct path_settings p;
	unsigned passed = 0;

	(void)state;
	path_settings_init(&p, 7);
	apply(&p, "ab rate 800k queue 500");
	for (int64_t i = 0; i < 10; i++) { /* 100 octets take 1 ms at 800 kbit/s */
		struct verdict v = decide(&p, 0, &udp, NS_PER_S);

		if (v.drop == DROP_QUEUE)
			continue;
		passed++;
		assert_i64_near(v.due_ns, NS_PER_S + passed * NS_PER_MS, NS_PER_US);
	}
	assert_int_equal(passed, 5);
	assert_int_equal(decide(&p, 0, &udp, 2 * NS_PER_S).drop, DROP_NONE);
	apply(&p, "ab rate 800k burst 300");
	for (int64_t i = 0; i < 4; i++) {
		struct verdict v = decide(&p, 0, &udp, 3 * NS_PER_S);

		assert_i64_near(v.due_ns, 3 * NS_PER_S + (i < 3 ? 0 : NS_PER_MS), NS_PER_US);
	}
}

static void test_cut_and_mend(void **state)
{
	struct frame_info arp = { .kind = FRAME_OTHER };
	struct path_settings p;

	(void)state;
	path_settings_init(&p, 7);
	apply(&p, "both cut");
	assert_int_equal(decide(&p, 0, &arp, 0).drop, DROP_CUT);
	assert_int_equal(decide(&p, 1, &udp, 0).drop, DROP_CUT);
	apply(&p, "both mend");
	assert_int_equal(decide(&p, 0, &udp, 0).drop, DROP_NONE);
}

static void test_match(void **state)
{
	static const struct {
		const char *match;
		uint8_t proto;
		uint16_t sport, dport;
		bool fits;
	} rows[] = {
		{ "any", IPPROTO_UDP, 1, 2, true },
		{ "udp", IPPROTO_UDP, 1, 2, true },
		{ "udp", IPPROTO_TCP, 1, 2, false },
		{ "udp/5000", IPPROTO_UDP, 5000, 2, true },
		{ "udp/5000", IPPROTO_UDP, 1, 5000, true },
		{ "udp/5000-5010", IPPROTO_UDP, 1, 5010, true },
		{ "udp/5000-5010", IPPROTO_UDP, 1, 5011, false },
		{ "udp/5000,tcp", IPPROTO_TCP, 1, 2, true },
		{ "!udp/1967", IPPROTO_UDP, 1, 1967, false },
		{ "!udp/1967", IPPROTO_TCP, 1, 1967, true },
		{ "icmp", IPPROTO_ICMPV6, 0, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct frame_info info = udp;
		struct path_settings p;
		char line[80];

		info.proto = rows[i].proto;
		info.sport = rows[i].sport;
		info.dport = rows[i].dport;
		path_settings_init(&p, 1);
		snprintf(line, sizeof(line), "ab match %s", rows[i].match);
		apply(&p, line);
		if (match_fits(&p.rules[0].match, &info) != rows[i].fits)
			fail_msg("%s: %u/%u-%u", rows[i].match, rows[i].proto, rows[i].sport,
			         rows[i].dport);
	}
}

static void test_bad_lines_change_nothing(void **state)
{
	static const char *const lines[] = {
		"ab",
		"ab delay",
		"ab delay 10",
		"ab delay -1ms",
		"ab delay 61s",
		"ab loss 101%",
		"ab loss list 0",
		"ab loss list 5-3",
		"ab loss every 0",
		"ab loss 5% extra",
		"ab jitter 1ms square",
		"ab rate 10",
		"ab match sctp",
		"ab match udp/0",
		"ab match udp/70000",
		"ab corrupt 1% at x",
		"ab order maybe",
		"both loss",
		"seed",
		"seed x",
	};
	struct path_settings p, before;

	(void)state;
	path_settings_init(&p, 3);
	before = p;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct diag d = { 0 };

		if (path_settings_apply(&p, lines[i], &d) != -EINVAL || d.text[0] == '\0')
			fail_msg("'%s' was taken", lines[i]);
		assert_memory_equal(&p, &before, sizeof(p));
	}
	assert_int_equal(path_settings_apply(&p, "nonsense", NULL), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_rules_pass_everything_at_once),
		cmocka_unit_test(test_list_counts_only_matching_frames),
		cmocka_unit_test(test_every),
		cmocka_unit_test(test_rate_of_loss_and_seed),
		cmocka_unit_test(test_burst_loss_comes_in_bursts),
		cmocka_unit_test(test_delay_keeps_order_unless_told),
		cmocka_unit_test(test_jitter_shapes),
		cmocka_unit_test(test_rate_serialises_and_drops),
		cmocka_unit_test(test_cut_and_mend),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_bad_lines_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
