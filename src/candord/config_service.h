/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration as an object: candidates of the sessions, commit with and without confirmation, roll-back,
 * archive (docs/namp.md section 9).  Everything outside is reached through callbacks.  One thread: that of the control
 * process.
 *
 * How control uses it:
 *   - at start, and whenever the configuration file was read (SIGHUP, reload) and is good:
 *     config_service_loaded(), just before or after it applies that configuration;
 *   - for every path that is `config` or begins with `config/`: config_service_handle();
 *   - for set and delete of `sla/operation/#`: config_service_operation();
 *   - when a session ends: config_service_session_ended();
 *   - about once a second: config_service_tick(). */
#ifndef CANDOR_CANDORD_CONFIG_SERVICE_H
#define CANDOR_CANDORD_CONFIG_SERVICE_H

#include "base/clocktypes.h"
#include "config/config.h"
#include "object/request.h"

#define CONFIG_CANDIDATES_MAX 16u

/* What happened, for watchers of config/running, the message log and the log. */
struct config_change {
	const char *change;  /* "commit", "confirm", "rollback", "reload", "edit" */
	uint64_t generation; /* that runs now */
	const char *who,
	        *from;    /* a peer's name and origin; "candord" and "" for what nobody asked for */
	const char *text; /* a sentence without secrets */
	wall_t at;
};

struct config_edges {
	/* Make it the running configuration; takes it over.  It was checked. */
	void (*apply)(void *ctx, struct config *config);
	/* Write the configuration file (parent_save_config()).  0; -ESTALE: somebody changed the file; -errno
	 * with ``d``. */
	int (*save)(void *ctx, const char *text, size_t len, struct diag *d);
	/* Have the file read again as SIGHUP does.  0: it was, and config_service_loaded() was called;
	 * -EINPROGRESS: it will be, and the owner answers the request of ``ticket`` then; -errno with ``d``. */
	int (*reload)(void *ctx, uint64_t ticket, struct diag *d);
	void (*changed)(void *ctx, const struct config_change *change);
	wall_t (*wall)(void *ctx);
	boot_t (*boot)(
	        void *ctx); /* CLOCK_BOOTTIME: the time for a confirmation goes on while the host sleeps */
	void *ctx;
};

struct config_service;

/* ``state_dir``: open state folder, or -1: no archive, and no commit with confirmation.  An archive that cannot be
 * read is said in the log and begun anew. */
struct config_service *config_service_new(const struct config_edges *edges, int state_dir);
void config_service_free(struct config_service *s); /* NULL is fine; candidates are dropped */

/* ``config`` was read from the configuration file.  The first call after a start sees to what a crash or a restart
 * left: a commit half way, a confirmation that never came. */
void config_service_loaded(struct config_service *s, const struct config *config);

/* What a reload is answered with: the configuration that runs now, or (-EILSEQ, with ``d``) what is wrong with the
 * file; takes ``errors``. */
void config_service_reloaded_fill(const struct config_service *s, struct arena *a, struct doc *to);
int config_service_refused_fill(struct config_errors *errors, struct arena *a, struct doc *to,
                                struct diag *d);

void config_service_session_ended(struct config_service *s, uint64_t session);
void config_service_tick(struct config_service *s); /* roll back when the time is over */

/* An object_handle: ``ctx`` is the service. */
int config_service_handle(void *ctx, const struct object_request *request, struct arena *a,
                          struct doc **ret, struct diag *d);

/* Set and delete of sla/operation/NUMBER, edited and committed in one step.  A set whose first line is a type replaces
 * the operation (its schedule stays unless the body has another); any other edits it.  As object_handle. */
int config_service_operation(struct config_service *s, const struct object_request *request,
                             uint32_t number, struct arena *a, struct doc **ret, struct diag *d);

/* Operations aged out: they go from the running configuration, in a generation of its own; the file keeps them until
 * the next commit.  False: not now (a commit waits for its confirmation), ask again. */
bool config_service_aged_out(struct config_service *s, const uint32_t *numbers, uint32_t count);

uint64_t config_service_generation(
        const struct config_service *s); /* 0 before the first configuration */

#endif
