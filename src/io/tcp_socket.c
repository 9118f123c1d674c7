/* SPDX-License-Identifier: Apache-2.0 */
/* TCP for tcp-connect and its responder. */
#include "io/tcp_socket.h"

#include "base/clocktypes.h"
#include "io/sockaddr.h"
#include "io/udp_socket.h"
#include <errno.h>
#include <linux/tcp.h>
#include <string.h>
#include <sys/socket.h>

int tcp_connect_start(int fd, const struct inet_endpoint *peer, uint32_t flow_label)
{
	union sockaddr_any sa;
	socklen_t len = sockaddr_from_endpoint(peer, &sa);

	sockaddr_set_flow_label(&sa, flow_label);
	if (connect(fd, &sa.sa, len) == 0 || errno == EINPROGRESS)
		return 0;
	return -errno;
}

static int tcp_info(int fd, struct tcp_info *to)
{
	socklen_t len = sizeof(*to);

	memset(to, 0, sizeof(*to));
	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, to, &len) < 0 ? -errno : 0;
}

int tcp_connect_result(int fd)
{
	union sockaddr_any peer;
	socklen_t len = sizeof(peer);
	int error = 0;
	socklen_t error_len = sizeof(error);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &error_len) < 0)
		return -errno;
	if (error)
		return -error;
	if (getpeername(fd, &peer.sa, &len) == 0)
		return 0;
	return errno == ENOTCONN ? -EINPROGRESS : -errno;
}

int tcp_connect_rtt(int fd, int64_t *ret_rtt_ns)
{
	struct tcp_info info;
	int rc = tcp_info(fd, &info);

	if (rc < 0)
		return rc;
	if (info.tcpi_rtt == 0 || info.tcpi_total_retrans > 0)
		return -ENODATA;
	*ret_rtt_ns = (int64_t)info.tcpi_rtt * NS_PER_US;
	return 0;
}

int tcp_accept(int fd, struct inet_endpoint *ret_peer, struct inet_endpoint *ret_local)
{
	for (;;) {
		union sockaddr_any sa = { 0 };
		socklen_t len = sizeof(sa);
		CLEANUP(fd_closep)
		int accepted = accept4(fd, &sa.sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (accepted < 0) {
			if (errno == ECONNABORTED || errno == EINTR)
				continue;
			return -errno;
		}
		if (sock_local(accepted, ret_local) < 0)
			continue; /* reset meanwhile */
		*ret_peer = sockaddr_to_endpoint(&sa);
		return fd_steal(&accepted);
	}
}

/* EINTR cannot happen on a non-blocking socket. */
ssize_t tcp_read(int fd, uint8_t *buf, size_t cap)
{
	ssize_t n = recv(fd, buf, cap, MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

ssize_t tcp_write(int fd, const uint8_t *buf, size_t len)
{
	ssize_t n = send(fd, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

	return n < 0 ? -errno : n;
}

void tcp_tune_session(int fd)
{
	static const struct {
		int level, option, value;
	} options[] = {
		{ IPPROTO_TCP, TCP_NODELAY, 1 },   { SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 60 }, { IPPROTO_TCP, TCP_KEEPINTVL, 15 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 4 },
	};

	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		(void)setsockopt(fd, options[i].level, options[i].option, &options[i].value,
		                 sizeof(options[i].value));
}

void tcp_abort(int fd)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (fd < 0)
		return;
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)close(fd);
}
