/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what the kernel says of its routes (linux/rtnetlink.h). */
#include "io/route_parse.h"

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* Attributes one by one. */
struct attributes {
	const struct nlattr *at;
	int left;
};

static struct attributes attributes_of(const void *first, size_t octets)
{
	return (struct attributes) { first, (int)octets };
}

/* Of a message, behind its head. */
static struct attributes attributes_behind(const struct nlmsghdr *h, size_t head)
{
	return attributes_of(mnl_nlmsg_get_payload_offset(h, head),
	                     mnl_nlmsg_get_payload_len(h) - head);
}

static const struct nlattr *next_attribute(struct attributes *c)
{
	const struct nlattr *a = c->at;

	if (c->left <= 0 || !mnl_attr_ok(a, c->left))
		return NULL;
	c->left -= NLA_ALIGN((int)a->nla_len);
	c->at = mnl_attr_next(a);
	return a;
}

static enum inet_family family_of(uint8_t af)
{
	return af == AF_INET ? INET_V4 : af == AF_INET6 ? INET_V6 : INET_NONE;
}

static bool take_address(const struct nlattr *a, enum inet_family family, struct inet_addr *to)
{
	size_t len = family == INET_V4 ? 4 : 16;

	if (mnl_attr_get_payload_len(a) != len)
		return false;
	*to = (struct inet_addr) { .family = (uint8_t)family };
	memcpy(to->bytes, mnl_attr_get_payload(a), len);
	return true;
}

static uint32_t take_u32(const struct nlattr *a)
{
	return mnl_attr_validate(a, MNL_TYPE_U32) < 0 ? 0 : mnl_attr_get_u32(a);
}

/* --- interfaces and addresses ---------------------------------------------------------------------- */

/* IFLA_LINKINFO: the table of a VRF device. */
static uint32_t vrf_table(const struct nlattr *info)
{
	struct attributes in =
	        attributes_of(mnl_attr_get_payload(info), mnl_attr_get_payload_len(info));
	const struct nlattr *data = NULL;
	bool is_vrf = false;

	for (const struct nlattr *a; (a = next_attribute(&in));) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == IFLA_INFO_KIND)
			is_vrf = strncmp(mnl_attr_get_str(a), "vrf", mnl_attr_get_payload_len(a)) ==
			         0;
		else if (type == IFLA_INFO_DATA)
			data = a;
	}
	if (!is_vrf || !data)
		return 0;
	in = attributes_of(mnl_attr_get_payload(data), mnl_attr_get_payload_len(data));
	for (const struct nlattr *a; (a = next_attribute(&in));) {
		if (mnl_attr_get_type(a) == IFLA_VRF_TABLE)
			return take_u32(a);
	}
	return 0;
}

bool route_parse_interface(const struct nlmsghdr *h, struct route_interface *ret)
{
	const struct ifinfomsg *head = mnl_nlmsg_get_payload(h);
	struct route_interface i = { 0 };

	if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof(*head))
		return false;
	i.index = (uint32_t)head->ifi_index;
	/* IFF_RUNNING is the operational state (RFC 2863): up, or unknown where nothing tells. */
	i.is_up = (head->ifi_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
	struct attributes in = attributes_behind(h, sizeof(*head));

	for (const struct nlattr *a; (a = next_attribute(&in));) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == IFLA_IFNAME && mnl_attr_get_payload_len(a) <= sizeof(i.name))
			memcpy(i.name, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
		else if (type == IFLA_LINKINFO)
			i.vrf_table = vrf_table(a);
	}
	i.name[sizeof(i.name) - 1] = '\0';
	*ret = i;
	return true;
}

bool route_parse_address(const struct nlmsghdr *h, uint32_t *ret_interface,
                         enum inet_family *ret_family)
{
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(h);

	if (h->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(h) < sizeof(*head) ||
	    family_of(head->ifa_family) == INET_NONE || head->ifa_scope >= RT_SCOPE_LINK ||
	    head->ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		return false;
	*ret_interface = head->ifa_index;
	*ret_family = family_of(head->ifa_family);
	return true;
}

/* --- routes ---------------------------------------------------------------------------------------- */

static uint8_t kind_of(uint8_t type)
{
	switch (type) {
	case RTN_UNICAST:
		return ROUTE_UNICAST;
	case RTN_BLACKHOLE:
		return ROUTE_BLACKHOLE;
	case RTN_UNREACHABLE:
		return ROUTE_UNREACHABLE;
	default:
		return ROUTE_OTHER;
	}
}

static bool is_dead(unsigned flags)
{
	return flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN);
}

static void take_gateway(const struct nlattr *a, enum inet_family family, struct route_hop *hop)
{
	uint16_t type = mnl_attr_get_type(a);

	if (type == RTA_GATEWAY)
		(void)take_address(a, family, &hop->gateway); /* else none */
	else if (type == RTA_OIF)
		hop->interface = take_u32(a);
}

static void take_hop_attributes(const struct rtnexthop *nh, enum inet_family family,
                                struct route_hop *hop)
{
	struct attributes in =
	        attributes_of((const char *)nh + sizeof(*nh), (size_t)nh->rtnh_len - sizeof(*nh));

	for (const struct nlattr *a; (a = next_attribute(&in));)
		take_gateway(a, family, hop);
}

/* RTA_MULTIPATH: struct rtnexthop, each with attributes of its own. */
static void take_hops(const struct nlattr *paths, enum inet_family family, struct route_entry *r)
{
	size_t left = mnl_attr_get_payload_len(paths);
	const struct rtnexthop *nh = mnl_attr_get_payload(paths);

	r->hop_count = 0;
	while (left >= sizeof(*nh) && nh->rtnh_len >= sizeof(*nh) && nh->rtnh_len <= left &&
	       r->hop_count < ROUTE_HOPS_MAX) {
		struct route_hop *hop = &r->hops[r->hop_count++];
		size_t step =
		        (nh->rtnh_len + (size_t)RTNH_ALIGNTO - 1) & ~((size_t)RTNH_ALIGNTO - 1);

		*hop = (struct route_hop) { .interface = (uint32_t)nh->rtnh_ifindex,
			                    .is_dead = is_dead(nh->rtnh_flags) };
		take_hop_attributes(nh, family, hop);
		if (step >= left)
			break;
		left -= step;
		nh = (const void *)((const char *)nh + step);
	}
}

static void take_route_attribute(const struct nlattr *a, enum inet_family family,
                                 struct route_entry *r)
{
	switch (mnl_attr_get_type(a)) {
	case RTA_DST:
		(void)take_address(a, family, &r->prefix.addr); /* else the default route */
		break;
	case RTA_TABLE:
		r->table = take_u32(a);
		break;
	case RTA_PRIORITY:
		r->metric = take_u32(a);
		break;
	case RTA_MULTIPATH:
		take_hops(a, family, r);
		break;
	default:
		take_gateway(a, family, &r->hops[0]);
	}
}

bool route_parse_route(const struct nlmsghdr *h, struct route_entry *ret)
{
	const struct rtmsg *head = mnl_nlmsg_get_payload(h);
	enum inet_family family;
	struct route_entry r = { 0 };

	if ((h->nlmsg_type != RTM_NEWROUTE && h->nlmsg_type != RTM_DELROUTE) ||
	    mnl_nlmsg_get_payload_len(h) < sizeof(*head))
		return false;
	family = family_of(head->rtm_family);
	/* Routes by type of service are others than those that have none. */
	if (family == INET_NONE || head->rtm_flags & RTM_F_CLONED || head->rtm_tos ||
	    head->rtm_src_len)
		return false;
	r.prefix.addr.family = (uint8_t)family;
	r.prefix.length = head->rtm_dst_len;
	r.table = head->rtm_table;
	r.protocol = head->rtm_protocol;
	r.kind = kind_of(head->rtm_type);
	r.hop_count = r.kind == ROUTE_UNICAST;
	r.hops[0].is_dead = is_dead(head->rtm_flags);
	struct attributes in = attributes_behind(h, sizeof(*head));

	for (const struct nlattr *a; (a = next_attribute(&in));)
		take_route_attribute(a, family, &r);
	if (r.kind != ROUTE_UNICAST) {
		memset(r.hops, 0, sizeof(r.hops));
		r.hop_count = 0;
	}
	*ret = r;
	return true;
}

bool route_parse_rule(const struct nlmsghdr *h, struct route_rule *ret)
{
	const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(h);
	struct route_rule r = { 0 };

	if (h->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(h) < sizeof(*head) ||
	    family_of(head->family) == INET_NONE)
		return false;
	r.family = (uint8_t)family_of(head->family);
	r.table = head->table;
	struct attributes in = attributes_behind(h, sizeof(*head));

	for (const struct nlattr *a; (a = next_attribute(&in));) {
		switch (mnl_attr_get_type(a)) {
		case FRA_TABLE:
			r.table = take_u32(a);
			break;
		case FRA_FWMARK:
			r.mark = take_u32(a);
			break;
		case FRA_PRIORITY:
			r.priority = take_u32(a);
			break;
		case FRA_PROTOCOL:
			r.protocol = mnl_attr_validate(a, MNL_TYPE_U8) < 0 ? 0 : mnl_attr_get_u8(a);
			break;
		default:
			break;
		}
	}
	*ret = r;
	return true;
}
