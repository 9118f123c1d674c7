/* SPDX-License-Identifier: Apache-2.0 */
/* The control service: vectors through the whole core, and one row for each rule of validation. */
#include "fake.h"

#include "vectors/ipsla_vectors.h"

/* --- vectors ---------------------------------------------------------------------------------- */

static void vectors_get_their_answers(void **state)
{
	static const struct {
		const char *request, *answer, *from, *to;
	} rows[] = {
		{ "tv1", "tv1-answer", "192.0.2.10", "192.0.2.77" },
		{ "tv3", "tv3-answer", "192.0.2.10", "192.0.2.77" },
		{ "tv4", "tv4-answer", "192.0.2.10", "192.0.2.77" },
		{ "tv6", "tv6-answer", "2001:db8::a", "2001:db8:0:5::9" },
		{ "tv8", "tv8-answer", "192.0.2.10", "192.0.2.77" },
	};
	struct fake *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t request[256], answer[256];
		size_t len = vector_octets(rows[i].request, request, sizeof(request));
		size_t want = vector_octets(rows[i].answer, answer, sizeof(answer));

		assert_int_equal(fake_ask(f, request, len, rows[i].from, 40000, rows[i].to), want);
		assert_memory_equal(f->answer.octets, answer, want);
	}
}

static void tv9_gets_a_port_or_a_refusal(void **state)
{
	struct fake *f = *state;
	uint8_t request[256], want[256];
	size_t len = vector_octets("tv9", request, sizeof(request));

	(void)vector_octets("tv9-answer", want, sizeof(want));
	f->cfg.ports = (struct port_range) { 31500, 31500 };
	fake_apply(f);
	assert_int_equal(fake_ask(f, request, len, "192.0.2.10", 40000, "192.0.2.77"), len);
	assert_memory_equal(f->answer.octets, want, len);

	(void)vector_octets("tv9-refused", want, sizeof(want));
	f->cfg.allocate_port = false;
	fake_apply(f);
	fake_pass_ms(f, 8000);
	assert_int_equal(fake_ask(f, request, len, "192.0.2.10", 40000, "192.0.2.77"), len);
	assert_memory_equal(f->answer.octets, want, len);
}

static void signed_vectors_get_their_answers(void **state)
{
	static const struct {
		const char *name, *request, *answer;
		uint16_t busy;
		bool spoil; /* the request's digest */
	} rows[] = {
		{ "mode 2, kept session", "tv10", "tv10", 0, false },
		{ "port busy", "tv10", "tv10-busy", 31502, false },
		{ "wrong digest", "tv10", "tv10-unsigned", 0, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct fake f;
		uint8_t request[256], want[256];
		size_t len = vector_octets(rows[i].request, request, sizeof(request));

		fake_init(&f);
		(void)vector_octets(rows[i].answer, want, sizeof(want));
		fake_add_key(&f, 7, KEY_ALGORITHM_SHA256, "sla-key-seven");
		f.busy_port = rows[i].busy;
		request[50] ^= rows[i].spoil;
		fake_apply(&f);
		assert_int_equal(
		        fake_ask(&f, request, len, "2001:db8:1::a", 41100, "2001:db8:2::b"), len);
		assert_memory_equal(f.answer.octets, want, len);
		fake_fini(&f);
	}
}

static void tv11_is_answered_in_its_mode(void **state)
{
	struct fake *f = *state;
	uint8_t request[256];
	size_t len = vector_octets("tv11", request, sizeof(request));

	fake_add_key(f, 7, KEY_ALGORITHM_SHA256, "sla-key-seven");
	fake_apply(f);
	assert_int_equal(fake_ask(f, request, len, "2001:db8:1::a", 41100, "2001:db8:2::b"), len);
	assert_int_equal(f->answer.status, 0);
	assert_int_equal(
	        ipsla_v2_verify(f->answer.octets, len, (const uint8_t *)"sla-key-seven", 13), 0);
}

/* --- rules of version 1 ----------------------------------------------------------------------- */

/* One change to a good request (u8 or be16 at an offset) and what becomes of it. */
struct v1_row {
	const char *name;
	uint16_t command, at;
	uint8_t width; /* octets; 0: no change */
	uint16_t value;
	int status; /* -1: silence */
	enum responder_drop drop;
	size_t len; /* 0: all of it */
};

static const struct v1_row v1_rows[] = {
	{ "good echo", 2, 0, 0, 0, 0, 0, 0 },
	{ "good tcp", 3, 0, 0, 0, 0, 0, 0 },
	{ "good jitter", 4, 0, 0, 0, 0, 0, 0 },
	{ "good jitter v6", 8, 0, 0, 0, 0, 0, 0 },
	{ "version 0", 2, 0, 1, 0, -1, DROP_CONTROL_VERSION, 0 },
	{ "version 3", 2, 0, 1, 3, -1, DROP_CONTROL_VERSION, 0 },
	{ "empty", 2, 0, 0, 0, -1, DROP_CONTROL_VERSION, SIZE_MAX },
	{ "23 octets", 2, 2, 2, 23, -1, DROP_CONTROL_SHORT, 23 },
	{ "cut datagram", 2, 0, 0, 0, -1, DROP_CONTROL_SHORT, 51 },
	{ "length beyond datagram", 2, 2, 2, 0x40, -1, DROP_CONTROL_SHORT, 0 },
	{ "length below minimum", 2, 2, 2, 20, -1, DROP_CONTROL_SHORT, 0 },
	{ "shaped as a response, 8", 2, 2, 2, 8, -1, DROP_CONTROL_LOOP, 0 },
	{ "shaped as a response, 24", 2, 2, 2, 24, -1, DROP_CONTROL_LOOP, 0 },
	{ "shaped as a response, 40", 2, 2, 2, 40, -1, DROP_CONTROL_LOOP, 0 },
	{ "header status", 2, 4, 2, 1, -1, DROP_CONTROL_LOOP, 0 },
	{ "TLV status", 2, 14, 2, 3, -1, DROP_CONTROL_LOOP, 0 },
	{ "TLV length 7", 2, 10, 2, 7, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "TLV length 15", 2, 10, 2, 15, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "TLV length 17", 2, 10, 2, 17, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "TLV beyond message", 2, 10, 2, 200, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "auth TLV length 27", 2, 26, 2, 27, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "auth TLV beyond message", 2, 26, 2, 29, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "command 1", 2, 8, 2, 1, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "command 5", 2, 8, 2, 5, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "command of the other family", 8, 8, 2, 4, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "unverified command 6", 6, 0, 0, 0, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "unverified command 7", 7, 0, 0, 0, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "key without key chain", 2, 40, 2, 0x1234, 0, 0, 0 },
	{ "target of another host", 2, 18, 2, 0x0101, 0, 0, 0 }, /* the fake has every address */
	{ "port 0", 2, 20, 2, 0, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "port 1023", 2, 20, 2, 1023, IPSLA_STATUS_FAIL, 0, 0 },
	{ "port 1024", 2, 20, 2, 1024, 0, 0, 0 },
	{ "port 65535", 2, 20, 2, 65535, 0, 0, 0 },
	{ "control port 1967", 2, 20, 2, 1967, IPSLA_STATUS_PORT_IN_USE, 0, 0 },
	{ "control port 1167", 2, 20, 2, 1167, IPSLA_STATUS_PORT_IN_USE, 0, 0 },
	{ "duration 0", 2, 22, 2, 0, IPSLA_STATUS_FORMAT, 0, 0 },
	{ "duration 1", 2, 22, 2, 1, 0, 0, 0 },
	{ "duration 60000", 2, 22, 2, 60000, 0, 0, 0 },
	{ "duration 60001", 2, 22, 2, 60001, IPSLA_STATUS_FAIL, 0, 0 },
};

static void v1_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(v1_rows); i++) {
		const struct v1_row *row = &v1_rows[i];
		bool v6 = ipsla_v1_command_family(row->command) == INET_V6;
		struct ipsla_v1_request r = fake_v1(row->command, 40007);
		struct fake f;
		uint8_t buf[128];

		fake_init(&f);
		f.cfg.max_duration_s = 60;
		fake_apply(&f);
		size_t len = (size_t)ipsla_v1_request_encode(&r, buf, sizeof(buf));

		if (row->width == 1)
			buf[row->at] = (uint8_t)row->value;
		else if (row->width == 2)
			put_be16(buf + row->at, row->value);
		len = row->len == SIZE_MAX ? 0 : row->len ? row->len : len;
		size_t got = fake_ask(&f, buf, len, v6 ? "2001:db8::a" : "192.0.2.10", 40000,
		                      v6 ? "2001:db8::1" : "192.0.2.77");

		if (row->status < 0) {
			if (got != 0 || fake_drops(&f, row->drop) != 1)
				fail_msg("%s: answered, or counted elsewhere", row->name);
		} else if (got == 0 || f.answer.status != row->status) {
			fail_msg("%s: status %d", row->name, got ? f.answer.status : -1);
		}
		assert_int_equal(f.core.counters.sessions_opened, got && row->status == 0);
		fake_fini(&f);
	}
}

static void unverified_commands_behind_their_knob(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request echo = fake_v1(6, 40007), tcp = fake_v1(7, 40008);

	f->cfg.experimental_v1_v6 = true;
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &echo, 40000), 0);
	assert_int_equal(fake_ask_v1(f, &tcp, 40000), 0);
}

static void whole_v6_response_behind_its_knob(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(8, 40007);

	f->cfg.whole_v6_response = true;
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_int_equal(f->answer.len, 68);
	r.port = 80;
	assert_int_equal(fake_ask_v1(f, &r, 40000), IPSLA_STATUS_FAIL);
	assert_int_equal(f->answer.len, 40);
}

/* --- rules of version 2 ----------------------------------------------------------------------- */

struct v2_row {
	const char *name;
	uint16_t at; /* in the short form: authentication CSLD at 20, UDP CSLD at 32 */
	uint8_t width;
	uint16_t value;
	int status;
	uint16_t header, auth, udp; /* statuses expected in the answer */
	enum responder_drop drop;
	size_t len;
};

static const struct v2_row v2_rows[] = {
	{ "good", 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "19 octets", 0, 0, 0, -1, 0, 0, 0, DROP_CONTROL_SHORT, 19 },
	{ "length beyond datagram", 10, 2, 125, -1, 0, 0, 0, DROP_CONTROL_SHORT, 0 },
	{ "length below header", 10, 2, 19, -1, 0, 0, 0, DROP_CONTROL_SHORT, 0 },
	{ "header alone", 10, 2, 20, 3, 3, 0, 0, 0, 0 },
	{ "cut in the UDP CSLD", 10, 2, 123, 3, 3, 0, 3, 0, 0 },
	{ "status in the header", 2, 2, 1, -1, 0, 0, 0, DROP_CONTROL_LOOP, 0 },
	{ "status in the first CSLD", 22, 2, 1, -1, 0, 0, 0, DROP_CONTROL_LOOP, 0 },
	{ "first CSLD is not authentication", 20, 2, 2, 3, 3, 3, 0, 0, 0 },
	{ "authentication of 11 octets", 26, 2, 11, 3, 3, 3, 0, 0, 0 },
	{ "authentication of 7 octets", 26, 2, 7, 3, 3, 3, 0, 0, 0 },
	{ "unknown mode", 28, 1, 3, 3, 3, 3, 0, 0, 0 },
	{ "mode 2 without digest", 28, 1, 2, 3, 3, 3, 0, 0, 0 },
	{ "unknown CSLD", 32, 2, 3, 3, 3, 0, 3, 0, 0 },
	{ "UDP CSLD of 91 octets", 38, 2, 91, 3, 3, 0, 3, 0, 0 },
	{ "address type 3 over IPv4", 40, 1, 3, 3, 3, 0, 3, 0, 0 },
	{ "address type 1", 40, 1, 1, 3, 3, 0, 3, 0, 0 },
	{ "role 0", 41, 1, 0, 3, 3, 0, 3, 0, 0 },
	{ "role 2", 41, 1, 2, 0, 0, 0, 0, 0, 0 },
	{ "role 3", 41, 1, 3, 3, 3, 0, 3, 0, 0 },
	{ "reserved octet", 1, 1, 7, 0, 0, 0, 0, 0, 0 },
	{ "reserved field of the CSLD", 42, 2, 7, 0, 0, 0, 0, 0, 0 },
	{ "IPv4 tail", 54, 2, 7, 3, 3, 0, 3, 0, 0 },
	{ "port 0", 118, 2, 0, 0, 0, 0, 0, 0, 0 },
	{ "port 1023", 118, 2, 1023, 1, 1, 0, 1, 0, 0 },
	{ "port 1024", 118, 2, 1024, 0, 0, 0, 0, 0, 0 },
	{ "control port", 118, 2, 1167, 4, 1, 0, 4, 0, 0 },
	{ "duration 0", 122, 2, 0, 3, 3, 0, 3, 0, 0 },
	{ "duration of 65536 s more", 120, 2, 0x03ff, 1, 1, 0, 1, 0, 0 },
};

static void v2_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(v2_rows); i++) {
		const struct v2_row *row = &v2_rows[i];
		struct ipsla_v2_request r = fake_v2(41000, 31500);
		struct ipsla_v2_response answer;
		struct fake f;
		uint8_t buf[256];

		fake_init(&f);
		size_t len = fake_encode_v2(&r, NULL, buf);

		if (row->width == 1)
			buf[row->at] = (uint8_t)row->value;
		else if (row->width == 2)
			put_be16(buf + row->at, row->value);
		size_t got = fake_ask(&f, buf, row->len ? row->len : len, "192.0.2.10", 40000,
		                      "192.0.2.77");

		if (row->status < 0) {
			if (got != 0 || fake_drops(&f, row->drop) != 1)
				fail_msg("%s: answered, or counted elsewhere", row->name);
			fake_fini(&f);
			continue;
		}
		if (got == 0 || f.answer.status != row->status)
			fail_msg("%s: status %d", row->name, got ? f.answer.status : -1);
		assert_int_equal(ipsla_v2_response_decode(f.answer.octets, got, &answer), 0);
		if (answer.header_status != row->header || answer.auth_status != row->auth ||
		    answer.udp_status != row->udp)
			fail_msg("%s: statuses %u %u %u", row->name, answer.header_status,
			         answer.auth_status, answer.udp_status);
		fake_fini(&f);
	}
}

/* --- rules of both ---------------------------------------------------------------------------- */

static void control_ports_are_not_answered(void **state)
{
	struct fake *f = *state;
	static const uint16_t ports[] = { 1167, 1967, 11967, 12167, 0 };
	struct ipsla_v1_request r1 = fake_v1(2, 40007);
	struct ipsla_v2_request r2 = fake_v2(41000, 31500);

	f->cfg.v1_port = 11967;
	f->cfg.v2_port = 12167;
	fake_apply(f);
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		assert_int_equal(fake_ask_v1(f, &r1, ports[i]), -1);
		assert_int_equal(fake_ask_v2(f, &r2, NULL, ports[i]), -1);
	}
	assert_int_equal(fake_drops(f, DROP_CONTROL_LOOP), 2 * ARRAY_LEN(ports));
	r1.port = 11967;
	assert_int_equal(fake_ask_v1(f, &r1, 40000), IPSLA_STATUS_PORT_IN_USE);
}

static void access_list_is_silent(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(2, 40007), bad = fake_v1(2, 40007);

	bad.port = 80;
	f->cfg.has_access_list = true;
	f->cfg.rule_count = 1;
	f->cfg.rules[0] = (struct access_rule) { .permit = true };
	assert_int_equal(inet_prefix_parse("198.51.100.0/24", &f->cfg.rules[0].prefix), 0);
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &r, 40000), -1);
	assert_int_equal(fake_ask_v1(f, &bad, 40000), -1);
	assert_int_equal(fake_drops(f, DROP_CONTROL_ACCESS), 2);
	f->cfg.rules[0].prefix.addr = fake_addr("192.0.2.0");
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_true(session_oldest(f->core.sessions)->is_protected);
	f->cfg.rules[0].permit = false;
	fake_apply(f); /* and the session of whom it no longer permits ends */
	assert_int_equal(session_count(f->core.sessions), 0);
}

static void targets(void **state)
{
	static const struct {
		const char *target, *to;
		int refuse, status;
	} rows[] = {
		{ "192.0.2.77", "192.0.2.77", 0, 0 },
		{ "0.0.0.0", "192.0.2.77", 0, 0 },
		{ "203.0.113.5", "192.0.2.77", -EADDRNOTAVAIL, 0 }, /* NAT alias */
		{ "203.0.113.6", "192.0.2.77", -EADDRNOTAVAIL, 1 },
		{ "203.0.113.6", "192.0.2.77", 0, 0 }, /* another address of this host */
		{ "127.0.0.1", "192.0.2.77", 0, 1 },
		{ "224.0.0.1", "192.0.2.77", 0, 1 },
		{ "255.255.255.255", "192.0.2.77", 0, 1 },
		{ "0.0.0.0", "224.0.0.1", 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ipsla_v1_request r = fake_v1(2, 40007);
		struct fake f;
		uint8_t buf[128];

		fake_init(&f);
		f.cfg.nat[f.cfg.nat_count++] = fake_addr("203.0.113.5");
		fake_apply(&f);
		r.target = fake_addr(rows[i].target);
		/* What came to us at our own address needs no question to the kernel. */
		f.refuse = strcmp(rows[i].target, "203.0.113.5") == 0 ? 0 : rows[i].refuse;
		size_t len = (size_t)ipsla_v1_request_encode(&r, buf, sizeof(buf));

		assert_int_equal(fake_ask(&f, buf, len, "192.0.2.10", 40000, rows[i].to), 24);
		if (f.answer.status != rows[i].status)
			fail_msg("%s at %s: status %u", rows[i].target, rows[i].to,
			         f.answer.status);
		if (f.answer.status == 0 && i < 3) {
			const struct inet_addr to = fake_addr("192.0.2.77");

			assert_true(
			        inet_addr_equal(&session_oldest(f.core.sessions)->key.local, &to));
		}
		fake_fini(&f);
	}
}

static void link_local_targets_keep_their_interface(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(8, 40007);
	uint8_t buf[128];

	r.target = fake_addr("fe80::1");
	size_t len = (size_t)ipsla_v1_request_encode(&r, buf, sizeof(buf));

	assert_int_equal(fake_ask(f, buf, len, "fe80::a%3", 40000, "fe80::1%3"), 40);
	assert_int_equal(f->answer.status, 0);
	assert_int_equal(session_oldest(f->core.sessions)->key.local.scope_id, 3);
}

static void busy_ports(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r1 = fake_v1(2, 40007);
	struct ipsla_v2_request r2 = fake_v2(41000, 40007);

	f->busy_port = 40007;
	assert_int_equal(fake_ask_v1(f, &r1, 40000), IPSLA_STATUS_PORT_IN_USE);
	assert_int_equal(fake_ask_v2(f, &r2, NULL, 40000), IPSLA_STATUS_PORT_IN_USE);
	f->cfg.substitute_port = true;
	fake_apply(f);
	assert_int_equal(fake_ask_v1(f, &r1, 40000), IPSLA_STATUS_PORT_IN_USE);
	assert_int_equal(fake_ask_v2(f, &r2, NULL, 40000), 0);
	uint16_t port = session_oldest(f->core.sessions)->key.port;

	assert_int_not_equal(port, 40007);
	/* A retry gets the same substitute. */
	assert_int_equal(fake_ask_v2(f, &r2, NULL, 40000), 0);
	assert_int_equal(session_count(f->core.sessions), 1);
	assert_int_equal((f->answer.octets[118] << 8) | f->answer.octets[119], port);
}

static void excluded_and_ranged_ports(void **state)
{
	static const struct {
		uint16_t port;
		int status;
	} rows[] = { { 19999, 1 }, { 20000, 0 }, { 29999, 0 }, { 30000, 1 }, { 24999, 0 },
		     { 25000, 1 }, { 25010, 1 }, { 25011, 0 }, { 26000, 1 } };
	struct fake *f = *state;

	f->cfg.ports = (struct port_range) { 20000, 29999 };
	f->cfg.excluded_count = 2;
	f->cfg.excluded[0] = (struct port_range) { 25000, 25010 };
	f->cfg.excluded[1] = (struct port_range) { 26000, 26000 };
	fake_apply(f);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ipsla_v1_request r = fake_v1(2, rows[i].port);

		assert_int_equal(fake_ask_v1(f, &r, 40000), rows[i].status);
	}
}

static void control_rate_of_one_source(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(2, 80);

	for (unsigned i = 0; i < CONTROL_PER_S; i++)
		assert_int_equal(fake_ask_v1(f, &r, 40000), IPSLA_STATUS_FAIL);
	assert_int_equal(fake_ask_v1(f, &r, 40000), -1);
	assert_int_equal(fake_drops(f, DROP_CONTROL_RATE), 1);
	fake_pass_ms(f, 4);
	assert_int_equal(fake_ask_v1(f, &r, 40000), IPSLA_STATUS_FAIL);
}

/* --- the same session ------------------------------------------------------------------------- */

static void same_number_repeats_new_number_rearms(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request r = fake_v1(4, 40007);
	uint8_t probe[16] = { 0, 2 }, first[24];

	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	memcpy(first, f->answer.octets, sizeof(first));
	assert_true(fake_probe(f, probe, sizeof(probe), 40000, 40007, false));
	fake_pass_ms(f, 3000);
	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_memory_equal(f->answer.octets, first, sizeof(first));
	struct session *s = session_oldest(f->core.sessions);

	assert_int_equal(s->received, 1);
	assert_i64_equal(boot_diff_ns(s->expires_at, f->now), 2000 * NS_PER_MS);

	r.sequence++;
	assert_int_equal(fake_ask_v1(f, &r, 40000), 0);
	assert_int_equal(session_count(f->core.sessions), 1);
	assert_int_equal(s->received, 0);
	assert_int_equal(s->source_port, 0);
	assert_i64_equal(boot_diff_ns(s->expires_at, f->now), 5000 * NS_PER_MS);
	assert_int_equal(f->core.counters.sessions_rearmed, 1);
}

static void repeats_end_in_silence(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = fake_v2(41000, 40007);

	for (unsigned i = 0; i <= CONTROL_REPEATS_MAX; i++)
		assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), 0);
	assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), -1);
	r.sequence++;
	assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), 0);
}

static void operations_of_one_router_do_not_meet(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request jitter = fake_v1(4, 40007), echo = fake_v1(2, 40008);
	uint8_t a[16] = { 0, 2 }, b[16] = { 0, 2 }, e[16] = { 0, 1 };

	/* Two jitter operations towards one port, each from a port of its own. */
	assert_int_equal(fake_ask_v1(f, &jitter, 40000), 0);
	assert_int_equal(fake_ask_v1(f, &jitter, 40001), 0);
	assert_int_equal(session_count(f->core.sessions), 2);
	assert_true(fake_probe(f, a, sizeof(a), 40001, 40007, false));
	assert_true(fake_probe(f, b, sizeof(b), 40000, 40007, false));
	assert_int_equal(b[15], 1); /* each counts for itself */
	/* An echo operation asks from a new port each time: its answered session serves again. */
	assert_int_equal(fake_ask_v1(f, &echo, 50000), 0);
	assert_true(fake_probe(f, e, sizeof(e), 50001, 40008, false));
	echo.sequence++;
	assert_int_equal(fake_ask_v1(f, &echo, 50002), 0);
	assert_int_equal(session_count(f->core.sessions), 3);
	assert_true(fake_probe(f, e, sizeof(e), 50003, 40008, false));
}

static void v2_ports_are_believed_without_nat_only(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = fake_v2(41000, 40007);
	uint8_t probe[60] = { 0, 3 };

	assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), 0);
	assert_false(fake_probe(f, probe, sizeof(probe), 41001, 40007, false));
	assert_int_equal(fake_drops(f, DROP_PROBE_SOURCE_PORT), 1);
	assert_true(fake_probe(f, probe, sizeof(probe), 41000, 40007, false));

	r = fake_v2(41000, 40009);
	r.source = r.control_source = fake_addr("203.0.113.1"); /* behind a NAT */
	assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), 0);
	memset(probe + 2, 0, sizeof(probe) - 2);
	assert_true(fake_probe(f, probe, sizeof(probe), 51234, 40009, false));
	memset(probe + 2, 0, sizeof(probe) - 2);
	assert_false(fake_probe(f, probe, sizeof(probe), 51235, 40009, false));
}

static void v2_time_stamp_is_refreshed(void **state)
{
	struct fake *f = *state;
	struct ipsla_v2_request r = fake_v2(41000, 40007);
	struct ipsla_v2_response answer;

	r.timestamp = 1;
	assert_int_equal(fake_ask_v2(f, &r, NULL, 40000), 0);
	assert_int_equal(ipsla_v2_response_decode(f->answer.octets, f->answer.len, &answer), 0);
	assert_true(answer.timestamp == wall_to_ntp64(f->wall));
}

static void counters_and_recent_sources(void **state)
{
	struct fake *f = *state;
	struct ipsla_v1_request good = fake_v1(2, 40007), bad = fake_v1(2, 80);
	uint8_t buf[128];
	size_t len = (size_t)ipsla_v1_request_encode(&good, buf, sizeof(buf));

	for (int i = 1; i <= 7; i++) {
		char from[INET_TEXT_MAX];

		(void)snprintf(from, sizeof(from), "198.51.100.%d", i);
		assert_int_equal(fake_ask(f, buf, len, from, 40000, "192.0.2.77"), 24);
	}
	assert_int_equal(fake_ask_v1(f, &bad, 40000), IPSLA_STATUS_FAIL);
	assert_int_equal(f->core.counters.control_requests, 8);
	assert_int_equal(f->core.counters.control_by_version[1], 8);
	assert_int_equal(f->core.counters.control_by_status[0], 7);
	assert_int_equal(f->core.counters.control_by_status[1], 1);
	assert_int_equal(f->core.counters.bytes_in, 8 * 52);
	assert_int_equal(f->core.counters.bytes_out, 8 * 24);
	const struct inet_addr newest = fake_addr("192.0.2.10"), oldest = fake_addr("198.51.100.4");

	assert_true(inet_addr_equal(&f->core.recent[0].addr, &newest));
	assert_true(inet_addr_equal(&f->core.recent[4].addr, &oldest));
	assert_true(inet_addr_equal(&f->core.recent_errors[0].addr, &newest));
	assert_int_equal(f->core.recent_errors[0].status, 1);
	assert_int_equal(f->core.recent_errors[1].addr.family, INET_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE_TEST(vectors_get_their_answers),
		FAKE_TEST(tv9_gets_a_port_or_a_refusal),
		FAKE_TEST(signed_vectors_get_their_answers),
		FAKE_TEST(tv11_is_answered_in_its_mode),
		FAKE_TEST(v1_rules),
		FAKE_TEST(unverified_commands_behind_their_knob),
		FAKE_TEST(whole_v6_response_behind_its_knob),
		FAKE_TEST(v2_rules),
		FAKE_TEST(control_ports_are_not_answered),
		FAKE_TEST(access_list_is_silent),
		FAKE_TEST(targets),
		FAKE_TEST(link_local_targets_keep_their_interface),
		FAKE_TEST(busy_ports),
		FAKE_TEST(excluded_and_ranged_ports),
		FAKE_TEST(control_rate_of_one_source),
		FAKE_TEST(same_number_repeats_new_number_rearms),
		FAKE_TEST(repeats_end_in_silence),
		FAKE_TEST(operations_of_one_router_do_not_meet),
		FAKE_TEST(v2_ports_are_believed_without_nat_only),
		FAKE_TEST(v2_time_stamp_is_refreshed),
		FAKE_TEST(counters_and_recent_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
