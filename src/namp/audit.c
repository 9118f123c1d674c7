/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log.  An entry is the encoding of a document; it is complete but for its code before the
 * change is carried out, so that its room can be reserved to the octet. */
#include "namp/audit.h"

#include "base/siphash.h"
#include "base/token_bucket.h"
#include "base/xalloc.h"
#include "namp/audit_text.h"
#include "namp/codes.h"
#include "namp/message_body.h"
#include "namp/record_list.h"
#include "object/doc_cbor.h"
#include "object/paths.h"
#include "object/result_object.h"
#include "object/rows.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/random.h>

#define LOG_KIB_DEFAULT 4096u
#define TAIL_OCTETS     28u /* of the members "code" and "left_out", beside the rest */
#define BUDGET_COST_NS  (3600 * NS_PER_S / AUDIT_BUDGET)

/* A change under way. */
struct pending {
	struct pending *next;
	uint64_t ticket;
	size_t len; /* of its entry */
	struct arena arena;
	struct doc *entry; /* without its code */
};

/* What a name may still have entered that changes nothing. */
struct budget {
	uint64_t name; /* its hash; 0: free */
	struct token_bucket left;
};

struct audit {
	struct audit_cfg cfg;
	struct record_log *log;
	struct pending *pending;
	unsigned pending_count;
	size_t pending_bytes;
	uint64_t lost;     /* sessions that could not be entered */
	uint64_t left_out; /* beyond a budget, since the latest entry */
	struct siphash_key random;
	struct budget budgets[AUDIT_NAMES_MAX];
};

static uint64_t log_bytes(uint32_t log_kib)
{
	return (uint64_t)(log_kib ? log_kib : LOG_KIB_DEFAULT) << 10;
}

int audit_new(const struct audit_cfg *cfg, struct audit **ret, struct diag *d)
{
	struct audit *t = xcalloc(1, sizeof(*t));
	struct record_log_cfg log = {
		.dir = cfg->state_dir,
		.name = AUDIT_LOG_NAME,
		.max_bytes = log_bytes(cfg->log_kib),
	};

	assert(cfg->now && cfg->boot);
	t->cfg = *cfg;
	if (getrandom(&t->random, sizeof(t->random), 0) != (ssize_t)sizeof(t->random)) {
		audit_free(t);
		return diag_set(d, -EIO, "the kernel gives no random numbers");
	}
	int rc = record_log_open(&log, &t->log, d);

	if (rc < 0) {
		audit_free(t);
		return rc;
	}
	*ret = t;
	return 0;
}

static void drop(struct audit *t, struct pending **link)
{
	struct pending *p = *link;

	*link = p->next;
	t->pending_count--;
	t->pending_bytes -= p->len;
	arena_free(&p->arena);
	free(p);
}

void audit_free(struct audit *t)
{
	if (!t)
		return;
	while (t->pending)
		drop(t, &t->pending);
	if (t->log)
		(void)!record_log_sync(t->log); /* nobody is left to be told */
	record_log_close(t->log);
	free(t);
}

void audit_set_log_kib(struct audit *t, uint32_t log_kib)
{
	record_log_set_max(t->log, log_bytes(log_kib));
}

/* --- entries ------------------------------------------------------------------------------------- */

bool audit_concerns(const struct object_request *request)
{
	return object_is_change(request) &&
	       !(request->verb == OBJECT_RUN && strcmp(request->path, "config/candidate") == 0 &&
	         strcmp(doc_text(request->body, "action", ""), "complete") == 0);
}

static struct budget *find_budget(struct audit *t, const char *name)
{
	uint64_t hash = siphash(&t->random, name, strlen(name)) | 1;
	struct budget *oldest = t->budgets;

	for (size_t i = 0; i < ARRAY_LEN(t->budgets); i++) {
		struct budget *b = &t->budgets[i];

		if (b->name == hash)
			return b;
		if (boot_diff_ns(b->left.full_at, oldest->left.full_at) < 0)
			oldest = b;
	}
	*oldest = (struct budget) { .name = hash };
	return oldest;
}

/* Whether something that changes nothing is entered; else it is counted. */
static bool has_budget(struct audit *t, const struct object_caller *caller)
{
	if (token_bucket_take_slowly(&find_budget(t, caller->name)->left, t->cfg.boot(t->cfg.ctx),
	                             BUDGET_COST_NS, AUDIT_BUDGET))
		return true;
	t->left_out++;
	return false;
}

static struct doc *new_entry(struct audit *t, const struct object_caller *caller, const char *verb,
                             const char *path, const char *asked, struct arena *a)
{
	struct doc *e = doc_new_map(a);

	doc_add_int(a, e, "at_ns", t->cfg.now(t->cfg.ctx).ns);
	doc_add_text(a, e, "name", message_plain_text(a, caller->name));
	doc_add_text(a, e, "origin", message_plain_text(a, caller->origin));
	object_add_u64(a, e, "session", caller->session);
	doc_add_text(a, e, "role", role_name((uint8_t)caller->role));
	doc_add_text(a, e, "verb", verb);
	doc_add_text(a, e, "path", message_plain_text(a, path));
	doc_add_text(a, e, "asked", asked);
	return e;
}

static int no_room(int rc, struct diag *d)
{
	if (rc == -ENOSPC || rc == -EFBIG || rc == -EDQUOT)
		return diag_set(d, -ENOSPC,
		                "the audit log has no room on the disk: nothing is changed that "
		                "cannot be entered there");
	if (rc == -ENOBUFS)
		return diag_set(d, -EBUSY, "too many changes are under way: later");
	return diag_set(d, -EIO, "the audit log cannot be written: %s", strerror(-rc));
}

/* Room for everything under way, and ``len`` octets more. */
static int reserve(struct audit *t, size_t len)
{
	return record_log_reserve(t->log, t->pending_bytes + len, t->pending_count + 1);
}

int audit_begin(struct audit *t, const struct object_request *request, struct diag *d)
{
	if (object_check(request, NULL) < 0 && !has_budget(t, &request->caller))
		return 0;
	struct pending *p = xcalloc(1, sizeof(*p));
	const uint8_t *octets;
	size_t len = 0;

	p->ticket = request->ticket;
	p->entry = new_entry(t, &request->caller, object_verb_name((unsigned)request->verb),
	                     request->path, audit_text(&p->arena, request), &p->arena);
	int rc = doc_to_cbor(p->entry, &p->arena, &octets, &len);

	p->len = len + TAIL_OCTETS;
	if (rc == 0)
		rc = t->pending_count < AUDIT_PENDING_MAX ? reserve(t, p->len) : -ENOBUFS;
	if (rc < 0) {
		arena_free(&p->arena);
		free(p);
		return no_room(rc, d);
	}
	p->next = t->pending;
	t->pending = p;
	t->pending_count++;
	t->pending_bytes += p->len;
	return 0;
}

/* Complete the entry and write it. */
static int append(struct audit *t, struct doc *entry, unsigned code, struct arena *a)
{
	const uint8_t *octets;
	uint64_t number;
	size_t len = 0;

	doc_add_int(a, entry, "code", (int64_t)code);
	object_add_u64(a, entry, "left_out", t->left_out);
	int rc = doc_to_cbor(entry, a, &octets, &len);

	if (rc == 0)
		rc = record_log_append(t->log, octets, len, &number);
	if (rc == 0)
		t->left_out = 0;
	return rc;
}

int audit_end(struct audit *t, uint64_t ticket, int error, struct diag *d)
{
	struct pending **link = &t->pending;

	while (*link && (*link)->ticket != ticket)
		link = &(*link)->next;
	if (!*link)
		return 0; /* not one that is entered */
	struct pending *p = *link;

	int rc = append(t, p->entry, namp_code_of(error), &p->arena);

	drop(t, link);
	if (rc == 0)
		rc = record_log_sync(t->log);
	return rc < 0 ? no_room(rc, d) : 0;
}

void audit_session(struct audit *t, const struct object_caller *caller, bool began, unsigned code)
{
	if (!has_budget(t, caller))
		return;
	struct arena a = { 0 };
	const char *path = arena_printf(&a, "namp/session/%" PRIu64, caller->session);
	struct doc *e = new_entry(t, caller, "session", path, began ? "begin" : "end", &a);
	const uint8_t *octets;
	size_t len = 0;

	int rc = doc_to_cbor(e, &a, &octets, &len);

	/* What is reserved for changes is not taken from them. */
	if (rc == 0)
		rc = reserve(t, len + TAIL_OCTETS);
	if (rc == 0)
		rc = append(t, e, code, &a);
	t->lost += rc < 0;
	arena_free(&a);
}

int audit_flush(struct audit *t)
{
	return record_log_sync(t->log);
}

/* --- looking ------------------------------------------------------------------------------------- */

static int decode(const struct record *r, struct arena *a, struct doc **ret)
{
	struct doc *d;
	struct diag diag;

	if (doc_parse_cbor(a, r->data, r->len, &d, &diag) < 0 || d->kind != DOC_MAP)
		return -EBADMSG;
	doc_add_int(a, d, "number", (int64_t)r->number);
	*ret = d;
	return 0;
}

int audit_handle(void *ctx, const struct object_request *request, struct arena *a, struct doc **ret,
                 struct diag *d)
{
	struct audit *t = ctx;

	if (request->verb != OBJECT_LIST || strcmp(request->path, "audit") != 0)
		return diag_set(d, -EOPNOTSUPP, "\"%s\" takes list alone", request->path);
	struct doc *to = object_new(a, "audit");
	int rc = record_list(t->log, decode, request, a, to, d);

	if (rc < 0)
		return rc;
	object_add_u64(a, to, "lost", t->lost);
	doc_add_int(a, to, "now_ns", t->cfg.now(t->cfg.ctx).ns);
	*ret = to;
	return 0;
}
