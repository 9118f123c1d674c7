/* SPDX-License-Identifier: Apache-2.0 */
/* Every document of the object tree, filled so that each key appears at least once, and every word
 * that a document may hold: what test_json_docs.py compares docs/json.md with.
 *
 * usage: documents FOLDER, an empty one for what must be on disk.  Prints one JSON object: "documents" maps a path pattern ("sla/operation/#"; lists as "list PATH")
 * to its documents, "words" maps the name of an enumeration to its words. */
#include "candord/config_service.h"
#include "candord/control_state.h"
#include "documents_messages.h"
#include "export/event_doc.h"
#include "export/export_object.h"
#include "io/clock.h"
#include "namp/datagrams.h"
#include "namp/namp_object.h"
#include "object/doc_cbor.h"
#include "object/log_object.h"
#include "object/names.h"
#include "object/node_object.h"
#include "object/page.h"
#include "object/result_object.h"
#include "object/track_object.h"
#include "object/tree.h"
#include "sla/result.h"
#include "sla/sense.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPS 5

static const char config_text[] = "ip sla 1\n"
                                  " udp-jitter 192.0.2.1 16384 codec g729a\n"
                                  "ip sla schedule 1 life forever start-time now\n"
                                  "ip sla 2\n"
                                  " udp-jitter 192.0.2.1 16386\n"
                                  "ip sla schedule 2 life 3600 start-time now\n"
                                  "ip sla 3\n"
                                  " icmp-echo 192.0.2.1\n"
                                  " history lives-kept 1\n"
                                  " history filter all\n"
                                  " history enhanced\n"
                                  "ip sla 4\n"
                                  " http get http://192.0.2.1/\n"
                                  "ip sla 5\n"
                                  " tcp-connect 192.0.2.1 80\n"
                                  "ip sla group schedule 1 3-5 schedule-period 60\n"
                                  "ip sla group schedule 2 4 schedule-period 60 "
                                  "frequency range 70-80\n"
                                  "logging host 192.0.2.9\nlogging journal\n"
                                  "webhook W\n url https://192.0.2.9/\n"
                                  "hook H\n command c\n"
                                  "ip sla reaction-configuration 1 react mos\n"
                                  "ip sla reaction-configuration 1 react timeout\n"
                                  "ip sla reaction-trigger 1 2\n"
                                  "ip sla responder\n"
                                  "ip sla responder udp-echo port 7007\n"
                                  "track 1 ip sla 3 reachability\n"
                                  "track 2 list threshold weight\n object 1\n"
                                  "track 3 ip route 192.0.2.0 255.255.255.0 reachability\n"
                                  "ip route 0.0.0.0 0.0.0.0 192.0.2.1 track 1\n";

static void die(const char *what, const char *why)
{
	(void)fprintf(stderr, "documents: %s: %s\n", what, why);
	exit(1);
}

/* A run in which everything was measured. */
static struct sla_result result_of(const struct op_conf *conf, bool is_reported)
{
	struct sla_result r = {
		.id = { .number = conf->number, .generation = 1 },
		.type = conf->params.type,
		.sense = SENSE_OK,
		.run = 1,
		.started_at = { NS_PER_S },
		.rtt_ns = 20 * NS_PER_MS,
		.control_rtt_ns = 10 * NS_PER_MS,
		.target = conf->params.target,
		.target_port = conf->params.target_port,
		.clock = { .source = CLOCK_SOURCE_CHRONY, .err_ns = 1000, .limit_ns = 1000000 },
		.jitter = { .codec = conf->params.codec, .mos_centi = 434, .peer_clock_err_ns = 1 },
	};

	sum_stats_add(&r.jitter.rtt, 20 * NS_PER_MS);
	r.jitter.oneway_reason = is_reported ? ONEWAY_REPORTED : ONEWAY_PEER_CLOCK_UNKNOWN;
	return r;
}

static const struct {
	const char *name;
	const char *(*name_of)(uint8_t v);
	uint8_t count;
} enumerations[] = {
	{ "type", name_of_type, SLA_TYPE_COUNT },
	{ "control", name_of_control, SLA_CONTROL_AUTO + 1 },
	{ "codec", name_of_codec, SLA_CODEC_G729A + 1 },
	{ "precision", name_of_precision, SLA_PRECISION_US + 1 },
	{ "peer_clock", name_of_peer_clock, SLA_PEER_CLOCK_ASSUMED + 1 },
	{ "state", name_of_state, SLA_STATE_ACTIVE + 1 },
	{ "start", name_of_start, SLA_START_RANDOM + 1 },
	{ "auth_mode", name_of_auth_mode, KEY_ALGORITHM_HMAC_SHA256 + 1 },
	{ "sense", name_of_sense, NODE_SENSES },
	{ "oneway_reason", name_of_oneway, ONEWAY_NOT_MEASURED + 1 },
	{ "clock_source", name_of_clock_source, CLOCK_SOURCE_OPERATOR + 1 },
	{ "stamps", name_of_stamp, STAMP_HARDWARE + 1 },
	{ "turnaround", name_of_turnaround, TURNAROUND_SUBTRACTED + 1 },
	{ "permanent", name_of_permanent, PERMANENT_TCP_CONNECT + 1 },
	{ "role", role_name, ROLE_ADMINISTRATOR + 1 },
	{ "track_kind", name_of_track_kind, TRACK_KIND_COUNT },
	{ "track_pin", name_of_track_pin, TRACK_PIN_OFF + 1 },
	{ "route_step", name_of_route_step, ROUTE_STEP_HOLD + 1 },
};

static void print_words(struct json_writer *w, struct arena *a)
{
	struct doc *words = doc_new_map(a);

	for (size_t i = 0; i < ARRAY_LEN(enumerations); i++) {
		struct doc *list = doc_add_list(a, words, enumerations[i].name);

		for (uint8_t value = 0; value < enumerations[i].count; value++)
			doc_add_text(a, list, NULL, enumerations[i].name_of(value));
	}
	json_doc(w, "words", words);
}

/* A list and an operation that are tracked, and a route that follows. */
static int handle_tracking(void *ctx, const struct object_request *request, struct arena *a,
                           struct doc **ret, struct diag *d)
{
	const struct config *config = ctx;
	const struct tracking_conf *conf = &config->tracking;
	const struct track_pin_view pin = { .operation = 3,
		                            .error = "no path",
		                            .interface = "eth0" };
	struct track_set set = { 0 };
	struct track_cfg cfgs[3];
	struct track_view tracks[3] = { 0 };
	struct route_view route = { .conf = &conf->routes[0], .error = "no path" };

	for (uint32_t i = 0; i < 3; i++)
		cfgs[i] = conf->tracks[i].cfg;
	track_set_apply(&set, cfgs, 3, (wall_t) { NS_PER_S });
	for (uint32_t i = 0; i < 3; i++)
		tracks[i] = (struct track_view) { .conf = &conf->tracks[i],
			                          .track = &set.tracks[i],
			                          .cause = "x",
			                          .pin_conflict = "x",
			                          .has_result = i == 0,
			                          .pin_count = i == 0,
			                          .pins = &pin };
	struct tracking_view view = { conf, &set, 3, 1, tracks, &route, { 0 }, { NS_PER_S } };
	int rc = tracking_request(&view, request, a, ret, d);

	track_set_fini(&set);
	return rc;
}

static const struct object_caller caller = { ROLE_ADMINISTRATOR, "local:root", "pid 1", 1 };

static int handle_node(void *ctx, const struct object_request *request, struct arena *a,
                       struct doc **ret, struct diag *d)
{
	return node_request(ctx, request, a, ret, d);
}

static int handle_namp(void *ctx, const struct object_request *request, struct arena *a,
                       struct doc **ret, struct diag *d)
{
	static const struct namp_session_view session = { .caller = { ROLE_VIEWER, "alice",
		                                                      "192.0.2.7:41234", 1 } };
	const struct namp_view view = { .tcp.enabled = true };

	if (strcmp(request->path, "namp/peer") == 0)
		return datagrams_list_peers(ctx, request, a, ret, d);
	*ret = object_new(a, request->path);
	if (strcmp(request->path, "namp") == 0) {
		namp_fill(&view, a, *ret);
		datagrams_fill(ctx, a, *ret);
		return 0;
	}
	if (strcmp(request->path, "namp/session") != 0)
		return -ENOENT;
	struct object_page page = object_page_begin(request, a, *ret);
	struct doc *row = doc_new_map(a);

	namp_session_fill(&session, (mono_t) { 1 }, a, row);
	(void)object_page_add(&page, row); /* it fits */
	object_page_end(&page, false, 0);
	return 0;
}

/* All of it is configured. */
static int handle_export(void *ctx, const struct object_request *request, struct arena *a,
                         struct doc **ret, struct diag *d)
{
	static const struct export_view view = {
		.log_wanted = { [RESULT_LOG_FILE] = true, [RESULT_LOG_STREAM] = true },
	};

	(void)ctx, (void)request, (void)d;
	*ret = object_new(a, "export");
	export_fill(&view, a, *ret);
	return 0;
}

/* Lines of the log of results. */
static void print_lines(const struct node_view *node, struct json_writer *w, struct arena *a)
{
	const struct {
		const char *key;
		const struct doc *doc;
	} lines[] = {
		{ "log/result", log_result_doc("node", node->ops[0], a) },
		{ "log/state",
		  log_state_doc("node", node->ops[0], SLA_STATE_ACTIVE, node->now, a) },
		{ "log/lost", log_lost_doc("node", 1, node->now, a) },
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		json_open(w, lines[i].key, '[');
		json_doc(w, NULL, lines[i].doc);
		json_close(w, ']');
	}
}

/* What set, delete and run answer. */
static void print_answers(const struct node_view *node, struct json_writer *w, struct arena *a)
{
	const struct event_head head = { "node", 1, { NS_PER_S } };
	const struct reaction_row row = { .conf = { .operation = 1, .element = REACT_RTT },
		                          .state = { .has_value = true } };
	const struct reaction_outcome outcome = { .event = REACT_RAISED };
	struct doc *acted = object_new(a, "sla/operation");
	struct doc *cleared = object_new(a, "sla/statistics");
	struct doc *closed = object_new(a, "namp/session");
	const struct {
		const char *key;
		struct doc *doc;
	} answers[] = {
		{ "run sla/operation/#", acted },
		{ "run sla/statistics", cleared },
		{ "delete namp/session/#", closed },
		{ "event reaction", event_doc_reaction(&head, &row, node->ops[0], outcome, a) },
		{ "event track", event_doc_track(&head, 1, true, "w", "t", a) },
	};

	operation_acted_fill(node->ops[0], a, acted);
	statistics_cleared_fill(1, a, cleared);
	namp_closed_fill(1, a, closed);
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		json_open(w, answers[i].key, '[');
		json_doc(w, NULL, answers[i].doc);
		json_close(w, ']');
	}
}

/* Who answers for the tree. */
struct providers {
	struct object_provider rows[16];
	unsigned count;
};

static int ask(const struct providers *p, struct arena *a, enum object_verb verb, const char *path,
               struct doc **ret)
{
	struct object_request wanted = { .verb = verb, .path = path, .caller = caller };
	struct diag why = { 0 };
	int rc = object_dispatch(p->rows, p->count, &wanted, a, ret, &why);

	if (rc < 0 && rc != -ENOENT)
		die(path, why.text);
	if (rc == 0)
		doc_sort(*ret);
	return rc;
}

/* A pattern of the root's list, with every number that exists where it takes one. */
static void print_pattern(const struct providers *p, struct arena *a, const char *pattern,
                          enum object_verb verb, struct json_writer *w)
{
	const char *mark = strchr(pattern, '#');
	const char *key = verb == OBJECT_LIST ? arena_printf(a, "list %s", pattern) : pattern;
	struct doc *list = doc_new_list(a), *d;

	for (uint32_t i = 0; i <= (mark ? OPS : 0); i++) {
		const char *path = pattern;

		if (mark)
			path = arena_printf(a, "%.*s%u%s", (int)(mark - pattern), pattern, i,
			                    mark + 1);
		if (ask(p, a, verb, path, &d) == 0)
			doc_add_doc(a, list, NULL, d);
	}
	if (list->count == 0)
		die(key, "no document");
	json_doc(w, key, list);
}

/* What run on messages, alarms and windows answers. */
static void print_logged(const struct providers *p, struct json_writer *w, struct arena *a)
{
	struct object_request notice = {
		.verb = OBJECT_RUN,
		.path = "message",
		.caller = { ROLE_OPERATOR, "local:root", "pid 1", 1 },
	};
	struct doc *body = doc_new_map(a), *answer;
	struct diag why = { 0 };

	doc_add_text(a, body, "action", "notice");
	doc_add_text(a, body, "text", "t");
	notice.body = body;
	if (object_dispatch(p->rows, p->count, &notice, a, &answer, &why) < 0)
		die("run message", why.text);
	json_open(w, "run message", '[');
	json_doc(w, NULL, answer);
	json_close(w, ']');
}

static void print_documents(const struct providers *p, const struct node_view *node,
                            struct json_writer *w, struct arena *a)
{
	struct doc *root;

	if (ask(p, a, OBJECT_LIST, "", &root) < 0)
		die("the root", "nothing there");
	json_open(w, "documents", '{');
	for (const struct doc_member *m = doc_first(doc_get(root, "items")); m; m = m->next) {
		const char *pattern = doc_text(&m->value, "path", "");

		if (doc_text(&m->value, "get", NULL))
			print_pattern(p, a, pattern, OBJECT_GET, w);
		if (doc_text(&m->value, "list", NULL))
			print_pattern(p, a, pattern, OBJECT_LIST, w);
	}
	print_answers(node, w, a);
	print_logged(p, w, a);
	print_lines(node, w, a);
	json_close(w, '}');
}

static void ignore_change(void *ctx, const struct config_change *change)
{
	(void)ctx;
	(void)change;
}

static wall_t wall(void *ctx)
{
	(void)ctx;
	return (wall_t) { NS_PER_S };
}

static boot_t boot(void *ctx)
{
	(void)ctx;
	return (boot_t) { NS_PER_S };
}

/* The configuration service with ``config`` loaded. */
static struct config_service *load(const struct config *config, int folder)
{
	const struct config_edges edges = { .changed = ignore_change, .wall = wall, .boot = boot };
	struct config_service *s = config_service_new(&edges, folder);

	config_service_loaded(s, config);
	return s;
}

static unsigned deliver(void *ctx, const struct datagrams_received *received)
{
	(void)ctx;
	(void)received;
	return 200;
}

/* With one peer. */
static struct datagrams *open_datagrams(int folder)
{
	const struct datagrams_cfg cfg = { .state_dir = folder,
		                           .node_name = "node",
		                           .clock = clock_system(),
		                           .deliver = deliver };
	struct namp_peer peer = { .name = "centre", .port = 167, .is_inform = true };
	const struct namp_conf conf = { .peer_count = 1, .peers = &peer };
	struct diag why = { 0 };
	struct datagrams *s = NULL;

	if (inet_addr_parse("192.0.2.1", &peer.addr) < 0 || datagrams_new(NULL, &cfg, &s, &why) < 0)
		die("datagrams", why.text);
	datagrams_configure(s, &conf, NULL);
	return s;
}

/* The configuration service has a candidate of the session that asks. */
static void edit(struct config_service *configs, struct arena *a)
{
	struct doc *body = doc_new_map(a), *answer;
	const struct object_request wanted = {
		.verb = OBJECT_RUN, .path = "config/candidate", .body = body, .caller = caller
	};
	struct diag why = { 0 };

	doc_add_text(a, body, "action", "edit");
	doc_add_text(a, doc_add_list(a, body, "lines"), NULL, "hostname other");
	if (config_service_handle(configs, &wanted, a, &answer, &why) < 0)
		die("config/candidate", why.text);
}

int main(int argc, char **argv)
{
	struct arena a = { 0 };
	struct json_writer w = { .to = stdout, .indent = 1 };
	struct config *config;
	struct config_errors errors = { 0 };
	struct op_entry entries[OPS];
	const struct op_entry *ops[OPS];
	static const struct runner_counters runner;
	static const struct responder_session_view session;
	static struct responder_status status;

	int folder = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (folder < 0)
		die("usage", "documents FOLDER");
	if (config_parse(config_text, strlen(config_text), &config, &errors) < 0)
		die("configuration", errors.errors[0].text);
	for (uint32_t i = 0; i < OPS; i++) {
		const struct op_conf *conf = config->ops[i];
		struct sla_result r = result_of(conf, conf->params.codec != SLA_CODEC_NONE);

		op_entry_init(&entries[i], conf, (struct op_id) { conf->number, 1 },
		              (mono_t) { 0 });
		if (i < OPS - 1) /* the last one never ran */
			(void)op_entry_take_result(&entries[i], &r, NULL,
			                           (mono_t) { 0 }); /* it is its own */
		ops[i] = &entries[i];
	}
	status.recent[0].addr = status.recent_errors[0].addr = config->ops[0]->params.target;
	struct node_view node = {
		.hostname = "node",
		.confinement = "seccomp",
		.now = { 2 * NS_PER_S },
		.config = config,
		.op_count = OPS,
		.op_max = OPS,
		.ops = ops,
		.responder = &status,
		.session_count = 1,
		.sessions = &session,
		.runner = &runner,
	};

	struct config_service *configs = load(config, folder);
	struct datagrams *datagrams = open_datagrams(folder);
	static struct control control;
	struct trigger_row triggers[] = { { .conf = config->triggers[0] } };
	struct reaction_row rows[] = { { .conf = config->reactions[0] },
		                       { .conf = config->reactions[1],
		                         .state = { .has_value = true },
		                         .changed_at = { NS_PER_S } } };

	control.config = config;
	control.reactions = (struct reactions) {
		.row_count = 2, .rows = rows, .trigger_count = 1, .triggers = triggers
	};
	struct providers providers = { { { "", handle_node, &node },
		                         { "sla/reaction", control_reactions_handle, &control },
		                         { "notification", control_outbound_handle, &control },
		                         { "namp", handle_namp, datagrams },
		                         { "export", handle_export, NULL },
		                         { "config", config_service_handle, configs } },
		                       6 };

	edit(configs, &a);
	message_documents_begin(folder, providers.rows + providers.count);
	providers.count += MESSAGE_PROVIDERS;
	providers.rows[providers.count++] =
	        (struct object_provider) { "track", handle_tracking, config };
	providers.rows[providers.count++] =
	        (struct object_provider) { "route", handle_tracking, config };

	json_open(&w, NULL, '{');
	print_documents(&providers, &node, &w, &a);
	print_words(&w, &a);
	json_close(&w, '}');
	for (uint32_t i = 0; i < OPS; i++)
		op_entry_fini(&entries[i]);
	config_service_free(configs);
	message_documents_end();
	datagrams_free(datagrams);
	config_errors_fini(&errors);
	config_free(config);
	arena_free(&a);
	return fflush(stdout) == 0 ? 0 : 1;
}
