/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of HTTP requests: what they mean, and what is refused. */
#include "wire/http_request.h"
#include "t.h"

#include <errno.h>

static int decode(const char *text, struct http_request *ret)
{
	return http_request_decode((const uint8_t *)text, strlen(text), ret);
}

static void test_good(void **state)
{
	static const struct {
		const char *text, *method, *path, *query;
		uint8_t minor;
		bool keep_alive, has_body;
	} rows[] = {
		{ "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET", "/metrics", NULL, 1, true,
		  false },
		{ "GET /metrics HTTP/1.0\n\n", "GET", "/metrics", NULL, 0, false, false },
		{ "GET /p?target=x&y HTTP/1.1\r\nhOST:\r\nConnection: Close\r\n\r\n", "GET", "/p",
		  "target=x&y", 1, false, false },
		{ "HEAD / HTTP/1.0\r\nConnection: x , keep-alive\r\n\r\n", "HEAD", "/", NULL, 0,
		  true, false },
		{ "POST /? HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n", "POST", "/", "", 1,
		  true, true },
		{ "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", "PUT", "/",
		  NULL, 1, true, true },
		{ "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0 \r\n\r\n", "GET", "/", NULL, 1,
		  true, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_request r;
		size_t len = strlen(rows[i].text);

		assert_int_equal(decode(rows[i].text, &r), 0);
		assert_int_equal(r.head_len, len);
		assert_true(http_request_is(&r, rows[i].method));
		assert_true(http_request_path_is(&r, rows[i].path));
		assert_int_equal(r.minor, rows[i].minor);
		assert_int_equal(r.keep_alive, rows[i].keep_alive);
		assert_int_equal(r.has_body, rows[i].has_body);
		assert_int_equal(r.query != NULL, rows[i].query != NULL);
		if (rows[i].query) {
			assert_int_equal(r.query_len, strlen(rows[i].query));
			assert_memory_equal(r.query, rows[i].query, r.query_len);
		}
		for (size_t cut = 0; cut < len; cut++)
			assert_int_equal(
			        http_request_decode((const uint8_t *)rows[i].text, cut, &r),
			        -EAGAIN);
	}
}

static void test_bad(void **state)
{
	static const char *const texts[] = {
		"\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/2.0\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.2\r\nHost: a\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / x HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET metrics HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"G\001T / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\r HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n",
		"GET / HTTP/1.1\r\n: a\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", /* no Host */
		"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\177\r\n\r\n",
	};
	struct http_request r = { .head_len = 77 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(decode(texts[i], &r), -EBADMSG);
		assert_int_equal(r.head_len, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
