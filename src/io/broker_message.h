/* SPDX-License-Identifier: Apache-2.0 */
/* What engine and broker say to each other; fixed sizes, no implicit padding.  Inside io/ only. */
#ifndef CANDOR_IO_BROKER_MESSAGE_H
#define CANDOR_IO_BROKER_MESSAGE_H

#include "base/diag.h"
#include "io/lockstep.h"
#include "io/udp_socket.h"
#include <assert.h>
#include <stdint.h>

#define BROKER_MAGIC 0x43424b32u /* "CBK2": changes with the layout */

enum broker_verb {
	BROKER_OPEN = 1,
	BROKER_RT_SCHED,
	BROKER_SCTP, /* local.port: encapsulation, peer.port: SCTP; else nothing */
};

/* An endpoint without anything that could hold an invalid value, such as a bool. */
struct broker_endpoint {
	uint8_t family, zero;
	uint16_t port;
	uint32_t scope_id;
	uint8_t bytes[16];
};

struct broker_request {
	struct lockstep_head head;
	uint32_t verb; /* enum broker_verb */
	int32_t tid;   /* BROKER_RT_SCHED; else 0 */
	uint8_t kind, tos, ttl;
	uint8_t rx_stamps, tx_stamps, reuse_port, packet_info;     /* 0 or 1 */
	uint8_t icmp_errors, unconnected, no_fragments, broadcast; /* 0 or 1 */
	uint8_t icmp, priority;
	uint8_t zero;
	uint16_t vrf, device, ethertype;
	uint32_t mark, flow_label;
	uint32_t receive_buffer_bytes;
	struct broker_endpoint local, peer;
};

static_assert(sizeof(struct broker_endpoint) == 24, "no padding");
static_assert(sizeof(struct broker_request) == 48 + 48, "no padding");

struct broker_request broker_request_from_spec(const struct sock_spec *s);

/* Check every field; 0 and the request as a specification, or -EINVAL / -EPERM (not for the
 * broker). */
NODISCARD int broker_request_check(const struct broker_request *q, struct sock_spec *ret);

#endif
