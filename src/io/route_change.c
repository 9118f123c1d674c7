/* SPDX-License-Identifier: Apache-2.0 */
/* Changing our routes and rules. */
#include "io/route_netlink.h"

#include "base/xalloc.h"
#include "io/route_talk.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define REQUEST_BYTES 1024

static uint8_t af_of(uint8_t family)
{
	return family == INET_V4 ? AF_INET : AF_INET6;
}

static int ask(int fd, struct nlmsghdr *h, const char *what, struct diag *d)
{
	char reason[ROUTE_REASON_MAX] = "";
	struct route_talk t = { .reason = reason };
	int rc;

	h->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	rc = route_talk(fd, h, &t);
	if (rc < 0)
		return diag_set(d, rc, "cannot %s: %s%s%s", what, strerror(-rc),
		                *reason ? ": " : "", reason);
	return 0;
}

/* --- routes ---------------------------------------------------------------------------------------- */

static void put_address(struct nlmsghdr *h, uint16_t type, const struct inet_addr *a)
{
	mnl_attr_put(h, type, inet_addr_octets(a), a->bytes);
}

static void put_hops(struct nlmsghdr *h, const struct route_entry *r)
{
	struct nlattr *paths = mnl_attr_nest_start(h, RTA_MULTIPATH);

	for (uint8_t i = 0; i < r->hop_count; i++) {
		const struct route_hop *hop = &r->hops[i];
		struct rtnexthop *nh = mnl_nlmsg_get_payload_tail(h);

		memset(nh, 0, sizeof(*nh));
		nh->rtnh_ifindex = (int)hop->interface;
		h->nlmsg_len += (uint32_t)sizeof(*nh); /* a multiple of 4 */
		if (hop->gateway.family != INET_NONE)
			put_address(h, RTA_GATEWAY, &hop->gateway);
		nh->rtnh_len = (uint16_t)((char *)mnl_nlmsg_get_payload_tail(h) - (char *)nh);
	}
	mnl_attr_nest_end(h, paths);
}

static void put_hop(struct nlmsghdr *h, const struct route_hop *hop)
{
	if (hop->gateway.family != INET_NONE)
		put_address(h, RTA_GATEWAY, &hop->gateway);
	if (hop->interface)
		mnl_attr_put_u32(h, RTA_OIF, hop->interface);
}

static struct nlmsghdr *put_route(char *buffer, uint16_t type, const struct route_entry *r)
{
	static const uint8_t types[] = { RTN_UNICAST, RTN_BLACKHOLE, RTN_UNREACHABLE };
	struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = type;
	m->rtm_family = af_of(r->prefix.addr.family);
	m->rtm_dst_len = r->prefix.length;
	m->rtm_table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC;
	m->rtm_protocol = ROUTE_PROTOCOL;
	m->rtm_type = types[r->kind];
	m->rtm_scope = RT_SCOPE_UNIVERSE;
	if (type == RTM_DELROUTE)
		m->rtm_scope = RT_SCOPE_NOWHERE; /* any */
	else if (r->kind == ROUTE_UNICAST && r->hop_count == 1 &&
	         r->hops[0].gateway.family == INET_NONE && r->prefix.addr.family == INET_V4)
		m->rtm_scope = RT_SCOPE_LINK;
	put_address(h, RTA_DST, &r->prefix.addr);
	mnl_attr_put_u32(h, RTA_TABLE, r->table);
	mnl_attr_put_u32(h, RTA_PRIORITY, r->metric);
	return h;
}

static int change(int fd, uint16_t flags, const struct route_entry *r, const char *what,
                  struct diag *d)
{
	char buffer[REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = put_route(buffer, RTM_NEWROUTE, r);

	if (r->kind == ROUTE_UNICAST && r->hop_count == 1)
		put_hop(h, &r->hops[0]);
	else if (r->kind == ROUTE_UNICAST)
		put_hops(h, r);
	h->nlmsg_flags = (uint16_t)(NLM_F_CREATE | flags);
	return ask(fd, h, what, d);
}

int route_add(int fd, const struct route_entry *r, struct diag *d)
{
	return change(fd, NLM_F_EXCL, r, "install the route", d);
}

int route_delete(int fd, const struct route_entry *r, struct diag *d)
{
	char buffer[REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };

	return ask(fd, put_route(buffer, RTM_DELROUTE, r), "withdraw the route", d);
}

/* Who has the place of a route in the kernel. */
struct holder {
	const struct route_entry *wanted;
	bool is_ours, is_foreign;
};

static void see_holder(void *ctx, const struct route_entry *r)
{
	struct holder *h = ctx;

	if (r->table != h->wanted->table || r->metric != h->wanted->metric ||
	    r->prefix.length != h->wanted->prefix.length ||
	    !inet_addr_equal(&r->prefix.addr, &h->wanted->prefix.addr))
		return;
	if (r->protocol == ROUTE_PROTOCOL)
		h->is_ours = true;
	else
		h->is_foreign = true;
}

/* The kernel replaces whatever is there, so that is looked at first. */
int route_replace(int fd, const struct route_entry *r, struct diag *d)
{
	struct holder h = { .wanted = r };
	const struct route_sink sink = { .on_route = see_holder, .ctx = &h };
	int rc = -EINTR;

	for (unsigned i = 0; rc == -EINTR && i < 3; i++)
		rc = route_look(fd, &sink);
	if (rc < 0)
		return diag_set(d, rc, "cannot look at the routes: %s", strerror(-rc));
	if (h.is_foreign)
		return diag_set(d, -EEXIST, "the route is somebody else's");
	if (!h.is_ours)
		return route_add(fd, r, d);
	return change(fd, NLM_F_REPLACE, r, "change the route", d);
}

/* --- rules ----------------------------------------------------------------------------------------- */

int route_rule_change(int fd, enum inet_family family, uint32_t mark, bool is_new, struct diag *d)
{
	char buffer[REQUEST_BYTES] __attribute__((aligned(NLMSG_ALIGNTO))) = { 0 };
	struct nlmsghdr *h = mnl_nlmsg_put_header(buffer);
	struct fib_rule_hdr *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));

	h->nlmsg_type = is_new ? RTM_NEWRULE : RTM_DELRULE;
	h->nlmsg_flags = is_new ? NLM_F_CREATE | NLM_F_EXCL : 0;
	m->family = af_of((uint8_t)family);
	m->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(h, FRA_TABLE, mark);
	mnl_attr_put_u32(h, FRA_FWMARK, mark);
	mnl_attr_put_u32(h, FRA_FWMASK, UINT32_MAX);
	mnl_attr_put_u32(h, FRA_PRIORITY, ROUTE_PIN_RULE_PRIORITY);
	mnl_attr_put_u8(h, FRA_PROTOCOL, ROUTE_PROTOCOL);
	return ask(fd, h, is_new ? "make the rule" : "delete the rule", d);
}

/* --- all of it ------------------------------------------------------------------------------------- */

#define FLUSH_MAX 8192u

struct flush {
	bool routes;
	uint32_t route_count, rule_count;
	struct route_entry *entries;
	struct route_rule *rules;
};

static void flush_route(void *ctx, const struct route_entry *r)
{
	struct flush *f = ctx;

	if (r->protocol == ROUTE_PROTOCOL && (f->routes || route_is_pin_table(r->table)) &&
	    r->kind != ROUTE_OTHER && f->route_count < FLUSH_MAX)
		f->entries[f->route_count++] = *r;
}

static void flush_rule(void *ctx, const struct route_rule *r)
{
	struct flush *f = ctx;

	if (r->protocol == ROUTE_PROTOCOL && r->priority == ROUTE_PIN_RULE_PRIORITY &&
	    f->rule_count < FLUSH_MAX)
		f->rules[f->rule_count++] = *r;
}

int route_flush(int fd, bool routes, struct diag *d)
{
	CLEANUP(freep) void *entries = xcalloc(FLUSH_MAX, sizeof(struct route_entry));
	CLEANUP(freep) void *rules = xcalloc(FLUSH_MAX, sizeof(struct route_rule));
	struct flush f = { .routes = routes, .entries = entries, .rules = rules };
	const struct route_sink sink = { .on_route = flush_route,
		                         .on_rule = flush_rule,
		                         .ctx = &f };
	int rc = route_look(fd, &sink), done = 0;

	if (rc < 0)
		return diag_set(d, rc, "cannot look at the routes: %s", strerror(-rc));
	/* Rules first: probes that are still under way follow the routing table then. */
	for (uint32_t i = 0; i < f.rule_count; i++)
		done += route_rule_change(fd, (enum inet_family)f.rules[i].family, f.rules[i].mark,
		                          false, d) == 0;
	for (uint32_t i = 0; i < f.route_count; i++)
		done += route_delete(fd, &f.entries[i], d) == 0;
	return done;
}
