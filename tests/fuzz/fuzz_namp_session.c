/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: what a stranger sends to the Unix socket of a node, to a real server in this process.
 * Whatever it is: the session comes to its end, what comes back are whole messages of NAMP, and the
 * server goes on. */
#include "io/tcp_socket.h"
#include "io/unix_socket.h"
#include "namp/frame.h"
#include "namp/server.h"

#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TURNS_MAX 100000 /* of the server until it has closed */

static struct {
	struct event_base *base;
	struct namp_server *server;
	char dir[32], path[64];
	uint64_t ticket;
} world;

/* The path decides: "later" is answered when the next request of anybody comes, "f…" is refused. */
static int handle(void *ctx, const struct object_request *q, struct arena *a, struct doc **ret,
                  struct diag *d)
{
	(void)ctx;
	if (world.ticket)
		(void)namp_server_finish(world.server, world.ticket, 0, NULL, NULL);
	world.ticket = 0;
	*ret = doc_new_map(a);
	if (q->body)
		doc_add_doc(a, *ret, "body", q->body);
	if (strcmp(q->path, "close") == 0)
		return namp_server_close_session(world.server, q->caller.session);
	if (q->path[0] == 'f')
		return diag_set(d, -EINVAL, "refused");
	namp_server_publish(world.server, q->path, (wall_t) { 1 }, *ret);
	if (strcmp(q->path, "later") != 0)
		return 0;
	world.ticket = q->ticket;
	return -EINPROGRESS;
}

static int watch(void *ctx, const struct object_caller *caller, const char *path, uint64_t id,
                 bool initial, struct diag *d)
{
	(void)ctx, (void)d;
	if (initial)
		namp_server_publish_to(world.server, caller->session, id, path, (wall_t) { 1 },
		                       NULL);
	return 0;
}

static enum admin_role role_of(void *ctx, const char *name, bool is_local, uint32_t uid)
{
	(void)ctx, (void)name, (void)is_local, (void)uid;
	return ROLE_VIEWER;
}

static void end(void)
{
	namp_server_free(world.server);
	event_base_free(world.base);
	(void)unlink(world.path);
	(void)rmdir(world.dir);
}

static void begin(void)
{
	const struct namp_server_cfg cfg = { .software = "fuzz",
		                             .node_name = "node1",
		                             .handle = handle,
		                             .watch = watch,
		                             .role_of = role_of };

	(void)snprintf(world.dir, sizeof(world.dir), "/tmp/candor-XXXXXX");
	const char *made = mkdtemp(world.dir);

	assert(made);
	(void)snprintf(world.path, sizeof(world.path), "%s/sock", world.dir);
	world.base = namp_server_base_new();
	world.server = namp_server_new(world.base, &cfg);
	int error = namp_server_listen_local(world.server, unix_listen(world.path, 0600, NULL));

	assert(error == 0);
	(void)atexit(end);
}

/* Read what is there.  False: the server has closed. */
static bool read_back(int fd, struct frame_buffer *in)
{
	uint8_t chunk[4096];
	ssize_t n = tcp_read(fd, chunk, sizeof(chunk));
	struct namp_slice octets;
	struct namp_message m;

	if (n <= 0)
		return n == -EAGAIN;
	int error = frame_feed(in, chunk, (size_t)n);

	assert(error == 0);
	while (frame_next(in, NAMP_MESSAGE_MAX, &octets) == 0) {
		error = namp_decode(octets.data, octets.len, &m);
		assert(error == 0);
		assert(m.kind == NAMP_HELLO || m.kind == NAMP_REPLY || m.kind == NAMP_EVENT ||
		       m.kind == NAMP_BYE);
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frame_buffer in = { 0 };
	unsigned turns = 0;

	if (!world.base)
		begin();
	int fd = unix_connect(world.path, NULL);

	assert(fd >= 0);
	while (size > 0 && turns++ < TURNS_MAX) {
		ssize_t n = tcp_write(fd, data, size);

		if (n > 0) {
			data += n;
			size -= (size_t)n;
		} else if (n != -EAGAIN) {
			break;
		}
		(void)event_base_loop(world.base, EVLOOP_NONBLOCK);
		(void)read_back(fd, &in);
	}
	(void)shutdown(fd, SHUT_WR);
	while (read_back(fd, &in) && turns++ < TURNS_MAX) {
		(void)event_base_loop(world.base, EVLOOP_NONBLOCK);
		if (world.ticket)
			(void)namp_server_finish(world.server, world.ticket, -EIO, NULL, NULL);
		world.ticket = 0;
	}
	assert(turns < TURNS_MAX);
	(void)close(fd);
	frame_fini(&in);
	return 0;
}
