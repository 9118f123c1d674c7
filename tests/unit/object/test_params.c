/* SPDX-License-Identifier: Apache-2.0 */
/* Nobody forgets a parameter: what can be configured is in the documents, and what is in the
 * documents counts when two operations are compared. */
#include "object/result_object.h"
#include "probe/probe.h"
#include "sla/operation.h"
#include "t.h"

static bool is_shown(const struct conf_row *setting)
{
	for (const struct object_row *row = op_params_rows; row->type != OT_END; row++) {
		if (row->offset == setting->offset)
			return true;
	}
	return false;
}

static void every_setting_is_in_the_documents(void **state)
{
	(void)state;
	for (unsigned type = 0; type < SLA_TYPE_COUNT; type++) {
		const struct conf_row *row = probe_types[type]->rows;

		for (; row->kind != CK_NONE; row++) {
			if (!is_shown(row))
				fail_msg("%s: no row of op_params_rows shows '%s'",
				         probe_types[type]->name, row->keyword);
		}
	}
}

/* Target and keys make another operation, or another signature, of the same settings. */
static bool is_no_setting(const char *key)
{
	return strcmp(key, "target_address") == 0 || strcmp(key, "target_port") == 0 ||
	       strncmp(key, "auth_", 5) == 0;
}

static void every_parameter_counts(void **state)
{
	static const struct op_params a;

	(void)state;
	for (const struct object_row *row = op_params_rows; row->type != OT_END; row++) {
		struct op_params b = a;

		if (row->type == OT_TEXT) {
			const char *other = "other";

			memcpy((unsigned char *)&b + row->offset, &other, sizeof(other));
		} else {
			if (row->offset >= offsetof(struct op_params, text))
				*(const char **)(void *)((char *)&b + row->offset) = "a text";
			else
				((unsigned char *)&b)[row->offset] ^= 1;
		}
		if (op_params_equal(&a, &b))
			fail_msg("op_params_equal() does not see a change of %s", row->name);
		if (op_settings_equal(&a, &b) != is_no_setting(row->name))
			fail_msg("op_settings_equal() is wrong about %s", row->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_setting_is_in_the_documents),
		cmocka_unit_test(every_parameter_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
