/* SPDX-License-Identifier: Apache-2.0 */
/* Administration messages: what is taken, what stands, what is left after a restart or a full disk. */
#include "namp/message_service.h"

#include "namp/message_body.h"
#include "namp/record_log.h"
#include "object/doc_cbor.h"
#include "state_folder.h"

#include <errno.h>
#include <inttypes.h>

#define START_NS (INT64_C(1800000000) * NS_PER_S)
#define HOUR_NS  (3600 * NS_PER_S)

/* The node around it. */
static struct {
	int64_t now_ns;
	unsigned published;
	char path[64], object[4096], sent_to[64], sent[4096];
} node;

static struct arena arena;

static wall_t get_now(void *ctx)
{
	(void)ctx;
	return (wall_t) { node.now_ns };
}

/* Operation 10 has measured. */
static bool measure(void *ctx, uint32_t number, struct arena *a, struct doc *to)
{
	(void)ctx;
	if (number != 10)
		return false;
	doc_add_int(a, to, "number", 10);
	doc_add_int(a, to, "generation", 3);
	doc_add_int(a, to, "at_ns", node.now_ns - 5);
	doc_add_text(a, to, "sense", "timeout");
	doc_add_null(a, to, "rtt_ns");
	doc_add_int(a, to, "loss_ppm", 1000000);
	doc_add_text(a, to, "state", "active");
	return true;
}

/* On one line, without the spaces behind colons. */
static void to_json(const struct doc *d, char *to, size_t size)
{
	FILE *f = fmemopen(to, size, "w");

	assert_non_null(f);
	assert_int_equal(doc_write_json(d, f, 0), 0);
	assert_int_equal(fclose(f), 0);
	char *end = to;

	for (const char *p = to; *p; p++) {
		*end++ = *p;
		if (p[0] == '"' && p[1] == ':' && p[2] == ' ') {
			*end++ = ':';
			p += 2;
		}
	}
	*end = '\0';
}

static int send_to(void *ctx, const char *peer, const struct doc *body, struct diag *d)
{
	(void)ctx;
	if (strcmp(peer, "centre") != 0)
		return diag_set(d, -ENOENT, "no peer \"%s\"", peer);
	(void)snprintf(node.sent_to, sizeof(node.sent_to), "%s", peer);
	to_json(body, node.sent, sizeof(node.sent));
	return 0;
}

static void publish(void *ctx, const char *path, wall_t at, const struct doc *object)
{
	(void)ctx;
	(void)at;
	node.published++;
	(void)snprintf(node.path, sizeof(node.path), "%s", path);
	to_json(object, node.object, sizeof(node.object));
}

static struct messages *open_kib(const struct folder *f, uint32_t log_kib)
{
	const struct messages_cfg cfg = {
		.state_dir = f->fd,
		.log_kib = log_kib,
		.node_name = "node1",
		.now = get_now,
		.measure = measure,
		.send = send_to,
		.publish = publish,
	};
	struct messages *m = NULL;
	struct diag d = { 0 };

	if (messages_new(&cfg, &m, &d) < 0)
		print_error("%s\n", d.text);
	assert_non_null(m);
	return m;
}

static struct messages *open_messages(const struct folder *f)
{
	return open_kib(f, 0);
}

static int setup(void **state)
{
	node.now_ns = START_NS;
	node.published = 0;
	return folder_setup(state);
}

static int setup_disk(void **state)
{
	node.now_ns = START_NS;
	return folder_setup_disk(state);
}

static int teardown(void **state)
{
	arena_free(&arena);
	return folder_teardown(state);
}

/* One request with a body in JSON with ' for "; its answer's code and text in JSON. */
static int ask(struct messages *m, enum object_verb verb, const char *path, const char *body,
               char *ret, size_t size)
{
	struct object_request q = { .verb = verb, .path = path };
	struct doc *parsed = NULL, *answer = NULL;
	struct diag d = { 0 };

	q.caller = (struct object_caller) { ROLE_OPERATOR, "alice", "192.0.2.7:4000", 1 };
	if (body) {
		char *text = arena_strdup(&arena, body);

		for (char *p = text; *p; p++)
			*p = *p == '\'' ? '"' : *p;
		assert_int_equal(doc_parse_json(&arena, text, strlen(text), &parsed, &d), 0);
		q.body = parsed;
	}
	int rc = messages_handle(m, &q, &arena, &answer, &d);

	if (rc == 0)
		to_json(answer, ret, size);
	else
		(void)snprintf(ret, size, "%s", d.text);
	return rc;
}

static char answer[1 << 20];

static int run(struct messages *m, const char *path, const char *body)
{
	return ask(m, OBJECT_RUN, path, body, answer, sizeof(answer));
}

static const char *list(struct messages *m, const char *path, const char *body)
{
	assert_int_equal(ask(m, OBJECT_LIST, path, body, answer, sizeof(answer)), 0);
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

#define assert_has_not(text, part) assert_null(strstr((text), (part)))

/* --- the life of things -------------------------------------------------------------------------- */

static void test_alarm_from_raise_to_clear(void **state)
{
	struct messages *m = open_messages(*state);

	assert_int_equal(run(m, "alarm",
	                     "{'action': 'raise', 'name': 'link-7', 'severity': 'major', "
	                     "'text': 'no light', 'scope': ['sla/operation/10', 'responder']}"),
	                 0);
	assert_has(answer, "\"number\":1, \"queued\":false}");
	assert_int_equal(node.published, 2);
	assert_string_equal(node.path, "alarm");
	assert_has(list(m, "alarm", NULL), "\"state\":\"standing\"");
	assert_has(answer, "\"raises\":1");
	assert_has(answer, "\"loss_ppm\":1000000");
	assert_has(answer, "\"acknowledged\":null");
	assert_has(answer, "\"from\":null");
	assert_has(answer, "\"by\":\"alice\"");
	assert_has(answer, "\"origin\":\"node1\"");

	node.now_ns += NS_PER_S;
	assert_int_equal(
	        run(m, "alarm", "{'action':'acknowledge','name':'link-7','text':'on my way'}"), 0);
	assert_has(list(m, "alarm", NULL), "\"state\":\"acknowledged\"");
	assert_has(answer, "\"text\":\"on my way\"");

	/* The same severity again: still acknowledged; another one: somebody has to look. */
	assert_int_equal(
	        run(m, "alarm",
	            "{'action':'raise','name':'link-7','severity':'major','text':'still'}"),
	        0);
	assert_has(list(m, "alarm", NULL), "\"state\":\"acknowledged\"");
	assert_has(answer, "\"raises\":2");
	assert_has(answer, "\"text\":\"still\"");
	assert_int_equal(
	        run(m, "alarm",
	            "{'action':'raise','name':'link-7','severity':'critical','text':'worse'}"),
	        0);
	assert_has(list(m, "alarm", NULL), "\"state\":\"standing\"");
	assert_has(answer, "\"raises\":3");
	assert_has(answer, "\"severity\":\"critical\"");
	assert_has(answer, "\"since_ns\":1800000000000000000");
	assert_has(answer, "\"number\":1");

	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'link-7'}"), 0);
	assert_has(node.object, "\"state\":\"cleared\"");
	assert_has(list(m, "alarm", NULL), "\"items\":[]");
	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'link-7'}"), -ENOENT);
	assert_int_equal(run(m, "alarm", "{'action':'acknowledge','name':'x','text':'y'}"),
	                 -ENOENT);
	/* Each of it is in the log, what was refused is not. */
	assert_int_equal(ask(m, OBJECT_GET, "message/5", NULL, answer, sizeof(answer)), 0);
	assert_has(answer, "\"action\":\"clear\"");
	assert_int_equal(ask(m, OBJECT_GET, "message/6", NULL, answer, sizeof(answer)), -ENOENT);
	messages_free(m);
}

static void test_windows(void **state)
{
	struct messages *m = open_messages(*state);
	char body[256];

	(void)snprintf(body, sizeof(body),
	               "{'action':'begin','name':'fibre','text':'splice','start_ns':%" PRId64
	               ",'end_ns':%" PRId64 ",'scope':['sla/operation/10']}",
	               START_NS + HOUR_NS, START_NS + 2 * HOUR_NS);
	assert_int_equal(run(m, "maintenance", body), 0);
	assert_has(list(m, "maintenance", NULL), "\"state\":\"planned\"");
	assert_false(messages_in_maintenance(m, NULL, 10, (wall_t) { START_NS }));
	assert_true(messages_in_maintenance(m, NULL, 10, (wall_t) { START_NS + HOUR_NS }));
	assert_false(messages_in_maintenance(m, NULL, 10, (wall_t) { START_NS + 2 * HOUR_NS }));
	assert_false(messages_in_maintenance(m, NULL, 11, (wall_t) { START_NS + HOUR_NS }));
	assert_false(messages_in_maintenance(m, "centre", 10, (wall_t) { START_NS + HOUR_NS }));

	node.now_ns = START_NS + HOUR_NS + NS_PER_S;
	assert_has(list(m, "maintenance", NULL), "\"state\":\"active\"");
	assert_int_equal(run(m, "maintenance", "{'action':'end','name':'fibre'}"), 0);
	assert_has(list(m, "maintenance", NULL), "\"state\":\"over\"");
	assert_has(answer, "\"ended_by\":\"alice\"");
	assert_int_equal(run(m, "maintenance", "{'action':'end','name':'fibre'}"), -ENOENT);
	assert_true(messages_in_maintenance(m, NULL, 10, (wall_t) { node.now_ns - 1 }));
	assert_false(messages_in_maintenance(m, NULL, 10, (wall_t) { node.now_ns }));

	/* What is over leaves its name to another one, and stays. */
	(void)snprintf(body, sizeof(body),
	               "{'action':'begin','name':'fibre','text':'again','start_ns':%" PRId64
	               ",'end_ns':%" PRId64 "}",
	               node.now_ns, node.now_ns + HOUR_NS);
	assert_int_equal(run(m, "maintenance", body), 0);
	assert_has(list(m, "maintenance", NULL), "\"text\":\"again\"");
	assert_has(answer, "\"text\":\"splice\"");
	assert_true(messages_in_maintenance(m, NULL, 77, (wall_t) { node.now_ns }));
	messages_free(m);
}

static void test_scopes(void **state)
{
	static const struct {
		const char *path;
		bool has_10;
	} rows[] = {
		{ "sla", true },
		{ "sla/operation", true },
		{ "sla/operation/10", true },
		{ "sla/operation/1", false },
		{ "sla/operation/100", false },
		{ "sla/operation/010", false },
		{ "responder", false },
		{ "sla/operation/10/x", true },
		{ "sla/result/10", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct doc *body = doc_new_map(&arena);

		doc_add_text(&arena, doc_add_list(&arena, body, "scope"), NULL, rows[i].path);
		if (message_scope_has(body, 10) != rows[i].has_10) {
			print_error("%s\n", rows[i].path);
			fail();
		}
	}
	assert_int_equal(message_scope_operation("sla/operation/2147483647"), INT32_MAX);
	assert_int_equal(message_scope_operation("sla/operation/2147483648"), 0);
	assert_int_equal(message_scope_operation("sla/operation/99999999999999999999999"), 0);
	assert_int_equal(message_scope_operation("sla/operation/"), 0);
}

/* --- what is refused ----------------------------------------------------------------------------- */

static const char *text_of(size_t len)
{
	char *text = arena_alloc(&arena, len + 1);

	memset(text, 'x', len);
	return text;
}

static void test_refused_requests(void **state)
{
	const struct {
		const char *path, *body;
		int rc;
	} rows[] = {
		{ "message", "{'action':'shout','text':'x'}", -EINVAL },
		{ "message", "{'text':'x'}", -EINVAL },
		{ "message", "{'action':'notice'}", -EINVAL },
		{ "message", "{'action':'notice','text':''}", -EINVAL },
		{ "message", "{'action':'notice','text':7}", -EINVAL },
		{ "message", "{'action':'notice','text':'a\\u0007b'}", -EILSEQ },
		{ "message", "{'action':'notice','text':'a\\u009bb'}", -EILSEQ },
		{ "message", "{'action':'notice','text':'x','scope':'sla'}", -EINVAL },
		{ "message", "{'action':'notice','text':'x','scope':[7]}", -EINVAL },
		{ "message", "{'action':'notice','text':'x','scope':['/sla']}", -EILSEQ },
		{ "message", "{'action':'notice','text':'x','scope':['sla//x']}", -EILSEQ },
		{ "message", "{'action':'notice','text':'x','scope':['sla x']}", -EILSEQ },
		{ "message",
		  "{'action':'notice','text':'x','scope':['a','a','a','a','a','a','a','a','a',"
		  "'a','a','a','a','a','a','a','a']}",
		  -EILSEQ },
		{ "message", "{'action':'notice','text':'x','to':'nobody'}", -ENOENT },
		{ "message", "{'action':'notice','text':'x','to':7}", -EINVAL },
		{ "alarm", "{'action':'raise','severity':'minor','text':'x'}", -EINVAL },
		{ "alarm", "{'action':'raise','name':'a b','severity':'minor','text':'x'}",
		  -EILSEQ },
		{ "alarm", "{'action':'raise','name':'','severity':'minor','text':'x'}", -EILSEQ },
		{ "alarm", "{'action':'raise','name':'n','text':'x'}", -EINVAL },
		{ "alarm", "{'action':'raise','name':'n','severity':'bad','text':'x'}", -EILSEQ },
		{ "alarm", "{'action':'raise','name':'n','severity':'minor'}", -EINVAL },
		{ "alarm", "{'action':'begin','name':'n'}", -EINVAL },
		{ "maintenance", "{'action':'begin','name':'n','text':'x'}", -EINVAL },
		{ "maintenance",
		  "{'action':'begin','name':'n','text':'x','start_ns':1800000002000000000,"
		  "'end_ns':1800000001000000000}",
		  -EILSEQ },
		{ "maintenance", "{'action':'begin','name':'n','text':'x','start_ns':1,'end_ns':2}",
		  -EILSEQ },
		{ "maintenance",
		  "{'action':'begin','name':'n','text':'x','start_ns':1800000000000000000,"
		  "'end_ns':1900000000000000000}",
		  -EILSEQ },
		{ "maintenance", "{'action':'end','name':'n'}", -ENOENT },
	};
	struct messages *m = open_messages(*state);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int rc = run(m, rows[i].path, rows[i].body);

		if (rc != rows[i].rc)
			print_error("%s: %d %s\n", rows[i].body, rc, answer);
		assert_int_equal(rc, rows[i].rc);
		assert_true(strlen(answer) > 10); /* a sentence */
	}
	char body[1024];

	(void)snprintf(body, sizeof(body),
	               "{'action':'raise','name':'n','severity':'minor','text':'%s'}",
	               text_of(512));
	assert_int_equal(run(m, "alarm", body), 0);
	(void)snprintf(body, sizeof(body),
	               "{'action':'raise','name':'n','severity':'minor','text':'%s'}",
	               text_of(513));
	assert_int_equal(run(m, "alarm", body), -EILSEQ);
	assert_has(list(m, "message", NULL), "\"number\":1,");
	assert_has_not(answer, "\"number\":2,");
	messages_free(m);
}

static void test_to_a_peer(void **state)
{
	struct messages *m = open_messages(*state);

	assert_int_equal(run(m, "alarm",
	                     "{'action':'raise','name':'n','severity':'minor','text':'x',"
	                     "'scope':['sla/operation/10'],'to':'centre'}"),
	                 0);
	assert_has(answer, "\"number\":null, \"queued\":true}");
	assert_string_equal(node.sent_to, "centre");
	assert_has(node.sent, "\"origin\":\"node1\"");
	assert_has(node.sent, "\"measured\":[{");
	assert_has_not(node.sent, "\"to\"");
	assert_has(list(m, "message", NULL), "\"items\":[]");
	assert_has(list(m, "alarm", NULL), "\"items\":[]");
	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'n','to':'centre'}"), 0);
	messages_free(m);
}

/* --- received ------------------------------------------------------------------------------------ */

/* Of every message of the peer's. */
static const uint8_t extension[] = { 0x06, 0x18, 0x2a };

/* The first message, received, is stored with the extension as it came. */
static void assert_log_has_extension(const struct folder *f)
{
	const struct record_log_cfg cfg = { .dir = f->fd, .name = MESSAGE_LOG_NAME };
	struct record_log *log;
	struct record r;
	struct diag d;

	assert_int_equal(record_log_open(&cfg, &log, &d), 0);
	assert_int_equal(record_log_next(log, 0, &r), 0);
	assert_non_null(memmem(r.data, r.len, extension, sizeof(extension)));
	record_log_close(log);
}

static unsigned receive(struct messages *m, const char *from, const char *body)
{
	char *text = arena_strdup(&arena, body);
	struct messages_received r = { .from = from, .at = { node.now_ns } };
	struct doc *d;
	struct diag diag;
	const uint8_t *octets;
	size_t len;

	for (char *p = text; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	assert_int_equal(doc_parse_json(&arena, text, strlen(text), &d, &diag), 0);
	assert_int_equal(doc_to_cbor(d, &arena, &octets, &len), 0);
	r.body = (struct namp_slice) { octets, len };
	r.extensions = (struct namp_slice) { extension, sizeof(extension) };
	r.extension_count = 1;
	return messages_receive(m, &r);
}

static void test_received(void **state)
{
	struct messages *m = open_messages(*state);

	assert_int_equal(
	        receive(m, "node2",
	                "{'type':'alarm','action':'raise','name':'psu','severity':'major',"
	                "'at_ns':1700000000000000000,'origin':'rack','by':'bob','text':'t',"
	                "'number':99,'from':'node1','received_ns':5,'colour':{'red':1.5}}"),
	        200);
	assert_has(list(m, "message", NULL), "\"colour\":{\"red\":1.5}");
	assert_has(answer, "\"from\":\"node2\"");
	assert_has(answer, "\"received_ns\":1800000000000000000");
	assert_has(answer, "\"at_ns\":1700000000000000000");
	assert_has(answer, "\"number\":1,");
	assert_has(list(m, "alarm", NULL), "\"from\":\"node2\"");

	/* Nobody touches another one's alarm, nor ours. */
	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'psu','severity':'minor','text':'mine'}"),
	        0);
	assert_int_equal(receive(m, "node3",
	                         "{'type':'alarm','action':'clear','name':'psu','at_ns':1,"
	                         "'origin':'rack','by':'eve','text':'','of':'node2'}"),
	                 200);
	assert_int_equal(messages_counters(m).alarms, 2);
	/* A person here says whose; without saying it is our own. */
	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'psu','from':'node3'}"),
	                 -ENOENT);
	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'psu'}"), 0);
	assert_int_equal(messages_counters(m).alarms, 1);
	assert_int_equal(run(m, "alarm", "{'action':'acknowledge','name':'psu','text':'seen'}"), 0);
	assert_has(list(m, "alarm", NULL), "\"state\":\"acknowledged\"");
	assert_int_equal(receive(m, "node2",
	                         "{'type':'alarm','action':'clear','name':'psu','at_ns':1,"
	                         "'origin':'rack','by':'bob','text':''}"),
	                 200);
	assert_int_equal(messages_counters(m).alarms, 0);

	/* A type of tomorrow is kept; what contradicts section 8 is not. */
	assert_int_equal(receive(m, "node2",
	                         "{'type':'weather','at_ns':1,'origin':'rack','by':'bob',"
	                         "'text':'rain'}"),
	                 200);
	assert_int_equal(receive(m, "node2", "{'type':'notice','at_ns':1,'by':'b','text':'x'}"),
	                 422);
	assert_int_equal(
	        receive(m, "node2",
	                "{'type':'notice','at_ns':1,'origin':'r','by':'b','text':'\\u001b'}"),
	        422);
	assert_int_equal(receive(m, "node2", "[1]"), 422);
	assert_int_equal(messages_counters(m).refused_received, 3);
	messages_free(m);
	assert_log_has_extension(*state);
	m = open_messages(*state);
	assert_has(list(m, "message", "{'type':'weather'}"), "rain");
	assert_int_equal(messages_counters(m).alarms, 0);
	messages_free(m);
}

/* --- the node's own, pages and filters ----------------------------------------------------------- */

static void test_notes(void **state)
{
	struct messages *m = open_messages(*state);
	struct messages_note note = { .type = "measurement",
		                      .text = "no \x1b[31manswer \xff",
		                      .operation = 10 };

	assert_int_equal(messages_log_node(m, &note), 0);
	note = (struct messages_note) { .type = "config", .action = "commit", .by = "bob" };
	note.text = text_of(511);
	char long_text[600];

	(void)snprintf(long_text, sizeof(long_text), "%s\xc3\xa9", note.text);
	note.text = long_text; /* cut within a character */
	assert_int_equal(messages_log_node(m, &note), 0);
	assert_int_equal(messages_flush(m), 0);
	assert_has(list(m, "message", "{'type':'measurement'}"), "no ?[31manswer ?");
	assert_has(answer, "\"scope\":[\"sla/operation/10\"]");
	assert_has(answer, "\"sense\":\"timeout\"");
	assert_has(list(m, "message", "{'type':'config'}"), "\"by\":\"bob\"");
	assert_has(answer, text_of(511));
	assert_has_not(answer, "\xc3");
	messages_free(m);
}

/* An alarm of the node itself: here, and at the peers. */
static void test_alarm_of_the_node(void **state)
{
	struct messages *m = open_messages(*state);
	const struct namp_peer centre = { .name = "centre" };
	struct messages_alarm alarm = { .name = "sla/10/rtt",
		                        .severity = "minor",
		                        .text = "Threshold exceeded for rtt",
		                        .operation = 10,
		                        .peer_count = 1,
		                        .peers = &centre };

	assert_int_equal(messages_alarm(m, &alarm), 0);
	assert_string_equal(node.sent_to, "centre");
	assert_has(node.sent, "\"action\":\"raise\"");
	assert_has(node.sent, "\"name\":\"sla/10/rtt\"");
	assert_has(node.sent, "\"severity\":\"minor\"");
	assert_has(node.sent, "\"scope\":[\"sla/operation/10\"]");
	assert_has(list(m, "alarm", NULL), "\"name\":\"sla/10/rtt\"");
	alarm.severity = NULL;
	alarm.text = "Threshold below for rtt";
	assert_int_equal(messages_alarm(m, &alarm), 0);
	assert_has(node.sent, "\"action\":\"clear\"");
	assert_has_not(list(m, "alarm", NULL), "sla/10/rtt");
	messages_free(m);
}

static void test_pages_and_filters(void **state)
{
	struct messages *m = open_messages(*state);
	struct messages_note note = { .type = "node" };
	char text[32];

	for (unsigned i = 1; i <= 250; i++) {
		(void)snprintf(text, sizeof(text), "entry %u.", i);
		note.text = text;
		node.now_ns = START_NS + (int64_t)i * NS_PER_S;
		assert_int_equal(messages_log_node(m, &note), 0);
	}
	assert_has(list(m, "message", NULL), "\"next\":100");
	assert_has(answer, "entry 100.");
	assert_has_not(answer, "entry 101.");
	assert_has(list(m, "message", "{'after':200}"), "\"next\":null");
	assert_has(answer, "entry 250.");
	assert_has(list(m, "message", "{'newest':true,'limit':3}"), "entry 248.");
	assert_has(answer, "entry 250.");
	assert_has_not(answer, "entry 247.");
	assert_has(list(m, "message",
	                "{'since_ns':1800000010000000000,'before_ns':1800000012000000000}"),
	           "entry 10.");
	assert_has(answer, "entry 11.");
	assert_has_not(answer, "entry 12.");
	assert_has_not(answer, "entry 9.");
	assert_has(list(m, "message", "{'type':'alarm'}"), "\"items\":[]");
	messages_free(m);
}

/* --- restarts, rotation, limits ------------------------------------------------------------------ */

static void fill_log(struct messages *m, unsigned count)
{
	struct messages_note note = { .type = "node", .text = text_of(400) };

	for (unsigned i = 0; i < count; i++)
		assert_int_equal(messages_log_node(m, &note), 0);
}

static void test_what_stands_outlives_the_log(void **state)
{
	struct messages *m = open_kib(*state, 64);
	char body[256];

	assert_int_equal(run(m, "alarm",
	                     "{'action':'raise','name':'old','severity':'major','text':'since "
	                     "long','scope':['sla/operation/10']}"),
	                 0);
	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'gone','severity':'minor','text':'x'}"),
	        0);
	(void)snprintf(body, sizeof(body),
	               "{'action':'begin','name':'w','text':'x','start_ns':%" PRId64
	               ",'end_ns':%" PRId64 "}",
	               START_NS, START_NS + HOUR_NS);
	assert_int_equal(run(m, "maintenance", body), 0);
	fill_log(m, 300);
	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'gone'}"), 0);
	fill_log(m, 20);
	assert_int_equal(run(m, "alarm", "{'action':'acknowledge','name':'old','text':'yes'}"), 0);
	assert_has_not(list(m, "message", NULL), "since long"); /* the log has it no more */
	assert_has_not(answer, "\"dropped\":0,");
	assert_has(list(m, "alarm", NULL), "since long");
	const char *before = arena_strdup(&arena, list(m, "alarm", NULL));

	messages_free(m);

	m = open_kib(*state, 64);
	assert_string_equal(list(m, "alarm", NULL), before);
	assert_int_equal(messages_counters(m).alarms, 1);
	assert_int_equal(messages_counters(m).windows, 1);
	assert_true(messages_in_maintenance(m, NULL, 5, (wall_t) { START_NS }));
	messages_free(m);
}

static void test_a_damaged_checkpoint(void **state)
{
	const struct folder *f = *state;
	struct messages *m = open_kib(f, 64);

	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'old','severity':'major','text':'x'}"),
	        0);
	fill_log(m, 300);
	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'new','severity':'major','text':'x'}"),
	        0);
	messages_free(m);
	int fd = openat(f->fd, "messages.tables", O_WRONLY);

	assert_int_equal(pwrite(fd, "?", 1, 40), 1);
	(void)close(fd);
	m = open_kib(f, 64);
	assert_has(list(m, "alarm", NULL), "\"name\":\"new\"");
	assert_has_not(answer, "\"name\":\"old\"");
	assert_has(list(m, "message", "{'newest':true,'limit':1}"), "damaged");
	messages_free(m);
}

static void test_limits(void **state)
{
	struct messages *m = open_messages(*state);
	char body[256];

	for (unsigned i = 0; i < MESSAGE_ALARMS_MAX; i++) {
		(void)snprintf(body, sizeof(body),
		               "{'type':'alarm','action':'raise','name':'a%u','severity':'minor',"
		               "'at_ns':1,'origin':'r','by':'b','text':''}",
		               i);
		assert_int_equal(receive(m, "node2", body), 200);
	}
	assert_int_equal(
	        receive(m, "node2",
	                "{'type':'alarm','action':'raise','name':'more','severity':'minor',"
	                "'at_ns':1,'origin':'r','by':'b','text':''}"),
	        507);
	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'more','severity':'minor','text':'x'}"),
	        -ENOSPC);
	assert_int_equal(run(m, "alarm", "{'action':'clear','name':'a5'}"), 0);
	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'more','severity':'minor','text':'x'}"),
	        0);

	/* Windows: one that is over makes room. */
	for (unsigned i = 0; i < MESSAGE_WINDOWS_MAX; i++) {
		(void)snprintf(body, sizeof(body),
		               "{'action':'begin','name':'w%u','text':'x','start_ns':%" PRId64
		               ",'end_ns':%" PRId64 "}",
		               i, node.now_ns, node.now_ns + HOUR_NS * (i == 7 ? 1 : 2));
		assert_int_equal(run(m, "maintenance", body), 0);
	}
	(void)snprintf(body, sizeof(body),
	               "{'action':'begin','name':'more','text':'x','start_ns':%" PRId64
	               ",'end_ns':%" PRId64 "}",
	               node.now_ns, node.now_ns + 3 * HOUR_NS);
	assert_int_equal(run(m, "maintenance", body), -ENOSPC);
	node.now_ns += HOUR_NS;
	assert_int_equal(run(m, "maintenance", body), 0);
	assert_int_equal(messages_counters(m).windows, MESSAGE_WINDOWS_MAX);
	assert_has_not(list(m, "maintenance", "{'limit':1000}"), "\"name\":\"w7\"");
	messages_free(m);
	m = open_messages(*state);
	assert_int_equal(messages_counters(m).windows, MESSAGE_WINDOWS_MAX);
	assert_int_equal(messages_counters(m).alarms, MESSAGE_ALARMS_MAX);
	messages_free(m);
}

static void test_full_disk(void **state)
{
	const struct folder *f = *state;
	struct messages *m = open_messages(f);
	struct messages_note note = { .type = "node", .text = "x" };

	folder_fill_disk(f);
	assert_int_equal(run(m, "message", "{'action':'notice','text':'x'}"), -ENOSPC);
	assert_int_equal(
	        run(m, "alarm", "{'action':'raise','name':'n','severity':'minor','text':'x'}"),
	        -ENOSPC);
	assert_int_equal(
	        receive(m, "node2", "{'type':'notice','at_ns':1,'origin':'r','by':'b','text':''}"),
	        507);
	assert_int_equal(messages_log_node(m, &note), -ENOSPC);
	assert_int_equal(messages_log_node(m, &note), -ENOSPC);
	assert_int_equal(messages_flush(m), 0);
	assert_int_equal(messages_counters(m).lost, 2);
	assert_int_equal(messages_counters(m).alarms, 0);
	folder_empty_disk(f);
	assert_int_equal(messages_flush(m), 0);
	assert_has(list(m, "message", NULL), "2 messages of this node could not be logged");
	assert_int_equal(messages_flush(m), 0);
	assert_has(list(m, "message", NULL), "\"number\":1,");
	assert_has_not(answer, "\"number\":2,"); /* said once */
	messages_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_alarm_from_raise_to_clear, setup, teardown),
		cmocka_unit_test_setup_teardown(test_windows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scopes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(test_to_a_peer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_received, setup, teardown),
		cmocka_unit_test_setup_teardown(test_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_alarm_of_the_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pages_and_filters, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_stands_outlives_the_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_damaged_checkpoint, setup, teardown),
		cmocka_unit_test_setup_teardown(test_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_disk, setup_disk, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
