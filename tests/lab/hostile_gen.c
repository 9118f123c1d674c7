/* SPDX-License-Identifier: Apache-2.0 */
/* Templates and mutations.  Layouts: RFC 6812; control version 1 and probes as in docs/design.md. */
#include "hostile_gen.h"

#include <string.h>

#define NONE (-1)

enum template_kind {
	CONTROL_V1,
	CONTROL_V2,
	PROBE,
};

/* One valid message; octets that depend on the two ends are put in at the offsets. */
struct template
{
	enum template_kind kind;
	uint8_t family; /* 0: either */
	int target_at[2], source_at[2], port_at;
	const char *hex;
};

#define AUTH_V1    "0001001c 00000000 00000000 00000000 00000000 00000000 00000000"
#define ZERO_12    "00000000 00000000 00000000 "
#define ZERO_16    ZERO_12 "00000000 "
#define FILL_16    "abcdabcd abcdabcd abcdabcd abcdabcd "
#define V2_NO_AUTH "00010000 0000000c 00000000 "
/* addresses of 4 octets and 12 of padding, or of 16 */
#define V2_ADDRESSES ZERO_16 ZERO_16 ZERO_16 ZERO_16
#define NTP_NOW      "ed01b425 80000000 "
#define NTP_EMPTY    ZERO_16 "00000000 00000000 "

static const struct template templates[] = {
	/* echo, tcp-connect, jitter, and the IPv6 forms */
	{ CONTROL_V1,
	  INET_V4,
	  { 16, NONE },
	  { NONE, NONE },
	  20,
	  "01210034 00000000 00020010 00000000 00000000 000007d0" AUTH_V1 },
	{ CONTROL_V1,
	  INET_V4,
	  { 16, NONE },
	  { NONE, NONE },
	  20,
	  "01220034 00000000 00030010 00000000 00000000 000007d0" AUTH_V1 },
	{ CONTROL_V1,
	  INET_V4,
	  { 16, NONE },
	  { NONE, NONE },
	  20,
	  "01230034 00000000 00040010 00000000 00000000 000007d0" AUTH_V1 },
	{ CONTROL_V1,
	  INET_V6,
	  { 16, NONE },
	  { NONE, NONE },
	  32,
	  "01240044 00000000 00080020 00000000" ZERO_16 "00000000 000007d0" AUTH_V1 },
	{ CONTROL_V1,
	  INET_V6,
	  { 16, NONE },
	  { NONE, NONE },
	  32,
	  "01240044 00000000 00060020 00000000" ZERO_16 "00000000 000007d0" AUTH_V1 },
	/* RFC 6812: short and long form, authentication modes 0, 1 and 2 */
	{ CONTROL_V2,
	  INET_V4,
	  { 64, 96 },
	  { 48, 80 },
	  118,
	  "02000000 01020304 0000007c 00000000 00000000" V2_NO_AUTH
	  "00020000 0000005c 02010000 00000000" V2_ADDRESSES "00000000 a0280000 000007d0" },
	{ CONTROL_V2,
	  INET_V6,
	  { 64, 96 },
	  { 48, 80 },
	  118,
	  "02000000 01020304 0000007c 00000000 00000000" V2_NO_AUTH
	  "00020000 0000005c 03010000 00000000" V2_ADDRESSES "00000000 a0280000 000007d0" },
	{ CONTROL_V2,
	  INET_V4,
	  { 112, 144 },
	  { 96, 128 },
	  166,
	  "02000000 00000010 000000ac 00000000 00000000 00010000 0000003c 02000007" FILL_16 FILL_16
	          FILL_16 "00020000 0000005c 02010000 00c0ffee" V2_ADDRESSES
	  "a08c0000 a08e0000 000007d0" },
	{ CONTROL_V2,
	  INET_V6,
	  { 112, 144 },
	  { 96, 128 },
	  166,
	  "02000000 00000010 000000ac 00000000 00000000 00010000 0000003c 01000007" FILL_16 FILL_16
	          FILL_16 "00020000 0000005c 03010000 00c0ffee" V2_ADDRESSES
	  "a08c0000 a08e0000 000007d0" },
	{ CONTROL_V2,
	  INET_V4,
	  { 112, 144 },
	  { 96, 128 },
	  166,
	  "02000000 00000010 000000ac " NTP_NOW "00010000 0000003c 00000000" ZERO_16 ZERO_16 ZERO_16
	  "00020000 0000005c 02010000 00c0ffee" V2_ADDRESSES "a08c0000 a08e0000 000007d0" },
	/* probes: echo, jitter in ms, in us with either tail */
	{ PROBE, 0, { NONE, NONE }, { NONE, NONE }, NONE, "00010000" FILL_16 },
	{ PROBE,
	  0,
	  { NONE, NONE },
	  { NONE, NONE },
	  NONE,
	  "00020000 02b32c95 00000000 00070000" FILL_16 },
	{ PROBE,
	  0,
	  { NONE, NONE },
	  { NONE, NONE },
	  NONE,
	  "00030000" NTP_NOW NTP_EMPTY "ffffffff ffffffff 00000000 00000000 000b0000" FILL_16 },
	{ PROBE,
	  0,
	  { NONE, NONE },
	  { NONE, NONE },
	  NONE,
	  "00030000" NTP_NOW NTP_EMPTY
	  "00000000 00200000 00000000 00000000 00010005 00000000" FILL_16 FILL_16 },
	{ PROBE, 0, { NONE, NONE }, { NONE, NONE }, NONE, "000a0000" NTP_NOW NTP_EMPTY FILL_16 },
};

/* xorshift64* */
static uint64_t draw(struct hostile_gen *g)
{
	g->random ^= g->random >> 12;
	g->random ^= g->random << 25;
	g->random ^= g->random >> 27;
	return g->random * UINT64_C(2685821657736338717);
}

/* 0 .. n - 1 */
static size_t draw_below(struct hostile_gen *g, size_t n)
{
	return n ? (size_t)(draw(g) >> 16) % n : 0;
}

static uint8_t nibble(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static size_t from_hex(const char *hex, uint8_t *to)
{
	size_t n = 0;

	while (*hex) {
		if (*hex == ' ') {
			hex++;
			continue;
		}
		to[n++] = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
		hex += 2;
	}
	return n;
}

static void put_be16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)(v & 0xff);
}

/* A valid message of ``source`` to the target. */
static size_t build(const struct hostile_gen *g, const struct template *t,
                    const struct inet_addr *source, uint8_t *buf)
{
	size_t len = from_hex(t->hex, buf);

	for (int i = 0; i < 2; i++) {
		if (t->target_at[i] != NONE)
			memcpy(buf + t->target_at[i], g->target.bytes,
			       inet_addr_octets(&g->target));
		if (t->source_at[i] != NONE)
			memcpy(buf + t->source_at[i], source->bytes, inet_addr_octets(source));
	}
	if (t->port_at != NONE)
		put_be16(buf + t->port_at, g->session_port);
	return len;
}

static size_t noise(struct hostile_gen *g, uint8_t *buf, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		buf[i] = (uint8_t)draw(g);
	return to;
}

/* Overwrite one aligned 16-bit field with a value that bounds checks get wrong. */
static void odd_field(struct hostile_gen *g, uint8_t *buf, size_t len)
{
	static const uint16_t odd[] = { 0,  1,  2,    3,    4,    7,      8,      12,
		                        60, 92, 1023, 1167, 1967, 0x7fff, 0x8000, 0xffff };

	if (len >= 2)
		put_be16(buf + 2 * draw_below(g, len / 2), odd[draw_below(g, sizeof(odd) / 2)]);
}

/* One mutation in place; returns the new length. */
static size_t mutate(struct hostile_gen *g, uint8_t *buf, size_t len)
{
	size_t more;

	switch (draw_below(g, 6)) {
	case 0:
		return draw_below(g, len + 1);
	case 1:
		more = len + 1 + draw_below(g, 64);
		return noise(g, buf, len, more < HOSTILE_MAX ? more : HOSTILE_MAX);
	case 2:
		for (size_t n = 1 + draw_below(g, 8); n && len; n--)
			buf[draw_below(g, len)] ^= (uint8_t)(1U << draw_below(g, 8));
		return len;
	case 3:
		odd_field(g, buf, len);
		return len;
	case 4: /* as an answer would look: a status, or responder fields filled */
		if (len >= 16)
			noise(g, buf, 4, 4 + draw_below(g, 12));
		return len;
	default:
		if (len)
			buf[draw_below(g, len < 4 ? len : 4)] = (uint8_t)draw(g);
		return len;
	}
}

static const struct template *choose(struct hostile_gen *g)
{
	const struct template *t;

	do
		t = &templates[draw_below(g, sizeof(templates) / sizeof(*templates))];
	while (t->family && t->family != g->target.family);
	return t;
}

size_t hostile_next(struct hostile_gen *g, const struct inet_addr *source, uint8_t *buf,
                    uint16_t *ret_port, bool *ret_is_valid)
{
	const struct template *t = choose(g);
	const uint16_t ports[] = { g->v1_port, g->v2_port, g->session_port };
	size_t kind = draw_below(g, 16);
	size_t len;

	*ret_is_valid = kind == 0;
	*ret_port = t->kind == CONTROL_V1   ? g->v1_port
	            : t->kind == CONTROL_V2 ? g->v2_port
	                                    : g->session_port;
	if (kind == 1) { /* noise */
		*ret_port = ports[draw_below(g, 3)];
		return noise(g, buf, 0, draw_below(g, draw_below(g, 8) ? 200 : HOSTILE_MAX));
	}
	len = build(g, t, source, buf);
	if (kind == 0)
		return len;
	if (kind == 2) /* a valid message where it does not belong */
		*ret_port = ports[draw_below(g, 3)];
	for (size_t n = kind == 2 ? 0 : 1 + draw_below(g, 3); n; n--)
		len = mutate(g, buf, len);
	return len;
}
