/* SPDX-License-Identifier: Apache-2.0 */
/* A connected node of `candor top`: watch first, then list, so that nothing falls between; what the
 * node could not send in time is made good by another list. */
#include "cli/top_source.h"

#include "base/xalloc.h"
#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define LIST_PAUSE_NS NS_PER_S                     /* between two lists of one node */
#define SILENCE_NS    (10 * NS_PER_S)              /* then it is asked whether it is still there */
#define NEWS_SPAN_NS  (INT64_C(604800) * NS_PER_S) /* how far back messages are shown */
#define NEWS_ROWS     1000
#define CODE_CHANGED  200u
#define CODE_MISSED   206u
#define CODE_GONE     410u

static int64_t now_ns(void)
{
	struct clock *clock = clock_system();

	return clock->mono(clock).ns;
}

static int64_t wall_ns(void)
{
	struct clock *clock = clock_system();

	return clock->wall(clock).ns;
}

static int ask(struct namp_client *c, enum object_verb verb, const char *path,
               const struct doc *body, struct arena *a, struct doc **ret, struct diag *d)
{
	const struct object_request request = { .verb = verb, .path = path, .body = body };

	return namp_client_request(c, &request, a, ret, d);
}

/* --- rows ------------------------------------------------------------------------------------ */

static void put_clock(struct top_source *s, const struct doc *answer)
{
	struct top_news news = { .kind = TOP_NEWS_CLOCK };
	int64_t theirs_ns = doc_int(answer, "now_ns", 0);

	if (theirs_ns == 0)
		return;
	news.ahead_ns = theirs_ns - wall_ns();
	top_source_put(s, &news);
}

static void put_row(struct top_source *s, const struct doc *row)
{
	struct top_news news = { .kind = TOP_NEWS_ROW };

	if (top_figures_read(row, &news.figures) == 0)
		top_source_put(s, &news);
}

static void put_kind(struct top_source *s, enum top_news_kind kind)
{
	struct top_news news = { .kind = kind };

	top_source_put(s, &news);
}

static int list(struct top_source *s, struct namp_client *c, struct diag *d)
{
	int64_t after = 0;
	int error = 0;

	s->was_missed = false;
	s->listed_at_ns = now_ns();
	put_kind(s, TOP_NEWS_LIST);
	while (error == 0 && !top_source_is_stopping(s)) {
		struct arena a = { 0 };
		struct doc *body = doc_new_map(&a), *page = NULL;

		doc_add_int(&a, body, "after", after);
		doc_add_int(&a, body, "limit", OBJECT_LIST_MAX);
		error = ask(c, OBJECT_LIST, "sla/statistics", body, &a, &page, d);
		int64_t next = error == 0 ? doc_int(page, "next", 0) : 0;

		if (error == 0)
			put_clock(s, page);
		for (const struct doc_member *m = error == 0 ? doc_first(doc_get(page, "items"))
		                                             : NULL;
		     m; m = m->next)
			put_row(s, &m->value);
		arena_free(&a);
		if (next <= after)
			break; /* the last page (or a node that would send us in circles) */
		after = next;
	}
	if (error == 0)
		put_kind(s, TOP_NEWS_LISTED);
	return error;
}

/* --- events ---------------------------------------------------------------------------------- */

static uint32_t number_in(const char *path)
{
	const char *digits = strrchr(path, '/');
	char *end;
	unsigned long number = digits ? strtoul(digits + 1, &end, 10) : 0;

	return digits && *end == '\0' && number <= INT32_MAX ? (uint32_t)number : 0;
}

static void take_operation(struct top_source *s, const struct namp_event *event)
{
	struct top_news news = { .kind = TOP_NEWS_OPERATION };

	if (event->code == CODE_GONE) {
		news.kind = TOP_NEWS_GONE;
		news.figures.number = number_in(event->path);
		if (news.figures.number > 0)
			top_source_put(s, &news);
	} else if (top_figures_read_operation(doc_get(event->body, "object"), &news.figures) == 0) {
		top_source_put(s, &news);
	}
}

static void take_event(struct top_source *s, const struct namp_event *event)
{
	top_source_tell(s, event);
	if (event->code == CODE_MISSED) {
		put_kind(s, TOP_NEWS_MISSED);
		s->was_missed = true;
	} else if (event->watch == s->operation_watch) {
		take_operation(s, event);
	} else if (event->watch == s->statistics_watch && event->code == CODE_CHANGED) {
		put_row(s, doc_get(event->body, "object"));
	}
}

/* Everything that has come.  1: something had; 0: nothing; or -errno. */
static int take_events(struct top_source *s, struct namp_client *c, struct diag *d)
{
	int found = 0, error = 0;

	while (error == 0 && !top_source_is_stopping(s)) {
		struct arena a = { 0 };
		struct namp_event event;

		error = namp_client_next_event(c, 0, &a, &event, d);
		if (error == 0) {
			take_event(s, &event);
			found = 1;
		}
		arena_free(&a);
	}
	return error == -EAGAIN || error == 0 ? found : error;
}

/* --- one operation --------------------------------------------------------------------------- */

/* What is refused stays out, and why is told, unless an older node does not have it at all; only a lost
 * connection is an error. */
static int fetch(struct namp_client *c, enum object_verb verb, const char *path,
                 const struct doc *body, struct top_detail_box *box, const struct doc **ret,
                 struct diag *d)
{
	struct doc *answer = NULL;
	int error = ask(c, verb, path, body, &box->arena, &answer, d);

	if (error == 0)
		*ret = answer;
	else if (namp_client_is_open(c) && !box->is.problem &&
	         !(verb == OBJECT_LIST && error == -ENOENT))
		box->is.problem = arena_strdup(&box->arena, d->text);
	return error == 0 || namp_client_is_open(c) ? 0 : error;
}

static int fetch_detail(struct top_source *s, struct namp_client *c, uint32_t number,
                        struct diag *d)
{
	struct top_detail_box *box = xcalloc(1, sizeof(*box));
	struct arena *a = &box->arena;
	struct doc *since = doc_new_map(a), *all = doc_new_map(a);

	box->is.node = s->node;
	box->is.number = number;
	doc_add_int(a, since, "since_ns", wall_ns() - NEWS_SPAN_NS);
	doc_add_int(a, since, "limit", NEWS_ROWS);
	doc_add_int(a, all, "limit", NEWS_ROWS);
	int error = fetch(c, OBJECT_GET, arena_printf(a, "sla/statistics/%u", number), NULL, box,
	                  &box->is.statistics, d);

	if (error == 0)
		error = fetch(c, OBJECT_GET, arena_printf(a, "sla/operation/%u", number), NULL, box,
		              &box->is.operation, d);
	if (error == 0)
		error = fetch(c, OBJECT_LIST, "alarm", all, box, &box->is.alarms, d);
	if (error == 0)
		error = fetch(c, OBJECT_LIST, "message", since, box, &box->is.messages, d);
	if (error < 0) {
		top_detail_box_free(box);
		return error;
	}
	struct top_news news = { .kind = TOP_NEWS_DETAIL, .detail = box };

	top_source_put(s, &news);
	return 0;
}

/* --- a connection ---------------------------------------------------------------------------- */

static int begin(struct top_source *s, struct namp_client *c, struct diag *d)
{
	int error = namp_client_watch(c, "sla/statistics", false, &s->statistics_watch, d);

	if (error == 0)
		error = namp_client_watch(c, "sla/operation", false, &s->operation_watch, d);
	if (error == 0)
		top_source_put_link(s, TOP_UP, "");
	return error == 0 ? list(s, c, d) : error;
}

static int ask_whether_there(struct top_source *s, struct namp_client *c, struct diag *d)
{
	struct arena a = { 0 };
	struct doc *answer;
	int error = ask(c, OBJECT_GET, "clock", NULL, &a, &answer, d);

	if (error == 0)
		put_clock(s, answer);
	arena_free(&a);
	return error;
}

static void wait_for_something(struct top_source *s, const struct namp_client *c, int64_t until_ns)
{
	struct pollfd fds[2] = {
		{ .fd = namp_client_fd(c), .events = POLLIN },
		{ .fd = s->wake_fd, .events = POLLIN },
	};
	int64_t left_ms = (until_ns - now_ns()) / NS_PER_MS + 1;
	uint64_t count;

	if (left_ms <= 0 || namp_client_has_event(c))
		return;
	if (poll(fds, 2, (int)left_ms) > 0 && fds[1].revents &&
	    read(s->wake_fd, &count, sizeof(count)) < 0)
		return; /* somebody else was quicker */
}

void top_source_serve(struct top_source *s, struct namp_client *c, struct diag *d)
{
	int error = begin(s, c, d);
	int64_t heard_ns = now_ns();

	while (error >= 0 && !top_source_is_stopping(s)) {
		uint32_t wanted = atomic_exchange(&s->wanted, 0);
		int64_t list_at_ns = s->listed_at_ns + LIST_PAUSE_NS;

		error = take_events(s, c, d);
		if (error > 0)
			heard_ns = now_ns();
		if (error >= 0 && wanted > 0)
			error = fetch_detail(s, c, wanted, d);
		if (error >= 0 && s->was_missed && now_ns() >= list_at_ns)
			error = list(s, c, d);
		if (error >= 0 && now_ns() - heard_ns >= SILENCE_NS) {
			error = ask_whether_there(s, c, d);
			heard_ns = now_ns();
		}
		if (error >= 0 && !top_source_is_stopping(s))
			wait_for_something(s, c,
			                   s->was_missed ? list_at_ns : heard_ns + SILENCE_NS);
	}
}
