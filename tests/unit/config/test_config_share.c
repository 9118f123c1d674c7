/* SPDX-License-Identifier: Apache-2.0 */
/* Generations share what is equal: a change of one line among 10,000 operations costs one operation. */
#include "config/op_conf.h"
#include "t_config.h"

#include <malloc.h>

#define OPS     10000
#define CHANGED 5000
/* One operation, and how it breaks the heap into pieces. */
#define ALLOWED_OCTETS (16 * 1024)
#define ARENA_OCTETS   (64 * 1024) /* of a configuration, whatever is in it */

static char *text_of(const char *tag)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	assert_non_null(f);
	for (unsigned i = 1; i <= OPS; i++) {
		(void)fprintf(f,
		              "ip sla %u\n udp-echo 192.0.2.1 7\n  tag %s%u\n  owner somebody of "
		              "the net\n",
		              i, i == CHANGED ? tag : "site-", i);
		(void)fprintf(f, "ip sla schedule %u life forever start-time now\n", i);
	}
	assert_int_equal(fclose(f), 0);
	return text;
}

/* 0: this allocator does not tell (a sanitizer's). */
static size_t heap_octets(void)
{
	struct mallinfo2 info = mallinfo2();

	return info.uordblks + info.hblkhd;
}

static void one_change_costs_one_operation(void **state)
{
	char *before = text_of("site-"), *after = text_of("other-");
	size_t start = heap_octets();
	struct config *old = t_good(before), *new;
	size_t one = heap_octets();
	uint32_t shared = 0;

	(void)state;
	new = t_good(after);
	size_t two = heap_octets();

	config_share(new, old);
	for (uint32_t i = 0; i < OPS; i++)
		shared += new->ops[i] == old->ops[i];
	assert_int_equal(shared, OPS - 1);
	assert_string_equal(new->ops[CHANGED - 1]->tag, "other-5000");
	assert_string_equal(old->ops[CHANGED - 1]->tag, "site-5000");
	size_t both = heap_octets();

	config_free(old);
	size_t end = heap_octets();

	print_message("octets: a generation %zu (%zu an operation), two apart %zu, shared %zu, the "
	              "new one alone %zu\n",
	              one - start, (one - start) / OPS, two - start, both - start, end - start);
	if (start > 0) {
		/* Only the table of pointers exists twice while both live. */
		assert_in_range(both - one, 0,
		                OPS * sizeof(void *) + ARENA_OCTETS + ALLOWED_OCTETS);
		assert_in_range(end, 0, one + ALLOWED_OCTETS);
	}
	assert_string_equal(new->ops[0]->tag, "site-1"); /* it stays */
	assert_string_equal(new->ops[OPS - 1]->owner, "somebody of the net");
	config_free(new);
	free(before);
	free(after);
}

/* Whatever can be set makes another object; the line where it stands does not. */
static void every_setting_counts(void **state)
{
	static const char base[] = "ip sla 1\n icmp-echo 192.0.2.1\n";
	static const char *const others[] = {
		"ip sla 2\n icmp-echo 192.0.2.1\n",
		"ip sla 1\n icmp-echo 192.0.2.2\n",
		"ip sla 1\n icmp-echo host.example\n",
		"ip sla 1\n icmp-echo 192.0.2.1\n  tag a\n",
		"ip sla 1\n icmp-echo 192.0.2.1\n  owner a\n",
		"ip sla 1\n icmp-echo 192.0.2.1\n  frequency 10\n",
		"ip sla 1\n icmp-echo 192.0.2.1\n  history lives-kept 1\n",
		"ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 life forever start-time now\n",
	};
	struct config *a = t_good(base),
	              *same = t_good("hostname x\nip sla 1\n icmp-echo 192.0.2.1\n");

	(void)state;
	assert_true(op_conf_equal(a->ops[0], same->ops[0]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		struct config *b = t_good(others[i]);

		assert_false(op_conf_equal(a->ops[0], b->ops[0]));
		config_share(b, a);
		assert_ptr_not_equal(b->ops[0], a->ops[0]);
		config_free(b);
	}
	config_free(a);
	config_free(same);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_change_costs_one_operation),
		cmocka_unit_test(every_setting_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
