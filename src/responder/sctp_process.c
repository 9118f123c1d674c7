/* SPDX-License-Identifier: Apache-2.0 */
/* Starting the SCTP process, and its role. */
#include "responder/sctp_process.h"

#include "base/log.h"
#include "io/udp_socket.h"
#include "responder/port_policy.h"
#include "wire/ipsla.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define CHECKS         40
#define CHECK_PAUSE_MS 10

bool sctp_kernel_has_it(void)
{
	const struct sock_spec spec = {
		.kind = SOCK_KIND_SCTP_LISTEN,
		.local = { .addr = { .family = INET_V4 } },
	};
	CLEANUP(fd_closep) int fd = sock_open_here(&spec, NULL);

	return fd >= 0;
}

/* The library says nothing when it cannot have its UDP port: look before it does.  A predecessor
 * whose channel was just closed needs a moment to end. */
static int check_port(uint16_t port, struct diag *d)
{
	const struct sock_spec spec = {
		.kind = SOCK_KIND_UDP,
		.local = { .addr = { .family = INET_V4 }, .port = port },
	};
	int rc = -EADDRINUSE;

	for (int i = 0; i < CHECKS && rc == -EADDRINUSE; i++) {
		CLEANUP(fd_closep) int fd = sock_open_here(&spec, d);

		rc = fd < 0 ? fd : 0;
		if (rc == -EADDRINUSE)
			(void)poll(NULL, 0, CHECK_PAUSE_MS);
	}
	return rc;
}

int sctp_process_spawn(uint16_t encaps_port, uint16_t port, const struct process_ids *ids,
                       struct diag *d, pid_t *ret_pid, int *ret_fd)
{
	char encaps_text[8], port_text[8];
	char *const arguments[] = { encaps_text, port_text, NULL };
	int pair[2];
	int rc = check_port(encaps_port, d);

	if (rc < 0)
		return rc;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return diag_set(d, -errno, "cannot make the channel of the SCTP process");
	CLEANUP(fd_closep) int ours = pair[0];
	CLEANUP(fd_closep) int theirs = pair[1];

	(void)snprintf(encaps_text, sizeof(encaps_text), "%u", encaps_port);
	(void)snprintf(port_text, sizeof(port_text), "%u", port);
	const struct process_spec spec = {
		.role = SCTP_PROCESS_ROLE,
		.arguments = arguments,
		.fds = &theirs,
		.fd_count = 1,
		.ids = *ids,
	};

	if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
		return diag_set(d, -errno, "cannot make the channel of the SCTP process");
	rc = process_spawn(&spec, d, ret_pid);
	if (rc < 0)
		return rc;
	*ret_fd = fd_steal(&ours);
	return 0;
}

static bool take_port(const char *text, uint16_t *ret)
{
	struct port_range range;

	if (port_range_parse(text, strlen(text), &range) < 0 || range.first != range.last)
		return false;
	*ret = range.first;
	return true;
}

int sctp_process_main(int argc, char *const *argv)
{
	struct diag d = { 0 };
	uint16_t encaps_port, port;

	/* argv[1] is the role itself. */
	if (argc != 4 || !take_port(argv[2], &encaps_port) || !take_port(argv[3], &port))
		return 3;
	if (process_enter(SCTP_PROCESS_ROLE, 1) < 0)
		return 3;
	if (sctp_process_serve(PROCESS_FD_FIRST, encaps_port, port, &d) < 0) {
		log_err("sctp", "%s", d.text);
		return 4;
	}
	return 0;
}
