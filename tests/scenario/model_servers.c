/* SPDX-License-Identifier: Apache-2.0 */
/* The servers: as little of each as its client looks at. */
#include "model_servers.h"

#include "wire/cfm.h"
#include "wire/dhcp.h"
#include "wire/dns.h"

#define DNS_FLAGS_AT 2
#define DNS_COUNT_AT 6

/* A datagram back to whom this one came from. */
static void answer(struct model *m, const struct probe_flow *f, int64_t after_ns,
                   const uint8_t *data, size_t len)
{
	struct model_event like = { .flow = f->number };

	model_enter_path(m, DS, false, m->now_ns + after_ns, like, data, len);
}

void model_dns_receive(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7 };
	uint8_t buf[512];
	size_t len = e->len;

	assert_true(e->len + sizeof(record) <= sizeof(buf));
	memcpy(buf, e->data, e->len);
	buf[DNS_FLAGS_AT] |= 0x84; /* a reply, authoritative */
	buf[DNS_FLAGS_AT + 1] = (uint8_t)m->dns.rcode;
	if (m->dns.rcode == 0 && !m->dns.is_truncated) {
		memcpy(buf + len, record, sizeof(record));
		len += sizeof(record);
		buf[DNS_COUNT_AT + 1] = 1;
	}
	if (m->dns.is_truncated)
		buf[DNS_FLAGS_AT] |= 0x02;
	if (m->dns.wrong_first) { /* somebody guesses */
		buf[0] ^= 1;
		answer(m, f, 0, buf, len);
		buf[0] ^= 1;
		answer(m, f, MS(1), buf, len - 1);
		buf[DNS_HEADER + 1] ^= 1;
		answer(m, f, MS(2), buf, len);
		buf[DNS_HEADER + 1] ^= 1;
	}
	if (!m->dns.is_silent)
		answer(m, f, MS(5), buf, len);
}

/* Client's type and address fields: the decoder reads servers only. */
static uint8_t type_of(const struct model_event *e)
{
	assert_true(e->len >= 300);
	assert_int_equal(e->data[240], 53);
	return e->data[242];
}

void model_dhcp_receive(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	static const uint8_t options[] = {
		53, 1, 0, 54, 4, 192, 0, 2, 67, 51, 4, 0, 0, 0, 120, 255
	};
	uint8_t type = type_of(e), buf[300] = { 0 };

	assert_int_equal(f->local.port, DHCP_SERVER_PORT);
	assert_memory_equal(e->data + 24, f->local.addr.bytes, 4); /* giaddr */
	memcpy(buf, e->data, 240);
	memcpy(buf + 240, options, sizeof(options));
	buf[0] = 2;
	memcpy(buf + 16, (const uint8_t[]) { 192, 0, 2, 100 }, 4);
	switch (type) {
	case DHCP_DISCOVER:
		m->dhcp.discovers++;
		buf[242] = DHCP_OFFER;
		if (m->dhcp.two_offers) {
			buf[250 - 2] = 68; /* of another server */
			answer(m, f, MS(4), buf, 256);
			buf[250 - 2] = 67;
		}
		if (!m->dhcp.is_silent)
			answer(m, f, MS(3), buf, 256);
		break;
	case DHCP_REQUEST:
		m->dhcp.requests++;
		m->dhcp.is_leased = !m->dhcp.refuses;
		buf[242] = m->dhcp.refuses ? DHCP_NAK : DHCP_ACK;
		if (!m->dhcp.never_acks)
			answer(m, f, m->dhcp.ack_ns ? m->dhcp.ack_ns : MS(2), buf, 256);
		break;
	case DHCP_RELEASE:
		m->dhcp.releases++;
		assert_memory_equal(e->data + 12, "\xc0\x00\x02\x64", 4); /* ciaddr */
		m->dhcp.is_leased = false;
		break;
	default:
		fail_msg("message type %u", type);
	}
}

static struct cfm_time peer_time(const struct model *m, int64_t at_ns)
{
	int64_t wall_ns = SEC(WALL0_S) + at_ns + m->responder.clock_offset_ns;

	return (struct cfm_time) { (uint32_t)(wall_ns / SEC(1)), (uint32_t)(wall_ns % SEC(1)) };
}

void model_cfm_receive(struct model *m, const struct probe_flow *f, const struct model_event *e)
{
	uint8_t buf[CFM_FRAME_MAX], own[CFM_MAC];
	struct cfm_frame frame;
	int64_t residence_ns = m->responder.residence_ns;

	if (cfm_decode(e->data, e->len, &frame) < 0)
		return; /* damaged on the way */
	if (frame.opcode == CFM_DMM) {
		frame.opcode = CFM_DMR;
		if (!m->cfm.has_no_times) {
			frame.t2 = peer_time(m, e->at_ns);
			frame.t3 = peer_time(m, e->at_ns + residence_ns);
		}
	} else {
		assert_int_equal(frame.opcode, CFM_LBM);
		frame.opcode = CFM_LBR;
	}
	memcpy(own, frame.to, sizeof(own));
	memcpy(frame.to, frame.from, sizeof(own));
	memcpy(frame.from, own, sizeof(own));
	if (m->cfm.other_level)
		frame.level ^= 1;
	if (m->cfm.other_transaction) {
		frame.transaction++;
		frame.t1.ns ^= 1;
	}
	if (m->cfm.other_station)
		frame.from[5] ^= 1;
	if (m->cfm.other_vlan)
		frame.vlan++;
	ssize_t len = cfm_encode(&frame, buf, sizeof(buf));

	assert_true(len > 0);
	answer(m, f, residence_ns, buf, (size_t)len - m->cfm.cut);
}
