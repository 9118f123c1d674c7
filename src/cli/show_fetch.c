/* SPDX-License-Identifier: Apache-2.0 */
/* Getting the documents of a `show`. */
#include "cli/show_fetch.h"

#include "cli/shell_state.h"
#include "cli/target.h"
#include "namp/client.h"
#include "object/doc_cbor.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Whether the connection is of no more use after this error. */
static bool is_lost(int error, const struct diag *d)
{
	return error == -EPIPE || error == -EBADMSG || error == -EPROTO || error == -ECONNRESET ||
	       (error == -ETIMEDOUT && d->line == 0);
}

/* Each place that the node finds fault with. */
static void print_errors(struct cli *cli, const struct doc *answer)
{
	for (const struct doc_member *m = doc_first(doc_get(answer, "errors")); m; m = m->next) {
		int64_t line = doc_int(&m->value, "line", 0);
		const char *text = doc_text(&m->value, "text", "");

		if (line > 0)
			(void)cli_error(cli, CLI_SYSTEM, "line %" PRId64 ": %s", line, text);
		else
			(void)cli_error(cli, CLI_SYSTEM, "%s", text);
	}
}

int show_open(struct show *s, struct cli *cli)
{
	struct diag d;

	*s = (struct show) { .cli = cli };
	if (cli->shell) {
		int code = shell_connect(cli->shell);

		s->client = cli->client;
		return code;
	}
	if (namp_client_open(&cli->target->node, cli->targets->timeout_ms, &s->client, &d) < 0)
		return cli_error(cli, CLI_SYSTEM, "%s", d.text);
	return CLI_GOOD;
}

void show_close(struct show *s)
{
	if (s->client && s->client != s->cli->client)
		namp_client_close(s->client);
	arena_free(&s->arena);
}

int show_ask(struct show *s, enum object_verb verb, const char *path, const struct doc *body,
             struct doc **ret)
{
	struct object_request request = { .verb = verb, .path = path, .body = body };
	struct doc *answer = NULL;
	struct diag d = { 0 };
	int error = namp_client_request(s->client, &request, &s->arena, &answer, &d);

	if (error == 0) {
		doc_sort(answer);
		*ret = answer;
		return CLI_GOOD;
	}
	s->cli->is_client_lost |= s->client == s->cli->client && is_lost(error, &d);
	int code = cli_error(s->cli, error == -ENOENT ? CLI_LOSS : CLI_SYSTEM, "%s", d.text);

	print_errors(s->cli, answer);
	return code;
}

/* The document at ``path``, of a long text the piece at ``offset``. */
static int get_piece(struct show *s, const char *path, int64_t offset, struct doc **ret)
{
	struct doc *body = doc_new_map(&s->arena);

	if (offset > 0)
		doc_add_int(&s->arena, body, "offset", offset);
	return show_ask(s, OBJECT_GET, path, body, ret);
}

/* ``first`` with the whole of its text, the rest of which follows from ``next`` on. */
static int get_rest(struct show *s, const char *path, const struct doc *first, int64_t next,
                    struct doc **ret)
{
	struct doc *joined = doc_new_map(&s->arena);
	const char *text = doc_text(first, "text", "");

	while (next > 0) {
		struct doc *piece = NULL;
		int64_t offset = next;
		int code = get_piece(s, path, offset, &piece);

		if (code != CLI_GOOD)
			return code;
		text = arena_printf(&s->arena, "%s%s", text, doc_text(piece, "text", ""));
		next = doc_int(piece, "next", 0);
		if (next <= offset)
			break; /* the end (or a node that would send us in circles) */
	}
	for (const struct doc_member *m = doc_first(first); m; m = m->next) {
		if (strcmp(m->key, "text") == 0)
			doc_add_text(&s->arena, joined, m->key, text);
		else if (strcmp(m->key, "next") == 0)
			doc_add_null(&s->arena, joined, m->key);
		else
			doc_add_doc(&s->arena, joined, m->key, &m->value);
	}
	*ret = joined;
	return CLI_GOOD;
}

int show_get(struct show *s, const char *path, struct doc **ret)
{
	struct doc *first = NULL;
	int code = get_piece(s, path, 0, &first);
	int64_t next = code == CLI_GOOD ? doc_int(first, "next", 0) : 0;

	if (next > 0)
		return get_rest(s, path, first, next, ret);
	if (code == CLI_GOOD)
		*ret = first;
	return code;
}

/* The page behind ``after``. */
static int get_page(struct show *s, const char *path, int64_t after, struct doc **ret)
{
	struct doc *body = doc_new_map(&s->arena);

	doc_add_int(&s->arena, body, "after", after);
	doc_add_int(&s->arena, body, "limit", OBJECT_LIST_MAX);
	return show_ask(s, OBJECT_LIST, path, body, ret);
}

/* What the pages of a list have beside their rows. */
static void add_page_head(struct show *s, const struct doc *page, struct doc *joined)
{
	for (const struct doc_member *m = doc_first(page); m; m = m->next) {
		if (strcmp(m->key, "items") != 0 && strcmp(m->key, "next") != 0)
			doc_add_doc(&s->arena, joined, m->key, &m->value);
	}
}

int show_list(struct show *s, const char *path, struct doc **ret)
{
	struct doc *joined = doc_new_map(&s->arena), *items = NULL;

	for (int64_t after = 0;;) {
		struct doc *page = NULL;
		int code = get_page(s, path, after, &page);

		if (code != CLI_GOOD)
			return code;
		if (!items) {
			add_page_head(s, page, joined);
			items = doc_add_list(&s->arena, joined, "items");
		}
		for (const struct doc_member *m = doc_first(doc_get(page, "items")); m; m = m->next)
			doc_add_doc(&s->arena, items, NULL, &m->value);
		int64_t next = doc_int(page, "next", 0);

		if (next <= after)
			break; /* the last page (or a node that would send us in circles) */
		after = next;
	}
	*ret = joined;
	return CLI_GOOD;
}

int show_flush(struct cli *cli)
{
	if (fflush(cli->out) == 0 && !ferror(cli->out))
		return CLI_GOOD;
	return cli_error(cli, CLI_SYSTEM, "cannot write the output: %s", strerror(errno));
}

int show_json(struct show *s, struct doc *d)
{
	doc_sort(d); /* one that was joined */
	if (doc_write_json(d, s->cli->out, 2) < 0)
		return show_flush(s->cli); /* says why */
	return show_flush(s->cli);
}

int show_answer(struct show *s, struct doc *d, show_render render)
{
	if (s->cli->json)
		return show_json(s, d);
	render(d, s->cli->out);
	return show_flush(s->cli);
}

static int show_fetched(struct cli *cli, const char *path, show_render render,
                        int (*fetch)(struct show *s, const char *path, struct doc **ret))
{
	struct show s;
	struct doc *d = NULL;
	int code = show_open(&s, cli);

	if (code == CLI_GOOD)
		code = fetch(&s, path, &d);
	if (code == CLI_GOOD)
		code = show_answer(&s, d, render);
	show_close(&s);
	return code;
}

int show_object(struct cli *cli, const char *path, show_render render)
{
	return show_fetched(cli, path, render, show_get);
}

int show_rows(struct cli *cli, const char *path, show_render render)
{
	return show_fetched(cli, path, render, show_list);
}

static int get_entry(struct show *s, const struct show_entries *view, int64_t number,
                     struct doc **ret)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "%s/%" PRId64 "%s", view->path, number,
	               view->suffix ? view->suffix : ""); /* fits */
	return view->is_list ? show_list(s, path, ret) : show_get(s, path, ret);
}

static int show_one(struct show *s, const struct show_entries *view)
{
	struct doc *d;
	int code = get_entry(s, view, cli_arg_number(s->cli, "N", 0), &d);

	if (code != CLI_GOOD)
		return code;
	if (s->cli->json)
		return show_json(s, d);
	view->render_head(s->cli->out);
	view->render(s->cli, d);
	return show_flush(s->cli);
}

/* Fetched one by one, so that no answer grows with the number of operations. */
static int show_all(struct show *s, const struct show_entries *view)
{
	struct doc *list, *joined = doc_new_map(&s->arena);
	int code = show_list(s, view->list ? view->list : view->path, &list);

	if (code != CLI_GOOD)
		return code;
	doc_add_int(&s->arena, joined, "schema", doc_int(list, "schema", 0));
	doc_add_text(&s->arena, joined, "object", view->path);
	struct doc *items = doc_add_list(&s->arena, joined, "items");

	if (!s->cli->json)
		view->render_head(s->cli->out);
	for (const struct doc_member *m = doc_first(doc_get(list, "items")); m; m = m->next) {
		struct doc *d;

		code = get_entry(s, view, doc_int(&m->value, "number", 0), &d);
		if (code == CLI_LOSS)
			continue; /* removed since the list was made */
		if (code != CLI_GOOD)
			return code;
		if (s->cli->json)
			doc_add_doc(&s->arena, items, NULL, d);
		else
			view->render(s->cli, d);
	}
	return s->cli->json ? show_json(s, joined) : show_flush(s->cli);
}

int show_entries(struct cli *cli, const struct show_entries *view)
{
	struct show s;
	int code = show_open(&s, cli);

	if (code == CLI_GOOD)
		code = cli_arg(cli, "N") ? show_one(&s, view) : show_all(&s, view);
	show_close(&s);
	return code;
}

int show_act(struct cli *cli, const char *path, const struct show_action *action)
{
	struct show s;
	struct doc *answer = NULL;
	int code = show_open(&s, cli);

	if (code == CLI_GOOD) {
		struct doc *body = doc_new_map(&s.arena);

		if (action->action)
			doc_add_text(&s.arena, body, "action", action->action);
		if (action->fill)
			action->fill(cli, &s.arena, body);
		if (action->timeout_ms > cli->targets->timeout_ms)
			namp_client_set_timeout(s.client, action->timeout_ms);
		code = show_ask(&s, action->verb, path, body, &answer);
		namp_client_set_timeout(s.client, cli->targets->timeout_ms);
	}
	if (code == CLI_GOOD && (cli->json || action->render))
		code = show_answer(&s, answer, action->render);
	show_close(&s);
	return code;
}
