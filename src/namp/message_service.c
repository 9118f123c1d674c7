/* SPDX-License-Identifier: Apache-2.0 */
/* The message log and the tables that follow from it.
 *
 * A record of the log is the array [1, number of extensions, extensions as they came, body].  The
 * tables change only by what is in the log, in its order, so that reading it again from the number of
 * the checkpoint gives the same tables.  A checkpoint is written before a segment goes that holds what
 * the last one does not know. */
#include "namp/message_service.h"

#include "base/xalloc.h"
#include "io/state_dir.h"
#include "namp/codes.h"
#include "namp/message_internal.h"
#include "object/doc_cbor.h"
#include "wire/cbor.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define RECORD_VERSION  1
#define CHECKPOINT_FILE MESSAGE_LOG_NAME ".tables"
#define CHECKPOINT_MAX \
	((MESSAGE_ALARMS_MAX + MESSAGE_WINDOWS_MAX) * (TABLE_ROW_OCTETS_MAX + 4) + 64)
#define LOG_KIB_DEFAULT 4096u

static wall_t now(const struct messages *m)
{
	return m->cfg.now(m->cfg.ctx);
}

static uint64_t log_bytes(uint32_t log_kib)
{
	return (uint64_t)(log_kib ? log_kib : LOG_KIB_DEFAULT) << 10;
}

const char *const message_keys[] = {
	"type",     "at_ns",    "origin", "by",       "text", "scope", "action",      "name",
	"severity", "start_ns", "end_ns", "measured", "of",   "from",  "received_ns", NULL,
};

/* --- records ------------------------------------------------------------------------------------- */

static int encode(struct messages *m, const struct message_entry *e, struct arena *a,
                  size_t *ret_len)
{
	const uint8_t *body;
	size_t body_len;
	struct cbor_wr w;
	int rc = doc_to_cbor(e->doc, a, &body, &body_len);

	if (rc < 0)
		return rc;
	cbor_wr_init(&w, m->scratch, sizeof(m->scratch));
	cbor_put_array(&w, 4);
	cbor_put_int(&w, RECORD_VERSION);
	cbor_put_int(&w, e->extension_count);
	cbor_put_bytes(&w, e->extensions.data, e->extensions.len);
	cbor_put_raw(&w, body, body_len);
	*ret_len = cbor_wr_len(&w);
	return w.bad ? -EMSGSIZE : 0;
}

int message_decode(const struct record *r, struct arena *a, struct doc **ret)
{
	struct cbor_item item;
	struct cbor_rd rd;
	struct doc *d;
	struct diag diag;

	cbor_rd_init(&rd, r->data, r->len);
	if (cbor_next(&rd, &item) != CBOR_ARRAY || item.count != 4 ||
	    cbor_next(&rd, &item) != CBOR_INT || item.integer != RECORD_VERSION ||
	    cbor_next(&rd, &item) != CBOR_INT || cbor_next(&rd, &item) != CBOR_BYTES)
		return -EBADMSG;
	if (doc_parse_cbor(a, rd.p, (size_t)(rd.end - rd.p), &d, &diag) < 0 || d->kind != DOC_MAP)
		return -EBADMSG;
	doc_add_int(a, d, "number", (int64_t)r->number);
	*ret = d;
	return 0;
}

/* --- tables -------------------------------------------------------------------------------------- */

/* Whose alarm or window a logged message is about. */
static const char *owner_of(const struct doc *doc)
{
	return doc_text(doc, "from", doc_text(doc, "of", ""));
}

/* When it arrived. */
static int64_t arrival_ns(const struct doc *doc)
{
	return doc_int(doc, "received_ns", doc_int(doc, "at_ns", 0));
}

static const struct table_row *find_row(const struct messages *m, unsigned table,
                                        const struct doc *doc)
{
	return message_table_find(&m->tables[table], owner_of(doc), doc_text(doc, "name", ""),
	                          arrival_ns(doc));
}

/* The oldest window that is over, of which room can be made; NULL: none is. */
static const struct table_row *find_spare(const struct message_table *t, int64_t at_ns)
{
	for (uint32_t i = 0; i < t->count; i++) {
		if (t->rows[i]->end_ns && t->rows[i]->end_ns <= at_ns)
			return t->rows[i];
	}
	return NULL;
}

static void drop_spare(struct message_table *t, int64_t at_ns)
{
	const struct table_row *spare = find_spare(t, at_ns);

	if (spare)
		message_table_remove(t, spare->number);
}

int message_find_room(const struct messages *m, const struct doc *doc, enum message_effect effect,
                      struct diag *d)
{
	const struct message_table *windows = &m->tables[TABLE_WINDOWS];

	if (effect == MESSAGE_ALARM_RAISE && m->tables[TABLE_ALARMS].count >= MESSAGE_ALARMS_MAX &&
	    !find_row(m, TABLE_ALARMS, doc))
		return diag_set(d, -ENOSPC, "%u alarms stand already: clear some first",
		                MESSAGE_ALARMS_MAX);
	if (effect == MESSAGE_WINDOW_BEGIN && windows->count >= MESSAGE_WINDOWS_MAX &&
	    !find_row(m, TABLE_WINDOWS, doc) && !find_spare(windows, arrival_ns(doc)))
		return diag_set(d, -ENOSPC,
		                "%u windows are planned or active already: end some first",
		                MESSAGE_WINDOWS_MAX);
	return 0;
}

/* The members of a message that a row begins with: all but those which say what it does. */
static struct doc *begin_row(struct arena *a, const struct doc *doc, uint64_t number)
{
	static const char *const without[] = { "type",     "action",       "number",   "of",
		                               "from",     "raises",       "since_ns", "state",
		                               "ended_by", "acknowledged", NULL };
	static const char *const keys[] = { "scope", "measured", "received_ns", NULL };
	struct doc *row = message_copy(a, doc, without);
	const char *owner = owner_of(doc);

	message_complete(a, row, keys);

	doc_add_int(a, row, "number", (int64_t)number);
	if (*owner)
		doc_add_text(a, row, "from", owner);
	else
		doc_add_null(a, row, "from");
	return row;
}

static struct doc *raise_alarm(const struct table_row *old_row, const struct doc *doc,
                               uint64_t number, struct arena *a)
{
	const struct doc *old = old_row ? table_row_doc(old_row, a) : NULL;
	struct doc *row = begin_row(a, doc, old_row ? old_row->number : number);
	const struct doc *acknowledged = doc_get(old, "acknowledged");

	/* Who acknowledged another severity has not seen this one. */
	if (acknowledged &&
	    strcmp(doc_text(old, "severity", ""), doc_text(doc, "severity", "")) != 0)
		acknowledged = NULL;
	doc_add_int(a, row, "since_ns", doc_int(old, "since_ns", doc_int(doc, "at_ns", 0)));
	doc_add_int(a, row, "raises", doc_int(old, "raises", 0) + 1);
	if (acknowledged)
		doc_add_doc(a, row, "acknowledged", acknowledged);
	else
		doc_add_null(a, row, "acknowledged");
	doc_add_text(a, row, "state",
	             acknowledged && acknowledged->kind == DOC_MAP ? "acknowledged" : "standing");
	return row;
}

/* The row with other members instead of its own of these names. */
static struct doc *change_row(const struct table_row *old, struct arena *a,
                              const char *const *without)
{
	return message_copy(a, table_row_doc(old, a), without);
}

static struct doc *acknowledge_alarm(const struct table_row *old, const struct doc *doc,
                                     struct arena *a)
{
	static const char *const without[] = { "acknowledged", "state", NULL };
	struct doc *row = change_row(old, a, without);
	struct doc *acknowledged = doc_add_map(a, row, "acknowledged");

	doc_add_int(a, acknowledged, "at_ns", doc_int(doc, "at_ns", 0));
	doc_add_text(a, acknowledged, "by", doc_text(doc, "by", ""));
	doc_add_text(a, acknowledged, "text", doc_text(doc, "text", ""));
	doc_add_text(a, row, "state", "acknowledged");
	return row;
}

static struct doc *clear_alarm(const struct table_row *old, struct arena *a)
{
	static const char *const without[] = { "state", NULL };
	struct doc *row = change_row(old, a, without);

	doc_add_text(a, row, "state", "cleared");
	return row;
}

static struct doc *begin_window(const struct table_row *old, const struct doc *doc, uint64_t number,
                                struct arena *a)
{
	struct doc *row = begin_row(a, doc, old ? old->number : number);

	doc_add_null(a, row, "ended_by");
	return row;
}

static struct doc *end_window(const struct table_row *old, const struct doc *doc, struct arena *a)
{
	static const char *const without[] = { "end_ns", "ended_by", NULL };
	struct doc *row = change_row(old, a, without);

	doc_add_int(a, row, "end_ns", arrival_ns(doc));
	doc_add_text(a, row, "ended_by", doc_text(doc, "by", ""));
	return row;
}

/* A row that is too long for the table, which the bounds of a message exclude, is left out. */
static void put(struct messages *m, unsigned table, const struct doc *row)
{
	if (message_table_put(&m->tables[table], row) < 0)
		m->counters.lost++;
}

/* Change the tables by a message of the log; the row as it is now, NULL: none has changed.  What has no
 * room (the log may hold more than the tables) changes nothing. */
static struct doc *apply(struct messages *m, const struct doc *doc, enum message_effect effect,
                         uint64_t number, struct arena *a)
{
	unsigned table = effect >= MESSAGE_WINDOW_BEGIN ? TABLE_WINDOWS : TABLE_ALARMS;
	struct message_table *t = &m->tables[table];
	const struct table_row *old = find_row(m, table, doc);
	struct doc *row = NULL;

	if (effect == MESSAGE_NO_EFFECT || message_find_room(m, doc, effect, NULL) < 0)
		return NULL;
	if (effect == MESSAGE_ALARM_RAISE) {
		row = raise_alarm(old, doc, number, a);
	} else if (effect == MESSAGE_WINDOW_BEGIN) {
		row = begin_window(old, doc, number, a);
		if (!old && t->count >= MESSAGE_WINDOWS_MAX)
			drop_spare(t, arrival_ns(doc));
	} else if (!old) {
		return NULL;
	} else if (effect == MESSAGE_ALARM_CLEAR) {
		row = clear_alarm(old, a);
		message_table_remove(t, old->number);
		return row;
	} else if (effect == MESSAGE_ALARM_ACKNOWLEDGE) {
		row = acknowledge_alarm(old, doc, a);
	} else {
		row = end_window(old, doc, a);
	}
	put(m, table, row);
	return row;
}

const char *message_window_state(const struct doc *row, wall_t at)
{
	if (doc_int(row, "end_ns", 0) <= at.ns)
		return "over";
	return doc_int(row, "start_ns", 0) <= at.ns ? "active" : "planned";
}

bool messages_in_maintenance(const struct messages *m, const char *from, uint32_t number, wall_t at)
{
	const struct message_table *t = &m->tables[TABLE_WINDOWS];
	bool is_inside = false;

	for (uint32_t i = 0; i < t->count && !is_inside; i++) {
		const struct table_row *row = t->rows[i];
		struct arena a = { 0 };

		if (strcmp(row->from, from ? from : "") != 0 || at.ns < row->start_ns ||
		    at.ns >= row->end_ns)
			continue;
		is_inside = message_scope_has(table_row_doc(row, &a), number);
		arena_free(&a);
	}
	return is_inside;
}

/* --- entering ------------------------------------------------------------------------------------ */

static int no_room(int rc, struct diag *d)
{
	if (rc == -EMSGSIZE)
		return diag_set(d, rc, "the message is too long for the log");
	if (rc == -ENOSPC || rc == -EFBIG || rc == -EDQUOT)
		return diag_set(d, -ENOSPC, "the message log has no room on the disk");
	return diag_set(d, -EIO, "the message log cannot be written: %s", strerror(-rc));
}

static void publish(struct messages *m, struct arena *a, const struct message_entry *e,
                    uint64_t number, const struct doc *row)
{
	static const char *const without[] = { NULL };
	wall_t at = { arrival_ns(e->doc) };
	char path[40];

	if (!m->cfg.publish)
		return;
	struct doc *d = message_copy(a, e->doc, without);

	doc_add_int(a, d, "number", (int64_t)number);
	message_complete(a, d, message_keys);
	(void)snprintf(path, sizeof(path), "message/%" PRIu64, number); /* fits */
	m->cfg.publish(m->cfg.ctx, path, at, d);
	if (!row)
		return;
	bool is_window = e->effect >= MESSAGE_WINDOW_BEGIN;
	struct doc *shown = message_copy(a, row, without);

	if (is_window)
		doc_add_text(a, shown, "state", message_window_state(row, at));
	m->cfg.publish(m->cfg.ctx, is_window ? "maintenance" : "alarm", at, shown);
}

/* The same without making it durable. */
static int append(struct messages *m, const struct message_entry *e, struct arena *a,
                  uint64_t *ret_number)
{
	size_t len;
	int rc = encode(m, e, a, &len);

	return rc < 0 ? rc : record_log_append(m->log, m->scratch, len, ret_number);
}

static void act(struct messages *m, const struct message_entry *e, struct arena *a, uint64_t number)
{
	const struct doc *row = apply(m, e->doc, e->effect, number, a);

	m->counters.logged++;
	publish(m, a, e, number, row);
}

int message_enter(struct messages *m, const struct message_entry *e, struct arena *a,
                  uint64_t *ret_number, struct diag *d)
{
	uint64_t number;
	int rc = append(m, e, a, &number);

	if (rc == 0)
		rc = record_log_sync(m->log);
	if (rc < 0)
		return no_room(rc, d);
	act(m, e, a, number);
	*ret_number = number;
	return 0;
}

void message_add_measured(struct messages *m, struct arena *a, struct doc *doc)
{
	struct doc *measured = NULL;

	if (!m->cfg.measure)
		return;
	for (const struct doc_member *s = doc_first(doc_get(doc, "scope")); s; s = s->next) {
		uint32_t number =
		        s->value.kind == DOC_TEXT ? message_scope_operation(s->value.text) : 0;
		struct doc *row = doc_new_map(a);

		if (number == 0 || !m->cfg.measure(m->cfg.ctx, number, a, row))
			continue;
		if (!measured)
			measured = doc_add_list(a, doc, "measured");
		if (measured->count < MESSAGE_SCOPE_MAX)
			doc_add_doc(a, measured, NULL, row);
	}
}

static void make_note(struct messages *m, const struct messages_note *note, struct arena *a,
                      struct doc *d)
{
	doc_add_text(a, d, "type", note->type);
	doc_add_int(a, d, "at_ns", now(m).ns);
	doc_add_text(a, d, "origin", m->node_name);
	doc_add_text(a, d, "by", note->by ? note->by : "candord");
	doc_add_text(a, d, "text", message_plain_text(a, note->text));
	if (note->action)
		doc_add_text(a, d, "action", note->action);
	if (note->operation) {
		doc_add_text(a, doc_add_list(a, d, "scope"), NULL,
		             arena_printf(a, "sla/operation/%" PRIu32, note->operation));
		message_add_measured(m, a, d);
	}
}

static int lose(struct messages *m, int rc)
{
	m->counters.lost++;
	m->lost_unsaid++;
	return no_room(rc, NULL);
}

int messages_alarm(struct messages *m, const struct messages_alarm *alarm)
{
	const struct messages_note note = { .type = "alarm",
		                            .text = alarm->text,
		                            .action = alarm->severity ? "raise" : "clear",
		                            .operation = alarm->operation };
	struct arena a = { 0 };
	struct message_entry e = { .doc = doc_new_map(&a) };
	uint64_t number;

	make_note(m, &note, &a, e.doc);
	doc_add_text(&a, e.doc, "name", alarm->name);
	if (alarm->severity)
		doc_add_text(&a, e.doc, "severity", alarm->severity);
	int rc = message_check(e.doc, &e.effect, NULL);

	if (rc == 0)
		rc = message_find_room(m, e.doc, e.effect, NULL);
	for (unsigned i = 0; rc == 0 && m->cfg.send && i < alarm->peer_count; i++)
		m->counters.unsent +=
		        m->cfg.send(m->cfg.ctx, alarm->peers[i].name, e.doc, NULL) < 0;
	if (rc == 0)
		rc = append(m, &e, &a, &number);
	if (rc == 0)
		act(m, &e, &a, number);
	else
		rc = lose(m, rc);
	arena_free(&a);
	return rc;
}

int messages_log_node(struct messages *m, const struct messages_note *note)
{
	struct arena a = { 0 };
	struct message_entry e = { .doc = doc_new_map(&a) };
	uint64_t number;

	make_note(m, note, &a, e.doc);
	int rc = append(m, &e, &a, &number);

	if (rc == 0) {
		act(m, &e, &a, number);
	} else {
		rc = lose(m, rc);
	}
	arena_free(&a);
	return rc;
}

int messages_flush(struct messages *m)
{
	char text[96];

	if (m->lost_unsaid) {
		uint64_t unsaid = m->lost_unsaid, lost = m->counters.lost;

		(void)snprintf(text, sizeof(text),
		               "%" PRIu64 " messages of this node could not be logged", unsaid);
		struct messages_note note = { .type = "node", .text = text };
		bool is_said = messages_log_node(m, &note) == 0;

		/* That it cannot be said yet is no further loss. */
		m->lost_unsaid = is_said ? 0 : unsaid;
		m->counters.lost = lost;
	}
	return record_log_sync(m->log);
}

unsigned messages_receive(struct messages *m, const struct messages_received *received)
{
	static const char *const ours[] = { "number", "from", "received_ns", NULL };
	struct message_entry e = { .extensions = received->extensions,
		                   .extension_count = received->extension_count };
	struct arena a = { 0 };
	struct diag d;
	struct doc *body;
	uint64_t number;
	int rc = doc_parse_cbor(&a, received->body.data, received->body.len, &body, &d);

	if (rc == 0)
		rc = message_check(body, &e.effect, &d);
	if (rc == 0) {
		e.doc = message_copy(&a, body, ours);
		doc_add_text(&a, e.doc, "from", received->from);
		doc_add_int(&a, e.doc, "received_ns", received->at.ns);
		rc = message_find_room(m, e.doc, e.effect, &d);
		if (rc == 0)
			rc = message_enter(m, &e, &a, &number, &d);
		m->counters.received += rc == 0;
	}
	m->counters.refused_received += rc < 0;
	arena_free(&a);
	if (rc == 0)
		return NAMP_OK;
	return rc == -ENOSPC || rc == -EIO ? NAMP_NO_ROOM : NAMP_UNPROCESSABLE;
}

/* --- beginning and end --------------------------------------------------------------------------- */

static int write_checkpoint(struct messages *m)
{
	uint64_t last = record_log_state(m->log).last;
	CLEANUP(freep) uint8_t *octets = NULL;
	size_t len;

	message_tables_write(m->tables, last, &octets, &len);
	int rc = state_replace(m->cfg.state_dir, CHECKPOINT_FILE, octets, len);

	if (rc == 0)
		m->checkpoint = last;
	return rc;
}

static int before_drop(void *ctx, uint64_t last)
{
	struct messages *m = ctx;

	return m->checkpoint >= last ? 0 : write_checkpoint(m);
}

/* 0; -ENOENT: there is none; -EBADMSG: it is damaged; -errno. */
static int read_checkpoint(struct messages *m)
{
	CLEANUP(freep) char *octets = NULL;
	size_t len;
	int rc = state_read(m->cfg.state_dir, CHECKPOINT_FILE, CHECKPOINT_MAX, &octets, &len);

	if (rc == -EFBIG)
		return -EBADMSG;
	return rc < 0 ? rc : message_tables_read((uint8_t *)octets, len, m->tables, &m->checkpoint);
}

/* Change the tables by everything in the log above ``after``. */
static int replay(struct messages *m, uint64_t after)
{
	struct record r = { .number = after };
	int rc;

	while ((rc = record_log_next(m->log, r.number, &r)) == 0) {
		enum message_effect effect;
		struct arena a = { 0 };
		struct doc *d;

		if (message_decode(&r, &a, &d) == 0 && message_check(d, &effect, NULL) == 0)
			(void)apply(m, d, effect, r.number, &a);
		arena_free(&a);
	}
	return rc == -ENOENT ? 0 : rc;
}

static int restore(struct messages *m)
{
	int rc = read_checkpoint(m);
	bool is_damaged = rc == -EBADMSG;

	if (rc < 0 && rc != -ENOENT && !is_damaged)
		return rc;
	if (m->checkpoint > record_log_state(m->log).last)
		m->checkpoint = 0; /* somebody removed the log: what there is is newer */
	rc = replay(m, m->checkpoint);
	if (rc == 0 && is_damaged) {
		struct messages_note note = {
			.type = "node",
			.text = "the table of alarms and windows was damaged: those that the log "
			        "no "
			        "longer has are lost",
		};

		(void)messages_log_node(m, &note); /* counted when it fails */
	}
	return rc;
}

int messages_new(const struct messages_cfg *cfg, struct messages **ret, struct diag *d)
{
	struct messages *m = xcalloc(1, sizeof(*m));
	struct record_log_cfg log = {
		.dir = cfg->state_dir,
		.name = MESSAGE_LOG_NAME,
		.max_bytes = log_bytes(cfg->log_kib),
		.before_drop = before_drop,
		.ctx = m,
	};

	assert(cfg->now);
	m->cfg = *cfg;
	messages_set_name(m, cfg->node_name);
	int rc = record_log_open(&log, &m->log, d);

	if (rc == 0) {
		rc = restore(m);
		if (rc < 0)
			(void)diag_set(d, rc, "cannot read the message log: %s", strerror(-rc));
	}
	if (rc < 0) {
		messages_free(m);
		return rc;
	}
	*ret = m;
	return 0;
}

void messages_free(struct messages *m)
{
	if (!m)
		return;
	if (m->log)
		(void)!record_log_sync(m->log); /* nobody is left to be told */
	record_log_close(m->log);
	message_table_fini(&m->tables[TABLE_ALARMS]);
	message_table_fini(&m->tables[TABLE_WINDOWS]);
	free(m);
}

void messages_set_name(struct messages *m, const char *node_name)
{
	(void)snprintf(m->node_name, sizeof(m->node_name), "%s", node_name);
}

void messages_set_log_kib(struct messages *m, uint32_t log_kib)
{
	record_log_set_max(m->log, log_bytes(log_kib));
}

struct messages_counters messages_counters(const struct messages *m)
{
	struct messages_counters c = m->counters;

	c.alarms = m->tables[TABLE_ALARMS].count;
	c.windows = m->tables[TABLE_WINDOWS].count;
	return c;
}
