/* SPDX-License-Identifier: Apache-2.0 */
/* From results to those who are told: maintenance, triggers of several sources, and who gets what.  What control
 * hands on is counted here instead of sent. */
#include "candord/control_notify.h"
#include "candord/control_state.h"
#include "namp/message_service.h"
#include "t.h"

#include <stdlib.h>
#include <string.h>

static const char operations[] =
        "namp\n udp\n datagram key-chain N\n peer centre address 192.0.2.5 trap\n"
        "key chain N\n key 1\n  key-string of-the-peers\n"
        "ip sla logging traps\n"
        "ip sla 1\n icmp-echo 192.0.2.1\nip sla schedule 1 life forever start-time now\n"
        "ip sla 2\n icmp-echo 192.0.2.2\nip sla schedule 2 life forever\n"
        "ip sla 3\n icmp-echo 192.0.2.3\nip sla schedule 3 life forever start-time now\n"
        "ip sla 4\n udp-jitter 192.0.2.4 5000\nip sla schedule 4 life forever start-time now\n"
        "ip sla reaction-configuration 1 react rtt threshold-type immediate"
        " threshold-value 100 50 action-type trapAndTrigger\n"
        "ip sla reaction-configuration 1 react timeout threshold-type immediate action-type "
        "trapOnly\n"
        "ip sla reaction-configuration 3 react rtt threshold-type immediate"
        " threshold-value 100 50 action-type triggerOnly\n"
        "ip sla reaction-configuration 4 react rtt threshold-type immediate"
        " threshold-value 100 50 action-type trapOnly\n"
        "ip sla reaction-configuration 4 react rttPct threshold-type immediate"
        " threshold-value 100 50 action-type trapOnly\n"
        "ip sla reaction-configuration 4 react timeout threshold-type immediate action-type "
        "trapOnly\n";
static const char both_sources[] = "ip sla reaction-trigger 1 2\nip sla reaction-trigger 3 2\n";
static const char one_source[] = "ip sla reaction-trigger 1 2\n";
static const char strict[] = "ip sla reaction-delivery strict\n";

/* What was told since the last look. */
static struct {
	bool in_maintenance;
	unsigned syslogs, alarms, notes, peers;
	char syslog[DIAG_TEXT_MAX], alarm[64], severity[16], note[DIAG_TEXT_MAX], peer[64];
} world;

/* --- instead of the rest of control ------------------------------------------------------------------ */

wall_t control_wall(void)
{
	return (wall_t) { 1000000000 };
}

const char *control_node_name(const struct control *c)
{
	(void)c;
	return "edge";
}

void control_note_trouble(struct control *c, const char *text)
{
	(void)c;
	fail_msg("%s", text);
}

void control_syslog_data(struct control *c, enum syslog_severity severity, const char *mnemonic,
                         const char *text, const char *data_id, const struct syslog_datum *data)
{
	(void)c;
	(void)severity;
	(void)data_id;
	(void)data;
	if (strcmp(mnemonic, "RTT-3-IPSLATHRESHOLD") != 0)
		return; /* the older form of flags, besides */
	world.syslogs++;
	(void)snprintf(world.syslog, sizeof(world.syslog), "%s", text);
}

void control_outbound_event(struct control *c, uint32_t index, const char *text, size_t len)
{
	(void)c;
	(void)index;
	fail_msg("no webhook is configured: %.*s", (int)len, text);
}

int control_run_hook(struct control *c, const struct hook_order *order, struct diag *d)
{
	(void)c;
	(void)order;
	return diag_set(d, -1, "no hook is configured");
}

bool messages_in_maintenance(const struct messages *m, const char *from, uint32_t number, wall_t at)
{
	(void)m;
	(void)at;
	assert_null(from);
	return world.in_maintenance && number == 1;
}

int messages_log_node(struct messages *m, const struct messages_note *note)
{
	(void)m;
	assert_string_equal(note->type, "measurement");
	assert_int_equal(note->operation, 1);
	world.notes++;
	(void)snprintf(world.note, sizeof(world.note), "%s", note->text);
	return 0;
}

int messages_alarm(struct messages *m, const struct messages_alarm *alarm)
{
	(void)m;
	world.alarms++;
	world.peers = alarm->peer_count;
	(void)snprintf(world.alarm, sizeof(world.alarm), "%s", alarm->name);
	(void)snprintf(world.severity, sizeof(world.severity), "%s",
	               alarm->severity ? alarm->severity : "over");
	if (alarm->peer_count > 0)
		(void)snprintf(world.peer, sizeof(world.peer), "%s", alarm->peers[0].name);
	return 0;
}

/* --- bench -------------------------------------------------------------------------------------------- */

static uint16_t no_name(const char *name)
{
	assert_null(name);
	return 0;
}

static void load(struct control *c, const char *more)
{
	struct config_errors errors = { 0 };
	struct config *config = NULL, *old = c->config;
	struct config_diff diff;
	char text[4096];

	(void)snprintf(text, sizeof(text), "%s%s", operations, more);
	if (config_parse(text, strlen(text), &config, &errors) < 0)
		fail_msg("%s", errors.errors[0].text);
	config_diff_init(&diff, old, config);
	c->config = config;
	op_table_apply(&c->ops, config, &diff, (mono_t) { 0 }, (wall_t) { 1000 });
	config_diff_fini(&diff);
	control_reactions_apply(c);
	config_free(old);
}

static int setup(void **state)
{
	struct control *c = calloc(1, sizeof(*c));

	if (!c)
		return -1;
	*state = c;
	memset(&world, 0, sizeof(world));
	c->ops.net_name = no_name;
	load(c, both_sources);
	return 0;
}

static int teardown(void **state)
{
	struct control *c = *state;

	control_reactions_stop(c);
	op_table_fini(&c->ops);
	config_free(c->config);
	free(c);
	return 0;
}

/* A run of the operation ends; ms 0: nobody answered. */
static void run(struct control *c, uint32_t number, int64_t ms)
{
	static struct sla_result r;
	struct op_slot *s = op_table_find(&c->ops, number);

	memset(&r, 0, sizeof(r));
	r.id = s->entry.id;
	r.type = s->entry.conf->params.type;
	r.sense = ms ? SENSE_OK : SENSE_TIMEOUT;
	r.rtt_ns = ms * NS_PER_MS;
	if (sla_type_has_jitter(r.type) && ms) {
		sum_stats_add(&r.jitter.rtt, r.rtt_ns);
		r.jitter.percentile[PERCENTILE_RTT] =
		        (struct percentile_figures) { 100, 1, r.rtt_ns, r.rtt_ns };
	}
	assert_true(op_entry_take_result(&s->entry, &r, NULL, (mono_t) { 0 }));
	control_reactions_take(c, s);
}

static void expect_told(unsigned syslogs, unsigned alarms, unsigned notes)
{
	assert_int_equal(world.syslogs, syslogs);
	assert_int_equal(world.alarms, alarms);
	assert_int_equal(world.notes, notes);
	world.syslogs = world.alarms = world.notes = 0;
}

/* The order that the engine lacks for operation 2, or RUNNER_ACTIONS: it then has it. */
static enum runner_action take_order(struct control *c)
{
	struct op_slot *s = op_table_find(&c->ops, 2);

	if (!s->has_act)
		return RUNNER_ACTIONS;
	s->has_act = false;
	c->ops.act_count--;
	return s->act;
}

static const struct reaction_row *row_of(const struct control *c, enum reaction_element element)
{
	for (uint32_t i = 0; i < c->reactions.row_count; i++) {
		if (c->reactions.rows[i].conf.operation == 1 &&
		    c->reactions.rows[i].conf.element == element)
			return &c->reactions.rows[i];
	}
	fail();
	return NULL;
}

/* --- maintenance ---------------------------------------------------------------------------------------- */

static void test_window_hides_what_ends_inside(void **state)
{
	struct control *c = *state;
	const struct reaction_row *row = row_of(c, REACT_RTT);

	world.in_maintenance = true;
	run(c, 1, 200);
	expect_told(0, 0, 1);
	assert_string_equal(world.note,
	                    "operation 1: condition of rtt occurred, nobody is told: maintenance");
	assert_int_equal(take_order(c), RUNNER_TRIGGER); /* measuring goes on as ever */
	control_reactions_tick(c);
	run(c, 1, 20);
	expect_told(0, 0, 1);
	assert_string_equal(world.note,
	                    "operation 1: condition of rtt is over, nobody is told: maintenance");
	assert_int_equal(take_order(c), RUNNER_RELEASE);
	world.in_maintenance = false;
	control_reactions_tick(c);
	expect_told(0, 0, 0);
	assert_int_equal(row->raised, 1);
	assert_int_equal(row->cleared, 1);
	assert_int_equal(row->suppressed, 2);
	/* Nobody else's window. */
	world.in_maintenance = true;
	run(c, 4, 200);
	expect_told(2, 2, 0);
}

static void test_window_ends_before_the_condition(void **state)
{
	struct control *c = *state;

	world.in_maintenance = true;
	run(c, 1, 200);
	expect_told(0, 0, 1);
	world.in_maintenance = false;
	control_reactions_tick(c);
	expect_told(1, 1, 0);
	assert_string_equal(world.syslog, "IP SLAs(1): Threshold exceeded for rtt");
	assert_string_equal(world.alarm, "sla/1/rtt");
	assert_string_equal(world.severity, "minor");
	control_reactions_tick(c);
	expect_told(0, 0, 0);
	run(c, 1, 20);
	expect_told(1, 1, 0);
	assert_string_equal(world.severity, "over");
}

static void test_window_does_not_leave_an_alarm_behind(void **state)
{
	struct control *c = *state;

	run(c, 1, 200);
	expect_told(1, 1, 0);
	world.in_maintenance = true;
	run(c, 1, 20);
	run(c, 1, 200); /* as it was told */
	expect_told(0, 0, 2);
	world.in_maintenance = false;
	control_reactions_tick(c);
	expect_told(0, 0, 0);
	world.in_maintenance = true;
	run(c, 1, 20);
	load(c, one_source); /* another configuration does not lose it */
	expect_told(0, 0, 1);
	world.in_maintenance = false;
	control_reactions_tick(c);
	expect_told(1, 1, 0);
	assert_string_equal(world.syslog, "IP SLAs(1): Threshold below for rtt");
	assert_string_equal(world.severity, "over");
	assert_int_equal(c->reactions.untold, 0);
}

static void test_edge_between_window_and_tick(void **state)
{
	struct control *c = *state;

	world.in_maintenance = true;
	run(c, 1, 200);
	expect_told(0, 0, 1);
	world.in_maintenance = false;
	run(c, 1, 20); /* nobody knew that it had begun */
	control_reactions_tick(c);
	expect_told(0, 0, 0);
	run(c, 1, 200);
	expect_told(1, 1, 0);
}

/* --- triggers -------------------------------------------------------------------------------------------- */

static void test_two_sources_hold_a_target(void **state)
{
	struct control *c = *state;

	run(c, 1, 200);
	assert_int_equal(take_order(c), RUNNER_TRIGGER);
	run(c, 3, 200);
	run(c, 3, 20);
	run(c, 3, 200);
	assert_int_equal(take_order(c), RUNNER_ACTIONS); /* it runs already, and is held */
	run(c, 1, 20);
	assert_int_equal(take_order(c), RUNNER_ACTIONS);
	run(c, 3, 20);
	assert_int_equal(take_order(c), RUNNER_RELEASE);
	run(c, 3, 200);
	assert_int_equal(take_order(c), RUNNER_TRIGGER);
}

static void test_sources_that_go(void **state)
{
	struct control *c = *state;

	run(c, 1, 200);
	run(c, 3, 200);
	assert_int_equal(take_order(c), RUNNER_TRIGGER);
	load(c, one_source);
	assert_int_equal(take_order(c), RUNNER_ACTIONS); /* operation 1 still holds it */
	load(c, "");
	assert_int_equal(take_order(c), RUNNER_RELEASE);
	load(c, both_sources); /* both conditions stand */
	assert_int_equal(take_order(c), RUNNER_TRIGGER);
	control_reactions_forget(c, 1);
	assert_int_equal(take_order(c), RUNNER_ACTIONS);
	control_reactions_forget(c, 3);
	assert_int_equal(take_order(c), RUNNER_RELEASE);
}

/* --- delivery --------------------------------------------------------------------------------------------- */

static void test_delivery(void **state)
{
	struct control *c = *state;

	run(c, 1, 200);
	expect_told(1, 1, 0);
	run(c, 1, 0);
	expect_told(1, 1, 0);
	load(c, "no ip sla logging traps\n");
	run(c, 1, 20); /* answers again, and quickly */
	expect_told(0, 2, 0);
}

/* Flags to both, rtt as a trap alone, everything of jitter operations beside flags as a message alone. */
static void test_strict_delivery(void **state)
{
	struct control *c = *state;

	load(c, strict);
	run(c, 1, 200);
	expect_told(0, 1, 0);
	run(c, 1, 0);
	expect_told(1, 1, 0);
	assert_string_equal(world.syslog, "IP SLAs(1): Threshold Occurred for timeout");
	assert_string_equal(world.severity, "major");
	run(c, 4, 200); /* rtt and rttPct */
	expect_told(2, 0, 0);
	run(c, 4, 0);
	expect_told(1, 1, 0);
	assert_string_equal(world.alarm, "sla/4/timeout");
}

static void test_no_alarm_outlives_its_row(void **state)
{
	struct control *c = *state;

	run(c, 1, 200);
	expect_told(1, 1, 0);
	control_reactions_forget(c, 1);
	expect_told(0, 1, 0);
	assert_string_equal(world.alarm, "sla/1/rtt");
	assert_string_equal(world.severity, "over");
	control_reactions_forget(c, 1);
	expect_told(0, 0, 0);
	run(c, 1, 200);
	load(c, "ip sla reaction-configuration 1 react rtt threshold-type immediate"
	        " threshold-value 90 50 action-type trapOnly\n");
	expect_told(1, 1, 0); /* it stands still */
	load(c, "no ip sla reaction-configuration 1 react rtt\n");
	expect_told(0, 1, 0);
	assert_string_equal(world.severity, "over");
	load(c, strict);
	run(c, 4, 200);
	expect_told(2, 0, 0);
	control_reactions_forget(c, 4); /* messages alone: no alarm stands */
	expect_told(0, 0, 0);
}

static void test_alarms_go_to_peers(void **state)
{
	struct control *c = *state;

	run(c, 1, 200);
	assert_int_equal(world.peers, 0); /* the port is not open */
	c->datagrams = (struct datagrams *)&world;
	run(c, 1, 20);
	assert_int_equal(world.peers, 1);
	assert_string_equal(world.peer, "centre");
	c->datagrams = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_window_hides_what_ends_inside, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_window_ends_before_the_condition, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_window_does_not_leave_an_alarm_behind, setup,
		                                teardown),
		cmocka_unit_test_setup_teardown(test_edge_between_window_and_tick, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_sources_hold_a_target, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sources_that_go, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delivery, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strict_delivery, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_alarm_outlives_its_row, setup, teardown),
		cmocka_unit_test_setup_teardown(test_alarms_go_to_peers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
