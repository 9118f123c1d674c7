/* SPDX-License-Identifier: Apache-2.0 */
/* The core of the responder with ports that are numbers in a table, and time that is a number. */
#ifndef CANDOR_TESTS_RESPONDER_FAKE_H
#define CANDOR_TESTS_RESPONDER_FAKE_H

#include "base/cursor.h"
#include "base/inet.h"
#include "responder/control_service.h"
#include "responder/reflect.h"
#include "responder/responder_core.h"
#include "t.h"
#include "wire/ipsla_v1.h"
#include "wire/ipsla_v2.h"
#include "wire/ipsla_v2_auth.h"

#include <errno.h>

#define FAKE_WALL_NS (INT64_C(1766361600) * NS_PER_S) /* 00:00 UTC of 22 December 2025 */

struct fake {
	struct port_host host;
	struct responder_core core;
	struct responder_cfg cfg;
	boot_t now;
	wall_t wall;
	uint16_t busy_port; /* another program has it; 0: none */
	int refuse;         /* open() fails with this; 0: it does not */
	int open_ports;     /* open() without close() */
	struct control_answer answer;
};

static inline int fake_open(struct port_host *h, enum session_proto proto,
                            const struct inet_addr *local, uint16_t port)
{
	struct fake *f = container_of(h, struct fake, host);

	(void)proto;
	(void)local;
	if (f->refuse)
		return f->refuse;
	if (port == f->busy_port)
		return -EADDRINUSE;
	f->open_ports++;
	return 0;
}

static inline void fake_close(struct port_host *h, enum session_proto proto,
                              const struct inet_addr *local, uint16_t port)
{
	struct fake *f = container_of(h, struct fake, host);

	(void)proto;
	(void)local;
	(void)port;
	assert_true(f->open_ports > 0);
	f->open_ports--;
}

static inline void fake_init(struct fake *f)
{
	const struct siphash_key seed = { 1, 2 };

	memset(f, 0, sizeof(*f));
	f->host = (struct port_host) { fake_open, fake_close };
	f->now = (boot_t) { 1000 * NS_PER_S };
	f->wall = (wall_t) { FAKE_WALL_NS };
	responder_core_init(&f->core, &f->host, &seed);
	responder_cfg_init(&f->cfg);
	f->cfg.enabled = true;
	responder_core_apply(&f->core, &f->cfg, f->now);
}

static inline void fake_fini(struct fake *f)
{
	responder_core_fini(&f->core);
	assert_int_equal(f->open_ports, 0);
}

static inline int fake_setup(void **state)
{
	struct fake *f = malloc(sizeof(*f));

	fake_init(f);
	*state = f;
	return 0;
}

static inline int fake_teardown(void **state)
{
	fake_fini(*state);
	free(*state);
	return 0;
}

#define FAKE_TEST(f) cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

static inline void fake_apply(struct fake *f)
{
	responder_core_apply(&f->core, &f->cfg, f->now);
}

static inline void fake_pass_ms(struct fake *f, int64_t ms)
{
	f->now = boot_add_ns(f->now, ms * NS_PER_MS);
	f->wall = wall_add_ns(f->wall, ms * NS_PER_MS);
}

static inline struct inet_addr fake_addr(const char *text)
{
	struct inet_addr a;

	assert_int_equal(inet_addr_parse(text, &a), 0);
	return a;
}

/* One message from ``from``:``port`` to ``to``; the answer is in f->answer.  Its length. */
static inline size_t fake_ask(struct fake *f, const uint8_t *data, size_t len, const char *from,
                              uint16_t port, const char *to)
{
	const struct control_message m = {
		.data = data,
		.len = len,
		.from = { fake_addr(from), port },
		.to = fake_addr(to),
		.now = f->now,
		.wall = f->wall,
	};

	control_service_handle(&f->core, &m, &f->answer);
	assert_true(f->answer.len <= len);
	return f->answer.len;
}

static inline void fake_add_key(struct fake *f, uint16_t id, uint8_t algorithm, const char *secret)
{
	struct key *k = &f->cfg.keychain.keys[f->cfg.keychain.count++];

	*k = (struct key) {
		.id = id,
		.algorithm = algorithm,
		.secret_len = (uint8_t)strlen(secret),
	};
	memcpy(k->secret, secret, k->secret_len);
	f->cfg.has_keychain = true;
}

/* A good version 1 request, to be changed by the test. */
static inline struct ipsla_v1_request fake_v1(uint16_t command, uint16_t port)
{
	return (struct ipsla_v1_request) {
		.sequence = 1,
		.command = command,
		.target = fake_addr(ipsla_v1_command_family(command) == INET_V6 ? "2001:db8::1"
		                                                                : "192.0.2.77"),
		.port = port,
		.duration_ms = 5000,
		.has_auth = true,
	};
}

/* Ask it from 192.0.2.10:40000 (2001:db8::a); the status, or -1 for silence. */
static inline int fake_ask_v1(struct fake *f, const struct ipsla_v1_request *r, uint16_t port)
{
	uint8_t buf[128];
	struct ipsla_v1_response answer;
	bool v6 = ipsla_v1_command_family(r->command) == INET_V6;
	ssize_t len = ipsla_v1_request_encode(r, buf, sizeof(buf));

	assert_true(len > 0);
	if (fake_ask(f, buf, (size_t)len, v6 ? "2001:db8::a" : "192.0.2.10", port,
	             v6 ? "2001:db8::1" : "192.0.2.77") == 0)
		return -1;
	assert_int_equal(ipsla_v1_response_decode(f->answer.octets, f->answer.len, &answer), 0);
	assert_int_equal(answer.sequence, r->sequence);
	assert_int_equal(answer.status, f->answer.status);
	return answer.status;
}

static inline struct ipsla_v2_request fake_v2(uint16_t source_port, uint16_t port)
{
	struct ipsla_v2_request r = {
		.sequence = 1,
		.role = IPSLA_V2_ROLE_SENDER,
		.source_port = source_port,
		.target_port = port,
		.duration_ms = 5000,
	};

	r.control_source = r.source = fake_addr("192.0.2.10");
	r.control_target = r.target = fake_addr("192.0.2.77");
	return r;
}

static inline size_t fake_encode_v2(const struct ipsla_v2_request *r, const char *secret,
                                    uint8_t buf[static 256])
{
	ssize_t len = ipsla_v2_request_encode(r, buf, 256);

	assert_true(len > 0);
	if (secret)
		assert_int_equal(
		        ipsla_v2_sign(buf, (size_t)len, (const uint8_t *)secret, strlen(secret)),
		        0);
	return (size_t)len;
}

/* Ask it from 192.0.2.10:``control_port``, signed when there is a secret; the status, or -1. */
static inline int fake_ask_v2(struct fake *f, const struct ipsla_v2_request *r, const char *secret,
                              uint16_t control_port)
{
	uint8_t buf[256];
	struct ipsla_v2_response answer;
	size_t len = fake_encode_v2(r, secret, buf);

	if (fake_ask(f, buf, len, "192.0.2.10", control_port, "192.0.2.77") == 0)
		return -1;
	assert_int_equal(ipsla_v2_response_decode(f->answer.octets, f->answer.len, &answer), 0);
	assert_int_equal(answer.sequence, r->sequence);
	assert_int_equal(ipsla_v2_response_status(&answer), f->answer.status);
	return f->answer.status;
}

/* A probe from 192.0.2.10:``source_port`` to 192.0.2.77:``port``; true: it was answered, in place. */
static inline bool fake_probe(struct fake *f, uint8_t *data, size_t len, uint16_t source_port,
                              uint16_t port, bool is_permanent)
{
	struct reflect_plan plan;
	const struct probe p = {
		.data = data,
		.len = len,
		.is_permanent = is_permanent,
		.from = { fake_addr("192.0.2.10"), source_port },
		.local = { fake_addr("192.0.2.77"), port },
	};

	if (!reflect_admit(&f->core, &p, f->now, &plan))
		return false;
	assert_true(reflect_write(&f->core, data, len, &plan, f->wall, f->wall));
	return true;
}

static inline uint64_t fake_drops(const struct fake *f, enum responder_drop drop)
{
	return f->core.counters.drops[drop];
}

#endif
