/* SPDX-License-Identifier: Apache-2.0 */
/* Pages. */
#include "cli/shell_pager.h"

#include "cli/shell_line.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

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

/* One key as it is pressed; '\0' when there is none to come. */
static char read_key(int fd)
{
	struct termios before, raw;
	char key = '\0';
	ssize_t n;

	if (tcgetattr(fd, &before) < 0)
		return '\0';
	raw = before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	(void)tcsetattr(fd, TCSADRAIN, &raw); /* else the key waits for Enter */
	do {
		n = read(fd, &key, 1);
	} while (n < 0 && errno == EINTR);
	(void)tcsetattr(fd, TCSADRAIN, &before);
	return n == 1 ? key : '\0';
}

/* How many rows may follow now; 0: no more. */
static size_t ask(FILE *in, FILE *out, size_t rows)
{
	static const char more[] = " --More-- ";
	size_t next = 0;

	(void)fputs(more, out);
	(void)fflush(out);
	for (char key = read_key(fileno(in)); key; key = read_key(fileno(in))) {
		if (key == ' ')
			next = rows;
		else if (key == '\r' || key == '\n')
			next = 1;
		if (next || key == 'q' || key == 'Q' || key == 3 || key == 27)
			break;
	}
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
