/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that the host says is available. */
#include "io/memory.h"
#include "t.h"

#include <errno.h>

static void test_texts(void **state)
{
	uint64_t bytes = 7;

	(void)state;
	assert_int_equal(memory_available_parse("MemTotal:       1000 kB\nMemFree:  10 kB\n"
	                                        "MemAvailable:    512 kB\nBuffers: 1 kB\n",
	                                        &bytes),
	                 0);
	assert_int_equal(bytes, 512 * 1024);
	assert_int_equal(memory_available_parse("MemFree: 10 kB\n", &bytes), -EBADMSG);
	assert_int_equal(memory_available_parse("MemAvailable:\n", &bytes), -EBADMSG);
	assert_int_equal(memory_available_parse("MemAvailable: 5 MB\n", &bytes), -EBADMSG);
	assert_int_equal(
	        memory_available_parse("MemAvailable: 99999999999999999999999 kB\n", &bytes),
	        -EBADMSG);
	assert_int_equal(bytes, 512 * 1024);
}

static void test_this_host(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(memory_available(&bytes), 0);
	assert_true(bytes > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_this_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
