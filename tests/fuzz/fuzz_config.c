/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: any text is refused with places, or is a configuration whose canonical text is a
 * fixed point. */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *print(const struct config *c, bool all)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!to || config_print(c, to, all, true) != 0 || fclose(to) != 0)
		abort();
	return text;
}

static void check(const struct config *c, bool all)
{
	char *first = print(c, all);
	struct config_errors errors;
	struct config *again = NULL;

	if (config_parse(first, strlen(first), &again, &errors) != 0)
		abort();
	char *second = print(again, all);

	if (strcmp(first, second) != 0)
		abort();
	free(second);
	free(first);
	config_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct config_errors errors;
	struct config *c = NULL;

	if (config_parse((const char *)data, size, &c, &errors) != 0) {
		for (uint32_t i = 0; i < errors.count; i++) {
			if (errors.errors[i].line == 0 || errors.errors[i].column == 0)
				abort();
		}
		config_errors_fini(&errors);
		return 0;
	}
	check(c, false);
	check(c, true);
	config_free(c);
	return 0;
}
