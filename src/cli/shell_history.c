/* SPDX-License-Identifier: Apache-2.0 */
/* The file of lines typed: appended to, so that two shells do not lose each other's; cut to size when
 * it is opened. */
#include "cli/shell_history.h"

#include "base/cleanup.h"
#include "base/xalloc.h"
#include "cli/shell_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *copy(const char *text)
{
	size_t size = strlen(text) + 1;
	char *to = xcalloc(1, size);

	memcpy(to, text, size);
	return to;
}

/* Whether ``word`` is ``keyword`` or an abbreviation of at least ``least`` octets. */
static bool means(const char *word, size_t len, const char *keyword, size_t least)
{
	return len >= least && len <= strlen(keyword) && strncasecmp(word, keyword, len) == 0;
}

bool history_is_secret(const char *line)
{
	static const char blanks[] = " \t";

	for (const char *word = line + strspn(line, blanks); *word;) {
		size_t len = strcspn(word, blanks);

		if (means(word, len, "key-string", 5) || means(word, len, "secret", 3) ||
		    means(word, len, "psk", 2))
			return true;
		word += len;
		word += strspn(word, blanks);
	}
	return false;
}

char *history_default_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;
	size_t len;
	FILE *f;

	if ((!state || *state != '/') && (!home || *home != '/'))
		return NULL;
	f = open_memstream(&path, &len);
	if (!f)
		return NULL;
	if (state && *state == '/')
		(void)fprintf(f, "%s/candor/history", state);
	else
		(void)fprintf(f, "%s/.local/state/candor/history", home);
	if (fclose(f) != 0) {
		free(path);
		return NULL;
	}
	return path;
}

/* Every folder above the file.  What cannot be made shows when the file is opened. */
static void make_folders(char *path)
{
	for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
		*at = '\0';
		(void)mkdir(path, 0700);
		*at = '/';
	}
}

static void forget_oldest(struct history_file *h)
{
	free(h->lines[0]);
	memmove(h->lines, h->lines + 1, (h->count - 1) * sizeof(*h->lines));
	h->count--;
}

static void keep(struct history_file *h, const char *line)
{
	if (h->count == HISTORY_LINES_MAX)
		forget_oldest(h);
	h->lines[h->count++] = copy(line);
}

/* The last lines of the file; true when it has more than are kept. */
static bool read_file(struct history_file *h, int fd)
{
	char line[SHELL_LINE_MAX];
	uint32_t seen = 0;
	FILE *f = fdopen(fd, "r");

	if (!f) {
		(void)close(fd);
		return false;
	}
	while (fgets(line, sizeof(line), f)) {
		size_t len = strcspn(line, "\n");

		line[len] = '\0';
		if (len == 0 || history_is_secret(line))
			continue;
		keep(h, line);
		seen++;
	}
	(void)fclose(f); /* only read */
	return seen > HISTORY_LINES_MAX;
}

/* Begin the file anew with the lines that are kept: whole, or not at all. */
static void cut_file(const struct history_file *h)
{
	char *fresh = NULL;
	size_t len;
	FILE *f = open_memstream(&fresh, &len);

	if (!f)
		return;
	(void)fprintf(f, "%s.new", h->path);
	if (fclose(f) == 0) {
		int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

		f = fd < 0 ? NULL : fdopen(fd, "w");
		if (f) {
			for (uint32_t i = 0; i < h->count; i++)
				(void)fprintf(f, "%s\n", h->lines[i]);
			if (fclose(f) != 0 || rename(fresh, h->path) < 0)
				(void)unlink(fresh);
		} else if (fd >= 0) {
			(void)close(fd);
		}
	}
	free(fresh);
}

void history_open(struct history_file *h, char *path)
{
	*h = (struct history_file) { .path = path };
	h->lines = xcalloc(HISTORY_LINES_MAX, sizeof(*h->lines));
	if (!path)
		return;
	make_folders(path);
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 || fchmod(fd, 0600) < 0) {
		if (fd >= 0)
			(void)close(fd);
		free(h->path);
		h->path = NULL;
		return;
	}
	if (read_file(h, fd))
		cut_file(h);
}

void history_close(struct history_file *h)
{
	for (uint32_t i = 0; i < h->count; i++)
		free(h->lines[i]);
	free(h->lines);
	free(h->path);
	*h = (struct history_file) { 0 };
}

/* A history that cannot be written is no reason to stop. */
static void append(const struct history_file *h, const char *line)
{
	CLEANUP(fd_closep)
	int fd = open(h->path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[SHELL_LINE_MAX + 1];
	int len = snprintf(text, sizeof(text), "%s\n", line);

	if (fd >= 0 && len > 0 && (size_t)len < sizeof(text))
		(void)!write(fd, text, (size_t)len);
}

bool history_add(struct history_file *h, const char *line)
{
	if (!line[strspn(line, " \t")] || history_is_secret(line))
		return false;
	if (h->count > 0 && strcmp(h->lines[h->count - 1], line) == 0) {
		if (h->of_session == 0)
			h->of_session = 1; /* the last session ended with it */
		return false;
	}
	keep(h, line);
	if (h->of_session < h->count)
		h->of_session++;
	if (h->path)
		append(h, line);
	return true;
}
