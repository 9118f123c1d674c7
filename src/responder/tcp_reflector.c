/* SPDX-License-Identifier: Apache-2.0 */
/* Connections in, FINs out. */
#include "responder/tcp_reflector.h"

#include "io/clock.h"
#include "io/tcp_socket.h"
#include "responder/open_ports.h"
#include "responder/reflect.h"

#include <errno.h>

#define ACCEPTS_PER_TURN 64

void tcp_reflector_ready(struct loop_fd *watch, uint32_t events, mono_t now)
{
	struct open_port *port = container_of(watch, struct open_port, watch);
	struct open_ports *set = port->set;
	const boot_t boot = set->clock->boot(set->clock);

	(void)events;
	(void)now;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		struct inet_endpoint peer, local;
		CLEANUP(fd_closep) int fd = tcp_accept(watch->fd, &peer, &local);

		if (fd == -EAGAIN)
			return;
		if (fd < 0) {
			open_port_pause(port);
			return;
		}
		if (!reflect_admit_tcp(set->core, &peer, &local, port->is_permanent, boot))
			tcp_abort(fd_steal(&fd));
	}
}
