/* SPDX-License-Identifier: Apache-2.0 */
/* Packet sockets for the path emulator.  Linux: PACKET_VNET_HDR gives the offset of a checksum that
 * the sender's kernel left undone; PACKET_IGNORE_OUTGOING keeps our own frames out (4.20). */
#include "pathemu_port.h"
#include "base/clocktypes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#define BUFFER_BYTES (4 << 20)
#define RX_STAMPS    (SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_RX_SOFTWARE)
#define TX_STAMPS                                                                             \
	(SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE | SOF_TIMESTAMPING_OPT_ID | \
	 SOF_TIMESTAMPING_OPT_TSONLY)
#define STAMP_CONTROL CMSG_SPACE(sizeof(struct scm_timestamping))

static int set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

static void set_buffers(int fd)
{
	/* the forced size needs CAP_NET_ADMIN outside the test's own user namespace; the plain one
	 * is the best we can get without, and drops are counted */
	if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES) < 0)
		(void)set_int(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
	if (set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES) < 0)
		(void)set_int(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
}

/* A packet socket of ``protocol`` on interface ``index`` of the current namespace. */
static int open_socket(unsigned index, uint16_t protocol)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
		                  .sll_protocol = htons(protocol),
		                  .sll_ifindex = (int)index };
	struct packet_mreq promisc = { .mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC };
	CLEANUP(fd_closep) int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0)
		return -errno;
	set_buffers(fd);
	rc = set_int(fd, SOL_SOCKET, SO_TIMESTAMPING, protocol ? RX_STAMPS : TX_STAMPS);
	if (rc == 0 && protocol)
		rc = set_int(fd, SOL_PACKET, PACKET_VNET_HDR, 1);
	if (rc == 0 && protocol)
		rc = set_int(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, 1);
	if (rc == 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		rc = -errno;
	if (rc == 0 && protocol &&
	    setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc, sizeof(promisc)) < 0)
		rc = -errno;
	return rc < 0 ? rc : fd_steal(&fd);
}

static int open_pair(const char *name, struct port *p, struct diag *d)
{
	unsigned index = if_nametoindex(name);
	CLEANUP(fd_closep) int rx = -1;
	CLEANUP(fd_closep) int tx = -1;

	if (index == 0)
		return diag_set(d, -ENODEV, "no interface '%s' in that namespace", name);
	rx = open_socket(index, ETH_P_ALL);
	if (rx < 0)
		return diag_set(d, rx, "cannot listen on '%s': %s", name, strerror(-rx));
	tx = open_socket(index, 0);
	if (tx < 0)
		return diag_set(d, tx, "cannot send on '%s': %s", name, strerror(-tx));
	p->rx_fd = fd_steal(&rx);
	p->tx_fd = fd_steal(&tx);
	return 0;
}

int port_open(const char *spec, struct port *ret, struct diag *d)
{
	const char *colon = strrchr(spec, ':');
	char path[256];
	CLEANUP(fd_closep) int home = -1;
	CLEANUP(fd_closep) int there = -1;
	struct port p = { .rx_fd = -1, .tx_fd = -1 };
	int rc;

	if (!colon) {
		rc = open_pair(spec, &p, d);
		if (rc == 0)
			*ret = p;
		return rc;
	}
	if ((size_t)(colon - spec) >= sizeof(path))
		return diag_set(d, -EINVAL, "the namespace's path is too long");
	memcpy(path, spec, (size_t)(colon - spec));
	path[colon - spec] = '\0';
	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	there = open(path, O_RDONLY | O_CLOEXEC);
	if (home < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		return diag_set(d, -errno, "cannot join namespace '%s': %s", path, strerror(errno));
	rc = open_pair(colon + 1, &p, d);
	if (setns(home, CLONE_NEWNET) < 0) {
		port_close(&p);
		return diag_set(d, -errno, "cannot leave namespace '%s'", path);
	}
	if (rc == 0)
		*ret = p;
	return rc;
}

void port_close(struct port *p)
{
	fd_closep(&p->rx_fd);
	fd_closep(&p->tx_fd);
}

/* The software stamp among the control messages, in ns; 0: there is none. */
static int64_t stamp_of(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct scm_timestamping t;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SO_TIMESTAMPING)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof(t));
		return (int64_t)t.ts[0].tv_sec * NS_PER_S + t.ts[0].tv_nsec;
	}
	return 0;
}

static int64_t wall_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t); /* cannot fail with a valid clock and pointer */
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

int port_receive(struct port *p, struct port_frame *f, bool *ret_more)
{
	struct virtio_net_hdr head;
	struct iovec parts[] = { { &head, sizeof(head) }, { f->octets, FRAME_MAX } };
	_Alignas(struct cmsghdr) uint8_t control[STAMP_CONTROL + 64];
	struct msghdr msg = { .msg_iov = parts,
		              .msg_iovlen = ARRAY_LEN(parts),
		              .msg_control = control,
		              .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(p->rx_fd, &msg, MSG_TRUNC);

	*ret_more = n >= 0;
	if (n < 0)
		return errno == EAGAIN || errno == EINTR || errno == ENETDOWN ? 0 : -errno;
	if (n < (ssize_t)sizeof(head))
		return 0;
	if (head.gso_type != VIRTIO_NET_HDR_GSO_NONE) {
		p->segments++;
		return 0;
	}
	f->len = (size_t)n - sizeof(head);
	if (f->len > FRAME_MAX) {
		p->too_long++;
		return 0;
	}
	f->in_ns = stamp_of(&msg);
	f->is_kernel_stamp = f->in_ns != 0;
	if (!f->is_kernel_stamp)
		f->in_ns = wall_now_ns();
	f->csum_completed = head.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM;
	if (f->csum_completed &&
	    frame_complete_csum(f->octets, f->len, head.csum_start, head.csum_offset) < 0)
		return 0;
	return 1;
}

int port_send(struct port *p, const uint8_t *frame, size_t len, uint32_t *ret_id)
{
	if (send(p->tx_fd, frame, len, 0) < 0) {
		int rc = -errno;

		/* the kernel may have counted the failed send: start its count again from 0 */
		if (set_int(p->tx_fd, SOL_SOCKET, SO_TIMESTAMPING, 0) == 0 &&
		    set_int(p->tx_fd, SOL_SOCKET, SO_TIMESTAMPING, TX_STAMPS) == 0)
			p->next_tx_id = 0;
		return rc;
	}
	*ret_id = p->next_tx_id++;
	return 0;
}

int port_stamp(struct port *p, uint32_t *ret_id, int64_t *ret_out_ns)
{
	_Alignas(struct cmsghdr) uint8_t control[512];
	struct msghdr msg = { .msg_control = control, .msg_controllen = sizeof(control) };

	if (recvmsg(p->tx_fd, &msg, MSG_ERRQUEUE) < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		struct sock_extended_err e;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_TX_TIMESTAMP)
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_origin != SO_EE_ORIGIN_TIMESTAMPING)
			continue;
		*ret_id = e.ee_data;
		*ret_out_ns = stamp_of(&msg);
		return *ret_out_ns ? 1 : 0;
	}
	return 0;
}

void port_count_drops(struct port *p)
{
	struct tpacket_stats stats;
	socklen_t len = sizeof(stats);

	if (p->rx_fd >= 0 && getsockopt(p->rx_fd, SOL_PACKET, PACKET_STATISTICS, &stats, &len) == 0)
		p->kernel_drops += stats.tp_drops;
}
