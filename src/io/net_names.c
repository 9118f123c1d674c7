/* SPDX-License-Identifier: Apache-2.0 */
/* The table of names. */
#include "io/net_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char names[NET_NAMES_MAX][NET_NAME_MAX];

bool net_name_is_valid(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	                              "0123456789_.-:@";
	size_t len = strnlen(name, NET_NAME_MAX);

	return len > 0 && len < NET_NAME_MAX && strspn(name, letters) == len &&
	       strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

int net_name_number(const char *name, uint16_t *ret, bool *ret_is_new)
{
	unsigned at = 0;

	if (!net_name_is_valid(name))
		return -EINVAL;
	while (at < NET_NAMES_MAX && names[at][0] && strcmp(names[at], name) != 0)
		at++;
	if (at == NET_NAMES_MAX)
		return -ENOSPC;
	if (ret_is_new)
		*ret_is_new = names[at][0] == '\0';
	(void)snprintf(names[at], NET_NAME_MAX, "%s", name);
	*ret = (uint16_t)(at + 1);
	return 0;
}

int net_name_put(uint16_t number, const char *name)
{
	if (number == 0 || number > NET_NAMES_MAX || !net_name_is_valid(name))
		return -EINVAL;
	(void)snprintf(names[number - 1], NET_NAME_MAX, "%s", name);
	return 0;
}

const char *net_name(uint16_t number)
{
	return number > 0 && number <= NET_NAMES_MAX && names[number - 1][0] ? names[number - 1]
	                                                                     : NULL;
}
