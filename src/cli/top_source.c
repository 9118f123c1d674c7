/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of nodes and the queue between them and the screen. */
#include "cli/top_source.h"

#include "base/xalloc.h"
#include "io/clock.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define QUEUE_MAX    4096u
#define PAUSE_MIN_MS 1000
#define PAUSE_MAX_MS 30000
#define GOODBYE_NS   (300 * NS_PER_MS)
#define STACK_OCTETS 524288u /* documents live in arenas */

struct top_sources {
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t has_room, has_ended;
	uint32_t users; /* threads, and the screen; the last one frees */
	uint32_t head, count;
	struct top_news queue[QUEUE_MAX];

	_Atomic bool is_stopping;
	int news_fd;
	uint32_t timeout_ms;
	top_tell tell;
	void *ctx;
	uint32_t source_count;
	struct top_source *sources;
	struct arena texts; /* names and addresses */
};

void top_detail_box_free(struct top_detail_box *box)
{
	if (!box)
		return;
	arena_free(&box->arena);
	free(box);
}

/* --- the queue ------------------------------------------------------------------------------- */

static void wake(int fd)
{
	uint64_t one = 1;

	/* full means that it is readable already */
	if (write(fd, &one, sizeof(one)) < 0)
		return;
}

static void calm(int fd)
{
	uint64_t count;

	/* nothing to read means that nobody woke us */
	if (read(fd, &count, sizeof(count)) < 0)
		return;
}

bool top_source_is_stopping(const struct top_source *s)
{
	return atomic_load(&s->all->is_stopping);
}

static void drop_news(struct top_news *news)
{
	if (news->kind == TOP_NEWS_DETAIL)
		top_detail_box_free(news->detail);
}

void top_source_put(struct top_source *s, struct top_news *news)
{
	struct top_sources *all = s->all;

	news->node = s->node;
	(void)pthread_mutex_lock(&all->lock);
	while (all->count == QUEUE_MAX && !atomic_load(&all->is_stopping))
		(void)pthread_cond_wait(&all->has_room, &all->lock);
	if (atomic_load(&all->is_stopping)) {
		drop_news(news);
	} else {
		all->queue[(all->head + all->count++) % QUEUE_MAX] = *news;
		if (all->count == 1)
			wake(all->news_fd);
	}
	(void)pthread_mutex_unlock(&all->lock);
}

void top_source_put_link(struct top_source *s, enum top_link link, const char *reason)
{
	struct top_news news = { .kind = TOP_NEWS_LINK, .link = link };

	(void)snprintf(news.reason, sizeof(news.reason), "%s", reason); /* cut is fine */
	top_source_put(s, &news);
}

void top_source_tell(struct top_source *s, const struct namp_event *event)
{
	if (!s->all->tell)
		return;
	(void)pthread_mutex_lock(&s->all->lock);
	if (!atomic_load(&s->all->is_stopping))
		s->all->tell(s->all->ctx, s->place.name, event);
	(void)pthread_mutex_unlock(&s->all->lock);
}

int top_sources_fd(const struct top_sources *s)
{
	return s->news_fd;
}

bool top_sources_take(struct top_sources *s, struct top_news *ret)
{
	bool is_there;

	(void)pthread_mutex_lock(&s->lock);
	is_there = s->count > 0;
	if (is_there) {
		*ret = s->queue[s->head];
		s->head = (s->head + 1) % QUEUE_MAX;
		if (s->count-- == QUEUE_MAX)
			(void)pthread_cond_broadcast(&s->has_room);
	}
	if (s->count == 0)
		calm(s->news_fd);
	(void)pthread_mutex_unlock(&s->lock);
	return is_there;
}

void top_sources_ask(struct top_sources *s, uint32_t node, uint32_t number)
{
	atomic_store(&s->sources[node].wanted, number);
	wake(s->sources[node].wake_fd);
}

/* --- a node ---------------------------------------------------------------------------------- */

/* The owner says when all of them are gone. */
static void release(struct top_sources *all)
{
	bool is_last;

	(void)pthread_mutex_lock(&all->lock);
	is_last = --all->users == 0;
	(void)pthread_cond_broadcast(&all->has_ended);
	(void)pthread_mutex_unlock(&all->lock);
	if (!is_last)
		return;
	for (; all->count > 0; all->count--) {
		drop_news(&all->queue[all->head]);
		all->head = (all->head + 1) % QUEUE_MAX;
	}
	for (uint32_t i = 0; i < all->source_count; i++)
		(void)close(all->sources[i].wake_fd);
	(void)close(all->news_fd);
	(void)pthread_cond_destroy(&all->has_room);
	(void)pthread_cond_destroy(&all->has_ended);
	(void)pthread_mutex_destroy(&all->lock);
	arena_free(&all->texts);
	free(all->sources);
	free(all);
}

static void pause_ms(const struct top_source *s, int ms)
{
	struct pollfd fd = { .fd = s->wake_fd, .events = POLLIN };

	if (poll(&fd, 1, ms) > 0)
		calm(s->wake_fd);
}

static void *run_source(void *ctx)
{
	struct top_source *s = ctx;
	int wait_ms = PAUSE_MIN_MS;

	while (!top_source_is_stopping(s)) {
		struct namp_client *c;
		struct diag d = { 0 };
		int error = namp_client_open(&s->place.target, s->all->timeout_ms, &c, &d);

		if (error == 0) {
			wait_ms = PAUSE_MIN_MS;
			top_source_serve(s, c, &d);
			namp_client_close(c);
		}
		if (top_source_is_stopping(s))
			break;
		top_source_put_link(s, TOP_DOWN, d.text);
		pause_ms(s, wait_ms);
		wait_ms = 2 * wait_ms > PAUSE_MAX_MS ? PAUSE_MAX_MS : 2 * wait_ms;
	}
	release(s->all);
	return NULL;
}

/* --- all of them ----------------------------------------------------------------------------- */

static const char *keep(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

static struct top_place keep_place(struct arena *a, const struct top_place *place)
{
	struct top_place kept = *place;

	kept.name = keep(a, place->name);
	kept.target.socket_path = keep(a, place->target.socket_path);
	kept.target.host = keep(a, place->target.host);
	kept.target.identity_dir = keep(a, place->target.identity_dir);
	kept.target.key_name = keep(a, place->target.key_name);
	kept.target.key_file = keep(a, place->target.key_file);
	return kept;
}

static int start_thread(struct top_source *s)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int error;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_attr_setstacksize(&attr, STACK_OCTETS);
	(void)pthread_mutex_lock(&s->all->lock);
	s->all->users++;
	(void)pthread_mutex_unlock(&s->all->lock);
	/* signals are for the thread of the screen */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attr, run_source, s);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	if (error)
		release(s->all);
	return -error;
}

int top_sources_start(const struct top_place *places, uint32_t count, uint32_t timeout_ms,
                      top_tell tell, void *ctx, struct top_sources **ret)
{
	struct top_sources *all = xcalloc(1, sizeof(*all));
	int error = 0;

	all->sources = xcalloc(count, sizeof(*all->sources));
	all->timeout_ms = timeout_ms;
	all->tell = tell;
	all->ctx = ctx;
	all->users = 1;
	(void)pthread_mutex_init(&all->lock, NULL);
	(void)pthread_cond_init(&all->has_room, NULL);
	(void)pthread_cond_init(&all->has_ended, NULL);
	all->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (all->news_fd < 0)
		error = -errno;
	for (uint32_t i = 0; i < count && error == 0; i++) {
		struct top_source *s = &all->sources[all->source_count];

		*s = (struct top_source) { .all = all, .node = i };
		s->place = keep_place(&all->texts, &places[i]);
		s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (s->wake_fd < 0) {
			error = -errno;
			break;
		}
		all->source_count++;
	}
	for (uint32_t i = 0; i < count && error == 0; i++)
		error = start_thread(&all->sources[i]);
	if (error < 0) {
		top_sources_stop(all);
		return error;
	}
	*ret = all;
	return 0;
}

void top_sources_stop(struct top_sources *s)
{
	struct clock *clock = clock_system();
	int64_t until_ns = clock->wall(clock).ns + GOODBYE_NS;
	const struct timespec until = { until_ns / NS_PER_S, until_ns % NS_PER_S };

	atomic_store(&s->is_stopping, true);
	for (uint32_t i = 0; i < s->source_count; i++)
		wake(s->sources[i].wake_fd);
	(void)pthread_mutex_lock(&s->lock);
	(void)pthread_cond_broadcast(&s->has_room);
	while (s->users > 1) {
		if (pthread_cond_timedwait(&s->has_ended, &s->lock, &until) != 0)
			break; /* still connecting: it ends by itself */
	}
	(void)pthread_mutex_unlock(&s->lock);
	release(s);
}
