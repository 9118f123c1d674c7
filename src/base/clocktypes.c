/* SPDX-License-Identifier: Apache-2.0 */
/* Conversions between the wall clock and the time formats of the wire. */
#include "base/clocktypes.h"

#define NTP_UNIX_OFFSET_S INT64_C(2208988800) /* 1900-01-01 to 1970-01-01 */
#define NTP_ERA_NS        (INT64_C(4294967296) * NS_PER_S)

/* Floor division, so that instants before 1970 keep a fraction of 0 .. 1 s. */
static void split_s(int64_t ns, int64_t *ret_s, uint64_t *ret_sub_ns)
{
	int64_t s = ns / NS_PER_S;
	int64_t sub = ns % NS_PER_S;

	if (sub < 0) {
		sub += NS_PER_S;
		s--;
	}
	*ret_s = s;
	*ret_sub_ns = (uint64_t)sub;
}

uint64_t wall_to_ntp64(wall_t t)
{
	int64_t s;
	uint64_t sub_ns;

	split_s(t.ns, &s, &sub_ns);
	/* 999999999 ns rounds to at most 2^32 - 4: the fraction never carries into the seconds. */
	uint64_t fraction = ((sub_ns << 32) + (uint64_t)NS_PER_S / 2) / (uint64_t)NS_PER_S;

	return ((uint64_t)(s + NTP_UNIX_OFFSET_S) << 32) | fraction;
}

wall_t wall_from_ntp64(uint64_t ntp, wall_t near)
{
	int64_t near_s;
	uint64_t near_sub;

	split_s(near.ns, &near_s, &near_sub);
	/* Distance in whole seconds, taken modulo 2^32 and folded to the nearer side. */
	uint32_t near_ntp_s = (uint32_t)((uint64_t)(near_s + NTP_UNIX_OFFSET_S) & UINT32_MAX);
	int32_t delta_s = (int32_t)((uint32_t)(ntp >> 32) - near_ntp_s);
	uint64_t sub = (((ntp & UINT32_MAX) * (uint64_t)NS_PER_S) + (UINT64_C(1) << 31)) >> 32;

	return (wall_t) { (near_s + delta_s) * NS_PER_S + (int64_t)sub };
}

uint32_t wall_to_ms_of_day(wall_t t)
{
	int64_t s;
	uint64_t sub_ns;

	split_s(t.ns, &s, &sub_ns);
	int64_t of_day_s = s % 86400;

	if (of_day_s < 0)
		of_day_s += 86400;
	return (uint32_t)(of_day_s * 1000 + (int64_t)(sub_ns / (uint64_t)NS_PER_MS));
}

int32_t ms_of_day_diff(uint32_t later, uint32_t earlier)
{
	int64_t diff = ((int64_t)later - (int64_t)earlier) % MS_PER_DAY;

	if (diff >= MS_PER_DAY / 2)
		diff -= MS_PER_DAY;
	else if (diff < -MS_PER_DAY / 2)
		diff += MS_PER_DAY;
	return (int32_t)diff;
}

const char *stamp_source_name(enum stamp_source source)
{
	switch (source) {
	case STAMP_NONE:
		return "none";
	case STAMP_USER:
		return "user";
	case STAMP_KERNEL:
		return "kernel";
	case STAMP_HARDWARE:
		return "hardware";
	}
	return "none";
}
