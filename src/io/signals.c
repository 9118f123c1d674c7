/* SPDX-License-Identifier: Apache-2.0 */
/* Signals as events. */
#include "io/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>

int signals_block(const int *signos)
{
	sigset_t set;

	(void)sigemptyset(&set);
	for (; *signos; signos++) {
		if (sigaddset(&set, *signos) < 0)
			return -errno;
	}
	int rc = pthread_sigmask(SIG_BLOCK, &set, NULL);

	if (rc)
		return -rc;
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int signals_read(int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

static void ready(struct loop_fd *lf, uint32_t events, mono_t now)
{
	struct signals *s = container_of(lf, struct signals, lf);
	int signo;

	(void)events;
	/* The callback may call signals_fini(): fd is then -1 and the read finds nothing. */
	while ((signo = signals_read(s->lf.fd)))
		s->caught(s, signo, now);
}

int signals_init(struct signals *s, struct loop *loop, const int *signos,
                 void (*caught)(struct signals *s, int signo, mono_t now))
{
	CLEANUP(fd_closep) int fd = signals_block(signos);

	if (fd < 0)
		return fd;
	*s = (struct signals) { .lf = { .fd = fd, .ready = ready },
		                .loop = loop,
		                .caught = caught };
	int rc = loop_add(loop, &s->lf, EPOLLIN);

	if (rc < 0) {
		s->lf.fd = -1;
		return rc;
	}
	(void)fd_steal(&fd);
	return 0;
}

void signals_fini(struct signals *s)
{
	if (s->lf.fd < 0)
		return;
	loop_remove(s->loop, &s->lf);
	fd_closep(&s->lf.fd);
}
