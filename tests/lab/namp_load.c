/* SPDX-License-Identifier: Apache-2.0 */
/* Many peers of one NAMP node: strangers who connect and say nothing or half a greeting, over and over,
 * and people who greet and then are idle, read nothing, or ask.
 *
 * usage: namp_load silent|stalling|flooding HOST PORT COUNT
 *        namp_load idle|slow HOST PORT COUNT IDENTITY-FOLDER
 *        namp_load asking|storming HOST PORT SECONDS IDENTITY-FOLDER
 *        namp_load asking SOCKET-PATH 0 SECONDS
 *
 * silent: COUNT TCP connections.  stalling: the same with the first octets of a ClientHello.  flooding: as stalling,
 * COUNT at a time, and each that the node closes is opened anew.  idle: COUNT sessions.  slow: COUNT sessions that ask
 * for much and never read.  asking: one session, requests one after another, and how long each took.
 * storming: handshakes one after another, each to its end.
 * Says `ready N` (how many are open) when all are there; then each line on standard input is answered with
 * `open N opened M` (so many are open now, so many ever were); ends with that input. */
#include "io/dial.h"
#include "io/stream.h"
#include "namp/client.h"
#include "namp/frame.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#define WAIT_MS   20000
#define COUNT_MAX 20000
#define SLOW_ASKS 64
#define ASKS_MAX  1000000
#define FILE_MAX  65536

/* The first octets of a ClientHello whose rest never comes. */
static const uint8_t half[] = { 22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3 };
/* {0: 0, 4: {"version": [1, 0]}} */
static const uint8_t hello[] = { 0,   0,   0,   16,  0xa2, 0,   0,   4,    0xa1, 0x67,
	                         'v', 'e', 'r', 's', 'i',  'o', 'n', 0x82, 1,    0 };

struct load {
	const char *mode, *host;
	uint16_t port;
	unsigned count, opened;
	struct tls_context *tls;
	struct stream streams[COUNT_MAX];
};

static struct load load;

static int fail(const char *what, const struct diag *d)
{
	(void)fprintf(stderr, "namp_load: %s: %s\n", what, d->text);
	return 1;
}

static bool is_mode(const char *mode)
{
	return strcmp(load.mode, mode) == 0;
}

/* --- identity ------------------------------------------------------------------------------------ */

/* Octets of DIR/NAME into ``to``; 0: there is none. */
static size_t slurp(const char *dir, const char *name, char *to)
{
	char path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name); /* fopen fails on a cut path */
	FILE *f = fopen(path, "re");
	size_t len = f ? fread(to, 1, FILE_MAX, f) : 0;

	if (f)
		(void)fclose(f); /* only read */
	return len;
}

static int read_identity(const char *dir, struct diag *d)
{
	static char ca[FILE_MAX], cert[FILE_MAX], key[FILE_MAX];
	struct tls_cfg cfg = { .role = TLS_CONNECT, .alpn = NAMP_ALPN };

	cfg.identity = (struct tls_identity) { .ca = ca, .cert = cert, .key = key };
	cfg.identity.ca_len = slurp(dir, "ca.pem", ca);
	cfg.identity.cert_len = slurp(dir, "cert.pem", cert);
	cfg.identity.key_len = slurp(dir, "key.pem", key);
	return tls_context_new(&cfg, &load.tls, d);
}

/* --- people -------------------------------------------------------------------------------------- */

static int shake(struct stream *s, mono_t deadline, struct diag *d)
{
	int error;

	s->tls = tls_new(load.tls, s->fd, load.host);
	if (!s->tls)
		return diag_set(d, -ENOMEM, "out of memory");
	while ((error = tls_handshake(s->tls)) == -EAGAIN) {
		error = dial_wait(s->fd, POLLIN, deadline);
		if (error < 0)
			break;
	}
	return error == 0 ? 0 : diag_set(d, error, "handshake: %s", strerror(-error));
}

/* Hello both ways.  0 or -errno. */
static int greet(struct stream *s, mono_t deadline, struct diag *d)
{
	struct frame_buffer in = { 0 };
	struct namp_slice octets;
	struct namp_message m = { 0 };
	uint8_t chunk[4096];
	int error = stream_write(s, hello, sizeof(hello)) == sizeof(hello) ? -EAGAIN : -EPIPE;

	while (error == -EAGAIN &&
	       (error = frame_next(&in, NAMP_MESSAGE_MAX, &octets)) == -EAGAIN) {
		ssize_t n = stream_read(s, chunk, sizeof(chunk));

		if (n > 0)
			error = frame_feed(&in, chunk, (size_t)n) < 0 ? -ENOMEM : -EAGAIN;
		else if (n == -EAGAIN)
			error = dial_wait(s->fd, POLLIN, deadline) < 0 ? -ETIMEDOUT : -EAGAIN;
		else
			error = n == 0 ? -EPIPE : (int)n;
	}
	if (error == 0)
		error = namp_decode(octets.data, octets.len, &m);
	if (error == 0 && m.kind != NAMP_HELLO)
		error = -EACCES;
	frame_fini(&in);
	return error == 0 ? 0 : diag_set(d, error, "greeting: %s", strerror(-error));
}

/* Ask for all that the node can do, again and again, and read nothing of it. */
static void ask_without_reading(struct stream *s)
{
	struct frame_buffer out = { 0 };
	struct namp_message m = { .kind = NAMP_REQUEST, .code = NAMP_LIST };
	int error = 0;

	m.subject = (struct namp_slice) { (const uint8_t *)"", 0 };
	for (m.id = 1; m.id <= SLOW_ASKS && error == 0; m.id++)
		error = frame_put(&out, &m);
	while (error == 0 && frame_waiting(&out) > 0) {
		ssize_t n = stream_write(s, out.data + out.at, frame_waiting(&out));

		if (n <= 0)
			break; /* the node has stopped reading: just so */
		frame_consume(&out, (size_t)n);
	}
	frame_fini(&out);
}

/* --- all of them --------------------------------------------------------------------------------- */

static int open_one(struct stream *s, struct diag *d)
{
	mono_t deadline = dial_deadline(WAIT_MS);
	int small = 4096;
	int error = dial_tcp(load.host, load.port, deadline, d);

	if (error < 0)
		return error;
	s->fd = error;
	load.opened++;
	if (is_mode("stalling") || is_mode("flooding"))
		(void)send(s->fd, half, sizeof(half), MSG_NOSIGNAL); /* it may be closed already */
	if (!load.tls)
		return 0;
	if (is_mode("slow"))
		(void)setsockopt(s->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	error = shake(s, deadline, d);
	if (error == 0)
		error = greet(s, deadline, d);
	if (error == 0 && is_mode("slow"))
		ask_without_reading(s);
	return error;
}

static bool has_ended(struct stream *s)
{
	uint8_t octet;
	ssize_t n = recv(s->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}

/* Close what the node has closed; how many are left. */
static unsigned sweep(void)
{
	unsigned left = 0;

	for (unsigned i = 0; i < load.count; i++) {
		struct stream *s = &load.streams[i];

		if (s->fd >= 0 && !is_mode("slow") && has_ended(s))
			stream_close(s);
		left += s->fd >= 0;
	}
	return left;
}

/* The flood: what is closed comes back.  At most as many a turn as there are. */
static void refill(void)
{
	struct diag d;

	for (unsigned i = 0; i < load.count; i++) {
		if (load.streams[i].fd < 0 && open_one(&load.streams[i], &d) < 0)
			return; /* refused for now */
	}
}

static void answer_lines(void)
{
	char line[64];

	for (;;) {
		struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
		int wait_ms = is_mode("flooding") ? 1 : -1;

		if (poll(&p, 1, wait_ms) > 0) {
			if (!fgets(line, sizeof(line), stdin))
				return;
			(void)printf("open %u opened %u\n", sweep(), load.opened);
		}
		if (is_mode("flooding")) {
			(void)sweep();
			refill();
		}
	}
}

static int run_many(void)
{
	struct diag d = { 0 };

	for (unsigned i = 0; i < load.count; i++)
		load.streams[i].fd = -1;
	for (unsigned i = 0; i < load.count; i++) {
		if (open_one(&load.streams[i], &d) < 0)
			return fail("cannot open", &d);
	}
	(void)printf("ready %u\n", sweep());
	answer_lines();
	return 0;
}

static int by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/* Requests one after another for so many seconds: how many, and their times. */
static int run_asking(const char *identity)
{
	static int64_t took_us[ASKS_MAX];
	struct namp_target target = {
		.socket_path = identity ? NULL : load.host,
		.host = load.host,
		.port = load.port,
		.identity_dir = identity,
	};
	struct object_request q = { .verb = OBJECT_GET, .path = "software" };
	mono_t end = dial_deadline(load.count * 1000u);
	struct namp_client *c = NULL;
	struct diag d = { 0 };
	size_t asked = 0;

	if (namp_client_open(&target, WAIT_MS, &c, &d) < 0)
		return fail("cannot open", &d);
	while (asked < ASKS_MAX && mono_diff_ns(end, dial_deadline(0)) > 0) {
		struct arena a = { 0 };
		struct doc *doc;
		mono_t began = dial_deadline(0);
		int error = namp_client_request(c, &q, &a, &doc, &d);

		took_us[asked++] = mono_diff_ns(dial_deadline(0), began) / NS_PER_US;
		arena_free(&a);
		if (error < 0)
			return fail("cannot ask", &d);
	}
	namp_client_close(c);
	if (asked == 0)
		return 1;
	qsort(took_us, asked, sizeof(took_us[0]), by_value);
	(void)printf("asked %zu p50_us %lld p99_us %lld max_us %lld\n", asked,
	             (long long)took_us[asked / 2], (long long)took_us[asked * 99 / 100],
	             (long long)took_us[asked - 1]);
	return 0;
}

/* Handshakes for so many seconds: how many, and how many of them came to their end. */
static int run_storming(void)
{
	mono_t end = dial_deadline(load.count * 1000u);
	unsigned shaken = 0;

	while (mono_diff_ns(end, dial_deadline(0)) > 0) {
		mono_t deadline = dial_deadline(WAIT_MS);
		struct diag d = { 0 };
		struct stream s = { .fd = dial_tcp(load.host, load.port, deadline, &d) };

		if (s.fd < 0)
			return fail("cannot connect", &d);
		load.opened++;
		shaken += shake(&s, deadline, &d) == 0;
		stream_close(&s);
	}
	(void)printf("opened %u shaken %u\n", load.opened, shaken);
	return 0;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct diag d = { 0 };

	if (argc < 5 || argc > 6)
		return 2;
	load.mode = argv[1];
	load.host = argv[2];
	load.port = (uint16_t)strtoul(argv[3], NULL, 10);
	load.count = (unsigned)strtoul(argv[4], NULL, 10);
	if (load.count == 0 || load.count > COUNT_MAX)
		return 2;
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files); /* opening fails and says so */
	}
	if (is_mode("asking"))
		return run_asking(argv[5]); /* NULL: there is none */
	if (argc == 6 && read_identity(argv[5], &d) < 0)
		return fail(argv[5], &d);
	return is_mode("storming") ? run_storming() : run_many();
}
