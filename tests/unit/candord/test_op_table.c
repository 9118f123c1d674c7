/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload sends to the engine: only what changed, each thing once, and all of it in the end even
 * where the ring is full. */
#include "candord/messages.h"
#include "candord/op_table.h"
#include "io/channel.h"
#include "io/net_names.h"
#include "t.h"

#include <errno.h>

#define OP(n, target, more)                                                                   \
	"ip sla " n "\n udp-echo " target " 7000 control disable\n" more "ip sla schedule " n \
	" start-time now\n"

struct bench {
	struct op_table table;
	struct channel control, engine;
	struct config *config;
	int64_t wall_ns;
};

static struct config *parse(const char *text)
{
	struct config_errors errors = { 0 };
	struct config *c = NULL;

	if (config_parse(text, strlen(text), &c, &errors) < 0)
		config_errors_print(&errors, "test", stderr);
	assert_non_null(c);
	return c;
}

/* As control does, without a parent to tell. */
static uint16_t number_of(const char *name)
{
	uint16_t number = 0;

	if (name)
		assert_int_equal(net_name_number(name, &number, NULL), 0);
	return number;
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	struct channel_fds fds, copy;

	if (!b || channel_create(&fds) < 0)
		return -1;
	copy = (struct channel_fds) { dup(fds.memory), dup(fds.wake_engine),
		                      dup(fds.wake_control) };
	*state = b;
	b->table.net_name = number_of;
	b->wall_ns = 1000;
	return channel_attach(&b->control, &fds, CHANNEL_CONTROL) < 0 ||
	       channel_attach(&b->engine, &copy, CHANNEL_ENGINE) < 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	op_table_fini(&b->table);
	config_free(b->config);
	channel_close(&b->control);
	channel_close(&b->engine);
	free(b);
	return 0;
}

static void load(struct bench *b, const char *text)
{
	struct config *config = parse(text), *old = b->config;
	struct config_diff diff;

	config_diff_init(&diff, old, config);
	op_table_apply(&b->table, config, &diff, (mono_t) { 0 }, (wall_t) { b->wall_ns });
	config_diff_fini(&diff);
	config_free(old);
	b->config = config;
}

/* What the engine gets, as text: "+10@generation " for a set, "-10 " for a removal. */
static void take(struct bench *b, char *to, size_t cap)
{
	static union {
		struct engine_op_record op;
		uint32_t number;
	} order;
	uint16_t type;

	to[0] = '\0';
	while (channel_receive(&b->engine, &order, sizeof(order), &type) > 0) {
		size_t at = strlen(to);

		assert_true(type == ENGINE_OP_SET || type == ENGINE_OP_REMOVE);
		if (type == ENGINE_OP_SET)
			(void)snprintf(to + at, cap - at, "+%u@%llu ", order.op.set.id.number,
			               (unsigned long long)order.op.set.id.generation);
		else
			(void)snprintf(to + at, cap - at, "-%u ", order.number);
	}
}

static void expect(struct bench *b, const char *want)
{
	char got[512];

	assert_int_equal(op_table_sync(&b->table, &b->control, (wall_t) { b->wall_ns }), 0);
	assert_int_equal(b->table.dirty_count, 0);
	take(b, got, sizeof(got));
	assert_string_equal(got, want);
}

static void test_reload_sends_what_changed(void **state)
{
	struct bench *b = *state;

	load(b, OP("10", "192.0.2.1", "") OP("20", "192.0.2.2", "") OP("30", "192.0.2.3", ""));
	expect(b, "+10@1000 +20@1001 +30@1002 ");
	expect(b, ""); /* nothing twice */
	b->wall_ns = 5000;
	/* 10: label alone; 20: parameters; 30: gone; 40: new */
	load(b, OP("10", "192.0.2.1", " tag x\n")
	                OP("20", "192.0.2.2", " timeout 100\n threshold 50\n")
	                        OP("40", "192.0.2.4", ""));
	expect(b, "-30 +20@1001 +40@5000 ");
	assert_string_equal(op_table_find(&b->table, 10)->entry.conf->tag, "x");
	/* another target is another thing: a new generation, even when the clock went back */
	b->wall_ns = 10;
	load(b, OP("10", "192.0.2.9", "") OP("20", "192.0.2.2", " timeout 100\n threshold 50\n")
	                OP("40", "192.0.2.4", ""));
	expect(b, "+10@5001 ");
	assert_null(op_table_find(&b->table, 30));
}

static void test_change_before_it_was_sent(void **state)
{
	struct bench *b = *state;

	load(b, OP("10", "192.0.2.1", ""));
	load(b, OP("10", "192.0.2.2", ""));
	assert_int_equal(b->table.dirty_count, 1);
	expect(b, "+10@1001 ");
}

static void test_aged_out(void **state)
{
	struct bench *b = *state;

	load(b, OP("10", "192.0.2.1", "") OP("20", "192.0.2.2", ""));
	expect(b, "+10@1000 +20@1001 ");
	op_table_drop(&b->table, 10);
	assert_null(op_table_find(&b->table, 10));
	assert_int_equal(b->table.count, 1);
	assert_ptr_equal(b->table.entries[0], &op_table_find(&b->table, 20)->entry);
	op_table_drop(&b->table, 10); /* twice is once */
	expect(b, "-10 ");            /* or the engine would keep its memory for good */
	expect(b, "");
	op_table_drop(&b->table, 20); /* and back again, changed, before the engine was told */
	b->wall_ns = 9000;
	load(b, OP("10", "192.0.2.1", "") OP("20", "192.0.2.2", " tag again\n"));
	expect(b, "-20 +20@9000 ");
	assert_null(op_table_find(&b->table, 10));
	/* a commit that is about something else brings nobody back */
	load(b, OP("10", "192.0.2.1", "") OP("20", "192.0.2.2", " tag again\n")
	                OP("30", "192.0.2.3", ""));
	expect(b, "+30@9001 ");
	assert_int_equal(b->table.count, 2);
	/* taken out and entered again it is a new one */
	load(b, OP("20", "192.0.2.2", " tag again\n") OP("30", "192.0.2.3", ""));
	load(b, OP("10", "192.0.2.1", "") OP("20", "192.0.2.2", " tag again\n")
	                OP("30", "192.0.2.3", ""));
	expect(b, "+10@9002 ");
}

/* More operations than the ring holds: the rest goes when there is room again, each once. */
static void test_full_ring(void **state)
{
	enum { OPS = 20000 };
	struct bench *b = *state;
	char *text = calloc(OPS, 64);
	size_t len = 0;
	unsigned got = 0, turns = 0;
	int rc = -ENOSPC;

	assert_non_null(text);
	for (unsigned i = 1; i <= OPS; i++)
		len += (size_t)snprintf(text + len, OPS * 64 - len,
		                        "ip sla %u\n icmp-echo 192.0.2.1\n", i);
	load(b, text);
	while (rc == -ENOSPC) {
		static struct engine_op_record op;
		uint16_t type;

		rc = op_table_sync(&b->table, &b->control, (wall_t) { 0 });
		while (channel_receive(&b->engine, &op, sizeof(op), &type) > 0) {
			assert_int_equal(type, ENGINE_OP_SET);
			assert_int_equal(op.set.id.number, ++got);
		}
		turns++;
	}
	assert_int_equal(rc, 0);
	assert_int_equal(got, OPS);
	assert_true(turns > 1);
	free(text);
}

static const struct engine_op_set *sent_set(struct bench *b)
{
	static struct engine_op_record op;
	uint16_t type;

	assert_int_equal(op_table_sync(&b->table, &b->control, (wall_t) { b->wall_ns }), 0);
	assert_true(channel_receive(&b->engine, &op, sizeof(op), &type) > (ssize_t)sizeof(op.set));
	assert_int_equal(type, ENGINE_OP_SET);
	return &op.set;
}

static void test_key_rolls_over(void **state)
{
	struct bench *b = *state;

	/* The second key begins to sign at 00:01 UTC, 2030-01-01. */
	load(b, "key chain k\n key 1\n  key-string one\n key 2\n  key-string two\n"
	        "  send-lifetime 00:01:00 Jan 1 2030 infinite\n"
	        "ip sla key-chain k\n" OP("10", "192.0.2.1", ""));
	b->wall_ns = INT64_C(1893456000) * NS_PER_S;
	assert_int_equal(sent_set(b)->params.auth_key_id, 1);
	b->wall_ns += 59 * NS_PER_S;
	op_table_roll_keys(&b->table, (wall_t) { b->wall_ns });
	assert_int_equal(b->table.dirty_count, 0);
	b->wall_ns += 2 * NS_PER_S;
	op_table_roll_keys(&b->table, (wall_t) { b->wall_ns });
	const struct engine_op_set *set = sent_set(b);

	assert_int_equal(set->params.auth_key_id, 2);
	assert_int_equal(set->params.auth_secret_len, 3);
	assert_memory_equal(set->params.auth_secret, "two", 3);
}

#define TABLE_TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TABLE_TEST(test_reload_sends_what_changed),
		TABLE_TEST(test_change_before_it_was_sent),
		TABLE_TEST(test_aged_out),
		TABLE_TEST(test_full_ring),
		TABLE_TEST(test_key_rolls_over),
	};

	(void)setenv("TZ", "UTC", 1); /* key lifetimes are local time */
	return cmocka_run_group_tests_name("op_table", tests, NULL, NULL);
}
