/* SPDX-License-Identifier: Apache-2.0 */
/* The line editor. */
#include "cli/shell_editor.h"

#include "base/xalloc.h"
#include "cli/shell_line.h"
#include "cli/shell_pager.h"

#include <histedit.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define WAITING_MAX (64u << 10) /* octets of pasted text that are looked at together */

struct editor {
	EditLine *el;
	History *shown; /* what the arrows walk through */
	FILE *in, *out;
	struct termios before; /* of the terminal, as it was found */
	bool has_before;
	struct editor_hooks hooks;
	struct history_file *history;
	enum editor_event event; /* how the line ends */
	char line[SHELL_LINE_MAX];
	char *waiting; /* whole lines that were read ahead, NULL: none */
	size_t waiting_len, waiting_at;
	char waiting_line[SHELL_LINE_MAX];
};

static struct editor *editor_of(EditLine *el)
{
	void *data = NULL;

	(void)el_get(el, EL_CLIENTDATA, &data);
	return data;
}

static char *prompt(EditLine *el)
{
	static char text[160]; /* libedit wants it writable */
	const struct editor *e = editor_of(el);

	(void)snprintf(text, sizeof(text), "%s", e->hooks.prompt(e->hooks.ctx));
	return text;
}

/* Rows of the terminal that prompt and ``octets`` of the line fill, less one. */
static size_t rows_below(const struct editor *e, const char *text, size_t octets)
{
	const char *said = e->hooks.prompt(e->hooks.ctx);
	size_t columns = shell_columns(said, strlen(said)) + shell_columns(text, octets);

	return columns / pager_columns(fileno(e->out));
}

/* Print something below the line, so that libedit, which then goes up by the rows that the line
 * takes, draws it anew below what was printed. */
static void leave_line(const struct editor *e, const LineInfo *l)
{
	size_t len = (size_t)(l->lastchar - l->buffer), cursor = (size_t)(l->cursor - l->buffer);
	size_t rows = rows_below(e, l->buffer, len) - rows_below(e, l->buffer, cursor);

	for (size_t i = 0; i <= rows; i++)
		(void)fputc('\n', e->out);
}

static void come_back(const struct editor *e, const LineInfo *l)
{
	size_t rows = rows_below(e, l->buffer, (size_t)(l->lastchar - l->buffer));

	while (rows-- > 0)
		(void)fputc('\n', e->out);
	(void)fflush(e->out);
}

static unsigned char on_help(EditLine *el, int ch)
{
	struct editor *e = editor_of(el);
	const LineInfo *l = el_line(el);
	char line[SHELL_LINE_MAX];

	(void)snprintf(line, sizeof(line), "%.*s", (int)(l->lastchar - l->buffer), l->buffer);
	(void)fprintf(e->out, "%c", ch);
	leave_line(e, l);
	e->hooks.help(e->hooks.ctx, line, (size_t)(l->cursor - l->buffer));
	come_back(e, l);
	return CC_REDISPLAY;
}

static unsigned char on_tab(EditLine *el, int ch)
{
	struct editor *e = editor_of(el);
	const LineInfo *l = el_line(el);
	char line[SHELL_LINE_MAX], insert[SHELL_LINE_MAX];
	size_t cursor = (size_t)(l->cursor - l->buffer);

	(void)ch;
	(void)snprintf(line, sizeof(line), "%.*s", (int)(l->lastchar - l->buffer), l->buffer);
	leave_line(e, l);
	if (e->hooks.complete(e->hooks.ctx, line, cursor, insert, sizeof(insert)))
		(void)el_insertstr(el, insert);
	come_back(e, el_line(el));
	return CC_REDISPLAY;
}

static unsigned char on_interrupt(EditLine *el, int ch)
{
	struct editor *e = editor_of(el);

	(void)ch;
	e->event = EDITOR_INTERRUPT;
	(void)fputs("^C", e->out);
	return CC_NEWLINE;
}

static unsigned char on_leave(EditLine *el, int ch)
{
	struct editor *e = editor_of(el);

	(void)ch;
	e->event = EDITOR_LEAVE;
	(void)fputs("^Z", e->out);
	return CC_NEWLINE;
}

/* What is typed while a command runs is not shown before it is read.  libedit takes over only when it
 * waits for a key: what is typed until then must not be taken for signals. */
static void set_terminal(const struct editor *e, bool reads_line)
{
	struct termios t = e->before;

	if (!e->has_before)
		return;
	t.c_lflag &= ~(tcflag_t)ECHO;
	if (reads_line)
		t.c_lflag &= ~(tcflag_t)(ICANON | ISIG | IEXTEN);
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	(void)tcsetattr(fileno(e->in), TCSADRAIN, &t); /* else it looks less tidy */
}

static void bind_keys(EditLine *el)
{
	(void)el_set(el, EL_EDITOR, "emacs");
	(void)el_set(el, EL_SETTY, "-d", "-isig", NULL);
	/* el_set() would copy these texts and lose the copies */
	(void)el_wset(el, EL_ADDFN, L"candor-help", L"What may follow", on_help);
	(void)el_wset(el, EL_ADDFN, L"candor-complete", L"Complete the word", on_tab);
	(void)el_wset(el, EL_ADDFN, L"candor-interrupt", L"Drop the line", on_interrupt);
	(void)el_wset(el, EL_ADDFN, L"candor-leave", L"Leave configuration", on_leave);
	(void)el_set(el, EL_BIND, "?", "candor-help", NULL);
	(void)el_set(el, EL_BIND, "^I", "candor-complete", NULL);
	(void)el_set(el, EL_BIND, "^C", "candor-interrupt", NULL);
	(void)el_set(el, EL_BIND, "^Z", "candor-leave", NULL);
	(void)el_set(el, EL_BIND, "^W", "ed-delete-prev-word", NULL);
	(void)el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
}

struct editor *editor_new(FILE *in, FILE *out, const struct editor_hooks *hooks,
                          struct history_file *kept)
{
	struct editor *e = xcalloc(1, sizeof(*e));
	HistEvent event;

	e->in = in;
	e->out = out;
	e->hooks = *hooks;
	e->history = kept;
	e->has_before = tcgetattr(fileno(in), &e->before) == 0;
	set_terminal(e, false); /* libedit goes back to what it finds */
	e->shown = history_init();
	e->el = el_init("candor", in, out, stderr);
	if (!e->el || !e->shown) {
		editor_free(e);
		return NULL;
	}
	(void)history(e->shown, &event, H_SETSIZE, (int)HISTORY_LINES_MAX);
	(void)history(e->shown, &event, H_SETUNIQUE, 1);
	for (uint32_t i = 0; i < e->history->count; i++)
		(void)history(e->shown, &event, H_ENTER, e->history->lines[i]);
	(void)el_set(e->el, EL_CLIENTDATA, e);
	(void)el_set(e->el, EL_PROMPT, prompt);
	(void)el_set(e->el, EL_SIGNAL, 1);
	(void)el_set(e->el, EL_HIST, history, e->shown);
	bind_keys(e->el);
	return e;
}

void editor_free(struct editor *e)
{
	if (!e)
		return;
	if (e->el)
		el_end(e->el);
	if (e->has_before)
		(void)tcsetattr(fileno(e->in), TCSADRAIN, &e->before);
	if (e->shown)
		history_end(e->shown);
	free(e->waiting);
	free(e);
}

enum editor_event editor_read(struct editor *e, const char **ret_line)
{
	int count = 0;

	e->event = EDITOR_LINE;
	if (e->waiting_at < e->waiting_len) { /* pasted, and not yet looked at */
		(void)snprintf(e->line, sizeof(e->line), "%s", editor_waiting(e));
		(void)fprintf(e->out, "%s%s\n", e->hooks.prompt(e->hooks.ctx), e->line);
		editor_take(e);
		*ret_line = e->line;
		return e->event;
	}
	set_terminal(e, true);
	const char *line = el_gets(e->el, &count);

	set_terminal(e, false);

	if (!line || count <= 0) {
		*ret_line = "";
		(void)fputc('\n', e->out);
		return e->event == EDITOR_LINE ? EDITOR_END : e->event;
	}
	(void)snprintf(e->line, sizeof(e->line), "%.*s", count, line);
	e->line[strcspn(e->line, "\r\n")] = '\0';
	if (e->event != EDITOR_LINE)
		(void)fputc('\n', e->out);
	if (e->event == EDITOR_INTERRUPT) {
		e->line[0] = '\0';
	} else if (history_add(e->history, e->line)) {
		HistEvent event;

		(void)history(e->shown, &event, H_ENTER, e->line);
	}
	*ret_line = e->line;
	return e->event;
}

bool editor_is_gone(const struct editor *e)
{
	struct pollfd p = { .fd = fileno(e->in), .events = POLLIN };

	return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR | POLLNVAL));
}

void editor_ask(struct editor *e, const char *question, char *to, size_t cap)
{
	if (e->has_before)
		(void)tcsetattr(fileno(e->in), TCSADRAIN, &e->before); /* it is shown */
	(void)fputs(question, e->out);
	(void)fflush(e->out);
	if (!fgets(to, (int)cap, e->in)) {
		clearerr(e->in); /* Ctrl-D answers nothing */
		(void)fputc('\n', e->out);
		to[0] = '\0';
	}
	to[strcspn(to, "\r\n")] = '\0';
	set_terminal(e, false);
}

/* --- what was pasted ------------------------------------------------------------------------- */

/* Whether editing is meant: anything but text. */
static bool has_keys(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

/* Take what waits on the terminal: whole lines into the queue, the rest back to libedit. */
static void read_ahead(struct editor *e)
{
	int waiting = 0;

	if (ioctl(fileno(e->in), FIONREAD, &waiting) < 0 || waiting <= 0)
		return;
	size_t cap = (size_t)waiting < WAITING_MAX ? (size_t)waiting : WAITING_MAX;
	char *text = xcalloc(1, cap + 1);
	ssize_t n = read(fileno(e->in), text, cap);
	size_t len = n > 0 ? (size_t)n : 0, whole = len;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\r')
			text[i] = '\n';
	}
	while (whole > 0 && text[whole - 1] != '\n')
		whole--;
	if (has_keys(text, len))
		whole = 0;
	if (whole < len)
		el_push(e->el, text + whole);
	free(e->waiting);
	e->waiting = text;
	e->waiting_len = whole;
	e->waiting_at = 0;
}

const char *editor_waiting(struct editor *e)
{
	if (e->waiting_at >= e->waiting_len)
		read_ahead(e);
	if (e->waiting_at >= e->waiting_len)
		return NULL;
	const char *from = e->waiting + e->waiting_at;
	int len = (int)strcspn(from, "\n");

	(void)snprintf(e->waiting_line, sizeof(e->waiting_line), "%.*s", len, from);
	return e->waiting_line;
}

void editor_take(struct editor *e)
{
	const char *from = e->waiting + e->waiting_at;

	(void)history_add(e->history, e->waiting_line);
	e->waiting_at += strcspn(from, "\n") + 1;
}
