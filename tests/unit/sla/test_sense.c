/* SPDX-License-Identifier: Apache-2.0 */
/* Words of the return codes. */
#include "sla/sense.h"

#include "t.h"

static void texts_are_those_of_show(void **state)
{
	(void)state;
	assert_string_equal(sla_sense_text(SENSE_OTHER), "Unknown");
	assert_string_equal(sla_sense_text(SENSE_OK), "OK");
	assert_string_equal(sla_sense_text(SENSE_OVER_THRESHOLD), "Over threshold");
	assert_string_equal(sla_sense_text(SENSE_NOT_CONNECTED), "No connection");
	assert_string_equal(sla_sense_text(SENSE_ERROR), "Socket connect error");
	assert_string_equal(sla_sense_name(SENSE_ENABLE_PORT_IN_USE), "enable_port_in_use");
}

static void every_number_has_words(void **state)
{
	(void)state;
	for (int n = -1; n < 300; n++) {
		assert_non_null(sla_sense_text((enum sla_sense)n));
		assert_non_null(sla_sense_name((enum sla_sense)n));
	}
	assert_string_equal(sla_sense_name((enum sla_sense)17), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_those_of_show),
		cmocka_unit_test(every_number_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
