/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with rows without a grammar. */
#include "base/conf_row.h"

#include "base/inet.h"

#include <stdbool.h>
#include <string.h>

const char *conf_unit_name(enum conf_unit unit)
{
	static const char *const names[] = {
		[U_NONE] = "",           [U_S] = "seconds",        [U_MS] = "milliseconds",
		[U_US] = "microseconds", [U_BYTES] = "bytes",      [U_PKTS] = "packets",
		[U_PCT] = "percent",     [U_PER_S] = "per second",
	};

	return names[unit];
}

void conf_row_store(const struct conf_row *row, void *object, uint64_t value)
{
	char *field = (char *)object + row->offset;

	switch (row->kind) {
	case CK_U8:
	case CK_ENUM:
		*(uint8_t *)field = (uint8_t)value;
		break;
	case CK_U16:
	case CK_PORT:
		*(uint16_t *)(void *)field = (uint16_t)value;
		break;
	case CK_U32:
	case CK_HEX32:
		*(uint32_t *)(void *)field = (uint32_t)value;
		break;
	case CK_U64:
		*(uint64_t *)(void *)field = value;
		break;
	case CK_FLAG:
	case CK_ENABLE:
		*(bool *)(void *)field = value != 0;
		break;
	case CK_NONE:
	case CK_TEXT:
	case CK_WORD:
	case CK_ADDR:
	case CK_CUSTOM:
		break;
	}
}

void conf_rows_init(const struct conf_row *rows, void *object)
{
	for (const struct conf_row *row = rows; row->kind != CK_NONE; row++) {
		if (row->kind == CK_ADDR)
			memset((char *)object + row->offset, 0, sizeof(struct inet_addr));
		else
			conf_row_store(row, object, row->initial);
	}
}
