/* SPDX-License-Identifier: Apache-2.0 */
/* Differences: as people know them, without keys, right for any texts and fast for large ones. */
#include "config/text_diff.h"

#include "base/cleanup.h"
#include "t.h"

#include <time.h>

static char *diff(const char *from, const char *to)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_int_equal(text_diff_write(from, strlen(from), to, strlen(to), out), 0);
	assert_int_equal(fclose(out), 0);
	return text;
}

struct diff_case {
	const char *name, *from, *to, *expected;
};

static const struct diff_case cases[] = {
	{ "nothing", "a\nb\n", "a\nb\n", "" },
	{ "both empty", "", "", "" },
	{ "from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n" },
	{ "to nothing", "a\n", "", "@@ -1,1 +0,0 @@\n-a\n" },
	{ "a setting",
	  "hostname x\nip sla 1\n icmp-echo 192.0.2.1\n frequency 30\n tag a\n timeout 1\nip sla "
	  "2\n icmp-echo 192.0.2.2\n",
	  "hostname x\nip sla 1\n icmp-echo 192.0.2.1\n frequency 30\n tag b\n timeout 1\nip sla "
	  "2\n icmp-echo 192.0.2.2\n",
	  "@@ -2,7 +2,7 @@\n ip sla 1\n  icmp-echo 192.0.2.1\n  frequency 30\n- tag a\n+ tag b\n"
	  "  timeout 1\n ip sla 2\n  icmp-echo 192.0.2.2\n" },
	{ "the block is named", "ip sla 7\n icmp-echo 192.0.2.1\n a\n b\n c\n d\n e\n",
	  "ip sla 7\n icmp-echo 192.0.2.1\n a\n b\n c\n d\n f\n",
	  "@@ -4,4 +4,4 @@ ip sla 7\n  b\n  c\n  d\n- e\n+ f\n" },
	{ "a block in between", "ip sla 1\n icmp-echo 192.0.2.1\nip sla 3\n icmp-echo 192.0.2.1\n",
	  "ip sla 1\n icmp-echo 192.0.2.1\nip sla 2\n icmp-echo 192.0.2.1\nip sla 3\n icmp-echo "
	  "192.0.2.1\n",
	  "@@ -1,4 +1,6 @@\n ip sla 1\n  icmp-echo 192.0.2.1\n+ip sla 2\n+ icmp-echo 192.0.2.1\n"
	  " ip sla 3\n  icmp-echo 192.0.2.1\n" },
	{ "two hunks", "a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
	  "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n" },
	{ "one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
	  "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n" },
	{ "another key", "key chain K\n key 1\n  key-string alpha\n",
	  "key chain K\n key 1\n  key-string beta\n",
	  "@@ -1,3 +1,3 @@\n key chain K\n  key 1\n-  key-string <hidden>\n+  key-string <hidden> "
	  "(changed)\n" },
	{ "a new key", "key chain K\n key 1\n  key-string alpha\n",
	  "key chain K\n key 1\n  key-string alpha\n key 2\n  key-string beta\n",
	  "@@ -1,3 +1,5 @@\n key chain K\n  key 1\n   key-string <hidden>\n+ key 2\n+  key-string "
	  "<hidden>\n" },
	{ "pre-shared keys",
	  "namp\n psk secret client secret secret 00aa\n psk b client c secret 00bb\n",
	  "namp\n psk secret client secret secret 00ab\n psk b client d secret 00bb\n",
	  "@@ -1,3 +1,3 @@\n namp\n- psk secret client secret secret <hidden>\n- psk b client c "
	  "secret "
	  "<hidden>\n+ psk secret client secret secret <hidden> (changed)\n+ psk b client d secret "
	  "<hidden>\n" },
};

static void test_case(void **state)
{
	const struct diff_case *c = *state;
	char *text = diff(c->from, c->to);

	assert_string_equal(text, c->expected);
	free(text);
}

static void test_hide(void **state)
{
	static const char text[] =
	        "key chain K\n key 1\n  key-string x\n  key-string a secret key\nnamp\n psk a "
	        "client b secret 0011\n tag secret 00\n psk";
	size_t len = 0;
	char *hidden = text_hide_keys(text, strlen(text), &len);

	(void)state;
	assert_true(text_has_keys(text, strlen(text)));
	assert_false(text_has_keys(hidden, 0));
	assert_false(text_has_keys("namp\n tag secret x\n psk\n", 24));
	assert_int_equal(len, strlen(hidden));
	assert_string_equal(
	        hidden, "key chain K\n key 1\n  key-string <hidden>\n  key-string "
	                "<hidden>\nnamp\n psk a client b secret <hidden>\n tag secret 00\n psk");
	free(hidden);
	hidden = text_hide_keys("", 0, &len);
	assert_int_equal(len, 0);
	free(hidden);
}

/* Follow a difference from ``from``: the result must be ``to``. */
static void check_patch(const char *from, const char *to)
{
	char *text = diff(from, to), *made = calloc(strlen(from) + strlen(to) + 2, 1);
	const char *at = text, *rest = from;
	unsigned line = 1;

	assert_non_null(made);
	while (*at) {
		const char *stop = strchr(at, '\n');
		unsigned a = 0, a_count = 0;

		if (*at == '@') {
			assert_int_equal(sscanf(at, "@@ -%u,%u", &a, &a_count), 2);
			for (a += a_count == 0; line < a; line++) {
				size_t n = strcspn(rest, "\n") + 1;

				strncat(made, rest, n);
				rest += n;
			}
		} else if (*at == '+') {
			strncat(made, at + 1, (size_t)(stop - at));
		} else {
			size_t n = strcspn(rest, "\n") + 1;

			assert_int_equal((size_t)(stop - at), n);
			assert_memory_equal(at + 1, rest, n);
			if (*at == ' ')
				strncat(made, rest, n);
			rest += n;
			line++;
		}
		at = stop + 1;
	}
	strncat(made, rest, strlen(from));
	assert_string_equal(made, to);
	free(made);
	free(text);
}

static void test_any_texts(void **state)
{
	uint64_t seed = t_seed(5);

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		char text[2][256] = { "", "" };
		unsigned kinds = 2 + (unsigned)(t_random(&seed) % 12);

		for (unsigned side = 0; side < 2; side++) {
			size_t lines = t_random(&seed) % 40, len = 0;

			for (size_t i = 0; i < lines; i++) {
				text[side][len++] = t_random(&seed) % 3 ? ' ' : 'x';
				text[side][len++] = (char)('a' + t_random(&seed) % kinds);
				text[side][len++] = '\n';
			}
		}
		check_patch(text[0], text[1]);
	}
}

static char *many(unsigned first, unsigned count, unsigned frequency_s)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	for (unsigned i = first; i < first + count; i++)
		(void)fprintf(
		        to,
		        "ip sla %u\n udp-jitter 192.0.2.1 5000 num-packets 100\n frequency %u\n"
		        "ip sla schedule %u life forever start-time now\n",
		        i, frequency_s, i);
	assert_int_equal(fclose(to), 0);
	return text;
}

/* Whatever changed: everything, half of it, all of the same lines in other places. */
static void test_large(void **state)
{
	char *base = many(1, 10000, 30);
	char *others[] = { many(1, 10000, 60), many(20000, 10000, 30), many(5000, 10000, 30) };
	clock_t start = clock();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		char *text = diff(base, others[i]);

		assert_true(strlen(text) > 100000);
		free(text);
		free(others[i]);
	}
	double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;

	print_message("3 differences of 40000 lines in %.3f s of processor time\n", seconds);
	assert_true(seconds < 10); /* sanitizers included */
	free(base);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(cases) + 3] = {
		cmocka_unit_test(test_hide),
		cmocka_unit_test(test_any_texts),
		cmocka_unit_test(test_large),
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		tests[3 + i] = (struct CMUnitTest) { cases[i].name, test_case, NULL, NULL,
			                             (void *)(uintptr_t)&cases[i] };
	return _cmocka_run_group_tests("text diff", tests, ARRAY_LEN(tests), NULL, NULL);
}
