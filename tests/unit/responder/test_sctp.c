/* SPDX-License-Identifier: Apache-2.0 */
/* Control over SCTP: a client with a user-space SCTP, carried in UDP over loopback, the SCTP process
 * and the responder behind it. */
#include "net.h"

#include "responder/sctp_process.h"
#include "responder/sctp_record.h"
#include "vectors/ipsla_vectors.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/wait.h>
#include <usrsctp.h>

#define SERVER_ENCAPS 9899
#define CLIENT_ENCAPS 9900
#define SCTP_PORT     1167

/* Set up once, in main: the process must be forked before the client's library has threads. */
static pid_t process_pid;
static int process_fd;
static int inbox[2]; /* what the client's library receives, one datagram a message */

static void start_process(void)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	process_pid = fork();
	if (process_pid == 0) {
		struct diag d = { 0 };

		(void)close(pair[0]);
		int rc = sctp_process_serve(pair[1], SERVER_ENCAPS, SCTP_PORT, &d);

		if (rc < 0)
			(void)fprintf(stderr, "%s\n", d.text);
		_exit(rc < 0 ? 1 : 0);
	}
	(void)close(pair[1]);
	process_fd = pair[0];
}

static int on_client_message(struct socket *socket, union sctp_sockstore from, void *data,
                             size_t len, struct sctp_rcvinfo info, int flags, void *ctx)
{
	(void)socket;
	(void)from;
	(void)info;
	(void)ctx;
	if (data && !(flags & MSG_NOTIFICATION))
		(void)!write(inbox[1], data, len);
	free(data);
	return 1;
}

static struct socket *client_connect(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		                  .sin_port = htons(SCTP_PORT),
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sctp_udpencaps encaps = { .sue_port = htons(SERVER_ENCAPS) };
	struct socket *s = usrsctp_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP, on_client_message,
	                                  NULL, 0, NULL);

	assert_non_null(s);
	encaps.sue_address.ss_family = AF_INET;
	assert_int_equal(usrsctp_setsockopt(s, IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT, &encaps,
	                                    sizeof(encaps)),
	                 0);
	assert_int_equal(usrsctp_connect(s, (struct sockaddr *)&to, sizeof(to)), 0);
	return s;
}

static void client_send(struct socket *s, const uint8_t *data, size_t len)
{
	struct sctp_sndinfo info = { 0 };

	assert_int_equal(
	        usrsctp_sendv(s, data, len, NULL, 0, &info, sizeof(info), SCTP_SENDV_SNDINFO, 0),
	        (ssize_t)len);
}

static void messages_over_sctp_get_their_answers(void **state)
{
	struct net *n = *state;
	struct socket *client = client_connect();
	uint8_t buf[2048];
	struct ipsla_v1_response r1;
	struct ipsla_v2_response r2;

	assert_int_equal(responder_take_sctp(n->responder, process_fd), 0);
	n->cfg.control_sctp = true;
	net_apply(n);

	struct ipsla_v1_request q1 = {
		.sequence = 9,
		.command = 4,
		.target = net_endpoint("127.0.0.1", 0).addr,
		.port = 20000,
		.duration_ms = 5000,
		.has_auth = true,
	};
	ssize_t len = ipsla_v1_request_encode(&q1, buf, sizeof(buf));

	client_send(client, buf, (size_t)len);
	if (!net_wait(n, inbox[0], EPOLLIN, NET_WAIT_NS))
		fail_msg("no answer over SCTP");
	len = read(inbox[0], buf, sizeof(buf));
	assert_int_equal(len, 24);
	assert_int_equal(ipsla_v1_response_decode(buf, (size_t)len, &r1), 0);
	assert_int_equal(r1.sequence, 9);
	assert_int_equal(r1.status, 0);

	struct ipsla_v2_request q2 = { .sequence = 10, .role = 1, .duration_ms = 5000 };

	q2.control_source = q2.source = q2.control_target = q2.target = q1.target;
	len = ipsla_v2_request_encode(&q2, buf, sizeof(buf));
	client_send(client, buf, (size_t)len);
	assert_true(net_wait(n, inbox[0], EPOLLIN, NET_WAIT_NS));
	len = read(inbox[0], buf, sizeof(buf));
	assert_int_equal(ipsla_v2_response_decode(buf, (size_t)len, &r2), 0);
	assert_int_equal(r2.sequence, 10);
	assert_int_equal(ipsla_v2_response_status(&r2), 0);
	assert_in_range(r2.target_port, 1024, 65535);
	assert_int_equal(net_status(n).counters.control_sctp, 2);
	assert_int_equal(net_status(n).sessions, 2);

	/* A message beyond every limit ends the association, not the process. */
	memset(buf, 1, sizeof(buf));
	client_send(client, buf, sizeof(buf));
	struct socket *second = client_connect();

	len = ipsla_v1_request_encode(&q1, buf, sizeof(buf));
	client_send(second, buf, (size_t)len);
	assert_true(net_wait(n, inbox[0], EPOLLIN, NET_WAIT_NS));
	assert_int_equal(read(inbox[0], buf, sizeof(buf)), 24);
	usrsctp_close(client);
	usrsctp_close(second);
}

/* The process ends with its channel, and a broken record ends the channel. */
static void the_channel_is_not_believed(void **state)
{
	struct net *n = *state;
	struct sctp_record r = { .magic = SCTP_RECORD_MAGIC, .family = 5, .len = 8 };
	int pair[2];
	uint8_t octet;

	assert_int_equal(
	        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	assert_int_equal(responder_take_sctp(n->responder, pair[0]), 0);
	assert_int_equal(send(pair[1], &r, SCTP_RECORD_HEAD + 8, 0), SCTP_RECORD_HEAD + 8);
	assert_true(net_wait(n, pair[1], EPOLLIN, NET_WAIT_NS));
	assert_int_equal(read(pair[1], &octet, 1), 0);
	(void)close(pair[1]);
}

static void the_process_ends_with_its_channel(void **state)
{
	int status;

	(void)state; /* the first test's responder has closed the channel */
	assert_int_equal(waitpid(process_pid, &status, 0), process_pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(messages_over_sctp_get_their_answers, net_setup,
		                                net_teardown),
		cmocka_unit_test_setup_teardown(the_channel_is_not_believed, net_setup,
		                                net_teardown),
		cmocka_unit_test(the_process_ends_with_its_channel),
	};

	if (!netns_enter())
		return 77;
	start_process();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, inbox) < 0)
		return 1;
	usrsctp_init(CLIENT_ENCAPS, NULL, NULL);
	/* The process may not listen yet: ask again soon. */
	(void)usrsctp_sysctl_set_sctp_rto_min_default(50);
	(void)usrsctp_sysctl_set_sctp_rto_initial_default(50);
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	(void)kill(process_pid, SIGKILL);
	return rc;
}
