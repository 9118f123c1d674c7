/* SPDX-License-Identifier: Apache-2.0 */
/* Reading hosts, and finding who we are. */
#include "cli/target.h"

#include "base/inet.h"
#include "namp/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT_DEFAULT_S 5u
#define TIMEOUT_MAX_S     600u

static bool read_number(const char *text, uint32_t max, uint32_t *ret)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	unsigned long value = strtoul(text, &end, 10);

	if (errno || *end || value < 1 || value > max)
		return false;
	*ret = (uint32_t)value;
	return true;
}

/* "HOST", "HOST:PORT", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:PORT" into host and *ret_port,
 * which stays when none is given.  ``text`` is cut up. */
static bool read_host(char *text, const char **ret_host, uint16_t *ret_port)
{
	char *host = text, *colon = strchr(text, ':'), *rest = NULL;
	uint32_t port;

	if (*text == '[') {
		char *end = strchr(text, ']');
		struct inet_addr addr;

		if (!end || (end[1] && end[1] != ':'))
			return false;
		*end = '\0';
		host = text + 1;
		rest = end[1] ? end + 2 : NULL;
		if (inet_addr_parse(host, &addr) < 0 || addr.family != INET_V6)
			return false;
	} else if (colon && !strchr(colon + 1, ':')) {
		*colon = '\0';
		rest = colon + 1;
	}
	if (!*host || (rest && !read_number(rest, UINT16_MAX, &port)))
		return false;
	*ret_host = host;
	if (rest)
		*ret_port = (uint16_t)port;
	return true;
}

/* The first folder that there is of those where an identity is expected. */
static const char *default_identity(struct arena *a)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	const char *own = NULL;

	if (config && *config == '/')
		own = arena_printf(a, "%s/candor/identity", config);
	if (own && access(own, F_OK) == 0)
		return own;
	if (home && *home == '/')
		own = arena_printf(a, "%s/.config/candor/identity", home);
	if (own && access(own, F_OK) == 0)
		return own;
	return "/etc/candor/identity"; /* the client says what is missing there */
}

static int check_options(struct cli *cli, const struct target_options *o)
{
	if (!o->hosts) {
		const char *alone = o->port           ? "--port"
		                    : o->identity_dir ? "--identity"
		                    : o->key_name     ? "--psk"
		                    : o->key_file     ? "--psk-file"
		                                      : NULL;

		return alone ? cli_usage_error(cli, "%s belongs to -H HOST", alone) : CLI_GOOD;
	}
	if (o->socket_path)
		return cli_usage_error(cli, "-H and --socket exclude each other");
	if (!o->key_name != !o->key_file)
		return cli_usage_error(cli, "--psk NAME and --psk-file FILE go together");
	if (o->key_name && o->identity_dir)
		return cli_usage_error(cli, "--psk and --identity exclude each other");
	return CLI_GOOD;
}

static int read_hosts(struct cli *cli, const struct target_options *o, uint16_t port,
                      struct cli_targets *t)
{
	const char *identity = o->identity_dir ? o->identity_dir
	                       : o->key_name   ? NULL
	                                       : default_identity(&t->arena);
	char *list = arena_strdup(&t->arena, o->hosts), *save;

	t->targets = arena_alloc(&t->arena, TARGETS_MAX * sizeof(*t->targets));
	for (char *one = strtok_r(list, ",", &save); one; one = strtok_r(NULL, ",", &save)) {
		if (t->count == TARGETS_MAX)
			return cli_usage_error(cli, "more than %u hosts", TARGETS_MAX);
		struct cli_target *target = &t->targets[t->count++];

		*target = (struct cli_target) {
			.name = arena_strdup(&t->arena, one),
			.node = { .port = port,
			          .identity_dir = identity,
			          .key_name = o->key_name,
			          .key_file = o->key_file },
		};
		if (!read_host(one, &target->node.host, &target->node.port))
			return cli_usage_error(cli,
			                       "-H: expected HOST, HOST:PORT or [IPV6]:PORT, found "
			                       "\"%s\"",
			                       target->name);
	}
	return t->count ? CLI_GOOD : cli_usage_error(cli, "-H needs at least one host");
}

int targets_read(struct cli *cli, const struct target_options *o, struct cli_targets *ret)
{
	struct cli_targets *t = ret;
	uint32_t port = 0, timeout_s = TIMEOUT_DEFAULT_S;
	int code = check_options(cli, o);

	*t = (struct cli_targets) { 0 };
	if (code != CLI_GOOD)
		return code;
	if (o->port && !read_number(o->port, UINT16_MAX, &port))
		return cli_usage_error(
		        cli, "--port: expected a number from 1 to 65535, found \"%s\"", o->port);
	if (o->timeout_s && !read_number(o->timeout_s, TIMEOUT_MAX_S, &timeout_s))
		return cli_usage_error(
		        cli, "--timeout: expected a number of seconds from 1 to %u, found \"%s\"",
		        TIMEOUT_MAX_S, o->timeout_s);
	t->timeout_ms = timeout_s * 1000;
	t->is_remote = o->hosts != NULL;
	if (t->is_remote) {
		code = read_hosts(cli, o, (uint16_t)port, t);
	} else {
		t->targets = arena_alloc(&t->arena, sizeof(*t->targets));
		t->count = 1;
		t->targets[0].name = "localhost";
		t->targets[0].node.socket_path = o->socket_path ? o->socket_path : NAMP_SOCKET_PATH;
	}
	if (code != CLI_GOOD)
		targets_free(t);
	return code;
}

void targets_free(struct cli_targets *t)
{
	arena_free(&t->arena);
	*t = (struct cli_targets) { 0 };
}
