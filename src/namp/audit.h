/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log (docs/namp.md section 10): every change, and every attempt at one, with who asked, from
 * where, for what in short, and what came of it.  On disk, bounded, without secrets.
 *
 * A change that cannot be entered does not happen: audit_begin() sees to room on the disk before it is
 * carried out, audit_end() enters it before it is answered.
 *
 * Whoever may change nothing must not wear the log out: attempts that the table of paths refuses to a name, and
 * its sessions, have a budget.  What is beyond it is counted, and the next entry says how many were left
 * out.  Owned by the control process; one thread. */
#ifndef CANDOR_NAMP_AUDIT_H
#define CANDOR_NAMP_AUDIT_H

#include "base/clocktypes.h"
#include "object/request.h"

#define AUDIT_PENDING_MAX 2048u /* changes under way */
#define AUDIT_BUDGET      60u   /* entries of a name that change nothing: at once, and an hour */
#define AUDIT_NAMES_MAX   256u  /* of which budgets are kept; then the one used least lately goes */
#define AUDIT_LOG_NAME    "audit" /* of its files in the state folder */

struct audit;

struct audit_cfg {
	int state_dir;    /* stays the caller's, and open */
	uint32_t log_kib; /* bound of the log; 0: 4096 */
	wall_t (*now)(void *ctx);
	boot_t (*boot)(void *ctx); /* for the budgets */
	void *ctx;
};

/* Open the log.  0; -errno with ``d``. */
NODISCARD int audit_new(const struct audit_cfg *cfg, struct audit **ret, struct diag *d);
void audit_free(struct audit *t); /* synchronises; NULL is fine */
void audit_set_log_kib(struct audit *t, uint32_t log_kib);

/* Whether the request is to be entered: it is a change (object_is_change()), and not merely a question
 * that is asked with run (completion of a word in the shell). */
bool audit_concerns(const struct object_request *request);

/* Before a change is carried out, or refused: keep what will be entered, under request->ticket, and
 * reserve its room.  0; -ENOSPC (507) or -EBUSY (503) with ``d``: it must not be carried out. */
NODISCARD int audit_begin(struct audit *t, const struct object_request *request, struct diag *d);

/* Its outcome: 0 or -errno as object_handle.  Durable on return.  0; -ENOSPC and the like with ``d``: answer
 * with that instead, the log does not have it. */
NODISCARD int audit_end(struct audit *t, uint64_t ticket, int error, struct diag *d);

/* A session began or ended (``code``: of the bye; 200: in order).  Survives this process at once and
 * the host from audit_flush() on. */
void audit_session(struct audit *t, const struct object_caller *caller, bool began, unsigned code);

/* Once a second.  0 or -errno: the disk does not take it. */
int audit_flush(struct audit *t);

/* The provider of "audit": an object_handle with a struct audit as ``ctx``. */
int audit_handle(void *ctx, const struct object_request *request, struct arena *a, struct doc **ret,
                 struct diag *d);

#endif
