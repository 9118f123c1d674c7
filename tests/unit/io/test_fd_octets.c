/* SPDX-License-Identifier: Apache-2.0 */
/* Whole reads and writes, where the kernel gives less at a time. */
#include "io/fd_octets.h"

#include "t.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define OCTETS 300000u /* more than a pipe holds */

static uint8_t octet_at(size_t i)
{
	return (uint8_t)(i * 7 + i / 251);
}

/* A pipe takes and gives its 64 KiB at a time. */
static void test_pipe(void **state)
{
	static uint8_t octets[OCTETS], got[OCTETS + 1];
	int ends[2], status;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < OCTETS; i++)
		octets[i] = octet_at(i);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid_t child = fork();

	if (child == 0)
		_exit(fd_write(ends[1], octets, OCTETS) == 0 ? 0 : 1);
	(void)close(ends[1]);
	assert_int_equal(fd_read(ends[0], got, sizeof(got), &len), 0);
	assert_int_equal(len, OCTETS);
	assert_memory_equal(got, octets, OCTETS);
	(void)close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_places(void **state)
{
	int fd = memfd_create("octets", MFD_CLOEXEC);
	char got[16] = "";
	size_t len = 99;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fd_write(fd, "abcdef", 6), 0);
	assert_int_equal(fd_write_at(fd, "XY", 2, 2), 0);
	assert_int_equal(fd_read(fd, got, sizeof(got), &len), 0); /* it stands at the end */
	assert_int_equal(len, 0);
	assert_int_equal(fd_read_from_start(fd, got, sizeof(got), &len), 0);
	assert_int_equal(len, 6);
	assert_memory_equal(got, "abXYef", 6);
	assert_int_equal(fd_read_from_start(fd, got, 3, &len), 0);
	assert_int_equal(len, 3);
	(void)close(fd);
}

static void test_errors(void **state)
{
	char got[4];
	size_t len = 99;

	(void)state;
	assert_int_equal(fd_write(-1, "a", 1), -EBADF);
	assert_int_equal(fd_write_at(-1, "a", 1, 0), -EBADF);
	assert_int_equal(fd_read(-1, got, sizeof(got), &len), -EBADF);
	assert_int_equal(fd_read_from_start(-1, got, sizeof(got), &len), -EBADF);
	assert_int_equal(len, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
