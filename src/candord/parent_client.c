/* SPDX-License-Identifier: Apache-2.0 */
/* Control's side of its requests to the parent. */
#include "candord/parent_client.h"

#include "base/clocktypes.h"
#include "candord/parent_message.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ANSWER_WAIT_NS (2 * NS_PER_S)
#define SAVE_WAIT_NS   (20 * NS_PER_S) /* a slow disk */
#define ROUTE_WAIT_NS  (10 * NS_PER_S) /* a long table */

static int ask(int fd, struct parent_request *q, int passed, int64_t wait_ns, struct diag *d,
               int *ret_fd)
{
	static uint32_t serial; /* one thread asks */

	q->head = (struct lockstep_head) { PARENT_MAGIC, ++serial };
	return lockstep_ask(fd, &q->head, sizeof(*q), passed, wait_ns, d, ret_fd);
}

static int ask_for_fd(int fd, struct parent_request *q, struct diag *d)
{
	int got = -1;
	int rc = ask(fd, q, -1, ANSWER_WAIT_NS, d, &got);

	if (rc < 0)
		return rc;
	return got >= 0 ? got : diag_set(d, -EBADMSG, "the broker process sent no descriptor");
}

/* For what is answered without one. */
static int ask_plainly(int fd, struct parent_request *q, int passed, int64_t wait_ns,
                       struct diag *d)
{
	int got = -1;
	int rc = ask(fd, q, passed, wait_ns, d, &got);

	fd_closep(&got);
	return rc;
}

int parent_bind_namp(int fd, bool is_udp, const struct inet_addr *addr, uint16_t port,
                     struct diag *d)
{
	struct parent_request q = {
		.verb = PARENT_BIND_NAMP,
		.is_udp = is_udp,
		.port = port,
		.family = addr->family,
		.scope_id = addr->scope_id,
	};

	memcpy(q.address, addr->bytes, sizeof(q.address));
	return ask_for_fd(fd, &q, d);
}

int parent_open_identity(int fd, enum identity_file which, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_OPEN_IDENTITY, .which = (uint8_t)which };

	return ask_for_fd(fd, &q, d);
}

int parent_start(int fd, enum outbound_process which, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_START, .which = (uint8_t)which };

	return ask_for_fd(fd, &q, d);
}

int parent_open_users(int fd, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_OPEN_USERS };

	return ask_for_fd(fd, &q, d);
}

int parent_config_taken(int fd, uint32_t order, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_CONFIG_TAKEN, .order = order };

	return ask_plainly(fd, &q, -1, ANSWER_WAIT_NS, d);
}

int parent_save_config(int fd, int memory, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_SAVE_CONFIG };

	return ask_plainly(fd, &q, memory, SAVE_WAIT_NS, d);
}

int parent_reload(int fd, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_RELOAD };

	return ask_plainly(fd, &q, -1, ANSWER_WAIT_NS, d);
}

int parent_net_name(int fd, uint16_t number, const char *name, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_NET_NAME, .net_number = number };

	(void)snprintf(q.net_name, NET_NAME_MAX, "%s", name);
	return ask_plainly(fd, &q, -1, ANSWER_WAIT_NS, d);
}

int parent_open_routes(int fd, uint16_t vrf, bool is_monitor, struct diag *d)
{
	struct parent_request q = {
		.verb = PARENT_OPEN_ROUTES,
		.net_number = vrf,
		.which = is_monitor,
	};

	return ask_for_fd(fd, &q, d);
}

static int change_route(int fd, enum parent_route_verb verb, uint16_t vrf,
                        const struct route_entry *r, struct diag *d)
{
	struct parent_request q = {
		.verb = PARENT_ROUTE,
		.net_number = vrf,
		.which = (uint8_t)verb,
		.route = parent_route_pack(r),
	};

	return ask_plainly(fd, &q, -1, ROUTE_WAIT_NS, d);
}

int parent_route_add(int fd, uint16_t vrf, const struct route_entry *r, struct diag *d)
{
	return change_route(fd, PARENT_ROUTE_ADD, vrf, r, d);
}

int parent_route_replace(int fd, uint16_t vrf, const struct route_entry *r, struct diag *d)
{
	return change_route(fd, PARENT_ROUTE_REPLACE, vrf, r, d);
}

int parent_route_delete(int fd, uint16_t vrf, const struct route_entry *r, struct diag *d)
{
	return change_route(fd, PARENT_ROUTE_DELETE, vrf, r, d);
}

int parent_pin_rule(int fd, uint16_t vrf, enum inet_family family, uint32_t mark, bool is_new,
                    struct diag *d)
{
	struct parent_request q = {
		.verb = PARENT_PIN,
		.net_number = vrf,
		.family = (uint8_t)family,
		.order = mark,
		.which = is_new,
	};

	return ask_plainly(fd, &q, -1, ANSWER_WAIT_NS, d);
}

int parent_routes_on_stop(int fd, bool withdraw, struct diag *d)
{
	struct parent_request q = { .verb = PARENT_ROUTES_ON_STOP, .which = withdraw };

	return ask_plainly(fd, &q, -1, ANSWER_WAIT_NS, d);
}
