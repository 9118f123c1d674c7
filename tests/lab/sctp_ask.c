/* SPDX-License-Identifier: Apache-2.0 */
/* One control message over SCTP in UDP (RFC 6951), and its answer: for lab tests on kernels without SCTP.
 *
 * usage: sctp_ask ADDRESS SCTP-PORT UDP-PORT OWN-UDP-PORT HEX
 * prints the answer in hexadecimal; ends by SIGALRM when none came within five seconds */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usrsctp.h>

#define MESSAGE_MAX 1024
#define WAIT_S      5

static int inbox[2]; /* from the library's thread to ours, one datagram a message */

static int on_message(struct socket *s, union sctp_sockstore from, void *data, size_t len,
                      struct sctp_rcvinfo info, int flags, void *ctx)
{
	(void)s;
	(void)from;
	(void)info;
	(void)ctx;
	if (data && !(flags & MSG_NOTIFICATION))
		(void)!write(inbox[1], data, len); /* nobody reads any more: it is late */
	free(data);
	return 1;
}

static size_t read_hex(const char *text, uint8_t *to)
{
	size_t n = 0;

	for (; text[0] && text[1] && n < MESSAGE_MAX; text += 2) {
		const char pair[] = { text[0], text[1], '\0' };

		to[n++] = (uint8_t)strtoul(pair, NULL, 16);
	}
	return n;
}

static int ask(struct socket *s, const struct sockaddr_in *to, uint16_t udp_port, const char *hex)
{
	struct sctp_udpencaps encaps = { .sue_port = htons(udp_port) };
	struct sctp_sndinfo info = { 0 };
	struct sockaddr_in peer = *to;
	uint8_t buf[MESSAGE_MAX];
	size_t len = read_hex(hex, buf);

	encaps.sue_address.ss_family = AF_INET;
	if (usrsctp_setsockopt(s, IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps,
	                       sizeof(encaps)) < 0 ||
	    usrsctp_connect(s, (struct sockaddr *)&peer, sizeof(peer)) < 0 ||
	    usrsctp_sendv(s, buf, len, NULL, 0, &info, sizeof(info), SCTP_SENDV_SNDINFO, 0) < 0) {
		perror("sctp_ask");
		return 2;
	}
	ssize_t n = read(inbox[0], buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++)
		(void)printf("%02x", buf[i]);
	(void)putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };

	if (argc != 6 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) {
		(void)fputs("usage: sctp_ask ADDRESS SCTP-PORT UDP-PORT OWN-UDP-PORT HEX\n",
		            stderr);
		return 3;
	}
	to.sin_port = htons((uint16_t)strtoul(argv[2], NULL, 10));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, inbox) < 0)
		return 4;
	(void)alarm(WAIT_S); /* the library waits without end */
	usrsctp_init((uint16_t)strtoul(argv[4], NULL, 10), NULL, NULL);
	struct socket *s =
	        usrsctp_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP, on_message, NULL, 0, NULL);

	if (!s)
		return 4;
	int code = ask(s, &to, (uint16_t)strtoul(argv[3], NULL, 10), argv[5]);

	(void)fflush(stdout);
	_exit(code); /* the library's threads have nothing more to do */
}
