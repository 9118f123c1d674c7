/* SPDX-License-Identifier: Apache-2.0 */
/* Confirmation and its time, roll-back, restarts, the archive, and what happens when something cannot be
 * written. */
#include "config_world.h"

/* --- confirmation --- */

static void test_confirm(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"hostname tried\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 2);
	assert_runs(w, "tried", 2);
	assert_string_equal(w->file, BASE);
	assert_archive(w, "0 2 unconfirmed alice\n1 1 archived candord\n");
	answer = good_as(w, 1, "alice", OBJECT_GET, RUNNING, NULL);
	assert_i64_equal(doc_int(answer, "confirm_until_ns", -1),
	                 (1766361600 + w->now_s + 300) * NS_PER_S);
	/* Others wait. */
	(void)good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE,
	              "{\"action\":\"edit\",\"lines\":[\"hostname bobs\"]}");
	assert_int_equal(
	        ask_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"commit\"}", &answer),
	        -ESTALE);
	assert_int_equal(ask_as(w, 2, "bob", OBJECT_RUN, RUNNING,
	                        "{\"action\":\"rollback\",\"number\":1}", &answer),
	                 -ESTALE);
	assert_int_equal(
	        ask_as(w, 2, "bob", OBJECT_RUN, RUNNING, "{\"action\":\"reload\"}", &answer),
	        -ESTALE);
	w->now_s += 299;
	config_service_tick(w->s);
	assert_runs(w, "tried", 2);
	answer = good_as(w, 1, "alice", OBJECT_RUN, RUNNING, "{\"action\":\"confirm\"}");
	assert_int_equal(doc_int(answer, "generation", -1), 2);
	assert_string_equal(w->file, "hostname tried\nip sla 1\n icmp-echo 192.0.2.1\n");
	w->now_s += 1000;
	config_service_tick(w->s);
	assert_runs(w, "tried", 2);
	assert_archive(w, "0 2 running alice\n1 1 archived candord\n");
	(void)good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"commit\"}");
	assert_runs(w, "bobs", 3);
}

static void test_not_confirmed(void **state)
{
	struct world *w = *state;

	(void)edit(w, "\"hostname tried\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":1"), 2);
	w->now_s += 60;
	config_service_tick(w->s);
	assert_runs(w, "edge", 1);
	assert_string_equal(w->file, BASE);
	assert_int_equal(w->saves, 0);
	assert_archive(w, "0 1 running candord\n1 2 rolled back alice\n");
	assert_string_equal(w->changes, "edit 1 alice\ncommit 2 alice\nrollback 1 candord\n");
	/* Its number is not given again, and those before it count first. */
	(void)edit(w, "\"hostname third\"");
	assert_int_equal(commit(w, ""), 3);
	assert_archive(w, "0 3 running alice\n1 1 archived candord\n2 2 rolled back alice\n");
	restart(w);
	assert_runs(w, "third", 3);
	assert_archive(w, "0 3 running alice\n1 1 archived candord\n2 2 rolled back alice\n");
}

static void test_restart_while_pending(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"hostname tried\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 2);
	w->changes[0] = '\0';
	restart(w);
	assert_runs(w, "edge", 1);
	assert_string_equal(w->changes, "rollback 0 candord\n");
	assert_archive(w, "0 1 running candord\n1 2 rolled back alice\n");
	assert_int_equal(run(w, RUNNING, "{\"action\":\"confirm\"}", &answer), -ESTALE);
	restart(w); /* the mark is gone */
	assert_archive(w, "0 1 running candord\n1 2 rolled back alice\n");
	assert_int_equal(run(w, RUNNING, "{\"action\":\"rollback\",\"number\":1}", &answer), 0);
	assert_runs(w, "tried", 3);
}

/* A further commit of the same name confirms, as one commit with what it brings. */
static void test_commit_confirms(void **state)
{
	struct world *w = *state;

	(void)edit(w, "\"hostname tried\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 2);
	(void)edit(w, "\"ip sla 2\",\"icmp-echo 192.0.2.2\"");
	assert_int_equal(commit(w, ""), 3);
	w->now_s += 1000;
	config_service_tick(w->s);
	assert_runs(w, "tried", 3);
	assert_archive(w, "0 3 running alice\n1 2 archived alice\n2 1 archived candord\n");
	assert_non_null(strstr(w->file, "hostname tried"));
	/* One that brings nothing new confirms as well. */
	(void)edit(w, "\"hostname again\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 4);
	(void)edit(w, "");
	assert_int_equal(commit(w, ""), 4);
	assert_non_null(strstr(w->file, "hostname again"));
	/* And one that is to be confirmed itself: the way back leads to what was confirmed last. */
	(void)edit(w, "\"hostname five\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 5);
	w->now_s += 290;
	(void)edit(w, "\"hostname six\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 6);
	w->now_s += 290;
	config_service_tick(w->s);
	assert_runs(w, "six", 6);
	w->now_s += 10;
	config_service_tick(w->s);
	assert_runs(w, "again", 4);
	/* Nothing new, but more time. */
	(void)edit(w, "\"hostname seven\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":1"), 7);
	w->now_s += 59;
	(void)edit(w, "");
	assert_int_equal(commit(w, ",\"confirm_minutes\":2"), 7);
	w->now_s += 119;
	config_service_tick(w->s);
	assert_runs(w, "seven", 7);
	w->now_s += 1;
	config_service_tick(w->s);
	assert_runs(w, "again", 4);
}

static void test_confirm_minutes(void **state)
{
	static const char *const bad[] = { "0", "1441", "-1", "\"5\"", "99999999999" };
	struct world *w = *state;
	struct doc *answer;
	char body[80];

	(void)edit(w, "\"hostname tried\"");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		(void)snprintf(body, sizeof(body), "{\"action\":\"commit\",\"confirm_minutes\":%s}",
		               bad[i]);
		assert_int_equal(run(w, CANDIDATE, body, &answer), -EINVAL);
	}
	assert_int_equal(commit(w, ",\"confirm_minutes\":1440"), 2);
}

/* The file is read while a confirmation is pending: it has the old configuration, or another. */
static void test_file_read_while_pending(void **state)
{
	struct world *w = *state;

	(void)edit(w, "\"hostname tried\"");
	assert_int_equal(commit(w, ",\"confirm_minutes\":5"), 2);
	load(w);
	assert_runs(w, "edge", 1);
	w->now_s += 1000;
	config_service_tick(w->s);
	assert_runs(w, "edge", 1);
	assert_archive(w, "0 1 running candord\n1 2 rolled back alice\n");
}

/* --- roll-back and reload --- */

static void test_rollback(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"hostname two\"");
	assert_int_equal(commit(w, ""), 2);
	(void)edit(w, "\"hostname three\"");
	assert_int_equal(commit(w, ""), 3);
	answer = good_as(w, 1, "alice", OBJECT_RUN, RUNNING,
	                 "{\"action\":\"rollback\",\"number\":2}");
	assert_int_equal(doc_int(answer, "generation", -1), 4);
	assert_runs(w, "edge", 4);
	assert_string_equal(w->file, BASE);
	assert_archive(w, "0 4 running alice\n1 3 archived alice\n2 2 archived alice\n3 1 archived "
	                  "candord\n");
	assert_int_equal(run(w, RUNNING, "{\"action\":\"rollback\",\"number\":9}", &answer),
	                 -ENOENT);
	assert_int_equal(run(w, RUNNING, "{\"action\":\"rollback\",\"number\":0}", &answer),
	                 -EINVAL);
	assert_int_equal(run(w, RUNNING, "{\"action\":\"rollback\"}", &answer), -EINVAL);
	assert_int_equal(run(w, RUNNING,
	                     "{\"action\":\"rollback\",\"number\":1,\"confirm_minutes\":1}",
	                     &answer),
	                 0);
	assert_runs(w, "three", 5);
	w->now_s += 60;
	config_service_tick(w->s);
	assert_runs(w, "edge", 4);
}

static void test_reload(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	free(w->file);
	w->file = strdup("! by hand\nhostname hand\n");
	answer = good_as(w, 1, "alice", OBJECT_RUN, RUNNING, "{\"action\":\"reload\"}");
	assert_int_equal(doc_int(answer, "generation", -1), 2);
	assert_runs(w, "hand", 2);
	assert_archive(w, "0 2 running candord\n1 1 archived candord\n");
	/* The same text is the same generation. */
	(void)good_as(w, 1, "alice", OBJECT_RUN, RUNNING, "{\"action\":\"reload\"}");
	assert_runs(w, "hand", 2);
	restart(w);
	assert_runs(w, "hand", 2);
}

/* Numbers go on over restarts, and the oldest configurations go. */
static void test_archive_is_bounded(void **state)
{
	struct world *w = *state;
	struct doc *answer;
	char line[64];

	for (unsigned i = 2; i <= 60; i++) {
		(void)snprintf(line, sizeof(line), "\"hostname n%u\"", i);
		(void)edit(w, line);
		assert_int_equal(commit(w, ""), i);
		if (i % 20 == 0)
			restart(w);
	}
	answer = good_as(w, 1, "alice", OBJECT_LIST, "config/archive", NULL);
	assert_int_equal(doc_get(answer, "items")->count, 1 + ARCHIVE_KEPT);
	assert_int_equal(doc_get(answer, "next")->kind, DOC_NULL);
	answer = good_as(w, 1, "alice", OBJECT_LIST, "config/archive", "{\"limit\":7,\"after\":3}");
	assert_int_equal(doc_get(answer, "items")->count, 7);
	assert_int_equal(doc_int(answer, "next", -1), 10);
	answer = good_as(w, 1, "alice", OBJECT_GET, "config/archive/50", NULL);
	assert_int_equal(doc_int(answer, "generation", -1), 10);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_GET, "config/archive/51", NULL, &answer),
	                 -ENOENT);
	DIR *list = opendir(w->folder);
	unsigned files = 0;

	for (const struct dirent *e; (e = readdir(list));)
		files += e->d_name[0] != '.';
	(void)closedir(list);
	assert_int_equal(files, 1 + 1 + ARCHIVE_KEPT);
}

/* --- what cannot be written --- */

static void test_save_fails(void **state)
{
	static const int errors[] = { -ESTALE, -ENOSPC, -EIO, -ETIMEDOUT };
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"hostname never\"");
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		w->save_rc = errors[i];
		assert_int_equal(run(w, CANDIDATE, "{\"action\":\"commit\"}", &answer), errors[i]);
		assert_runs(w, "edge", 1);
		assert_archive(w, "0 1 running candord\n");
	}
	assert_int_equal(w->applies, 0);
	w->save_rc = 0;
	(void)commit(w, "");
	/* A confirmation that cannot be written is none, and the time goes on. */
	(void)edit(w, "\"hostname tried\"");
	(void)commit(w, ",\"confirm_minutes\":1");
	w->save_rc = -ESTALE;
	assert_int_equal(run(w, RUNNING, "{\"action\":\"confirm\"}", &answer), -ESTALE);
	w->now_s += 60;
	config_service_tick(w->s);
	assert_string_equal(w->applied->hostname, "never");
}

static void test_state_fails(void **state)
{
	struct world *w = *state;
	struct doc *answer;
	int dir = w->s->archive.dir;

	(void)edit(w, "\"hostname never\"");
	w->s->archive.dir = w->dir + 1000; /* no such descriptor */
	assert_int_equal(run(w, CANDIDATE, "{\"action\":\"commit\"}", &answer), -EBADF);
	assert_int_equal(
	        run(w, CANDIDATE, "{\"action\":\"commit\",\"confirm_minutes\":5}", &answer),
	        -EBADF);
	assert_runs(w, "edge", 1);
	assert_int_equal(w->applies + w->saves, 0);
	w->s->archive.dir = dir;
	assert_archive(w, "0 1 running candord\n");
	/* The way back needs nothing to be written. */
	(void)commit(w, ",\"confirm_minutes\":1");
	w->s->archive.dir = w->dir + 1000;
	w->now_s += 60;
	config_service_tick(w->s);
	assert_runs(w, "edge", 1);
	w->s->archive.dir = dir;
	restart(w);
	assert_archive(w, "0 1 running candord\n1 2 rolled back alice\n");
}

static void test_damaged_archive(void **state)
{
	static const char *const texts[] = { "", "x", "candor archive 1 5\n7 0 0 0\ta\tb\tc\n",
		                             "candor archive 1 5\n2 9 0 0\ta\tb\tc\n",
		                             "candor archive 1 5\nfrob\n" };
	struct world *w = *state;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		int fd = openat(w->dir, "archive", O_WRONLY | O_TRUNC | O_CLOEXEC);

		assert_int_equal(write(fd, texts[i], strlen(texts[i])), strlen(texts[i]));
		assert_int_equal(close(fd), 0);
		restart(w);
		assert_string_equal(w->applied->hostname, "edge");
		assert_true(config_service_generation(w->s) >= 1);
	}
}

/* Without a folder: commits, but nothing to go back to. */
static void test_no_state_folder(void **state)
{
	struct world *w = *state;
	struct doc *answer;
	int dir = w->dir;

	w->dir = -1;
	restart(w);
	(void)edit(w, "\"hostname two\"");
	assert_int_equal(commit(w, ""), 2);
	assert_runs(w, "two", 2);
	assert_int_equal(run(w, RUNNING, "{\"action\":\"rollback\",\"number\":1}", &answer),
	                 -ENOENT);
	(void)edit(w, "\"hostname three\"");
	assert_int_equal(
	        run(w, CANDIDATE, "{\"action\":\"commit\",\"confirm_minutes\":5}", &answer),
	        -ENOSPC);
	w->dir = dir;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_confirm),         T(test_not_confirmed),   T(test_restart_while_pending),
		T(test_commit_confirms), T(test_confirm_minutes), T(test_file_read_while_pending),
		T(test_rollback),        T(test_reload),          T(test_archive_is_bounded),
		T(test_save_fails),      T(test_state_fails),     T(test_damaged_archive),
		T(test_no_state_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
