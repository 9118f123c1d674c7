/* SPDX-License-Identifier: Apache-2.0 */
/* kill -9 at any moment: a process commits, with and without confirmation, and is killed; what it leaves is the
 * configuration that it had or the one that it was committing, whole, and an archive that can be read.  Each
 * configuration has its number in every block, so that a mixture would show. */
#include "candord/config_service.h"
#include "config/archive.h"
#include "io/state_dir.h"
#include "t.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS    250
#define BLOCKS    40
#define FILE_NAME "candor.conf"

/* What the process says of itself, in memory that outlives it. */
struct progress {
	atomic_uint attempted, done; /* numbers of configurations; done: in the file for good */
};

struct world {
	int dir;
	struct config_service *s;
	struct progress *progress;
};

static void on_apply(void *ctx, struct config *config)
{
	(void)ctx;
	config_free(config);
}

static int on_save(void *ctx, const char *text, size_t len, struct diag *d)
{
	const struct world *w = ctx;
	int rc = state_replace(w->dir, FILE_NAME, text, len);

	return rc < 0 ? diag_set(d, rc, "cannot write") : 0;
}

static int on_reload(void *ctx, uint64_t ticket, struct diag *d)
{
	(void)ctx;
	(void)ticket;
	return diag_set(d, -EOPNOTSUPP, "not here");
}

static void on_changed(void *ctx, const struct config_change *c)
{
	(void)ctx;
	(void)c;
}

static wall_t on_wall(void *ctx)
{
	(void)ctx;
	return (wall_t) { 1766361600 * NS_PER_S };
}

static boot_t on_boot(void *ctx)
{
	(void)ctx;
	return (boot_t) { NS_PER_S };
}

/* The number that every part of this configuration has; fails the test when they differ. */
static unsigned number_of(const struct config *c)
{
	unsigned number = 0;
	char tag[32];

	assert_non_null(c->hostname);
	assert_int_equal(sscanf(c->hostname, "n%u", &number), 1);
	assert_int_equal(c->op_count, BLOCKS);
	(void)snprintf(tag, sizeof(tag), "t%u", number);
	for (uint32_t i = 0; i < c->op_count; i++)
		assert_string_equal(c->ops[i]->tag, tag);
	return number;
}

static char *text_of(unsigned number)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	assert_non_null(to);
	(void)fprintf(to, "hostname n%u\n", number);
	for (unsigned i = 1; i <= BLOCKS; i++)
		(void)fprintf(to, "ip sla %u\n icmp-echo 192.0.2.1\n tag t%u\n", i, number);
	assert_int_equal(fclose(to), 0);
	return text;
}

static struct config *parse(const char *text, size_t len)
{
	struct config_errors errors;
	struct config *c = NULL;

	assert_int_equal(config_parse(text, len, &c, &errors), 0);
	return c;
}

static struct config *load_file(const struct world *w)
{
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(state_read(w->dir, FILE_NAME, 1 << 20, &text, &len), 0);
	struct config *c = parse(text, len);

	free(text);
	return c;
}

static void start(struct world *w)
{
	const struct config_edges edges = { on_apply, on_save, on_reload, on_changed,
		                            on_wall,  on_boot, w };
	struct config *c = load_file(w);

	w->s = config_service_new(&edges, w->dir);
	config_service_loaded(w->s, c);
	config_free(c);
}

/* --- the process that is killed --- */

static void ask(struct world *w, enum object_verb verb, const char *path, const char *action,
                const char *text, int confirm_minutes)
{
	struct arena a = { 0 };
	struct doc *body = doc_new_map(&a), *answer;
	struct object_request q = { .verb = verb,
		                    .path = path,
		                    .body = body,
		                    .caller = { ROLE_ADMINISTRATOR, "alice", "pid 1", 1 } };
	struct diag d = { 0 };

	if (action)
		doc_add_text(&a, body, "action", action);
	if (text)
		doc_add_text(&a, body, "text", text);
	if (confirm_minutes)
		doc_add_int(&a, body, "confirm_minutes", confirm_minutes);
	if (config_service_handle(w->s, &q, &a, &answer, &d) < 0)
		_exit(9);
	arena_free(&a);
}

static void commit_for_ever(struct world *w, unsigned number)
{
	start(w);
	for (;; number++) {
		char *text = text_of(number);
		bool is_tried = number % 3 == 0;

		ask(w, OBJECT_SET, "config/candidate", NULL, text, 0);
		atomic_store(&w->progress->attempted, number);
		ask(w, OBJECT_RUN, "config/candidate", "commit", NULL, is_tried ? 5 : 0);
		if (is_tried && number % 2 == 0)
			ask(w, OBJECT_RUN, "config/running", "confirm", NULL, 0);
		if (!is_tried || number % 2 == 0)
			atomic_store(&w->progress->done, number);
		free(text);
	}
}

/* --- what it leaves --- */

static void check_archive(const struct world *w)
{
	struct archive a;
	struct diag d;
	uint64_t before = 0;

	assert_int_equal(archive_load(&a, w->dir, &d), 0);
	assert_true(a.count > 0);
	for (uint32_t i = 0; i < a.count; i++) {
		char *text = NULL;
		size_t len = 0;

		assert_true(a.entries[i].generation > before);
		before = a.entries[i].generation;
		/* At most one of each, and neither after a start. */
		assert_int_not_equal(a.entries[i].state, ARCHIVE_WRITING);
		assert_int_not_equal(a.entries[i].state, ARCHIVE_UNCONFIRMED);
		assert_int_equal(archive_text(&a, before, &text, &len), 0);
		struct config *c = parse(text, len);

		(void)number_of(c);
		config_free(c);
		free(text);
	}
}

static void pause_ns(long ns)
{
	struct timespec t = { 0, ns };

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		;
}

static void test_kill(void **state)
{
	char folder[] = "/tmp/candor-crash-XXXXXX";
	uint64_t seed = t_seed(77);
	unsigned in_file = 1, kept_old = 0, took_new = 0;
	char *text = text_of(1);
	struct world w = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	w.dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	w.progress = mmap(NULL, sizeof(*w.progress), PROT_READ | PROT_WRITE,
	                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(w.progress != MAP_FAILED);
	assert_int_equal(state_replace(w.dir, FILE_NAME, text, strlen(text)), 0);
	free(text);
	for (unsigned round = 0; round < ROUNDS; round++) {
		atomic_store(&w.progress->attempted, in_file);
		atomic_store(&w.progress->done, in_file);
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			commit_for_ever(&w, in_file + 1);
			_exit(8);
		}
		while (atomic_load(&w.progress->attempted) == in_file)
			pause_ns(50000); /* until it has begun */
		pause_ns((long)(t_random(&seed) % 12000000));
		int status;

		assert_int_equal(kill(pid, SIGKILL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		unsigned done = atomic_load(&w.progress->done);
		unsigned attempted = atomic_load(&w.progress->attempted);
		struct config *c = load_file(&w);
		unsigned found = number_of(c);

		config_free(c);
		if (found != done && found != attempted)
			fail_msg("round %u: the file has %u, which is neither %u nor %u", round,
			         found, done, attempted);
		kept_old += found == done;
		took_new += found != done;
		/* The next start finds its way. */
		start(&w);
		assert_true(config_service_generation(w.s) > 0);
		config_service_free(w.s);
		check_archive(&w);
		in_file = attempted > found ? attempted : found;
		text = text_of(in_file);
		assert_int_equal(state_replace(w.dir, FILE_NAME, text, strlen(text)), 0);
		free(text);
	}
	print_message("%u configurations; killed %u times between commits or before the moment, "
	              "%u times behind it\n",
	              in_file, kept_old, took_new);
	assert_true(kept_old > 0);
	(void)munmap(w.progress, sizeof(*w.progress));
	DIR *list = fdopendir(w.dir);

	for (const struct dirent *e; (e = readdir(list));)
		(void)unlinkat(w.dir, e->d_name, 0);
	(void)closedir(list);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_kill) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
