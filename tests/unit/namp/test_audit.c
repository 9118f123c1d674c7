/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log: what is entered, what is left out of it, and that nothing happens without it. */
#include "namp/audit.h"

#include "namp/audit_text.h"
#include "state_folder.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

static struct arena arena;
static char answer[1 << 20];

static wall_t get_now(void *ctx)
{
	(void)ctx;
	return (wall_t) { INT64_C(1800000000) * NS_PER_S };
}

static int64_t boot_s;

static boot_t get_boot(void *ctx)
{
	(void)ctx;
	return (boot_t) { boot_s * NS_PER_S };
}

static struct audit *open_kib(const struct folder *f, uint32_t log_kib)
{
	const struct audit_cfg cfg = {
		.state_dir = f->fd, .log_kib = log_kib, .now = get_now, .boot = get_boot
	};
	struct audit *t = NULL;
	struct diag d = { 0 };

	if (audit_new(&cfg, &t, &d) < 0)
		print_error("%s\n", d.text);
	assert_non_null(t);
	return t;
}

static int teardown(void **state)
{
	arena_free(&arena);
	return folder_teardown(state);
}

/* A request with a body in JSON with ' for ". */
static struct object_request request(enum object_verb verb, const char *path, const char *body)
{
	static uint64_t ticket;
	struct object_request q = { .verb = verb, .path = path, .ticket = ++ticket };
	struct doc *parsed = NULL;
	struct diag d;

	q.caller = (struct object_caller) { ROLE_OPERATOR, "alice", "192.0.2.7:4000", 3 };
	if (body) {
		char *text = arena_strdup(&arena, body);

		for (char *p = text; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		assert_int_equal(doc_parse_json(&arena, text, strlen(text), &parsed, &d), 0);
		q.body = parsed;
	}
	return q;
}

static const char *list(struct audit *t, const char *body)
{
	struct object_request q = request(OBJECT_LIST, "audit", body);
	struct doc *d = NULL;
	struct diag diag = { 0 };
	FILE *to = fmemopen(answer, sizeof(answer), "w");

	assert_int_equal(audit_handle(t, &q, &arena, &d, &diag), 0);
	assert_non_null(to);
	assert_int_equal(doc_write_json(d, to, 0), 0);
	assert_int_equal(fclose(to), 0);
	return answer;
}

#define assert_has(text, part)                                                \
	do {                                                                  \
		const char *text_ = (text);                                   \
		if (!strstr(text_, (part))) {                                 \
			print_error("\"%s\" is not in: %s\n", (part), text_); \
			_fail(__FILE__, __LINE__);                            \
		}                                                             \
	} while (0)

static void attempt(struct audit *t, struct object_request q, int outcome)
{
	struct diag d;

	assert_int_equal(audit_begin(t, &q, &d), 0);
	assert_int_equal(audit_end(t, q.ticket, outcome, &d), 0);
}

/* Who may change nothing cannot push out what others have changed. */
static void test_budget(void **state)
{
	struct audit *t = open_kib(*state, 0);
	struct object_request refused = request(OBJECT_DELETE, "config/candidate", NULL);
	struct object_request other = refused, good = request(OBJECT_RUN, "alarm", NULL);

	refused.caller.role = ROLE_VIEWER;
	refused.caller.name = "mallory";
	boot_s = 1000;
	for (unsigned i = 0; i < AUDIT_BUDGET + 40; i++)
		attempt(t, refused, -EACCES);
	audit_session(t, &refused.caller, true, 200);
	attempt(t, other, -EACCES); /* of another name */
	assert_has(list(t, "{'limit':1000}"), "\"number\": 61}");
	assert_null(strstr(answer, "\"number\": 62}"));
	assert_has(answer, "\"left_out\": 41");
	for (unsigned i = 0; i < 2 * AUDIT_BUDGET; i++) /* changes are entered always */
		attempt(t, good, 0);
	assert_has(list(t, "{'limit':1000}"), "\"number\": 181}");
	boot_s += 3600 / (int)AUDIT_BUDGET;
	attempt(t, refused, -EACCES);
	attempt(t, refused, -EACCES);
	assert_has(list(t, "{'limit':1000}"), "\"number\": 182}");
	assert_null(strstr(answer, "\"number\": 183}"));
	audit_free(t);
}

static void test_changes_are_entered(void **state)
{
	struct audit *t = open_kib(*state, 0);
	struct object_request one = request(OBJECT_RUN, "alarm",
	                                    "{'action':'raise','name':'n','severity':'minor',"
	                                    "'text':'it \\u001b burns'}"),
	                      two = request(OBJECT_DELETE, "namp/session/7", NULL);
	struct diag d;

	/* Two under way at once; they end in another order. */
	assert_int_equal(audit_begin(t, &one, &d), 0);
	assert_int_equal(audit_begin(t, &two, &d), 0);
	assert_non_null(strstr(list(t, NULL), "\"items\": []"));
	assert_int_equal(audit_end(t, two.ticket, -EACCES, &d), 0);
	assert_int_equal(audit_end(t, one.ticket, 0, &d), 0);
	assert_int_equal(audit_end(t, one.ticket, 0, &d), 0); /* not under way: nothing */
	audit_session(t, &one.caller, true, 200);
	audit_session(t, &one.caller, false, 403);
	assert_int_equal(audit_flush(t), 0);
	audit_free(t);
	t = open_kib(*state, 0);
	assert_has(list(t, "{'limit':1}"), "\"verb\": \"delete\"");
	assert_has(answer, "\"path\": \"namp/session/7\"");
	assert_has(answer, "\"code\": 403");
	assert_has(answer, "\"next\": 1");
	assert_has(list(t, "{'limit':1,'after':1}"), "\"verb\": \"run\"");
	assert_has(answer, "\"code\": 200");
	assert_has(answer, "\"name\": \"alice\"");
	assert_has(answer, "\"origin\": \"192.0.2.7:4000\"");
	assert_has(answer, "\"role\": \"operator\"");
	assert_has(answer, "\"asked\": \"raise name \\\"n\\\" severity \\\"minor\\\" text \\\"it ? "
	                   "burns\\\"\"");
	assert_has(list(t, "{'limit':1,'after':2}"), "\"asked\": \"begin\"");
	assert_has(list(t, "{'newest':true,'limit':1}"), "\"asked\": \"end\"");
	assert_has(answer, "\"verb\": \"session\"");
	assert_has(answer, "\"dropped\": 0");
	audit_free(t);
}

static void test_no_secrets(void **state)
{
	static const struct {
		enum object_verb verb;
		const char *path, *body, *text;
	} rows[] = {
		{ OBJECT_RUN, "config/candidate",
		  "{'action':'edit','lines':['key 1','key-string s3cret']}", "edit lines (2)" },
		{ OBJECT_SET, "config/candidate", "{'text':'key-string s3cret'}",
		  "text (17 octets)" },
		{ OBJECT_RUN, "config/candidate",
		  "{'action':'commit','comment':'new link','confirm_minutes':5}",
		  "commit comment \"new link\" confirm_minutes 5" },
		{ OBJECT_RUN, "config/running", "{'action':'rollback','number':2}",
		  "rollback number 2" },
		{ OBJECT_SET, "sla/operation/10",
		  "{'lines':['icmp-echo 192.0.2.1'],'schedule':'x'}",
		  "lines (1) schedule (1 octets)" },
		{ OBJECT_RUN, "maintenance",
		  "{'action':'begin','name':'w','start_ns':1800000000000000000,'end_ns':-1,'text':'"
		  "x','scope':['a','b'"
		  "]}",
		  "begin name \"w\" start 2027-01-15T08:00:00Z end_ns -1 text \"x\" scope a,b" },
		{ OBJECT_RUN, "namp", "{'action':'s3cret word','s3cret pass':1,'pin':1234}",
		  "? (number) pin (number)" },
		{ OBJECT_DELETE, "config/candidate", NULL, "" },
		{ OBJECT_RUN, "alarm", "{'name':{'s3cret':1},'text':['s3cret',['s3cret']]}",
		  "name (1) text s3cret,?" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct object_request q = request(rows[i].verb, rows[i].path, rows[i].body);

		assert_string_equal(audit_text(&arena, &q), rows[i].text);
	}
	/* However long a body is. */
	char *body = arena_alloc(&arena, 70000);

	(void)snprintf(body, 70000, "{'action':'notice','text':'%0*d'", 60000, 0);
	for (unsigned i = 0; i < 300; i++)
		(void)snprintf(body + strlen(body), 32, ",'m%u':%u", i, i);
	(void)snprintf(body + strlen(body), 2, "}");
	struct object_request q = request(OBJECT_RUN, "message", body);
	const char *text = audit_text(&arena, &q);

	assert_true(strlen(text) <= AUDIT_TEXT_MAX);
	assert_int_equal(strncmp(text, "notice text \"000", 16), 0);
}

static void test_what_concerns(void **state)
{
	static const struct {
		enum object_verb verb;
		const char *path, *body;
		bool does;
	} rows[] = {
		{ OBJECT_GET, "clock", NULL, false },
		{ OBJECT_LIST, "audit", NULL, false },
		{ OBJECT_WATCH, "alarm", NULL, false },
		{ OBJECT_SET, "sla/operation/1", NULL, true },
		{ OBJECT_DELETE, "sla/operation/1", NULL, true },
		{ OBJECT_RUN, "alarm", "{'action':'clear'}", true },
		{ OBJECT_RUN, "config/candidate", "{'action':'edit'}", true },
		{ OBJECT_RUN, "config/candidate", "{'action':'complete'}", false },
		{ OBJECT_RUN, "config/running", "{'action':'complete'}", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct object_request q = request(rows[i].verb, rows[i].path, rows[i].body);

		assert_int_equal(audit_concerns(&q), rows[i].does);
	}
}

/* What begins before the disk is full ends after it; then nothing begins. */
static void test_full_disk(void **state)
{
	const struct folder *f = *state;
	struct audit *t = open_kib(f, 64);
	uint64_t begun[2000];
	unsigned count = 0, entered = 0;
	struct diag d;
	int rc = 0;

	struct object_request q = request(OBJECT_RUN, "alarm", "{'action':'clear','name':'n'}");

	assert_int_equal(audit_begin(t, &q, &d), 0);
	folder_fill_disk(f);
	assert_int_equal(audit_end(t, q.ticket, 0, &d), 0);
	while (rc == 0 && count < ARRAY_LEN(begun)) {
		q = request(OBJECT_RUN, "alarm", "{'action':'clear','name':'n'}");
		rc = audit_begin(t, &q, &d);
		if (rc == 0)
			begun[count++] = q.ticket;
		for (unsigned i = 0; i < 3; i++)
			audit_session(t, &q.caller, true, 200); /* takes none of their room */
	}
	assert_true(rc == -ENOSPC || rc == -EBUSY);
	assert_true(count > 5 && count < 1000);
	for (unsigned i = 0; i < count; i++)
		entered += audit_end(t, begun[i], 0, &d) == 0;
	assert_int_equal(entered, count);
	do { /* use up what is left */
		q = request(OBJECT_RUN, "alarm", "{'action':'clear','name':'n'}");
		rc = audit_begin(t, &q, &d);
		if (rc == 0) {
			assert_int_equal(audit_end(t, q.ticket, 0, &d), 0);
			entered++;
		}
		assert_true(entered < 2000);
	} while (rc == 0);
	assert_int_equal(rc, -ENOSPC);
	assert_non_null(strstr(d.text, "no room"));
	folder_empty_disk(f);
	assert_int_equal(audit_begin(t, &q, &d), 0);
	assert_int_equal(audit_end(t, q.ticket, -ENOENT, &d), 0);
	assert_has(list(t, "{'newest':true,'limit':1}"), "\"code\": 404");
	audit_free(t);
}

static void test_rotation_says_how_many_went(void **state)
{
	struct audit *t = open_kib(*state, 64);
	struct diag d;

	for (unsigned i = 0; i < 1000; i++) {
		struct object_request q =
		        request(OBJECT_RUN, "sla/statistics", "{'action':'clear'}");

		assert_int_equal(audit_begin(t, &q, &d), 0);
		assert_int_equal(audit_end(t, q.ticket, 0, &d), 0);
	}
	assert_has(list(t, "{'newest':true,'limit':1}"), "\"number\": 1000");
	assert_null(strstr(answer, "\"dropped\": 0"));
	int64_t dropped = strtoll(strstr(answer, "\"dropped\": ") + 11, NULL, 10);

	assert_true(dropped > 100 && dropped < 1000);
	char first[32];

	(void)snprintf(first, sizeof(first), "\"number\": %" PRId64 "}", dropped + 1);
	assert_has(list(t, "{'limit':1}"), first);
	audit_free(t);
}

/* Killed at any moment: every change whose end was told is there. */
static void change_until_killed(const struct folder *f, volatile uint64_t *told)
{
	struct audit *t = open_kib(f, 64);
	struct diag d;

	for (;;) {
		struct object_request q =
		        request(OBJECT_RUN, "alarm", "{'action':'clear','name':'n'}");

		if (audit_begin(t, &q, &d) < 0 || audit_end(t, q.ticket, 0, &d) < 0)
			_exit(1);
		++*told;
	}
}

static void test_killed(void **state)
{
	volatile uint64_t *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
	                               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t random = t_seed(0xa0d17);

	assert_ptr_not_equal(told, MAP_FAILED);
	for (unsigned round = 0; round < 60; round++) {
		struct timespec pause = { .tv_nsec = (long)(t_random(&random) % 3000000) };
		pid_t pid = fork();
		int status;

		assert_true(pid >= 0);
		if (pid == 0)
			change_until_killed(*state, told);
		(void)nanosleep(&pause, NULL);
		(void)kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		struct audit *t = open_kib(*state, 64);
		const char *number = strstr(list(t, "{'newest':true,'limit':1}"), "\"number\": ");
		uint64_t last = number ? strtoull(number + 10, NULL, 10) : 0;

		assert_true(last >= *told);
		*told = last;
		assert_has(answer, "\"damaged\": 0");
		audit_free(t);
	}
	(void)munmap((void *)(uintptr_t)told, sizeof(*told));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes_are_entered, folder_setup, teardown),
		cmocka_unit_test_setup_teardown(test_budget, folder_setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_secrets, folder_setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_concerns, folder_setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, folder_setup_disk, teardown),
		cmocka_unit_test_setup_teardown(test_rotation_says_how_many_went, folder_setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_killed, folder_setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
