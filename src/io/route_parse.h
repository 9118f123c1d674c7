/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of rtnetlink as plain values.  Inside io/ only. */
#ifndef CANDOR_IO_ROUTE_PARSE_H
#define CANDOR_IO_ROUTE_PARSE_H

#include "io/route_netlink.h"

struct nlmsghdr;

/* Each: true, and the value; false: not of the kind that is wanted, or not well formed. */
bool route_parse_interface(const struct nlmsghdr *h, struct route_interface *ret);
bool route_parse_address(const struct nlmsghdr *h, uint32_t *ret_interface,
                         enum inet_family *ret_family);
bool route_parse_route(const struct nlmsghdr *h, struct route_entry *ret);
bool route_parse_rule(const struct nlmsghdr *h, struct route_rule *ret);

#endif
