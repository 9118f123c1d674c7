/* SPDX-License-Identifier: Apache-2.0 */
/* The list of a record log. */
#include "namp/record_list.h"

#include "object/page.h"
#include "object/rows.h"

#include <errno.h>
#include <string.h>

/* Records looked at for one answer: a filter that few pass must not hold up everybody else. */
#define LOOKS_MAX 8192u

struct listing {
	struct record_log *log;
	record_decode decode;
	const struct object_request *q;
	struct arena *a;
	struct doc *to;
	int64_t since_ns, before_ns;
	const char *type; /* NULL: any */
};

/* Whether the record is one of ours that passes. */
static bool passes(const struct listing *l, const struct record *r)
{
	struct arena a = { 0 };
	struct doc *d;
	bool does = false;

	if (l->decode(r, &a, &d) == 0) {
		int64_t at_ns = doc_int(d, "at_ns", 0);

		does = at_ns >= l->since_ns && at_ns < l->before_ns &&
		       (!l->type || strcmp(doc_text(d, "type", ""), l->type) == 0);
	}
	arena_free(&a);
	return does;
}

/* Add the record to the page.  False: the page is full. */
static bool add(const struct listing *l, struct object_page *page, const struct record *r)
{
	struct doc *d;

	return l->decode(r, l->a, &d) < 0 || object_page_add(page, d);
}

/* Forward from "after": what fits into a page, then where to go on. */
static int list_forward(const struct listing *l)
{
	struct object_page page = object_page_begin(l->q, l->a, l->to);
	struct record r = { .number = object_body_after(l->q) };
	uint64_t last = r.number;
	uint32_t looks = 0;
	int rc;

	while ((rc = record_log_next(l->log, r.number, &r)) == 0) {
		if (looks++ == LOOKS_MAX || (passes(l, &r) && !add(l, &page, &r)))
			break;
		last = r.number;
	}
	object_page_end(&page, rc == 0, last);
	return rc == -ENOENT ? 0 : rc;
}

/* The newest that pass, in order. */
static int list_newest(const struct listing *l)
{
	uint32_t wanted = object_body_limit(l->q), count = 0, looks = 0;
	uint64_t *numbers = arena_alloc(l->a, wanted * sizeof(*numbers));
	struct object_page page = object_page_begin(l->q, l->a, l->to);
	struct record r = { .number = UINT64_MAX };
	bool is_full = false;
	uint64_t last = 0;
	int rc = 0;

	while (rc == 0 && count < wanted && looks++ < LOOKS_MAX) {
		rc = record_log_previous(l->log, r.number, &r);
		if (rc == 0 && passes(l, &r))
			numbers[count++] = r.number;
	}
	rc = rc == -ENOENT ? 0 : rc;
	while (rc == 0 && count > 0 && !is_full) {
		rc = record_log_next(l->log, numbers[--count] - 1, &r);
		is_full = rc == 0 && !add(l, &page, &r);
		last = is_full ? last : r.number;
	}
	object_page_end(&page, is_full, last);
	return rc;
}

int record_list(struct record_log *log, record_decode decode, const struct object_request *q,
                struct arena *a, struct doc *to, struct diag *d)
{
	struct record_log_state state = record_log_state(log);
	struct listing l = {
		.log = log,
		.decode = decode,
		.q = q,
		.a = a,
		.to = to,
		.since_ns = doc_int(q->body, "since_ns", INT64_MIN),
		.before_ns = doc_int(q->body, "before_ns", INT64_MAX),
		.type = doc_text(q->body, "type", NULL),
	};
	int rc = doc_bool(q->body, "newest", false) ? list_newest(&l) : list_forward(&l);

	if (rc < 0)
		return diag_set(d, -EIO, "the log cannot be read: %s", strerror(-rc));
	object_add_u64(a, to, "dropped", state.dropped);
	object_add_u64(a, to, "damaged", state.damaged);
	return 0;
}
