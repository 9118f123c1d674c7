/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers in lock step. */
#include "io/lockstep.h"

#include "base/clocktypes.h"
#include "io/clock.h"
#include "io/fd_pass.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int lockstep_pair(int *ret_serving_fd, int *ret_asking_fd)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	*ret_serving_fd = fds[0];
	*ret_asking_fd = fds[1];
	return 0;
}

/* --- asking -------------------------------------------------------------------------------------- */

static mono_t now(void)
{
	return clock_system()->mono(clock_system());
}

/* Receive one answer; 1 and the descriptor that came with it (-1: none), 0: nothing there. */
static int receive_reply(int fd, uint32_t magic, struct lockstep_reply *r, int *ret_fd)
{
	CLEANUP(fd_closep) int passed = -1;
	ssize_t n = fd_pass_receive(fd, r, sizeof(*r), &passed);

	if (n < 0)
		return n == -EAGAIN ? 0 : (int)n;
	if (n == 0)
		return -EPIPE;
	if (n != (ssize_t)sizeof(*r) || r->head.magic != magic)
		return -EBADMSG;
	*ret_fd = fd_steal(&passed);
	return 1;
}

static int wait_reply(int fd, const struct lockstep_head *head, int64_t wait_ns,
                      struct lockstep_reply *r, int *ret_fd)
{
	mono_t deadline = mono_add_ns(now(), wait_ns);

	for (;;) {
		int rc = receive_reply(fd, head->magic, r, ret_fd);

		if (rc < 0)
			return rc;
		if (rc == 1 && r->head.serial == head->serial)
			return 0;
		if (rc == 1) {
			fd_closep(ret_fd);
			continue;
		}
		int64_t left_ns = mono_diff_ns(deadline, now());
		struct pollfd p = { .fd = fd, .events = POLLIN };

		if (left_ns <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)(left_ns / NS_PER_MS) + 1) < 0 && errno != EINTR)
			return -errno;
	}
}

int lockstep_ask(int fd, const struct lockstep_head *head, size_t len, int passed, int64_t wait_ns,
                 struct diag *d, int *ret_fd)
{
	struct lockstep_reply r = { 0 };
	int got = -1;
	int rc = fd_pass_send(fd, head, len, passed);

	if (rc == 0)
		rc = wait_reply(fd, head, wait_ns, &r, &got);
	if (rc < 0)
		return diag_set(d, rc, "the broker process does not answer: %s", strerror(-rc));
	if (r.error < 0) {
		fd_closep(&got);
		return diag_set(d, r.error, "%.*s", (int)sizeof(r.text) - 1, r.text);
	}
	*ret_fd = got;
	return 0;
}

/* --- serving ------------------------------------------------------------------------------------- */

int lockstep_receive(int fd, uint32_t magic, void *request, size_t len, int *ret_passed)
{
	struct lockstep_head head;
	CLEANUP(fd_closep) int passed = -1;
	ssize_t n;

	if (ret_passed) {
		n = fd_pass_receive(fd, request, len, &passed);
	} else {
		/* No control buffer: descriptors are dropped by the kernel.  MSG_TRUNC: the true
		 * length, so that a longer message is seen as one. */
		n = recv(fd, request, len, MSG_DONTWAIT | MSG_TRUNC);
		n = n >= 0 ? n : errno == EINTR ? -EAGAIN : -errno;
	}
	if (n == -EAGAIN)
		return 0;
	if (n == 0 ||
	    n == -ECONNRESET) /* the end of the connection (or an empty message: as bad) */
		return -EPIPE;
	if (n < 0)
		return n == -EMSGSIZE ? -EBADMSG : (int)n;
	memcpy(&head, request, sizeof(head));
	if ((size_t)n != len || head.magic != magic)
		return -EBADMSG;
	if (ret_passed)
		*ret_passed = fd_steal(&passed);
	return 1;
}

int lockstep_answer(int fd, const struct lockstep_head *head, int error, const struct diag *d,
                    int passed)
{
	struct lockstep_reply r = { .head = *head, .error = error };

	(void)snprintf(r.text, sizeof(r.text), "%s", error ? d->text : "");
	int rc = fd_pass_send(fd, &r, sizeof(r), passed);

	/* A full socket means that requests were sent without reading the answers: their loss. */
	return rc == -EAGAIN ? 0 : rc == -ECONNRESET ? -EPIPE : rc;
}
