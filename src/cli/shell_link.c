/* SPDX-License-Identifier: Apache-2.0 */
/* The shell's connection to its node: made, lost, made again; and what the node says by itself. */
#include "cli/shell_state.h"

#include "cli/config_cmd.h"
#include "cli/target.h"
#include "io/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define BEYOND_ANY_TEXT (INT64_C(1) << 40)
#define NAMP_MISSED     206 /* docs/namp.md section 7 */

#define SET(to, text)   (void)snprintf(to, sizeof(to), "%s", text) /* names have bounds */

static void learn(struct shell *sh)
{
	const struct doc *hello = namp_client_hello(sh->cli->client);

	SET(sh->node, doc_text(hello, "name", "candor"));
	SET(sh->identity, doc_text(hello, "identity", "?"));
	SET(sh->origin, doc_text(hello, "origin", ""));
	SET(sh->role, doc_text(hello, "role", "none"));
	sh->session = (uint64_t)doc_int(hello, "session", 0);
}

/* What runs, and whether somebody has yet to confirm it; without its text. */
void shell_learn_running(struct shell *sh)
{
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *running;
	struct object_request request = {
		.verb = OBJECT_GET,
		.path = "config/running",
		.body = body,
	};
	struct diag d;

	doc_add_int(&a, body, "offset", BEYOND_ANY_TEXT);
	if (namp_client_request(sh->cli->client, &request, &a, &running, &d) == 0) {
		sh->confirm_until_ns = doc_int(running, "confirm_until_ns", 0);
	}
	arena_free(&a);
}

int shell_connect(struct shell *sh)
{
	struct cli *cli = sh->cli;
	struct diag d;
	uint64_t id;

	if (cli->client)
		return CLI_GOOD;
	if (namp_client_open(&cli->target->node, cli->targets->timeout_ms, &cli->client, &d) < 0) {
		cli->client = NULL;
		return cli_error(cli, CLI_SYSTEM, "%s", d.text);
	}
	cli->is_client_lost = false;
	learn(sh);
	if (sh->was_connected)
		(void)fprintf(cli->err, "%% Connected to %s again\n", sh->node);
	sh->was_connected = true;
	if (sh->editor) { /* without the role of a viewer there is nothing to watch */
		(void)!namp_client_watch(cli->client, "config/running", false, &id, &d);
		shell_learn_running(sh);
	}
	return CLI_GOOD;
}

void shell_disconnect(struct shell *sh)
{
	namp_client_close(sh->cli->client);
	sh->cli->client = NULL;
}

void shell_check_link(struct shell *sh)
{
	if (!sh->cli->client || !sh->cli->is_client_lost)
		return;
	shell_disconnect(sh);
	sh->confirm_until_ns = 0;
	(void)fprintf(sh->cli->err,
	              "%% The connection to %s is lost; the next command makes a new one\n",
	              sh->node);
	if (sh->candidate.is_open && sh->candidate.is_changed)
		(void)fputs("% The candidate configuration was lost with it: nothing of it was "
		            "committed\n",
		            sh->cli->err);
	sh->candidate = (struct shell_candidate) { 0 };
}

int64_t shell_pending_left_s(const struct shell *sh)
{
	struct clock *clock = clock_system();
	int64_t left_ns = sh->confirm_until_ns - clock->wall(clock).ns;

	return sh->confirm_until_ns && left_ns > 0 ? (left_ns + NS_PER_S - 1) / NS_PER_S : 0;
}

/* --- what others do -------------------------------------------------------------------------- */

/* Whether it was this session; the node names us by process, or by address. */
static bool is_own(const struct shell *sh, const struct doc *d)
{
	return strcmp(doc_text(d, "who", ""), sh->identity) == 0 &&
	       strcmp(doc_text(d, "from", ""), sh->origin) == 0;
}

/* The lines entered stand on what no longer runs: without any the new one is taken silently. */
static void say_base(struct shell *sh)
{
	if (sh->candidate.is_open && sh->candidate.is_changed)
		(void)fputs("% Your changes began from an older one: \"rebase\" puts them on it\n",
		            sh->cli->err);
	else if (sh->candidate.is_open)
		(void)config_rebase_silently(sh->cli);
}

static void say_change(struct shell *sh, const struct doc *d)
{
	static const struct {
		const char *change, *text;
	} sentences[] = {
		{ "commit", "committed a configuration" },
		{ "confirm", "confirmed the configuration" },
		{ "rollback", "rolled the configuration back" },
		{ "reload", "read the configuration file again" },
	};
	const char *change = doc_text(d, "change", ""), *text = "changed the configuration";
	const char *who = doc_text(d, "who", "somebody"), *from = doc_text(d, "from", "");
	FILE *to = sh->cli->err;

	(void)fprintf(to, "%% %s%s%s", who, *from ? " from " : "", from);
	if (strcmp(change, "edit") == 0) {
		(void)fputs(" begins to edit the configuration\n", to);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++) {
		if (strcmp(change, sentences[i].change) == 0)
			text = sentences[i].text;
	}
	(void)fprintf(to, " %s: generation %" PRId64 " runs\n", text, doc_int(d, "generation", 0));
	say_base(sh);
}

/* The next event, said.  As namp_client_next_event(). */
static int next_event(struct shell *sh, struct diag *d, bool *ret_is_change)
{
	struct arena a = { 0 };
	struct namp_event event;
	int error = namp_client_next_event(sh->cli->client, 0, &a, &event, d);

	if (error == 0) {
		const struct doc *object = doc_get(event.body, "object");
		const struct doc *what = object ? object : event.body;

		*ret_is_change = true;
		if (event.code == NAMP_MISSED)
			(void)fputs("% The configuration was changed several times meanwhile\n",
			            sh->cli->err);
		else if (!is_own(sh, what))
			say_change(sh, what);
	}
	arena_free(&a);
	return error;
}

void shell_announce(struct shell *sh)
{
	struct cli *cli = sh->cli;
	struct diag d = { 0 };
	bool is_change = sh->confirm_until_ns && shell_pending_left_s(sh) == 0;
	int error = 0;

	while (cli->client && error == 0)
		error = next_event(sh, &d, &is_change);
	if (error < 0 && error != -EAGAIN) {
		shell_say(sh, d.text);
		cli->is_client_lost = true;
		shell_check_link(sh);
	} else if (cli->client && is_change) {
		shell_learn_running(sh);
	}
}
