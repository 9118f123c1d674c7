/* SPDX-License-Identifier: Apache-2.0 */
/* A node that measures nothing: operations 1 to N with made-up results, served on a Unix socket by the real
 * server of NAMP.  For watching `candor top` with more operations than a test host can run. */
#include "io/clock.h"
#include "io/unix_socket.h"
#include "namp/server.h"

#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake {
	struct namp_server *server;
	uint32_t count, per_tick;
	uint32_t next;       /* operation whose turn it is */
	uint64_t noise;      /* state of the generator */
	int64_t *started_ns; /* by number; 0: never ran */
	struct event *tick;
};

static int64_t wall_ns(void)
{
	return clock_system()->wall(clock_system()).ns;
}

static void fill_row(struct fake *f, uint32_t number, struct arena *a, struct doc *row)
{
	bool is_jitter = number % 3 == 0;
	bool is_lost = number % 97 == 0, is_slow = number % 53 == 0;
	int64_t rtt_ns = (int64_t)(number % 89 + 1) * NS_PER_MS;

	f->noise = f->noise * 6364136223846793005u + 1442695040888963407u;
	rtt_ns += (int64_t)(f->noise >> 40) % (rtt_ns / 4 + 1);
	doc_add_int(a, row, "number", number);
	doc_add_text(a, row, "type", is_jitter ? "udp-jitter" : "icmp-echo");
	doc_add_text(a, row, "target",
	             arena_printf(a, "198.51.%u.%u", 100 + number / 250 % 50, number % 250));
	doc_add_text(a, row, "tag",
	             number % 10 == 0 ? arena_printf(a, "branch-%u", number / 10) : "");
	doc_add_text(a, row, "state", "active");
	doc_add_int(a, row, "generation", 1);
	doc_add_int(a, row, "frequency_s", 60);
	doc_add_text(a, row, "sense", is_lost ? "timeout" : is_slow ? "over_threshold" : "ok");
	if (is_lost)
		doc_add_null(a, row, "rtt_ns");
	else
		doc_add_int(a, row, "rtt_ns", rtt_ns);
	doc_add_int(a, row, "loss_ppm", is_lost ? 1000000 : number % 31 == 0 ? 20000 : 0);
	if (is_jitter) {
		doc_add_int(a, row, "jitter_sd_ns", rtt_ns / 20);
		doc_add_real(a, row, "mos", 4.06);
	}
	doc_add_int(a, row, "started_at_ns", f->started_ns[number]);
}

static int list_rows(struct fake *f, const struct object_request *q, struct arena *a,
                     struct doc *to)
{
	struct doc *items = doc_add_list(a, to, "items");
	uint64_t at = object_body_after(q) + 1, left = object_body_limit(q);

	for (; at <= f->count && left > 0; at++, left--)
		fill_row(f, (uint32_t)at, a, doc_add_map(a, items, NULL));
	if (at <= f->count)
		doc_add_int(a, to, "next", (int64_t)at - 1);
	else
		doc_add_null(a, to, "next");
	return 0;
}

static int handle(void *ctx, const struct object_request *q, struct arena *a, struct doc **ret,
                  struct diag *d)
{
	struct fake *f = ctx;
	struct doc *answer = doc_new_map(a);

	(void)d;
	doc_add_int(a, answer, "now_ns", wall_ns());
	if (q->verb == OBJECT_LIST && strcmp(q->path, "sla/statistics") == 0)
		(void)list_rows(f, q, a, answer);
	else if (q->verb == OBJECT_LIST)
		(void)doc_add_list(a, answer, "items");
	*ret = answer;
	return 0;
}

static enum admin_role role_of(void *ctx, const char *name, bool is_local, uint32_t uid)
{
	(void)ctx;
	(void)name;
	(void)is_local;
	(void)uid;
	return ROLE_ADMINISTRATOR;
}

static int watch(void *ctx, const struct object_caller *caller, const char *path, uint64_t id,
                 bool initial, struct diag *d)
{
	(void)ctx;
	(void)caller;
	(void)path;
	(void)id;
	(void)initial;
	(void)d;
	return 0;
}

static void on_tick(evutil_socket_t fd, short events, void *ctx)
{
	struct fake *f = ctx;

	(void)fd;
	(void)events;
	for (uint32_t i = 0; i < f->per_tick; i++) {
		struct arena a = { 0 };
		struct doc *row = doc_new_map(&a);
		uint32_t number = f->next % f->count + 1;

		f->next++;
		f->started_ns[number] = wall_ns();
		fill_row(f, number, &a, row);
		namp_server_publish(f->server, arena_printf(&a, "sla/statistics/%u", number),
		                    (wall_t) { f->started_ns[number] }, row);
		arena_free(&a);
	}
}

int main(int argc, char **argv)
{
	struct fake f = { .noise = 1 };
	struct event_base *base = namp_server_base_new();
	const struct timeval tenth = { 0, 100000 };
	struct namp_server_cfg cfg = {
		.software = "fake node",
		.node_name = "fake",
		.limits = { .sessions = 16,
		            .sessions_per_name = 16,
		            .greeting = 16,
		            .greeting_per_address = 16,
		            .handshake_timeout_s = 5,
		            .idle_timeout_s = 600 },
		.handle = handle,
		.role_of = role_of,
		.watch = watch,
		.ctx = &f,
	};
	struct diag d;

	if (argc != 4 || !base) {
		(void)fprintf(stderr, "usage: fake_node SOCKET OPERATIONS RUNS-PER-SECOND\n");
		return 3;
	}
	f.count = (uint32_t)strtoul(argv[2], NULL, 10);
	f.per_tick = (uint32_t)strtoul(argv[3], NULL, 10) / 10;
	f.started_ns = calloc(f.count + 1, sizeof(*f.started_ns));
	f.server = namp_server_new(base, &cfg);
	int listener = unix_listen(argv[1], 0600, &d);

	if (!f.started_ns || !f.server || listener < 0 ||
	    namp_server_listen_local(f.server, listener) < 0)
		return 4;
	f.tick = event_new(base, -1, EV_PERSIST, on_tick, &f);
	(void)event_add(f.tick, &tenth);
	(void)event_base_dispatch(base);
	return 0;
}
