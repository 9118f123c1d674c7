/* SPDX-License-Identifier: Apache-2.0 */
/* The lab of the datagram tests. */
#include "datagram_lab.h"

#include "io/udp_socket.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int64_t clock_ns(struct clock *c)
{
	return container_of(c, struct test_clock, clock)->ns;
}

static mono_t test_mono(struct clock *c)
{
	return (mono_t) { clock_ns(c) + NS_PER_S };
}

static boot_t test_boot(struct clock *c)
{
	return (boot_t) { clock_ns(c) + NS_PER_S };
}

static wall_t test_wall(struct clock *c)
{
	return (wall_t) { clock_ns(c) + START_S * NS_PER_S };
}

static wall_t test_pair(struct clock *c, mono_t *ret_mono)
{
	*ret_mono = test_mono(c);
	return test_wall(c);
}

static struct clock_grade test_grade(struct clock *c)
{
	(void)c;
	return (struct clock_grade) { 0 };
}

static int64_t test_stamp_offset(struct clock *c)
{
	(void)c;
	return 0;
}

/* --- the lab ------------------------------------------------------------------------------------ */

static int loopback_socket(uint16_t *ret_port)
{
	struct sock_spec spec = {
		.kind = SOCK_KIND_UDP,
		.packet_info = true,
		.receive_buffer_bytes = 4u << 20,
		.local.addr = { .family = INET_V4, .bytes = { 127, 0, 0, 1 } },
	};
	struct inet_endpoint local;
	struct diag d = { 0 };
	int fd = sock_open_here(&spec, &d);

	assert_true(fd >= 0);
	assert_int_equal(sock_local(fd, &local), 0);
	*ret_port = local.port;
	return fd;
}

static struct inet_endpoint loopback(uint16_t port)
{
	return (struct inet_endpoint) { .addr = { .family = INET_V4, .bytes = { 127, 0, 0, 1 } },
		                        .port = port };
}

void lab_read_marks(const struct node *n, uint8_t to[static 512])
{
	int fd = openat(n->dir, "namp-marks", O_RDONLY | O_CLOEXEC);

	memset(to, 0, 512);
	if (fd < 0)
		return;
	assert_true(read(fd, to, 512) >= 0);
	(void)close(fd);
}

static unsigned on_deliver(void *ctx, const struct datagrams_received *r)
{
	struct node *n = ctx;

	n->delivered++;
	n->last_id = r->message->id;
	n->last_kind = r->message->kind;
	(void)snprintf(n->last_sender, sizeof(n->last_sender), "%s", r->sender);
	(void)snprintf(n->last_subject, sizeof(n->last_subject), "%.*s",
	               (int)r->message->subject.len, (const char *)r->message->subject.data);
	assert_true(r->message->body.len < sizeof(n->last_body));
	memcpy(n->last_body, r->message->body.data, r->message->body.len);
	lab_read_marks(n, n->marks);
	return n->code;
}

static void on_ended(void *ctx, const char *peer, uint64_t id, unsigned code)
{
	struct node *n = ctx;

	assert_non_null(peer);
	n->ended++;
	n->ended_id = id;
	n->ended_code = code;
}

static void on_trouble(void *ctx, const char *text)
{
	struct node *n = ctx;

	assert_non_null(strstr(text, "durable"));
	n->troubles++;
}

int lab_try_start(struct lab *l, struct node *n, struct diag *d)
{
	struct datagrams_cfg cfg = {
		.state_dir = n->dir,
		.node_name = n->name,
		.clock = &l->clock.clock,
		.deliver = on_deliver,
		.ended = on_ended,
		.trouble = on_trouble,
		.ctx = n,
	};

	return datagrams_new(NULL, &cfg, &n->s, d);
}

void lab_configure(struct lab *l, struct node *n)
{
	struct inet_endpoint wire = loopback(l->wire_port);
	struct namp_peer peers[] = {
		{ .name = n == &l->alpha ? "beta" : "alpha",
		  .addr = wire.addr,
		  .port = wire.port,
		  .is_inform = n == &l->alpha },
	};
	struct namp_conf conf = { .peer_count = 1, .peers = peers };

	datagrams_configure(n->s, &conf, l->chain.count > 0 ? &l->chain : NULL);
}

void lab_start(struct lab *l, struct node *n)
{
	struct diag d = { 0 };
	int error = lab_try_start(l, n, &d);

	if (error < 0)
		fail_msg("%s: %s", n->name, d.text);
	n->fd = loopback_socket(&n->port);
	datagrams_set_socket(n->s, n->fd);
	lab_configure(l, n);
}

void lab_stop(struct node *n)
{
	datagrams_free(n->s);
	n->s = NULL;
}

void lab_add_key(struct keychain *c, uint16_t id, const char *secret)
{
	struct key *k = &c->keys[c->count++];

	*k = (struct key) { .id = id, .secret_len = (uint8_t)strlen(secret) };
	memcpy(k->secret, secret, strlen(secret));
}

static void make_folder(struct node *n, const char *name)
{
	n->name = name;
	n->code = 200;
	(void)snprintf(n->path, sizeof(n->path), "/tmp/candor-datagrams-XXXXXX");
	assert_non_null(mkdtemp(n->path));
	n->dir = open(n->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(n->dir >= 0);
}

static void remove_folder(struct node *n)
{
	DIR *folder = opendir(n->path);

	assert_non_null(folder);
	for (struct dirent *e; (e = readdir(folder));) {
		if (e->d_name[0] != '.')
			assert_int_equal(unlinkat(n->dir, e->d_name, 0), 0);
	}
	(void)closedir(folder);
	(void)close(n->dir);
	assert_int_equal(rmdir(n->path), 0);
}

int lab_setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));

	assert_non_null(l);
	l->clock.clock = (struct clock) {
		.mono = test_mono,
		.boot = test_boot,
		.wall = test_wall,
		.pair = test_pair,
		.grade = test_grade,
		.stamp_offset_ns = test_stamp_offset,
	};
	(void)snprintf(l->chain.name, sizeof(l->chain.name), "fleet");
	lab_add_key(&l->chain, 7, "not a secret at all");
	make_folder(&l->alpha, "alpha");
	make_folder(&l->beta, "beta");
	l->wire = loopback_socket(&l->wire_port);
	lab_start(l, &l->alpha);
	lab_start(l, &l->beta);
	*state = l;
	return 0;
}

int lab_teardown(void **state)
{
	struct lab *l = *state;

	lab_stop(&l->alpha);
	lab_stop(&l->beta);
	remove_folder(&l->alpha);
	remove_folder(&l->beta);
	(void)close(l->wire);
	free(l);
	return 0;
}

void lab_pass_ms(struct lab *l, int64_t ms)
{
	l->clock.ns += ms * NS_PER_MS;
}

bool lab_is_readable(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

struct captured *lab_capture(struct lab *l, struct captured *to)
{
	assert_true(lab_is_readable(l->wire, ARRIVES_MS));
	ssize_t n = recv(l->wire, to->data, sizeof(to->data), MSG_DONTWAIT);

	assert_true(n > 0);
	to->len = (size_t)n;
	return to;
}

void lab_assert_silence(struct lab *l)
{
	assert_false(lab_is_readable(l->wire, SILENCE_MS));
}

void lab_put(struct lab *l, const struct node *n, const uint8_t *data, size_t len)
{
	struct inet_endpoint to = loopback(n->port);

	assert_int_equal(dgram_send(l->wire, data, len, &to, NULL, -1), 0);
}

void lab_settle(struct lab *l, struct node *n)
{
	assert_true(lab_is_readable(n->fd, ARRIVES_MS));
	while (lab_is_readable(n->fd, 0))
		datagrams_turn(n->s);
	lab_pass_ms(l, DATAGRAMS_BATCH_MS);
	datagrams_turn(n->s);
}

void lab_forward(struct lab *l, struct node *n, const struct captured *c)
{
	lab_put(l, n, c->data, c->len);
	lab_settle(l, n);
}

int lab_send(struct node *n, enum datagrams_manner manner, uint64_t *ret_id)
{
	static const uint8_t body[] = { 0xa1, 0x61, 'n', 0x07 };
	const struct datagrams_event e = { .subject = "message",
		                           .body = { body, sizeof(body) },
		                           .manner = manner };
	struct diag d = { 0 };

	return datagrams_send(n->s, n->name[0] == 'a' ? "beta" : "alpha", &e, ret_id, &d);
}

size_t lab_forge(const struct forged *f, uint8_t to[static NAMP_DATAGRAM_MAX])
{
	const char *trap = "a5 0003 0101 026161 0318c8 04a0";
	const char *secret = f->secret ? f->secret : "not a secret at all";
	struct namp_envelope e = { .boot = f->boot ? f->boot : 1,
		                   .sequence = f->sequence ? f->sequence : 1 };
	uint8_t key[NAMP_KEY_OCTETS], message[128];
	size_t len = t_hex(f->message ? f->message : trap, message, sizeof(message));

	(void)snprintf(e.kid, sizeof(e.kid), "%s", f->kid ? f->kid : "fleet/7");
	(void)snprintf(e.sender, sizeof(e.sender), "%s", f->sender ? f->sender : "gamma");
	(void)snprintf(e.receiver, sizeof(e.receiver), "%s", f->receiver ? f->receiver : "beta");
	assert_int_equal(namp_derive_key(secret, strlen(secret), &e, key), 0);
	ssize_t n = namp_seal(&e, key, message, len, to, NAMP_DATAGRAM_MAX);

	assert_true(n > 0);
	return (size_t)n;
}

void lab_put_forged(struct lab *l, const struct forged *f)
{
	uint8_t buf[NAMP_DATAGRAM_MAX];

	lab_put(l, &l->beta, buf, lab_forge(f, buf));
	lab_settle(l, &l->beta);
}
