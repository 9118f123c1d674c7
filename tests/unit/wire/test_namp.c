/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of NAMP/1: the table of docs/namp.md section 3, row by row. */
#include "t.h"

#include "wire/cbor.h"
#include "wire/namp.h"

#include <errno.h>

static const struct {
	const char *name, *hex;
	bool is_good;
} rows[] = {
	{ "hello", "a2 0000 04a0", true },
	{ "hello with flags", "a3 0000 04a0 0501", true },
	{ "hello with id", "a3 0000 0101 04a0", false },
	{ "hello with a subject", "a3 0000 0260 04a0", false },
	{ "hello with a code", "a3 0000 0318c8 04a0", false },
	{ "hello without a body", "a1 0000", false },
	{ "request", "a4 0001 0101 026161 0301", true },
	{ "request on the root", "a4 0001 0101 0260 0302", true },
	{ "request with a body", "a5 0001 0101 026161 0307 04a0", true },
	{ "request without id", "a3 0001 026161 0301", false },
	{ "request without a subject", "a3 0001 0101 0301", false },
	{ "request without a verb", "a3 0001 0101 026161", false },
	{ "request, verb 0", "a4 0001 0101 026161 0300", false },
	{ "request, verb 8 of a later version", "a4 0001 0101 026161 0308", true },
	{ "request, verb 100", "a4 0001 0101 026161 031864", false },
	{ "request, id 0", "a4 0001 0100 026161 0301", false },
	{ "request, id -1", "a4 0001 0120 026161 0301", false },
	{ "request, largest id", "a4 0001 011b7fffffffffffffff 026161 0301", true },
	{ "reply", "a4 0002 0101 0318c8 04a0", true },
	{ "reply, code 99", "a4 0002 0101 031863 04a0", false },
	{ "reply, code 100", "a4 0002 0101 031864 04a0", true },
	{ "reply, code 599", "a4 0002 0101 03190257 04a0", true },
	{ "reply, code 600", "a4 0002 0101 03190258 04a0", false },
	{ "reply, code -1", "a4 0002 0101 0320 04a0", false },
	{ "reply with a subject", "a5 0002 0101 026161 0318c8 04a0", false },
	{ "reply without a body", "a3 0002 0101 0318c8", false },
	{ "reply, body a list", "a4 0002 0101 0318c8 0480", false },
	{ "reply, body null", "a4 0002 0101 0318c8 04f6", false },
	{ "event", "a5 0003 0101 026161 0318c8 04a0", true },
	{ "event without a body", "a4 0003 0101 026161 0318c8", false },
	{ "event without a code", "a4 0003 0101 026161 04a0", false },
	{ "event, subject of octets", "a5 0003 0101 024161 0318c8 04a0", false },
	{ "ack", "a3 0004 0101 0318c8", true },
	{ "ack with a body", "a4 0004 0101 0318c8 04a0", false },
	{ "ack without a code", "a2 0004 0101", false },
	{ "report", "a4 0005 0101 026161 04a0", true },
	{ "report with a code", "a5 0005 0101 026161 0318c8 04a0", false },
	{ "bye", "a2 0006 0318c8", true },
	{ "bye with a body", "a3 0006 0318c8 04a0", true },
	{ "bye with id", "a3 0006 0101 0318c8", false },
	{ "kind 7", "a2 0007 0318c8", false },
	{ "kind 256", "a2 00190100 04a0", false },
	{ "kind -1", "a2 0020 04a0", false },
	{ "kind a text", "a2 006161 04a0", false },
	{ "no kind", "a1 04a0", false },
	{ "flags -1", "a3 0000 04a0 0520", false },
	{ "flags a text", "a3 0000 04a0 056161", false },
	{ "unknown flags", "a3 0000 04a0 051b7fffffffffffffff", true },
	{ "one extension", "a3 0000 04a0 0682f6a16161fb3ff199999999999a", true },
	{ "extensions", "a4 0000 04a0 0601 1affffffff8101", true },
	{ "key 2^32", "a3 0000 04a0 1b0000000100000000 00", false },
	{ "key -1", "a3 0000 04a0 2000", false },
	{ "key a text", "a3 0000 04a0 616100", false },
	{ "extension outside the subset", "a3 0000 04a0 06f7", false },
	{ "body outside the subset", "a2 0000 04a1 6161f7", false },
	{ "keys out of order", "a2 04a0 0000", false },
	{ "a key twice", "a3 0000 0000 04a0", false },
	{ "a list", "82 00 04", false },
	{ "something follows", "a2 0000 04a0 00", false },
	{ "nothing", "", false },
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t buf[128], again[128];
		size_t len = t_hex(rows[i].hex, buf, sizeof(buf));
		struct namp_message m, untouched;

		memset(&m, 0x5a, sizeof(m));
		untouched = m;
		int error = namp_decode(buf, len, &m);

		if (error != (rows[i].is_good ? 0 : -EBADMSG))
			fail_msg("%s: %d", rows[i].name, error);
		if (error < 0) {
			assert_memory_equal(&m, &untouched, sizeof(m));
			continue;
		}
		assert_int_equal(namp_encode(&m, again, sizeof(again)), len);
		assert_memory_equal(again, buf, len);
		for (size_t cut = 0; cut < len; cut++) {
			assert_int_equal(namp_decode(buf, cut, &untouched), -EBADMSG);
			assert_int_equal(namp_encode(&m, again, cut), -ENOBUFS);
		}
	}
}

static void test_members(void **state)
{
	uint8_t buf[128];
	size_t len = t_hex("a7 0003 0118ff 0262c3bc 0318ce 04a1616101 0503 0664696e666f", buf,
	                   sizeof(buf));
	struct namp_message m;

	(void)state;
	assert_int_equal(namp_decode(buf, len, &m), 0);
	assert_int_equal(m.kind, NAMP_EVENT);
	assert_int_equal(m.id, 255);
	assert_int_equal(m.code, 206);
	assert_int_equal(m.flags, NAMP_FLAG_ACKNOWLEDGE | NAMP_FLAG_CRITICAL);
	assert_int_equal(m.subject.len, 2);
	assert_memory_equal(m.subject.data, "\xc3\xbc", 2);
	assert_int_equal(m.body.len, 4);
	assert_memory_equal(m.body.data, "\xa1\x61\x61\x01", 4);
	assert_int_equal(m.extension_count, 1);
	assert_int_equal(m.extensions.len, 6);
	assert_memory_equal(m.extensions.data, "\x06\x64info", 6);
}

static void test_bounds(void **state)
{
	uint8_t *buf = calloc(1, NAMP_MESSAGE_MAX + 1);
	char subject[NAMP_SUBJECT_MAX + 1];
	static const uint8_t empty[] = { 0xa0 };
	struct namp_message m = { .kind = NAMP_REQUEST, .id = 1, .code = NAMP_GET }, got;

	(void)state;
	assert_non_null(buf);
	memset(subject, 'a', sizeof(subject));
	m.subject = (struct namp_slice) { (const uint8_t *)subject, NAMP_SUBJECT_MAX };
	ssize_t len = namp_encode(&m, buf, NAMP_MESSAGE_MAX);

	assert_true(len > 0);
	assert_int_equal(namp_decode(buf, (size_t)len, &got), 0);
	assert_int_equal(got.subject.len, NAMP_SUBJECT_MAX);
	m.subject.len++;
	len = namp_encode(&m, buf, NAMP_MESSAGE_MAX);
	assert_true(len > 0);
	assert_int_equal(namp_decode(buf, (size_t)len, &got), -EBADMSG);
	assert_int_equal(namp_decode(buf, NAMP_MESSAGE_MAX + 1, &got), -EMSGSIZE);
	/* What a message takes besides its parts. */
	m = (struct namp_message) { .kind = NAMP_EVENT,
		                    .id = INT64_MAX,
		                    .code = 599,
		                    .flags = INT64_MAX,
		                    .subject = { (const uint8_t *)subject, NAMP_SUBJECT_MAX },
		                    .body = { empty, sizeof(empty) } };
	len = namp_encode(&m, buf, NAMP_MESSAGE_MAX);
	assert_in_range(len, 1, NAMP_SUBJECT_MAX + sizeof(empty) + NAMP_OVERHEAD_MAX);
	free(buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
