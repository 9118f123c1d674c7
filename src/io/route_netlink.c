/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets of rtnetlink: looking and hearing.  Changes are in route_change.c. */
#include "io/route_netlink.h"

#include "base/xalloc.h"
#include "io/net_place.h"
#include "io/route_parse.h"
#include "io/route_talk.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_BUFFER_BYTES (1 << 20)
#define ANSWER_WAIT_MS       2000
#define INTERFACES_MAX       4096

static int fail(struct diag *d, const char *what)
{
	int rc = -errno;

	return diag_set(d, rc, "cannot %s: %s", what, strerror(-rc));
}

static int open_here(bool is_monitor, struct diag *d)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		                      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
		                      RTNLGRP_IPV6_RULE };
	const struct sockaddr_nl self = { .nl_family = AF_NETLINK };
	CLEANUP(fd_closep)
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int size = RECEIVE_BUFFER_BYTES, on = 1;

	if (fd < 0)
		return fail(d, "ask the kernel about routes");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)); /* smaller will do */
	/* Better sentences, and no copies of what was asked. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&self, sizeof(self)) < 0)
		return fail(d, "ask the kernel about routes");
	for (size_t i = 0; is_monitor && i < ARRAY_LEN(groups); i++) {
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
		               sizeof(groups[i])) < 0)
			return fail(d, "hear of changes of routes");
	}
	return fd_steal(&fd);
}

int route_open(uint16_t vrf, bool is_monitor, struct diag *d)
{
	const struct sock_spec where = { .vrf = vrf };
	struct net_place place;
	int rc = net_place_enter(&where, &place, d);

	if (rc < 0)
		return rc;
	rc = open_here(is_monitor, d);
	net_place_leave(&place);
	return rc;
}

/* --- talking --------------------------------------------------------------------------------------- */

static int wait_for(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, ANSWER_WAIT_MS);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

/* What the kernel says of an error, where it says more than a number. */
static void take_reason(const struct nlmsghdr *h, char *to)
{
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(h, sizeof(struct nlmsgerr));
	int left = (int)mnl_nlmsg_get_payload_len(h) - (int)sizeof(struct nlmsgerr);

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	for (; left > 0 && mnl_attr_ok(a, left); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) == 0)
			(void)snprintf(to, ROUTE_REASON_MAX, "%s", mnl_attr_get_str(a));
		left -= NLA_ALIGN((int)a->nla_len);
	}
}

/* 1: go on; 0: the end; -errno: what the kernel answers. */
static int take_message(const struct nlmsghdr *h, const struct route_talk *t)
{
	if (h->nlmsg_seq != t->sequence)
		return 1; /* to an earlier request that was given up on */
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EINTR;
	if (h->nlmsg_type == NLMSG_DONE)
		return 0;
	if (h->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *e = mnl_nlmsg_get_payload(h);

		if (mnl_nlmsg_get_payload_len(h) < sizeof(e->error))
			return -EBADMSG;
		if (e->error && t->reason)
			take_reason(h, t->reason);
		return e->error;
	}
	if (t->on_message)
		t->on_message(t->ctx, h);
	return 1;
}

int route_talk(int fd, struct nlmsghdr *request, struct route_talk *t)
{
	static uint32_t sequence; /* one thread of a process talks */
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	static char buffer[65536] __attribute__((aligned(NLMSG_ALIGNTO)));

	request->nlmsg_seq = t->sequence = ++sequence;
	if (sendto(fd, request, request->nlmsg_len, 0, (const struct sockaddr *)&kernel,
	           sizeof(kernel)) < 0)
		return -errno;
	for (;;) {
		int rc = wait_for(fd);

		if (rc < 0)
			return rc;
		ssize_t n = recv(fd, buffer, sizeof(buffer), 0);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (n < 0)
			return -errno;
		int left = (int)n;

		for (const struct nlmsghdr *h = (const void *)buffer; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			rc = take_message(h, t);
			if (rc <= 0)
				return rc;
		}
	}
}

/* --- looking --------------------------------------------------------------------------------------- */

/* Interfaces are told when their addresses are known. */
struct look {
	const struct route_sink *sink;
	uint32_t count;
	struct route_interface *interfaces; /* heap */
};

static void keep_interface(struct look *l, const struct route_interface *i)
{
	if (l->count == INTERFACES_MAX)
		return; /* more than anybody names in a configuration */
	l->interfaces[l->count++] = *i;
}

static void keep_address(struct look *l, uint32_t interface, enum inet_family family)
{
	for (uint32_t i = 0; i < l->count; i++) {
		struct route_interface *to = &l->interfaces[i];

		if (to->index != interface)
			continue;
		to->has_v4 |= family == INET_V4;
		to->has_v6 |= family == INET_V6;
	}
}

static void on_message(void *ctx, const struct nlmsghdr *h)
{
	struct look *l = ctx;
	const struct route_sink *s = l->sink;
	struct route_interface interface;
	struct route_entry entry;
	struct route_rule rule;
	enum inet_family family;
	uint32_t index;

	if (route_parse_interface(h, &interface))
		keep_interface(l, &interface);
	else if (route_parse_address(h, &index, &family))
		keep_address(l, index, family);
	else if (s->on_route && route_parse_route(h, &entry))
		s->on_route(s->ctx, &entry);
	else if (s->on_rule && route_parse_rule(h, &rule))
		s->on_rule(s->ctx, &rule);
}

static int dump(int fd, uint16_t type, uint8_t family, struct look *l)
{
	char buffer[64] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
	struct route_talk t = { .on_message = on_message, .ctx = l };
	struct rtgenmsg *head;

	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	head = mnl_nlmsg_put_extra_header(h, sizeof(struct ifinfomsg)); /* the longest of them */
	head->rtgen_family = family;
	return route_talk(fd, h, &t);
}

static int dump_both(int fd, uint16_t type, struct look *l)
{
	int rc = dump(fd, type, AF_INET, l);

	return rc < 0 ? rc : dump(fd, type, AF_INET6, l);
}

int route_look(int fd, const struct route_sink *sink)
{
	struct look l = { .sink = sink };
	CLEANUP(freep) void *block = xcalloc(INTERFACES_MAX, sizeof(*l.interfaces));
	int rc;

	l.interfaces = block;
	rc = dump(fd, RTM_GETLINK, AF_UNSPEC, &l);
	if (rc == 0)
		rc = dump_both(fd, RTM_GETADDR, &l);
	for (uint32_t i = 0; rc == 0 && sink->on_interface && i < l.count; i++)
		sink->on_interface(sink->ctx, &l.interfaces[i]);
	if (rc == 0 && sink->on_route)
		rc = dump_both(fd, RTM_GETROUTE, &l);
	if (rc == 0 && sink->on_rule)
		rc = dump_both(fd, RTM_GETRULE, &l);
	return rc;
}

/* --- hearing --------------------------------------------------------------------------------------- */

int route_heard(int fd, bool (*wants)(void *ctx, const struct route_entry *r), void *ctx)
{
	static char buffer[65536] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool is_news = false;

	for (unsigned turn = 0; turn < 64; turn++) {
		ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
		int left = (int)n;

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			break;
		if (n < 0 && errno == ENOBUFS) {
			is_news = true; /* some were lost */
			continue;
		}
		if (n < 0)
			return -errno;
		for (const struct nlmsghdr *h = (const void *)buffer; mnl_nlmsg_ok(h, left);
		     h = mnl_nlmsg_next(h, &left)) {
			struct route_entry r;
			bool is_route =
			        h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE;

			is_news |= !is_route ||
			           (route_parse_route(h, &r) && (!wants || wants(ctx, &r)));
		}
	}
	return is_news;
}

bool route_entry_equal(const struct route_entry *a, const struct route_entry *b)
{
	if (a->table != b->table || a->metric != b->metric || a->kind != b->kind ||
	    a->hop_count != b->hop_count || a->prefix.length != b->prefix.length ||
	    !inet_addr_equal(&a->prefix.addr, &b->prefix.addr))
		return false;
	for (uint8_t i = 0; i < a->hop_count; i++) {
		if (a->hops[i].interface != b->hops[i].interface ||
		    !inet_addr_equal(&a->hops[i].gateway, &b->hops[i].gateway))
			return false;
	}
	return true;
}
