/* SPDX-License-Identifier: Apache-2.0 */
/* One-shot probes on the loopback: what they print, how they end. */
#include "t.h"

#include "cli/cli.h"
#include "object/doc.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define WORDS_MAX 32

/* A UDP peer in a child process, and what it does with a datagram. */
enum peer_habit {
	PEER_ECHO,
	PEER_SPOIL,     /* changes the last octet */
	PEER_INTERRUPT, /* echoes the first, interrupts the probe, then echoes the rest */
};

struct peer {
	pid_t pid;
	uint16_t port;
};

static void serve(int fd, enum peer_habit habit)
{
	uint8_t data[2048];
	struct sockaddr_in from;
	socklen_t from_len = sizeof(from);

	for (;;) {
		ssize_t n =
		        recvfrom(fd, data, sizeof(data), 0, (struct sockaddr *)&from, &from_len);

		if (n <= 0)
			_exit(1);
		if (habit == PEER_SPOIL)
			data[n - 1] ^= 1;
		(void)sendto(fd, data, (size_t)n, 0, (struct sockaddr *)&from, from_len);
		if (habit == PEER_INTERRUPT) {
			(void)poll(NULL, 0, 200); /* let the answer be counted */
			(void)kill(getppid(), SIGINT);
			habit = PEER_ECHO;
		}
	}
}

/* A loopback socket on a port that the kernel chose. */
static int bound_socket(uint16_t *ret_port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*ret_port = ntohs(at.sin_port);
	return fd;
}

static struct peer start_peer(enum peer_habit habit)
{
	struct peer p;
	int fd = bound_socket(&p.port);

	p.pid = fork();
	assert_true(p.pid >= 0);
	if (p.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failed test leaves nobody behind */
		serve(fd, habit);
	}
	(void)close(fd);
	return p;
}

static void stop_peer(const struct peer *p)
{
	assert_int_equal(kill(p->pid, SIGKILL), 0);
	assert_int_equal(waitpid(p->pid, NULL, 0), p->pid);
}

struct outcome {
	int code;
	char *out, *err;
};

/* "candor probe …" with %u for the port. */
static struct outcome probe(const char *line, uint16_t port)
{
	char copy[256], *argv[WORDS_MAX + 1] = { NULL };
	size_t out_len, err_len;
	struct outcome o = { 0 };
	struct cli cli = {
		.out = open_memstream(&o.out, &out_len),
		.err = open_memstream(&o.err, &err_len),
	};
	int argc = 0;

	assert_non_null(cli.out);
	assert_non_null(cli.err);
	(void)snprintf(copy, sizeof(copy), "candor probe %s --port %u", line, (unsigned)port);
	for (char *save, *word = strtok_r(copy, " ", &save); word;
	     word = strtok_r(NULL, " ", &save)) {
		assert_true(argc < WORDS_MAX);
		argv[argc++] = word;
	}
	o.code = cli_run(&cli, argc, argv);
	assert_int_equal(fclose(cli.out), 0);
	assert_int_equal(fclose(cli.err), 0);
	return o;
}

static void finish(struct outcome *o)
{
	free(o->out);
	free(o->err);
}

static const struct doc *parse(struct arena *a, const char *text)
{
	struct doc *d;
	struct diag why;

	if (doc_parse_json(a, text, strlen(text), &d, &why) < 0)
		fail_msg("%s in:\n%s", why.text, text);
	return d;
}

#define ECHO "udp-echo 127.0.0.1 --control disable --timeout 1000 --threshold 1000 "

static void test_good(void **state)
{
	struct peer p = start_peer(PEER_ECHO);
	struct arena a = { 0 };
	struct outcome o = probe(ECHO "--count 2 --json", p.port);
	const struct doc *d = parse(&a, o.out), *runs = doc_get(d, "runs");
	const struct doc *summary = doc_get(d, "summary");

	(void)state;
	assert_int_equal(o.code, CLI_GOOD);
	assert_string_equal(o.err, "");
	assert_i64_equal(doc_int(d, "schema", 0), 1);
	assert_string_equal(doc_text(d, "object", ""), "probe");
	assert_string_equal(doc_text(d, "address", ""), "127.0.0.1");
	assert_i64_equal(doc_int(doc_get(d, "parameters"), "target_port", 0), p.port);
	assert_int_equal(runs->count, 2);
	assert_string_equal(doc_text(&runs->first->value, "sense", ""), "ok");
	assert_true(doc_int(&runs->first->value, "rtt_ns", 0) > 0);
	assert_i64_equal(doc_int(summary, "good", 0), 2);
	assert_i64_equal(doc_int(summary, "exit_code", -1), 0);
	assert_i64_equal(doc_int(doc_get(summary, "rtt"), "n", 0), 2);
	/* Start to start: one second, unless told. */
	int64_t apart_ns = doc_int(&runs->last->value, "started_at_ns", 0) -
	                   doc_int(&runs->first->value, "started_at_ns", 0);
	assert_i64_near(apart_ns, 1000000000, 200000000);
	arena_free(&a);
	finish(&o);
	stop_peer(&p);
}

static void test_text(void **state)
{
	struct peer p = start_peer(PEER_ECHO);
	struct outcome o = probe(ECHO, p.port);

	(void)state;
	assert_int_equal(o.code, CLI_GOOD);
	assert_true(strncmp(o.out, "udp-echo to 127.0.0.1 port ", 27) == 0);
	assert_non_null(strstr(o.out, "\nrun 1: OK  "));
	assert_non_null(strstr(o.out, "\n1 run: 1 ok\nquality:\n"));
	assert_null(strchr(o.out, '\033')); /* no terminal, no colours */
	finish(&o);
	stop_peer(&p);
}

static void test_exit_codes(void **state)
{
	struct peer echo = start_peer(PEER_ECHO), spoil = start_peer(PEER_SPOIL);
	uint16_t silent_port, closed_port;
	int silent = bound_socket(&silent_port), closed = bound_socket(&closed_port);
	const struct {
		const char *line;
		uint16_t port;
		int code;
		const char *says;
	} cases[] = {
		{ ECHO "--threshold 0", echo.port, CLI_LOSS, "Over threshold" },
		{ ECHO "--verify-data", spoil.port, CLI_LOSS, "Verify error" },
		{ "udp-echo 127.0.0.1 --control disable --threshold 100 --timeout 100", silent_port,
		  CLI_NO_ANSWER, "Timeout" },
		{ ECHO, closed_port, CLI_NO_ANSWER, "No connection" },
		{ "tcp-connect 127.0.0.1 --control disable", closed_port, CLI_NO_ANSWER,
		  "refused" },
		{ ECHO "--source-ip 203.0.113.77", echo.port, CLI_SYSTEM, "203.0.113.77" },
	};

	(void)state;
	(void)close(closed);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o = probe(cases[i].line, cases[i].port);

		if (o.code != cases[i].code || !strstr(o.out, cases[i].says))
			fail_msg("%s: exit code %d, not %d, or no \"%s\" in:\n%s%s", cases[i].line,
			         o.code, cases[i].code, cases[i].says, o.out, o.err);
		finish(&o);
	}
	(void)close(silent);
	stop_peer(&echo);
	stop_peer(&spoil);
}

/* The document is whole even when the person has had enough. */
static void test_interrupted(void **state)
{
	struct peer p = start_peer(PEER_INTERRUPT);
	struct arena a = { 0 };
	struct outcome o = probe(ECHO "--count 0 --frequency 60 --json", p.port);
	const struct doc *d = parse(&a, o.out);

	(void)state;
	assert_int_equal(o.code, CLI_GOOD);
	assert_int_equal(doc_get(d, "runs")->count, 1);
	assert_true(doc_bool(doc_get(d, "summary"), "interrupted", false));
	arena_free(&a);
	finish(&o);
	stop_peer(&p);
}

/* What a run had measured until then is a result, and what it would have sent no loss. */
static void test_interrupted_in_a_run(void **state)
{
	struct peer p = start_peer(PEER_INTERRUPT);
	struct arena a = { 0 };
	struct outcome o =
	        probe("udp-jitter 127.0.0.1 --control disable --num-packets 1000 --json", p.port);
	const struct doc *d = parse(&a, o.out), *summary = doc_get(d, "summary");
	const struct doc *packets = doc_get(doc_get(summary, "jitter"), "packets");
	int64_t sent = doc_int(packets, "sent", 0);

	(void)state;
	assert_int_equal(o.code, CLI_GOOD);
	assert_int_equal(doc_get(d, "runs")->count, 1);
	assert_true(doc_bool(summary, "interrupted", false));
	assert_true(sent >= 1 && sent < 1000);
	assert_int_equal(doc_int(packets, "received", 0), sent);
	assert_int_equal(doc_int(packets, "skipped", -1), 0);
	/* Nobody told its clock: unknown is null, not an error of 0. */
	const struct doc *oneway = doc_get(doc_get(summary, "jitter"), "oneway");

	assert_int_equal(doc_get(oneway, "peer_clock_err_ns")->kind, DOC_NULL);
	arena_free(&a);
	finish(&o);
	stop_peer(&p);
}

static void test_keys_come_from_private_files(void **state)
{
	static const char path[] = "/tmp/candor-test-key";
	FILE *f = fopen(path, "w");
	static const struct {
		mode_t mode;
		const char *words;
		int code;
		const char *says;
	} cases[] = {
		{ 0640, "--control v2", CLI_USAGE, "others may read" },
		{ 0600, "--control v1", CLI_USAGE, "keys need --control v2 or auto" },
		{ 0600, "--control v2 --auth-mode md5", CLI_USAGE, "--auth-mode: expected" },
	};

	(void)state;
	assert_non_null(f);
	(void)fputs("secret words\n", f);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char line[200];

		assert_int_equal(chmod(path, cases[i].mode), 0);
		(void)snprintf(line, sizeof(line),
		               "udp-jitter 127.0.0.1 --key-id 7 --key-string-file %s %s", path,
		               cases[i].words);
		struct outcome o = probe(line, 7);

		assert_int_equal(o.code, cases[i].code);
		assert_non_null(strstr(o.err, cases[i].says));
		assert_null(strstr(o.err, "secret"));
		finish(&o);
	}
	assert_int_equal(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_interrupted_in_a_run),
		cmocka_unit_test(test_keys_come_from_private_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
