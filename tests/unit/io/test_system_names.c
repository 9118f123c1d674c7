/* SPDX-License-Identifier: Apache-2.0 */
/* hosts and resolv.conf of a folder of our own. */
#include "io/system_names.h"

#include "t.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/system-names-XXXXXX";

static void put(const char *name, const char *text)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/hosts", folder);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/resolv.conf", folder);
	(void)unlink(path);
	return rmdir(folder);
}

static void assert_host(const char *name, enum inet_family family, const char *want)
{
	struct inet_addr addr;
	char text[INET_TEXT_MAX];
	int rc = system_hosts_find(folder, name, strlen(name), family, &addr);

	assert_int_equal(rc, want ? 0 : -ENOENT);
	if (want)
		assert_string_equal(inet_addr_format(&addr, text), want);
}

static void hosts_are_found_by_any_of_their_names(void **state)
{
	(void)state;
	assert_host("localhost", INET_NONE, NULL); /* there is no file */
	put("hosts", "# comment\n127.0.0.1\tlocalhost\n::1 localhost ip6-localhost # www\n"
	             "no-address www\n192.0.2.7  a.example  www WWW2\n192.0.2.8 "
	             "www\n\n192.0.2.9");
	assert_host("localhost", INET_NONE, "127.0.0.1");
	assert_host("localhost", INET_V6, "::1");
	assert_host("LOCALHOST", INET_V4, "127.0.0.1");
	assert_host("www", INET_NONE, "192.0.2.7");
	assert_host("www2", INET_NONE, "192.0.2.7");
	assert_host("www", INET_V6, NULL);
	assert_host("ww", INET_NONE, NULL);
	assert_host("192.0.2.9", INET_NONE, NULL);
}

static void the_first_name_server_that_is_an_address_is_taken(void **state)
{
	struct inet_addr addr;
	char text[INET_TEXT_MAX];

	(void)state;
	assert_int_equal(system_name_server(folder, &addr), -ENOENT);
	put("resolv.conf", "search example\n;nameserver 192.0.2.1\nnameserver\nnameserver name\n"
	                   "nameserver 2001:db8::53\nnameserver 192.0.2.53\n");
	assert_int_equal(system_name_server(folder, &addr), 0);
	assert_string_equal(inet_addr_format(&addr, text), "2001:db8::53");
	put("resolv.conf", "options edns0\n");
	assert_int_equal(system_name_server(folder, &addr), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_found_by_any_of_their_names),
		cmocka_unit_test(the_first_name_server_that_is_an_address_is_taken),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
