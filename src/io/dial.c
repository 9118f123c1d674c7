/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting and waiting for a person's command. */
#include "io/dial.h"

#include "io/clock.h"
#include "io/tcp_socket.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

mono_t dial_deadline(uint32_t wait_ms)
{
	return mono_add_ns(clock_system()->mono(clock_system()), (int64_t)wait_ms * NS_PER_MS);
}

int dial_wait(int fd, short events, mono_t deadline)
{
	for (;;) {
		int64_t left_ns = mono_diff_ns(deadline, clock_system()->mono(clock_system()));
		struct pollfd p = { .fd = fd, .events = events };

		if (left_ns < 0)
			left_ns = 0;
		int n = poll(&p, 1, (int)((left_ns + NS_PER_MS - 1) / NS_PER_MS));

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int dial_address(const struct addrinfo *at, mono_t deadline)
{
	CLEANUP(fd_closep)
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (fd < 0)
		return -errno;
	if (connect(fd, at->ai_addr, at->ai_addrlen) < 0 && errno != EINPROGRESS)
		return -errno;
	int error = dial_wait(fd, POLLOUT, deadline);

	if (error == 0)
		error = tcp_connect_result(fd);
	if (error < 0)
		return error;
	tcp_tune_session(fd);
	return fd_steal(&fd);
}

/* Each address in turn; each but the last may use half of the time that is left. */
static int dial_any(const struct addrinfo *list, mono_t deadline)
{
	int error = -EADDRNOTAVAIL;

	for (const struct addrinfo *at = list; at; at = at->ai_next) {
		mono_t now = clock_system()->mono(clock_system());
		int64_t left_ns = mono_diff_ns(deadline, now);

		error = dial_address(at, at->ai_next ? mono_add_ns(now, left_ns / 2) : deadline);
		if (error >= 0)
			break;
	}
	return error;
}

int dial_tcp(const char *host, uint16_t port, mono_t deadline, struct diag *d)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		                               .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list = NULL;
	char service[8];

	(void)snprintf(service, sizeof(service), "%u", port);
	int failure = getaddrinfo(host, service, &hints, &list);

	if (failure)
		return diag_set(d, -EHOSTUNREACH, "cannot resolve %s: %s", host,
		                gai_strerror(failure));
	int fd = dial_any(list, deadline);

	freeaddrinfo(list);
	if (fd == -ECONNREFUSED)
		return diag_set(d, fd,
		                "nobody serves port %u of %s: is candord running there, does its "
		                "configuration have namp tcp, and is the port right?",
		                port, host);
	if (fd == -ETIMEDOUT)
		return diag_set(d, fd,
		                "%s does not answer at port %u: is it up, and does a firewall "
		                "drop the port?",
		                host, port);
	if (fd < 0)
		return diag_set(d, fd, "cannot connect to port %u of %s: %s", port, host,
		                strerror(-fd));
	return fd;
}
