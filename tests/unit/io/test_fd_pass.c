/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor crosses with its message, alone or not at all, and is never leaked. */
#include "io/fd_pass.h"
#include "io/lockstep.h"
#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

struct pair {
	int a, b;
};

static int open_pair(void **state)
{
	static struct pair p;

	*state = &p;
	return lockstep_pair(&p.a, &p.b);
}

static int close_pair(void **state)
{
	struct pair *p = *state;

	fd_closep(&p->a);
	fd_closep(&p->b);
	return 0;
}

/* The lowest free descriptor: rises by one for each that is left open. */
static int lowest_free(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	(void)close(fd);
	return fd;
}

/* More than was asked for is refused, and nothing of it stays open here. */
static void test_two_descriptors(void **state)
{
	const struct pair *p = *state;
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(2 * sizeof(int))] = { 0 };
	struct iovec iov = { (char[]) { "x" }, 1 };
	struct msghdr h = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&h);
	const int fds[2] = { p->a, p->b };
	int got = -1, before = lowest_free();
	char text[8];

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(p->a, &h, 0), 1);
	assert_int_equal(fd_pass_receive(p->b, text, sizeof(text), &got), -EMSGSIZE);
	assert_int_equal(got, -1);
	assert_int_equal(lowest_free(), before);
}

static void test_with_descriptor(void **state)
{
	const struct pair *p = *state;
	int ends[2], got = -1;
	char text[8];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fd_pass_send(p->a, "file", 5, ends[1]), 0);
	assert_int_equal(fd_pass_receive(p->b, text, sizeof(text), &got), 5);
	assert_string_equal(text, "file");
	assert_true(got >= 0 && got != ends[1]);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(got, "x", 1), 1);
	assert_int_equal(read(ends[0], text, sizeof(text)), 1);
	(void)close(got);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

static void test_without_descriptor(void **state)
{
	const struct pair *p = *state;
	int got = 7;
	char text[8];

	assert_int_equal(fd_pass_receive(p->b, text, sizeof(text), &got), -EAGAIN);
	assert_int_equal(got, 7);
	assert_int_equal(fd_pass_send(p->a, "none", 5, -1), 0);
	assert_int_equal(fd_pass_receive(p->b, text, sizeof(text), &got), 5);
	assert_int_equal(got, -1);
}

static void test_too_long_keeps_nothing(void **state)
{
	const struct pair *p = *state;
	int free_before = lowest_free(), got = 7;
	char text[8];

	assert_int_equal(fd_pass_send(p->a, "much too long", 14, p->a), 0);
	assert_int_equal(fd_pass_receive(p->b, text, sizeof(text), &got), -EMSGSIZE);
	assert_int_equal(got, 7);
	assert_int_equal(lowest_free(), free_before);
}

static void test_closed(void **state)
{
	struct pair *p = *state;
	int got = -1;
	char text[8];

	fd_closep(&p->a);
	assert_int_equal(fd_pass_receive(p->b, text, sizeof(text), &got), 0);
	assert_int_equal(fd_pass_send(p->b, "x", 1, -1), -EPIPE);
}

#define PAIR_TEST(t) cmocka_unit_test_setup_teardown(t, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PAIR_TEST(test_with_descriptor),
		PAIR_TEST(test_two_descriptors),
		PAIR_TEST(test_without_descriptor),
		PAIR_TEST(test_too_long_keeps_nothing),
		PAIR_TEST(test_closed),
	};

	return cmocka_run_group_tests_name("fd_pass", tests, NULL, NULL);
}
