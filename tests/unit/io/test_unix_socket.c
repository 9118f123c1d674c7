/* SPDX-License-Identifier: Apache-2.0 */
/* Unix sockets: who may connect, who did, and what happens to files that are in the way. */
#include "t.h"

#include "io/unix_socket.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>

struct fixture {
	char dir[32], path[64];
	int fd;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct diag d = { 0 };

	assert_non_null(f);
	(void)snprintf(f->dir, sizeof(f->dir), "/tmp/candor-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	f->fd = unix_listen(f->path, 0660, &d);
	if (f->fd < 0)
		fail_msg("%s", d.text);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->fd);
	(void)unlink(f->path);
	(void)rmdir(f->dir);
	free(f);
	return 0;
}

static void test_mode_and_second_server(void **state)
{
	const struct fixture *f = *state;
	struct stat st;
	struct diag d;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_int_equal(unix_listen(f->path, 0660, &d), -EADDRINUSE);
	assert_non_null(strstr(d.text, "in use"));
}

static void test_abandoned_socket_is_replaced(void **state)
{
	const struct fixture *f = *state;
	char path[80];
	struct diag d;

	(void)snprintf(path, sizeof(path), "%s/old", f->dir);
	int fd = unix_listen(path, 0600, &d);

	assert_true(fd >= 0);
	(void)close(fd);
	fd = unix_listen(path, 0600, &d);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_int_equal(unlink(path), 0);
	FILE *file = fopen(path, "w"); /* somebody's file is not ours to remove */

	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(unix_listen(path, 0600, &d), -EADDRINUSE);
	assert_int_equal(unlink(path), 0);
}

static void test_who_connects(void **state)
{
	const struct fixture *f = *state;
	const struct passwd *own = getpwuid(getuid());
	struct unix_peer peer;
	struct diag d;

	assert_int_equal(unix_accept(f->fd, &peer), -EAGAIN);
	int there = unix_connect(f->path, &d);
	int here = unix_accept(f->fd, &peer);

	assert_true(there >= 0 && here >= 0);
	assert_int_equal(peer.uid, getuid());
	assert_int_equal(peer.pid, getpid());
	assert_non_null(own);
	assert_string_equal(peer.user, own->pw_name);
	(void)close(there);
	(void)close(here);
}

static void test_nobody_there(void **state)
{
	const struct fixture *f = *state;
	char path[80], long_path[200];
	struct diag d;

	(void)snprintf(path, sizeof(path), "%s/none", f->dir);
	assert_int_equal(unix_connect(path, &d), -ENOENT);
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(unix_connect(long_path, &d), -ENAMETOOLONG);
	assert_int_equal(unix_listen("", 0600, &d), -ENAMETOOLONG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_mode_and_second_server),
		TEST(test_abandoned_socket_is_replaced),
		TEST(test_who_connects),
		TEST(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
