/* SPDX-License-Identifier: Apache-2.0 */
/* VRFs, namespaces and interfaces by name, looked up at each opening. */
#include "io/net_place.h"

#include "base/log.h"
#include "io/net_names.h"
#include "io/sockaddr.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

/* What the driver of an interface calls itself ("vrf", "dummy", …); false: there is no such interface. */
static bool driver_of(const char *name, char to[32])
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq q = { .ifr_data = (char *)&info };
	CLEANUP(fd_closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	to[0] = '\0';
	if (strlen(name) >= sizeof(q.ifr_name) || if_nametoindex(name) == 0)
		return false;
	(void)snprintf(q.ifr_name, sizeof(q.ifr_name), "%s", name);
	if (fd >= 0 && ioctl(fd, SIOCETHTOOL, &q) == 0)
		(void)snprintf(to, 32, "%s", info.driver);
	return true;
}

/* --- VRFs ---------------------------------------------------------------------------------------- */

static int enter_namespace(const char *vrf, int fd, struct net_place *p, struct diag *d)
{
	CLEANUP(fd_closep) int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	if (home < 0)
		return diag_set(d, -errno, "vrf %s: cannot see the own network namespace: %s", vrf,
		                strerror(errno));
	if (setns(fd, CLONE_NEWNET) < 0) {
		int error = -errno;

		if (error == -EPERM)
			return diag_set(d, error,
			                "vrf %s: to enter a network namespace takes CAP_SYS_ADMIN",
			                vrf);
		return diag_set(d, error, "vrf %s: cannot enter its network namespace: %s", vrf,
		                strerror(-error));
	}
	p->home = fd_steal(&home);
	return 0;
}

static int enter_vrf(const char *vrf, struct net_place *p, struct diag *d)
{
	char path[sizeof(NETNS_FOLDER) + NET_NAME_MAX];
	char driver[32];

	if (driver_of(vrf, driver) && strcmp(driver, "vrf") == 0) {
		p->ifindex = if_nametoindex(vrf);
		return 0;
	}
	(void)snprintf(path, sizeof(path), "%s/%s", NETNS_FOLDER, vrf);
	CLEANUP(fd_closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 && errno == ENOENT)
		return diag_set(d, -ENODEV,
		                "vrf %s: no VRF device and no network namespace of that name", vrf);
	if (fd < 0)
		return diag_set(d, -errno, "vrf %s: cannot open '%s': %s", vrf, path,
		                strerror(errno));
	return enter_namespace(vrf, fd, p, d);
}

/* --- interfaces ---------------------------------------------------------------------------------- */

static bool is_loopback(const struct inet_addr *a)
{
	static const uint8_t v6[16] = { [15] = 1 };

	return a->family == INET_V4 ? a->bytes[0] == 127 : memcmp(a->bytes, v6, sizeof(v6)) == 0;
}

/* The first address of the family that is not link-local, as `ip address` shows them; one of loopback when there
 * is no other. */
static bool address_of(const char *device, uint8_t family, struct inet_addr *ret)
{
	struct ifaddrs *all;
	bool found = false, is_done = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (const struct ifaddrs *i = all; i && !is_done; i = i->ifa_next) {
		union sockaddr_any sa = { 0 };

		if (!i->ifa_addr || strcmp(i->ifa_name, device) != 0)
			continue;
		if (i->ifa_addr->sa_family == AF_INET)
			memcpy(&sa.v4, i->ifa_addr, sizeof(sa.v4));
		else if (i->ifa_addr->sa_family == AF_INET6)
			memcpy(&sa.v6, i->ifa_addr, sizeof(sa.v6));
		struct inet_addr addr = sockaddr_to_endpoint(&sa).addr;

		if (addr.family != family || addr.scope_id != 0)
			continue;
		is_done = !is_loopback(&addr);
		if (is_done || !found)
			*ret = addr;
		found = true;
	}
	freeifaddrs(all);
	return found;
}

/* Interfaces behind which there is no network: as on a router they lend their address, while the
 * route decides where the packets leave. */
static bool leads_nowhere(const char *device)
{
	char driver[32];

	return strcmp(device, "lo") == 0 ||
	       (driver_of(device, driver) && strcmp(driver, "dummy") == 0);
}

static int find_device(const char *device, const struct sock_spec *s, struct net_place *p,
                       struct diag *d)
{
	uint8_t family = s->local.addr.family;
	unsigned ifindex = if_nametoindex(device);

	if (ifindex == 0)
		return diag_set(d, -ENODEV, "there is no interface '%s'", device);
	if (s->kind == SOCK_KIND_PACKET) {
		p->ifindex = ifindex;
		return 0;
	}
	if (inet_addr_is_unspecified(&s->local.addr) && !address_of(device, family, &p->source))
		return diag_set(d, -EADDRNOTAVAIL, "interface '%s' has no %s address", device,
		                family == INET_V4 ? "IPv4" : "IPv6");
	if (!leads_nowhere(device))
		p->ifindex = ifindex;
	return 0;
}

/* --- both ---------------------------------------------------------------------------------------- */

static int enter(const struct sock_spec *s, struct net_place *p, struct diag *d)
{
	const char *vrf = net_name(s->vrf), *device = net_name(s->device);

	if ((s->vrf && !vrf) || (s->device && !device))
		return diag_set(d, -EINVAL, "a VRF or an interface whose name nobody told");
	int rc = vrf ? enter_vrf(vrf, p, d) : 0;

	return rc == 0 && device ? find_device(device, s, p, d) : rc;
}

int net_place_enter(const struct sock_spec *s, struct net_place *ret, struct diag *d)
{
	struct net_place p = { .home = -1 };
	int rc = enter(s, &p, d);

	if (rc < 0)
		net_place_leave(&p);
	else
		*ret = p;
	return rc;
}

void net_place_leave(struct net_place *p)
{
	if (p->home < 0)
		return;
	/* All that is opened from here on would be opened in the wrong place. */
	if (setns(p->home, CLONE_NEWNET) < 0) {
		log_err("socket", "cannot return to the own network namespace: %s",
		        strerror(errno));
		abort();
	}
	fd_closep(&p->home);
}
