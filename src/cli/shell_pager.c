/* SPDX-License-Identifier: Apache-2.0 */
/* Pages. */
#include "cli/shell_pager.h"

#include "cli/shell_line.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define CTRL_C 3
#define ESCAPE 27

size_t pager_columns(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

size_t pager_rows(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 ? size.ws_row : 24;
}

/* One key; '\0' when there is none to come. */
static char read_key(int fd)
{
	char key = '\0';
	ssize_t n;

	do {
		n = read(fd, &key, 1);
	} while (n < 0 && errno == EINTR);
	return n == 1 ? key : '\0';
}

/* How many rows may follow: what the keys say. */
static size_t read_answer(int fd, size_t rows)
{
	for (char key = read_key(fd); key; key = read_key(fd)) {
		if (key == ' ')
			return rows;
		if (key == '\r' || key == '\n')
			return 1;
		if (key == 'q' || key == 'Q' || key == CTRL_C || key == ESCAPE)
			break;
	}
	return 0;
}

/* How many rows may follow now; 0: no more.  Keys come as they are pressed, Ctrl-C too. */
static size_t ask(FILE *in, FILE *out, size_t rows)
{
	static const char more[] = " --More-- ";
	struct termios before, raw;
	int fd = fileno(in);

	if (tcgetattr(fd, &before) < 0)
		return 0;
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	(void)tcsetattr(fd, TCSADRAIN, &raw); /* else the key waits for Enter */
	(void)fputs(more, out);
	(void)fflush(out);
	size_t next = read_answer(fd, rows);

	(void)tcsetattr(fd, TCSADRAIN, &before);
	(void)fprintf(out, "\r%*s\r", (int)strlen(more), "");
	return next;
}

void pager_print(FILE *in, FILE *out, const char *text, size_t len, size_t rows, size_t columns)
{
	const char *end = text + len;
	size_t left = rows > 1 ? rows - 1 : 0;
	const size_t page = left;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t octets = newline ? (size_t)(newline - text) : (size_t)(end - text);
		size_t wide = shell_columns(text, octets);
		size_t takes = wide > columns ? (wide + columns - 1) / columns : 1;

		if (page && takes > left) {
			left = left == page ? takes : ask(in, out, page);
			if (left == 0)
				break;
			if (takes > left)
				left = takes;
		}
		(void)fwrite(text, 1, octets, out); /* the stream keeps errors */
		(void)fputc('\n', out);
		left -= page ? takes : 0;
		text += octets + 1;
	}
	(void)fflush(out);
}
