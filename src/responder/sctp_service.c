/* SPDX-License-Identifier: Apache-2.0 */
/* Records from the SCTP process, answers to it. */
#include "responder/sctp_service.h"

#include "io/clock.h"
#include "io/tcp_socket.h"
#include "responder/control_service.h"
#include "responder/sctp_record.h"

#include <errno.h>
#include <sys/epoll.h>

#define RECORDS_PER_TURN 64

/* Returns the length of the answering record in ``r``, or 0. */
static size_t answer_record(const struct control_carrier *carrier, struct sctp_record *r)
{
	struct control_answer answer;
	struct control_message m = {
		.data = r->octets,
		.len = r->len,
		.transport = CONTROL_SCTP,
		.from = { { .family = r->family, .scope_id = r->scope_id }, r->port },
		.now = carrier->clock->boot(carrier->clock),
		.wall = carrier->clock->wall(carrier->clock),
	};

	memcpy(m.from.addr.bytes, r->address, sizeof(r->address));
	control_service_handle(carrier->core, &m, &answer);
	memcpy(r->octets, answer.octets, answer.len);
	r->len = (uint32_t)answer.len;
	return answer.len ? SCTP_RECORD_HEAD + answer.len : 0;
}

/* 1: one record was served; 0: none waits; -errno: the process is gone, or not to be believed. */
static int serve_record(struct sctp_service *s)
{
	struct sctp_record r;
	ssize_t n = tcp_read(s->watch.fd, (uint8_t *)&r, sizeof(r));

	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return n < 0 ? (int)n : -EPIPE;
	if (!sctp_record_is_good(&r, (size_t)n))
		return -EBADMSG;
	size_t len = answer_record(s->carrier, &r);

	/* A full channel loses the answer, as a network would; the sender asks again. */
	if (len && tcp_write(s->watch.fd, (const uint8_t *)&r, len) < 0)
		s->carrier->core->counters.drops[DROP_SEND_FAILED]++;
	return 1;
}

static void sctp_service_ready(struct loop_fd *watch, uint32_t events, mono_t now)
{
	struct sctp_service *s = container_of(watch, struct sctp_service, watch);
	int rc = 1;

	(void)events;
	(void)now;
	for (int i = 0; i < RECORDS_PER_TURN && rc > 0; i++)
		rc = serve_record(s);
	if (rc < 0)
		sctp_service_fini(s);
	s->carrier->changed(s->carrier->ctx);
}

void sctp_service_init(struct sctp_service *s, const struct control_carrier *carrier)
{
	*s = (struct sctp_service) {
		.watch = { .fd = -1, .ready = sctp_service_ready },
		.carrier = carrier,
	};
}

void sctp_service_fini(struct sctp_service *s)
{
	if (s->watch.fd < 0)
		return;
	loop_remove(s->carrier->loop, &s->watch);
	fd_closep(&s->watch.fd);
}

int sctp_service_attach(struct sctp_service *s, int fd)
{
	sctp_service_fini(s);
	if (fd < 0)
		return 0;
	s->watch.fd = fd;
	int rc = loop_add(s->carrier->loop, &s->watch, EPOLLIN);

	if (rc < 0)
		fd_closep(&s->watch.fd);
	return rc;
}
