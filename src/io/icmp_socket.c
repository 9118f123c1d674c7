/* SPDX-License-Identifier: Apache-2.0 */
/* Echo sockets, ping or raw. */
#include "io/icmp_socket.h"

#include <assert.h>
#include <errno.h>
#include <linux/filter.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

/* Place of the identifier in the filters below. */
#define FILTER_ID_AT  4
#define FILTER_LENGTH 7

/* Accept echo replies with this identifier.  A raw IPv4 socket sees the IP header first (its length
 * goes to X), a raw IPv6 socket starts at the ICMPv6 header (X stays 0). */
static int filter_replies(int fd, int family, uint16_t id)
{
	bool v4 = family == AF_INET;
	struct sock_filter code[FILTER_LENGTH] = {
		v4 ? (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0)
		   : (struct sock_filter)BPF_STMT(BPF_LDX | BPF_W | BPF_IMM, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY, 0, 3),
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 4),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, id, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { .len = FILTER_LENGTH, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
	                                                                                   : 0;
}

static int open_raw(int family)
{
	int protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	CLEANUP(fd_closep)
	int fd = socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
	uint16_t id = 0;

	if (fd < 0)
		return -errno;
	/* Nobody hands out identifiers to raw sockets: a random one, and whoever receives checks
	 * peer and sequence as well. */
	while (id == 0) {
		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			return -errno;
	}
	int rc = filter_replies(fd, family, id);

	return rc < 0 ? rc : fd_steal(&fd);
}

int icmp_open(int family, struct diag *d)
{
	int protocol = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);

	if (fd >= 0)
		return fd;
	int error = -errno;

	fd = open_raw(family);
	if (fd >= 0)
		return fd;
	if (error == -EACCES || error == -EPERM)
		return diag_set(
		        d, error,
		        "ICMP echo is not allowed to this user: allow it to all with "
		        "\"sysctl net.ipv4.ping_group_range='0 2147483647'\" (IPv6 too), or "
		        "run with CAP_NET_RAW");
	return diag_set(d, error, "cannot open an ICMP echo socket: %s", strerror(-error));
}

/* Accept timestamp replies, whatever their identifier. */
static int filter_timestamps(int fd)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0),
		BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ICMP_TIMESTAMPREPLY, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { .len = ARRAY_LEN(code), .filter = code };

	static_assert(ARRAY_LEN(code) != FILTER_LENGTH, "icmp_raw_id() tells them apart by that");
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0 ? -errno
	                                                                                   : 0;
}

int icmp_open_timestamp(struct diag *d)
{
	CLEANUP(fd_closep)
	int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
	int rc = fd < 0 ? -errno : filter_timestamps(fd);

	if (rc == 0)
		return fd_steal(&fd);
	if (rc == -EACCES || rc == -EPERM)
		return diag_set(d, rc,
		                "ICMP timestamps are not allowed to this user: run with "
		                "CAP_NET_RAW");
	return diag_set(d, rc, "cannot open an ICMP socket: %s", strerror(-rc));
}

bool icmp_raw_id(int fd, uint16_t *ret_id)
{
	struct sock_filter code[FILTER_LENGTH] = { 0 };
	int type = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_RAW)
		return false;
	len = FILTER_LENGTH; /* in instructions, not octets */
	if (getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, code, &len) < 0 || len != FILTER_LENGTH)
		return false;
	*ret_id = (uint16_t)code[FILTER_ID_AT].k;
	return true;
}
