/* SPDX-License-Identifier: Apache-2.0 */
/* CFM: 0 u3 level, u5 version | 1 u8 opcode | 2 u8 flags | 3 u8 offset of the first TLV behind octet 3.
 * Loopback: 4 u32 transaction, TLVs.  Delay: 4 four times of 8 octets, TLVs.  TLV: u8 type, u16 length, value; type 0
 * alone ends them. */
#include "wire/cfm.h"

#include "base/cursor.h"

#include <errno.h>
#include <string.h>

#define VLAN_ETHERTYPE 0x8100u
#define LEVEL_SHIFT    5u
#define VERSION_BITS   0x1fu
#define PRIORITY_SHIFT 13u
#define VLAN_BITS      0x0fffu
#define LOOPBACK_FIRST 4u /* offsets of the first TLV */
#define DELAY_FIRST    32u
#define TLV_END        0u
#define TLV_DATA       3u
#define NS_MAX         999999999u

static bool is_loopback(uint8_t opcode)
{
	return opcode == CFM_LBM || opcode == CFM_LBR;
}

static bool is_delay(uint8_t opcode)
{
	return opcode == CFM_DMM || opcode == CFM_DMR;
}

static void write_time(struct wr *w, struct cfm_time t)
{
	wr_be32(w, t.s);
	wr_be32(w, t.ns);
}

static struct cfm_time read_time(struct rd *r)
{
	uint32_t s = rd_be32(r);

	return (struct cfm_time) { s, rd_be32(r) };
}

static bool are_times(const struct cfm_frame *f)
{
	return f->t1.ns <= NS_MAX && f->t2.ns <= NS_MAX && f->t3.ns <= NS_MAX && f->t4.ns <= NS_MAX;
}

static bool is_sound(const struct cfm_frame *f)
{
	return (is_loopback(f->opcode) || is_delay(f->opcode)) && f->level <= CFM_LEVEL_MAX &&
	       f->data_len <= CFM_DATA_MAX && are_times(f) &&
	       (!f->is_tagged || (f->vlan <= CFM_VLAN_MAX && f->priority <= 7));
}

static void write_data(struct wr *w, const struct cfm_frame *f)
{
	if (f->data_len == 0)
		return;
	wr_u8(w, TLV_DATA);
	wr_be16(w, (uint16_t)f->data_len);
	if (f->data)
		wr_bytes(w, f->data, f->data_len);
	else
		wr_zero(w, f->data_len);
}

ssize_t cfm_encode(const struct cfm_frame *f, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	if (!is_sound(f))
		return -EINVAL;
	wr_bytes(&w, f->to, CFM_MAC);
	wr_bytes(&w, f->from, CFM_MAC);
	if (f->is_tagged) {
		wr_be16(&w, VLAN_ETHERTYPE);
		wr_be16(&w, (uint16_t)((unsigned)f->priority << PRIORITY_SHIFT | f->vlan));
	}
	wr_be16(&w, CFM_ETHERTYPE);
	wr_u8(&w, (uint8_t)(f->level << LEVEL_SHIFT));
	wr_u8(&w, f->opcode);
	wr_u8(&w, 0);
	wr_u8(&w, is_loopback(f->opcode) ? LOOPBACK_FIRST : DELAY_FIRST);
	if (is_loopback(f->opcode)) {
		wr_be32(&w, f->transaction);
	} else {
		write_time(&w, f->t1);
		write_time(&w, f->t2);
		write_time(&w, f->t3);
		write_time(&w, f->t4);
	}
	write_data(&w, f);
	wr_u8(&w, TLV_END);
	return w.bad ? -ENOBUFS : (ssize_t)wr_len(&w);
}

/* The data TLV, if there is one; false: no end, or a length that leads out of the frame. */
static bool read_tlvs(struct rd *r, struct cfm_frame *f)
{
	for (;;) {
		uint8_t type = rd_u8(r);

		if (r->bad || type == TLV_END)
			return !r->bad;
		size_t len = rd_be16(r);
		const uint8_t *value = rd_take(r, len);

		if (r->bad)
			return false;
		if (type == TLV_DATA && len > 0 && f->data_len == 0) {
			f->data = value;
			f->data_len = len;
		}
	}
}

/* The Ethernet header; 0, -EBADMSG or -ENOMSG. */
static int read_ethernet(struct rd *r, struct cfm_frame *f)
{
	rd_copy(r, f->to, CFM_MAC);
	rd_copy(r, f->from, CFM_MAC);
	uint16_t type = rd_be16(r);

	if (!r->bad && type == VLAN_ETHERTYPE) {
		uint16_t tag = rd_be16(r);

		f->is_tagged = true;
		f->vlan = tag & VLAN_BITS;
		f->priority = (uint8_t)(tag >> PRIORITY_SHIFT);
		type = rd_be16(r);
	}
	if (r->bad)
		return -EBADMSG;
	return type == CFM_ETHERTYPE ? 0 : -ENOMSG;
}

int cfm_decode(const uint8_t *buf, size_t len, struct cfm_frame *ret)
{
	struct rd r = rd_init(buf, len);
	struct cfm_frame f = { 0 };
	int rc = read_ethernet(&r, &f);

	if (rc < 0)
		return rc;
	uint8_t head = rd_u8(&r);

	f.level = head >> LEVEL_SHIFT;
	f.opcode = rd_u8(&r);
	(void)rd_u8(&r); /* flags */
	uint8_t first = rd_u8(&r), least = is_loopback(f.opcode) ? LOOPBACK_FIRST : DELAY_FIRST;

	if (r.bad || (head & VERSION_BITS) != 0)
		return -EBADMSG;
	if (!is_loopback(f.opcode) && !is_delay(f.opcode))
		return -ENOMSG;
	if (is_loopback(f.opcode)) {
		f.transaction = rd_be32(&r);
	} else {
		f.t1 = read_time(&r);
		f.t2 = read_time(&r);
		f.t3 = read_time(&r);
		f.t4 = read_time(&r);
	}
	if (first < least || !are_times(&f))
		return -EBADMSG;
	(void)rd_take(&r, (size_t)(first - least));
	if (!read_tlvs(&r, &f))
		return -EBADMSG;
	*ret = f;
	return 0;
}

/* -1: no hexadecimal digit. */
static int digit_of(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

int cfm_mac_parse(const char *text, uint8_t ret[static CFM_MAC])
{
	const size_t digits = 2 * (size_t)CFM_MAC, group = strchr(text, '.') ? 4 : 2;
	const char between = group == 4 ? '.' : ':';
	uint8_t mac[CFM_MAC] = { 0 }, all = 0;

	for (size_t i = 0; i < digits; i++) {
		if (i > 0 && i % group == 0 && *text++ != between)
			return -EINVAL;
		int digit = digit_of(*text++);

		if (digit < 0)
			return -EINVAL;
		mac[i / 2] = (uint8_t)((unsigned)mac[i / 2] << 4 | (unsigned)digit);
		all |= (uint8_t)digit;
	}
	if (*text || all == 0 || (mac[0] & 1))
		return -EINVAL;
	memcpy(ret, mac, CFM_MAC);
	return 0;
}
