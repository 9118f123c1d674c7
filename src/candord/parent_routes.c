/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's side of routes: control says which, and can reach nothing but what bears our own protocol number. */
#include "candord/parent_routes.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>

struct parent_route parent_route_pack(const struct route_entry *r)
{
	struct parent_route q = {
		.table = r->table,
		.metric = r->metric,
		.family = r->prefix.addr.family,
		.length = r->prefix.length,
		.kind = r->kind,
		.hop_count = r->hop_count,
	};

	memcpy(q.prefix, r->prefix.addr.bytes, sizeof(q.prefix));
	for (uint8_t i = 0; i < r->hop_count; i++) {
		q.hops[i].interface = r->hops[i].interface;
		q.hops[i].family = r->hops[i].gateway.family;
		memcpy(q.hops[i].gateway, r->hops[i].gateway.bytes, sizeof(q.hops[i].gateway));
	}
	return q;
}

/* --- checking -------------------------------------------------------------------------------------- */

static bool take_prefix(const struct parent_route *q, struct inet_prefix *to)
{
	*to = (struct inet_prefix) { .addr.family = q->family, .length = q->length };
	memcpy(to->addr.bytes, q->prefix, sizeof(to->addr.bytes));
	if ((q->family != INET_V4 && q->family != INET_V6) ||
	    q->length > (q->family == INET_V4 ? 32 : 128))
		return false;
	for (unsigned bit = q->length; bit < 128; bit++) {
		if (q->prefix[bit / 8] & 0x80u >> (bit % 8))
			return false;
	}
	return true;
}

static bool take_hop(const struct parent_route *q, uint8_t at, struct route_hop *to)
{
	static const struct parent_hop nothing;
	const struct parent_hop *from = &q->hops[at];

	if (at >= q->hop_count)
		return memcmp(from, &nothing, sizeof(nothing)) == 0;
	*to = (struct route_hop) { .gateway.family = from->family, .interface = from->interface };
	memcpy(to->gateway.bytes, from->gateway, sizeof(from->gateway));
	if (from->zero[0] || from->zero[1] || from->zero[2] || from->interface > INT32_MAX ||
	    !inet_addr_is_clean(&to->gateway))
		return false;
	if (from->family == INET_NONE)
		return from->interface != 0;
	return from->family == q->family && !inet_addr_is_unspecified(&to->gateway);
}

bool parent_route_unpack(const struct parent_route *q, struct route_entry *ret)
{
	struct route_entry r = {
		.table = q->table, .metric = q->metric, .kind = q->kind, .hop_count = q->hop_count
	};

	if (q->kind > ROUTE_UNREACHABLE || q->hop_count > ROUTE_HOPS_MAX ||
	    (q->kind == ROUTE_UNICAST) != (q->hop_count > 0) || q->table == 0 ||
	    q->table == ROUTE_TABLE_LOCAL || q->metric == 0 || !take_prefix(q, &r.prefix))
		return false;
	for (uint8_t i = 0; i < ROUTE_HOPS_MAX; i++) {
		if (!take_hop(q, i, &r.hops[i]))
			return false;
	}
	*ret = r;
	return true;
}

bool parent_routes_valid(const struct parent_request *q, struct parent_request *only)
{
	struct route_entry r;

	only->which = q->which;
	only->net_number = q->net_number;
	if (q->net_number > NET_NAMES_MAX)
		return false;
	switch (q->verb) {
	case PARENT_OPEN_ROUTES:
		return q->which <= 1;
	case PARENT_ROUTE:
		only->route = q->route;
		return q->which < PARENT_ROUTE_VERBS && parent_route_unpack(&q->route, &r);
	case PARENT_PIN:
		only->family = q->family;
		only->order = q->order;
		return q->which <= 1 && route_is_pin_table(q->order) &&
		       (q->family == INET_V4 || q->family == INET_V6);
	case PARENT_ROUTES_ON_STOP:
		return q->which <= 1 && q->net_number == 0;
	default:
		return false;
	}
}

/* --- carrying out ---------------------------------------------------------------------------------- */

static int change(const struct parent_request *q, int fd, struct diag *d)
{
	struct route_entry r;

	if (q->verb == PARENT_PIN)
		return route_rule_change(fd, (enum inet_family)q->family, q->order, q->which == 1,
		                         d);
	if (!parent_route_unpack(&q->route, &r))
		return -EINVAL; /* it was checked */
	switch ((enum parent_route_verb)q->which) {
	case PARENT_ROUTE_ADD:
		return route_add(fd, &r, d);
	case PARENT_ROUTE_REPLACE:
		return route_replace(fd, &r, d);
	case PARENT_ROUTE_DELETE:
		return route_delete(fd, &r, d);
	case PARENT_ROUTE_VERBS:
		break;
	}
	return -EINVAL;
}

int parent_routes_carry_out(struct parent_routes *r, const struct parent_request *q, struct diag *d)
{
	CLEANUP(fd_closep) int fd = -1;

	if (q->verb == PARENT_ROUTES_ON_STOP) {
		r->withdraw = q->which == 1;
		return 0;
	}
	fd = route_open(q->net_number, q->verb == PARENT_OPEN_ROUTES && q->which == 1, d);
	if (fd < 0)
		return fd;
	r->used[q->net_number] = true;
	if (q->verb == PARENT_OPEN_ROUTES)
		return fd_steal(&fd);
	return change(q, fd, d);
}

void parent_routes_stop(struct parent_routes *r)
{
	for (uint16_t vrf = 0; vrf <= NET_NAMES_MAX; vrf++) {
		struct diag d = { 0 };

		if (!r->used[vrf])
			continue;
		CLEANUP(fd_closep) int fd = route_open(vrf, false, &d);
		int n = fd < 0 ? fd : route_flush(fd, r->withdraw, &d);

		if (n < 0)
			log_err("broker", "%s", d.text);
		else if (n > 0)
			log_info("broker", "%d routes and rules were withdrawn", n);
	}
}
