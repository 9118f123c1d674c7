/* SPDX-License-Identifier: Apache-2.0 */
/* Probe layouts, offsets from the first octet of the payload, all fields big-endian:
 *
 *   type 1: 0 u16 1 | 2 u16 0 | 4 fill
 *   type 2: 0 u16 2 | 2 u16 residence ms (R) | 4 u32 T1 | 8 u32 T2 (R) | 12 u16 sender sequence |
 *     14 u16 responder sequence (R) | 16 fill
 *   type 3: 0 u16 3 | 2 u16 priority, or reserved | 4 u64 T1 | 12 u64 T2 (R) | 20 u64 T3 (R) |
 *     28 u64 T4, 0 | 36 u64 sender offset | 44 u64 responder offset (R), then
 *     in a v1 session  52 u16 sender sequence | 54 u16 responder sequence (R) | 56 fill
 *     in a v2 session  52 u32 sender sequence | 56 u32 responder sequence (R) | 60 fill
 *
 * (R): the responder writes it, the sender leaves it 0.  Types 1 and 2 and v2's type 3 are known
 * from traffic and RFC 6812 section 4.2; the 16-bit tail from two independent programs. */
#include "wire/ipsla_probe.h"

#include "base/cursor.h"

#include <errno.h>

#define MS_RESIDENCE_AT             2u
#define MS_T2_AT                    8u
#define MS_SEQUENCE_AT              12u
#define MS_RESPONDER_SEQUENCE_AT    14u
#define NTP_T2_AT                   12u
#define NTP_T3_AT                   20u
#define NTP_RESPONDER_OFFSET_AT     44u
#define NTP_SEQUENCE_AT             52u
#define NTP16_RESPONDER_SEQUENCE_AT 54u
#define NTP32_RESPONDER_SEQUENCE_AT 56u

void ipsla_fill(uint8_t *buf, size_t len, uint32_t pattern)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(pattern >> (24 - 8 * (i % 4)));
}

bool ipsla_fill_matches(const uint8_t *buf, size_t len, uint32_t pattern)
{
	for (size_t i = 0; i < len; i++) {
		if (buf[i] != (uint8_t)(pattern >> (24 - 8 * (i % 4))))
			return false;
	}
	return true;
}

ssize_t ipsla_probe_echo_encode(uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_be16(&w, IPSLA_PROBE_ECHO);
	wr_be16(&w, 0);
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

ssize_t ipsla_probe_ms_encode(const struct ipsla_probe_ms *p, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_be16(&w, IPSLA_PROBE_MS);
	wr_be16(&w, p->residence_ms);
	wr_be32(&w, p->t1_ms);
	wr_be32(&w, p->t2_ms);
	wr_be16(&w, p->sequence);
	wr_be16(&w, p->responder_sequence);
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

int ipsla_probe_ms_decode(const uint8_t *buf, size_t len, struct ipsla_probe_ms *ret)
{
	struct rd r = rd_init(buf, len);
	struct ipsla_probe_ms p;
	uint16_t type = rd_be16(&r);

	p.residence_ms = rd_be16(&r);
	p.t1_ms = rd_be32(&r);
	p.t2_ms = rd_be32(&r);
	p.sequence = rd_be16(&r);
	p.responder_sequence = rd_be16(&r);
	if (r.bad || type != IPSLA_PROBE_MS)
		return -EBADMSG;
	*ret = p;
	return 0;
}

ssize_t ipsla_probe_ntp_encode(const struct ipsla_probe_ntp *p, enum ipsla_tail tail, uint8_t *buf,
                               size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_be16(&w, IPSLA_PROBE_NTP);
	wr_be16(&w, p->priority);
	wr_be64(&w, p->t1);
	wr_be64(&w, p->t2);
	wr_be64(&w, p->t3);
	wr_be64(&w, p->t4);
	wr_be64(&w, p->sender_offset);
	wr_be64(&w, p->responder_offset);
	if (tail == IPSLA_TAIL_16) {
		wr_be16(&w, (uint16_t)p->sequence);
		wr_be16(&w, (uint16_t)p->responder_sequence);
	} else {
		wr_be32(&w, p->sequence);
		wr_be32(&w, p->responder_sequence);
	}
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

int ipsla_probe_ntp_decode(const uint8_t *buf, size_t len, enum ipsla_tail tail,
                           struct ipsla_probe_ntp *ret)
{
	struct rd r = rd_init(buf, len);
	struct ipsla_probe_ntp p;
	uint16_t type = rd_be16(&r);

	p.priority = rd_be16(&r);
	p.t1 = rd_be64(&r);
	p.t2 = rd_be64(&r);
	p.t3 = rd_be64(&r);
	p.t4 = rd_be64(&r);
	p.sender_offset = rd_be64(&r);
	p.responder_offset = rd_be64(&r);
	p.sequence = tail == IPSLA_TAIL_16 ? rd_be16(&r) : rd_be32(&r);
	p.responder_sequence = tail == IPSLA_TAIL_16 ? rd_be16(&r) : rd_be32(&r);
	if (r.bad || type != IPSLA_PROBE_NTP)
		return -EBADMSG;
	*ret = p;
	return 0;
}

uint64_t ipsla_offset_from_ns(uint64_t magnitude_ns)
{
	uint64_t s = magnitude_ns / (uint64_t)NS_PER_S;
	uint64_t rest_ns = magnitude_ns % (uint64_t)NS_PER_S;

	if (s > INT32_MAX)
		return INT64_MAX; /* a set top bit would read as negative */
	return (s << 32) | ((rest_ns << 32) / (uint64_t)NS_PER_S);
}

bool ipsla_offset_to_ns(uint64_t field, int64_t *ret_magnitude_ns)
{
	if (field == IPSLA_OFFSET_UNKNOWN)
		return false;
	if (field >> 63)
		field = -field;
	uint64_t fraction_ns = ((field & UINT32_MAX) * (uint64_t)NS_PER_S + UINT32_MAX) >> 32;

	*ret_magnitude_ns = (int64_t)((field >> 32) * (uint64_t)NS_PER_S + fraction_ns);
	return true;
}

static uint16_t probe_type(const uint8_t *buf, size_t len)
{
	struct rd r = rd_init(buf, len);

	return rd_be16(&r);
}

static enum ipsla_probe_verdict judge_ms(const uint8_t *buf, size_t len)
{
	struct ipsla_probe_ms p;

	if (ipsla_probe_ms_decode(buf, len, &p) < 0)
		return IPSLA_PROBE_SHORT;
	return p.residence_ms || p.t2_ms || p.responder_sequence ? IPSLA_PROBE_FILLED
	                                                         : IPSLA_PROBE_OK;
}

/* The responder's offset is not asked: every reply has T2, and some senders paste rubbish there. */
static enum ipsla_probe_verdict judge_ntp(const uint8_t *buf, size_t len, enum ipsla_tail tail)
{
	struct ipsla_probe_ntp p;

	if (ipsla_probe_ntp_decode(buf, len, tail, &p) < 0)
		return IPSLA_PROBE_SHORT;
	return p.t2 || p.t3 || p.responder_sequence ? IPSLA_PROBE_FILLED : IPSLA_PROBE_OK;
}

enum ipsla_probe_verdict ipsla_probe_judge(const uint8_t *buf, size_t len, enum ipsla_kind kind)
{
	uint16_t type = probe_type(buf, len);

	if (len < IPSLA_PROBE_ECHO_OCTETS)
		return IPSLA_PROBE_SHORT;
	switch (kind) {
	case IPSLA_KIND_UDP_ECHO:
		return IPSLA_PROBE_OK;
	case IPSLA_KIND_UDP_JITTER:
		if (type == IPSLA_PROBE_MS)
			return judge_ms(buf, len);
		return type == IPSLA_PROBE_NTP ? judge_ntp(buf, len, IPSLA_TAIL_16)
		                               : IPSLA_PROBE_TYPE;
	case IPSLA_KIND_UDP_MEASUREMENT:
		return type == IPSLA_PROBE_NTP ? judge_ntp(buf, len, IPSLA_TAIL_32)
		                               : IPSLA_PROBE_TYPE;
	case IPSLA_KIND_NONE:
	case IPSLA_KIND_TCP_CONNECT:
		break;
	}
	return IPSLA_PROBE_TYPE;
}

/* T3 - T2 so that the sender's T2 + residence is T3 in whole ms: the difference of the truncated
 * values, not the truncated difference. */
static uint16_t residence_ms(wall_t t2, wall_t t3)
{
	int32_t diff = ms_of_day_diff(wall_to_ms_of_day(t3), wall_to_ms_of_day(t2));

	return diff < 0 ? 0 : diff > UINT16_MAX ? UINT16_MAX : (uint16_t)diff;
}

int ipsla_probe_reflect(uint8_t *buf, size_t len, enum ipsla_kind kind,
                        const struct ipsla_reflection *r)
{
	if (ipsla_probe_judge(buf, len, kind) != IPSLA_PROBE_OK)
		return -EBADMSG;
	if (kind == IPSLA_KIND_UDP_ECHO)
		return 0;
	if (probe_type(buf, len) == IPSLA_PROBE_MS) {
		put_be16(buf + MS_RESIDENCE_AT, residence_ms(r->t2, r->t3));
		put_be32(buf + MS_T2_AT, wall_to_ms_of_day(r->t2));
		put_be16(buf + MS_RESPONDER_SEQUENCE_AT, (uint16_t)r->sequence);
		return 0;
	}
	put_be64(buf + NTP_T2_AT, wall_to_ntp64(r->t2));
	put_be64(buf + NTP_T3_AT, wall_to_ntp64(r->t3));
	put_be64(buf + NTP_RESPONDER_OFFSET_AT, r->clock_offset);
	if (kind == IPSLA_KIND_UDP_JITTER)
		put_be16(buf + NTP16_RESPONDER_SEQUENCE_AT, (uint16_t)r->sequence);
	else
		put_be32(buf + NTP32_RESPONDER_SEQUENCE_AT, r->sequence);
	return 0;
}

uint32_t ipsla_probe_sequence(const uint8_t *buf, size_t len, enum ipsla_kind kind)
{
	if (kind != IPSLA_KIND_UDP_ECHO && ipsla_probe_judge(buf, len, kind) == IPSLA_PROBE_OK) {
		bool is_ms = probe_type(buf, len) == IPSLA_PROBE_MS;
		size_t at = is_ms ? MS_SEQUENCE_AT : NTP_SEQUENCE_AT;
		struct rd r = rd_init(buf + at, len - at);

		return kind == IPSLA_KIND_UDP_MEASUREMENT ? rd_be32(&r) : rd_be16(&r);
	}
	return 0;
}
