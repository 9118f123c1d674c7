/* SPDX-License-Identifier: Apache-2.0 */
/* Taking URLs apart: every part, every default, and what is no URL. */
#include "wire/url.h"

#include "t.h"

#include <errno.h>

static void assert_part(const struct url_part *part, const char *want)
{
	if (!want) {
		assert_null(part->at);
		return;
	}
	assert_non_null(part->at);
	assert_int_equal(part->len, strlen(want));
	assert_memory_equal(part->at, want, part->len);
}

static void every_part_is_found(void **state)
{
	struct url u;

	(void)state;
	assert_int_equal(url_parse("FTP://user:p%40ss@files.example:2121/pub/a?x#part", &u), 0);
	assert_int_equal(u.scheme, URL_FTP);
	assert_part(&u.user, "user");
	assert_part(&u.password, "p%40ss");
	assert_part(&u.host, "files.example");
	assert_part(&u.path, "/pub/a?x");
	assert_int_equal(u.port, 2121);
	assert_true(u.has_port);
	assert_int_equal(u.addr.family, INET_NONE);
}

static void what_is_left_out_has_its_default(void **state)
{
	static const struct {
		const char *text;
		enum url_scheme scheme;
		uint16_t port;
		const char *host, *path, *user;
		enum inet_family family;
	} cases[] = {
		{ "http://a", URL_HTTP, 80, "a", "", NULL, INET_NONE },
		{ "https://a/", URL_HTTPS, 443, "a", "/", NULL, INET_NONE },
		{ "http://a:/x", URL_HTTP, 80, "a", "/x", NULL, INET_NONE },
		{ "http://a?q=/@", URL_HTTP, 80, "a", "?q=/@", NULL, INET_NONE },
		{ "http://192.0.2.1:8080", URL_HTTP, 8080, "192.0.2.1", "", NULL, INET_V4 },
		{ "http://[2001:db8::1]/", URL_HTTP, 80, "2001:db8::1", "/", NULL, INET_V6 },
		{ "ftp://[2001:db8::1]:1/", URL_FTP, 1, "2001:db8::1", "/", NULL, INET_V6 },
		{ "ftp://me@a@b/", URL_FTP, 21, "b", "/", "me@a", INET_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url u;

		assert_int_equal(url_parse(cases[i].text, &u), 0);
		assert_int_equal(u.scheme, cases[i].scheme);
		assert_int_equal(u.port, cases[i].port);
		assert_part(&u.host, cases[i].host);
		assert_part(&u.path, cases[i].path);
		assert_part(&u.user, cases[i].user);
		assert_part(&u.password, NULL);
		assert_int_equal(u.addr.family, cases[i].family);
	}
}

static void what_is_none_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"http",
		"http:",
		"http:/",
		"http://",
		"http:///x",
		"://a",
		"//a",
		"www.example.com",
		"http://a b",
		"http://a\r\nb",
		"http://a\x80",
		"http://a:0/",
		"http://a:65536/",
		"http://a:99999999999/",
		"http://a:8o/",
		"http://a:-1/",
		"http://a!b/",
		"http://192.0.2/",
		"http://1.2.3.4.5/",
		"http://[192.0.2.1]/",
		"http://[2001:db8::1",
		"http://[2001:db8::1]x",
		"http://[]/",
		"http://2001:db8::1/",
		"http://user@/",
	};
	struct url u = { .port = 7 };
	char text[300] = "http://";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(url_parse(bad[i], &u), -EINVAL);
	memset(text + 7, 'a', URL_HOST_MAX + 1);
	assert_int_equal(url_parse(text, &u), -EINVAL);
	text[7 + URL_HOST_MAX] = '\0';
	assert_int_equal(u.port, 7); /* written only on success */
	assert_int_equal(url_parse(text, &u), 0);
	assert_int_equal(url_parse("gopher://a/", &u), -EPROTONOSUPPORT);
	assert_int_equal(url_parse("httpx://a/", &u), -EPROTONOSUPPORT);
}

static void escapes_are_decoded_but_for_what_ends_a_line(void **state)
{
	const struct {
		const char *text;
		int len;
		const char *want;
	} cases[] = {
		{ "", 0, "" },
		{ "a%20b", 3, "a b" },
		{ "%41%7e", 2, "A~" },
		{ "%4", -EINVAL, NULL },
		{ "%", -EINVAL, NULL },
		{ "%zz", -EINVAL, NULL },
		{ "a%00", -EINVAL, NULL },
		{ "a%0d%0aQUIT", -EINVAL, NULL },
		{ "12345678", -ENOSPC, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url_part part = { cases[i].text, strlen(cases[i].text) };
		char to[8];

		assert_int_equal(url_unescape(&part, to, sizeof(to)), cases[i].len);
		if (cases[i].want)
			assert_string_equal(to, cases[i].want);
	}
}

static void the_host_header_names_a_port_that_is_not_usual(void **state)
{
	static const char *const cases[][2] = {
		{ "http://a:80/", "a" },
		{ "http://a:443/", "a:443" },
		{ "https://a:443/", "a" },
		{ "http://[2001:db8::1]:8080/", "[2001:db8::1]:8080" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct url u;
		char to[64];

		assert_int_equal(url_parse(cases[i][0], &u), 0);
		assert_int_equal(url_host_header(&u, to, sizeof(to)), strlen(cases[i][1]));
		assert_string_equal(to, cases[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_is_found),
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(what_is_none_is_refused),
		cmocka_unit_test(escapes_are_decoded_but_for_what_ends_a_line),
		cmocka_unit_test(the_host_header_names_a_port_that_is_not_usual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
