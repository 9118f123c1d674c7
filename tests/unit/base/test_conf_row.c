/* SPDX-License-Identifier: Apache-2.0 */
/* Rows set each kind of field to its default and leave the neighbours alone. */
#include "t.h"

#include "base/conf_row.h"
#include "base/inet.h"

struct thing {
	uint8_t before, u8, choice, between;
	uint16_t u16, port;
	uint32_t u32, hex;
	uint64_t u64;
	bool is_set, is_clear, after;
	struct inet_addr addr;
	const char *text;
};

#define AT(member) .offset = offsetof(struct thing, member)

static const struct conf_row rows[] = {
	{ "u8", CK_U8, AT(u8), .max = 255, .initial = 200 },
	{ "choice", CK_ENUM, AT(choice), .initial = 2 },
	{ "u16", CK_U16, AT(u16), .max = 65535, .initial = 65535 },
	{ "port", CK_PORT, AT(port), .initial = 1967 },
	{ "u32", CK_U32, AT(u32), .initial = 5000 },
	{ "hex", CK_HEX32, AT(hex), .initial = 0xABCDABCD },
	{ "u64", CK_U64, AT(u64), .initial = UINT64_MAX },
	{ "set", CK_FLAG, AT(is_set), .initial = 1 },
	{ "clear", CK_ENABLE, AT(is_clear), .initial = 0 },
	{ "addr", CK_ADDR, AT(addr) },
	{ "text", CK_TEXT, AT(text) },
	{ 0 },
};

static void every_kind_gets_its_default(void **state)
{
	struct thing thing;

	(void)state;
	memset(&thing, 0x01, sizeof(thing));
	thing.text = "kept";
	conf_rows_init(rows, &thing);
	assert_int_equal(thing.u8, 200);
	assert_int_equal(thing.choice, 2);
	assert_int_equal(thing.u16, 65535);
	assert_int_equal(thing.port, 1967);
	assert_int_equal(thing.u32, 5000);
	assert_true(thing.hex == 0xABCDABCD);
	assert_true(thing.u64 == UINT64_MAX);
	assert_true(thing.is_set);
	assert_false(thing.is_clear);
	assert_int_equal(thing.addr.family, INET_NONE);
	assert_string_equal(thing.text, "kept");
	assert_int_equal(thing.before, 1);
	assert_int_equal(thing.between, 1);
	assert_true(thing.after);
}

static void units_have_names(void **state)
{
	(void)state;
	assert_string_equal(conf_unit_name(U_NONE), "");
	assert_string_equal(conf_unit_name(U_MS), "milliseconds");
	assert_string_equal(conf_unit_name(U_PER_S), "per second");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_gets_its_default),
		cmocka_unit_test(units_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
