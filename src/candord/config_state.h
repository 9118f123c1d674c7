/* SPDX-License-Identifier: Apache-2.0 */
/* What config_service.c (candidates and requests) and config_commit.c (what runs, and how it changes) share. */
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

#endif
