/* SPDX-License-Identifier: Apache-2.0 */
/* Candidates and commits: editing, checks of the whole, two editors, sessions, secrets, operations in one step. */
#include "config_world.h"

/* --- commit --- */

static void test_commit(void **state)
{
	struct world *w = *state;
	struct doc *answer = edit(w, "\"hostname core\",\"ip sla 2\",\"icmp-echo 192.0.2.2\"");

	assert_string_equal(doc_text(answer, "mode", ""), "config-ip-sla-echo");
	assert_int_equal(doc_int(answer, "accepted", -1), 3);
	assert_int_equal(doc_int(answer, "base", -1), 1);
	assert_runs(w, "edge", 1);
	assert_int_equal(commit(w, ",\"comment\":\"a name\\tand more\""), 2);
	assert_runs(w, "core", 2);
	assert_int_equal(w->applied->op_count, 2);
	assert_string_equal(w->file, "hostname core\nip sla 1\n icmp-echo 192.0.2.1\nip sla 2\n "
	                             "icmp-echo 192.0.2.2\n");
	assert_archive(w, "0 2 running alice\n1 1 archived candord\n");
	assert_string_equal(w->changes, "edit 1 alice\ncommit 2 alice\n");
	/* The candidate ended with the commit. */
	assert_int_equal(run(w, CANDIDATE, "{\"action\":\"commit\"}", &answer), -ENOENT);
	answer = good_as(w, 1, "alice", OBJECT_GET, "config/archive/1", NULL);
	assert_string_equal(doc_text(answer, "text", ""), BASE);
	answer = good_as(w, 1, "alice", OBJECT_GET, RUNNING, NULL);
	assert_string_equal(doc_text(answer, "comment", ""), "a name?and more");
	assert_string_equal(doc_text(answer, "who", ""), "alice");
	assert_int_equal(doc_int(answer, "generation", -1), 2);
	/* What runs already is no new configuration. */
	(void)edit(w, "\"hostname core\"");
	assert_int_equal(commit(w, ""), 2);
	assert_int_equal(w->saves, 1);
}

static void test_edit(void **state)
{
	struct world *w = *state;
	struct doc *answer = good_as(w, 1, "alice", OBJECT_RUN, CANDIDATE,
	                             "{\"action\":\"edit\",\"lines\":[\"ip sla 1\",\"frequency x\","
	                             "\"hostname never\"]}");
	const struct doc *error = doc_get(answer, "error");

	assert_int_equal(doc_int(answer, "accepted", -1), 1);
	assert_int_equal(doc_int(error, "index", -1), 1);
	assert_int_equal(doc_int(error, "column", -1), 11);
	assert_non_null(strstr(doc_text(error, "text", ""), "from 1 to 604800"));
	(void)edit(w, "\"frequency 90\"");
	answer = good_as(w, 1, "alice", OBJECT_GET, CANDIDATE, NULL);
	assert_string_equal(doc_text(answer, "text", ""), BASE " frequency 90\n");
	assert_int_equal(doc_int(answer, "lines", -1), 2);
	answer = good_as(w, 1, "alice", OBJECT_GET, "config/diff", NULL);
	assert_string_equal(doc_text(answer, "text", ""),
	                    "@@ -1,3 +1,4 @@\n hostname edge\n ip sla 1\n  icmp-echo 192.0.2.1\n"
	                    "+ frequency 90\n");
	answer = good_as(w, 1, "alice", OBJECT_RUN, CANDIDATE,
	                 "{\"action\":\"complete\",\"line\":\"freq\"}");
	assert_int_equal(doc_get(answer, "words")->count, 1);
	assert_string_equal(doc_text(&doc_first(doc_get(answer, "words"))->value, "word", ""),
	                    "frequency");
	(void)good_as(w, 1, "alice", OBJECT_DELETE, CANDIDATE, NULL);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_GET, CANDIDATE, NULL, &answer), -ENOENT);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_GET, "config/diff", NULL, &answer), -ENOENT);
	assert_int_equal(run(w, CANDIDATE, "{\"action\":\"frob\"}", &answer), -EINVAL);
	assert_int_equal(run(w, CANDIDATE, "{\"action\":\"edit\",\"lines\":7}", &answer), -EINVAL);
	assert_int_equal(run(w, RUNNING, "{\"action\":\"confirm\"}", &answer), -ESTALE);
}

static void test_whole_is_checked(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"ip sla 5\",\"exit\",\"ip sla key-chain NONE\"");
	assert_int_equal(run(w, CANDIDATE, "{\"action\":\"commit\"}", &answer), -EILSEQ);
	assert_int_equal(doc_get(answer, "errors")->count, 2);
	assert_int_equal(doc_int(&doc_first(doc_get(answer, "errors"))->value, "line", -1), 1);
	assert_runs(w, "edge", 1);
	/* The candidate is still there to be mended. */
	(void)edit(w, "\"no ip sla key-chain\",\"no ip sla 5\",\"hostname mended\"");
	assert_int_equal(commit(w, ""), 2);
}

static void test_set_whole(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	assert_int_equal(ask_as(w, 1, "alice", OBJECT_SET, CANDIDATE,
	                        "{\"text\":\"hostname a b\\nfrob\\n\"}", &answer),
	                 -EILSEQ);
	assert_int_equal(doc_get(answer, "errors")->count, 2);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_SET, CANDIDATE, "{}", &answer), -EINVAL);
	(void)good_as(w, 1, "alice", OBJECT_SET, CANDIDATE, "{\"text\":\"host whole\\n\"}");
	assert_int_equal(commit(w, ""), 2);
	assert_string_equal(w->file, "hostname whole\n");
}

static void test_secrets(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"key chain K\",\"key 1\",\"key-string open sesame\"");
	assert_int_equal(commit(w, ""), 2);
	assert_non_null(strstr(w->file, "open sesame"));
	(void)edit(w, "\"key chain K\",\"key 1\",\"key-string closed sesame\"");
	const char *const paths[] = { CANDIDATE, RUNNING, "config/archive/0", "config/diff" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		answer = good_as(w, 1, "alice", OBJECT_GET, paths[i], NULL);
		assert_null(strstr(doc_text(answer, "text", ""), "sesame"));
		assert_non_null(strstr(doc_text(answer, "text", ""), "<hidden>"));
	}
	answer = good_as(w, 1, "alice", OBJECT_GET, "config/diff", NULL);
	assert_non_null(strstr(doc_text(answer, "text", ""), "+  key-string <hidden> (changed)\n"));
}

/* --- two editors --- */

static void test_two_editors(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)edit(w, "\"hostname alices\"");
	answer = good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE,
	                 "{\"action\":\"edit\",\"lines\":[\"ip sla 9\",\"icmp-echo 192.0.2.9\"]}");
	const struct doc_member *other = doc_first(doc_get(answer, "editors"));

	assert_non_null(other);
	assert_string_equal(doc_text(&other->value, "who", ""), "alice");
	assert_int_equal(doc_int(&other->value, "session", -1), 1);
	answer = edit(w, "");
	assert_string_equal(doc_text(&doc_first(doc_get(answer, "editors"))->value, "who", ""),
	                    "bob");
	assert_int_equal(commit(w, ""), 2);
	assert_int_equal(
	        ask_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"commit\"}", &answer),
	        -ESTALE);
	answer = good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"rebase\"}");
	assert_int_equal(doc_int(answer, "base", -1), 2);
	assert_int_equal(doc_get(answer, "error")->kind, DOC_NULL);
	answer = good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"commit\"}");
	assert_int_equal(doc_int(answer, "generation", -1), 3);
	assert_runs(w, "alices", 3);
	assert_int_equal(w->applied->op_count, 2);
	assert_string_equal(w->changes, "edit 1 alice\nedit 1 bob\ncommit 2 alice\ncommit 3 bob\n");
}

/* A line that fits no more changes nothing, and says which it is. */
static void test_rebase_that_fails(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	(void)good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE,
	              "{\"action\":\"edit\",\"lines\":[\"hostname bobs\",\"no ip sla 1\"]}");
	(void)edit(w, "\"no ip sla 1\"");
	assert_int_equal(commit(w, ""), 2);
	answer = good_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"rebase\"}");
	assert_int_equal(doc_int(doc_get(answer, "error"), "index", -1), 1);
	assert_int_equal(doc_int(answer, "base", -1), 1);
	assert_int_equal(
	        ask_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"commit\"}", &answer),
	        -ESTALE);
	/* A whole text would take back what others did. */
	(void)good_as(w, 2, "bob", OBJECT_SET, CANDIDATE, "{\"text\":\"hostname x\\n\"}");
	assert_int_equal(
	        ask_as(w, 2, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"rebase\"}", &answer),
	        -ESTALE);
}

static void test_sessions(void **state)
{
	struct world *w = *state;
	struct doc *answer;

	for (uint64_t i = 1; i <= CONFIG_CANDIDATES_MAX; i++)
		(void)good_as(w, i, "alice", OBJECT_RUN, CANDIDATE, "{\"action\":\"edit\"}");
	assert_int_equal(
	        ask_as(w, 99, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"edit\"}", &answer),
	        -EDQUOT);
	config_service_session_ended(w->s, 5);
	config_service_session_ended(w->s, 5555);
	(void)good_as(w, 99, "bob", OBJECT_RUN, CANDIDATE, "{\"action\":\"edit\"}");
	assert_int_equal(ask_as(w, 5, "alice", OBJECT_GET, CANDIDATE, NULL, &answer), -ENOENT);
}

/* --- one operation in one step --- */

static void test_operation(void **state)
{
	struct world *w = *state;
	struct doc *answer = good_as(w, 1, "alice", OBJECT_SET, "sla/operation/7",
	                             "{\"lines\":[\"udp-echo 192.0.2.7 7\",\"frequency 30\"],"
	                             "\"schedule\":\"life forever start-time now\"}");

	assert_int_equal(doc_int(answer, "generation", -1), 2);
	assert_string_equal(w->file, BASE "ip sla 7\n udp-echo 192.0.2.7 7\n frequency 30\n"
	                                  "ip sla schedule 7 life forever start-time now\n");
	/* Edited. */
	(void)good_as(w, 1, "alice", OBJECT_SET, "sla/operation/7", "{\"lines\":[\"tag x\"]}");
	assert_string_equal(w->file, BASE "ip sla 7\n udp-echo 192.0.2.7 7\n frequency 30\n tag x\n"
	                                  "ip sla schedule 7 life forever start-time now\n");
	/* Replaced; the schedule stays. */
	(void)good_as(w, 1, "alice", OBJECT_SET, "sla/operation/7",
	              "{\"lines\":[\"icmp-echo 192.0.2.8\"]}");
	assert_string_equal(w->file, BASE "ip sla 7\n icmp-echo 192.0.2.8\n"
	                                  "ip sla schedule 7 life forever start-time now\n");
	(void)good_as(w, 1, "alice", OBJECT_SET, "sla/operation/7", "{\"schedule\":\"life 5\"}");
	assert_non_null(strstr(w->file, "ip sla schedule 7 life 5\n"));
	static const char *const bad[] = {
		"{\"lines\":[\"icmp-echo 192.0.2.8\",\"exit\",\"hostname x\"]}",
		"{\"lines\":[\"ip sla 8\",\"icmp-echo 192.0.2.8\"]}",
		"{\"lines\":[\"tag a\",\"ip sla responder\"]}",
		"{\"lines\":[5]}",
		"{\"lines\":5}",
		"{}",
	};
	char *before = strdup(w->file);

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
		        ask_as(w, 1, "alice", OBJECT_SET, "sla/operation/7", bad[i], &answer),
		        -EINVAL);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_SET, "sla/operation/7",
	                        "{\"lines\":[\"tag x\",\"frequency y\"]}", &answer),
	                 -EILSEQ);
	assert_int_equal(doc_int(&doc_first(doc_get(answer, "errors"))->value, "line", -1), 2);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_SET, "sla/operation/8",
	                        "{\"lines\":[\"frequency 5\"]}", &answer),
	                 -EILSEQ);
	assert_string_equal(before, w->file);
	free(before);
	(void)good_as(w, 1, "alice", OBJECT_DELETE, "sla/operation/7", NULL);
	assert_string_equal(w->file, BASE);
	assert_int_equal(ask_as(w, 1, "alice", OBJECT_DELETE, "sla/operation/7", NULL, &answer),
	                 -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_commit),
		T(test_edit),
		T(test_whole_is_checked),
		T(test_set_whole),
		T(test_secrets),
		T(test_two_editors),
		T(test_rebase_that_fails),
		T(test_sessions),
		T(test_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
