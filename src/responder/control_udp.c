/* SPDX-License-Identifier: Apache-2.0 */
/* Control messages in datagrams. */
#include "responder/control_udp.h"

#include "io/clock.h"
#include "io/udp_socket.h"
#include "responder/control_service.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

/* The answer in place of the request, which it never exceeds; true when there is one. */
static bool answer_in_place(const struct control_carrier *carrier, struct dgram *g, boot_t now,
                            wall_t wall)
{
	const struct control_message m = {
		.data = g->data,
		.len = g->len,
		.transport = CONTROL_UDP,
		.from = g->from,
		.to = g->to,
		.now = now,
		.wall = wall,
	};
	struct control_answer answer;

	control_service_handle(carrier->core, &m, &answer);
	if (!answer.len)
		return false;
	memcpy(g->data, answer.octets, answer.len);
	g->len = answer.len;
	return true;
}

static void control_udp_ready(struct loop_fd *watch, uint32_t events, mono_t now)
{
	struct control_udp_socket *s = container_of(watch, struct control_udp_socket, watch);
	const struct control_carrier *carrier = s->owner->carrier;
	struct clock *clock = carrier->clock;
	struct dgram *replies[DGRAM_BATCH];
	struct dgram *dgrams;
	unsigned count = 0;

	(void)events;
	(void)now;
	int n = dgram_receive(watch->fd, s->owner->batch, clock, &dgrams);
	const boot_t boot = clock->boot(clock);
	const wall_t wall = clock->wall(clock);

	for (int i = 0; i < n; i++) {
		if (answer_in_place(carrier, &dgrams[i], boot, wall))
			replies[count++] = &dgrams[i];
	}
	if (count == 0)
		return;
	unsigned sent = dgram_reply(watch->fd, replies, count);

	carrier->core->counters.drops[DROP_SEND_FAILED] += count - sent;
	carrier->changed(carrier->ctx);
}

void control_udp_init(struct control_udp *u, const struct control_carrier *carrier,
                      struct dgram_batch *batch)
{
	*u = (struct control_udp) { .carrier = carrier, .batch = batch };
	for (unsigned i = 0; i < CONTROL_UDP_SOCKETS; i++) {
		u->sockets[i].watch = (struct loop_fd) { .fd = -1, .ready = control_udp_ready };
		u->sockets[i].owner = u;
	}
}

static void close_socket(struct control_udp *u, struct control_udp_socket *s)
{
	if (s->watch.fd < 0)
		return;
	loop_remove(u->carrier->loop, &s->watch);
	fd_closep(&s->watch.fd);
}

void control_udp_fini(struct control_udp *u)
{
	for (unsigned i = 0; i < CONTROL_UDP_SOCKETS; i++)
		close_socket(u, &u->sockets[i]);
}

/* Make ``s`` serve ``port`` of ``family``; port 0: closed. */
static int set_socket(struct control_udp *u, struct control_udp_socket *s, uint8_t family,
                      uint16_t port, struct diag *d)
{
	const struct sock_spec spec = {
		.kind = SOCK_KIND_UDP,
		.rx_stamps = true,
		.packet_info = true,
		.local = { .addr = { .family = family }, .port = port },
	};

	if (s->watch.fd >= 0 && s->port == port)
		return 0;
	close_socket(u, s);
	s->port = port;
	if (port == 0)
		return 0;
	int fd = u->carrier->opener->open(u->carrier->opener, &spec, d);

	if (fd < 0)
		return fd;
	s->watch.fd = fd;
	int rc = loop_add(u->carrier->loop, &s->watch, EPOLLIN);

	if (rc == 0)
		return 0;
	fd_closep(&s->watch.fd);
	return diag_set(d, rc, "cannot watch control port %u", port);
}

int control_both_families(int v4, const struct diag *v4_diag, int v6, const struct diag *v6_diag,
                          struct diag *d)
{
	bool no_v4 = v4 == -EAFNOSUPPORT || v4 == -EADDRNOTAVAIL;
	bool no_v6 = v6 == -EAFNOSUPPORT || v6 == -EADDRNOTAVAIL;

	if (v4 < 0 && !(no_v4 && v6 == 0))
		return diag_set(d, v4, "%s", v4_diag->text);
	if (v6 < 0 && !no_v6)
		return diag_set(d, v6, "%s", v6_diag->text);
	return 0;
}

int control_udp_apply(struct control_udp *u, struct diag *d)
{
	const struct responder_cfg *cfg = &u->carrier->core->cfg;
	uint16_t ports[2] = { cfg->enabled ? cfg->v1_port : 0, cfg->enabled ? cfg->v2_port : 0 };
	int first = 0;

	if (ports[0] == ports[1])
		ports[1] = 0; /* one socket serves both versions anyway */
	/* Close first: the two ports may have changed places. */
	for (unsigned i = 0; i < CONTROL_UDP_SOCKETS; i++) {
		if (u->sockets[i].port != ports[i / 2])
			close_socket(u, &u->sockets[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct diag v4_diag = { 0 }, v6_diag = { 0 }, again;
		int v4 = set_socket(u, &u->sockets[(size_t)2 * i], INET_V4, ports[i], &v4_diag);
		int v6 = set_socket(u, &u->sockets[(size_t)2 * i + 1], INET_V6, ports[i], &v6_diag);
		int rc = control_both_families(v4, &v4_diag, v6, &v6_diag, first ? &again : d);

		first = first ? first : rc;
	}
	return first;
}
