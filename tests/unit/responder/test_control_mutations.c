/* SPDX-License-Identifier: Apache-2.0 */
/* A million bad messages and probes against the whole core: no answer is longer than what provoked
 * it, no refusal is signed with a key that the request did not show, what is open is counted, and
 * the next good request is answered. */
#include "fake.h"

#include "vectors/ipsla_vectors.h"

#define ROUNDS    1000000u
#define INPUT_MAX 256u

struct input {
	uint8_t octets[INPUT_MAX];
	size_t len;
};

static size_t mutate(struct input *in, uint64_t *random)
{
	static const uint8_t edges[] = { 0, 1, 2, 3, 7, 8, 12, 16, 28, 60, 0x7f, 0x80, 0xff };
	unsigned changes = (unsigned)(t_random(random) % 4);

	for (unsigned i = 0; i < changes && in->len > 0; i++) {
		size_t at = t_random(random) % in->len;

		switch (t_random(random) % 5) {
		case 0:
			in->octets[at] ^= (uint8_t)(1u << (t_random(random) % 8));
			break;
		case 1:
			in->octets[at] = edges[t_random(random) % sizeof(edges)];
			break;
		case 2:
			in->octets[at] = (uint8_t)t_random(random);
			break;
		case 3:
			in->len = at; /* cut */
			break;
		case 4:
			in->len = at + t_random(random) % (INPUT_MAX - at); /* cut, or grow */
			break;
		}
	}
	return in->len;
}

static void ask(struct fake *f, const struct input *in, uint64_t *random)
{
	struct inet_addr from = { .family = INET_V4, .bytes = { 192, 0, 2 } };
	struct inet_addr to = { .family = INET_V4, .bytes = { 192, 0, 2, 77 } };

	if (t_random(random) % 4 == 0)
		from.family = to.family = INET_V6;
	from.bytes[3] = (uint8_t)t_random(random);
	const struct control_message m = {
		.data = in->octets,
		.len = in->len,
		.transport = (enum control_transport)(t_random(random) % 3),
		.from = { from, (uint16_t)t_random(random) },
		.to = to,
		.now = f->now,
		.wall = f->wall,
	};

	control_service_handle(&f->core, &m, &f->answer);
	assert_true(f->answer.len <= in->len);
	if (f->answer.len && f->answer.octets[0] == 2 && f->answer.status == IPSLA_STATUS_AUTH &&
	    f->answer.len == IPSLA_V2_LONG_OCTETS && f->answer.octets[28]) {
		for (unsigned i = 0; i < IPSLA_V2_DIGEST_OCTETS; i++)
			assert_int_equal(f->answer.octets[IPSLA_V2_DIGEST_AT + i], 0);
	}
}

static void probe(struct fake *f, struct input *in, uint64_t *random)
{
	const struct session *s = session_oldest(f->core.sessions);
	struct reflect_plan plan;
	struct probe p = {
		.data = in->octets,
		.len = in->len,
		.is_permanent = t_random(random) % 2,
		.from = { { .family = INET_V4, .bytes = { 192, 0, 2, 1 } },
		          (uint16_t)t_random(random) },
		.local = { { .family = INET_V4, .bytes = { 192, 0, 2, 77 } }, 5000 },
	};

	if (s && t_random(random) % 2) {
		p.from.addr = s->key.source;
		p.local = (struct inet_endpoint) { s->key.local, s->key.port };
	}
	if (reflect_admit(&f->core, &p, f->now, &plan))
		assert_true(reflect_write(&f->core, in->octets, in->len, &plan, f->wall, f->wall));
}

static void mutated_messages_never_gain(void **state)
{
	struct fake *f = *state;
	uint64_t random = t_seed(20);
	struct input seeds[ARRAY_LEN(ipsla_vectors)];
	struct ipsla_v2_request good = fake_v2(41000, 40007);

	f->cfg.max_sessions = 64;
	f->cfg.max_sessions_per_source = 8;
	f->cfg.require_auth = false;
	f->cfg.substitute_port = true;
	fake_add_key(f, 7, 1, "sla-key-seven");
	fake_apply(f);
	for (size_t i = 0; i < ARRAY_LEN(seeds); i++)
		seeds[i].len = t_hex(ipsla_vectors[i].hex, seeds[i].octets, INPUT_MAX);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct input in = seeds[t_random(&random) % ARRAY_LEN(seeds)];
		boot_t next;

		(void)mutate(&in, &random);
		if (t_random(&random) % 4)
			ask(f, &in, &random);
		else
			probe(f, &in, &random);
		f->now = boot_add_ns(f->now, (int64_t)(t_random(&random) % (4 * NS_PER_MS)));
		if (i % 64 == 0)
			(void)session_sweep(f->core.sessions, f->now, &next);
		assert_int_equal(f->open_ports, session_count(f->core.sessions));
		assert_true(session_count(f->core.sessions) <= 64);
	}
	assert_true(f->core.counters.bytes_out <= f->core.counters.bytes_in);
	assert_true(f->core.counters.sessions_opened > 1000); /* it was no mere noise */
	assert_true(f->core.counters.control_by_status[IPSLA_STATUS_AUTH] > 1000);
	fake_pass_ms(f, 600000);
	boot_t next;

	assert_false(session_sweep(f->core.sessions, f->now, &next));
	assert_int_equal(fake_ask_v2(f, &good, NULL, 40000), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { FAKE_TEST(mutated_messages_never_gain) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
