/* SPDX-License-Identifier: Apache-2.0 */
/* The objects `message`, `alarm` and `maintenance`: lists, single messages, and what is done to them. */
#include "namp/message_internal.h"
#include "namp/record_list.h"
#include "object/page.h"
#include "object/paths.h"
#include "object/result_object.h"
#include "object/rows.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* --- looking ------------------------------------------------------------------------------------- */

static int decode(const struct record *r, struct arena *a, struct doc **ret)
{
	int rc = message_decode(r, a, ret);

	if (rc == 0)
		message_complete(a, *ret, message_keys);
	return rc;
}

static int list_messages(struct messages *m, const struct object_request *q, struct arena *a,
                         struct doc **ret, struct diag *d)
{
	struct doc *to = object_new(a, "message");
	int rc = record_list(m->log, decode, q, a, to, d);

	if (rc < 0)
		return rc;
	object_add_u64(a, to, "lost", m->counters.lost);
	doc_add_int(a, to, "now_ns", m->cfg.now(m->cfg.ctx).ns);
	*ret = to;
	return 0;
}

static int get_message(struct messages *m, const struct object_request *q, struct arena *a,
                       struct doc **ret, struct diag *d)
{
	uint64_t number = 0;
	struct record r;
	struct doc *message;

	if (!object_path_number(q->path, &number) || number == 0 ||
	    record_log_next(m->log, number - 1, &r) < 0 || r.number != number ||
	    decode(&r, a, &message) < 0)
		return diag_set(d, -ENOENT, "the log has no message %" PRIu64, number);
	*ret = object_new(a, "message");
	for (const struct doc_member *x = doc_first(message); x; x = x->next)
		doc_add_doc(a, *ret, x->key, &x->value);
	return 0;
}

static int list_table(struct messages *m, unsigned table, const struct object_request *q,
                      struct arena *a, struct doc **ret)
{
	const struct message_table *t = &m->tables[table];
	struct doc *to = object_new(a, table == TABLE_ALARMS ? "alarm" : "maintenance");
	struct object_page page = object_page_begin(q, a, to);
	uint32_t at = message_table_above(t, object_body_after(q));
	uint64_t last = object_body_after(q);
	wall_t now = m->cfg.now(m->cfg.ctx);

	for (; at < t->count; at++) {
		struct doc *row = table_row_doc(t->rows[at], a);

		if (table == TABLE_WINDOWS)
			doc_add_text(a, row, "state", message_window_state(row, now));
		if (!object_page_add(&page, row))
			break;
		last = t->rows[at]->number;
	}
	object_page_end(&page, at < t->count, last);
	doc_add_int(a, to, "now_ns", now.ns);
	*ret = to;
	return 0;
}

/* --- run ----------------------------------------------------------------------------------------- */

struct action {
	const char *path, *action;
	const char *type;
	bool needs_text, stands; /* stands: about an alarm or window that must be there */
	unsigned table;
	const char *const *members; /* of the request that the message has too, ended by NULL */
};

static const char *const notice_members[] = { "scope", NULL };
static const char *const raise_members[] = { "name", "severity", "scope", NULL };
static const char *const name_members[] = { "name", NULL };
static const char *const begin_members[] = { "name", "start_ns", "end_ns", "scope", NULL };

static const struct action actions[] = {
	{ "message", "notice", "notice", true, false, 0, notice_members },
	{ "alarm", "raise", "alarm", true, false, TABLE_ALARMS, raise_members },
	{ "alarm", "clear", "alarm", false, true, TABLE_ALARMS, name_members },
	{ "alarm", "acknowledge", "alarm", true, true, TABLE_ALARMS, name_members },
	{ "maintenance", "begin", "maintenance", true, false, TABLE_WINDOWS, begin_members },
	{ "maintenance", "end", "maintenance", false, true, TABLE_WINDOWS, name_members },
};

static const struct action *find_action(const struct object_request *q)
{
	const char *action = doc_text(q->body, "action", "");

	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (strcmp(actions[i].path, q->path) == 0 && strcmp(actions[i].action, action) == 0)
			return &actions[i];
	}
	return NULL;
}

static struct doc *make_message(struct messages *m, const struct object_request *q,
                                const struct action *action, struct arena *a)
{
	struct doc *d = doc_new_map(a);

	doc_add_text(a, d, "type", action->type);
	doc_add_int(a, d, "at_ns", m->cfg.now(m->cfg.ctx).ns);
	doc_add_text(a, d, "origin", m->node_name);
	doc_add_text(a, d, "by", q->caller.name);
	if (strcmp(action->type, "notice") != 0)
		doc_add_text(a, d, "action", action->action);
	for (const char *const *key = action->members; *key; key++) {
		const struct doc *v = doc_get(q->body, *key);

		if (v)
			doc_add_doc(a, d, *key, v);
	}
	const struct doc *text = doc_get(q->body, "text");

	if (text)
		doc_add_doc(a, d, "text", text);
	else
		doc_add_text(a, d, "text", "");
	return d;
}

static int check_request(const struct messages *m, const struct action *action,
                         const struct doc *message, struct diag *d)
{
	if (action->needs_text && doc_text(message, "text", "x")[0] == '\0')
		return diag_set(d, -EINVAL, "%s needs \"text\": say why", action->action);
	if (strcmp(action->action, "begin") == 0 &&
	    doc_int(message, "end_ns", 0) <= m->cfg.now(m->cfg.ctx).ns)
		return diag_set(d, -EILSEQ, "the window would be over already");
	return 0;
}

/* The row that a request names: this node's own, or that of ``from``; without either the only one of
 * the name. */
static int find_named(const struct messages *m, const struct object_request *q,
                      const struct action *action, const char *name, const char **ret_from,
                      struct diag *d)
{
	const struct message_table *t = &m->tables[action->table];
	const char *from = doc_text(q->body, "from", NULL);
	int64_t now_ns = m->cfg.now(m->cfg.ctx).ns;
	const struct table_row *found = message_table_find(t, from ? from : "", name, now_ns);
	unsigned others = 0;

	for (uint32_t i = 0; !found && !from && i < t->count; i++)
		others += strcmp(t->rows[i]->name, name) == 0 &&
		          (t->rows[i]->end_ns == 0 || t->rows[i]->end_ns > now_ns);
	for (uint32_t i = 0; others == 1 && i < t->count; i++) {
		if (strcmp(t->rows[i]->name, name) == 0 &&
		    (t->rows[i]->end_ns == 0 || t->rows[i]->end_ns > now_ns))
			found = t->rows[i];
	}
	if (found) {
		*ret_from = found->from;
		return 0;
	}
	if (others > 1)
		return diag_set(d, -EILSEQ, "%s \"%s\" is there from %u peers: say whose, \"from\"",
		                action->path, name, others);
	return diag_set(d, -ENOENT, "no %s \"%s\" %s",
	                action->table == TABLE_ALARMS ? "alarm" : "window", name,
	                action->table == TABLE_ALARMS ? "stands" : "is planned or active");
}

static int send_message(struct messages *m, const char *peer, const struct doc *message,
                        struct arena *a, struct doc **ret, struct diag *d)
{
	if (!m->cfg.send)
		return diag_set(d, -ENOENT, "this node has no peers to send to");
	int rc = m->cfg.send(m->cfg.ctx, peer, message, d);

	if (rc < 0)
		return rc;
	*ret = object_new(a, "message");
	doc_add_null(a, *ret, "number");
	doc_add_bool(a, *ret, "queued", true);
	return 0;
}

static int log_message(struct messages *m, const struct object_request *q,
                       const struct action *action, struct message_entry *e, struct arena *a,
                       struct doc **ret, struct diag *d)
{
	const char *from = "";
	uint64_t number;
	int rc = action->stands ? find_named(m, q, action, doc_text(e->doc, "name", ""), &from, d)
	                        : message_find_room(m, e->doc, e->effect, d);

	if (rc < 0)
		return rc;
	if (*from)
		doc_add_text(a, e->doc, "of", from);
	rc = message_enter(m, e, a, &number, d);
	if (rc < 0)
		return rc;
	*ret = object_new(a, "message");
	object_add_u64(a, *ret, "number", number);
	doc_add_bool(a, *ret, "queued", false);
	return 0;
}

static int run(struct messages *m, const struct object_request *q, struct arena *a,
               struct doc **ret, struct diag *d)
{
	const struct action *action = find_action(q);
	struct message_entry e = { 0 };

	if (!action)
		return diag_set(d, -EINVAL, "\"%s\" has no such \"action\"", q->path);
	e.doc = make_message(m, q, action, a);
	int rc = message_check(e.doc, &e.effect, d);

	if (rc == 0)
		rc = check_request(m, action, e.doc, d);
	if (rc < 0)
		return rc;
	message_add_measured(m, a, e.doc);
	const struct doc *to = doc_get(q->body, "to");

	if (to && to->kind == DOC_TEXT)
		return send_message(m, to->text, e.doc, a, ret, d);
	if (to && to->kind != DOC_NULL)
		return diag_set(d, -EINVAL, "\"to\" is the name of a peer");
	return log_message(m, q, action, &e, a, ret, d);
}

int messages_handle(void *ctx, const struct object_request *q, struct arena *a, struct doc **ret,
                    struct diag *d)
{
	struct messages *m = ctx;
	bool is_alarm = strcmp(q->path, "alarm") == 0;

	if (q->verb == OBJECT_RUN)
		return run(m, q, a, ret, d);
	if (q->verb == OBJECT_GET && strncmp(q->path, "message/", 8) == 0)
		return get_message(m, q, a, ret, d);
	if (q->verb == OBJECT_LIST && strcmp(q->path, "message") == 0)
		return list_messages(m, q, a, ret, d);
	if (q->verb == OBJECT_LIST && (is_alarm || strcmp(q->path, "maintenance") == 0))
		return list_table(m, is_alarm ? TABLE_ALARMS : TABLE_WINDOWS, q, a, ret);
	return diag_set(d, -EOPNOTSUPP, "\"%s\" does not take this verb", q->path);
}
