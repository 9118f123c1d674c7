/* SPDX-License-Identifier: Apache-2.0 */
/* Control-plane memory: zeroed, never NULL, and an impossible request ends the process. */
#include "t.h"

#include "base/xalloc.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void memory_is_zeroed_and_never_null(void **state)
{
	uint8_t *p = xcalloc(100, 3);

	(void)state;
	for (size_t i = 0; i < 300; i++)
		assert_int_equal(p[i], 0);
	p[299] = 9;
	p = xrealloc(p, 1000, 3);
	assert_int_equal(p[299], 9);
	free(p);
	p = xcalloc(0, 0);
	assert_non_null(p);
	free(p);
}

static void an_overflowing_size_aborts(void **state)
{
	int status;
	pid_t child = fork();

	(void)state;
	assert_true(child >= 0);
	if (child == 0) {
		/* The default action, whatever the test library or a sanitizer made of it. */
		struct sigaction act = { .sa_handler = SIG_DFL };

		close(STDERR_FILENO);
		(void)sigaction(SIGABRT, &act, NULL);
		free(xrealloc(NULL, SIZE_MAX / 2, 3));
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_never_null),
		cmocka_unit_test(an_overflowing_size_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
