/* SPDX-License-Identifier: Apache-2.0 */
/* What runs, and how it changes.
 *
 * A commit: the new text and an entry "writing" go into the archive; the file is replaced, which is the moment that
 * counts; the entry becomes "running"; the configuration is applied.  Whatever a crash leaves, the file is the old or the
 * new one, and at the next start it tells whether the entry that was being written came true.
 *
 * With confirmation the entry "unconfirmed" is the durable mark that a roll-back is pending, and the file is left alone: a
 * start in between finds the old file, and the mark. */
#include "candord/config_state.h"

#include "base/log.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct object_caller node = { .role = ROLE_ADMINISTRATOR,
	                                   .name = "candord",
	                                   .origin = "" };

static void text_free(struct config_text *t)
{
	candidate_text_free(t->text, t->len);
	*t = (struct config_text) { 0 };
}

bool config_is_pending(const struct config_service *s)
{
	return s->confirmed.text != NULL;
}

uint64_t config_service_generation(const struct config_service *s)
{
	return s->running.generation;
}

void config_tell(struct config_service *s, const char *change, const struct object_caller *caller,
                 const char *text)
{
	struct config_change c = {
		.change = change,
		.generation = s->running.generation,
		.who = caller->name,
		.from = caller->origin,
		.text = text,
		.at = s->edges.wall(s->edges.ctx),
	};

	s->edges.changed(s->edges.ctx, &c);
}

static void tell(struct config_service *s, const char *change, const struct object_caller *caller,
                 const char *fmt, ...) PRINTF_LIKE(4, 5);

static void tell(struct config_service *s, const char *change, const struct object_caller *caller,
                 const char *fmt, ...)
{
	char text[DIAG_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args); /* a cut sentence is still useful */
	va_end(args);
	log_info("config", "'%s'%s%s: %s", caller->name, *caller->origin ? " from " : "",
	         caller->origin, text);
	config_tell(s, change, caller, text);
}

/* The table could not be written: what it says in memory holds, and the next time it is written. */
static void save_table(struct config_service *s)
{
	int rc = archive_save(&s->archive);

	if (rc < 0)
		log_err("config", "cannot write the archive of configurations: %s", strerror(-rc));
}

static void set_state(struct config_service *s, uint64_t generation, enum archive_state state)
{
	struct archive_entry *e = archive_find(&s->archive, generation);

	if (e)
		e->state = (uint8_t)state;
}

/* --- commit -------------------------------------------------------------------------------------- */

int config_commit_allowed(const struct config_service *s, const struct object_caller *caller,
                          struct diag *d)
{
	if (!s->running.text)
		return diag_set(d, -EBUSY, "no configuration is loaded yet");
	if (config_is_pending(s) && strcmp(s->pending_who, caller->name) != 0)
		return diag_set(d, -ESTALE,
		                "a commit of %s waits for its confirmation: wait until it is "
		                "confirmed or rolled back",
		                s->pending_who);
	return 0;
}

static int add_entry(struct config_service *s, const struct commit *how, enum archive_state state,
                     const char *text, size_t len, uint64_t *ret_generation, struct diag *d)
{
	struct archive_entry e = { .state = (uint8_t)state, .at = s->edges.wall(s->edges.ctx) };

	if (how->confirm_minutes)
		e.until = wall_add_ns(e.at, how->confirm_minutes * (60 * NS_PER_S));
	utf8_copy_plain(e.who, sizeof(e.who), how->caller->name);
	utf8_copy_plain(e.from, sizeof(e.from), how->caller->origin);
	utf8_copy_plain(e.comment, sizeof(e.comment), how->comment ? how->comment : "");
	int rc = archive_add(&s->archive, &e, text, len, ret_generation);

	if (rc < 0)
		return diag_set(d, rc, "cannot write to the state folder: %s", strerror(-rc));
	return 0;
}

static int save_file(struct config_service *s, const char *text, size_t len, struct diag *d)
{
	struct diag why = { 0 };
	int rc = s->edges.save(s->edges.ctx, text, len, &why);

	if (rc == -ESTALE)
		return diag_set(d, rc,
		                "the configuration file was changed by hand since it was read, and "
		                "is not overwritten: reload it, then rebase");
	if (rc < 0)
		return diag_set(d, rc, "%s", why.text[0] ? why.text : strerror(-rc));
	return 0;
}

/* The file is written: the entries say so too. */
static void settle(struct config_service *s, uint64_t generation)
{
	for (uint32_t i = 0; i < s->archive.count; i++) {
		struct archive_entry *e = &s->archive.entries[i];

		if (e->state == ARCHIVE_RUNNING || e->state == ARCHIVE_UNCONFIRMED)
			e->state = ARCHIVE_ARCHIVED;
	}
	set_state(s, generation, ARCHIVE_RUNNING);
	save_table(s);
	text_free(&s->confirmed);
}

static int commit_for_good(struct config_service *s, const struct commit *how, const char *text,
                           size_t len, uint64_t *ret_generation, struct diag *d)
{
	uint64_t generation;
	int rc = add_entry(s, how, ARCHIVE_WRITING, text, len, &generation, d);

	if (rc < 0)
		return rc;
	rc = save_file(s, text, len, d);
	if (rc < 0) {
		archive_drop(&s->archive, generation);
		save_table(s);
		return rc;
	}
	settle(s, generation);
	*ret_generation = generation;
	return 0;
}

static void set_deadline(struct config_service *s, uint32_t minutes)
{
	s->deadline = boot_add_ns(s->edges.boot(s->edges.ctx), minutes * (60 * NS_PER_S));
	s->until = wall_add_ns(s->edges.wall(s->edges.ctx), minutes * (60 * NS_PER_S));
}

static int commit_for_now(struct config_service *s, const struct commit *how, const char *text,
                          size_t len, uint64_t *ret_generation, struct diag *d)
{
	struct archive_entry *before = archive_of_state(&s->archive, ARCHIVE_UNCONFIRMED);
	uint64_t earlier = before ? before->generation : 0;

	if (s->archive.dir < 0)
		return diag_set(d, -ENOSPC,
		                "this node has no state folder, which a commit with confirmation "
		                "needs");
	set_state(s, earlier, ARCHIVE_ARCHIVED);
	int rc = add_entry(s, how, ARCHIVE_UNCONFIRMED, text, len, ret_generation, d);

	if (rc < 0) {
		set_state(s, earlier, ARCHIVE_UNCONFIRMED);
		return rc;
	}
	if (!config_is_pending(s)) {
		s->confirmed = s->running;
		s->running = (struct config_text) { 0 };
	}
	set_deadline(s, how->confirm_minutes);
	(void)snprintf(s->pending_who, sizeof(s->pending_who), "%s", how->caller->name);
	return 0;
}

static void tell_commit(struct config_service *s, const struct commit *how, uint64_t generation)
{
	char comment[ARCHIVE_COMMENT_OCTETS], until[64] = "";

	utf8_copy_plain(comment, sizeof(comment), how->comment ? how->comment : "");
	if (how->confirm_minutes)
		(void)snprintf(until, sizeof(until), ", to be confirmed within %u minute%s",
		               how->confirm_minutes, how->confirm_minutes == 1 ? "" : "s");
	tell(s, how->change, how->caller, "%s: generation %" PRIu64 "%s%s%s", how->change,
	     generation, until, *comment ? ": " : "", comment);
}

int config_commit(struct config_service *s, const struct commit *how, struct config *config,
                  char *text, size_t len, uint64_t *ret_generation, struct diag *d)
{
	uint64_t generation = 0;
	int rc = config_commit_allowed(s, how->caller, d);

	if (rc == 0)
		rc = how->confirm_minutes ? commit_for_now(s, how, text, len, &generation, d)
		                          : commit_for_good(s, how, text, len, &generation, d);
	if (rc < 0) {
		config_free(config);
		candidate_text_free(text, len);
		return rc;
	}
	text_free(&s->running);
	s->running = (struct config_text) { text, len, generation };
	s->edges.apply(s->edges.ctx, config);
	tell_commit(s, how, generation);
	*ret_generation = generation;
	return 0;
}

/* --- confirmation -------------------------------------------------------------------------------- */

int config_confirm(struct config_service *s, const struct object_caller *caller, struct diag *d)
{
	if (!config_is_pending(s))
		return diag_set(d, -ESTALE, "no commit waits for a confirmation");
	int rc = save_file(s, s->running.text, s->running.len, d);

	if (rc < 0)
		return rc;
	settle(s, s->running.generation);
	tell(s, "confirm", caller, "confirmed: generation %" PRIu64, s->running.generation);
	return 0;
}

void config_extend(struct config_service *s, uint32_t minutes)
{
	struct archive_entry *e = archive_find(&s->archive, s->running.generation);

	set_deadline(s, minutes);
	if (e)
		e->until = s->until;
	save_table(s); /* the mark itself stands already */
}

/* Back to what was confirmed last, which is what the file has. */
static void roll_back(struct config_service *s)
{
	struct config_errors errors;
	struct config *config = NULL;
	uint64_t left = s->running.generation;

	if (config_parse(s->confirmed.text, s->confirmed.len, &config, &errors) < 0) {
		/* It ran before: only another time zone could change what its times mean. */
		log_err("config", "cannot go back to generation %" PRIu64 ": %s",
		        s->confirmed.generation, errors.count ? errors.errors[0].text : "");
		config_errors_fini(&errors);
		s->deadline = boot_add_ns(s->edges.boot(s->edges.ctx), 60 * NS_PER_S);
		return;
	}
	set_state(s, left, ARCHIVE_ROLLED_BACK);
	save_table(s);
	text_free(&s->running);
	s->running = s->confirmed;
	s->confirmed = (struct config_text) { 0 };
	s->edges.apply(s->edges.ctx, config);
	tell(s, "rollback", &node,
	     "the commit of %s (generation %" PRIu64
	     ") was not confirmed in time: back to generation %" PRIu64,
	     s->pending_who, left, s->running.generation);
}

void config_service_tick(struct config_service *s)
{
	if (config_is_pending(s) && boot_diff_ns(s->edges.boot(s->edges.ctx), s->deadline) >= 0)
		roll_back(s);
}

/* --- the file was read --------------------------------------------------------------------------- */

static bool same_as_archived(const struct config_service *s, uint64_t generation, const char *text,
                             size_t len)
{
	char *other = NULL;
	size_t other_len = 0;

	if (archive_text(&s->archive, generation, &other, &other_len) < 0)
		return false;
	bool is_same = other_len == len && memcmp(other, text, len) == 0;

	candidate_text_free(other, other_len);
	return is_same;
}

/* After a start: what was on its way into the file, or in force without it. */
static void see_to_leftovers(struct config_service *s, const char *text, size_t len)
{
	static const enum archive_state states[] = { ARCHIVE_WRITING, ARCHIVE_UNCONFIRMED };
	const struct archive_entry *e;

	for (size_t i = 0; i < ARRAY_LEN(states); i++) {
		while ((e = archive_of_state(&s->archive, states[i]))) {
			uint64_t generation = e->generation;
			char who[sizeof(e->who)];

			(void)snprintf(who, sizeof(who), "%s", e->who);
			if (same_as_archived(s, generation, text, len)) {
				settle(s, generation);
				log_info("config",
				         "the commit of '%s' (generation %" PRIu64
				         ") had come into the file when candord ended",
				         who, generation);
			} else if (states[i] == ARCHIVE_WRITING) {
				archive_drop(&s->archive, generation);
				log_warn("config",
				         "the commit of '%s' (generation %" PRIu64
				         ") had not come into the file when candord ended, and is "
				         "dropped",
				         who, generation);
			} else {
				set_state(s, generation, ARCHIVE_ROLLED_BACK);
				tell(s, "rollback", &node,
				     "the commit of %s (generation %" PRIu64
				     ") was not confirmed before the restart: rolled back",
				     who, generation);
			}
			save_table(s);
		}
	}
}

/* The text of the file becomes the running one: under its old number, or a new one. */
static void adopt(struct config_service *s, char *text, size_t len)
{
	struct archive_entry *e = archive_of_state(&s->archive, ARCHIVE_RUNNING);
	const struct commit how = { .caller = &node,
		                    .comment = "read from the configuration file" };
	uint64_t generation = e ? e->generation : 0;
	struct diag d = { 0 };

	text_free(&s->running);
	if (!e || !same_as_archived(s, generation, text, len)) {
		if (add_entry(s, &how, ARCHIVE_WRITING, text, len, &generation, &d) < 0) {
			log_err("config", "%s", d.text);
			generation = ++s->archive.last;
		}
		settle(s, generation);
	}
	s->running = (struct config_text) { text, len, generation };
}

void config_run_unsaved(struct config_service *s, const char *comment, struct config *config,
                        char *text, size_t len)
{
	const struct commit how = { .caller = &node, .change = "commit", .comment = comment };
	uint64_t generation = 0;
	struct diag d = { 0 };

	if (add_entry(s, &how, ARCHIVE_WRITING, text, len, &generation, &d) < 0) {
		log_err("config", "%s", d.text);
		generation = ++s->archive.last;
	}
	settle(s, generation);
	text_free(&s->running);
	s->running = (struct config_text) { text, len, generation };
	s->edges.apply(s->edges.ctx, config);
	tell_commit(s, &how, generation);
}

void config_service_loaded(struct config_service *s, const struct config *config)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);
	bool is_first = !s->has_loaded;

	if (!to || config_print(config, to, false, true) < 0 || fclose(to) != 0)
		abort(); /* out of memory in the control plane */
	if (is_first) {
		s->has_loaded = true;
		see_to_leftovers(s, text, len);
	}
	if (config_is_pending(s)) {
		set_state(s, s->running.generation, ARCHIVE_ROLLED_BACK);
		text_free(&s->running);
		s->running = s->confirmed;
		s->confirmed = (struct config_text) { 0 };
		tell(s, "rollback", &node,
		     "the configuration file was read again before the commit of %s was "
		     "confirmed: rolled back",
		     s->pending_who);
		save_table(s);
	}
	if (s->running.text && s->running.len == len && memcmp(s->running.text, text, len) == 0) {
		candidate_text_free(text, len);
		return;
	}
	adopt(s, text, len);
	if (!is_first)
		tell(s, "reload", &node, "the configuration file was read: generation %" PRIu64,
		     s->running.generation);
}
