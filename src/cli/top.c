/* SPDX-License-Identifier: Apache-2.0 */
/* `candor top`: news from the nodes, keys from the person, at most ten drawings a second. */
#include "cli/top.h"

#include "base/xalloc.h"
#include "cli/show_fetch.h"
#include "cli/target.h"
#include "cli/top_input.h"
#include "cli/top_source.h"
#include "cli/top_terminal.h"
#include "io/clock.h"
#include "io/signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#define DRAW_PAUSE_NS   (100 * NS_PER_MS)
#define TICK_NS         NS_PER_S /* ages are drawn in seconds */
#define KEY_PAUSE_MS    50       /* between the octets of one key */
#define NEWS_AT_ONCE    2000u    /* before keys are looked at again */
#define DETAIL_EVERY_NS (5 * NS_PER_S)
#define TABLE_WIDTH     120u

struct top {
	struct cli *cli;
	struct top_model model;
	struct top_sources *sources;
	struct top_terminal terminal;
	struct top_ui ui;
	struct top_detail asked; /* what the detail screen is about, until its documents come */
	struct top_detail_box *detail; /* NULL: not there yet */
	int64_t detail_asked_ns;
	int64_t drawn_ns; /* mono */
	bool is_dirty;
	bool is_over;
	int error; /* the terminal has gone */
};

static int64_t mono_ns(void)
{
	struct clock *clock = clock_system();

	return clock->mono(clock).ns;
}

static wall_t wall_now(void)
{
	struct clock *clock = clock_system();

	return clock->wall(clock);
}

/* --- news ------------------------------------------------------------------------------------ */

static void ask_detail(struct top *t)
{
	t->detail_asked_ns = mono_ns();
	top_sources_ask(t->sources, t->asked.node, t->asked.number);
}

static void take_detail(struct top *t, struct top_detail_box *box)
{
	if (t->ui.screen == TOP_LIST || box->is.node != t->asked.node ||
	    box->is.number != t->asked.number) {
		top_detail_box_free(box); /* of another one, asked for earlier */
		return;
	}
	top_detail_box_free(t->detail);
	t->detail = box;
}

static void take_news(struct top *t, const struct top_news *news)
{
	struct top_model *m = &t->model;

	switch (news->kind) {
	case TOP_NEWS_LINK:
		top_model_set_link(m, news->node, news->link, wall_now(), news->reason);
		break;
	case TOP_NEWS_CLOCK:
		m->nodes[news->node].ahead_ns = news->ahead_ns;
		break;
	case TOP_NEWS_LIST:
		top_model_begin_list(m, news->node);
		break;
	case TOP_NEWS_LISTED:
		top_model_end_list(m, news->node);
		m->nodes[news->node].is_listed = true;
		break;
	case TOP_NEWS_ROW:
		top_model_take(m, news->node, &news->figures);
		if (t->ui.screen == TOP_DETAIL && news->node == t->asked.node &&
		    news->figures.number == t->asked.number)
			ask_detail(t);
		break;
	case TOP_NEWS_OPERATION:
		top_model_configure(m, news->node, &news->figures);
		break;
	case TOP_NEWS_GONE:
		top_model_remove(m, news->node, news->figures.number);
		break;
	case TOP_NEWS_MISSED:
		m->nodes[news->node].missed++;
		break;
	case TOP_NEWS_DETAIL:
		take_detail(t, news->detail);
		break;
	}
}

static void take_all_news(struct top *t)
{
	struct top_news news;

	for (unsigned i = 0; i < NEWS_AT_ONCE && top_sources_take(t->sources, &news); i++) {
		take_news(t, &news);
		t->is_dirty = true;
	}
}

/* --- drawing --------------------------------------------------------------------------------- */

static const struct top_detail *current_detail(const struct top *t)
{
	if (t->ui.screen != TOP_DETAIL)
		return NULL;
	return t->detail ? &t->detail->is : &t->asked;
}

static void draw(struct top *t)
{
	struct top_grid g;
	unsigned width, height;
	wall_t now = wall_now();

	top_terminal_size(&t->terminal, &width, &height);
	top_grid_init(&g, width, height, t->terminal.is_utf8);
	top_model_arrange(&t->model, now);
	if (t->ui.screen == TOP_DETAIL && mono_ns() - t->detail_asked_ns >= DETAIL_EVERY_NS)
		ask_detail(t);
	top_draw(&g, &t->ui, &t->model, current_detail(t), now);
	t->error = top_terminal_show(&t->terminal, &g);
	t->is_over = t->is_over || t->error < 0;
	t->drawn_ns = mono_ns();
	t->is_dirty = false;
}

/* --- keys ------------------------------------------------------------------------------------ */

static void open_detail(struct top *t)
{
	const struct top_row *row = top_model_selected(&t->model);

	top_detail_box_free(t->detail);
	t->detail = NULL;
	t->asked = (struct top_detail) { .node = row->node, .number = row->is.number };
	ask_detail(t);
}

static void press(struct top *t, uint32_t key)
{
	enum top_screen before = t->ui.screen;

	switch (top_key_press(key, &t->ui, &t->model)) {
	case TOP_ACT_QUIT:
		t->is_over = true;
		break;
	case TOP_ACT_SUSPEND:
		top_terminal_suspend(&t->terminal);
		break;
	case TOP_ACT_REDRAW:
		top_terminal_forget(&t->terminal);
		break;
	case TOP_ACT_DRAW:
		break;
	}
	if (before == TOP_LIST && t->ui.screen == TOP_DETAIL)
		open_detail(t);
	/* the next key means a line of the new order */
	top_model_arrange(&t->model, wall_now());
	t->is_dirty = true;
}

static void take_keys(struct top *t, bool is_all)
{
	uint32_t key;

	while (!t->is_over && top_terminal_key(&t->terminal, is_all, &key))
		press(t, key);
}

static void take_signals(struct top *t)
{
	int signo;

	while ((signo = signals_read(t->terminal.signal_fd)) != 0) {
		if (signo != SIGWINCH)
			t->is_over = true;
		t->is_dirty = true;
	}
}

/* --- the live view --------------------------------------------------------------------------- */

static int patience_ms(const struct top *t)
{
	int64_t due_ns = t->drawn_ns + (t->is_dirty ? DRAW_PAUSE_NS : TICK_NS) - mono_ns();
	int ms = due_ns <= 0 ? 0 : (int)(due_ns / NS_PER_MS) + 1;

	return top_terminal_is_within_key(&t->terminal) && ms > KEY_PAUSE_MS ? KEY_PAUSE_MS : ms;
}

static void turn(struct top *t)
{
	struct pollfd fds[3] = {
		{ .fd = t->terminal.in_fd, .events = POLLIN },
		{ .fd = t->terminal.signal_fd, .events = POLLIN },
		{ .fd = top_sources_fd(t->sources), .events = POLLIN },
	};
	int found = poll(fds, ARRAY_LEN(fds), patience_ms(t));

	if (found < 0 && errno != EINTR)
		t->is_over = true;
	if (found > 0 && fds[1].revents)
		take_signals(t);
	if (found > 0 && fds[0].revents && (t->error = top_terminal_read(&t->terminal)) < 0)
		t->is_over = true;
	take_keys(t, found == 0);
	if (found > 0 && fds[2].revents)
		take_all_news(t);
	int64_t since_ns = mono_ns() - t->drawn_ns;

	if (!t->is_over && since_ns >= (t->is_dirty ? DRAW_PAUSE_NS : TICK_NS))
		draw(t);
}

/* A single node that cannot be reached at all is an error, not a view. */
static bool has_failed_at_once(const struct top *t)
{
	return t->model.node_count == 1 && t->model.nodes[0].link == TOP_DOWN &&
	       !t->model.nodes[0].is_listed;
}

static int run_live(struct top *t)
{
	struct diag d;
	int code = CLI_GOOD;

	while (t->model.nodes[0].link == TOP_CONNECTING && t->model.node_count == 1) {
		struct pollfd fd = { .fd = top_sources_fd(t->sources), .events = POLLIN };

		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return cli_error(t->cli, CLI_SYSTEM, "poll: %s", strerror(errno));
		take_all_news(t);
	}
	if (has_failed_at_once(t))
		return cli_error(t->cli, CLI_SYSTEM, "%s", t->model.nodes[0].reason);
	if (top_terminal_init(&t->terminal, STDIN_FILENO, STDOUT_FILENO, &d) < 0)
		return cli_error(t->cli, CLI_SYSTEM, "%s", d.text);
	draw(t);
	while (!t->is_over)
		turn(t);
	top_terminal_fini(&t->terminal);
	if (t->error < 0)
		code = cli_error(t->cli, CLI_SYSTEM, "the terminal has gone: %s",
		                 strerror(-t->error));
	top_detail_box_free(t->detail);
	return code;
}

/* --- without a terminal ---------------------------------------------------------------------- */

/* Whether each node has told everything, or cannot be asked. */
static bool is_complete(const struct top_model *m)
{
	for (uint32_t i = 0; i < m->node_count; i++) {
		if (m->nodes[i].link != TOP_DOWN && !m->nodes[i].is_listed)
			return false;
	}
	return true;
}

static int run_once(struct top *t)
{
	int code = CLI_GOOD;

	while (!is_complete(&t->model)) {
		struct pollfd fd = { .fd = top_sources_fd(t->sources), .events = POLLIN };

		if (poll(&fd, 1, -1) < 0 && errno != EINTR)
			return cli_error(t->cli, CLI_SYSTEM, "poll: %s", strerror(errno));
		take_all_news(t);
	}
	for (uint32_t i = 0; i < t->model.node_count; i++) {
		const struct top_node *node = &t->model.nodes[i];

		if (node->link != TOP_UP)
			code = cli_error(t->cli, CLI_SYSTEM, "%s%s%s",
			                 t->model.node_count > 1 ? node->name : "",
			                 t->model.node_count > 1 ? ": " : "", node->reason);
	}
	if (code != CLI_GOOD && t->model.row_count == 0)
		return code;
	top_model_arrange(&t->model, wall_now());
	top_write_table(&t->model, TABLE_WIDTH, true, t->cli->out);
	int flushed = show_flush(t->cli);

	return flushed == CLI_GOOD ? code : flushed;
}

/* --- every change as a line ------------------------------------------------------------------ */

static void tell_json(void *ctx, const char *node, const struct namp_event *event)
{
	struct json_writer w = { .to = ctx };
	struct doc text = { .kind = DOC_TEXT, .text = node };
	struct doc code = { .kind = DOC_INT, .integer = event->code };

	json_open(&w, NULL, '{');
	json_doc(&w, "node", &text);
	text.text = event->path;
	json_doc(&w, "path", &text);
	json_doc(&w, "code", &code);
	for (const struct doc_member *m = doc_first(event->body); m; m = m->next)
		json_doc(&w, m->key, &m->value);
	json_close(&w, '}');
	(void)fputc('\n', ctx); /* errors stay in the stream */
	(void)fflush(ctx);
}

static int run_json(struct top *t)
{
	static const int ending[] = { SIGINT, SIGTERM, SIGHUP, 0 };
	CLEANUP(fd_closep) int signal_fd = signals_block(ending);
	CLEANUP(freep) bool *is_told = xcalloc(t->model.node_count, sizeof(*is_told));

	if (signal_fd < 0)
		return cli_error(t->cli, CLI_SYSTEM, "signals: %s", strerror(-signal_fd));
	while (!ferror(t->cli->out) && signals_read(signal_fd) == 0) {
		struct pollfd fds[2] = {
			{ .fd = top_sources_fd(t->sources), .events = POLLIN },
			{ .fd = signal_fd, .events = POLLIN },
		};

		if (poll(fds, ARRAY_LEN(fds), -1) < 0 && errno != EINTR)
			return cli_error(t->cli, CLI_SYSTEM, "poll: %s", strerror(errno));
		take_all_news(t);
		if (has_failed_at_once(t))
			return cli_error(t->cli, CLI_SYSTEM, "%s", t->model.nodes[0].reason);
		for (uint32_t i = 0; i < t->model.node_count; i++) {
			bool is_down = t->model.nodes[i].link == TOP_DOWN;

			if (is_down && !is_told[i])
				(void)cli_error(t->cli, CLI_SYSTEM, "%s: %s",
				                t->model.nodes[i].name, t->model.nodes[i].reason);
			is_told[i] = is_down;
		}
	}
	if (ferror(t->cli->out))
		return cli_error(t->cli, CLI_SYSTEM, "nobody reads the output any more");
	return show_flush(t->cli);
}

/* --- the command ----------------------------------------------------------------------------- */

int top_command(struct cli *cli)
{
	const uint32_t count = cli->targets->count;
	CLEANUP(freep) struct top_place *places = xcalloc(count, sizeof(*places));
	CLEANUP(freep) const char **names = xcalloc(count, sizeof(*names));
	struct top t = { .cli = cli };
	bool is_live = !cli->json && cli->out == stdout &&
	               top_terminal_is_one(STDIN_FILENO, STDOUT_FILENO);
	int code;

	for (uint32_t i = 0; i < count; i++) {
		places[i].name = cli->targets->targets[i].name;
		places[i].target = cli->targets->targets[i].node;
		names[i] = places[i].name;
	}
	top_model_init(&t.model, names, count);
	int error = top_sources_start(places, count, cli->targets->timeout_ms,
	                              cli->json ? tell_json : NULL, cli->out, &t.sources);

	if (error < 0)
		code = cli_error(cli, CLI_SYSTEM, "cannot start a thread for each node: %s",
		                 strerror(-error));
	else
		code = is_live ? run_live(&t) : cli->json ? run_json(&t) : run_once(&t);
	if (error == 0)
		top_sources_stop(t.sources);
	top_model_fini(&t.model);
	return code;
}
