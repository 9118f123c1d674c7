/* SPDX-License-Identifier: Apache-2.0 */
/* Reading HTTP/1 responses: framing, interim responses, what is refused, and every way of cutting. */
#include "wire/http_response.h"

#include "t.h"

#define BODY_MAX 1000

static enum http_progress feed(struct http_reader *r, const char *text)
{
	return http_reader_feed(r, (const uint8_t *)text, strlen(text), NULL);
}

/* Responses that end by themselves. */
static const struct {
	const char *text;
	bool is_head;
	uint16_t status;
	uint64_t body_octets;
	uint32_t interim;
} good[] = {
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, 200, 5, 0 },
	{ "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello", false, 200, 5, 0 },
	{ "HTTP/1.0 200\r\ncontent-LENGTH:  05 \r\n\r\nhello", false, 200, 5, 0 },
	{ "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", false, 404, 0, 0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\nContent-Length: 3\r\n\r\nabc", false, 200, 3,
	  0 },
	{ "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, 200, 0, 0 },
	{ "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, 304, 0, 0 },
	{ "HTTP/1.1 204 No Content\r\n\r\n", false, 204, 0, 0 },
	{ "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
	  "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
	  false, 200, 1, 2 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	  "5\r\nhello\r\nA;name=value\r\n0123456789\r\n0\r\n\r\n",
	  false, 200, 15, 0 },
	{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\nContent-Length: 3\r\n\r\n"
	  "1 \r\nx\r\n000\r\nTrailer: y\r\n\r\n",
	  false, 200, 1, 0 },
};

static void assert_good(const struct http_reader *r, size_t i)
{
	assert_int_equal(r->status, good[i].status);
	assert_int_equal(r->body_octets, good[i].body_octets);
	assert_int_equal(r->interim, good[i].interim);
	assert_int_equal(r->fault, HTTP_NO_FAULT);
}

static void good_responses_end_at_their_last_octet(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		char text[512];
		struct http_reader r;
		size_t used = 0, len = strlen(good[i].text);

		(void)snprintf(text, sizeof(text), "%sand more", good[i].text);
		http_reader_init(&r, good[i].is_head, BODY_MAX);
		assert_int_equal(http_reader_feed(&r, (uint8_t *)text, strlen(text), &used),
		                 HTTP_DONE);
		assert_int_equal(used, len);
		assert_good(&r, i);
		assert_int_equal(http_reader_end(&r), HTTP_DONE);
	}
}

static void pieces_of_any_size_come_to_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		size_t len = strlen(good[i].text);

		for (size_t cut = 0; cut < len; cut++) {
			struct http_reader r;

			http_reader_init(&r, good[i].is_head, BODY_MAX);
			for (size_t at = 0; at < cut; at++)
				assert_int_equal(
				        http_reader_feed(&r, (const uint8_t *)good[i].text + at, 1,
				                         NULL),
				        HTTP_MORE);
			struct http_reader early = r;

			assert_int_equal(http_reader_end(&early), HTTP_BAD);
			assert_int_equal(early.fault, cut ? HTTP_FAULT_CUT : HTTP_FAULT_EMPTY);
			assert_int_equal(feed(&r, good[i].text + cut), HTTP_DONE);
			assert_good(&r, i);
		}
	}
}

static void without_a_length_the_connection_ends_the_body(void **state)
{
	static const char *const heads[] = {
		"HTTP/1.0 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: 2\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct http_reader r;

		http_reader_init(&r, false, BODY_MAX);
		assert_int_equal(feed(&r, heads[i]), HTTP_MORE);
		assert_int_equal(feed(&r, "any text"), HTTP_MORE);
		assert_int_equal(http_reader_end(&r), HTTP_DONE);
		assert_int_equal(r.body_octets, 8);
		assert_int_equal(r.status, 200);
	}
}

static void garbage_is_refused_with_its_reason(void **state)
{
	static const struct {
		const char *text;
		enum http_fault fault;
	} cases[] = {
		{ "SSH-2.0-OpenSSH", HTTP_FAULT_STATUS_LINE },
		{ "\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/2.0 200 OK\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/1.1 2x0 OK\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/1.1 099 OK\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/1.1 2000\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/1.1  200 OK\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/1.1 20\r\n", HTTP_FAULT_STATUS_LINE },
		{ "HTTP/1.1 200 OK\r\nno colon\r\n", HTTP_FAULT_HEADER },
		{ "HTTP/1.1 200 OK\r\nname : value\r\n", HTTP_FAULT_HEADER },
		{ "HTTP/1.1 200 OK\r\n folded: no\r\n", HTTP_FAULT_HEADER },
		{ "HTTP/1.1 200 OK\r\n: empty\r\n", HTTP_FAULT_HEADER },
		{ "HTTP/1.1 200 OK\r\na: b\rc\r\n", HTTP_FAULT_HEADER },
		{ "HTTP/1.1 200 OK\r\nContent-Length: x\r\n", HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length:\r\n", HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n", HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1,2\r\n", HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n",
		  HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
		  HTTP_FAULT_LENGTH },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", HTTP_NO_FAULT },
		{ "HTTP/1.1 101 Switching\r\n\r\n", HTTP_FAULT_SWITCHED },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", HTTP_FAULT_CHUNK },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n", HTTP_FAULT_CHUNK },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n",
		  HTTP_FAULT_CHUNK },
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
		  HTTP_FAULT_CHUNK },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct http_reader r;

		http_reader_init(&r, false, BODY_MAX);
		assert_int_equal(feed(&r, cases[i].text), cases[i].fault ? HTTP_BAD : HTTP_MORE);
		assert_int_equal(r.fault, cases[i].fault);
		if (!cases[i].fault)
			continue;
		assert_int_equal(feed(&r, "x"), HTTP_BAD); /* and stays so */
		assert_int_equal(http_reader_end(&r), HTTP_BAD);
		assert_true(strlen(http_fault_text(cases[i].fault)) > 10);
	}
}

/* Another protocol is seen in its first octets, not after a line that may never end. */
static void another_protocol_is_seen_at_once(void **state)
{
	struct http_reader r;

	(void)state;
	http_reader_init(&r, false, BODY_MAX);
	assert_int_equal(feed(&r, "2"), HTTP_BAD);
	assert_int_equal(r.fault, HTTP_FAULT_STATUS_LINE);
}

static enum http_fault fault_of_repeated(const char *begin, const char *again, unsigned times)
{
	struct http_reader r;
	enum http_progress p;

	http_reader_init(&r, false, BODY_MAX);
	p = feed(&r, begin);
	for (unsigned i = 0; i < times && p == HTTP_MORE; i++)
		p = feed(&r, again);
	assert_int_equal(p, HTTP_BAD);
	return (enum http_fault)r.fault;
}

static void what_has_no_end_is_limited(void **state)
{
	static const char chunked[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

	(void)state;
	assert_int_equal(fault_of_repeated("HTTP/1.1 200 ", "endless ", 10000),
	                 HTTP_FAULT_HEAD_LONG);
	assert_int_equal(fault_of_repeated("HTTP/1.1 200 OK\r\nA: ", "b", 70000),
	                 HTTP_FAULT_HEAD_LONG);
	assert_int_equal(fault_of_repeated("HTTP/1.1 200 OK\r\n", "A: b\r\n", 300),
	                 HTTP_FAULT_LINES);
	assert_int_equal(fault_of_repeated("", "HTTP/1.1 100 Continue\r\n\r\n", 300),
	                 HTTP_FAULT_LINES);
	assert_int_equal(fault_of_repeated("HTTP/1.1 200 OK\r\n\r\n", "0123456789", 200),
	                 HTTP_FAULT_BODY_LONG);
	assert_int_equal(fault_of_repeated(chunked, "9\r\n123456789\r\n", 200),
	                 HTTP_FAULT_BODY_LONG);
	assert_int_equal(
	        fault_of_repeated(chunked, "1;an extension of many octets\r\nx\r\n", 10000),
	        HTTP_FAULT_BODY_LONG);
	assert_int_equal(
	        fault_of_repeated("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
	                          "A: b\r\n", 300),
	        HTTP_FAULT_LINES);
}

static void long_lines_that_do_not_matter_are_passed_over(void **state)
{
	char text[2000];
	struct http_reader r;

	(void)state;
	http_reader_init(&r, false, BODY_MAX);
	assert_int_equal(feed(&r, "HTTP/1.1 200 OK\r\nSet-Cookie: "), HTTP_MORE);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(feed(&r, text), HTTP_MORE);
	assert_int_equal(feed(&r, "\r\n"), HTTP_MORE);
	assert_int_equal(feed(&r, text), HTTP_MORE); /* a name */
	assert_int_equal(feed(&r, ": y\r\nContent-Length: 0\r\n\r\n"), HTTP_DONE);
	http_reader_init(&r, false, BODY_MAX);
	assert_int_equal(feed(&r, "HTTP/1.1 200 OK\r\nContent-Length: 1"), HTTP_MORE);
	memset(text, ' ', sizeof(text) - 1);
	assert_int_equal(feed(&r, text), HTTP_MORE);
	assert_int_equal(feed(&r, "\r\n"), HTTP_BAD);
	assert_int_equal(r.fault, HTTP_FAULT_LENGTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_responses_end_at_their_last_octet),
		cmocka_unit_test(pieces_of_any_size_come_to_the_same),
		cmocka_unit_test(without_a_length_the_connection_ends_the_body),
		cmocka_unit_test(garbage_is_refused_with_its_reason),
		cmocka_unit_test(another_protocol_is_seen_at_once),
		cmocka_unit_test(what_has_no_end_is_limited),
		cmocka_unit_test(long_lines_that_do_not_matter_are_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
