/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets with kernel stamps, and who opens them.  Nothing above io/ sees a sockaddr, a control
 * message or an error queue. */
#ifndef CANDOR_IO_UDP_SOCKET_H
#define CANDOR_IO_UDP_SOCKET_H

#include "base/cleanup.h"
#include "base/clocktypes.h"
#include "base/diag.h"
#include "base/inet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct clock;

enum sock_kind {
	SOCK_KIND_UDP,
	SOCK_KIND_TCP_LISTEN,
	SOCK_KIND_TCP_CONNECT, /* bound, not yet connected */
	SOCK_KIND_ICMP,        /* ping socket, or a raw one where the broker grants it */
	SOCK_KIND_SCTP_LISTEN,
	SOCK_KIND_PACKET, /* whole Ethernet frames of one type on one interface */
};

/* What an ICMP socket asks for. */
enum sock_icmp {
	SOCK_ICMP_ECHO,
	SOCK_ICMP_TIMESTAMP, /* RFC 792; IPv4, and never a ping socket: no identifier of its own */
};

#define SOCK_PRIORITY_MAX   6u       /* above it takes CAP_NET_ADMIN */
#define SOCK_FLOW_LABEL_MAX 0xFFFFFu /* 20 bits, RFC 8200 */
#define SOCK_ETHERTYPE_CFM  0x8902u  /* IEEE 802.1ag: the only one that the broker opens */

/* A request for a socket; fixed size, no pointers: it also travels to the broker as it is.  IPv6
 * sockets that measure are never dual stack: one for each family.  Datagrams may be fragmented (no DF). */
struct sock_spec {
	uint8_t kind; /* enum sock_kind */
	uint8_t tos;
	uint8_t ttl; /* 0: 255 */
	bool rx_stamps, tx_stamps;
	bool reuse_port;  /* SO_REUSEPORT */
	bool packet_info; /* deliver the local address of each datagram (wildcard binds) */
	bool dual_stack; /* IPv6: take IPv4, too; its addresses are shown as IPv4 ones.  Not by the broker */
	bool icmp_errors;  /* UDP, ICMP: keep ICMP errors for dgram_errors() */
	bool unconnected;  /* ``peer`` is whom we mean to send to, but others may answer */
	bool no_fragments; /* datagrams with DF; too long a one fails with -EMSGSIZE */
	bool broadcast;
	uint8_t icmp;     /* enum sock_icmp */
	uint8_t priority; /* in the queues of this host: 0 .. SOCK_PRIORITY_MAX */
	uint16_t vrf; /* number of its name (io/net_names.h): VRF device or namespace; 0: none */
	uint16_t
	        device; /* number of an interface's name: packets leave there, from its address; 0: none */
	uint16_t ethertype;  /* SOCK_KIND_PACKET */
	uint32_t mark;       /* of every packet, for routing by mark */
	uint32_t flow_label; /* IPv6; 0: the kernel's choice */
	struct inet_endpoint
	        local; /* family must be set (none: packet); unspecified address: wildcard */
	struct inet_endpoint peer;     /* family none: unconnected */
	uint32_t receive_buffer_bytes; /* 0: the system's default */
};

/* Whoever can open a socket: the process itself (one-shot probes) or the broker behind a channel
 * (candord).  open() returns a non-blocking close-on-exec descriptor or -errno with ``d`` saying
 * what to do about it (ping_group_range, port in use by …, missing capability). */
struct sock_opener {
	int (*open)(struct sock_opener *o, const struct sock_spec *spec, struct diag *d);
};

struct sock_opener *sock_opener_direct(void); /* opens with the rights of this process */
int sock_open_here(const struct sock_spec *spec, struct diag *d); /* the same, as a function */

/* The sentence for -errno of bind(2) or listen(2); returns ``error``. */
int sock_bind_sentence(const struct sock_spec *spec, int error, struct diag *d);

/* The sentence for a connect to ``to`` (port 0: a protocol without) that failed with ``error``
 * (-errno).  Returns ``error``. */
int sock_connect_sentence(const struct inet_endpoint *to, int error, struct diag *d);

/* One received datagram. */
struct dgram {
	uint8_t *data; /* points into the batch's buffers: may be rewritten in place */
	size_t len;
	bool truncated;
	struct inet_endpoint from;
	struct inet_addr to; /* local address, when packet_info was asked for; else family none */
	uint32_t ifindex;    /* 0: not known */
	struct stamp at;
	uint8_t tos, ttl;
	uint16_t vlan; /* SOCK_KIND_PACKET: tag that the kernel took off; 0: none */
};

#define DGRAM_BATCH 64
#define DGRAM_MAX   17536 /* octets: the largest payload of any operation, rounded up */

struct dgram_batch; /* buffers for DGRAM_BATCH datagrams; one a thread */

struct dgram_batch *dgram_batch_new(size_t payload_max); /* never NULL */
void dgram_batch_free(struct dgram_batch *b);

/* Read up to DGRAM_BATCH datagrams; *ret is an array that lives until the next call on ``b``.
 * Returns their number (0: nothing there), or -errno of the socket (ECONNREFUSED: ICMP said so). */
NODISCARD int dgram_receive(int fd, struct dgram_batch *b, struct clock *clock, struct dgram **ret);

/* Send one datagram; ``to`` NULL on a connected socket; ``from`` (may be NULL) is the local address
 * to answer from; tos < 0 keeps the socket's.  0 or -errno. */
NODISCARD int dgram_send(int fd, const uint8_t *data, size_t len, const struct inet_endpoint *to,
                         const struct inet_addr *from, int tos);

/* Send ``n`` datagrams, each back to its ``from`` with its ``to`` as source and its ``tos``;
 * returns how many went out (the rest were refused by the kernel and are counted by the caller). */
unsigned dgram_reply(int fd, struct dgram *const *dgrams, unsigned n);

/* One transmit stamp from the error queue.  The id is the kernel's: a counter of the socket's sends
 * from 0, kept by the socket, so one thread counts along and does all the sending.  A send that
 * failed may or may not have been counted (it depends on the kernel and on where it failed): after
 * a failed dgram_send() on a socket with transmit stamps call dgram_tx_restart() and count from 0
 * again; stamps still under way then are lost, and the user's reading serves for those packets.
 * The stamp may come from before a clock step that its offset_ns already shows: compare offset_ns
 * with that of the reading taken before the send as well. */
struct tx_stamp {
	uint32_t id;
	struct stamp at;
};

/* Drain up to ``cap`` transmit stamps; returns their number, 0 when there are none (any more), or
 * -errno.  *ret_error is the socket's pending error (-ECONNREFUSED: an ICMP error came; 0: none),
 * which is thereby cleared and will not fail the next send. */
NODISCARD int dgram_tx_stamps(int fd, struct clock *clock, struct tx_stamp *stamps, unsigned cap,
                              int *ret_error);

/* An ICMP error that a datagram of ours provoked: RFC 792, RFC 4443 section 3. */
#define DGRAM_QUOTE_MAX 64
struct dgram_icmp {
	struct inet_addr from;
	uint8_t type, code; /* of the socket's family */
	struct stamp at;
	uint8_t len;
	uint8_t quote
	        [DGRAM_QUOTE_MAX]; /* of our payload (ICMP sockets: of our message), as far as it comes */
};

/* All that the error queue holds, for sockets with icmp_errors: in: the arrays and their room; out: the counts
 * and ``error`` as *ret_error above. */
struct dgram_errors {
	struct tx_stamp *stamps;
	unsigned stamp_room, stamp_count;
	struct dgram_icmp *icmp; /* NULL: not wanted */
	unsigned icmp_room, icmp_count;
	int error;
};

/* 0, and more may wait when an array is full; or -errno. */
NODISCARD int dgram_errors(int fd, struct clock *clock, struct dgram_errors *e);

NODISCARD int dgram_tx_restart(int fd); /* the next send has id 0; 0 or -errno */

/* The local endpoint; of an ICMP socket the port is the echo identifier. */
NODISCARD int sock_local(int fd, struct inet_endpoint *ret);
/* The error that an earlier datagram of ours left, cleared with this: 0 or -errno.  The error queue stays. */
int sock_pending_error(int fd);
NODISCARD int sock_set_ttl(int fd, uint8_t ttl); /* of the datagrams from now on; 0 or -errno */

/* Hardware address of the interface of a packet socket, 6 octets.  0 or -errno. */
NODISCARD int sock_mac(int fd, uint8_t *to);
uint32_t sock_drops(int fd); /* datagrams dropped for want of buffer since open (SO_MEMINFO) */

#endif
