/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's side of the broker: one request, one reply. */
#include "io/broker.h"

#include "base/clocktypes.h"
#include "io/broker_message.h"
#include "io/fd_pass.h"
#include "io/clock.h"
#include "io/rt_sched.h"
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#define REPLY_WAIT_NS NS_PER_S

static mono_t now(void)
{
	return clock_system()->mono(clock_system());
}

/* Receive one message; 1 and the descriptor that came with it (-1: none), 0: nothing there. */
static int receive(int fd, struct broker_reply *r, int *ret_fd)
{
	CLEANUP(fd_closep) int passed = -1;
	ssize_t n = fd_pass_receive(fd, r, sizeof(*r), &passed);

	if (n < 0)
		return n == -EAGAIN ? 0 : (int)n;
	if (n == 0)
		return -EPIPE;
	if (n != (ssize_t)sizeof(*r) || r->magic != BROKER_MAGIC)
		return -EBADMSG;
	*ret_fd = fd_steal(&passed);
	return 1;
}

/* The reply with this serial number; replies to earlier requests that we gave up on are dropped
 * with what they bring. */
static int wait_reply(const struct broker_client *c, struct broker_reply *r, int *ret_fd)
{
	mono_t deadline = mono_add_ns(now(), REPLY_WAIT_NS);

	for (;;) {
		int rc = receive(c->fd, r, ret_fd);

		if (rc < 0)
			return rc;
		if (rc == 1 && r->serial == c->serial)
			return 0;
		if (rc == 1) {
			fd_closep(ret_fd);
			continue;
		}
		int64_t left_ns = mono_diff_ns(deadline, now());
		struct pollfd p = { .fd = c->fd, .events = POLLIN };

		if (left_ns <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return -errno;
	}
}

/* 0 with *ret_fd (-1: none came), or -errno with ``d``. */
static int ask(struct broker_client *c, struct broker_request *q, struct diag *d, int *ret_fd)
{
	struct broker_reply r = { 0 };
	int fd = -1;

	q->serial = ++c->serial;
	int rc = send(c->fd, q, sizeof(*q), MSG_NOSIGNAL | MSG_DONTWAIT) < 0
	                 ? -errno
	                 : wait_reply(c, &r, &fd);

	if (rc < 0)
		return diag_set(d, rc, "the broker process does not answer: %s", strerror(-rc));
	if (r.error < 0) {
		fd_closep(&fd);
		return diag_set(d, r.error, "%.*s", (int)sizeof(r.text) - 1, r.text);
	}
	*ret_fd = fd;
	return 0;
}

/* As ask(), for what must bring a descriptor. */
static int ask_for_fd(struct broker_client *c, struct broker_request *q, struct diag *d)
{
	int fd = -1;
	int rc = ask(c, q, d, &fd);

	if (rc < 0)
		return rc;
	return fd >= 0 ? fd : diag_set(d, -EBADMSG, "the broker process sent no descriptor");
}

static int client_open(struct sock_opener *o, const struct sock_spec *spec, struct diag *d)
{
	struct broker_client *c = container_of(o, struct broker_client, opener);

	if (!broker_is_needed(spec))
		return sock_open_here(spec, d);
	struct broker_request q = broker_request_from_spec(spec);

	return ask_for_fd(c, &q, d);
}

void broker_client_init(struct broker_client *c, int fd)
{
	*c = (struct broker_client) { .opener = { .open = client_open }, .fd = fd };
}

int broker_client_rt_sched(struct broker_client *c, struct diag *d)
{
	struct broker_request q = {
		.magic = BROKER_MAGIC,
		.verb = BROKER_RT_SCHED,
		.tid = (int32_t)syscall(SYS_gettid),
	};
	int fd = -1;
	int rc = ask(c, &q, d, &fd);

	if (rc == 0)
		fd_closep(&fd);              /* none belongs to this answer */
	else if (rt_sched_set(0, NULL) == 0) /* a limit (RLIMIT_RTPRIO) may allow it all the same */
		rc = 0;
	return rc;
}

int broker_client_start_sctp(struct broker_client *c, uint16_t encaps_port, uint16_t port,
                             struct diag *d)
{
	struct broker_request q = {
		.magic = BROKER_MAGIC,
		.verb = BROKER_SCTP,
		.local.port = encaps_port,
		.peer.port = port,
	};

	return ask_for_fd(c, &q, d);
}
