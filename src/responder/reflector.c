/* SPDX-License-Identifier: Apache-2.0 */
/* Probes in, replies out. */
#include "responder/reflector.h"

#include "io/clock.h"
#include "io/udp_socket.h"
#include "responder/open_ports.h"
#include "responder/reflect.h"

/* Answers that wait to be written. */
struct reply_batch {
	unsigned count;
	struct dgram *dgrams[DGRAM_BATCH];
	struct reflect_plan plans[DGRAM_BATCH];
};

static void admit(struct open_port *port, struct dgram *g, boot_t now, struct reply_batch *out)
{
	if (g->to.family == INET_NONE)
		g->to = port->local.addr;
	const struct probe p = {
		.data = g->data,
		.len = g->len,
		.truncated = g->truncated,
		/* One packet to a group makes many answers: only whoever asked us gets one. */
		.is_permanent = port->is_permanent && !inet_addr_is_group(&g->to),
		.from = g->from,
		.local = { g->to, port->local.port },
	};

	if (!reflect_admit(port->set->core, &p, now, &out->plans[out->count]))
		return;
	out->dgrams[out->count++] = g;
}

/* Write and send one group, beginning at ``first``. */
static void send_group(struct open_port *port, const struct reply_batch *out, unsigned first,
                       unsigned count)
{
	struct responder_core *core = port->set->core;
	struct clock *clock = port->set->clock;
	const wall_t begin = clock->wall(clock);
	uint64_t octets = 0;

	for (unsigned i = first; i < first + count; i++) {
		struct dgram *g = out->dgrams[i];

		/* Probes to a group are answered from the address of the way back. */
		if (inet_addr_is_group(&g->to))
			g->to = (struct inet_addr) { 0 };
		if (!reflect_write(core, g->data, g->len, &out->plans[i], g->at.at,
		                   clock->wall(clock)))
			g->len = 0; /* cannot be: it was judged before */
		octets += g->len;
	}
	unsigned sent = dgram_reply(port->watch.fd, &out->dgrams[first], count);
	int64_t late_ns = wall_diff_ns(clock->wall(clock), begin);

	/* Sizes differ, and the kernel does not say which ones it refused: their share. */
	core->counters.bytes_out += sent == count ? octets : octets * sent / count;
	core->counters.probes_answered += sent;
	core->counters.drops[DROP_SEND_FAILED] += count - sent;
	if (late_ns > core->counters.t3_late_max_ns)
		core->counters.t3_late_max_ns = late_ns;
}

void reflector_ready(struct loop_fd *watch, uint32_t events, mono_t now)
{
	struct open_port *port = container_of(watch, struct open_port, watch);
	struct open_ports *set = port->set;
	struct reply_batch out = { 0 };
	struct dgram *dgrams;

	(void)events;
	(void)now;
	int n = dgram_receive(watch->fd, set->batch, set->clock, &dgrams);
	const boot_t boot = set->clock->boot(set->clock);
	const struct clock_grade grade = set->clock->grade(set->clock);

	set->core->clock_err_ns = grade.source == CLOCK_SOURCE_NONE ? -1 : grade.err_ns;
	for (int i = 0; i < n; i++)
		admit(port, &dgrams[i], boot, &out);
	for (unsigned first = 0; first < out.count; first += REFLECTOR_GROUP) {
		unsigned left = out.count - first;

		send_group(port, &out, first, left < REFLECTOR_GROUP ? left : REFLECTOR_GROUP);
	}
}
