/* SPDX-License-Identifier: Apache-2.0 */
/* Two nodes that exchange datagrams, and between them a wire that the test holds in its hands.  It loses,
 * repeats, reorders and forges; time is the test's own. */
#ifndef CANDOR_TESTS_DATAGRAM_LAB_H
#define CANDOR_TESTS_DATAGRAM_LAB_H

#include "t.h"

#include "io/clock.h"
#include "namp/datagrams.h"

#include <stdbool.h>

#define START_S      INT64_C(1800000000)
#define ARRIVES_MS   2000 /* what was sent over the loopback is there by then */
#define SILENCE_MS   30
#define CAPTURED_MAX 600

struct test_clock {
	struct clock clock;
	int64_t ns; /* since the start of the test */
};

struct node {
	const char *name;
	char path[40];
	int dir;
	int fd; /* of the service, which owns it */
	uint16_t port;
	struct datagrams *s;
	unsigned code; /* of deliver() */
	unsigned delivered;
	uint64_t last_id;
	uint8_t last_kind;
	char last_subject[32], last_sender[64], last_body[64];
	unsigned ended;
	uint64_t ended_id;
	unsigned ended_code;
	unsigned troubles;
	uint8_t marks[512], marks_before[512]; /* the file, as it was in deliver() and before */
};

struct captured {
	size_t len;
	uint8_t data[NAMP_DATAGRAM_MAX];
};

struct lab {
	struct test_clock clock;
	struct node alpha, beta;
	struct keychain chain;
	int wire; /* both peers of each other live there */
	uint16_t wire_port;
	struct captured captured[CAPTURED_MAX];
};

/* What a stranger or a colleague might send: anything sealed with anything.  What is not said: a good
 * trap of gamma for beta. */
struct forged {
	const char *kid, *sender, *receiver, *secret;
	uint64_t boot, sequence;
	const char *message; /* hex */
};

int lab_try_start(struct lab *l, struct node *n, struct diag *d);
/* Peers of both are on the wire: alpha informs beta, beta traps alpha. */
void lab_configure(struct lab *l, struct node *n);
void lab_start(struct lab *l, struct node *n);
void lab_stop(struct node *n);
int lab_setup(void **state);
int lab_teardown(void **state);
void lab_pass_ms(struct lab *l, int64_t ms);
bool lab_is_readable(int fd, int wait_ms);
/* What is on the wire next; fails the test when nothing comes. */
struct captured *lab_capture(struct lab *l, struct captured *to);
void lab_assert_silence(struct lab *l);
void lab_put(struct lab *l, const struct node *n, const uint8_t *data, size_t len);
/* The node reads and acts on what was put before it. */
void lab_settle(struct lab *l, struct node *n);
void lab_forward(struct lab *l, struct node *n, const struct captured *c);
int lab_send(struct node *n, enum datagrams_manner manner, uint64_t *ret_id);
size_t lab_forge(const struct forged *f, uint8_t to[static NAMP_DATAGRAM_MAX]);
void lab_put_forged(struct lab *l, const struct forged *f);
void lab_read_marks(const struct node *n, uint8_t to[static 512]);
void lab_add_key(struct keychain *c, uint16_t id, const char *secret);

#define TEST(name) cmocka_unit_test_setup_teardown(name, lab_setup, lab_teardown)

#endif
