/* SPDX-License-Identifier: Apache-2.0 */
/* The packets of a udp-jitter run: which layout they have, writing one, reading its reply.  Pure. */
#ifndef CANDOR_PROBE_JITTER_PACKET_H
#define CANDOR_PROBE_JITTER_PACKET_H

#include "probe/probe.h"
#include "sla/jitter_run.h"
#include "wire/ipsla_probe.h"
#include <stdbool.h>
#include <sys/types.h>

struct jitter_layout {
	enum ipsla_probe_type type; /* IPSLA_PROBE_MS or IPSLA_PROBE_NTP */
	enum ipsla_tail tail;       /* type 3 */
	uint32_t header_len;        /* octets before the fill */
	uint32_t len;               /* of the whole packet */
	uint64_t clock_offset;      /* type 3: ours, as the field has it */
};

/* Room that a packet of this operation needs in any layout. */
size_t jitter_packet_room(const struct op_params *p);

/* Layout and size by what opened the session (`control` as used: version 2 means RFC 6812).  A size
 * that cannot hold the header is raised to it: the default of 32 octets is shorter than type 3. */
struct jitter_layout jitter_layout_choose(const struct op_params *p, enum sla_control control,
                                          const struct clock_grade *grade);

/* Fill a whole packet, header not yet written. */
void jitter_packet_fill(const struct jitter_layout *l, uint8_t *packet);

/* Write the header of packet ``seq``; *ret_t1 is T1 as it goes out.  Its length, or -errno. */
NODISCARD ssize_t jitter_packet_write(const struct jitter_layout *l, uint8_t *packet, uint32_t seq,
                                      wall_t now, uint64_t *ret_t1);

/* What a datagram says if it is a reply of this layout: its sequence number, T1 as it came back, and
 * the figures (``corrupted`` false).  False: it is none. */
bool jitter_packet_read(const struct jitter_layout *l, const struct probe_packet *packet,
                        uint32_t *ret_seq, uint64_t *ret_t1, struct jitter_reply *ret);

/* Length and fill are as we sent them. */
bool jitter_packet_is_intact(const struct jitter_layout *l, const struct probe_packet *packet);

#endif
