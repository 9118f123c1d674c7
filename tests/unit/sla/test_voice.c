/* SPDX-License-Identifier: Apache-2.0 */
/* The voice score against what devices print and what the tables say. */
#include "sla/voice.h"

#include "base/clocktypes.h"
#include "t.h"

static void table(void **state)
{
	static const struct {
		const char *name;
		enum sla_codec codec;
		int64_t rtt_ms;
		uint32_t lost, sent;
		uint8_t advantage, icpif;
		uint16_t mos_centi;
	} rows[] = {
		{ "no codec", SLA_CODEC_NONE, 10, 0, 100, 0, 0, 0 },
		{ "nothing sent", SLA_CODEC_G711ALAW, 10, 0, 0, 0, 0, 0 },
		{ "device: g711 idle", SLA_CODEC_G711ALAW, 2, 0, 1000, 0, 1, 434 },
		{ "device: g729a idle", SLA_CODEC_G729A, 2, 0, 1000, 0, 11, 406 },
		/* one-way 20/2 + 40 = 50 ms: Idd 1; 2 % loss: Ie 12; R(13) = 81 - 2 * 53.5 / 66 */
		{ "g711, 2 % lost", SLA_CODEC_G711ULAW, 20, 20, 1000, 0, 13, 400 },
		{ "with advantage", SLA_CODEC_G711ULAW, 20, 20, 1000, 12, 1, 434 },
		{ "advantage ends at 0", SLA_CODEC_G711ULAW, 20, 0, 1000, 20, 0, 436 },
		/* 110 / 2 + 45 = 100 ms: Idd 2; 8 %: Ie 42 */
		{ "g729a, 8 % lost", SLA_CODEC_G729A, 110, 80, 1000, 0, 44, 280 },
		{ "almost 10 %", SLA_CODEC_G711ULAW, 20, 99, 1000, 0, 37, 310 },
		{ "10 %", SLA_CODEC_G711ULAW, 20, 100, 1000, 0, 93, 100 },
		{ "all lost", SLA_CODEC_G729A, 20, 10, 10, 0, 93, 100 },
		/* The rows of both tables, alone or together: 120 / 2 + 40 = 100 ms is Idd 2, 220 gives
		 * 150 ms and 4, 320 gives 200 ms and 7.  R falls by 0.9 a point from 90 at 1 to 81 at 11,
		 * then by 53.5 / 66; R 89.1: 1 + 3.1185 + 7e-6 x 89.1 x 29.1 x 10.9 = 4.3163 */
		{ "100 ms", SLA_CODEC_G711ULAW, 120, 0, 100, 0, 2, 432 },
		{ "150 ms", SLA_CODEC_G711ULAW, 220, 0, 100, 0, 4, 427 },
		{ "200 ms", SLA_CODEC_G711ULAW, 320, 0, 100, 0, 7, 419 },
		{ "50 ms, g711 at 4 %: 1 + 22", SLA_CODEC_G711ULAW, 20, 4, 100, 0, 23, 366 },
		{ "50 ms, g711 at 6 %: 1 + 28", SLA_CODEC_G711ULAW, 20, 6, 100, 0, 29, 342 },
		{ "50 ms, g711 at 8 %: 1 + 32", SLA_CODEC_G711ULAW, 20, 8, 100, 0, 33, 326 },
		{ "50 ms, g729a at 2 %: 1 + 20", SLA_CODEC_G729A, 10, 2, 100, 0, 21, 373 },
		{ "50 ms, g729a at 4 %: 1 + 30", SLA_CODEC_G729A, 10, 4, 100, 0, 31, 334 },
		{ "50 ms, g729a at 6 %: 1 + 38", SLA_CODEC_G729A, 10, 6, 100, 0, 39, 301 },
		{ "wide-area mobile, 10", SLA_CODEC_G729A, 10, 6, 100, 10, 29, 342 },
		{ "hard to reach, 20", SLA_CODEC_G729A, 10, 6, 100, 20, 19, 380 },
		/* 1460 / 2 + 40 = 770 ms: Idd 7 + 570 x 0.06 = 41.2; 9.9 %: Ie 32 + 1.9 x 2 = 35.8.
		 * R 27.5: 1 + 0.9625 - 7e-6 x 27.5 x 32.5 x 72.5 = 1.509 */
		{ "device: the worst of an hour", SLA_CODEC_G711ULAW, 1460, 99, 1000, 0, 77, 151 },
		/* 4000 / 2 + 40 = 2040 ms: Idd 7 + 1840 * 0.06 = 117: capped */
		{ "absurd delay", SLA_CODEC_G711ULAW, 4000, 0, 10, 0, 93, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct voice_score s = voice_score(rows[i].codec, rows[i].rtt_ms * NS_PER_MS,
		                                   rows[i].lost, rows[i].sent, rows[i].advantage);

		print_message("%s: %u %u\n", rows[i].name, s.icpif, s.mos_centi);
		assert_int_equal(s.icpif, rows[i].icpif);
		assert_int_equal(s.mos_centi, rows[i].mos_centi);
	}
}

static void worse_is_never_better(void **state)
{
	uint16_t last = 500;

	(void)state;
	for (int64_t ms = 0; ms < 3000; ms += 7) {
		struct voice_score s = voice_score(SLA_CODEC_G729A, ms * NS_PER_MS, 3, 100, 0);

		assert_true(s.mos_centi <= last && s.mos_centi >= 100);
		last = s.mos_centi;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(worse_is_never_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
