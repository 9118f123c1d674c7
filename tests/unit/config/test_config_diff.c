/* SPDX-License-Identifier: Apache-2.0 */
/* What a reload has to do: one change a row. */
#include "config/config_diff.h"
#include "t_config.h"

#define SECRET "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f"

#define BASE                                                                    \
	"ip sla 1\n icmp-echo 192.0.2.1\n tag a\n"                              \
	"ip sla schedule 1 life forever start-time now\n"                       \
	"ip sla 2\n udp-jitter 192.0.2.2 5000 control v2\n"                     \
	"ip sla schedule 2 life forever start-time now\n"                       \
	"key chain K\n key 1\n  key-string x\nip sla key-chain K\n"             \
	"ip sla responder\nip sla responder settings\n max-sessions 50\n"       \
	"namp\n tcp\n user alice role viewer\n psk a client bob secret " SECRET \
	"\n datagram key-chain N\n peer c address 192.0.2.5 trap\n"             \
	"key chain N\n key 1\n  key-string n\n"

/* The same with one line put in place of another. */
static char *edited(const char *from, const char *to)
{
	const char *at = strstr(BASE, from);
	char *text = malloc(sizeof(BASE) + strlen(to));

	assert_non_null(at);
	assert_non_null(text);
	(void)snprintf(text, sizeof(BASE) + strlen(to), "%.*s%s%s", (int)(at - BASE), BASE, to,
	               at + strlen(from));
	return text;
}

struct diff_case {
	const char *name, *from, *to;
	int change; /* enum op_change of the only operation that changed, -1: none */
	uint32_t number;
	bool responder, responder_ports, clock, hostname, namp, namp_ports;
};

static const struct diff_case cases[] = {
	{ "nothing", "", "", -1 },
	{ "spelling alone", "ip sla 1\n icmp-echo 192.0.2.1", "ip sla 1\n!\n  ICMP-ECHO 192.0.2.1",
	  -1 },
	{ "tag", " tag a", " tag b", OP_CHANGE_LABEL, 1 },
	{ "schedule", "schedule 1 life forever", "schedule 1 life 60", OP_CHANGE_SCHEDULE, 1 },
	{ "schedule taken away", "ip sla schedule 1 life forever start-time now\n", "",
	  OP_CHANGE_SCHEDULE, 1 },
	{ "parameter", " tag a", " tag a\n frequency 30", OP_CHANGE_PARAMS, 1 },
	{ "parameter and label", " tag a", " tag b\n frequency 30", OP_CHANGE_PARAMS, 1 },
	{ "target", "icmp-echo 192.0.2.1", "icmp-echo 192.0.2.9", OP_CHANGE_IDENTITY, 1 },
	{ "type", "icmp-echo 192.0.2.1", "tcp-connect 192.0.2.1 80", OP_CHANGE_IDENTITY, 1 },
	{ "port", "192.0.2.2 5000", "192.0.2.2 5001", OP_CHANGE_IDENTITY, 2 },
	{ "added", "key chain", "ip sla 3\n icmp-echo 192.0.2.3\nkey chain", OP_CHANGE_ADDED, 3 },
	{ "removed",
	  "ip sla 1\n icmp-echo 192.0.2.1\n tag a\nip sla schedule 1 life forever start-time now\n",
	  "", OP_CHANGE_REMOVED, 1 },
	{ "key: who signs, and the responder", "key-string x", "key-string y", OP_CHANGE_PARAMS, 2,
	  .responder = true },
	{ "limit of the responder", "max-sessions 50", "max-sessions 51", -1, 0,
	  .responder = true },
	{ "responder off", "ip sla responder\n", "", -1, 0, .responder = true,
	  .responder_ports = true },
	{ "permanent port", "ip sla responder\n",
	  "ip sla responder\nip sla responder udp-echo port 7\n", -1, 0, .responder = true,
	  .responder_ports = true },
	{ "access list", "ip sla responder\nip sla responder settings\n",
	  "access-list 5 permit any\nip sla responder\nip sla responder settings\n access-group "
	  "5\n",
	  -1, 0, .responder = true },
	{ "clock", "key chain", "clock grade-limit 5\nkey chain", -1, 0, .clock = true },
	{ "name", "key chain", "hostname x\nkey chain", -1, 0, .hostname = true },
	{ "role", "role viewer", "role operator", -1, .namp = true },
	{ "default role", " user", " role default viewer\n user", -1, .namp = true },
	{ "user", "user alice", "user carol", -1, .namp = true },
	{ "secret", "secret 00", "secret 01", -1, .namp = true },
	{ "client", "client bob", "client carol", -1, .namp = true },
	{ "peer", "trap", "inform", -1, .namp = true },
	{ "limit", " tcp\n", " tcp\n limit log 100\n", -1, .namp = true },
	{ "key of datagrams", "key-string n", "key-string m", -1, .namp = true },
	{ "port of the protocol", " tcp\n", " tcp port 1167\n", -1, .namp = true,
	  .namp_ports = true },
	{ "address of the protocol", " tcp\n", " tcp\n address 192.0.2.1\n", -1, .namp = true,
	  .namp_ports = true },
};

static void test_case(void **state)
{
	const struct diff_case *c = *state;
	char *text = edited(c->from, c->to);
	struct config *from = t_good(BASE), *to = t_good(text);
	struct config_diff d;

	config_diff_init(&d, from, to);
	assert_int_equal(d.op_count, c->change < 0 ? 0 : 1);
	if (c->change >= 0) {
		assert_int_equal(d.ops[0].change, c->change);
		assert_int_equal(d.ops[0].number, c->number);
		assert_int_equal(d.ops[0].from == NULL, c->change == OP_CHANGE_ADDED);
		assert_int_equal(d.ops[0].to == NULL, c->change == OP_CHANGE_REMOVED);
	}
	assert_int_equal(d.responder, c->responder);
	assert_int_equal(d.responder_ports, c->responder_ports);
	assert_int_equal(d.clock, c->clock);
	assert_int_equal(d.hostname, c->hostname);
	assert_int_equal(d.namp, c->namp);
	assert_int_equal(d.namp_ports, c->namp_ports);
	assert_int_equal(config_diff_is_empty(&d),
	                 c->change < 0 && !c->responder && !c->clock && !c->hostname && !c->namp);
	config_diff_fini(&d);
	config_free(from);
	config_free(to);
	free(text);
}

static void test_from_nothing(void **state)
{
	struct config *to = t_good(BASE);
	struct config_diff d;

	(void)state;
	config_diff_init(&d, NULL, to);
	assert_int_equal(d.op_count, 2);
	assert_int_equal(d.ops[0].change, OP_CHANGE_ADDED);
	assert_int_equal(d.ops[1].number, 2);
	assert_true(d.responder && d.responder_ports && d.clock && d.hostname && d.namp &&
	            d.namp_ports);
	config_diff_fini(&d);
	config_free(to);
}

int main(void)
{
	struct CMUnitTest tests[ARRAY_LEN(cases) + 1];
	size_t count = 0;

	for (; count < ARRAY_LEN(cases); count++)
		tests[count] = (struct CMUnitTest) { cases[count].name, test_case, NULL, NULL,
			                             (void *)(uintptr_t)&cases[count] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_from_nothing);
	return _cmocka_run_group_tests("config diff", tests, count, NULL, NULL);
}
