/* SPDX-License-Identifier: Apache-2.0 */
/* Between the codecs (wire/ipsla_probe.h) and the arithmetic (sla/jitter_run.h). */
#include "probe/jitter_packet.h"

#include <string.h>

size_t jitter_packet_room(const struct op_params *p)
{
	return p->request_size > IPSLA_PROBE_NTP32_OCTETS ? p->request_size
	                                                  : IPSLA_PROBE_NTP32_OCTETS;
}

struct jitter_layout jitter_layout_choose(const struct op_params *p, enum sla_control control,
                                          const struct clock_grade *grade)
{
	struct jitter_layout l = {
		.type = IPSLA_PROBE_NTP,
		.tail = IPSLA_TAIL_16,
		.header_len = IPSLA_PROBE_NTP16_OCTETS,
		.clock_offset = IPSLA_OFFSET_UNKNOWN,
	};

	if (control == SLA_CONTROL_V2) {
		l.tail = IPSLA_TAIL_32;
		l.header_len = IPSLA_PROBE_NTP32_OCTETS;
	} else if (p->precision == SLA_PRECISION_MS) {
		l.type = IPSLA_PROBE_MS;
		l.header_len = IPSLA_PROBE_MS_OCTETS;
	}
	if (grade->source != CLOCK_SOURCE_NONE && grade->err_ns >= 0)
		l.clock_offset = ipsla_offset_from_ns((uint64_t)grade->err_ns);
	l.len = p->request_size > l.header_len ? p->request_size : l.header_len;
	return l;
}

void jitter_packet_fill(const struct jitter_layout *l, uint8_t *packet)
{
	memset(packet, 0, l->header_len);
	ipsla_fill(packet + l->header_len, l->len - l->header_len, IPSLA_FILL_DEFAULT);
}

ssize_t jitter_packet_write(const struct jitter_layout *l, uint8_t *packet, uint32_t seq,
                            wall_t now, uint64_t *ret_t1)
{
	if (l->type == IPSLA_PROBE_MS) {
		const struct ipsla_probe_ms p = { .t1_ms = wall_to_ms_of_day(now),
			                          .sequence = (uint16_t)seq };

		*ret_t1 = p.t1_ms;
		return ipsla_probe_ms_encode(&p, packet, l->len);
	}
	const struct ipsla_probe_ntp p = { .t1 = wall_to_ntp64(now),
		                           .sender_offset = l->clock_offset,
		                           .sequence = seq };

	*ret_t1 = p.t1;
	return ipsla_probe_ntp_encode(&p, l->tail, packet, l->len);
}

static bool read_ms(const struct probe_packet *packet, uint32_t *ret_seq, uint64_t *ret_t1,
                    struct jitter_reply *ret)
{
	struct ipsla_probe_ms p;

	if (ipsla_probe_ms_decode(packet->data, packet->len, &p) < 0)
		return false;
	*ret_seq = p.sequence;
	*ret_t1 = p.t1_ms;
	ret->t2_ms = p.t2_ms;
	ret->delta_ms = p.residence_ms;
	ret->count = p.responder_sequence;
	ret->unstamped = p.t2_ms == 0 && p.residence_ms == 0 && p.responder_sequence == 0;
	return true;
}

bool jitter_packet_read(const struct jitter_layout *l, const struct probe_packet *packet,
                        uint32_t *ret_seq, uint64_t *ret_t1, struct jitter_reply *ret)
{
	struct ipsla_probe_ntp p;
	int64_t peer_err_ns;

	*ret = (struct jitter_reply) { .at = packet->at, .peer_err_ns = -1 };
	if (l->type == IPSLA_PROBE_MS)
		return read_ms(packet, ret_seq, ret_t1, ret);
	if (ipsla_probe_ntp_decode(packet->data, packet->len, l->tail, &p) < 0)
		return false;
	*ret_seq = p.sequence;
	*ret_t1 = p.t1;
	ret->t2 = wall_from_ntp64(p.t2, packet->at.at);
	ret->t3 = wall_from_ntp64(p.t3, packet->at.at);
	ret->count = p.responder_sequence;
	ret->unstamped = p.t2 == 0 && p.t3 == 0;
	if (ipsla_offset_to_ns(p.responder_offset, &peer_err_ns))
		ret->peer_err_ns = peer_err_ns;
	return true;
}

bool jitter_packet_is_intact(const struct jitter_layout *l, const struct probe_packet *packet)
{
	return packet->len == l->len &&
	       ipsla_fill_matches(packet->data + l->header_len, packet->len - l->header_len,
	                          IPSLA_FILL_DEFAULT);
}
