/* SPDX-License-Identifier: Apache-2.0 */
/* ICPIF = Idd + Ie - A: impairment by delay and by codec with its losses, less what users forgive
 * (the advantage factor).  Idd and Ie come from tables of ITU-T G.113, interpolated linearly and
 * carried on beyond the last row with its slope; MOS is the E-model's inverse (ITU-T G.107) of an R
 * that is read off the ICPIF through the points that real devices print.  The arithmetic is in
 * thousandths, so that every host gives the same score. */
#include "sla/voice.h"

#include "base/clocktypes.h"

#include <stdbool.h>
#include <stddef.h>

#define ICPIF_WORST     93
#define MOS_WORST_CENTI 100
#define LOSS_WORST_PCT  10
#define MILLI           INT64_C(1000)
#define PACKETISE_NS    (20 * NS_PER_MS) /* 20 ms of speech in one packet */
#define DSP_NS          (20 * NS_PER_MS) /* coding and play-out in the gateways */
#define G729A_LOOK_NS   (5 * NS_PER_MS)  /* look-ahead, ITU-T G.729 */
#define MOS_MAX_CENTI   500

struct point {
	int64_t x, y;
};

/* One-way delay in us to Idd in thousandths. */
static const struct point idd_points[] = {
	{ 0, 0 }, { 50000, 1000 }, { 100000, 2000 }, { 150000, 4000 }, { 200000, 7000 },
};

/* Loss in thousandths of a percent to Ie in thousandths. */
static const struct point ie_g711[] = {
	{ 0, 0 }, { 2000, 12000 }, { 4000, 22000 }, { 6000, 28000 }, { 8000, 32000 },
};
static const struct point ie_g729a[] = {
	{ 0, 10000 }, { 2000, 20000 }, { 4000, 30000 }, { 6000, 38000 }, { 8000, 42000 },
};

/* ICPIF to R in thousandths. */
static const struct point r_points[] = {
	{ 0, 91000 }, { 1, 90000 }, { 11, 81000 }, { 77, 27500 }, { 93, 0 },
};

static int64_t interpolate(const struct point *points, size_t count, int64_t x)
{
	size_t i = 1;

	while (i < count - 1 && x > points[i].x)
		i++;
	const struct point *a = &points[i - 1], *b = &points[i];

	return a->y + (b->y - a->y) * (x - a->x) / (b->x - a->x);
}

/* 1 + 0.035 R + 7e-6 R (R - 60)(100 - R), in hundredths, rounded. */
static uint16_t mos_of_r(int64_t r_milli)
{
	int64_t cubic = r_milli * (r_milli - 60 * MILLI) / MILLI * (100 * MILLI - r_milli) / MILLI;
	int64_t mos_micro = 1000000 + 35 * r_milli + 7 * cubic / MILLI;
	int64_t centi = (mos_micro + 5000) / 10000;

	if (centi < MOS_WORST_CENTI)
		centi = MOS_WORST_CENTI;
	if (centi > MOS_MAX_CENTI)
		centi = MOS_MAX_CENTI;
	return (uint16_t)centi;
}

struct voice_score voice_score(enum sla_codec codec, int64_t rtt_avg_ns, uint32_t lost,
                               uint32_t sent, uint8_t advantage_factor)
{
	bool is_g729a = codec == SLA_CODEC_G729A;

	if (codec == SLA_CODEC_NONE || sent == 0)
		return (struct voice_score) { 0, 0 };
	if ((uint64_t)lost * 100 >= (uint64_t)sent * LOSS_WORST_PCT)
		return (struct voice_score) { ICPIF_WORST, MOS_WORST_CENTI };

	int64_t delay_ns = rtt_avg_ns / 2 + PACKETISE_NS + DSP_NS + (is_g729a ? G729A_LOOK_NS : 0);
	int64_t loss_milli_pct = (int64_t)lost * 100 * MILLI / (int64_t)sent;
	const struct point *ie = is_g729a ? ie_g729a : ie_g711;
	int64_t milli = interpolate(idd_points, sizeof(idd_points) / sizeof(idd_points[0]),
	                            delay_ns / NS_PER_US) +
	                interpolate(ie, sizeof(ie_g711) / sizeof(ie_g711[0]), loss_milli_pct) -
	                (int64_t)advantage_factor * MILLI;
	int64_t icpif = milli < 0 ? 0 : (milli + MILLI / 2) / MILLI;

	if (icpif > ICPIF_WORST)
		icpif = ICPIF_WORST;
	return (struct voice_score) {
		.icpif = (uint8_t)icpif,
		.mos_centi = mos_of_r(
		        interpolate(r_points, sizeof(r_points) / sizeof(r_points[0]), icpif)),
	};
}
