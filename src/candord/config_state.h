/* SPDX-License-Identifier: Apache-2.0 */
/* What config_service.c (requests), config_editor.c (candidates), config_operation.c (single operations) and
 * config_commit.c (what runs, and how it changes) share. */
#ifndef CANDOR_CANDORD_CONFIG_STATE_H
#define CANDOR_CANDORD_CONFIG_STATE_H

#include "candord/config_service.h"
#include "config/archive.h"
#include "config/candidate.h"

/* A configuration's canonical text, with its keys. */
struct config_text {
	char *text; /* heap, NULL: none */
	size_t len;
	uint64_t generation;
};

struct editor {
	uint64_t session;
	char who[96], from[96];
	wall_t since;
	struct candidate *candidate; /* NULL: this place is free */
	uint64_t base;               /* generation */
	bool is_whole;               /* its text was set, not edited */
};

struct config_service {
	struct config_edges edges;
	struct archive archive;
	bool has_loaded;
	struct config_text running;
	struct config_text
	        confirmed;    /* while a confirmation is pending: what comes back without it */
	boot_t deadline;      /* of that */
	wall_t until;         /* the same for people */
	char pending_who[96]; /* whose commit it is */
	struct editor editors[CONFIG_CANDIDATES_MAX];
};

/* Who commits what, and how. */
struct commit {
	const struct object_caller *caller;
	const char *comment;      /* NULL: none */
	uint32_t confirm_minutes; /* 0: for good */
	const char *change;       /* "commit" or "rollback" */
};

/* Take over ``config`` and its ``text`` (heap): make it durable as ``how`` says, and apply it.  0 with the generation,
 * -errno with ``d`` and nothing changed.  Takes both over in any case. */
NODISCARD int config_commit(struct config_service *s, const struct commit *how,
                            struct config *config, char *text, size_t len, uint64_t *ret_generation,
                            struct diag *d);

/* A commit is possible: no confirmation of somebody else is pending.  0 or -ESTALE with ``d``. */
NODISCARD int config_commit_allowed(const struct config_service *s,
                                    const struct object_caller *caller, struct diag *d);

NODISCARD int config_confirm(struct config_service *s, const struct object_caller *caller,
                             struct diag *d);

/* Begin the time for the confirmation that is pending anew. */
void config_extend(struct config_service *s, uint32_t minutes);

bool config_is_pending(const struct config_service *s);

void config_tell(struct config_service *s, const char *change, const struct object_caller *caller,
                 const char *text);

#define CONFIG_LINES_PER_REQUEST 1000u

/* One request while it is answered. */
struct config_ask {
	struct config_service *s;
	const struct object_request *q;
	struct arena *a;
	struct doc *to;
	struct diag *d;
};

struct config_handler {
	const char *path;
	enum object_verb verb;
	const char *action; /* of run */
	int (*handle)(const struct config_ask *k);
};

extern const struct config_handler config_editor_handlers[]; /* the last one has no path */

/* Make it the running configuration, in a generation of its own, and leave the file alone; takes over ``config`` and
 * ``text``.  Not while a commit waits for its confirmation. */
void config_run_unsaved(struct config_service *s, const char *comment, struct config *config,
                        char *text, size_t len);

/* Run of config/running, `ip sla reset`: all of IP SLA's configuration goes. */
int config_run_reset(const struct config_ask *k);

void config_editor_close(struct editor *e);

/* A candidate on what runs; NULL with ``d``: that cannot be read. */
struct candidate *config_candidate_on_running(const struct config_service *s, struct diag *d);

/* Put the errors of a text into the answer (and free them): -EILSEQ. */
int config_refuse(const struct config_ask *k, struct config_errors *errors);

/* Add the piece of ``text`` that is asked for, without keys. */
void config_add_hidden(const struct config_ask *k, const char *text, size_t len);

/* "confirm_minutes" of the request, 0 without; -EINVAL: out of range. */
NODISCARD int config_take_confirm_minutes(const struct config_ask *k, uint32_t *ret);

/* Check ``c`` and make it run; nothing is written when it is what runs already. */
NODISCARD int config_commit_candidate(const struct config_ask *k, const struct candidate *c,
                                      struct commit *how);

#endif
