/* SPDX-License-Identifier: Apache-2.0 */
/* The broker: what it grants, what it refuses, and that it counts both, whatever it is sent. */
#include "io/broker.h"

#include "io/broker_message.h"
#include "io/net_names.h"
#include "io/rt_sched.h"
#include "netns.h"
#include "t.h"
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static struct broker broker;
static int engine_fd;

static int setup(void **state)
{
	(void)state;
	broker = (struct broker) { .engine_pid = getpid() };
	return lockstep_pair(&broker.fd, &engine_fd);
}

static int teardown(void **state)
{
	(void)state;
	fd_closep(&broker.fd);
	fd_closep(&engine_fd);
	return 0;
}

static struct inet_endpoint at(const char *addr, uint16_t port)
{
	struct inet_endpoint e = { .port = port };

	assert_int_equal(inet_addr_parse(addr, &e.addr), 0);
	return e;
}

/* Send a request of any size, let the broker work, and take the reply; returns its error, 1 when
 * there was none.  A descriptor is closed at once. */
static int ask_raw(const void *request, size_t len)
{
	struct lockstep_reply r;
	_Alignas(struct cmsghdr) char control[256];
	struct iovec data = { &r, sizeof(r) };
	struct msghdr h = { .msg_iov = &data,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };

	assert_int_equal(send(engine_fd, request, len, 0), len);
	assert_int_equal(broker_serve(&broker), 0);
	if (recvmsg(engine_fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
		return 1;
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int fd = -1;

	if (c)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	assert_int_equal(r.error == 0 && fd < 0, false);
	fd_closep(&fd);
	assert_int_equal(r.error < 0, r.text[0] != '\0');
	return r.error;
}

static void *serve(void *arg)
{
	struct pollfd p = { .fd = broker.fd, .events = POLLIN };

	(void)arg;
	while (poll(&p, 1, 5000) == 1 && broker_serve(&broker) == 0)
		;
	return NULL;
}

static void test_client_gets_what_it_may_not_open_itself(void **state)
{
	struct broker_client client;
	struct sock_spec icmp = { .kind = SOCK_KIND_ICMP,
		                  .rx_stamps = true,
		                  .local = at("127.0.0.1", 0) };
	struct sock_spec low = { .kind = SOCK_KIND_UDP, .local = at("::1", 167) };
	struct sock_spec high = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 0) };
	struct sock_opener *o = &client.opener;
	struct inet_endpoint local;
	struct diag d = { 0 };
	pthread_t thread;

	(void)state;
	broker_client_init(&client, engine_fd);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	int icmp_fd = o->open(o, &icmp, &d);
	int low_fd = o->open(o, &low, &d);
	int high_fd = o->open(o, &high, &d);

	assert_true(icmp_fd >= 0 && low_fd >= 0 && high_fd >= 0);
	assert_int_equal(sock_local(icmp_fd, &local), 0);
	assert_int_not_equal(local.port, 0);
	assert_int_equal(sock_local(low_fd, &local), 0);
	assert_int_equal(local.port, 167);
	/* The sentence of a failure crosses as well. */
	assert_int_equal(o->open(o, &low, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "UDP port 167 on ::1 is in use"));
	int rc = broker_client_rt_sched(&client, &d);

	if (rc < 0) {
		assert_non_null(strstr(d.text, "CAP_SYS_NICE"));
	} else {
		struct sched_param param;
		int policy = SCHED_OTHER;

		assert_int_equal(sched_getscheduler(0), SCHED_FIFO | SCHED_RESET_ON_FORK);
		/* and whoever answers us must not wait for others either */
		assert_int_equal(pthread_getschedparam(thread, &policy, &param), 0);
		assert_int_equal(policy & ~SCHED_RESET_ON_FORK, SCHED_FIFO);
		assert_int_equal(param.sched_priority, RT_SCHED_PRIORITY);
	}
	const struct sched_param plain = { 0 };

	assert_int_equal(sched_setscheduler(0, SCHED_OTHER, &plain), 0);
	fd_closep(&engine_fd); /* ends the broker's thread */
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(broker.counters.opened, 2);
	assert_int_equal(broker.counters.refused, 0);
	assert_true(broker.counters.failed >= 1);
	assert_int_equal(o->open(o, &icmp, &d), -EBADF);
	assert_non_null(strstr(d.text, "the broker process does not answer"));
	fd_closep(&icmp_fd);
	fd_closep(&low_fd);
	fd_closep(&high_fd);
}

static void test_client_gives_up_on_a_silent_broker(void **state)
{
	struct broker_client client;
	struct sock_spec icmp = { .kind = SOCK_KIND_ICMP, .local = at("127.0.0.1", 0) };
	struct diag d = { 0 };

	(void)state;
	broker_client_init(&client, engine_fd);
	assert_int_equal(client.opener.open(&client.opener, &icmp, &d), -ETIMEDOUT);
	/* The late reply, with its socket, must not be taken for that of the next request. */
	assert_int_equal(broker_serve(&broker), 0);
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
	int fd = client.opener.open(&client.opener, &icmp, &d);

	assert_true(fd >= 0);
	fd_closep(&fd);
	fd_closep(&engine_fd);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(broker.counters.opened, 2);
}

static struct broker_request valid_request(void)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP, .local = at("127.0.0.1", 900) };

	return broker_request_from_spec(&s);
}

/* A field of a valid request, the value that spoils it, and the answer (1: not even one). */
#define FIELD(f) #f, offsetof(struct broker_request, f), sizeof(((struct broker_request *)0)->f)

static const struct {
	const char *name;
	size_t offset, size;
	uint32_t value;
	int error;
} spoilt[] = {
	{ FIELD(head.magic), 0, 1 },
	{ FIELD(verb), 0, -EINVAL },
	{ FIELD(verb), 3, -EINVAL },
	{ FIELD(verb), BROKER_RT_SCHED, -EINVAL }, /* the other fields must be empty */
	{ FIELD(tid), 1, -EINVAL },
	{ FIELD(kind), SOCK_KIND_PACKET + 1, -EINVAL },
	{ FIELD(kind), SOCK_KIND_PACKET, -EINVAL }, /* with addresses */
	{ FIELD(icmp_errors), 2, -EINVAL },
	{ FIELD(unconnected), 2, -EINVAL },
	{ FIELD(no_fragments), 3, -EINVAL },
	{ FIELD(broadcast), 2, -EINVAL },
	{ FIELD(icmp), SOCK_ICMP_TIMESTAMP, -EINVAL }, /* UDP */
	{ FIELD(priority), SOCK_PRIORITY_MAX + 1, -EINVAL },
	{ FIELD(vrf), NET_NAMES_MAX + 1, -EINVAL },
	{ FIELD(vrf), NET_NAMES_MAX, -EINVAL }, /* a number that nobody named */
	{ FIELD(device), NET_NAMES_MAX + 1, -EINVAL },
	{ FIELD(ethertype), SOCK_ETHERTYPE_CFM, -EINVAL },
	{ FIELD(flow_label), 1, -EINVAL }, /* IPv4 */
	{ FIELD(flow_label), SOCK_FLOW_LABEL_MAX + 1, -EINVAL },
	{ FIELD(rx_stamps), 2, -EINVAL },
	{ FIELD(tx_stamps), 255, -EINVAL },
	{ FIELD(reuse_port), 2, -EINVAL },
	{ FIELD(packet_info), 2, -EINVAL },
	{ FIELD(zero), 1, -EINVAL },
	{ FIELD(receive_buffer_bytes), BROKER_RECEIVE_BUFFER_MAX + 1, -EINVAL },
	{ FIELD(local.family), 0, -EINVAL },
	{ FIELD(local.family), 5, -EINVAL },
	{ FIELD(local.bytes[4]), 1, -EINVAL },
	{ FIELD(local.scope_id), 1, -EINVAL },
	{ FIELD(local.zero), 1, -EINVAL },
	{ FIELD(local.port), 0, -EPERM },
	{ FIELD(local.port), 1024, -EPERM },
	{ FIELD(peer.family), INET_V6, -EINVAL },
	{ FIELD(peer.port), 1, -EINVAL },
	{ FIELD(kind), SOCK_KIND_ICMP, -EINVAL }, /* with a port */
};

static void test_each_field_is_checked(void **state)
{
	struct broker_request q = valid_request();

	(void)state;
	assert_int_equal(ask_raw(&q, sizeof(q)), 0);
	for (size_t i = 0; i < ARRAY_LEN(spoilt); i++) {
		q = valid_request();
		memcpy((uint8_t *)&q + spoilt[i].offset, &spoilt[i].value, spoilt[i].size);
		int error = ask_raw(&q, sizeof(q));

		if (error != spoilt[i].error)
			fail_msg("%s = %u: %d", spoilt[i].name, spoilt[i].value, error);
		assert_int_equal(broker.counters.refused, i + 1);
	}
	assert_int_equal(broker.counters.opened, 1);
}

/* Frames of one type, on a named interface, and nothing that belongs to addresses. */
static void test_frames_of_one_type_alone(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_PACKET, .ethertype = SOCK_ETHERTYPE_CFM };
	struct broker_request q;

	(void)state;
	assert_int_equal(net_name_number("lo", &s.device, NULL), 0);
	q = broker_request_from_spec(&s);
	assert_int_equal(ask_raw(&q, sizeof(q)), 0);
	s.ethertype = 0x0800;
	q = broker_request_from_spec(&s);
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
	s.ethertype = SOCK_ETHERTYPE_CFM;
	s.mark = 1;
	q = broker_request_from_spec(&s);
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
	s.mark = 0;
	s.device = 0;
	q = broker_request_from_spec(&s);
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
	assert_int_equal(broker.counters.opened, 1);
	assert_int_equal(broker.counters.refused, 3);
}

static void test_timestamps_are_for_ipv4(void **state)
{
	struct sock_spec s = { .kind = SOCK_KIND_ICMP,
		               .icmp = SOCK_ICMP_TIMESTAMP,
		               .local = at("127.0.0.1", 0) };
	struct broker_request q = broker_request_from_spec(&s);

	(void)state;
	assert_int_equal(ask_raw(&q, sizeof(q)), 0);
	s.local = at("::1", 0);
	q = broker_request_from_spec(&s);
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
}

static void test_sizes_are_checked(void **state)
{
	struct broker_request q[2] = { valid_request(), valid_request() };

	(void)state;
	assert_int_equal(ask_raw(q, sizeof(q[0]) - 1), 1);
	assert_int_equal(ask_raw(q, sizeof(q[0]) + 1), 1);
	assert_int_equal(ask_raw(q, 1), 1);
	assert_int_equal(broker.counters.refused, 3);
	assert_int_equal(broker.counters.opened, 0);
}

static void test_only_threads_of_the_engine(void **state)
{
	struct broker_request q = { .head.magic = BROKER_MAGIC, .verb = BROKER_RT_SCHED, .tid = 1 };

	(void)state;
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL); /* init is no thread of ours */
	q.tid = 0;
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
	q.tid = -getpid();
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
	q.tid = (int32_t)getppid();
	assert_int_equal(ask_raw(&q, sizeof(q)), -EINVAL);
	assert_int_equal(broker.counters.refused, 4);
	assert_int_equal(broker.counters.scheduled, 0);
}

/* Descriptors that the engine sends along do not pile up in the broker. */
static void test_sent_descriptors_are_dropped(void **state)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = { 0 };
	struct broker_request q = valid_request();
	struct iovec data = { &q, sizeof(q) };
	struct msghdr h = { .msg_iov = &data,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	int before = dup(0), pipe_fds[2];

	(void)state;
	(void)close(before);
	assert_int_equal(pipe(pipe_fds), 0);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &pipe_fds[1], sizeof(int));
	q.verb = 99;
	assert_int_equal(sendmsg(engine_fd, &h, 0), sizeof(q));
	assert_int_equal(broker_serve(&broker), 0);
	(void)close(pipe_fds[1]);
	char byte;

	assert_int_equal(read(pipe_fds[0], &byte, 1), 0); /* nobody holds the other end */
	(void)close(pipe_fds[0]);
	int after = dup(0);

	assert_int_equal(after, before);
	(void)close(after);
}

/* Random and mutated requests: answered or not, the broker lives, every one is counted, and what
 * it accepts is within what it may grant. */
static void test_random_requests(void **state)
{
	uint64_t seed = t_seed(7), total = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct broker_request q = valid_request();
		uint8_t *octets = (uint8_t *)&q;
		struct sock_spec spec;
		unsigned changes = (unsigned)(t_random(&seed) % 4) + 1;

		if (i % 2) {
			for (size_t n = 12; n < sizeof(q); n++) /* keep magic and verb */
				octets[n] = (uint8_t)t_random(&seed);
		}
		while (changes--)
			octets[t_random(&seed) % sizeof(q)] = (uint8_t)t_random(&seed);
		int rc = ask_raw(&q, sizeof(q));
		const struct broker_counters *c = &broker.counters;

		total++;
		assert_int_equal(c->opened + c->failed + c->refused + c->scheduled, total);
		assert_int_equal(rc == 0 && q.verb == BROKER_OPEN &&
		                         broker_request_check(&q, &spec) < 0,
		                 false);
		if (rc == 0)
			assert_true(q.kind == SOCK_KIND_ICMP || q.mark ||
			            (q.local.port > 0 && q.local.port < 1024));
	}
	print_message("%llu opened, %llu failed, %llu refused\n",
	              (unsigned long long)broker.counters.opened,
	              (unsigned long long)broker.counters.failed,
	              (unsigned long long)broker.counters.refused);
	assert_true(broker.counters.opened > 0 && broker.counters.refused > 9000);
}

static void test_end_of_the_engine_is_seen(void **state)
{
	(void)state;
	fd_closep(&engine_fd);
	assert_int_equal(broker_serve(&broker), -EPIPE);
}

static int sctp_ports[2];

static int fake_sctp(struct broker *b, uint16_t encaps_port, uint16_t port, struct diag *d)
{
	(void)b;
	sctp_ports[0] = encaps_port;
	sctp_ports[1] = port;
	return port == 2000 ? diag_set(d, -EADDRINUSE, "taken") : dup(0);
}

static void *serve_a_while(void *arg)
{
	struct pollfd p = { .fd = broker.fd, .events = POLLIN };

	while (poll(&p, 1, 5000) == 1 && broker_serve(&broker) == 0)
		;
	return arg;
}

static void test_starts_the_sctp_process(void **state)
{
	struct broker_client c;
	struct diag d = { 0 };
	pthread_t thread;

	(void)state;
	broker_client_init(&c, engine_fd);
	assert_int_equal(pthread_create(&thread, NULL, serve_a_while, NULL), 0);
	/* none to start */
	assert_int_equal(broker_client_start_sctp(&c, 9899, 1167, &d), -EINVAL);
	broker.start_sctp = fake_sctp;
	int fd = broker_client_start_sctp(&c, 9899, 1167, &d);

	assert_true(fd >= 0);
	assert_int_equal(sctp_ports[0], 9899);
	assert_int_equal(sctp_ports[1], 1167);
	(void)close(fd);
	assert_int_equal(broker_client_start_sctp(&c, 9899, 2000, &d), -EADDRINUSE);
	assert_string_equal(d.text, "taken");
	assert_int_equal(broker_client_start_sctp(&c, 1023, 1167, &d), -EINVAL);
	assert_int_equal(broker_client_start_sctp(&c, 9899, 0, &d), -EINVAL);
	fd_closep(&engine_fd);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(broker.counters.started, 1);
	assert_int_equal(broker.counters.failed, 1);
	assert_int_equal(broker.counters.refused, 3);
}

#define BROKER_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BROKER_TEST(test_client_gets_what_it_may_not_open_itself),
		BROKER_TEST(test_client_gives_up_on_a_silent_broker),
		BROKER_TEST(test_each_field_is_checked),
		BROKER_TEST(test_frames_of_one_type_alone),
		BROKER_TEST(test_timestamps_are_for_ipv4),
		BROKER_TEST(test_sizes_are_checked),
		BROKER_TEST(test_starts_the_sctp_process),
		BROKER_TEST(test_only_threads_of_the_engine),
		BROKER_TEST(test_sent_descriptors_are_dropped),
		BROKER_TEST(test_random_requests),
		BROKER_TEST(test_end_of_the_engine_is_seen),
	};

	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
