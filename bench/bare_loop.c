/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of every reflector: one recvfrom and one sendto a datagram, no sessions, no checks, no
 * stamps.  usage: bare_loop PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in local = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY) };
	static uint8_t buf[65536];

	if (argc != 2) {
		(void)fputs("usage: bare_loop PORT\n", stderr);
		return 3;
	}
	local.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
		perror("bare_loop");
		return 4;
	}
	(void)puts("ready");
	(void)fflush(stdout);
	for (;;) {
		struct sockaddr_in from;
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len);

		if (n < 0 && errno != EINTR)
			return 4;
		if (n >= 0) /* a refused send is a lost answer: the generator sees it */
			(void)sendto(fd, buf, (size_t)n, 0, (struct sockaddr *)&from, from_len);
	}
}
