/* SPDX-License-Identifier: Apache-2.0 */
/* hosts(5) and resolv.conf(5), as far as one line is concerned. */
#include "io/system_names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORDS_MAX 64u /* of a line; what is beyond them is not looked at */

/* Cuts ``line`` into words, up to a comment. */
static unsigned split(char *line, char *words[WORDS_MAX])
{
	unsigned count = 0;
	char *rest = NULL;

	line[strcspn(line, "#;\n")] = '\0';
	for (char *w = strtok_r(line, " \t\r", &rest); w && count < WORDS_MAX;
	     w = strtok_r(NULL, " \t\r", &rest))
		words[count++] = w;
	return count;
}

/* Lines of a file, until ``take`` is content with one. */
static int find_line(const char *folder, const char *file,
                     bool (*take)(void *ctx, char *const *words, unsigned count), void *ctx)
{
	char path[256], *line = NULL;
	size_t room = 0;
	int rc = -ENOENT;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, file);
	FILE *f = fopen(path, "re");

	while (f && rc < 0 && getline(&line, &room, f) >= 0) {
		char *words[WORDS_MAX];
		unsigned count = split(line, words);

		if (count >= 2 && take(ctx, words, count))
			rc = 0;
	}
	if (f)
		(void)fclose(f); /* nothing was written */
	free(line);
	return rc;
}

struct wanted_host {
	const char *name;
	size_t len;
	enum inet_family family;
	struct inet_addr *ret;
};

static bool take_host(void *ctx, char *const *words, unsigned count)
{
	const struct wanted_host *w = ctx;
	struct inet_addr addr;

	if (inet_addr_parse(words[0], &addr) < 0 ||
	    (w->family != INET_NONE && addr.family != w->family))
		return false;
	for (unsigned i = 1; i < count; i++) {
		if (strlen(words[i]) == w->len && strncasecmp(words[i], w->name, w->len) == 0) {
			*w->ret = addr;
			return true;
		}
	}
	return false;
}

int system_hosts_find(const char *folder, const char *name, size_t len, enum inet_family family,
                      struct inet_addr *ret)
{
	struct wanted_host w = { name, len, family, ret };

	return find_line(folder, "hosts", take_host, &w);
}

static bool take_server(void *ctx, char *const *words, unsigned count)
{
	(void)count;
	return strcmp(words[0], "nameserver") == 0 && inet_addr_parse(words[1], ctx) == 0;
}

int system_name_server(const char *folder, struct inet_addr *ret)
{
	return find_line(folder, "resolv.conf", take_server, ret);
}
