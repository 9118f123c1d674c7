/* SPDX-License-Identifier: Apache-2.0 */
/* FTP replies in pieces, ports in them, and the commands that name a port. */
#include "wire/ftp.h"

#include "t.h"

#include <errno.h>

static enum ftp_progress feed(struct ftp_reader *r, const char *text, size_t *ret_used)
{
	return ftp_reader_feed(r, (const uint8_t *)text, strlen(text), ret_used);
}

static const struct {
	const char *text;
	uint16_t code;
	const char *last;
} good[] = {
	{ "220 ready\r\n", 220, "ready" },
	{ "220\r\n", 220, "" },
	{ "230 in\n", 230, "in" },
	{ "220-one\r\n220-two\r\n 220 three\r\n221 four\r\n220 five\r\n", 220, "five" },
	{ "211-Features:\r\n EPSV\r\n\r\n211 End\r\n", 211, "End" },
	{ "550 \x1b[2Jgone\xff\r\n", 550, "?[2Jgone?" },
};

static void good_replies_end_at_their_last_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct ftp_reader r;
		char text[200];
		size_t used, len = strlen(good[i].text);

		(void)snprintf(text, sizeof(text), "%s331 next\r\n", good[i].text);
		ftp_reader_init(&r);
		assert_int_equal(feed(&r, text, &used), FTP_REPLY);
		assert_int_equal(used, len);
		assert_int_equal(r.code, good[i].code);
		assert_string_equal(r.text, good[i].last);
		assert_int_equal(feed(&r, text + used, &used), FTP_REPLY);
		assert_int_equal(r.code, 331);
	}
}

static void pieces_of_any_size_come_to_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		size_t len = strlen(good[i].text), used;
		struct ftp_reader r;

		ftp_reader_init(&r);
		for (size_t at = 0; at + 1 < len; at++)
			assert_int_equal(
			        ftp_reader_feed(&r, (const uint8_t *)good[i].text + at, 1, &used),
			        FTP_MORE);
		assert_int_equal(feed(&r, good[i].text + len - 1, &used), FTP_REPLY);
		assert_int_equal(r.code, good[i].code);
		assert_string_equal(r.text, good[i].last);
	}
}

static void garbage_is_refused(void **state)
{
	static const char *const bad[] = {
		"SSH",        "HTTP/1.1 400 Bad Request\r\n",
		"20 x\r\n",   "\r\n",
		"620 x\r\n",  "099 x\r\n",
		"2200 x\r\n", "220x\r\n",
		"22\n",
	};
	struct ftp_reader r;
	size_t used;
	enum ftp_progress p = FTP_MORE;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		ftp_reader_init(&r);
		assert_int_equal(feed(&r, bad[i], &used), FTP_BAD);
		assert_int_equal(feed(&r, "220 x\r\n", &used), FTP_BAD); /* and stays so */
	}
	ftp_reader_init(&r);
	assert_int_equal(ftp_reader_feed(&r, (const uint8_t *)"220 \0\r\n", 7, &used), FTP_BAD);
	ftp_reader_init(&r);
	for (unsigned i = 0; i < 20000 && p == FTP_MORE; i++)
		p = feed(&r, "220-endless\r\n", &used);
	assert_int_equal(p, FTP_BAD);
	ftp_reader_init(&r);
	assert_int_equal(feed(&r, "220 ", &used), FTP_MORE);
	for (p = FTP_MORE; p == FTP_MORE;)
		p = feed(&r, "x", &used);
	assert_int_equal(p, FTP_BAD);
}

static void a_long_last_line_is_cut(void **state)
{
	struct ftp_reader r;
	size_t used;

	(void)state;
	ftp_reader_init(&r);
	assert_int_equal(feed(&r, "550 ", &used), FTP_MORE);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(feed(&r, "x", &used), FTP_MORE);
	assert_int_equal(feed(&r, "\r\n", &used), FTP_REPLY);
	assert_int_equal(strlen(r.text), FTP_LINE_KEPT - 1 - 4);
}

static void ports_are_found_and_nothing_else_is(void **state)
{
	static const struct {
		const char *text;
		int (*find)(const char *text, uint16_t *ret);
		int rc;
		uint16_t port;
	} cases[] = {
		{ "Entering Extended Passive Mode (|||6446|)", ftp_epsv_port, 0, 6446 },
		{ "ok (!!!1!)", ftp_epsv_port, 0, 1 },
		{ "(|||65535|)", ftp_epsv_port, 0, 65535 },
		{ "(|||65536|)", ftp_epsv_port, -EBADMSG, 0 },
		{ "(|||0|)", ftp_epsv_port, -EBADMSG, 0 },
		{ "(||||)", ftp_epsv_port, -EBADMSG, 0 },
		{ "(|||6446|", ftp_epsv_port, -EBADMSG, 0 },
		{ "(||6446|)", ftp_epsv_port, -EBADMSG, 0 },
		{ "(1116446 1)", ftp_epsv_port, -EBADMSG, 0 },
		{ "no port", ftp_epsv_port, -EBADMSG, 0 },
		{ "(", ftp_epsv_port, -EBADMSG, 0 },
		{ "Entering Passive Mode (192,0,2,1,25,46).", ftp_pasv_port, 0, 6446 },
		{ "=10,0,0,1,0,21", ftp_pasv_port, 0, 21 },
		{ "(192,0,2,1,256,46)", ftp_pasv_port, -EBADMSG, 0 },
		{ "(192,0,2,1,25)", ftp_pasv_port, -EBADMSG, 0 },
		{ "(192,0,2,1,0,0)", ftp_pasv_port, -EBADMSG, 0 },
		{ "(192,0,2,1,,1)", ftp_pasv_port, -EBADMSG, 0 },
		{ "(99999999999,0,2,1,1,1)", ftp_pasv_port, -EBADMSG, 0 },
		{ "no port", ftp_pasv_port, -EBADMSG, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint16_t port = 0;

		assert_int_equal(cases[i].find(cases[i].text, &port), cases[i].rc);
		assert_int_equal(port, cases[i].port);
	}
}

static void commands_name_the_port(void **state)
{
	struct inet_endpoint at = { .port = 6446 };
	char to[FTP_PORT_MAX];

	(void)state;
	assert_int_equal(inet_addr_parse("192.0.2.1", &at.addr), 0);
	assert_string_equal(ftp_port_command(&at, to), "PORT 192,0,2,1,25,46\r\n");
	assert_int_equal(inet_addr_parse("2001:db8::1", &at.addr), 0);
	assert_string_equal(ftp_port_command(&at, to), "EPRT |2|2001:db8::1|6446|\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_replies_end_at_their_last_line),
		cmocka_unit_test(pieces_of_any_size_come_to_the_same),
		cmocka_unit_test(garbage_is_refused),
		cmocka_unit_test(a_long_last_line_is_cut),
		cmocka_unit_test(ports_are_found_and_nothing_else_is),
		cmocka_unit_test(commands_name_the_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
