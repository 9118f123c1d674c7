/* SPDX-License-Identifier: Apache-2.0 */
/* A configuration service without a daemon: its edges are here, and time is virtual. */
#ifndef CANDOR_TESTS_CONFIG_WORLD_H
#define CANDOR_TESTS_CONFIG_WORLD_H

#include "candord/config_state.h"
#include "t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#define BASE "hostname edge\nip sla 1\n icmp-echo 192.0.2.1\n"

struct world {
	char folder[64];
	int dir;
	struct config_service *s;
	struct arena arena; /* of documents */
	char *file;         /* what the configuration file holds */
	struct config *applied;
	unsigned applies, saves;
	int save_rc; /* what the next save comes to */
	int64_t now_s;
	char changes[2048]; /* "commit 2 alice\n…" */
};

/* --- edges --- */

static inline void on_apply(void *ctx, struct config *config)
{
	struct world *w = ctx;

	config_free(w->applied);
	w->applied = config;
	w->applies++;
}

static inline int on_save(void *ctx, const char *text, size_t len, struct diag *d)
{
	struct world *w = ctx;

	if (w->save_rc < 0)
		return diag_set(d, w->save_rc, "the disk says no");
	free(w->file);
	w->file = strndup(text, len);
	w->saves++;
	return 0;
}

static inline void load(struct world *w)
{
	struct config_errors errors;
	struct config *config = NULL;

	assert_int_equal(config_parse(w->file, strlen(w->file), &config, &errors), 0);
	config_service_loaded(w->s, config);
	on_apply(w, config);
}

static inline int on_reload(void *ctx, uint64_t ticket, struct diag *d)
{
	(void)ticket;
	(void)d;
	load(ctx);
	return 0;
}

static inline void on_changed(void *ctx, const struct config_change *c)
{
	struct world *w = ctx;
	size_t used = strlen(w->changes);

	assert_null(strstr(c->text, "sesame"));
	(void)snprintf(w->changes + used, sizeof(w->changes) - used, "%s %" PRIu64 " %s\n",
	               c->change, c->generation, c->who);
}

static inline wall_t on_wall(void *ctx)
{
	return (wall_t) { (1766361600 + ((struct world *)ctx)->now_s) * NS_PER_S };
}

static inline boot_t on_boot(void *ctx)
{
	return (boot_t) { ((struct world *)ctx)->now_s * NS_PER_S };
}

static inline void start(struct world *w)
{
	const struct config_edges edges = { on_apply, on_save, on_reload, on_changed,
		                            on_wall,  on_boot, w };

	w->s = config_service_new(&edges, w->dir);
	load(w);
	w->applies = 0;
}

/* As if the process had been killed and started again. */
static inline void restart(struct world *w)
{
	config_service_free(w->s);
	w->now_s += 1;
	start(w);
}

static inline void remove_folder(const char *path)
{
	DIR *list = opendir(path);
	const struct dirent *e;

	assert_non_null(list);
	while ((e = readdir(list))) {
		if (e->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(list), e->d_name, 0), 0);
	}
	(void)closedir(list);
	assert_int_equal(rmdir(path), 0);
}

static inline int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	(void)snprintf(w->folder, sizeof(w->folder), "/tmp/candor-config-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	w->dir = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(w->dir >= 0);
	w->file = strdup(BASE);
	w->now_s = 1000;
	start(w);
	w->changes[0] = '\0';
	*state = w;
	return 0;
}

static inline int teardown(void **state)
{
	struct world *w = *state;

	config_service_free(w->s);
	config_free(w->applied);
	arena_free(&w->arena);
	(void)close(w->dir);
	remove_folder(w->folder);
	free(w->file);
	free(w);
	return 0;
}

/* --- requests --- */

/* One request; ``body`` is JSON or NULL.  The answer stays until the next one. */
static inline int ask_as(struct world *w, uint64_t session, const char *name, enum object_verb verb,
                         const char *path, const char *body, struct doc **ret)
{
	struct object_request q = {
		.verb = verb,
		.path = path,
		.caller = { ROLE_ADMINISTRATOR, name, "192.0.2.7:41234", session },
	};
	struct doc *parsed = NULL;
	struct diag d = { 0 };

	arena_free(&w->arena);
	if (body)
		assert_int_equal(doc_parse_json(&w->arena, body, strlen(body), &parsed, &d), 0);
	q.body = parsed;
	d = (struct diag) { 0 };
	int rc = strncmp(path, "sla/", 4) == 0
	                 ? config_service_operation(
	                           w->s, &q, (uint32_t)strtoul(strrchr(path, '/') + 1, NULL, 10),
	                           &w->arena, ret, &d)
	                 : config_service_handle(w->s, &q, &w->arena, ret, &d);

	if (rc < 0)
		assert_true(d.text[0] != '\0'); /* every refusal has its sentence */
	assert_null(strstr(d.text, "sesame"));
	return rc;
}

static inline struct doc *good_as(struct world *w, uint64_t session, const char *name,
                                  enum object_verb verb, const char *path, const char *body)
{
	struct doc *answer = NULL;

	assert_int_equal(ask_as(w, session, name, verb, path, body, &answer), 0);
	return answer;
}

#define CANDIDATE "config/candidate"
#define RUNNING   "config/running"

/* Lines (JSON texts, separated by commas) of session 1, alice. */
static inline struct doc *edit(struct world *w, const char *lines)
{
	char body[512];

	(void)snprintf(body, sizeof(body), "{\"action\":\"edit\",\"lines\":[%s]}", lines);
	struct doc *answer = good_as(w, 1, "alice", OBJECT_RUN, CANDIDATE, body);

	assert_int_equal(doc_get(answer, "error")->kind, DOC_NULL);
	return answer;
}

static inline int run(struct world *w, const char *path, const char *body, struct doc **ret)
{
	return ask_as(w, 1, "alice", OBJECT_RUN, path, body, ret);
}

static inline int64_t commit(struct world *w, const char *more)
{
	char body[256];

	(void)snprintf(body, sizeof(body), "{\"action\":\"commit\"%s}", more);
	return doc_int(good_as(w, 1, "alice", OBJECT_RUN, CANDIDATE, body), "generation", -1);
}

static inline void assert_runs(struct world *w, const char *hostname, uint64_t generation)
{
	assert_string_equal(w->applied->hostname, hostname);
	assert_int_equal(config_service_generation(w->s), generation);
}

/* Rows of the archive as "number generation state who\n". */
static inline void assert_archive(struct world *w, const char *expected)
{
	struct doc *answer = good_as(w, 1, "alice", OBJECT_LIST, "config/archive", NULL);
	char said[2048] = "";

	for (const struct doc_member *m = doc_first(doc_get(answer, "items")); m; m = m->next) {
		size_t used = strlen(said);

		(void)snprintf(said + used, sizeof(said) - used, "%d %d %s %s\n",
		               (int)doc_int(&m->value, "number", -1),
		               (int)doc_int(&m->value, "generation", -1),
		               doc_text(&m->value, "state", "?"), doc_text(&m->value, "who", "?"));
	}
	assert_string_equal(said, expected);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
