/* SPDX-License-Identifier: Apache-2.0 */
/* A message of every kind, an alarm that was acknowledged, a window, and a change. */
#include "documents_messages.h"

#include "base/clocktypes.h"
#include "namp/audit.h"
#include "namp/message_service.h"
#include "object/doc_cbor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct messages *messages;
static struct audit *audit;

static void die(const char *what)
{
	(void)fprintf(stderr, "documents: %s\n", what);
	exit(1);
}

static wall_t read_wall(void *ctx)
{
	(void)ctx;
	return (wall_t) { NS_PER_S };
}

static boot_t read_boot(void *ctx)
{
	(void)ctx;
	return (boot_t) { NS_PER_S };
}

static bool measure(void *ctx, uint32_t number, struct arena *a, struct doc *to)
{
	(void)ctx;
	doc_add_int(a, to, "number", number);
	doc_add_int(a, to, "generation", 1);
	doc_add_int(a, to, "at_ns", NS_PER_S);
	doc_add_text(a, to, "sense", "ok");
	doc_add_int(a, to, "rtt_ns", NS_PER_MS);
	doc_add_int(a, to, "loss_ppm", 0);
	doc_add_text(a, to, "state", "active");
	return true;
}

static void run(const char *path, const char *body)
{
	struct object_request q = {
		.verb = OBJECT_RUN,
		.path = path,
		.caller = { ROLE_OPERATOR, "local:root", "pid 1", 1 },
	};
	struct arena a = { 0 };
	struct doc *parsed, *answer;
	struct diag d = { 0 };

	if (doc_parse_json(&a, body, strlen(body), &parsed, &d) < 0)
		die(d.text);
	q.body = parsed;
	if (audit_begin(audit, &q, &d) < 0 || messages_handle(messages, &q, &a, &answer, &d) < 0 ||
	    audit_end(audit, q.ticket, 0, &d) < 0)
		die(d.text);
	arena_free(&a);
}

/* What a peer has sent. */
static void receive(const char *body)
{
	struct messages_received r = { .from = "node2", .at = { NS_PER_S } };
	struct arena a = { 0 };
	struct doc *parsed;
	struct diag d;

	if (doc_parse_json(&a, body, strlen(body), &parsed, &d) < 0 ||
	    doc_to_cbor(parsed, &a, &r.body.data, &r.body.len) < 0 ||
	    messages_receive(messages, &r) != 200)
		die("a message is refused");
	arena_free(&a);
}

void message_documents_begin(int folder, struct object_provider providers[static MESSAGE_PROVIDERS])
{
	const struct audit_cfg changes = { .state_dir = folder,
		                           .now = read_wall,
		                           .boot = read_boot };
	const struct messages_cfg cfg = {
		.state_dir = folder, .node_name = "node", .now = read_wall, .measure = measure
	};
	struct diag d;

	if (audit_new(&changes, &audit, &d) < 0 || messages_new(&cfg, &messages, &d) < 0)
		die(d.text);
	run("alarm", "{\"action\": \"raise\", \"name\": \"a\", \"severity\": \"major\", \"text\": "
	             "\"t\", \"scope\": [\"sla/operation/1\"]}");
	run("alarm", "{\"action\": \"acknowledge\", \"name\": \"a\", \"text\": \"t\"}");
	run("maintenance",
	    "{\"action\": \"begin\", \"name\": \"w\", \"text\": \"t\", \"start_ns\": "
	    "1000000000, \"end_ns\": 2000000000}");
	run("maintenance", "{\"action\": \"end\", \"name\": \"w\"}");
	receive("{\"type\": \"alarm\", \"action\": \"raise\", \"name\": \"b\", \"severity\": "
	        "\"minor\", "
	        "\"text\": \"t\", \"at_ns\": 1, \"origin\": \"o\", \"by\": \"b\"}");
	run("alarm", "{\"action\": \"acknowledge\", \"name\": \"b\", \"text\": \"t\"}");
	providers[0] = (struct object_provider) { "message", messages_handle, messages };
	providers[1] = (struct object_provider) { "alarm", messages_handle, messages };
	providers[2] = (struct object_provider) { "maintenance", messages_handle, messages };
	providers[3] = (struct object_provider) { "audit", audit_handle, audit };
}

void message_documents_end(void)
{
	messages_free(messages);
	audit_free(audit);
}
