/* SPDX-License-Identifier: Apache-2.0 */
/* What control may ask of its parent: granted, refused, and counted, whatever is sent. */
#include "candord/parent_requests.h"

#include "base/inet.h"
#include "candord/parent_client.h"
#include "candord/parent_message.h"
#include "config/config.h"
#include "io/clock.h"
#include "io/fd_pass.h"
#include "io/udp_socket.h"
#include "netns.h"
#include "t.h"
#include <poll.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

static struct parent_requests parent;
static int asking;
static pthread_t thread;
static char folder[64], config_path[96], identity_path[96];

static void put(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static const char *identity_file(const char *name)
{
	static char path[160];

	(void)snprintf(path, sizeof(path), "%s/%s", identity_path, name);
	return path;
}

static void *serve(void *arg)
{
	struct pollfd p = { .fd = parent.fd, .events = POLLIN };

	while (poll(&p, 1, 10000) == 1 && parent_requests_serve(&parent) == 0)
		;
	return arg;
}

static int setup(void **state)
{
	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/candor-parent-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	(void)snprintf(config_path, sizeof(config_path), "%s/candor.conf", folder);
	(void)snprintf(identity_path, sizeof(identity_path), "%s/identity", folder);
	if (mkdir(identity_path, 0700) < 0)
		return -1;
	put(config_path, "hostname old\n", 0640);
	parent = (struct parent_requests) { .config_path = config_path,
		                            .identity_path = identity_path };
	return lockstep_pair(&parent.fd, &asking);
}

/* With a thread that serves, for the client. */
static int setup_served(void **state)
{
	return setup(state) < 0 ? -1 : pthread_create(&thread, NULL, serve, NULL);
}

static void remove_file(const char *path)
{
	(void)unlink(path);
}

static int teardown(void **state)
{
	static const char *const names[] = { "ca.pem", "cert.pem", "key.pem", "crl.pem" };

	(void)state;
	fd_closep(&parent.fd);
	fd_closep(&asking);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		remove_file(identity_file(names[i]));
	remove_file(config_path);
	(void)rmdir(identity_path);
	return rmdir(folder); /* fails when something was left behind */
}

static int teardown_served(void **state)
{
	fd_closep(&asking);
	return pthread_join(thread, NULL) == 0 ? teardown(state) : -1;
}

/* --- ports --------------------------------------------------------------------------------------- */

static struct inet_addr address(const char *text)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse(text, &a), 0);
	return a;
}

static int connect_to(const char *addr, uint16_t port)
{
	struct sock_spec s = { .kind = SOCK_KIND_UDP, .peer = { .port = port } };

	s.peer.addr = address(addr);
	s.local.addr.family = s.peer.addr.family;
	int fd = sock_open_here(&s, NULL);

	assert_true(fd >= 0);
	return fd;
}

static void test_binds_both_families(void **state)
{
	const struct inet_addr every = { 0 }, one = address("127.0.0.1");
	struct dgram_batch *batch = dgram_batch_new(100);
	struct diag d = { 0 };
	struct dgram *g;

	(void)state;
	int udp = parent_bind_namp(asking, true, &every, 167, &d);
	int tcp = parent_bind_namp(asking, false, &one, 1670, &d);

	assert_true(udp >= 0 && tcp >= 0);
	static const char *const peers[] = { "127.0.0.1", "::1" };

	for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
		int fd = connect_to(peers[i], 167);
		struct pollfd p = { .fd = udp, .events = POLLIN };

		assert_int_equal(dgram_send(fd, (const uint8_t *)"x", 1, NULL, NULL, -1), 0);
		assert_int_equal(poll(&p, 1, 1000), 1);
		assert_int_equal(dgram_receive(udp, batch, clock_system(), &g), 1);
		const struct inet_addr peer = address(peers[i]);

		assert_true(inet_addr_equal(&g->from.addr, &peer)); /* no mapped address is seen */
		assert_true(inet_addr_equal(&g->to, &peer));
		assert_int_equal(dgram_reply(udp, &g, 1), 1);
		p.fd = fd;
		assert_int_equal(poll(&p, 1, 1000), 1);
		(void)close(fd);
	}
	dgram_batch_free(batch);
	assert_int_equal(parent_bind_namp(asking, false, &one, 1670, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "TCP port 1670 on 127.0.0.1 is in use"));
	assert_int_equal(parent_bind_namp(asking, false, &one, 22, &d), -EINVAL);
	assert_int_equal(parent_bind_namp(asking, false, &one, 0, &d), -EINVAL);
	(void)close(udp);
	(void)close(tcp);
	assert_int_equal(parent.counters.bound, 2);
	assert_int_equal(parent.counters.failed, 1);
	assert_int_equal(parent.counters.refused, 2);
}

/* --- identity ------------------------------------------------------------------------------------ */

static void test_opens_identity_files(void **state)
{
	struct diag d = { 0 };
	char text[8];

	(void)state;
	assert_int_equal(parent_open_identity(asking, IDENTITY_CA, &d), -ENOENT);
	put(identity_file("ca.pem"), "CA", 0644);
	put(identity_file("key.pem"), "KEY", 0640);
	int fd = parent_open_identity(asking, IDENTITY_CA, &d);

	assert_true(fd >= 0);
	assert_int_equal(read(fd, text, sizeof(text)), 2);
	assert_int_equal(write(fd, "x", 1), -1);
	(void)close(fd);
	fd = parent_open_identity(asking, IDENTITY_KEY, &d);
	assert_true(fd >= 0);
	(void)close(fd);
	put(identity_file("key.pem"), "KEY", 0644);
	assert_int_equal(parent_open_identity(asking, IDENTITY_KEY, &d), -EPERM);
	assert_non_null(strstr(d.text, "others may read the private key"));
	assert_non_null(strstr(d.text, "key.pem"));
	assert_int_equal(parent_open_identity(asking, IDENTITY_FILES, &d), -EINVAL);
	remove_file(identity_file("crl.pem"));
	fd = parent_open_users(asking, &d);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), -1);
	(void)close(fd);
	assert_int_equal(mkfifo(identity_file("crl.pem"), 0600),
	                 0); /* must not hold up the parent */
	assert_int_equal(parent_open_identity(asking, IDENTITY_CRL, &d), -EINVAL);
}

/* --- configuration ------------------------------------------------------------------------------- */

static int sealed(const char *text, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int save(const char *text, struct diag *d)
{
	int memory = sealed(text, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW);
	int rc = parent_save_config(asking, memory, d);

	(void)close(memory);
	return rc;
}

static void assert_config(const char *want, mode_t mode)
{
	char text[100] = "";
	struct stat st;
	int fd = open(config_path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0 && fstat(fd, &st) == 0);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	(void)close(fd);
	assert_string_equal(text, want);
	assert_int_equal(st.st_mode & 07777, mode);
}

/* As the parent does at start and at SIGHUP. */
static uint32_t order(void)
{
	int fd = open(config_path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	uint32_t number = parent_requests_order(&parent, fd);

	(void)close(fd);
	return number;
}

static void test_saves_what_it_has_read(void **state)
{
	struct diag d = { 0 };

	(void)state;
	assert_int_equal(save("hostname none\n", &d), -ESTALE); /* nothing was read yet */
	uint32_t first = order();

	assert_int_equal(parent_config_taken(asking, first, &d), 0);
	assert_int_equal(save("hostname new\n", &d), 0);
	assert_config("hostname new\n", 0640);
	assert_int_equal(save("hostname newer\n", &d), 0); /* its own change is no stranger's */
	assert_config("hostname newer\n", 0640);
	put(config_path, "hostname byhand\n", 0640);
	assert_int_equal(save("hostname lost\n", &d), -ESTALE);
	assert_non_null(strstr(d.text, "somebody changed"));
	assert_config("hostname byhand\n", 0640);
	/* handed over and refused, since it has errors: it is still not ours to replace */
	uint32_t second = order();

	assert_int_equal(save("hostname lost\n", &d), -ESTALE);
	/* late: of an order before what was saved */
	assert_int_equal(parent_config_taken(asking, first, &d), -ESTALE);
	assert_int_equal(save("hostname lost\n", &d), -ESTALE);
	assert_int_equal(parent_config_taken(asking, second, &d), 0);
	/* opened, then saved over: what was opened is old */
	uint32_t third = order();

	assert_int_equal(save("", &d), 0);
	assert_config("", 0640);
	assert_int_equal(parent_config_taken(asking, third, &d), -ESTALE);
	assert_int_equal(parent_config_taken(asking, order(), &d), 0);
	assert_int_equal(unlink(config_path), 0);
	assert_int_equal(save("hostname lost\n", &d), -ESTALE);
	assert_int_equal(symlink("/nonexistent", config_path), 0);
	assert_int_equal(save("hostname lost\n", &d), -ESTALE);
}

/* Keys are not for everybody, whatever the file was before. */
static void test_keys_are_not_public(void **state)
{
	static const char keys[] = "key chain K\n key 1\n  key-string x\n";
	struct diag d = { 0 };

	(void)state;
	put(config_path, "hostname old\n", 0644);
	assert_int_equal(parent_config_taken(asking, order(), &d), 0);
	assert_int_equal(save("hostname new\n", &d), 0);
	assert_config("hostname new\n", 0644);
	assert_int_equal(save(keys, &d), 0);
	assert_config(keys, 0640);
}

/* The link stays one; the file it names is replaced. */
static void test_saves_through_a_link(void **state)
{
	char target[160];
	struct diag d = { 0 };
	struct stat st;

	(void)state;
	(void)snprintf(target, sizeof(target), "%s", identity_file("ca.pem"));
	put(target, "hostname old\n", 0600);
	assert_int_equal(unlink(config_path), 0);
	assert_int_equal(symlink(target, config_path), 0);
	assert_int_equal(parent_config_taken(asking, order(), &d), 0);
	assert_int_equal(save("hostname new\n", &d), 0);
	assert_config("hostname new\n", 0600);
	assert_int_equal(lstat(config_path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
}

/* Every field of a route is checked: nothing but clean prefixes, hops of the same family, tables that are not the
 * kernel's own. */
static void test_routes_are_checked(void **state)
{
	struct route_entry good = { .table = 254, .metric = 1, .hop_count = 1 }, back, bad[9];
	struct parent_route q;

	(void)state;
	assert_int_equal(inet_prefix_parse("192.0.2.0/24", &good.prefix), 0);
	assert_int_equal(inet_addr_parse("198.51.100.1", &good.hops[0].gateway), 0);
	q = parent_route_pack(&good);
	assert_true(parent_route_unpack(&q, &back));
	assert_true(route_entry_equal(&good, &back));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		bad[i] = good;
	bad[0].table = ROUTE_TABLE_LOCAL;
	bad[1].table = 0;
	bad[2].metric = 0;
	bad[3].prefix.length = 8; /* bits behind it */
	bad[4].prefix.length = 33;
	bad[5].kind = ROUTE_OTHER;
	bad[6].kind = ROUTE_BLACKHOLE; /* with a hop */
	assert_int_equal(inet_addr_parse("2001:db8::1", &bad[7].hops[0].gateway), 0);
	bad[8].hops[0].gateway = (struct inet_addr) { 0 }; /* and no interface */
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		q = parent_route_pack(&bad[i]);
		assert_false(parent_route_unpack(&q, &back));
	}
	q = parent_route_pack(&good);
	q.hops[1].interface = 1; /* behind the last */
	assert_false(parent_route_unpack(&q, &back));
	q = parent_route_pack(&good);
	q.hop_count = ROUTE_HOPS_MAX + 1;
	assert_false(parent_route_unpack(&q, &back));
}

static void test_marks_are_ours(void **state)
{
	uint64_t before = parent.counters.refused;
	struct diag d;

	(void)state;
	assert_int_equal(parent_pin_rule(asking, 0, INET_V4, 1, true, &d), -EINVAL);
	assert_int_equal(parent_pin_rule(asking, 0, INET_NONE, ROUTE_PIN_FIRST, true, &d), -EINVAL);
	assert_int_equal(
	        parent_pin_rule(asking, NET_NAMES_MAX + 1, INET_V4, ROUTE_PIN_FIRST, true, &d),
	        -EINVAL);
	assert_int_equal(parent_routes_on_stop(asking, true, &d), 0);
	assert_true(parent.routes.withdraw);
	assert_int_equal(parent.counters.refused, before + 3);
}

static void test_takes_only_sealed_memory(void **state)
{
	static const int seals[] = { 0, F_SEAL_WRITE, F_SEAL_WRITE | F_SEAL_SHRINK,
		                     F_SEAL_SHRINK | F_SEAL_GROW };
	struct diag d = { 0 };
	int pipe_fds[2];

	(void)state;
	assert_int_equal(parent_config_taken(asking, order(), &d), 0);
	for (size_t i = 0; i < ARRAY_LEN(seals); i++) {
		int memory = sealed("hostname x\n", seals[i]);

		assert_int_equal(parent_save_config(asking, memory, &d), -EINVAL);
		(void)close(memory);
	}
	int file = open(config_path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(parent_save_config(asking, file, &d), -EINVAL);
	(void)close(file);
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	assert_int_equal(parent_save_config(asking, pipe_fds[0], &d), -EINVAL);
	(void)close(pipe_fds[0]);
	(void)close(pipe_fds[1]);
	int large = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(large, (off_t)CONFIG_FILE_MAX + 1), 0);
	assert_int_equal(fcntl(large, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
	assert_int_equal(parent_save_config(asking, large, &d), -EFBIG);
	(void)close(large);
	assert_int_equal(parent_save_config(asking, -1, &d), -EINVAL);
	assert_config("hostname old\n", 0640);
}

/* --- malformed requests -------------------------------------------------------------------------- */

/* Send octets, and ``passed`` with them; let the parent work; the answer's error, 1 when there is none. */
static int ask_raw(const void *request, size_t len, int passed)
{
	struct lockstep_reply r;
	CLEANUP(fd_closep) int fd = -1;

	assert_int_equal(fd_pass_send(asking, request, len, passed), 0);
	assert_int_equal(parent_requests_serve(&parent), 0);
	if (fd_pass_receive(asking, &r, sizeof(r), &fd) < 0)
		return 1;
	assert_int_equal(r.error < 0, r.text[0] != '\0');
	assert_false(r.error < 0 && fd >= 0);
	return r.error;
}

static struct parent_request valid_bind(void)
{
	return (struct parent_request) { .head = { PARENT_MAGIC, 1 },
		                         .verb = PARENT_BIND_NAMP,
		                         .port = 5000,
		                         .family = INET_V4,
		                         .address = { 127, 0, 0, 1 } };
}

#define FIELD(f) #f, offsetof(struct parent_request, f), sizeof(((struct parent_request *)0)->f)

static const struct {
	const char *name;
	size_t offset, size;
	uint32_t value;
	int error;
} spoilt[] = {
	{ FIELD(head.magic), 0, 1 },
	{ FIELD(verb), 0, -EINVAL },
	{ FIELD(verb), PARENT_NET_NAME + 1, -EINVAL },
	{ FIELD(verb), PARENT_NET_NAME, -EINVAL },
	{ FIELD(net_number), 1, -EINVAL },
	{ FIELD(net_name[0]), 'a', -EINVAL },
	{ FIELD(net_name[35]), 'a', -EINVAL },
	{ FIELD(verb), PARENT_OPEN_IDENTITY, -EINVAL }, /* the other fields must be empty */
	{ FIELD(verb), PARENT_CONFIG_TAKEN, -EINVAL },
	{ FIELD(verb), PARENT_SAVE_CONFIG, -EINVAL },
	{ FIELD(verb), PARENT_OPEN_USERS, -EINVAL },
	{ FIELD(order), 1, -EINVAL },
	{ FIELD(scope_id), 1, -EINVAL },
	{ FIELD(port), 166, -EINVAL },
	{ FIELD(port), 0, -EINVAL },
	{ FIELD(port), 1023, -EINVAL },
	{ FIELD(which), 1, -EINVAL },
	{ FIELD(is_udp), 2, -EINVAL },
	{ FIELD(family), 5, -EINVAL },
	{ FIELD(family), INET_NONE, -EINVAL }, /* with an address */
	{ FIELD(zero), 1, -EINVAL },
	{ FIELD(address[4]), 1, -EINVAL },
};

static void test_each_field_is_checked(void **state)
{
	struct parent_request q = valid_bind();

	(void)state;
	assert_int_equal(ask_raw(&q, sizeof(q), -1), 0);
	for (size_t i = 0; i < ARRAY_LEN(spoilt); i++) {
		q = valid_bind();
		memcpy((uint8_t *)&q + spoilt[i].offset, &spoilt[i].value, spoilt[i].size);
		int error = ask_raw(&q, sizeof(q), -1);

		if (error != spoilt[i].error)
			fail_msg("%s = %u: %d", spoilt[i].name, spoilt[i].value, error);
		assert_int_equal(parent.counters.refused, i + 1);
	}
	q = valid_bind();
	assert_int_equal(ask_raw(&q, sizeof(q) - 1, -1), 1);
	assert_int_equal(ask_raw(&q, 1, -1), 1);
	struct parent_request two[2] = { q, q };

	assert_int_equal(ask_raw(two, sizeof(two), -1), 1);
	assert_int_equal(ask_raw(&q, sizeof(q), 0), -EINVAL); /* brings a descriptor */
	assert_int_equal(parent.counters.bound, 1);
	assert_int_equal(parent.counters.refused, ARRAY_LEN(spoilt) + 4);
}

/* Names of VRFs and interfaces: nothing that could lead out of a folder, and numbers within the table. */
static void test_net_names(void **state)
{
	static const char *const bad[] = { "", "..", "a/b", "../x", "a b" };
	struct parent_request q = { .head.magic = PARENT_MAGIC,
		                    .verb = PARENT_NET_NAME,
		                    .net_number = 7,
		                    .net_name = "blue" };

	(void)state;
	assert_int_equal(ask_raw(&q, sizeof(q), -1), 0);
	assert_string_equal(net_name(7), "blue");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		memset(q.net_name, 0, sizeof(q.net_name));
		(void)snprintf(q.net_name, sizeof(q.net_name), "%s", bad[i]);
		assert_int_equal(ask_raw(&q, sizeof(q), -1), -EINVAL);
	}
	memset(q.net_name, 'a', sizeof(q.net_name)); /* without an end */
	assert_int_equal(ask_raw(&q, sizeof(q), -1), -EINVAL);
	memset(q.net_name, 0, sizeof(q.net_name));
	memcpy(q.net_name, "red\0x", 5); /* something behind its end */
	assert_int_equal(ask_raw(&q, sizeof(q), -1), -EINVAL);
	memset(q.net_name, 0, sizeof(q.net_name));
	memcpy(q.net_name, "red", 3);
	q.net_number = NET_NAMES_MAX + 1;
	assert_int_equal(ask_raw(&q, sizeof(q), -1), -EINVAL);
	q.net_number = 0;
	assert_int_equal(ask_raw(&q, sizeof(q), -1), -EINVAL);
	assert_int_equal(parent.counters.named, 1);
	assert_int_equal(parent.counters.refused, ARRAY_LEN(bad) + 4);
	assert_string_equal(net_name(7), "blue");
}

static int lowest_free(void)
{
	int fd = dup(0);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

/* Random and mutated requests, with and without a descriptor: each is counted once, nothing is left open
 * and no file changes. */
static void test_random_requests(void **state)
{
	uint64_t seed = t_seed(11), total = 0;
	int before = lowest_free();

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct parent_request q = valid_bind();
		uint8_t *octets = (uint8_t *)&q;
		unsigned changes = (unsigned)(t_random(&seed) % 4);

		if (i % 2) {
			for (size_t n = 12; n < sizeof(q); n++)
				octets[n] = (uint8_t)t_random(&seed);
		}
		q.verb = (uint32_t)(t_random(&seed) % 8);
		while (changes--)
			octets[t_random(&seed) % sizeof(q)] = (uint8_t)t_random(&seed);
		(void)ask_raw(&q, sizeof(q), t_random(&seed) % 4 == 0 ? 0 : -1);
		total++;
		const struct parent_counters *c = &parent.counters;

		assert_int_equal(c->bound + c->opened + c->taken + c->failed + c->refused, total);
		assert_int_equal(c->saved, 0);
	}
	print_message("%llu bound, %llu failed, %llu refused\n",
	              (unsigned long long)parent.counters.bound,
	              (unsigned long long)parent.counters.failed,
	              (unsigned long long)parent.counters.refused);
	assert_true(parent.counters.bound > 0 && parent.counters.refused > 10000);
	assert_int_equal(lowest_free(), before);
	assert_config("hostname old\n", 0640);
}

static void test_end_of_control_is_seen(void **state)
{
	(void)state;
	fd_closep(&asking);
	assert_int_equal(parent_requests_serve(&parent), -EPIPE);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, setup_served, teardown_served)
#define ALONE(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(test_binds_both_families),
		SERVED(test_opens_identity_files),
		SERVED(test_saves_what_it_has_read),
		SERVED(test_keys_are_not_public),
		SERVED(test_saves_through_a_link),
		cmocka_unit_test(test_routes_are_checked),
		SERVED(test_marks_are_ours),
		SERVED(test_takes_only_sealed_memory),
		ALONE(test_each_field_is_checked),
		ALONE(test_random_requests),
		ALONE(test_net_names),
		ALONE(test_random_requests),
		ALONE(test_end_of_control_is_seen),
	};

	if (!netns_enter())
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
