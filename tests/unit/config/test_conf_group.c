/* SPDX-License-Identifier: Apache-2.0 */
/* `ip sla group schedule`: lists, members and their schedules, changes, refusals. */
#include "t_config.h"

#include <errno.h>

#define OPS(a, b, c)                                                                           \
	"ip sla " #a "\n icmp-echo 192.0.2.1\nip sla " #b "\n icmp-echo 192.0.2.2\nip sla " #c \
	"\n icmp-echo 192.0.2.3\n"
#define THREE OPS(1, 2, 3)

static void expect_group(const char *lines, const char *printed)
{
	char text[4096], *got;

	(void)snprintf(text, sizeof(text), "%s%s", THREE, lines);
	struct config *c = t_good(text);

	got = t_print(c, false, true);
	const char *at = strstr(got, "ip sla group");

	assert_string_equal(at ? at : "", printed);
	t_assert_fixed_point(c);
	free(got);
	config_free(c);
}

static void expect_refusal(const char *lines, const char *said)
{
	struct config_errors errors;
	struct config *config = NULL;
	char text[4096];

	(void)snprintf(text, sizeof(text), "%s%s", THREE, lines);
	assert_int_equal(config_parse(text, strlen(text), &config, &errors), -EINVAL);
	char *got = t_errors(&errors);

	assert_string_equal(got, said);
	free(got);
	config_errors_fini(&errors);
}

static void test_members(void **state)
{
	struct config *c =
	        t_good(THREE "ip sla schedule 2 start-time now\n"
	                     "ip sla group schedule 5 1-3,7 schedule-period 20 life forever "
	                     "start-time now ageout 60\n");
	const struct group_conf *g = &c->groups[0];
	const struct op_schedule *s = &c->ops[2]->schedule;

	(void)state;
	assert_int_equal(c->group_count, 1);
	assert_int_equal(g->listed_count, 4);
	assert_int_equal(g->member_count, 2); /* 2 has a schedule, 7 is not there */
	assert_true(s->scheduled && s->start == SLA_START_NOW && s->life_s == SLA_LIFE_FOREVER);
	assert_int_equal(s->group, 5);
	assert_int_equal(s->offset_ms, 10000);
	assert_int_equal(s->frequency_s, 20); /* the period, not the 60 of the operation */
	assert_int_equal(s->ageout_s, 60);
	assert_int_equal(c->ops[0]->schedule.offset_ms, 0);
	assert_int_equal(c->ops[1]->schedule.group, 0);
	assert_int_equal(c->ops[2]->params.frequency_s, 60); /* as configured */
	t_assert_fixed_point(c);
	config_free(c);
}

static void test_lines(void **state)
{
	(void)state;
	expect_group("ip sla group schedule 1 3,1-2 schedule-period 20\n",
	             "ip sla group schedule 1 1-3 schedule-period 20\n");
	expect_group(
	        "ip sla group sched 1 1, 3, 9-12 schedule-per 20 freq 20 life 3600 start pend\n",
	        "ip sla group schedule 1 1,3,9-12 schedule-period 20\n");
	expect_group(
	        "rtr group schedule 1 1,2 schedule-together frequency 30 start-time after 0:0:5\n",
	        "ip sla group schedule 1 1,2 schedule-together frequency 30 start-time after "
	        "00:00:05\n");
	expect_group(
	        "ip sla group schedule 1 1-3 schedule-period 20 frequency range 30-40 "
	        "start-time now\n",
	        "ip sla group schedule 1 1-3 schedule-period 20 frequency range 30-40 start-time "
	        "now\n");
	expect_group("ip sla group schedule 9 1 schedule-period 20\n"
	             "ip sla group schedule 2 2 schedule-period 20\n",
	             "ip sla group schedule 2 2 schedule-period 20\n"
	             "ip sla group schedule 9 1 schedule-period 20\n");
}

static void test_changes(void **state)
{
	(void)state;
	expect_group("ip sla group schedule 1 1-2 schedule-period 20\n"
	             "ip sla group schedule 1 add 3\n",
	             "ip sla group schedule 1 1-3 schedule-period 20 spread-over 2\n");
	expect_group("ip sla group schedule 1 1-2 schedule-period 20\n"
	             "ip sla group schedule 1 add 3\nip sla group schedule 1 reschedule\n",
	             "ip sla group schedule 1 1-3 schedule-period 20\n");
	expect_group("ip sla group schedule 1 1-3 schedule-period 20\n"
	             "ip sla group schedule 1 delete 2,8\n",
	             "ip sla group schedule 1 1,3 schedule-period 20\n");
	expect_group("ip sla group schedule 1 1-3 schedule-period 20\nno ip sla group schedule 1\n",
	             "");
}

static void test_refusals(void **state)
{
	(void)state;
	expect_refusal("ip sla group schedule 1 1-\nip sla group schedule 1 3-1 schedule-period 5\n"
	               "ip sla group schedule 1 0 schedule-period 5\n"
	               "ip sla group schedule 0 1 schedule-period 5\n",
	               "7:25: expected numbers of operations such as 1,3,10-20, of at most 125 "
	               "octets, found '1-'\n"
	               "8:25: expected numbers of operations such as 1,3,10-20, of at most 125 "
	               "octets, found '3-1'\n"
	               "9:25: expected numbers of operations such as 1,3,10-20, of at most 125 "
	               "octets, found '0'\n"
	               "10:23: expected the number of a group from 1 to 65535, found '0'\n");
	expect_refusal("ip sla group schedule 1 1 life 5\n"
	               "ip sla group schedule 2 1 schedule-period 5 schedule-together frequency 9\n"
	               "ip sla group schedule 3 1 schedule-together\n"
	               "ip sla group schedule 4 1 schedule-period 5 recurring\n",
	               "7:33: expected either schedule-period or schedule-together\n"
	               "8:27: expected either schedule-period or schedule-together\n"
	               "9:44: schedule-together needs a frequency\n"
	               "10:45: expected ageout, frequency, life, schedule-period, "
	               "schedule-together or start-time, found 'recurring'\n");
	/* IOS's own words, for each member; the random scheduler's conditions. */
	expect_refusal(
	        "ip sla group schedule 1 1-2 schedule-period 4\n"
	        "ip sla group schedule 2 3 schedule-period 20 frequency range 20-30\n",
	        "7:23: Scheduling a probe with timeout 5000 ms greater than frequency 4000 ms "
	        "is not allowed.\n"
	        "7:23: Scheduling a probe with timeout 5000 ms greater than frequency 4000 ms "
	        "is not allowed.\n"
	        "8:23: a random frequency needs a schedule-period shorter than all of its "
	        "range\n");
	expect_refusal("ip sla 4\n icmp-echo 192.0.2.4\n history enhanced interval 90 buckets 10\n"
	               "ip sla group schedule 1 4 schedule-period 20 frequency range 30-40\n"
	               "ip sla group schedule 2 4 schedule-period 20\n",
	               "10:23: operation 4 keeps enhanced history, which goes with no random "
	               "frequency\n"
	               "11:23: the enhanced history interval of operation 4, 90 seconds, is no "
	               "multiple of the group's frequency, 20 seconds\n");
	expect_refusal("ip sla group schedule 1 1 schedule-period 20\n"
	               "ip sla group schedule 1 2 schedule-period 20\n"
	               "ip sla group schedule 2 add 1\n"
	               "ip sla group schedule 1 delete 1\nno ip sla group schedule 7\n",
	               "8:23: group 1 is already scheduled (line 7)\n"
	               "9:23: group 2 is not defined above\n"
	               "10:32: the group would be empty: use `no ip sla group schedule 1`\n"
	               "11:26: group 7 is not defined above\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
