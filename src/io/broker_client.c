/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's side of the broker: one request, one reply. */
#include "io/broker.h"

#include "base/clocktypes.h"
#include "io/broker_message.h"
#include "io/lockstep.h"
#include "io/rt_sched.h"
#include <errno.h>
#include <sys/syscall.h>

#define REPLY_WAIT_NS NS_PER_S

/* 0 with *ret_fd (-1: none came), or -errno with ``d``. */
static int ask(struct broker_client *c, struct broker_request *q, struct diag *d, int *ret_fd)
{
	q->head = (struct lockstep_head) { BROKER_MAGIC, ++c->serial };
	return lockstep_ask(c->fd, &q->head, sizeof(*q), -1, REPLY_WAIT_NS, d, ret_fd);
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
		.verb = BROKER_SCTP,
		.local.port = encaps_port,
		.peer.port = port,
	};

	return ask_for_fd(c, &q, d);
}
