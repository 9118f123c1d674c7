/* SPDX-License-Identifier: Apache-2.0 */
/* Getting the documents of a `show`, all pages of a list, and ending with the right code. */
#ifndef CANDOR_CLI_SHOW_FETCH_H
#define CANDOR_CLI_SHOW_FETCH_H

#include "base/arena.h"
#include "cli/cli.h"
#include "object/request.h"

struct namp_client;

struct show {
	struct cli *cli;
	struct namp_client *client; /* the shell's, or this command's own */
	struct arena arena;         /* of the documents */
};

/* Connect.  CLI_GOOD, or an exit code and the reason on cli->err. */
int show_open(struct show *s, struct cli *cli);
void show_close(struct show *s);

/* Ask anything; ``body`` may be NULL.  CLI_GOOD, or an exit code and the reason on cli->err. */
int show_ask(struct show *s, enum object_verb verb, const char *path, const struct doc *body,
             struct doc **ret);

/* One object, or all rows of a list (joined over its pages).  CLI_GOOD, or an exit code and the
 * reason on cli->err. */
int show_get(struct show *s, const char *path, struct doc **ret);
int show_list(struct show *s, const char *path, struct doc **ret);

/* Print a document as JSON, indented and in order.  CLI_GOOD, or CLI_SYSTEM when it cannot be written. */
int show_json(struct show *s, struct doc *d);

/* Print a document as JSON or by ``render``.  As show_json(). */
typedef void (*show_render)(const struct doc *d, FILE *to);
int show_answer(struct show *s, struct doc *d, show_render render);

/* The whole of most views: get the object, or all rows of the list, at ``path``, and print it. */
int show_object(struct cli *cli, const char *path, show_render render);
int show_rows(struct cli *cli, const char *path, show_render render);

/* A view of one operation (argument N) or of all: "PATH/N" for each row of the list at PATH. */
struct show_entries {
	const char *path;
	const char *list;   /* of the rows; NULL: ``path`` */
	const char *suffix; /* behind the number; NULL: nothing */
	bool is_list;       /* what is there is a list itself */
	void (*render_head)(FILE *to);
	void (*render)(const struct cli *cli, const struct doc *d);
};

int show_entries(struct cli *cli, const struct show_entries *view);

/* A command that is one request, usually "run": what `clear …` and `alarm raise …` do. */
struct show_action {
	enum object_verb verb;
	const char *action; /* the body's member "action"; NULL: none */
	void (*fill)(const struct cli *cli, struct arena *a, struct doc *body); /* more members */
	void (*render)(const struct doc *answer, FILE *to); /* NULL: success is silent */
	uint32_t timeout_ms; /* to wait at least; 0: as for every answer */
};

/* Do it on ``path``; the answer is printed as JSON or by ``render``. */
int show_act(struct cli *cli, const char *path, const struct show_action *action);

/* CLI_GOOD when everything reached the stream, else CLI_SYSTEM and a line on cli->err. */
int show_flush(struct cli *cli);

#endif
