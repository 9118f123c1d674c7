/* SPDX-License-Identifier: Apache-2.0 */
/* Raw mode, the alternate screen, and the way back. */
#include "cli/top_terminal.h"

#include "cli/top_input.h"
#include "io/fd_octets.h"
#include "io/signals.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Alternate screen, no cursor, no wrapping at the edge; and back. */
static const char enter_screen[] = "\033[?1049h\033[?25l\033[?7l";
static const char leave_screen[] = "\033[0m\033[?7h\033[?25h\033[?1049l";

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
static const int ending[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, 0 };

/* For the handler of fatal signals, which can be given nothing. */
static struct {
	int in_fd, out_fd;
	volatile sig_atomic_t is_shown;
	struct termios before;
	sigset_t mask;
} saved;

/* --- the screen ------------------------------------------------------------------------------ */

static int show_screen(struct top_terminal *t)
{
	struct termios raw = saved.before;

	cfmakeraw(&raw);
	raw.c_oflag |= OPOST; /* others may write to the terminal too */
	if (tcsetattr(t->in_fd, TCSAFLUSH, &raw) < 0)
		return -errno;
	saved.is_shown = 1;
	t->is_shown = true;
	return fd_write(t->out_fd, enter_screen, sizeof(enter_screen) - 1);
}

static void hide_screen(struct top_terminal *t)
{
	if (!t->is_shown)
		return;
	/* a terminal that has gone has nothing to restore */
	(void)!fd_write(t->out_fd, leave_screen, sizeof(leave_screen) - 1);
	(void)tcsetattr(t->in_fd, TCSAFLUSH, &saved.before);
	saved.is_shown = 0;
	t->is_shown = false;
}

/* Only what may be called in a signal handler; the signal then does what it always does. */
static void on_fatal(int signo)
{
	if (saved.is_shown) {
		saved.is_shown = 0;
		(void)!fd_write(saved.out_fd, leave_screen, sizeof(leave_screen) - 1);
		(void)tcsetattr(saved.in_fd, TCSANOW, &saved.before);
	}
	(void)raise(signo);
}

static void catch_fatal(bool is_on)
{
	struct sigaction ours = { .sa_handler = on_fatal,
		                  .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };
	struct sigaction standard = { .sa_handler = SIG_DFL }, now;

	for (size_t i = 0; i < ARRAY_LEN(fatal); i++) {
		if (sigaction(fatal[i], NULL, &now) < 0 || (now.sa_flags & SA_SIGINFO))
			continue;
		if (now.sa_handler ==
		    (is_on ? SIG_DFL : on_fatal)) /* a debugging aid keeps its own */
			(void)sigaction(fatal[i], is_on ? &ours : &standard, NULL);
	}
}

/* --- life ------------------------------------------------------------------------------------ */

bool top_terminal_is_one(int in_fd, int out_fd)
{
	const char *term = getenv("TERM");

	return isatty(in_fd) && isatty(out_fd) && term && *term && strcmp(term, "dumb") != 0;
}

static enum top_colours colours_of_terminal(void)
{
	const char *none = getenv("NO_COLOR"), *term = getenv("TERM"), *more = getenv("COLORTERM");

	if (none && *none)
		return TOP_COLOURS_NONE;
	if (!term || strncmp(term, "vt", 2) == 0)
		return TOP_COLOURS_NONE;
	if (strstr(term, "256") || strstr(term, "direct") || (more && *more))
		return TOP_COLOURS_256;
	return TOP_COLOURS_8;
}

static bool locale_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool is_utf8;

	if (locale == (locale_t)0)
		return false;
	is_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return is_utf8;
}

int top_terminal_init(struct top_terminal *t, int in_fd, int out_fd, struct diag *d)
{
	*t = (struct top_terminal) { .in_fd = in_fd, .out_fd = out_fd };
	t->is_utf8 = locale_is_utf8();
	t->colours = colours_of_terminal();
	saved.in_fd = in_fd;
	saved.out_fd = out_fd;
	if (tcgetattr(in_fd, &saved.before) < 0)
		return diag_set(d, -errno, "cannot read the terminal's settings");
	(void)pthread_sigmask(SIG_SETMASK, NULL, &saved.mask); /* cannot fail */
	t->signal_fd = signals_block(ending);
	if (t->signal_fd < 0)
		return diag_set(d, t->signal_fd, "cannot wait for signals");
	catch_fatal(true);
	int error = show_screen(t);

	if (error < 0) {
		top_terminal_fini(t);
		return diag_set(d, error, "cannot use the terminal");
	}
	return 0;
}

void top_terminal_fini(struct top_terminal *t)
{
	hide_screen(t);
	catch_fatal(false);
	top_grid_fini(&t->drawn);
	(void)close(t->signal_fd);
	(void)pthread_sigmask(SIG_SETMASK, &saved.mask, NULL); /* what waits is delivered now */
}

void top_terminal_suspend(struct top_terminal *t)
{
	hide_screen(t);
	(void)kill(0, SIGSTOP); /* the whole job, as the terminal would; this waits for SIGCONT */
	if (show_screen(t) < 0)
		return; /* the next write tells */
	top_terminal_forget(t);
}

/* --- output ---------------------------------------------------------------------------------- */

void top_terminal_size(const struct top_terminal *t, unsigned *ret_width, unsigned *ret_height)
{
	struct winsize size = { 0 };

	*ret_width = 80;
	*ret_height = 24;
	if (ioctl(t->out_fd, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
		return;
	*ret_width = size.ws_col;
	*ret_height = size.ws_row;
}

void top_terminal_forget(struct top_terminal *t)
{
	top_grid_fini(&t->drawn);
}

int top_terminal_show(struct top_terminal *t, struct top_grid *take)
{
	char *octets = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&octets, &len);

	if (!to)
		return -ENOMEM;
	top_grid_paint(take, t->drawn.cells ? &t->drawn : NULL, t->colours, to);
	int error = fclose(to) == 0 ? fd_write(t->out_fd, octets, len) : -ENOMEM;

	free(octets);
	top_grid_fini(&t->drawn);
	t->drawn = *take;
	*take = (struct top_grid) { 0 };
	return error;
}

/* --- input ----------------------------------------------------------------------------------- */

int top_terminal_read(struct top_terminal *t)
{
	ssize_t n = read(t->in_fd, t->keys + t->key_octets, sizeof(t->keys) - t->key_octets);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -errno;
	if (n == 0 && t->key_octets < sizeof(t->keys))
		return -EPIPE;
	t->key_octets += (size_t)n;
	return 0;
}

bool top_terminal_key(struct top_terminal *t, bool is_all, uint32_t *ret_key)
{
	bool is_full = t->key_octets == sizeof(t->keys);
	size_t used = top_key_read(t->keys, t->key_octets, is_all || is_full, ret_key);

	if (used == 0)
		return false;
	t->key_octets -= used;
	memmove(t->keys, t->keys + used, t->key_octets);
	return true;
}

bool top_terminal_is_within_key(const struct top_terminal *t)
{
	return t->key_octets > 0;
}
