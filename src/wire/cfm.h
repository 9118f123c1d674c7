/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of connectivity fault management in whole Ethernet frames: loopback (IEEE 802.1Q section 21.7) and two-way
 * delay measurement (ITU-T Y.1731 section 9.15, 9.16).  Pure functions. */
#ifndef CANDOR_WIRE_CFM_H
#define CANDOR_WIRE_CFM_H

#include "base/cleanup.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CFM_ETHERTYPE 0x8902u
#define CFM_MAC       6u
#define CFM_LEVEL_MAX 7u
#define CFM_VLAN_MAX  4094u
#define CFM_DATA_MAX  1400u /* octets of the data TLV that we ever send */
/* Addresses, tag, type, header, transaction, data TLV, end TLV. */
#define CFM_FRAME_MAX (2 * CFM_MAC + 4 + 2 + 4 + 4 + 3 + CFM_DATA_MAX + 1)

enum cfm_opcode {
	CFM_LBR = 2,
	CFM_LBM = 3,
	CFM_DMR = 46,
	CFM_DMM = 47,
};

/* Seconds and nanoseconds as on the wire; what epoch they count from, the clock of the sender knows.  All zero: no
 * time. */
struct cfm_time {
	uint32_t s, ns; /* ns: below 10^9 */
};

struct cfm_frame {
	uint8_t to[CFM_MAC], from[CFM_MAC];
	bool is_tagged;
	uint16_t vlan;        /* 0-4094, with is_tagged */
	uint8_t priority;     /* 0-7, with is_tagged */
	uint8_t level;        /* of the maintenance domain, 0-7 */
	uint8_t opcode;       /* enum cfm_opcode */
	uint32_t transaction; /* loopback */
	size_t data_len;      /* of the data TLV; 0: none */
	const uint8_t *data;  /* decoded: into the frame.  To encode: NULL for zeroes */
	/* Delay measurement: sent there, received there, sent back, received back. */
	struct cfm_time t1, t2, t3, t4;
};

/* Build a whole frame without padding; its length, -EINVAL for an opcode or a value out of range, or -ENOBUFS. */
NODISCARD ssize_t cfm_encode(const struct cfm_frame *f, uint8_t *buf, size_t cap);

/* Read a frame, whose tag may have been taken off.  0; -ENOMSG: not of CFM, or of another opcode; -EBADMSG: short, of
 * another version, with a TLV that leads out of it or a time that is none.  Padding behind the end TLV is left alone. */
NODISCARD int cfm_decode(const uint8_t *buf, size_t len, struct cfm_frame *ret);

/* A hardware address: `0200.5e00.5301` or `02:00:5e:00:53:01`, of one station.  0 or -EINVAL. */
NODISCARD int cfm_mac_parse(const char *text, uint8_t ret[static CFM_MAC]);

#endif
